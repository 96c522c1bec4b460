"""Line of the mean error of one arm."""

import numpy as np
from matplotlib.path import Path
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from dropviz.charts.base.annotations import LineReadings
from dropviz.charts.base.artists import Points, Shape
from dropviz.charts.base.growing_line import DASH
from dropviz.style.labels import percent
from dropviz.style.theme import ArmStyle


class MeanLine:
    """Line of `mean`, float [snapshots], the mean error of one arm over its runs.

    `points` are its points in pixels, once `place` has set them.
    """

    def __init__(self, name: str, style: ArmStyle, mean: NDArray[np.float64]) -> None:
        self.name, self.color, self.mean = name, style.color, mean
        dash = style.strokes.test
        self.line = Shape(edge=self.color, width=2, dash=dash, cap="butt" if dash else "round")

    def place(self, points: Points, frame: Bbox) -> None:
        """Set the points of the line, and the frame that it is drawn in; both in pixels."""
        self.points, self._frame = points, frame
        self.line.clip = Bbox.from_extents(0, frame.y0, frame.x1, frame.y1)

    def interrupt(self, hidden: int) -> None:
        """Draw the line in dashes, with gaps for as many lines that it would hide."""
        self.line = Shape(edge=self.color, width=2, dash=(DASH, DASH * hidden))
        self.line.clip = Bbox.from_extents(0, self._frame.y0, self._frame.x1, self._frame.y1)

    def show(self, index: int) -> None:
        """Set the line to the snapshots up to `index`."""
        self.line.path = Path(self.points[: index + 1])

    def head(self, index: int) -> Points:
        """Return the point at `index`, float [1, 2], or [0, 2] where it is outside of the frame."""
        inside = self._frame.y0 <= self.points[index, 1] <= self._frame.y1
        return self.points[index : index + inside]

    def readings(self) -> LineReadings:
        """Return the mean error at each snapshot."""
        return LineReadings(self.color, self.points, [f"{percent(mean)} {self.name}" for mean in self.mean])
