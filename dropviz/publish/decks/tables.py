"""Tables of a deck: accuracies and drop rates of the arms."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dropviz._util.text import replace_unsafe
from dropviz.analysis.captions import layer_name, mean_sd
from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.style.labels import Labels, percent

MAX_ARMS = {"16:9": 3, "4:3": 2}  # columns at which the text is readable from the last row of a room
MAX_LAYERS = 4
NONE = "\N{EN DASH}"


@dataclass(frozen=True)
class Table:
    """Table of safe text. A cell is a tuple of lines; the first cell of a row is its heading."""

    header: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], ...], ...]


def tables_of(comparison: Comparison, labels: Labels, ratio: str) -> tuple[Table, ...]:
    """Return final and best accuracies, mean ± sd over runs, and drop rates, with at most MAX_ARMS arms in a table."""
    arms, count = comparison.arms, MAX_ARMS[ratio]
    return tuple(_table(arms[start : start + count], labels) for start in range(0, len(arms), count))


def _table(arms: Sequence[ArmRuns], labels: Labels) -> Table:
    columns = [_column(arm, labels) for arm in arms]
    keys = [key for key in ("test end", "test best", "train end", "train best") if any(key in each for each in columns)]
    rows = [((labels(key),), *(each.get(key, (NONE,)) for each in columns)) for key in [*keys, "dropped units"]]
    head = labels("accuracy axis") if keys else ""
    return Table((head, *(replace_unsafe(labels.name(arm.name)) for arm in arms)), tuple(rows))


def _column(arm: ArmRuns, labels: Labels) -> dict[str, tuple[str, ...]]:
    column = {"dropped units": _dropped(arm, labels)}
    if len(arm.iterations):
        test, train = arm.values("test_accuracy"), arm.values("train_accuracy")
        best = np.arange(len(test)), test.argmax(axis=1)
        values = {"test end": test[:, -1], "test best": test[best]}
        values |= {"train end": train[:, -1], "train best": train[best]}
        column |= {key: (mean_sd(each),) for key, each in values.items()}
    return column


def _dropped(arm: ArmRuns, labels: Labels) -> tuple[str, ...]:
    """Return the mean drop rate of each layer with noise over recorded iterations and runs, or else its drop_prob."""
    noisy = [layer for layer in arm.runs[0].layers if layer.drop_prob > 0]
    lines = []
    for layer in noisy[:MAX_LAYERS]:
        rates = [run.drop_rate[layer.name] for run in arm.runs if layer.name in run.drop_rate]
        means = [float(rate.mean()) for rate in rates if len(rate)]
        share = percent(float(np.mean(means))) if means else labels("drop_prob", value=layer.drop_prob)
        lines.append(replace_unsafe(f"{layer_name(layer, labels)}: {share}"))
    more = len(noisy) - MAX_LAYERS
    return (*lines, *([labels("not shown", count=more)] if more > 0 else [])) or (NONE,)
