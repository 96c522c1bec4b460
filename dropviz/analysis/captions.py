"""Sentences made of recorded values: the settings of an experiment, answers, and alternative text."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from dropviz.analysis.answers import Answer, best_accuracy, capitalized
from dropviz.analysis.comparison import FINAL, ArmRuns, Comparison
from dropviz.analysis.metrics import (
    NumberFormat,
    families,
    is_share,
    metric_name,
    number_format,
    quantity_name,
)
from dropviz.experiments.experiment import Experiment
from dropviz.recording import Layer, Recording
from dropviz.style.labels import Labels, percent

MAX_ARMS = 4  # whose values an alt text lists
MAX_METRICS = 4  # whose values an alt text lists
MAX_LOGS = 2  # whose names are listed
MAX_ALT = 125  # characters of an alternative text, as screen readers say it in one breath
ACCURACIES = (FINAL, "train_accuracy")
OWN_OPTIMIZER = {"optimizer", "learning_rate", "momentum"}
SHARES = NumberFormat(is_share=True, decimals=1)


def facts(
    experiment: Experiment | None,
    seeds: Sequence[int],
    labels: Labels,
    *,
    bands: bool = True,
    spread: str = "",
    logs: Sequence[str] = (),
) -> str:
    """Return the settings that all arms share, in one line.

    bands   True if the spread over seeds is drawn
    spread  words about seeds that replace "mean ± sd of 5 seeds"
    logs    names of the logs that the recordings were imported from
    """
    if experiment is None:
        shown = [*logs[:MAX_LOGS], *(["…"] if len(logs) > MAX_LOGS else [])]
        source = labels("imported", logs=labels("comma").join(shown)) if logs else labels("own loop")
        return " · ".join([source, *([_spread(seeds, labels, bands)] if len(seeds) > 1 else [])])
    size, differs = experiment.train_size, {name for arm in experiment.arms for name in arm.own_hyperparameters}
    images = labels("all images") if size is None else labels("images", size=f"{size:,}")
    parts = [
        labels.name(experiment.data),
        *([images] if "train_size" not in differs else []),
        *([labels("label noise", share=f"{100 * experiment.label_noise:g}%")] if experiment.label_noise else []),
        *([_network(experiment.hidden, labels)] if "hidden" not in differs else []),
        *([labels("own rates")] if "learning_rate" in differs else []),
        *([_optimizer(experiment, labels)] if not differs & OWN_OPTIMIZER else []),
        spread or _spread(seeds, labels, bands),
    ]
    return " · ".join(parts)


def iteration_axis(experiment: Experiment | None, labels: Labels, *, epochs: bool = False) -> str:
    """Return the label of an axis of iterations, with the size of a minibatch where it is known; or of `epochs`."""
    if epochs:
        return labels("epoch")
    return labels("minibatch axis", batch=experiment.batch_size) if experiment else labels("iteration")


def _network(hidden: Sequence[int], labels: Labels) -> str:
    return "-".join(str(units) for units in hidden) + " ReLU" if hidden else labels("linear")


def _spread(seeds: Sequence[int], labels: Labels, bands: bool) -> str:
    if len(seeds) == 1:
        return labels("seed", seed=seeds[0])
    return labels("seeds" if bands else "seeds mean", count=len(seeds))


def _optimizer(experiment: Experiment, labels: Labels) -> str:
    name = experiment.optimizer.upper() if experiment.optimizer == "sgd" else "Adam"
    words = [f"{name} {experiment.learning_rate:g}"]
    words += [labels("momentum", value=experiment.momentum)] if experiment.momentum else []
    words += [labels("weight decay", value=experiment.weight_decay)] if experiment.weight_decay else []
    return labels("comma").join(words)


def best_snapshots(comparison: Comparison, labels: Labels) -> str:
    """Return the test accuracy of the best snapshot of each run, by arm; "" if it was not recorded."""
    if FINAL not in comparison.metrics:
        return ""
    best = [best_accuracy(arm) for arm in comparison.arms]
    return labels("best", values=_by_arm(comparison, best, SHARES, labels))


def _by_arm(comparison: Comparison, values: Sequence[NDArray[np.float64]], form: NumberFormat, labels: Labels) -> str:
    """Return the mean and spread of values, float [runs] for each arm."""
    return labels("semicolon").join(
        labels("colon", name=labels.name(arm.name), value=form.mean_sd(each))
        for arm, each in zip(comparison.arms, values, strict=True)
    )


def mean_sd(values: NDArray[np.float64]) -> str:
    """Return mean ± standard deviation of shares from 0 to 1, float [runs], as percentages; of one run, its share."""
    return SHARES.mean_sd(values)


def summarize(comparison: Comparison, chart: str, labels: Labels, question: str, answers: Sequence[Answer]) -> str:
    """Return the alternative text of a chart: what it shows, or else its question, and its first finding."""
    finding = [answers[0].headline] if answers else []
    shown = sentences([_subject(comparison, chart, labels), *finding], labels)
    return shown if len(shown) <= MAX_ALT else sentences([labels("alt short", question=question), *finding], labels)


def describe(comparison: Comparison, chart: str, labels: Labels, answers: Sequence[Answer]) -> str:
    """Return the long description of a chart: a picture in words, made of recorded values.

    The values of single arms are left out if there are more than MAX_ARMS: the text is read aloud.
    """
    few = len(comparison.arms) <= MAX_ARMS
    settings = facts(comparison.experiment, comparison.arms[0].seeds, labels, logs=comparison.logs)
    settings = settings if comparison.experiment else settings[:1].upper() + settings[1:]
    parts = [_subject(comparison, chart, labels), settings]
    if few and all(len(arm.iterations) for arm in comparison.arms):
        metrics = [each[0] for each in families(comparison.metrics).values()][:MAX_METRICS]
        chosen = metrics if chart == "metrics" else comparison.curve_metrics[:1]
        parts += [_ends(comparison, metric, labels) for metric in chosen]
    parts += [answer.words(labels) for answer in answers]
    parts += [
        labels("alt dropped" if arm.runs[0].layers else "alt sites dropped", arm=labels.name(arm.name), rates=rates)
        for arm in comparison.arms
        if few and arm.has_noise and (rates := _rates(arm, labels))
    ]
    return sentences(parts, labels)


def sentences(parts: Iterable[str], labels: Labels) -> str:
    """Return parts of a text as sentences."""
    ends = (".", "?", "。", "\N{FULLWIDTH QUESTION MARK}")
    return labels("between").join(part if part.endswith(ends) else part + labels("full stop") for part in parts)


def _subject(comparison: Comparison, chart: str, labels: Labels) -> str:
    """Return what a chart draws; of a chart of curves, the metrics where they are not the usual ones."""
    arms, metrics = arm_names(comparison, labels), comparison.curve_metrics
    if chart == "metrics":
        quantities = [quantity_name(each, labels) for each in families(comparison.all_metrics)]
        return labels("alt all metrics", metrics=labels("comma").join(quantities), arms=arms)
    if chart != "accuracy" or metrics in ((), ACCURACIES):
        return labels(f"alt {chart}", arms=arms)
    return labels("alt metrics", metrics=labels("and").join(metric_name(each, labels) for each in metrics), arms=arms)


def _ends(comparison: Comparison, metric: str, labels: Labels) -> str:
    """Return a metric at the end by arm."""
    ends = [arm.ends(metric) for arm in comparison.arms]
    values = _by_arm(comparison, ends, number_format(metric, np.concatenate(ends)), labels)
    if metric == FINAL:
        return labels("alt ends", values=values)
    return labels("alt ends metric", metric=capitalized(metric_name(metric, labels), labels), values=values)


def curves_axis(metric: str, experiment: Experiment | None, labels: Labels) -> str:
    """Return the label of the axis of a metric. How a custom training loop measures it is not known."""
    if experiment is None:
        return quantity_name(metric, labels)
    if is_share(metric):
        return labels("accuracy axis")
    return labels("metric axis", metric=quantity_name(metric, labels))


def _rates(arm: ArmRuns, labels: Labels) -> str:
    """Return the realised drop rate of each layer with masks, over all recorded iterations of the first run."""
    layers, rates = arm.runs[0].layers, arm.runs[0].drop_rate
    if not layers:
        return _rates_of_sites(arm.runs[0], labels)
    return labels("comma").join(
        f"{layer_name(layer, labels)} {percent(float(rates[layer.name].mean()))}"
        for layer in layers
        if len(rates.get(layer.name, ())) and layer.noise == "units"
    )


def _rates_of_sites(run: Recording, labels: Labels) -> str:
    """Return the realised drop rate of the first sites with masks, over all recorded iterations in which they drew."""
    masks = [site.name for site in run.sites if site.name in run.masks and site.name not in run.noise]
    rates = {name: rate[np.isfinite(rate)] for name, rate in run.drop_rate.items() if name in masks}
    words = [f"{name} {percent(float(rate.mean()))}" for name, rate in rates.items() if len(rate)]
    more = [labels("alt sites more", count=len(words) - MAX_ARMS)] if len(words) > MAX_ARMS else []
    return labels("comma").join([*words[:MAX_ARMS], *more])


def layer_name(layer: Layer, labels: Labels) -> str:
    """Return the name of a layer in words."""
    if layer.kind == "hidden":
        return labels("hidden", number=layer.name.removeprefix("hidden "))
    return labels(layer.kind)


def arm_names(comparison: Comparison, labels: Labels) -> str:
    """Return the names of the arms, separated by commas."""
    return labels("comma").join(labels.name(arm.name) for arm in comparison.arms)


def listed(names: Sequence[str], labels: Labels) -> str:
    """Return names, separated by commas; of more than MAX_ARMS, the first ones, and how many more there are."""
    first = names if len(names) <= MAX_ARMS else names[: MAX_ARMS - 1]
    more = [labels("more arms", count=len(names) - len(first))] if len(first) < len(names) else []
    return labels("comma").join([*map(labels.name, first), *more])
