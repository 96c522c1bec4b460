"""Final error against the drop probability (Srivastava et al. 2014, figure 9).

On the left with as many units for all, on the right with as many kept on average: the more is dropped, the wider.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dropviz.analysis.captions import Answer, make_answer
from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.analysis.statistics import ahead, mean_and_sd
from dropviz.analysis.sweeps import errors_of, sweep_iterations, sweep_setting, units
from dropviz.charts.base.sweep_chart import SweepChart, SweepLine, SweepPanel
from dropviz.errors import RecordingError
from dropviz.style.labels import Labels

MIDDLE = 0.5  # the drop probability that others are held against
FLAT = (0.2, 0.6)  # where the paper's curve is flat: it keeps 0.4 to 0.8 of the units

ByRate = dict[float, ArmRuns]


class Sweep(NamedTuple):
    """The arms by drop probability: of one `width`, and of widths of which so many units are `kept` on average."""

    width: tuple[int, ...]
    fixed: ByRate
    kept: tuple[int, ...]
    wider: ByRate


class RatesChart(SweepChart):
    """Train and test error against the drop probability."""

    experiment = "rates"
    name = "rates"

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Whether the error rises where most units are dropped, and less so if the network is wider for it."""
        found = sort_arms(comparison)
        answers = [_rise(comparison, found.fixed, labels)]
        if found.wider:
            answers.append(_smaller_rise(comparison, found, labels))
        return answers

    def make_panels(self) -> list[SweepPanel]:
        """One panel for each part of the sweep."""
        labels, found = self.canvas.labels, sort_arms(self.comparison)
        panels = [SweepPanel(labels("rates fixed", units=units(found.width)), self._series(found.fixed))]
        if found.wider:
            panels.append(SweepPanel(labels("rates wider", units=units(found.kept)), self._series(found.wider)))
        return panels

    def _series(self, arms: ByRate) -> list[SweepLine]:
        theme, labels = self.canvas.theme, self.canvas.labels
        noise = self.comparison.experiment and self.comparison.experiment.label_noise
        plain, noisy = theme.arm_styles([False, True])
        colors = [(noisy if arm.has_noise else plain).color for arm in arms.values()]
        names = {
            "test_accuracy": labels("test error"),
            "train_accuracy": labels("train error noisy" if noise else "train error"),
        }
        return [
            SweepLine(
                name,
                np.array(list(arms)),
                np.stack([errors_of(arm, self.iterations, metric) for arm in arms.values()], axis=1),
                colors,
                noisy.strokes,
                is_test=metric == "test_accuracy",
            )
            for metric, name in names.items()
        ]


def sort_arms(comparison: Comparison) -> Sweep:
    """The two sweeps: arms with hidden layers of their own are the wider ones; RecordingError if they are no sweeps."""
    fixed: ByRate = {}
    wider: ByRate = {}
    own_widths = {arm.name: sweep_setting(arm)[0].hidden for arm in comparison.arms}
    width = comparison.experiment.hidden if comparison.experiment else ()
    for arm in comparison.arms:
        of_width = wider if own_widths[arm.name] else fixed
        rate = _rate(arm)
        if rate in of_width:
            raise RecordingError(
                f"arms {of_width[rate].name!r} and {arm.name!r} both have drop_prob {rate:g}: draw one"
            )
        of_width[rate] = arm
    every = {_kept(rate, own_widths[arm.name] or ()) for rate, arm in wider.items()}
    if len(every) > 1 or len(fixed) < 3:
        raise RecordingError("these arms are no sweep of drop_prob: train --experiment rates")
    kept = every.pop() if every else ()
    wider |= {rate: arm for rate, arm in fixed.items() if rate not in wider and _kept(rate, width) == kept}
    return Sweep(width, dict(sorted(fixed.items())), kept, dict(sorted(wider.items())))


def _rate(arm: ArmRuns) -> float:
    own, _ = sweep_setting(arm)
    if len(set(own.per_layer)) != 1:
        raise RecordingError(f"arm {arm.name!r} drops other shares in other layers: it has no place on this axis")
    return own.per_layer[0]


def _kept(rate: float, hidden: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(round((1 - rate) * width) for width in hidden)


def _ends(comparison: Comparison, arms: ByRate) -> dict[float, NDArray[np.float64]]:
    """The test errors that the runs end with, in points, by drop probability."""
    iterations = sweep_iterations(comparison)
    return {rate: 100 * errors_of(arm, iterations)[:, -1] for rate, arm in arms.items()}


def _from_middle(ends: dict[float, NDArray[np.float64]]) -> tuple[float, float, NDArray[np.float64]]:
    """The drop probability nearest to the middle, the highest, and by how much the error is higher there, by run."""
    middle, most = min(ends, key=lambda rate: abs(rate - MIDDLE)), max(ends)
    return middle, most, ends[most] - ends[middle]


def _rise(comparison: Comparison, arms: ByRate, labels: Labels) -> Answer:
    """How flat the curve is in its middle, and how far it rises at its end.

    The claim is of both: a rise no larger than what the errors of the same run differ in the middle decides nothing.
    """
    ends = _ends(comparison, arms)
    middle, most, rise = _from_middle(ends)
    level = np.array([errors for rate, errors in ends.items() if FLAT[0] <= rate <= FLAT[1]] or [ends[middle]])
    is_flat = len(level) > 1
    words = labels(
        "rates rise" if is_flat else "rates rise alone",
        low=FLAT[0],
        high=FLAT[1],
        flat=f"{np.ptp(level.mean(axis=1)):.1f}",
        middle=middle,
        most=most,
        rise=mean_and_sd(rise, sign=True),
        ahead=ahead(rise),
        count=len(rise),
    )
    return make_answer(words, np.where(rise > np.ptp(level, axis=0), rise, np.minimum(rise, 0)), labels)


def _smaller_rise(comparison: Comparison, found: Sweep, labels: Labels) -> Answer:
    """How far it rises where the network is wider the more is dropped; less, in how many seeds."""
    *_, rise = _from_middle(_ends(comparison, found.fixed))
    *_, other = _from_middle(_ends(comparison, found.wider))
    less = rise - other
    words = labels("rates less", rise=mean_and_sd(other, sign=True), ahead=ahead(less), count=len(less))
    return make_answer(words, less, labels)
