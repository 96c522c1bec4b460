"""Which order of drop probabilities is better, of two arms (Dive into Deep Learning, 5.6, exercise 1)."""

import dataclasses

from dropviz.analysis.captions import Answer, make_answer
from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.analysis.statistics import Values, ahead, mean_and_sd
from dropviz.experiments.arm import Arm
from dropviz.style.labels import Labels


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
    return [make_answer(words, more, labels)]


def _swapped(arms: list[ArmRuns]) -> tuple[ArmRuns, ArmRuns] | None:
    """Two arms of which one has the drop probabilities of the other backwards: the one that begins lower first."""
    if len(arms) != 2:
        return None
    one, other = _setting(arms[0]), _setting(arms[1])
    if one is None or other is None or one.per_layer == other.per_layer:
        return None
    if dataclasses.replace(one, name=other.name, drop_prob=one.per_layer[::-1]) != other:
        return None
    return (arms[0], arms[1]) if one.per_layer < other.per_layer else (arms[1], arms[0])


def _setting(arm: ArmRuns) -> Arm | None:
    experiment = arm.runs[0].experiment
    return experiment.arm(arm.name) if experiment else None
