"""Drawing of a chart as pages of vectors: one figure, set to each frame in turn."""

from collections.abc import Iterator
from dataclasses import dataclass

from matplotlib.artist import Artist
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure

from dropviz.charts.base.chart import Chart

TOP_ZORDER = 1_000.0


@dataclass(frozen=True, eq=False)
class Page:
    """Figure of one frame, valid until the next page is drawn; `duration` in 1/100 s."""

    figure: Figure
    duration: int


class _MovingArtists(Artist):
    """Trail and moving artists of a chart as one artist, above all others."""

    def __init__(self, chart: Chart) -> None:
        super().__init__()
        self.set_zorder(TOP_ZORDER)
        self._artists = (*chart.trail, *chart.moving)

    def draw(self, renderer: RendererBase) -> None:
        """Draw the trail, then the moving artists."""
        for artist in self._artists:
            artist.draw(renderer)


def draw_pages(chart: Chart) -> Iterator[Page]:
    """Yield a page for each frame of the chart's timeline. Adds an artist to the chart's figure."""
    chart.figure.add_artist(_MovingArtists(chart))
    for index, duration in chart.timeline:
        chart.show(index)
        yield Page(chart.figure, duration)
