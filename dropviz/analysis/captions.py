"""Sentences made of recorded figures: what was done, and what came of it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dropviz.analysis.comparison import ArmRuns, Comparison, Gap
from dropviz.experiments.experiment import Experiment
from dropviz.recording import Layer
from dropviz.style.labels import Labels, percent

MAX_ARMS = 4  # whose own figures an alt text lists


def facts(
    experiment: Experiment | None, seeds: Sequence[int], labels: Labels, *, bands: bool = True, spread: str = ""
) -> str:
    """The settings that all arms share, in one line; `bands` says whether the spread over seeds is drawn.

    `spread` are other words on seeds and spread than "mean ± sd of 5 seeds".
    """
    if experiment is None:
        return " · ".join([labels("own loop"), *([_spread(seeds, labels, bands)] if len(seeds) > 1 else [])])
    size, differs = experiment.train_size, {name for arm in experiment.arms for name in arm.own_hyperparameters}
    images = labels("all images") if size is None else labels("images", size=f"{size:,}")
    parts = [
        labels.name(experiment.data),
        *([images] if "train_size" not in differs else []),
        *([labels("label noise", share=f"{100 * experiment.label_noise:g}%")] if experiment.label_noise else []),
        *([_network(experiment.hidden, labels)] if "hidden" not in differs else []),
        *([_optimizer(experiment, labels)] if not differs & {"optimizer", "learning_rate", "momentum"} else []),
        spread or _spread(seeds, labels, bands),
    ]
    return " · ".join(parts)


def iteration_axis(experiment: Experiment | None, labels: Labels) -> str:
    """What an axis of iterations is called: it says how large their minibatches are, where that is known."""
    return labels("minibatch axis", batch=experiment.batch_size) if experiment else labels("iteration")


def _network(hidden: Sequence[int], labels: Labels) -> str:
    return "-".join(str(units) for units in hidden) + " ReLU" if hidden else labels("linear")


def _spread(seeds: Sequence[int], labels: Labels, bands: bool) -> str:
    if len(seeds) == 1:
        return labels("seed", seed=seeds[0])
    return labels("seeds" if bands else "seeds mean", count=len(seeds))


def _optimizer(experiment: Experiment, labels: Labels) -> str:
    words = [
        f"{experiment.optimizer.upper() if experiment.optimizer == 'sgd' else 'Adam'} {experiment.learning_rate:g}"
    ]
    words += [labels("momentum", value=experiment.momentum)] if experiment.momentum else []
    words += [labels("weight decay", value=experiment.weight_decay)] if experiment.weight_decay else []
    return labels("comma").join(words)


class Answer(NamedTuple):
    """What recordings answer, as a sentence: `words` holds measured figures, and their spread over seeds.

    `holds` is True if what is commonly claimed came out in every seed, False if the opposite did, None if undecided;
    one run decides nothing.
    """

    words: str
    holds: bool | None


def verdicts(comparison: Comparison, labels: Labels) -> list[Answer]:
    """What came of each arm with noise, against the one without: no claim without a difference in every seed."""
    if not all(len(arm.iterations) for arm in comparison.arms):
        return []
    return [Answer(_verdict(gap, labels), _is_ahead(gap)) for gap in comparison.gaps()]


def _is_ahead(gap: Gap) -> bool | None:
    """Whether the arm is more accurate in every one of several seeds, by what can be seen; None if undecided."""
    count, behind = len(gap.differences), int((gap.differences < 0).sum())
    if count == 1 or count not in (gap.seeds_ahead, behind) or _points(gap) == "0.0":
        return None
    return gap.seeds_ahead == count


def _points(gap: Gap) -> str:
    """The size of the mean difference."""
    return f"{abs(100 * gap.mean):.1f}"


def _verdict(gap: Gap, labels: Labels) -> str:
    count, ahead = len(gap.differences), gap.seeds_ahead
    behind = int((gap.differences < 0).sum())
    words = {
        "arm": labels.name(gap.arm.name),
        "base": labels.name(gap.base.name),
        "points": _points(gap) if count == 1 else f"{_points(gap)} ± {100 * gap.differences.std(ddof=1):.1f}",
        "side": labels("above" if gap.mean > 0 else "below"),
        "count": count,
        "ahead": ahead,
    }
    if _points(gap) == "0.0":
        return labels("equal", **words)
    if count == 1:
        return labels("one seed", **words)
    return labels("decided" if count in (ahead, behind) else "undecided", **words)


def best_snapshots(comparison: Comparison, labels: Labels) -> str:
    """The test accuracy that each arm reached at the best snapshot of each run, had one stopped there."""
    return labels("best", values=_by_arm(comparison, labels, lambda arm: arm.values("test_accuracy").max(axis=1)))


def _by_arm(comparison: Comparison, labels: Labels, figure: Callable[[ArmRuns], NDArray[np.float64]]) -> str:
    """A figure of each arm, over its runs."""
    return labels("semicolon").join(
        labels("colon", name=labels.name(arm.name), value=mean_sd(figure(arm))) for arm in comparison.arms
    )


def mean_sd(values: NDArray[np.float64]) -> str:
    """Mean and standard deviation over runs of shares from 0 to 1, as percentages; of one run, its share."""
    if len(values) == 1:
        return percent(values[0])
    return f"{100 * values.mean():.1f} ± {100 * values.std(ddof=1):.1f}%"


def describe(comparison: Comparison, chart: str, labels: Labels, answers: Sequence[Answer]) -> str:
    """What a picture shows, in words, for those who do not see it: made of recorded figures alone.

    Of many arms it leaves out each one's own figures: nobody listens to a list for a minute.
    """
    arms, few = names(comparison, labels), len(comparison.arms) <= MAX_ARMS
    parts = [labels(f"alt {chart}", arms=arms), facts(comparison.experiment, comparison.arms[0].seeds, labels)]
    if few and len(comparison.arms[0].iterations):
        parts.append(_ends(comparison, labels))
    parts += [answer.words for answer in answers]
    parts += [
        labels("alt dropped", arm=labels.name(arm.name), rates=rates)
        for arm in comparison.arms
        if few and (rates := _rates(arm, labels))
    ]
    return labels("between").join(part if part.endswith((".", "。")) else part + labels("full stop") for part in parts)


def _ends(comparison: Comparison, labels: Labels) -> str:
    """The test accuracy that each arm ends with."""
    return labels("alt ends", values=_by_arm(comparison, labels, lambda arm: arm.values("test_accuracy")[:, -1]))


def _rates(arm: ArmRuns, labels: Labels) -> str:
    """The realised drop rate of each layer with masks, over all kept minibatches of the first run."""
    layers, rates = arm.runs[0].layers, arm.runs[0].drop_rate
    return labels("comma").join(
        f"{layer_name(layer, labels)} {percent(float(rates[layer.name].mean()))}"
        for layer in layers
        if len(rates.get(layer.name, ())) and layer.noise == "units"
    )


def layer_name(layer: Layer, labels: Labels) -> str:
    """What a layer is called."""
    if layer.kind == "hidden":
        return labels("hidden", number=layer.name.removeprefix("hidden "))
    return labels(layer.kind)


def names(comparison: Comparison, labels: Labels) -> str:
    """What the arms are called, one after another."""
    return labels("comma").join(labels.name(arm.name) for arm in comparison.arms)
