"""Chart of the final error against the drop probability (Srivastava et al. 2014, section 7.3, figure 9)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from dropviz.analysis.answers import Answer, capitalized, interval_words, make_answer
from dropviz.analysis.comparison import FINAL, ArmRuns, Comparison
from dropviz.analysis.statistics import interval
from dropviz.analysis.sweeps import errors_of, sweep_iterations, sweep_setting, units
from dropviz.charts.base.artists import MovingText, Shape
from dropviz.charts.base.canvas import TEXT
from dropviz.charts.base.sweep_chart import BOTTOM, SweepChart, SweepLine, value_text
from dropviz.charts.base.timeline import Pace
from dropviz.errors import RecordingError
from dropviz.style.labels import Labels, percent

CLOSE = 1.0  # points: a smaller difference from the lowest error counts as none
BRACKET = 14.0 + 9.0  # from the highest error to the foot of the words over the bracket, in points
# Places of the written errors, from their points, in points: the first one that the line crosses least.
ABOVE_FIRST = ((12.0, 12.0), (12.0, -30.0))
BESIDE_LAST = ((-18.0, -TEXT / 3), (-4.0, -34.0), (-4.0, 16.0), (14.0, -34.0))

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
    """Test error at the end of training against the drop probability.

    The range that does about as well as the best drop probability is shaded. A grey line is of networks that are wider
    the more they drop, so that they keep as many units on average. The recordings must be of an experiment with three
    or more arms that differ in drop_prob alone; wider arms have hidden layers of their own. Source: Srivastava et al.
    2014, section 7.3, figure 9.
    """

    experiment = "rates"
    key = "rates"

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if the arms are not a sweep of drop_prob."""
        super().check(comparison)
        read_sweep(comparison)
        for arm in comparison.arms:
            arm.values(FINAL)

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return which drop probabilities do about as well as the best, and if wider networks lose less at the highest.

        The first holds if there are several, and the error at the highest drop probability is decidedly higher; the
        second, if the error rises decidedly less in wider networks.
        """
        sweep = read_sweep(comparison)
        fixed = _ends(comparison, sweep.fixed)
        answers = [_range_answer(fixed, labels)]
        if sweep.wider:
            answers.append(_smaller_rise(fixed, _ends(comparison, sweep.wider), labels))
        return answers

    def build(self, frames: int | None, pace: Pace) -> None:
        """Make the artists and the timeline."""
        self.ends = _ends(self.comparison, read_sweep(self.comparison).fixed)
        self.range = close_to_best(self.ends)
        super().build(frames, pace)
        self.bracket = Shape(edge=self.canvas.theme.ink, width=2)
        self.notes = [self._make_range_note(), *(self._make_note(rate) for rate in (min(self.ends), max(self.ends)))]
        self.moving = [*self.moving, self.bracket, *self.notes]

    def _make_axes(self) -> Axes:
        """Return the axes, with room for the bracket above the highest error in the range."""
        axes, height = super()._make_axes(), self.content.height - BOTTOM - self.head
        low, high = axes.get_ylim()
        top = low + (self._highest() - low) * height / max(height + self.head - BRACKET - TEXT, height / 2)
        axes.set_ylim(low, max(high, top))
        return axes

    def _highest(self) -> float:
        """Return the highest error in the range, with its band."""
        fixed = self.sweep[0]
        within = (self.range[0] <= fixed.x) & (fixed.x <= self.range[-1])
        return float((fixed.mean + fixed.sd)[within].max())

    def _make_range_note(self) -> MovingText:
        """Place the bracket over the range, and make the text above it."""
        scale, highest = self.canvas.scale, self._highest()
        ends = self.axes.transData.transform([(self.range[0], highest), (self.range[-1], highest)])
        (left, y), (right, _) = ends + np.array([(-9 * scale, 14 * scale), (9 * scale, 0)])
        foot = y - 7 * scale
        self._bracket = np.array([[[left, y], [right, y]], [[left, foot], [left, y]], [[right, foot], [right, y]]])
        text = value_text(self.canvas, (left + right) / 2, y + 9 * scale)
        low, high = (percent(error / 100) for error in _lowest_and_highest(self.ends, self.range))
        text.set_text(low if low == high else self.canvas.labels("rates range", low=low, high=high))
        return text

    def _make_note(self, rate: float) -> MovingText:
        """Make the text of the error at one end of the axis, at the place beside it that its line leaves most free."""
        scale, is_first = self.canvas.scale, rate == min(self.ends)
        fixed, line = self.sweep[0], self.lines[0].trace.points
        x, y = line[0 if is_first else -1]
        text = value_text(self.canvas, x, y, fixed.dots[0 if is_first else -1], "left" if is_first else "right")
        text.set_text(percent(float(fixed.mean[fixed.x == rate][0])))

        def crossed(place: tuple[float, float]) -> int:
            text.x, text.y = np.array([x, y]) + np.array(place) * scale
            box = text.get_window_extent().padded(2 * scale)
            is_out = box.y0 < self.axes.bbox.y0 or (rate in self.range and box.y1 > self._bracket[..., 1].min())
            return int(box.count_contains(line)) + is_out * len(line)

        crossed(min(ABOVE_FIRST if is_first else BESIDE_LAST, key=crossed))
        return text

    def make_lines(self) -> list[SweepLine]:
        """Return the line of networks of one width, and that of wider networks if there are any."""
        labels, sweep, theme = self.canvas.labels, read_sweep(self.comparison), self.canvas.theme
        plain, noisy = theme.arm_styles([False, True])
        dots = [(noisy if arm.has_noise else plain).color for arm in sweep.fixed.values()]
        name = labels("rates fixed", units=units(sweep.width))
        lines = [SweepLine(name, *self._errors(sweep.fixed), noisy, dots)]
        if sweep.wider:
            grey = noisy._replace(color=theme.muted)
            greys = [theme.muted] * len(sweep.wider)
            lines.append(SweepLine(labels("rates wider"), *self._errors(sweep.wider), grey, greys, is_context=True))
        return lines

    def counter(self, index: int) -> str:
        """Return the drop probability that the line has reached, and its error."""
        rate = max(each for each in self.ends if each <= max(self.reached(index), min(self.ends)))
        error = percent(self.ends[rate].mean() / 100)
        return self.canvas.labels("rates now", rate=f"{rate:g}", error=error)

    def update(self, index: int, before: int | None = None) -> None:
        """Draw the lines up to the place `index`; with the last one, the range that does about as well."""
        super().update(index, before)
        is_last = index == self.timeline.indices[-1]
        self.bracket.set_lines(self._bracket if is_last else np.empty((0, 2, 2)))
        for note in self.notes:
            note.set_visible(is_last)

    def _errors(self, arms: ByRate) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        ends = _ends(self.comparison, arms)
        return np.array(list(ends)), np.stack(list(ends.values()), axis=1) / 100


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
    if len(every) > 1:
        raise RecordingError("these arms are no sweep of drop_prob: train --experiment rates")
    if len(fixed) < 3:
        raise RecordingError(f"a sweep of drop_prob needs 3 values or more, and here are {len(fixed)}: train more")
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


def _best(ends: Ends) -> float:
    """Return the drop probability with the lowest mean error."""
    return min(ends, key=lambda rate: ends[rate].mean())


def close_to_best(ends: Ends) -> list[float]:
    """Return the drop probabilities next to the best, and with it, that do about as well.

    They are those on both sides, up to the first whose error is decidedly higher, and by CLOSE points or more.
    """
    rates, best = sorted(ends), _best(ends)
    differences = {rate: ends[rate] - ends[best] for rate in rates}
    is_close = {rate: interval(each).holds is not True or each.mean() < CLOSE for rate, each in differences.items()}
    place = rates.index(best)
    low = next((at + 1 for at in range(place, -1, -1) if not is_close[rates[at]]), 0)
    high = next((at for at in range(place, len(rates)) if not is_close[rates[at]]), len(rates))
    return rates[low:high]


def _lowest_and_highest(ends: Ends, rates: Sequence[float]) -> tuple[float, float]:
    means = [float(ends[rate].mean()) for rate in rates]
    return min(means), max(means)


def _range_answer(ends: Ends, labels: Labels) -> Answer:
    """Return the range of drop probabilities that do about as well as the best, and the rise to the highest one."""
    close, most = close_to_best(ends), max(ends)
    best = _best({rate: errors for rate, errors in ends.items() if rate != most})
    rise = ends[most] - ends[best]
    found = interval(rise)
    holds = found.holds
    if holds is not None and (len(close) == 1 or most in close):
        holds = False
    key = "one run" if len(rise) == 1 else "wide" if len(close) > 1 else "best"
    headline = labels(f"rates {key}", low=f"{close[0]:g}", high=f"{close[-1]:g}", best=f"{_best(ends):g}")
    low, high = _lowest_and_highest(ends, close)
    evidence = labels(
        "rates evidence",
        low=f"{low:.1f}",
        high=percent(high / 100),
        most=f"{most:g}",
        best=f"{best:g}",
        interval=interval_words(found, len(rise), labels),
    )
    return Answer(capitalized(headline, labels), holds, evidence, found.p_value)


def _smaller_rise(fixed: Ends, wider: Ends, labels: Labels) -> Answer:
    """Return how much less the error rises, from the best drop probability of one width, in wider networks."""
    best, most = _best(fixed), min(max(fixed), max(wider))
    nearest = min(wider, key=lambda rate: abs(rate - best))
    less = (fixed[most] - fixed[best]) - (wider[most] - wider[nearest])
    return make_answer("rates wider", less, labels, most=f"{most:g}")
