"""Gates of units in a column, with the activations before and after them, and the averages of both."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.path import Path
from numpy.typing import NDArray

from dropviz.charts.base.artists import Dots, MovingText, Points, Shape, boxes
from dropviz.charts.base.canvas import SMALL, TEXT, Canvas
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.network_units import crosses
from dropviz.style.labels import decimal

RADIUS = 20.0  # of a gate, in points
NAME, NUMBER, GAP = 104.0, 50.0, 30.0  # widths: of a name, of a number up to 100, beside a gate, in points
BESIDE = 8.0  # space between a bar and its number, in points
HEADS, APART = 30.0, 16.0  # height of the heads, and of the space above the averages, in points
MAX_PITCH = 150.0  # distance of rows, in points
THICKNESS, MAX_THICKNESS = 0.5, 56.0  # of bars, as a share of a row, and in points

Values = NDArray[np.floating]


class Gates:
    """A row for each unit: a bar for what comes, the gate, and a bar for what leaves; below, a row for the averages.

    names   of the units
    limits  largest numbers left and right of the gates
    """

    def __init__(self, canvas: Canvas, box: Box, names: Sequence[str], limits: tuple[float, float], color: str) -> None:
        self.canvas, self.box, theme, scale = canvas, box, canvas.theme, canvas.scale
        self.number = max(NUMBER, canvas.width_of(decimal(max(limits)), TEXT, "bold") + BESIDE)
        self._place(len(names) + 1, *limits)
        for name, y in zip(names, self.ys, strict=False):
            words, size = canvas.fitted(name, SMALL, NAME - 6)
            canvas.text(box.left, y, words, size, color=theme.muted, va="center_baseline")
        self._draw_heads()
        self.before, self.after = Shape(face=theme.outline), Shape(face=color)
        self.wires = Shape(edge=color, width=4)
        self.open = Dots(self.radius * scale, color, color, 1.6)
        self.shut = Dots(self.radius * scale, theme.background, theme.outline, 2.4)
        self.crosses = Shape(edge=theme.muted, width=3, cap="round")
        self.numbers = [
            [
                canvas.moving_text(0, y, TEXT, align, ink, weight="bold" * (ink == color) or "normal", middle=True)
                for y in self.ys
            ]
            for align, ink in (("right", theme.ink), ("left", color))
        ]
        bars = [self.before, self.after, self.wires, self.open, self.shut, self.crosses]
        self.moving: Sequence[Artist] = [*bars, *self.numbers[0], *self.numbers[1]]

    def _place(self, rows: int, before: float, after: float) -> None:
        """Set the scale of the bars and the places of the gates, in points."""
        box = self.box
        room = box.width - NAME - 2 * (self.number + GAP)
        self.unit = room / ((before + after) or 1)  # length of a bar for an activation of 1
        self.gate_x = box.left + NAME + self.number + before * self.unit + GAP
        self.pitch = min((box.height - HEADS - APART) / rows, MAX_PITCH)
        self.radius = min(RADIUS, 0.36 * self.pitch)
        self.top = box.bottom + (box.height + self.pitch * rows + HEADS + APART) / 2
        self.ys = self.top - HEADS - self.pitch * (np.arange(rows) + 0.5)
        self.ys[-1] -= APART

    def _draw_heads(self) -> None:
        """Draw the heads of both columns of bars and of the gates, and the line and name of the averages."""
        canvas, box, muted = self.canvas, self.box, self.canvas.theme.muted
        top = self.top - SMALL
        for key, x, align in (
            ("gate before", self.gate_x - GAP - 6, "right"),
            ("gate after", self.gate_x + GAP + 6, "left"),
        ):
            room = x - box.left if align == "right" else box.left + box.width - x
            words, size = canvas.fitted(canvas.labels(key), SMALL, room)
            canvas.text(x, top, words, size, color=muted, ha=align)
        line = Shape(edge=canvas.theme.muted, width=1.2)
        y = self.ys[-1] + (self.pitch + APART) / 2
        line.set_lines(np.array([[[box.left, y], [box.left + box.width, y]]]) * canvas.scale)
        canvas.figure.add_artist(line)
        lines = canvas.lines(canvas.labels("gate average"), SMALL, NAME - 6, 2, "bold")
        for number, words in enumerate(lines):
            y = self.ys[-1] + 1.2 * SMALL * ((len(lines) - 1) / 2 - number)
            canvas.text(box.left, y, words, SMALL, weight="bold", va="center_baseline")

    def show(self, before: Values, mask: NDArray[np.bool_], after: Values, averages: tuple[float, float]) -> None:
        """Set the rows to the activations before the gates, the gates, and the activations after them, each [units].

        averages  of the activations before the gates, and after them
        """
        scale, left, right = self.canvas.scale, self.gate_x - GAP, self.gate_x + GAP
        before, after = np.append(before, averages[0]), np.append(after, averages[1])
        self.before.path = self._bars(left, -before)
        self.after.path = self._bars(right, after)
        centres = np.column_stack([np.full(len(mask), self.gate_x), self.ys[: len(mask)]]) * scale
        self.open.centres, self.shut.centres = centres[mask], centres[~mask]
        self.crosses.set_lines(crosses(centres[~mask], 0.5 * self.radius * scale))
        self.wires.set_lines(self._wires(mask))
        self._write(self.numbers[0], before, (left - BESIDE - before * self.unit) * scale)
        self._write(self.numbers[1], after, (right + BESIDE + after * self.unit) * scale)

    @staticmethod
    def _write(texts: Sequence[MovingText], values: Values, xs: Values) -> None:
        for text, value, x in zip(texts, values, xs, strict=True):
            text.set_text(decimal(float(value)) if value else "0")
            text.x = x

    def _bars(self, start: float, values: Values) -> Path | None:
        """Return bars of these lengths from `start`; none for activations of 0."""
        is_active = values != 0
        thickness, lengths = min(THICKNESS * self.pitch, MAX_THICKNESS), values[is_active] * self.unit
        lefts = np.full(len(lengths), start)
        scale = self.canvas.scale
        ys = self.ys[is_active] - thickness / 2
        return boxes(lefts * scale, ys * scale, lengths * scale, np.full(len(lengths), thickness * scale))

    def _wires(self, mask: NDArray[np.bool_]) -> Points:
        """Return lines through each open gate, and to each shut one, float [lines, 2, 2]."""
        ends = np.array([self.gate_x + self.radius, self.gate_x + GAP])
        ys = self.ys[: len(mask)][mask]
        lines = [[[x, y] for x in self.gate_x + side * (ends - self.gate_x)] for y in ys for side in (-1, 1)]
        return np.array(lines).reshape(-1, 2, 2) * self.canvas.scale
