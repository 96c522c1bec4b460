"""Lines of the chart `variance`: the variance before and after the mask, of the formula, and without dropout."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.path import Path
from numpy.typing import NDArray

from dropviz.charts.base.artists import Dots, Points, Shape
from dropviz.charts.base.canvas import SMALL, TEXT, Canvas
from dropviz.charts.base.geometry import spread_apart
from dropviz.style.labels import decimal

PITCH = 26.0  # distance of labels, in points
FORMULA, FORMULA_WIDTH = (3.0, 5.0), 2.4  # dashes and width of the line of the formula, on top of the measured one
AFTER = 7.0  # width of the measured line: that of the formula lies within it where they agree


class VariancePanel:
    """Lines of one hidden layer, and the area between those before and after the mask.

    lines   without dropout, before the mask, after it, and of the formula, each float [S], at the `iterations`
    names   of the first three
    colors  of the first three
    room    width of the labels, in points
    longest number that a label may hold

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
        room: float,
        longest: str,
    ) -> None:
        self.canvas, self.box, self.lines, theme = canvas, axes.bbox, lines, canvas.theme
        self.points: list[Points] = [axes.transData.transform(np.column_stack([iterations, each])) for each in lines]
        plain, before, after = colors
        self.area = Shape(face=after, alpha=theme.band_opacity)
        self.shapes = [
            Shape(edge=plain, width=2.2, dash=(6.6, 4.4)),
            Shape(edge=before, width=4, cap="round"),
            Shape(edge=after, width=AFTER, cap="round"),
            Shape(edge=theme.ink if theme.is_transparent else theme.background, width=FORMULA_WIDTH, dash=FORMULA),
        ]
        self.heads = [Dots(radius * canvas.scale, ink, ink) for radius, ink in zip((3.5, 5, 6), colors, strict=True)]
        right = axes.bbox.x1 / canvas.scale + 14
        weights, sizes = ("normal", "bold", "bold"), (SMALL, TEXT, TEXT)
        self.names, self.labels = [], []
        for name, ink, weight, size in zip(names, colors, weights, sizes, strict=True):
            words, fits = canvas.fitted_after(longest, name, size, room - 14, weight)
            self.names.append(words)
            self.labels.append(canvas.moving_text(right, 0, fits, color=ink, weight=weight, middle=True))
        self.moving: Sequence[Artist] = [self.area, *self.shapes, *self.heads, *self.labels]

    def show(self, index: int, text_index: int) -> None:
        """Set the lines to the snapshots up to `index`, and the labels to the values of the snapshot `text_index`."""
        for shape, points in zip(self.shapes, self.points, strict=True):
            shape.path = Path(points[: index + 1])
        self.area.path = Path(np.concatenate([self.points[1][: index + 1], self.points[2][: index + 1][::-1]]))
        scale = self.canvas.scale
        level = [float(points[text_index, 1]) / scale for points in self.points[:3]]
        heights = spread_apart(level, PITCH, self.box.y0 / scale + 4, self.box.y1 / scale - 4)
        for number, (head, label) in enumerate(zip(self.heads, self.labels, strict=True)):
            head.centres = self.points[number][index : index + 1]
            label.set_text(f"{decimal(self.lines[number][text_index])} {self.names[number]}")
            label.y = round(heights[number] * scale)
