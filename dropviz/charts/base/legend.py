"""Legend of lines: samples and names in a row, or below each other where the row is too long."""

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.lines import Line2D

from dropviz.charts.base.canvas import Canvas

SAMPLE, NEAR, GAP = 40.0, 8.0, 26.0  # length of a sample, space after it, and space after its name, in points
SIZE, PITCH = 17.0, 24.0  # type size, and distance of rows, in points


class LegendEntry(NamedTuple):
    """Name, colour, width and dashes of a line."""

    name: str
    color: str
    width: float
    dash: tuple[float, ...] = ()


def draw_sample(canvas: Canvas, left: float, y: float, length: float, entry: LegendEntry) -> None:
    """Draw a sample of a line on the figure, at a place in points."""
    ends = [left, left + length]
    line = Line2D(ends, [y, y], color=entry.color, linewidth=entry.width, transform=canvas.points())
    if entry.dash:
        line.set_dashes([dash / entry.width for dash in entry.dash])
    canvas.figure.add_artist(line)


class Legend:
    """Entries in at most `width` points; `height` is that of all rows."""

    def __init__(self, canvas: Canvas, entries: Sequence[LegendEntry], width: float) -> None:
        self._canvas, self._entries, self._width = canvas, entries, width
        self._widths = [SAMPLE + NEAR + canvas.width_of(entry.name, SIZE, "bold") + GAP for entry in entries]
        self._in_a_row = sum(self._widths) <= width
        self.height = PITCH * (1 if self._in_a_row else len(entries))

    def draw(self, left: float, top: float) -> None:
        """Draw the entries below the height `top`."""
        y = top - PITCH / 2
        for entry, width in zip(self._entries, self._widths, strict=True):
            self._draw(entry, left, y)
            left, y = (left + width, y) if self._in_a_row else (left, y - PITCH)

    def _draw(self, entry: LegendEntry, left: float, y: float) -> None:
        canvas = self._canvas
        draw_sample(canvas, left, y, SAMPLE, entry)
        words, size = canvas.fitted(entry.name, SIZE, self._width - SAMPLE - NEAR, "bold")
        at = left + SAMPLE + NEAR
        canvas.text(at, y, words, size, color=entry.color, weight="bold", verticalalignment="center_baseline")
