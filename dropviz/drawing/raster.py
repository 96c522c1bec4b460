"""From a chart to pixels: one figure, one canvas, and only the moving artists drawn anew for each frame."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from numpy.typing import NDArray

from dropviz.charts.base.chart import Chart


@dataclass(frozen=True, eq=False)
class Frame:
    """`pixels` uint8 [height, width, 4], RGBA, is valid until the next frame is asked for; `duration` in 1/100 s."""

    pixels: NDArray[np.uint8]
    duration: int


def default_style() -> AbstractContextManager[None]:
    """matplotlib's own defaults, whatever style the user has set: a recording looks the same everywhere."""
    kept = ("backend", "backend_fallback", "interactive", "toolbar", "timezone", "webagg.port")
    return mpl.rc_context({key: value for key, value in mpl.rcParamsDefault.items() if key not in kept})


def rasterise(chart: Chart) -> Iterator[Frame]:
    """Draw the chart's timeline, frame after frame, into one buffer."""
    renderer, pixels = _draw_still(chart)
    still = pixels.copy()
    before, done = None, 0
    for index, duration in chart.timeline:
        chart.show(index, before)
        np.copyto(pixels, still)
        _draw(chart.trail, renderer)
        settled = chart.settled(index)
        still[:, done:settled] = pixels[:, done:settled]
        _draw(chart.moving, renderer)
        yield Frame(pixels, duration)
        before, done = index, settled


def last_frame(chart: Chart) -> NDArray[np.uint8]:
    """The chart at its last moment, uint8 [height, width, 4], RGBA: to the last pixel, what its animation ends with.

    A line that is drawn at once differs, where dashes and edges are rounded, from one that grew.
    """
    *_, last = rasterise(chart)
    return last.pixels


def _draw_still(chart: Chart) -> tuple[RendererAgg, NDArray[np.uint8]]:
    """Draw what never changes; the renderer, and its pixels."""
    canvas = chart.figure.canvas
    if not isinstance(canvas, FigureCanvasAgg):
        raise TypeError("a chart draws on the Agg canvas of its stage")
    canvas.draw()
    return canvas.get_renderer(), np.asarray(canvas.buffer_rgba())


def _draw(artists: Sequence[Artist], renderer: RendererAgg) -> None:
    for artist in artists:
        artist.draw(renderer)
