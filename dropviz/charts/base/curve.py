"""One series of one arm: its line, the band of one standard deviation to each side, its head, and its label."""

import numpy as np
from matplotlib.axes import Axes

from dropviz.analysis.comparison import ArmRuns
from dropviz.analysis.statistics import sd_over_runs
from dropviz.charts.base.annotations import LineReadings
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.growing_line import GrowingLine
from dropviz.style.labels import percent
from dropviz.style.theme import ArmStyle

LABEL = 18.0  # size of type at the end of a test line, in points; at the end of a train line it is a little smaller


class Curve(GrowingLine):
    """The mean of a series over the runs of an arm, against the iterations of its snapshots."""

    def __init__(
        self, canvas: Canvas, arm: ArmRuns, metric: str, name: str, style: ArmStyle, size: float = LABEL
    ) -> None:
        values = arm.values(metric)
        super().__init__(canvas, arm.iterations, values.mean(axis=0), sd_over_runs(values), style)
        self.name, self.is_test = name, metric == "test_accuracy"
        self._size, self._weight = (size, "bold") if self.is_test else (size - 2, "normal")

    def label_width(self) -> float:
        """How wide the label at the end of the line would like to be, in points."""
        return self.canvas.width_of(f"{percent(1)} {self.name}", self._size, self._weight)

    def place(self, axes: Axes) -> None:
        """Make the marks and the label, now that the range of the axes is known."""
        super().place(axes)
        canvas = self.canvas
        left = axes.bbox.x1 / canvas.scale + 16
        words, size = canvas.fitted(f"{percent(1)} {self.name}", self._size, canvas.width - left - 10, self._weight)
        self.name = words.removeprefix(f"{percent(1)} ")
        self.label = canvas.moving_text(left, 0, size, color=self.color, weight=self._weight, middle=True)

    def readings(self) -> LineReadings:
        """The value at each snapshot, with its standard deviation where there are several runs."""
        spread = [f" ± {percent(sd)}" if sd else "" for sd in self.sd]
        words = [f"{percent(mean)}{sd} {self.name}" for mean, sd in zip(self.mean, spread, strict=True)]
        inside = (self._frame.y0 <= self.points[:, 1]) & (self.points[:, 1] <= self._frame.y1)
        return LineReadings(self.color, np.where([[True, seen] for seen in inside], self.points, np.nan), words)

    def say(self, index: int, height: float, digits: int) -> None:
        """Set the label to the value at `moment`, at a height in points."""
        self.label.set_text(f"{percent(self.mean[index], digits)} {self.name}")
        self.label.y = round(height * self.canvas.scale)
