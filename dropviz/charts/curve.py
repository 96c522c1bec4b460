"""One series of one arm: its line, the band of one standard deviation to each side, its head, and its label."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.path import Path
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from dropviz.charts.marks import Dots, Points, Shape
from dropviz.charts.notes import Line
from dropviz.charts.stage import REACH, Stage
from dropviz.comparison import ArmRuns
from dropviz.labels import percent
from dropviz.theme import ArmStyle

LABEL = 18.0  # size of type at the end of a test line, in points; at the end of a train line it is a little smaller


class Curve:
    """What is drawn are `iterations` int [S], and `mean`, `low` and `high` float [S] over the runs of an arm."""

    def __init__(
        self, stage: Stage, arm: ArmRuns, series: str, name: str, style: ArmStyle, size: float = LABEL
    ) -> None:
        values = arm.values(series)
        self.stage, self.name, self.color, self.strokes = stage, name, style.color, style.strokes
        self.is_test = series == "test_accuracy"
        self._size, self._weight = (size, "bold") if self.is_test else (size - 2, "normal")
        self.iterations, self.mean = arm.iterations, values.mean(axis=0)
        sd = values.std(axis=0, ddof=1) if len(values) > 1 else np.zeros_like(self.mean)
        self.sd, self.low, self.high = sd, self.mean - sd, self.mean + sd

    def label_width(self) -> float:
        """How wide the label at the end of the line would like to be, in points."""
        return self.stage.width_of(f"{percent(1)} {self.name}", self._size, self._weight)

    def place(self, axes: Axes) -> None:
        """Make the marks, now that the range of the axes is known."""
        stage, color = self.stage, self.color
        self._frame = axes.bbox
        self.points = self._pixels(axes, self.mean)
        self._floor, self._ceiling = self._pixels(axes, self.low), self._pixels(axes, self.high)
        self.band = Shape(face=color, alpha=stage.theme.band, hatch=self.strokes.hatch if stage.theme.patterns else "")
        dash = self.strokes.test if self.is_test else self.strokes.train
        self.line = Shape(edge=color, width=4 if self.is_test else 2.2, dash=dash, cap="butt" if dash else "round")
        self.head = Dots((5 if self.is_test else 3.5) * stage.scale, color, color, marker=self.strokes.marker)
        left = axes.bbox.x1 / stage.scale + 16
        words, size = stage.fitted(f"{percent(1)} {self.name}", self._size, stage.width - left - 10, self._weight)
        self.name = words.removeprefix(f"{percent(1)} ")
        self.label = stage.words(left, 0, size, color=color, weight=self._weight, middle=True)
        steps = np.hypot(*np.diff(self.points, axis=0, prepend=self.points[:1]).T)
        self._way: NDArray[np.float64] = np.cumsum(steps) / stage.scale

    def _pixels(self, axes: Axes, values: NDArray[np.float64]) -> Points:
        points: Points = axes.transData.transform(np.column_stack([self.iterations, values]))
        return points

    def show(self, moment: int, column: int) -> None:
        """Draw what the snapshots up to `moment` change right of a column of pixels."""
        reach = REACH * self.stage.scale
        start = max(int(np.searchsorted(self.points[:, 0], column - reach)) - 1, 0)
        new = slice(start, moment + 1)
        self.line.path = Path(self.points[new])
        self.line.dash_start = float(self._way[start])
        self.band.path = Path(np.concatenate([self._floor[new], self._ceiling[new][::-1]]))
        clip = Bbox.from_extents(column, self._frame.y0, self._frame.x1, self._frame.y1)
        self.line.clip = self.band.clip = clip
        inside = self._frame.y0 <= self.points[moment, 1] <= self._frame.y1
        self.head.centres = self.points[moment : moment + inside]

    def readings(self) -> Line:
        """The value at each snapshot, with its standard deviation where there are several runs."""
        spread = [f" ± {percent(sd)}" if sd else "" for sd in self.sd]
        words = [f"{percent(mean)}{sd} {self.name}" for mean, sd in zip(self.mean, spread, strict=True)]
        inside = (self._frame.y0 <= self.points[:, 1]) & (self.points[:, 1] <= self._frame.y1)
        return Line(self.color, np.where([[True, seen] for seen in inside], self.points, np.nan), words)

    def say(self, moment: int, height: float, digits: int) -> None:
        """Set the label to the value at `moment`, at a height in points."""
        self.label.set_text(f"{percent(self.mean[moment], digits)} {self.name}")
        self.label.y = round(height * self.stage.scale)
