"""Answers: what recordings say to the question of a chart, as a headline, its evidence, and whether a claim holds."""

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

import numpy as np

from dropviz.analysis.comparison import FINAL, ArmRuns, Comparison, Gap
from dropviz.analysis.statistics import Interval, Values, interval
from dropviz.style.labels import Labels, percent

MINUS = "\N{MINUS SIGN}"
MAX_OTHERS = 3  # arms whose differences follow the largest
WHOLE = 9.95  # from this many points on, a headline leaves the decimals out
OUTCOMES = {True: "yes", False: "no", None: "open"}


class Answer(NamedTuple):
    """Answer that recordings give to the question of a chart.

    headline  the answer in everyday words, up to 60 characters in English
    holds     True if the claim of the chart is decided in its favour, False if against it, None if undecided; one run
              decides nothing
    evidence  measured values, with the interval of their difference
    p_value   p-value of the test that decides; None where nothing is tested, as of counted bits
    """

    headline: str
    holds: bool | None
    evidence: str = ""
    p_value: float | None = None

    def words(self, labels: Labels) -> str:
        """Return headline and evidence as one sentence."""
        return (
            labels("answer words", headline=self.headline, evidence=self.evidence) if self.evidence else self.headline
        )


def make_answer(key: str, differences: Values, labels: Labels, evidence: str = "", **values: str) -> Answer:
    """Return the answer to a claim that paired differences, float [runs] in points, are above 0.

    The headline is the label "KEY yes", "KEY no", "KEY open" or "KEY one run", which may use {points}, the size of the
    mean difference, {bound}, the largest difference that the interval allows, and {difference}, how much it is higher
    or lower, or that it is level.

    evidence  words that follow the interval
    values    other values of the headline
    """
    found = interval(differences)
    points, side = shorten(found.mean), labels("higher" if found.mean > 0 else "lower")
    is_level = points == "0.0"
    holds = None if is_level else found.holds
    outcome = "one run" if len(differences) == 1 else OUTCOMES[holds]
    values |= {"difference": labels("no difference" if is_level else "difference", points=points, side=side)}
    headline = labels(f"{key} {outcome}", points=points, bound=_upward(found.bound), **values)
    parts = [interval_words(found, len(differences), labels), *([evidence] if evidence else [])]
    return Answer(capitalized(headline, labels), holds, labels("semicolon").join(parts), found.p_value)


def interval_words(found: Interval, count: int, labels: Labels, digits: int = 1) -> str:
    """Return an interval of points over `count` runs in words; of a single run, that it decides nothing."""
    if count == 1:
        return labels("no interval")
    return labels("interval", low=_signed(found.low, digits), high=_signed(found.high, digits), count=count)


def shorten(points: float) -> str:
    """Return the size of a number of points as a headline has it: 16, or 1.3.

    >>> shorten(-16.2), shorten(1.32)
    ('16', '1.3')
    """
    return f"{abs(points):.0f}" if abs(points) >= WHOLE else f"{abs(points):.1f}"


def _upward(bound: float) -> str:
    """Return the bound of a difference, rounded up, so that "at most" is true."""
    if not np.isfinite(bound):
        return "∞"
    return f"{ceil(bound):d}" if bound >= WHOLE else f"{ceil(10 * bound) / 10:.1f}"


def _signed(value: float, digits: int) -> str:
    return f"{value:+.{digits}f}".replace("-", MINUS)


def verdicts(comparison: Comparison, labels: Labels) -> list[Answer]:
    """Return an answer for each arm with noise: its test accuracy at the end against that of the first arm without.

    The largest difference comes first. Empty if there are no snapshots, or no test accuracy.
    """
    if not all(len(arm.iterations) for arm in comparison.arms):
        return []
    gaps = sorted(comparison.gaps(), key=lambda gap: -abs(gap.mean))
    others = [_other(gap, labels) for gap in gaps[1 : 1 + MAX_OTHERS]]
    if len(gaps) > 1 + MAX_OTHERS:
        others.append(labels("more arms", count=len(gaps) - 1 - MAX_OTHERS))
    return [_verdict(gap, labels, others if gap is gaps[0] else []) for gap in gaps]


def _verdict(gap: Gap, labels: Labels, others: Sequence[str]) -> Answer:
    names = {"arm": labels.name(gap.arm.name), "base": labels.name(gap.base.name)}
    evidence = labels("semicolon").join([_best(gap, labels), *others])
    return make_answer("verdict", 100 * gap.differences, labels, evidence, **names)


def _other(gap: Gap, labels: Labels) -> str:
    """Return the difference of another arm, briefly."""
    return labels("colon", name=labels.name(gap.arm.name), value=_signed(100 * gap.mean, 1))


def _best(gap: Gap, labels: Labels) -> str:
    """Return the test accuracy of the best snapshot of each run, with noise and without, mean over runs."""
    best = [percent(best_accuracy(arm).mean()) for arm in (gap.arm, gap.base)]
    return labels("at best", arm=best[0], base=best[1])


def best_accuracy(arm: ArmRuns) -> Values:
    """Return the highest test accuracy of each run, float [runs]."""
    best: Values = np.nanmax(arm.values(FINAL), axis=1)
    return best


def capitalized(words: str, labels: Labels) -> str:
    """Return words with a capital first letter, for the beginning of an English sentence."""
    return words[:1].upper() + words[1:] if labels.language == "en" else words
