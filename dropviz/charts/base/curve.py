"""Curve of one metric of one arm: its line, the band of one standard deviation to each side, its head and its label."""

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from dropviz.analysis.captions import SHARES
from dropviz.analysis.comparison import ArmRuns
from dropviz.analysis.metrics import NumberFormat, split_of
from dropviz.analysis.statistics import sd_over_runs
from dropviz.charts.base.annotations import LineReadings
from dropviz.charts.base.artists import Points
from dropviz.charts.base.canvas import SMALL, TEXT, Canvas
from dropviz.charts.base.growing_line import GrowingLine
from dropviz.style.labels import percent
from dropviz.style.theme import ArmStyle

LABEL = TEXT  # type size of the label of a test line, in points


class Curve(GrowingLine):
    """The mean of a metric over the runs of an arm, against the iterations at which they measured it.

    iterations  those of the snapshots of all curves of the chart; methods take an index of them
    form        written form of the values
    size        type size of the label, in points
    only_finite leave out values that are not finite

    Raises RecordingError if the metric was not measured, or is not finite.
    """

    def __init__(
        self,
        canvas: Canvas,
        arm: ArmRuns,
        metric: str,
        name: str,
        style: ArmStyle,
        iterations: NDArray[np.int64],
        size: float = LABEL,
        form: NumberFormat = SHARES,
        *,
        only_finite: bool = False,
    ) -> None:
        measured, values = arm.measured(metric, only_finite=only_finite)
        super().__init__(canvas, measured, values.mean(axis=0), sd_over_runs(values), style)
        self._iterations = iterations
        self._latest = np.searchsorted(measured, iterations, side="right") - 1
        self.name, self.form, self.is_test = name, form, split_of(metric) != "train"
        self._size, self._weight = (size, "bold") if self.is_test else (min(size, SMALL), "normal")
        self._widest = percent(1) if form.is_share else max(map(form, self.mean), key=len, default="")

    def label_width(self) -> float:
        """Return the width of the widest label, in points."""
        return self.canvas.width_of(f"{self._widest} {self.name}", self._size, self._weight)

    def place(self, axes: Axes, room: float | None = None) -> None:
        """Make the artists, on axes whose limits are final; the label has `room` points, or those up to the edge."""
        super().place(axes)
        self._limits = axes.get_xlim()
        canvas = self.canvas
        left = axes.bbox.x1 / canvas.scale + 16
        room = canvas.width - left - 10 if room is None else room - 16
        self.name, size = canvas.fitted_after(self._widest, self.name, self._size, room, self._weight)
        self.label = canvas.moving_text(left, 0, size, color=self.color, weight=self._weight, middle=True)

    def latest(self, index: int) -> int:
        """Return the index of the latest measurement up to the snapshot `index`; -1 if there is none."""
        return int(self._latest[index])

    def point(self, index: int) -> Points:
        """Return the point of the latest measurement in pixels, float [2]; the first one if there is none yet."""
        return np.asarray(self.points[max(self.latest(index), 0)])

    def show(self, index: int, column: int) -> None:
        """Draw the measurements up to the snapshot `index`, as far as they lie right of a column of pixels."""
        if self.latest(index) >= 0:
            super().show(self.latest(index), column)
        else:
            self.line.path = self.band.path = None
            self.head.centres = self.points[:0]

    def front(self, index: int) -> float:
        """Return where the line ends at `index`, in pixels from the left; infinity if it grows no more."""
        latest = self.latest(index)
        return np.inf if latest == len(self.points) - 1 else float(self.points[latest, 0]) if latest >= 0 else 0.0

    def readings(self) -> LineReadings:
        """Return the value at each snapshot, with its standard deviation if there are several runs.

        Where it was not measured, it is the latest one, with its iteration.
        """
        spread = [f" ± {self.form(sd)}" if sd else "" for sd in self.sd]
        words = [f"{self.form(mean)}{sd} {self.name}" for mean, sd in zip(self.mean, spread, strict=True)]
        is_measured = np.isin(self._iterations, self.x)
        inside = (self._frame.y0 <= self.points[:, 1]) & (self.points[:, 1] <= self._frame.y1)
        points = np.column_stack([self._across(), np.full(len(self._iterations), np.nan)])
        points[is_measured, 1] = np.where(inside, self.points[:, 1], np.nan)
        return LineReadings(self.color, points, [self._words(words, index) for index in range(len(points))])

    def _across(self) -> NDArray[np.float64]:
        """Return where the snapshots lie, in pixels from the left."""
        low, high = self._limits
        return np.asarray(self._frame.x0 + (self._iterations - low) / (high - low) * self._frame.width, float)

    def _words(self, words: list[str], index: int) -> str:
        latest = self.latest(index)
        if latest < 0:
            return f"\N{EN DASH} {self.name}"
        now = int(self._iterations[index])
        measured = int(self.x[latest])
        return words[latest] if measured == now else self.canvas.labels("at", words=words[latest], now=measured)

    def set_label(self, index: int, height: float, decimals: int) -> None:
        """Set the label to the latest value up to the snapshot `index`, at a height in points."""
        latest = self.latest(index)
        self.label.set_text(f"{self.form(self.mean[latest], decimals)} {self.name}".rstrip() if latest >= 0 else "")
        self.label.y = round(height * self.canvas.scale)
