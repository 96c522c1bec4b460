"""One cell of a grid: the test accuracy of one arm against iteration, with its name and value above."""

import numpy as np
from matplotlib.path import Path
from numpy.typing import NDArray

from dropviz.analysis.captions import mean_sd
from dropviz.analysis.comparison import ArmRuns
from dropviz.analysis.statistics import sd_over_runs
from dropviz.charts.base.artists import Dots, Shape
from dropviz.charts.base.axes import make_axes
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.geometry import Box
from dropviz.style.labels import percent
from dropviz.style.theme import blend

Point = tuple[float, float]
ARROW_HEAD = 6.0  # length, in points
ROOM = 0.5  # share of a lower cell's width for its name and value, beside an arrow


class Cell:
    """Axes with the mean ± sd of the test accuracy of one arm.

    limits  of the accuracy
    edges   True if the cell is at the left edge of the grid, True if it is at the lower edge: it has numbers there
    """

    def __init__(
        self, canvas: Canvas, arm: ArmRuns, box: Box, color: str, limits: tuple[float, float], edges: tuple[bool, bool]
    ) -> None:
        self.box, self.color = box, color
        self.values = arm.values("test_accuracy")
        self.axes = make_axes(canvas, box, "", "", ("count", "percent"))
        self.axes.set(xlim=(0, arm.iterations[-1]), ylim=limits)
        self.axes.tick_params(labelleft=edges[0], labelbottom=edges[1])
        mean = self.values.mean(axis=0)
        sd = sd_over_runs(self.values)
        self.points, self._low, self._high = (
            self._pixels(arm.iterations, np.clip(each, *limits)) for each in (mean, mean - sd, mean + sd)
        )
        self._write_above(canvas, arm, box.width * (ROOM if edges[1] else 1))
        self.band = Shape(face=blend(color, canvas.theme.background, canvas.theme.band_opacity))
        self.line = Shape(edge=color, width=3.5, cap="round")
        self.head = Dots(5 * canvas.scale, color, color)
        self.moving = [self.band, self.line, self.head, self.value]

    def _write_above(self, canvas: Canvas, arm: ArmRuns, room: float) -> None:
        """Draw the name of the arm, and make the text of its value."""
        left, top = self.box.left, self.box.bottom + self.box.height
        name, size = canvas.fitted(canvas.labels.name(arm.name), 17, room)
        canvas.text(left, top + 32, name, size, color=self.color)
        size = canvas.fit(mean_sd(self.values[:, -1]), 20, room, "bold")
        self.value = canvas.moving_text(left, top + 9, size, color=self.color, weight="bold")

    def _pixels(self, iterations: NDArray[np.int64], accuracy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(self.axes.transData.transform(np.column_stack([iterations, accuracy])))

    def show(self, index: int, text_index: int, *, is_last: bool) -> None:
        """Set the line to the snapshots up to `index`, and the value to that of the snapshot `text_index`."""
        until = slice(index + 1)
        self.line.path = Path(self.points[until])
        self.band.path = Path(np.concatenate([self._low[until], self._high[until][::-1]]))
        self.head.centres = self.points[index : index + 1]
        now = self.values[:, text_index]
        self.value.set_text(mean_sd(now) if is_last else percent(now.mean(), 0))


def draw_arrow(canvas: Canvas, start: Point, end: Point, color: str) -> None:
    """Draw an arrow from point to point of the layout."""
    way = np.subtract(end, start)
    along = ARROW_HEAD * way / np.hypot(*way)
    across = np.array([-along[1], along[0]])
    wings = [(np.array(end) - along + side, end) for side in (across, -across)]
    shape = Shape(edge=color, width=2, cap="round")
    shape.set_lines(canvas.scale * np.array([[start, end], *wings], dtype=float))
    canvas.figure.add_artist(shape)
