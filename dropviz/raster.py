"""From a chart to pixels: one figure, one canvas, and only the moving artists drawn anew for each frame."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from numpy.typing import NDArray

from dropviz.charts.stage import Chart


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
    canvas = chart.figure.canvas
    if not isinstance(canvas, FigureCanvasAgg):
        raise TypeError("a chart draws on the Agg canvas of its stage")
    canvas.draw()
    still = canvas.copy_from_bbox(chart.figure.bbox)
    pixels = np.asarray(canvas.buffer_rgba())
    for moment, duration in chart.timeline:
        chart.show(moment)
        canvas.restore_region(still)
        for artist in chart.moving:
            chart.figure.draw_artist(artist)
        yield Frame(pixels, duration)
