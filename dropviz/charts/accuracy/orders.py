"""Comparison of two orders of drop probabilities (Dive into Deep Learning, 5.6, exercise 1)."""

import dataclasses

from dropviz.analysis.answers import Answer, make_answer
from dropviz.analysis.comparison import FINAL, ArmRuns, Comparison
from dropviz.analysis.statistics import Values
from dropviz.experiments.arm import Arm
from dropviz.style.labels import Labels


def orders(comparison: Comparison, labels: Labels) -> list[Answer]:
    """Return whether it is better to drop less near the input, if two arms with dropout differ only in that order."""
    pair = _reversed([arm for arm in comparison.arms if arm.has_noise])
    if pair is None or not all(len(arm.iterations) for arm in pair) or pair[0].seeds != pair[1].seeds:
        return []
    rising, falling = pair
    if not all(FINAL in arm.metrics for arm in pair):
        return []
    more: Values = 100 * (rising.ends(FINAL) - falling.ends(FINAL))
    names = [labels.name(each.name) for each in pair]
    answer = make_answer("swap", more, labels, labels("swap base", one=names[0], other=names[1]))
    if more.mean() < 0:  # the interval is that of the better order
        better = make_answer("swap", -more, labels, labels("swap base", one=names[1], other=names[0]))
        answer = answer._replace(evidence=better.evidence)
    return [answer]


def _reversed(arms: list[ArmRuns]) -> tuple[ArmRuns, ArmRuns] | None:
    """Return two arms with the same drop probabilities in reverse order, the rising one first; None for others."""
    if len(arms) != 2:
        return None
    one, other = _arm(arms[0]), _arm(arms[1])
    if one is None or other is None or one.per_layer == other.per_layer:
        return None
    if dataclasses.replace(one, name=other.name, drop_prob=one.per_layer[::-1]) != other:
        return None
    return (arms[0], arms[1]) if one.per_layer < other.per_layer else (arms[1], arms[0])


def _arm(arm: ArmRuns) -> Arm | None:
    """Return the arm as its experiment has it."""
    experiment = arm.runs[0].experiment
    return experiment.arm(arm.name) if experiment else None
