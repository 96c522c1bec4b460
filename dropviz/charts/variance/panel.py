"""Axes of one hidden layer of the chart `variance`: three measured lines with labels, and the line of the formula."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.path import Path
from numpy.typing import NDArray

from dropviz.charts.base.artists import Dots, Points, Shape
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.geometry import spread_apart

SIZE, PITCH = 15.0, 19.0  # of the labels, and from one to the next, in points
FORMULA, BEFORE = (3.0, 3.0), (7.0, 4.0)  # dashes
AFTER, FORMULA_WIDTH = 4.0, 8.0  # the measured line is on top of that of the formula: a difference is visible


class VariancePanel:
    """Lines of one hidden layer.

    lines   three measured ones, called `names`, and that of the formula, each float [S], at the `iterations`
    colors  of the arms without noise and with it

    The range of the axes must be set.
    """

    def __init__(
        self,
        canvas: Canvas,
        axes: Axes,
        iterations: NDArray[np.int64],
        lines: Sequence[NDArray[np.float64]],
        names: Sequence[str],
        colors: Sequence[str],
    ) -> None:
        self.canvas, self.box, self.lines, self.names = canvas, axes.bbox, lines, names
        plain, noisy = colors
        self.points: list[Points] = [axes.transData.transform(np.column_stack([iterations, each])) for each in lines]
        self.shapes = [
            Shape(edge=plain, width=3.5, cap="round"),
            Shape(edge=noisy, width=2.5, dash=BEFORE),
            Shape(edge=noisy, width=AFTER, cap="round"),
            Shape(edge=canvas.theme.ink, width=FORMULA_WIDTH, dash=FORMULA),
        ]
        inks = (plain, noisy, noisy)
        self.heads = [Dots(4.5 * canvas.scale, ink, ink) for ink in inks]
        right = axes.bbox.x1 / canvas.scale + 12
        self.labels = [canvas.moving_text(right, 0, SIZE, color=ink, weight="bold", middle=True) for ink in inks]
        self.moving: Sequence[Artist] = [*self.shapes[3:], *self.shapes[:3], *self.heads, *self.labels]

    def show(self, index: int, text_index: int) -> None:
        """Set the lines to the snapshots up to `index`, and the labels to the values of the snapshot `text_index`."""
        for shape, points in zip(self.shapes, self.points, strict=True):
            shape.path = Path(points[: index + 1])
        scale = self.canvas.scale
        level = [float(points[text_index, 1]) / scale for points in self.points[:3]]
        heights = spread_apart(level, PITCH, self.box.y0 / scale + 4, self.box.y1 / scale - 4)
        for number, (head, label) in enumerate(zip(self.heads, self.labels, strict=True)):
            head.centres = self.points[number][index : index + 1]
            label.set_text(f"{self.lines[number][text_index]:.3f} {self.names[number]}")
            label.y = round(heights[number] * scale)
