"""Gates of the units of a layer in a column, with the activations before and after them."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.path import Path
from numpy.typing import NDArray

from dropviz.charts.base.artists import Dots, MovingText, Points, Shape, boxes
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.network_units import crosses

RADIUS = 11.0  # of a gate, in points
NAME, NUMBER, GAP = 80.0, 48.0, 18.0  # width of a unit's name, of a number, and of the space beside a gate, in points
HEADS = 24.0  # height of the heads above the first row, in points
THICKNESS = 0.5  # of bars, as a share of a row

Values = NDArray[np.floating]


class Gates:
    """A row for each unit: a bar for its activation, the gate, and a bar for what leaves it, on one scale.

    head   name of the layer
    names  of the units
    limit  largest activation
    keep   probability that a unit is kept, by which activations are divided
    """

    def __init__(
        self, canvas: Canvas, box: Box, head: str, names: Sequence[str], limit: float, keep: float, color: str
    ) -> None:
        self.canvas, self.box, theme, scale = canvas, box, canvas.theme, canvas.scale
        self._place(len(names), limit or 1, keep)
        for name, y in zip(names, self.ys, strict=True):
            words, size = canvas.fitted(name, min(15, self.pitch), NAME - 6)
            canvas.text(box.left, y, words, size, color=theme.muted, va="center_baseline")
        self._draw_heads(head)
        self.before, self.after = Shape(face=theme.outline), Shape(face=color)
        self.wires = Shape(edge=color, width=2)
        self.open = Dots(self.radius * scale, color, color, 1.6)
        self.shut = Dots(self.radius * scale, theme.background, theme.outline, 1.6)
        self.crosses = Shape(edge=theme.muted, width=2, cap="round")
        self.numbers = [
            [canvas.moving_text(0, y, min(15, self.pitch), align, ink, middle=True) for y in self.ys]
            for align, ink in (("right", theme.muted), ("left", theme.ink))
        ]
        bars = [self.before, self.after, self.wires, self.open, self.shut, self.crosses]
        self.moving: Sequence[Artist] = [*bars, *self.numbers[0], *self.numbers[1]]

    def _place(self, rows: int, limit: float, keep: float) -> None:
        """Set the scale of the bars and the places of the gates, in points."""
        box = self.box
        room = box.width - NAME - 2 * (NUMBER + GAP)
        self.unit = room / (1 + 1 / keep) / limit  # length of a bar for an activation of 1
        self.gate_x = box.left + NAME + NUMBER + limit * self.unit + GAP
        self.pitch = (box.height - HEADS) / rows
        self.radius = min(RADIUS, 0.4 * self.pitch)
        self.ys = box.bottom + box.height - HEADS - self.pitch * (np.arange(rows) + 0.5)

    def _draw_heads(self, head: str) -> None:
        """Draw the name of the layer, and the heads of both columns of bars and of the gates."""
        canvas, box, muted = self.canvas, self.box, self.canvas.theme.muted
        top = box.bottom + box.height - 12
        head, size = canvas.fitted(head, 15, NAME)
        canvas.text(box.left, top, head, size, weight="bold")
        ends = (("gate before", self.gate_x - GAP, "right"), ("gate after", self.gate_x + GAP, "left"))
        for key, x, align in ends:
            room = x - box.left - NAME if align == "right" else box.left + box.width - x
            words, size = canvas.fitted(canvas.labels(key), 15, room)
            canvas.text(x, top, words, size, color=muted, ha=align)
        canvas.text(self.gate_x, top, "r", 15, color=muted, ha="center")

    def show(self, before: Values, mask: NDArray[np.bool_], after: Values) -> None:
        """Set the rows to the activations before the gates, the gates, and the activations after them, each [units]."""
        scale, left, right = self.canvas.scale, self.gate_x - GAP, self.gate_x + GAP
        self.before.path = self._bars(left, -before)
        self.after.path = self._bars(right, after)
        centres = np.column_stack([np.full(len(self.ys), self.gate_x), self.ys]) * scale
        self.open.centres, self.shut.centres = centres[mask], centres[~mask]
        self.crosses.set_lines(crosses(centres[~mask], 0.6 * self.radius * scale))
        self.wires.set_lines(self._wires(mask))
        self._write(self.numbers[0], before, (left - 6 - before * self.unit) * scale)
        self._write(self.numbers[1], after, (right + 6 + after * self.unit) * scale)

    @staticmethod
    def _write(texts: Sequence[MovingText], values: Values, xs: Values) -> None:
        for text, value, x in zip(texts, values, xs, strict=True):
            text.set_text(f"{value:.2f}")
            text.x = x

    def _bars(self, start: float, values: Values) -> Path | None:
        """Return bars of these lengths from `start`; none for activations of 0."""
        is_active = values != 0
        thickness, lengths = THICKNESS * self.pitch, values[is_active] * self.unit
        lefts = np.full(len(lengths), start)
        scale = self.canvas.scale
        ys = self.ys[is_active] - thickness / 2
        return boxes(lefts * scale, ys * scale, lengths * scale, np.full(len(lengths), thickness * scale))

    def _wires(self, mask: NDArray[np.bool_]) -> Points:
        """Return lines from each open gate to the right, float [open, 2, 2]."""
        ends = np.array([self.gate_x + self.radius, self.gate_x + GAP])
        return np.array([[[x, y] for x in ends] for y in self.ys[mask]]).reshape(-1, 2, 2) * self.canvas.scale
