"""Ten gates of a layer in a column: what comes to each from the left, and what it hands on to the right."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.path import Path
from numpy.typing import NDArray

from dropviz.charts.base.artists import Dots, Points, Shape, boxes
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.network_panel import crosses

RADIUS = 11.0
NAME, NUMBER, GAP = 80.0, 48.0, 18.0  # room, in points, for a unit's name, for a number, and beside a gate
HEADS = 24.0  # points above the first row
THICK = 0.5  # of a row, how thick bars are

Values = NDArray[np.floating]


class Gates:
    """A row for each unit: a bar for its activation, the gate, and a bar for what leaves it, on one scale.

    `most` is the largest number that can come, `keep` the share by which what leaves is divided.
    """

    def __init__(
        self, canvas: Canvas, box: Box, head: str, names: Sequence[str], most: float, keep: float, color: str
    ) -> None:
        self.canvas, theme = canvas, canvas.theme
        room = box.width - NAME - 2 * (NUMBER + GAP)
        self.unit = room / (1 + 1 / keep) / (most or 1)  # points for an activation of 1
        self.gate_x = box.left + NAME + NUMBER + (most or 1) * self.unit + GAP
        self.pitch = (box.height - HEADS) / len(names)
        self.radius = min(RADIUS, 0.4 * self.pitch)
        self.ys = box.bottom + box.height - HEADS - self.pitch * (np.arange(len(names)) + 0.5)
        for name, y in zip(names, self.ys, strict=True):
            words, size = canvas.fitted(name, min(15, self.pitch), NAME - 6)
            canvas.text(box.left, y, words, size, color=theme.muted, va="center_baseline")
        self._draw_heads(box, head)
        scale = canvas.scale
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

    def _draw_heads(self, box: Box, head: str) -> None:
        """Which layer it is, what the bars to each side are, and the gate between them."""
        canvas, top, muted = self.canvas, box.bottom + box.height - 12, self.canvas.theme.muted
        head, size = canvas.fitted(head, 15, NAME)
        canvas.text(box.left, top, head, size, weight="bold")
        ends = (("gate before", self.gate_x - GAP, "right"), ("gate after", self.gate_x + GAP, "left"))
        for key, x, align in ends:
            room = x - box.left - NAME if align == "right" else box.left + box.width - x
            words, size = canvas.fitted(canvas.labels(key), 15, room)
            canvas.text(x, top, words, size, color=muted, ha=align)
        canvas.text(self.gate_x, top, "r", 15, color=muted, ha="center")

    def show(self, before: Values, gate: NDArray[np.bool_], after: Values) -> None:
        """Set the rows to what came, whether each unit was kept, and what left, each [units]."""
        scale, left, right = self.canvas.scale, self.gate_x - GAP, self.gate_x + GAP
        self.before.path = self._bars(left, -before)
        self.after.path = self._bars(right, after)
        centres = np.column_stack([np.full(len(self.ys), self.gate_x), self.ys]) * scale
        self.open.centres, self.shut.centres = centres[gate], centres[~gate]
        self.crosses.set_lines(crosses(centres[~gate], 0.6 * self.radius * scale))
        self.wires.set_lines(self._wires(gate))
        for words, value in zip(self.numbers[0], before, strict=True):
            words.set_text(f"{value:.2f}")
            words.x = (left - 6 - value * self.unit) * scale
        for words, value in zip(self.numbers[1], after, strict=True):
            words.set_text(f"{value:.2f}")
            words.x = (right + 6 + value * self.unit) * scale

    def _bars(self, start: float, values: Values) -> Path | None:
        """Bars of those lengths, from `start` on; none for a unit that is silent."""
        there = values != 0
        thick, lengths = THICK * self.pitch, values[there] * self.unit
        lefts = np.full(len(lengths), start)
        scale = self.canvas.scale
        ys = self.ys[there] - thick / 2
        return boxes(lefts * scale, ys * scale, lengths * scale, np.full(len(lengths), thick * scale))

    def _wires(self, gate: NDArray[np.bool_]) -> Points:
        """From each open gate to the right, float [open, 2, 2]: a dropped unit hands nothing on."""
        ends = np.array([self.gate_x + self.radius, self.gate_x + GAP])
        return np.array([[[x, y] for x in ends] for y in self.ys[gate]]).reshape(-1, 2, 2) * self.canvas.scale
