"""Table of a deck: final and best values of each arm, and its drop rates."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dropviz._util.text import replace_unsafe
from dropviz.analysis.answers import capitalized
from dropviz.analysis.captions import ACCURACIES, curves_axis, layer_name, mean_sd
from dropviz.analysis.comparison import FINAL, ArmRuns, Comparison
from dropviz.analysis.metrics import curve_metrics, metric_name, number_format
from dropviz.style.labels import Labels, percent

MAX_ARMS = {"16:9": 3, "4:3": 2}  # side by side in letters that can be read from the last row
MAX_LAYERS = 4
ROWS = ("test end", "test best", "train end", "train best")
NONE = "\N{EN DASH}"


@dataclass(frozen=True)
class Table:
    """Cells of plain text; a cell is a tuple of lines. The first cell of each row names it."""

    header: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], ...], ...]


def tables_of(comparison: Comparison, labels: Labels, ratio: str) -> tuple[Table, ...]:
    """Return final and best accuracies, mean ± sd over runs, and drop rates; a few arms in each table."""
    arms, most = comparison.arms, MAX_ARMS[ratio]
    return tuple(_table(arms[at : at + most], labels) for at in range(0, len(arms), most))


def _table(arms: Sequence[ArmRuns], labels: Labels) -> Table:
    columns = [_column(arm, labels) for arm in arms]
    keys = [*ROWS, *dict.fromkeys(key for each in columns for key in each if key not in (*ROWS, "dropped units"))]
    keys = [key for key in keys if any(key in each for each in columns)]
    names = {key: labels(key) for key in (*ROWS, "dropped units")}
    rows = [((names.get(key, key),), *(each.get(key, (NONE,)) for each in columns)) for key in [*keys, "dropped units"]]
    head = curves_axis(FINAL, arms[0].runs[0].experiment, labels) if set(keys) & set(ROWS) else ""
    return Table((head, *(replace_unsafe(labels.name(arm.name)) for arm in arms)), tuple(rows))


def _column(arm: ArmRuns, labels: Labels) -> dict[str, tuple[str, ...]]:
    """Return the cells of an arm by row: by its key, or for a metric other than accuracy, by its name."""
    column = {"dropped units": _dropped(arm, labels)}
    if not len(arm.iterations):
        return column
    if FINAL not in arm.metrics:
        return column | dict(_final_metric(arm, metric, labels) for metric in curve_metrics(arm.metrics))
    test = arm.values(FINAL)
    best = np.arange(len(test)), np.nanargmax(test, axis=1)
    values = {"test end": arm.ends(FINAL), "test best": test[best]}
    if ACCURACIES[1] in arm.metrics:
        train = arm.values(ACCURACIES[1])[best]
        values |= {"train end": arm.ends(ACCURACIES[1])} | ({"train best": train} if np.isfinite(train).all() else {})
    return column | {key: (mean_sd(each),) for key, each in values.items()}


def _final_metric(arm: ArmRuns, metric: str, labels: Labels) -> tuple[str, tuple[str, ...]]:
    """Return the name of the row of a metric at the end, and its cell."""
    values = arm.ends(metric)
    name = labels("metric end", metric=capitalized(metric_name(metric, labels), labels))
    return replace_unsafe(name), (number_format(metric, values).mean_sd(values),)


def _dropped(arm: ArmRuns, labels: Labels) -> tuple[str, ...]:
    """Return the mean drop rate of each layer with noise, over iterations and runs; its drop_prob if unknown."""
    noisy = [layer for layer in arm.runs[0].layers if layer.drop_prob > 0]
    lines = []
    for layer in noisy[:MAX_LAYERS]:
        rates = [run.drop_rate[layer.name] for run in arm.runs if layer.name in run.drop_rate]
        known = [float(rate.mean()) for rate in rates if len(rate)]
        share = percent(float(np.mean(known))) if known else labels("drop_prob", value=layer.drop_prob)
        lines.append(replace_unsafe(f"{layer_name(layer, labels)}: {share}"))
    more = len(noisy) - MAX_LAYERS
    return (*lines, *([labels("not shown", count=more)] if more > 0 else [])) or (NONE,)
