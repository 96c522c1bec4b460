"""Differences between runs that share a seed: their mean, their spread, and whether all seeds agree."""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from dropviz.captions import Answer
from dropviz.comparison import ArmRuns, Comparison
from dropviz.labels import Labels

Values = NDArray[np.float64]


def mean_and_sd(values: Values, *, sign: bool = False) -> str:
    """Mean ± sample standard deviation over runs, one decimal; of one run, its value. With `sign`, + for above 0."""
    mean = f"{values.mean():{'+' if sign else ''}.1f}".replace("-", "\N{MINUS SIGN}")
    return mean if len(values) == 1 else f"{mean} ± {values.std(ddof=1):.1f}"


def ahead(differences: Values) -> int:
    """In how many runs the difference is above 0."""
    return int((differences > 0).sum())


def decided(differences: Values) -> bool | None:
    """True if all of several runs are above 0, False if all are below; None if undecided. One run decides nothing."""
    if len(differences) == 1 or ahead(differences) + ahead(-differences) < len(differences):
        return None
    return {len(differences): True, 0: False}.get(ahead(differences))


def answered(words: str, differences: Values, labels: Labels) -> Answer:
    """An answer that holds if the differences are decided; if they are not, its words say so first."""
    holds = decided(differences)
    if holds is None:
        words = labels("one run" if len(differences) == 1 else "not clear", words=words)
    return Answer(words, holds)


def late_losses(comparison: Comparison, labels: Labels) -> list[Answer]:
    """By how much test accuracy ends below each run's best snapshot: whether by less with dropout than without."""
    return [
        answered(
            labels(
                "late",
                base=labels.name(gap.base.name),
                arm=labels.name(gap.arm.name),
                lost=mean_and_sd(without),
                kept=mean_and_sd(with_it),
                ahead=ahead(without - with_it),
                count=len(without),
            ),
            without - with_it,
            labels,
        )
        for gap in comparison.gaps()
        if gap.arm.seeds == gap.base.seeds
        for without, with_it in [(_lost(gap.base), _lost(gap.arm))]
    ]


def _lost(arm: ArmRuns) -> Values:
    accuracy = arm.values("test_accuracy")
    lost: Values = 100 * (accuracy.max(axis=1) - accuracy[:, -1])
    return lost


def orders(comparison: Comparison, labels: Labels) -> list[Answer]:
    """Whether dropping less nearer to the input is better, where two arms with dropout differ in nothing but order."""
    pair = _swapped([arm for arm in comparison.arms if arm.has_noise])
    if pair is None or not all(len(arm.iterations) for arm in pair) or pair[0].seeds != pair[1].seeds:
        return []
    rising, falling = pair
    more: Values = 100 * (rising.values("test_accuracy")[:, -1] - falling.values("test_accuracy")[:, -1])
    words = labels(
        "order",
        rising=labels.name(rising.name),
        falling=labels.name(falling.name),
        more=mean_and_sd(more, sign=True),
        ahead=ahead(more),
        count=len(more),
    )
    return [answered(words, more, labels)]


def _swapped(arms: list[ArmRuns]) -> tuple[ArmRuns, ArmRuns] | None:
    """Two arms of which one has the drop probabilities of the other backwards: the one that begins lower first."""
    settings = [arm.runs[0].experiment and arm.runs[0].experiment.arm(arm.name) for arm in arms]
    if len(arms) != 2 or settings[0] is None or settings[1] is None:
        return None
    one, other = settings
    if (
        dataclasses.replace(one, name=other.name, drop_prob=one.per_layer[::-1]) != other
        or one.per_layer == other.per_layer
    ):
        return None
    return (arms[0], arms[1]) if one.per_layer < other.per_layer else (arms[1], arms[0])
