"""One number, large, and where it stands on a scale between what it should be and what it might be."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.artist import Artist
from matplotlib.lines import Line2D

from dropviz.charts.marks import Dots, Shape
from dropviz.charts.stage import Stage
from dropviz.layout import Box

HEIGHT = 122.0  # in points
NUMBER = 40.0  # size of the number
WIDEST = "00.000"
DOT = 8.0


class Gauge:
    """In `box`: name and code above, the number with what it is beside it, and below a scale from 0 to `end`.

    `words`: name, code, what the number is, and what it should be. `marks` are lines on the scale: what it should be,
    and dashed, what is expected of it.
    """

    def __init__(
        self,
        stage: Stage,
        box: Box,
        words: tuple[str, str, str, str],
        color: str,
        end: float,
        marks: Sequence[float],
    ) -> None:
        self.stage, self.box, self.end = stage, box, end
        name, code, what, note = words
        top = box.bottom + box.height
        self._text(box.left, top - 18, name, 19, box.width * 0.3, color=color, weight="bold")
        used = min(stage.width_of(name, 19, "bold"), box.width * 0.3)
        self._text(box.left + used + 14, top - 18, code, 16, box.width - used - 14, color=stage.theme.ink)
        beside = stage.width_of(WIDEST, NUMBER, "bold") + 8
        self._text(box.left + beside, top - 48, what, 16, box.width - beside, color=stage.theme.ink)
        self._text(box.left + beside, top - 71, note, 15, box.width - beside, color=stage.theme.muted)
        self.number = stage.words(box.left, top - 72, NUMBER, color=color, weight="bold")
        self._draw_scale(marks)
        self.needle = Shape(edge=color, width=6)
        self.dot = Dots(DOT * stage.scale, color, color)
        self.moving: Sequence[Artist] = [self.needle, self.dot, self.number]

    def _text(self, x: float, y: float, words: str, size: float, width: float, **style: str) -> None:
        shown, fits = self.stage.fitted(words, size, width, style.get("weight", "normal"))
        self.stage.text(x, y, shown, fits, **style)

    def _draw_scale(self, marks: Sequence[float]) -> None:
        theme, y = self.stage.theme, self._y
        right, expected = (self._across(mark) for mark in marks)
        ends = (self.box.left + DOT, y), (self.box.left + self.box.width - DOT, y)
        self._draw_line(ends, theme.faint, 6, "solid")
        self._draw_line(((expected, y - 16), (expected, y + 16)), theme.muted, 2.4, "dotted")
        self._draw_line(((right, y - 16), (right, y + 16)), theme.ink, 2.4, "solid")

    def _draw_line(
        self, ends: Sequence[tuple[float, float]], color: str, width: float, dash: Literal["solid", "dotted"]
    ) -> None:
        line = Line2D(*zip(*ends, strict=True), color=color, linewidth=width, linestyle=dash)
        line.set_transform(self.stage.points())
        self.stage.figure.add_artist(line)

    @property
    def _y(self) -> float:
        return self.box.bottom + 17

    def _across(self, value: float) -> float:
        """Where a value stands on the scale, in points."""
        share = min(max(value / self.end, 0.0), 1.0)
        return self.box.left + DOT + share * (self.box.width - 2 * DOT)

    def show(self, value: float, said: str) -> None:
        """Set the needle to a value, and the number to what is said."""
        start, tip, y = (self.stage.scale * each for each in (self._across(0), self._across(value), self._y))
        self.needle.set_lines(np.array([[[start, y], [tip, y]]]))
        self.dot.centres = np.array([[tip, y]])
        self.number.set_text(said)
