"""Curve of one metric of one arm: its line, the band of one standard deviation to each side, its head and its label."""

import numpy as np
from matplotlib.axes import Axes

from dropviz.analysis.captions import SHARES
from dropviz.analysis.comparison import ArmRuns
from dropviz.analysis.metrics import NumberFormat, split_of
from dropviz.analysis.statistics import sd_over_runs
from dropviz.charts.base.annotations import LineReadings
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.growing_line import GrowingLine
from dropviz.style.labels import percent
from dropviz.style.theme import ArmStyle

LABEL = 18.0  # type size of the label of a test line, in points; the label of a train line is smaller


class Curve(GrowingLine):
    """The mean of a metric over the runs of an arm, against the iterations of its snapshots.

    form  written form of the values
    size  type size of the label, in points

    Raises RecordingError if the metric was not recorded, or is not finite.
    """

    def __init__(
        self,
        canvas: Canvas,
        arm: ArmRuns,
        metric: str,
        name: str,
        style: ArmStyle,
        size: float = LABEL,
        form: NumberFormat = SHARES,
    ) -> None:
        values = arm.finite_values(metric)
        super().__init__(canvas, arm.iterations, values.mean(axis=0), sd_over_runs(values), style)
        self.name, self.form, self.is_test = name, form, split_of(metric) != "train"
        self._size, self._weight = (size, "bold") if self.is_test else (size - 2, "normal")
        self._widest = percent(1) if form.is_share else max(map(form, self.mean), key=len, default="")

    def label_width(self) -> float:
        """Return the width of the widest label, in points."""
        return self.canvas.width_of(f"{self._widest} {self.name}", self._size, self._weight)

    def place(self, axes: Axes) -> None:
        """Make the artists, on axes whose limits are final."""
        super().place(axes)
        canvas = self.canvas
        left = axes.bbox.x1 / canvas.scale + 16
        words, size = canvas.fitted(f"{self._widest} {self.name}", self._size, canvas.width - left - 10, self._weight)
        self.name = words.removeprefix(f"{self._widest} ")
        self.label = canvas.moving_text(left, 0, size, color=self.color, weight=self._weight, middle=True)

    def readings(self) -> LineReadings:
        """Return the value at each snapshot, with its standard deviation if there are several runs."""
        spread = [f" ± {self.form(sd)}" if sd else "" for sd in self.sd]
        words = [f"{self.form(mean)}{sd} {self.name}" for mean, sd in zip(self.mean, spread, strict=True)]
        inside = (self._frame.y0 <= self.points[:, 1]) & (self.points[:, 1] <= self._frame.y1)
        return LineReadings(self.color, np.where([[True, shown] for shown in inside], self.points, np.nan), words)

    def set_label(self, index: int, height: float, decimals: int) -> None:
        """Set the label to the value at `index`, at a height in points."""
        self.label.set_text(f"{self.form(self.mean[index], decimals)} {self.name}")
        self.label.y = round(height * self.canvas.scale)
