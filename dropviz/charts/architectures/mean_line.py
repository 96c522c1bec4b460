"""Line of the mean error of one arm, with the name of its architecture at the end."""

from collections.abc import Sequence

import numpy as np
from matplotlib.path import Path
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from dropviz.charts.base.annotations import LineReadings
from dropviz.charts.base.artists import Dots, MovingText, Points, Shape
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.geometry import spread_apart
from dropviz.style.labels import percent
from dropviz.style.theme import ArmStyle

LABEL_SIZE, LABEL_PITCH = 13.0, 17.0  # of the names at the ends of lines, and from one to the next, in points


class MeanLine:
    """Line of `mean`, float [snapshots], the mean error of one arm over its runs.

    `points` are its points in pixels, once `place` has set them.
    """

    def __init__(self, canvas: Canvas, name: str, style: ArmStyle, mean: NDArray[np.float64]) -> None:
        self.name, self.color, self.mean = name, style.color, mean
        dash = style.strokes.test
        self.line = Shape(edge=self.color, width=2, dash=dash, cap="butt" if dash else "round")
        self.head = Dots(3.5 * canvas.scale, self.color, self.color)

    def place(self, points: Points, frame: Bbox) -> None:
        """Set the points of the line, and the frame that it is drawn in; both in pixels."""
        self.points, self._frame = points, frame
        self.line.clip = Bbox.from_extents(0, frame.y0, frame.x1, frame.y1)

    def show(self, index: int) -> None:
        """Set the line to the snapshots up to `index`."""
        self.line.path = Path(self.points[: index + 1])
        inside = self._frame.y0 <= self.points[index, 1] <= self._frame.y1
        self.head.centres = self.points[index : index + inside]

    @property
    def label(self) -> str:
        """The error at the end and the name."""
        return f"{percent(self.mean[-1])} {self.name}"

    def readings(self) -> LineReadings:
        """Return the mean error at each snapshot."""
        return LineReadings(self.color, self.points, [f"{percent(mean)} {self.name}" for mean in self.mean])


def end_labels(canvas: Canvas, lines: Sequence[MeanLine], frame: Bbox) -> list[MovingText]:
    """Make the labels of all lines, level with their ends or moved apart; [] if the frame has no room for all."""
    low, high = frame.y0 / canvas.scale + 8, frame.y1 / canvas.scale
    if LABEL_PITCH * (len(lines) - 1) > high - low:
        return []
    heights = spread_apart([line.points[-1, 1] / canvas.scale for line in lines], LABEL_PITCH, low, high)
    left = frame.x1 / canvas.scale + 12
    labels = []
    for line, height in zip(lines, heights, strict=True):
        words, size = canvas.fitted(line.label, LABEL_SIZE, canvas.width - left - 8)
        label = canvas.moving_text(left, height, size, color=line.color, middle=True)
        label.set_text(words)
        labels.append(label)
    return labels
