"""One cell of a grid of charts: the test accuracy of one arm as it grows, with its name and its figure above."""

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
HEAD = 6.0  # points, of an arrow
ROOM = 0.5  # the share of a lower cell's width that its name and its figure may take, beside an arrow


class Cell:
    """`named` says whether the numbers stand at the left axis, and at the lower one."""

    def __init__(
        self, canvas: Canvas, arm: ArmRuns, box: Box, color: str, limits: tuple[float, float], named: tuple[bool, bool]
    ) -> None:
        self.box, self.color = box, color
        self.values = arm.values("test_accuracy")
        self.axes = make_axes(canvas, box, "", "", ("count", "percent"))
        self.axes.set(xlim=(0, arm.iterations[-1]), ylim=limits)
        self.axes.tick_params(labelleft=named[0], labelbottom=named[1])
        mean = self.values.mean(axis=0)
        sd = sd_over_runs(self.values)
        self.points, self._low, self._high = (
            self._pixels(arm.iterations, each, limits) for each in (mean, mean - sd, mean + sd)
        )
        room = box.width * (ROOM if named[1] else 1)
        name, size = canvas.fitted(canvas.labels.name(arm.name), 17, room)
        canvas.text(box.left, box.bottom + box.height + 32, name, size, color=color)
        size = canvas.fit(mean_sd(self.values[:, -1]), 20, room, "bold")
        self.figure = canvas.moving_text(box.left, box.bottom + box.height + 9, size, color=color, weight="bold")
        self.band = Shape(face=blend(color, canvas.theme.background, canvas.theme.band_opacity))
        self.line = Shape(edge=color, width=3.5, cap="round")
        self.head = Dots(5 * canvas.scale, color, color)
        self.moving = [self.band, self.line, self.head, self.figure]

    def _pixels(
        self, iterations: NDArray[np.int64], accuracy: NDArray[np.float64], limits: tuple[float, float]
    ) -> NDArray[np.float64]:
        seen = np.clip(accuracy, *limits)
        return np.asarray(self.axes.transData.transform(np.column_stack([iterations, seen])))

    def show(self, index: int, text_index: int, *, is_last: bool) -> None:
        """Draw the snapshots up to `moment`, and say the figure of the one that is `spoken` of."""
        until = slice(index + 1)
        self.line.path = Path(self.points[until])
        self.band.path = Path(np.concatenate([self._low[until], self._high[until][::-1]]))
        self.head.centres = self.points[index : index + 1]
        now = self.values[:, text_index]
        self.figure.set_text(mean_sd(now) if is_last else percent(now.mean(), 0))


def arrow(canvas: Canvas, start: Point, end: Point, color: str) -> None:
    """Draw an arrow for good, from point to point of the layout."""
    way = np.subtract(end, start)
    along = HEAD * way / np.hypot(*way)
    across = np.array([-along[1], along[0]])
    wings = [(np.array(end) - along + side, end) for side in (across, -across)]
    shape = Shape(edge=color, width=2, cap="round")
    shape.set_lines(canvas.scale * np.array([[start, end], *wings], dtype=float))
    canvas.figure.add_artist(shape)
