"""Chart of the final error against the drop probability (Srivastava et al. 2014, section 7.3, figure 9)."""

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

MIDDLE = 0.5  # drop probability that the highest one is compared with
METRICS = ("test_accuracy", "train_accuracy")
FLAT = (0.2, 0.6)  # range in which the paper's curve is flat: it keeps 0.4 to 0.8 of the units

ByRate = dict[float, ArmRuns]
Ends = dict[float, NDArray[np.float64]]


class Sweep(NamedTuple):
    """Arms by drop probability.

    width  units of each hidden layer of the arms in `fixed`
    fixed  arms of one width
    kept   units of each hidden layer that the arms in `wider` keep on average
    wider  arms that are the wider, the more they drop; empty if there are none
    """

    width: tuple[int, ...]
    fixed: ByRate
    kept: tuple[int, ...]
    wider: ByRate


class RatesChart(SweepChart):
    """Train and test error against the drop probability, snapshot by snapshot.

    The left panel has networks of one width; the right one, networks that keep the same number of units on average.
    The recordings must be of an experiment with three or more arms that differ in drop_prob alone; wider arms have
    hidden layers of their own. Source: Srivastava et al. 2014, section 7.3, figure 9.
    """

    experiment = "rates"
    key = "rates"

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if the arms are not a sweep of drop_prob."""
        super().check(comparison)
        read_sweep(comparison)
        for arm in comparison.arms:
            for metric in METRICS:
                arm.values(metric)

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return by how much the error rises to the highest drop probability, and whether less in wider networks.

        The first holds if, in every seed, the error rises by more than it varies within FLAT; the second, if it rises
        less in wider networks in every seed.
        """
        sweep = read_sweep(comparison)
        answers = [_rise(comparison, sweep.fixed, labels)]
        if sweep.wider:
            answers.append(_smaller_rise(comparison, sweep, labels))
        return answers

    def make_panels(self) -> list[SweepPanel]:
        """Return one panel for networks of one width, and one for wider networks if there are any."""
        labels, sweep = self.canvas.labels, read_sweep(self.comparison)
        panels = [SweepPanel(labels("rates fixed", units=units(sweep.width)), self._series(sweep.fixed))]
        if sweep.wider:
            panels.append(SweepPanel(labels("rates wider", units=units(sweep.kept)), self._series(sweep.wider)))
        return panels

    def _series(self, arms: ByRate) -> list[SweepLine]:
        """Return the lines of test and train error."""
        labels = self.canvas.labels
        noise = self.comparison.experiment and self.comparison.experiment.label_noise
        return [
            self._line(arms, "test_accuracy", labels("test error")),
            self._line(arms, "train_accuracy", labels("train error noisy" if noise else "train error")),
        ]

    def _line(self, arms: ByRate, metric: str, name: str) -> SweepLine:
        plain, noisy = self.canvas.theme.arm_styles([False, True])
        errors = np.stack([errors_of(arm, self.iterations, metric) for arm in arms.values()], axis=1)
        colors = [(noisy if arm.has_noise else plain).color for arm in arms.values()]
        return SweepLine(name, np.array(list(arms)), errors, colors, noisy.strokes, is_test=metric == "test_accuracy")


def read_sweep(comparison: Comparison) -> Sweep:
    """Return the arms by drop probability; those with hidden layers of their own are the wider ones.

    Raises RecordingError if two arms have the same drop probability, or if they are not a sweep.
    """
    fixed: ByRate = {}
    wider: ByRate = {}
    own_widths = {arm.name: sweep_setting(arm)[0].hidden for arm in comparison.arms}
    for arm in comparison.arms:
        _add(wider if own_widths[arm.name] else fixed, arm)
    every = {_kept(rate, own_widths[arm.name] or ()) for rate, arm in wider.items()}
    if len(every) > 1 or len(fixed) < 3:
        raise RecordingError("these arms are no sweep of drop_prob: train --experiment rates")
    width = comparison.experiment.hidden if comparison.experiment else ()
    kept = every.pop() if every else ()
    wider |= {rate: arm for rate, arm in fixed.items() if rate not in wider and _kept(rate, width) == kept}
    return Sweep(width, dict(sorted(fixed.items())), kept, dict(sorted(wider.items())))


def _add(arms: ByRate, arm: ArmRuns) -> None:
    rate = _rate(arm)
    if rate in arms:
        raise RecordingError(f"arms {arms[rate].name!r} and {arm.name!r} both have drop_prob {rate:g}: draw one")
    arms[rate] = arm


def _rate(arm: ArmRuns) -> float:
    own, _ = sweep_setting(arm)
    if len(set(own.per_layer)) != 1:
        raise RecordingError(f"arm {arm.name!r} drops other shares in other layers: it has no place on this axis")
    return own.per_layer[0]


def _kept(rate: float, hidden: tuple[int, ...]) -> tuple[int, ...]:
    """Return the number of units of each hidden layer that are kept on average."""
    return tuple(round((1 - rate) * width) for width in hidden)


def _ends(comparison: Comparison, arms: ByRate) -> Ends:
    """Return the test errors at the end of the runs, in percentage points, by drop probability."""
    iterations = sweep_iterations(comparison)
    return {rate: 100 * errors_of(arm, iterations)[:, -1] for rate, arm in arms.items()}


def _from_middle(ends: Ends) -> tuple[float, float, NDArray[np.float64]]:
    """Return the drop probability nearest to MIDDLE, the highest one, and the rise of the error between them by run."""
    middle, highest = min(ends, key=lambda rate: abs(rate - MIDDLE)), max(ends)
    return middle, highest, ends[highest] - ends[middle]


def _rise(comparison: Comparison, arms: ByRate, labels: Labels) -> Answer:
    """Return how much the errors vary within FLAT, and how far they rise to the highest drop probability.

    A rise no larger than the range of errors of the same run within FLAT decides nothing.
    """
    ends = _ends(comparison, arms)
    middle, highest, rise = _from_middle(ends)
    level = np.array([errors for rate, errors in ends.items() if FLAT[0] <= rate <= FLAT[1]] or [ends[middle]])
    words = labels(
        "rates rise" if len(level) > 1 else "rates rise alone",
        low=FLAT[0],
        high=FLAT[1],
        flat=f"{np.ptp(level.mean(axis=1)):.1f}",
        middle=middle,
        most=highest,
        rise=mean_and_sd(rise, sign=True),
        ahead=ahead(rise),
        count=len(rise),
    )
    return make_answer(words, np.where(rise > np.ptp(level, axis=0), rise, np.minimum(rise, 0)), labels)


def _smaller_rise(comparison: Comparison, sweep: Sweep, labels: Labels) -> Answer:
    """Return how far the error of wider networks rises, and in how many seeds it rises less."""
    *_, rise = _from_middle(_ends(comparison, sweep.fixed))
    *_, other = _from_middle(_ends(comparison, sweep.wider))
    less = rise - other
    words = labels("rates less", rise=mean_and_sd(other, sign=True), ahead=ahead(less), count=len(less))
    return make_answer(words, less, labels)
