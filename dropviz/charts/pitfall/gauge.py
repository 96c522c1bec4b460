"""A number in large type, with its place on a scale."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.artist import Artist
from matplotlib.lines import Line2D

from dropviz.charts.base.artists import Dots, Shape
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.geometry import Box

HEIGHT = 122.0  # of a gauge, in points
NUMBER = 40.0  # size of the number, in points
WIDEST = "00.000"
MIN_ASPECT = 10.0  # ratio of the width of the box to the size of the number
DOT = 8.0  # radius, in points
SMALL = 12.0  # type of words in several lines, in points


class Gauge:
    """Name and code of an arm, a number with its description, and a scale.

    words  name, code, description of the number, and its value without the mistake
    end    right end of the scale, which begins at 0
    marks  lines on the scale: the value without the mistake, and dotted, the value expected of the arm
    """

    def __init__(
        self,
        canvas: Canvas,
        box: Box,
        words: tuple[str, str, str, str],
        color: str,
        end: float,
        marks: Sequence[float],
    ) -> None:
        self.canvas, self.box, self.end = canvas, box, end
        name, code, what, note = words
        top = box.bottom + box.height
        self._text(box.left, top - 18, name, 19, box.width * 0.3, color=color, weight="bold")
        used = min(canvas.width_of(name, 19, "bold"), box.width * 0.3)
        self._text(box.left + used + 14, top - 18, code, 16, box.width - used - 14, color=canvas.theme.ink)
        size = min(NUMBER, box.width / MIN_ASPECT)
        beside = canvas.width_of(WIDEST, size, "bold") + 8
        self._describe(box.left + beside, top - 48, box.width - beside, what, note)
        self.number = canvas.moving_text(box.left, top - 72, size, color=color, weight="bold")
        self._draw_scale(marks)
        self.needle = Shape(edge=color, width=6)
        self.dot = Dots(DOT * canvas.scale, color, color)
        self.moving: Sequence[Artist] = [self.needle, self.dot, self.number]

    def _text(self, x: float, y: float, words: str, size: float, width: float, **style: str) -> None:
        shown, fits = self.canvas.fitted(words, size, width, style.get("weight", "normal"))
        self.canvas.text(x, y, shown, fits, **style)

    def _describe(self, x: float, y: float, width: float, what: str, note: str) -> None:
        """Draw the description, and below it the value without the mistake; in up to four lines where room is short."""
        canvas = self.canvas
        has_room = canvas.fit(what, 16, width) >= SMALL and canvas.fit(note, 15, width) >= SMALL
        lines = [(what, canvas.theme.ink), (note, canvas.theme.muted)]
        if not has_room:
            above = self._wrap(what, width, 3)
            below = self._wrap(note, width, 4 - len(above))
            lines = [*((line, canvas.theme.ink) for line in above), *((line, canvas.theme.muted) for line in below)]
        for number, (words, color) in enumerate(lines):
            height = y - 23 * number if has_room else y + 9 - 15 * number
            self._text(x, height, words, 16 - number if has_room else SMALL, width, color=color)

    def _wrap(self, words: str, width: float, max_lines: int) -> list[str]:
        """Return lines of small type; the last one has all that is left."""
        lines = self.canvas.wrap(words, SMALL, width)
        return [*lines[: max_lines - 1], " ".join(lines[max_lines - 1 :])] if len(lines) > max_lines else lines

    def _draw_scale(self, marks: Sequence[float]) -> None:
        theme, y = self.canvas.theme, self._y
        right, expected = (self._across(mark) for mark in marks)
        ends = (self.box.left + DOT, y), (self.box.left + self.box.width - DOT, y)
        self._draw_line(ends, theme.faint, 6, "solid")
        self._draw_line(((expected, y - 16), (expected, y + 16)), theme.muted, 2.4, "dotted")
        self._draw_line(((right, y - 16), (right, y + 16)), theme.ink, 2.4, "solid")

    def _draw_line(
        self, ends: Sequence[tuple[float, float]], color: str, width: float, dash: Literal["solid", "dotted"]
    ) -> None:
        line = Line2D(*zip(*ends, strict=True), color=color, linewidth=width, linestyle=dash)
        line.set_transform(self.canvas.points())
        self.canvas.figure.add_artist(line)

    @property
    def _y(self) -> float:
        return self.box.bottom + 17

    def _across(self, value: float) -> float:
        """Return the place of a value on the scale, in points."""
        share = min(max(value / self.end, 0.0), 1.0)
        return self.box.left + DOT + share * (self.box.width - 2 * DOT)

    def show(self, value: float, words: str) -> None:
        """Set the needle to a value, and the number to `words`."""
        start, tip, y = (self.canvas.scale * each for each in (self._across(0), self._across(value), self._y))
        self.needle.set_lines(np.array([[[start, y], [tip, y]]]))
        self.dot.centres = np.array([[tip, y]])
        self.number.set_text(words)
