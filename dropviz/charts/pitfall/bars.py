"""Bars of the number that indicates a mistake: with the mistake, and without it, on one scale."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.artist import Artist

from dropviz.charts.base.artists import Points, Shape, boxes
from dropviz.charts.base.canvas import SMALL, TEXT, Canvas
from dropviz.charts.base.geometry import Box

NUMBER, MIN_NUMBER = 84.0, 40.0  # size of the numbers, in points
SIGN, NEAR = 20.0, 12.0  # side of a sign, and distance of a number from its bar, in points
MARK, TICK = 28.0, 12.0  # height of the words below the mark of the right value, and of the mark, in points
THICKNESS = 0.72  # of a bar, in sizes of a number


class BarEntry(NamedTuple):
    """Code beside a sign, a cross where it is wrong and a check mark where it is right, and the colour of its bar."""

    code: str
    is_wrong: bool
    color: str


class MistakeBars:
    """A row for each entry: sign and code, and below them a bar with its number; marks where all should end.

    end    number at the right end of the scale, which begins at 0
    right  number without the mistake, and its words
    widest written form of the widest number
    """

    def __init__(
        self, canvas: Canvas, box: Box, entries: Sequence[BarEntry], end: float, right: tuple[float, str], widest: str
    ) -> None:
        self.canvas, self.box = canvas, box
        size = min(NUMBER, 0.42 * (box.height - MARK) / len(entries), 0.18 * box.width)
        self.size = max(size, MIN_NUMBER)
        self.unit = (box.width - canvas.width_of(widest, self.size, "bold") - NEAR) / end
        self.thickness = THICKNESS * self.size
        row = min((box.height - MARK) / len(entries), 2.1 * self.size + 2 * TEXT)
        last = 1.6 * TEXT + 0.55 * self.size + 0.5 * self.thickness + TICK + MARK
        top = box.bottom + (box.height + row * (len(entries) - 1) + last) / 2
        tops = [top - number * row for number in range(len(entries))]
        self.ys = [self._draw_code(entry, top) for entry, top in zip(entries, tops, strict=True)]
        self._draw_mark(*right)
        self.bars = [Shape(face=entry.color) for entry in entries]
        self.numbers = [
            canvas.moving_text(0, y, self.size, color=entry.color, weight="bold", middle=True)
            for entry, y in zip(entries, self.ys, strict=True)
        ]
        self.moving: Sequence[Artist] = [*self.bars, *self.numbers]

    def _draw_code(self, entry: BarEntry, top: float) -> float:
        """Draw sign and code below `top`; return the middle of the bar below them, in points."""
        canvas, box = self.canvas, self.box
        left = box.left + SIGN + 12
        size = max(canvas.fit(entry.code, TEXT, box.width - SIGN - 12), SMALL)
        lines = canvas.lines(entry.code, size, box.width - SIGN - 12, 2)
        for number, line in enumerate(lines):
            canvas.text(left, top - size * (1 + 1.25 * number), line, size)
        sign = Shape(edge=entry.color, width=4, cap="round")
        sign.set_lines(_sign(entry.is_wrong, box.left, top - 0.95 * size) * canvas.scale)
        canvas.figure.add_artist(sign)
        return top - size * (1.6 + 1.25 * (len(lines) - 1)) - 0.55 * self.size

    def _draw_mark(self, value: float, words: str) -> None:
        """Draw a mark of the right value above and below each bar, and its words below."""
        canvas, box = self.canvas, self.box
        self.mark = value * self.unit
        x, half = box.left + self.mark, 0.5 * self.thickness
        ticks = [[[x, y + side * half], [x, y + side * (half + TICK)]] for y in self.ys for side in (-1, 1)]
        line = Shape(edge=canvas.theme.ink, width=3)
        line.set_lines(np.array(ticks) * canvas.scale)
        canvas.figure.add_artist(line)
        words, size = canvas.fitted(words, SMALL, box.width)
        side = canvas.width_of(words, size) / 2
        middle = min(max(x, box.left + side), box.left + box.width - side)
        canvas.text(middle, self.ys[-1] - half - TICK - 4 - size, words, size, ha="center")

    def show(self, values: Sequence[float], words: Sequence[str]) -> None:
        """Set the bars to values, and the numbers to `words`."""
        scale, left, thick = self.canvas.scale, self.box.left, self.thickness
        for bar, number, y, value, written in zip(self.bars, self.numbers, self.ys, values, words, strict=True):
            length = max(value * self.unit, 0.0)
            bar.path = boxes(*np.array([[left], [y - thick / 2], [max(length, 2.0)], [thick]]) * scale)
            number.set_text(written)
            number.x = self._number_x(length, written) * scale

    def _number_x(self, length: float, written: str) -> float:
        """Return the left edge of a number, in points: right of its bar, and of a mark that would cross it."""
        width = self.canvas.width_of(written, self.size, "bold")
        is_crossed = length < self.mark < length + NEAR + width
        return self.box.left + (self.mark if is_crossed else length) + NEAR


def _sign(is_wrong: bool, left: float, bottom: float) -> Points:
    """Return the lines of a cross, or of a check mark, in points, float [2, 2, 2]."""
    cross = [[[0.1, 0.0], [0.9, 0.8]], [[0.1, 0.8], [0.9, 0.0]]]
    check = [[[0.0, 0.35], [0.35, 0.0]], [[0.35, 0.0], [1.0, 0.85]]]
    sign: Points = np.array(cross if is_wrong else check) * SIGN + np.array([left, bottom])
    return sign
