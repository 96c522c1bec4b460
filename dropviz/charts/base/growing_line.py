"""Line that grows from left to right along an axis, with its head, its band and the label at its end."""

from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.path import Path
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from dropviz.charts.base.artists import Dots, Points, Shape
from dropviz.charts.base.canvas import REACH, Canvas
from dropviz.style.theme import ArmStyle

APART = 1.0  # distance of two lines that are seen as two, in points
HIDDEN = 0.2  # share of the points of a line from which on it is hidden by another one
DASH = 14.0  # length of a dash of a line that lies on others, in points

Values = NDArray[np.floating] | NDArray[np.integer]


class GrowingLine:
    """A line through `mean` float [S] at `x` [S], in a band from `low` to `high`, `sd` to each side."""

    is_test = True  # lines of training are thinner
    thickness = 1.0  # of line and head, as a factor; less in small plots

    def __init__(self, canvas: Canvas, x: Values, mean: Values, sd: Values, style: ArmStyle) -> None:
        self.canvas, self.color, self.strokes = canvas, style.color, style.strokes
        self.x, self.mean, self.sd, self.low, self.high = x, mean, sd, mean - sd, mean + sd

    def place(self, axes: Axes) -> None:
        """Make the artists, on axes whose limits are final. `points` are in pixels."""
        canvas, color, strokes = self.canvas, self.color, self.strokes
        self._frame = axes.bbox
        self.points, self._floor, self._ceiling = (_pixels(axes, self.x, y) for y in (self.mean, self.low, self.high))
        hatch = strokes.hatch if canvas.theme.patterns else ""
        self.band = Shape(face=color, alpha=canvas.theme.band_opacity, hatch=hatch)
        dash = strokes.test if self.is_test else strokes.train
        width, radius = (4.0, 5.0) if self.is_test else (2.2, 3.5)
        self.line = Shape(edge=color, width=width * self.thickness, dash=dash, cap="butt" if dash else "round")
        self.head = Dots(radius * self.thickness * canvas.scale, color, color, marker=strokes.marker)
        self._lengths = _lengths(self.points, canvas.size[1]) / canvas.scale

    def hides(self, other: "GrowingLine") -> bool:
        """Return whether the line lies on that of another arm for a good part of its points."""
        if self.color == other.color or len(self.points) != len(other.points) or self.is_test != other.is_test:
            return False
        return lie_together(self.points, other.points, self.canvas.scale)

    def interrupt(self, hidden: int) -> None:
        """Draw the line in dashes, with gaps for as many lines that it would hide."""
        width = (4.0 if self.is_test else 2.2) * self.thickness
        self.line = Shape(edge=self.color, width=width, dash=(DASH, DASH * hidden))

    def show(self, index: int, column: int) -> None:
        """Draw the points up to `index`, as far as they lie right of a column of pixels."""
        start = max(int(np.searchsorted(self.points[:, 0], column - REACH * self.canvas.scale)) - 1, 0)
        new = slice(start, index + 1)
        self.line.path, self.line.dash_start = Path(self.points[new]), float(self._lengths[start])
        self.band.path = Path(np.concatenate([self._floor[new], self._ceiling[new][::-1]]))
        self.line.clip = self.band.clip = Bbox.from_extents(column, self._frame.y0, self._frame.x1, self._frame.y1)
        inside = self._frame.y0 <= self.points[index, 1] <= self._frame.y1
        self.head.centres = self.points[index : index + inside]


class EndLabel:
    """The label right of the axes, level with the head of a line: its value, and under it the name of its arm.

    `x` and `width` are in points; so is `PITCH`, the distance of two labels from middle to middle.
    """

    PITCH = 46.0

    def __init__(self, canvas: Canvas, x: float, width: float, name: str, color: str) -> None:
        self._scale = canvas.scale
        name, size = canvas.fitted(name, 14, width)
        self.value = canvas.moving_text(x, 0, 18, color=color, weight="bold", middle=True)
        self.name = canvas.moving_text(x, 0, size, color=color, middle=True)
        self.name.set_text(name)

    def set_value(self, value: str, y: float) -> None:
        """Set the value, with the middle of both lines at height `y` in points."""
        self.value.set_text(value)
        self.value.y, self.name.y = round((y + 11) * self._scale), round((y - 11) * self._scale)


def lie_together(points: Points, others: Points, scale: float) -> bool:
    """Return whether a good part of the points of two lines, in pixels, cannot be told apart."""
    return bool((np.abs(points - others).max(axis=1) < APART * scale).mean() > HIDDEN)


def _lengths(points: Points, height: int) -> Values:
    """Return the length of a line up to each point, from where it enters a picture of this `height`, in pixels.

    Agg cuts off what lies outside, and begins its dashes anew where a line enters.
    """
    lengths = np.zeros(len(points))
    for number, ((x, y), (after_x, after_y)) in enumerate(pairwise(points.tolist()), start=1):
        edge = min(max(y, -1.0), height + 1.0)
        if -1 <= after_y <= height + 1:
            length = float(np.hypot(after_x - x, after_y - y))
            lengths[number] = lengths[number - 1] + length if edge == y else length * (after_y - edge) / (after_y - y)
    return lengths


def _pixels(axes: Axes, x: Values, y: Values) -> Points:
    points: Points = axes.transData.transform(np.column_stack([x, y]))
    return points
