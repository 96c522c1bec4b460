"""Samples of lines for legends."""

from typing import NamedTuple

from matplotlib.lines import Line2D

from dropviz.charts.base.canvas import Canvas


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
