"""Drawing of a chart as pixels: one figure, one buffer; for each frame, only the moving artists are drawn."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from numpy.typing import NDArray

from dropviz.charts.base.artists import HATCH
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.timeline import POSTER

# Settings of the process, which do not affect the picture.
NOT_STYLE = ("backend", "backend_fallback", "interactive", "toolbar", "timezone", "webagg.port")


@dataclass(frozen=True, eq=False)
class Frame:
    """RGBA `pixels`, uint8 [height, width, 4], valid until the next frame is drawn; `duration` in 1/100 s."""

    pixels: NDArray[np.uint8]
    duration: int


def default_style() -> AbstractContextManager[None]:
    """Return a context with matplotlib's default style, whatever style the user has set."""
    style = {key: value for key, value in mpl.rcParamsDefault.items() if key not in NOT_STYLE}
    return mpl.rc_context({**style, "hatch.linewidth": HATCH})


def rasterise(chart: Chart) -> Iterator[Frame]:
    """Yield the frames of the chart's timeline, all in one buffer.

    The settled part of the trail is kept in the background. Raises TypeError if the figure has no Agg canvas.
    """
    renderer, pixels = _draw_background(chart)
    background = pixels.copy()
    if chart.timeline.poster:
        yield _poster(chart, renderer, pixels)
    before, done = None, 0
    for index, duration in chart.timeline:
        chart.show(index, before)
        np.copyto(pixels, background)
        _draw(chart.trail, renderer)
        settled = chart.settled(index)
        background[:, done:settled] = pixels[:, done:settled]
        _draw(chart.moving, renderer)
        yield Frame(pixels, duration)
        before, done = index, settled


def _poster(chart: Chart, renderer: RendererAgg, pixels: NDArray[np.uint8]) -> Frame:
    """Draw the finished picture in one piece, on the background that `pixels` hold."""
    chart.show(chart.timeline.indices[-1])
    _draw(chart.trail, renderer)
    _draw(chart.moving, renderer)
    return Frame(pixels, POSTER)


def last_frame(chart: Chart) -> NDArray[np.uint8]:
    """Return the pixels of the last frame, uint8 [height, width, 4], RGBA, identical to the end of the animation.

    All frames are drawn: a line drawn in one piece differs, where dashes and edges are rounded, from one that grew.
    """
    *_, last = rasterise(chart)
    return last.pixels


def _draw_background(chart: Chart) -> tuple[RendererAgg, NDArray[np.uint8]]:
    """Draw the figure without its moving artists; return the renderer and a view of its pixels."""
    canvas = chart.figure.canvas
    if not isinstance(canvas, FigureCanvasAgg):
        raise TypeError("the figure of a chart needs an Agg canvas")
    canvas.draw()
    return canvas.get_renderer(), np.asarray(canvas.buffer_rgba())


def _draw(artists: Sequence[Artist], renderer: RendererAgg) -> None:
    for artist in artists:
        artist.draw(renderer)
