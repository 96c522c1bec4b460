"""From a chart to pages of lines and letters: one figure, on which everything is set to one moment after the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from matplotlib.artist import Artist
from matplotlib.figure import Figure

from dropviz.charts.base.chart import Chart

ABOVE_ALL = 1_000.0


@dataclass(frozen=True, eq=False)
class Page:
    """`figure` is valid until the next page is asked for; `duration` in 1/100 s."""

    figure: Figure
    duration: int


class Moving(Artist):
    """What moves on a chart, as one artist over all that does not."""

    def __init__(self, chart: Chart) -> None:
        super().__init__()
        self.set_zorder(ABOVE_ALL)
        self._parts = (*chart.trail, *chart.moving)

    def draw(self, renderer: Any) -> None:
        """Draw the trail, and what moves over it."""
        for part in self._parts:
            part.draw(renderer)


def draw_pages(chart: Chart) -> Iterator[Page]:
    """Set the chart to each moment of its timeline."""
    chart.figure.add_artist(Moving(chart))
    for index, duration in chart.timeline:
        chart.show(index)
        yield Page(chart.figure, duration)
