"""Drawing of a chart as vectors: constant marks, the marks of its trail, and marks with the frames that show them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from dropviz.charts.base.chart import Chart
from dropviz.drawing.marks import Mark, MarkRenderer, Rectangle

# Frames from `start` up to, excluding, `end`, for each pair (start, end); ascending and apart.
Intervals = tuple[tuple[int, int], ...]
TimedMarks = tuple[tuple[Mark, Intervals], ...]


@dataclass(frozen=True)
class Scene:
    """Marks of a chart, from `read_scene`. Lengths are in pixels, from the top left corner.

    size       width and height
    prefix     start of every id and class, different for scenes that may be on one page
    clips      rectangles (left, top, width, height); the id of rectangle n is prefix + "c" + n
    still      marks that never change
    trail      marks of the whole trail, shown from the left up to the front of a frame
    fronts     front of the trail for each frame
    moving     for each moving artist, its marks and the intervals of frames that show them
    durations  of each frame, in 1/100 s
    """

    size: tuple[int, int]
    prefix: str
    clips: tuple[Rectangle, ...]
    still: tuple[Mark, ...]
    trail: tuple[Mark, ...]
    fronts: tuple[float, ...]
    moving: tuple[TimedMarks, ...]
    durations: tuple[int, ...]


def read_scene(chart: Chart, about: str) -> Scene:
    """Return the scene of a chart on a canvas of scale 1; `about` distinguishes its prefix from those of others."""
    renderer = MarkRenderer(chart.canvas.size, _prefix(chart, about))
    still = renderer.marks_of(chart.figure)
    chart.show(chart.timeline.indices[-1])
    trail = [mark for artist in chart.trail for mark in renderer.marks_of(artist)]
    moving = _moving_marks(chart, renderer)
    # The last frame shows the whole trail: caps and dots extend a little beyond its front.
    fronts = [*(chart.front(index) for index in chart.timeline.indices[:-1]), float(chart.canvas.size[0])]
    return Scene(
        size=chart.canvas.size,
        prefix=renderer.prefix,
        clips=tuple(renderer.clips),
        still=tuple(still),
        trail=tuple(trail),
        fronts=tuple(fronts),
        moving=moving,
        durations=chart.timeline.durations,
    )


def to_intervals(frames: Sequence[int]) -> Intervals:
    """Return ascending frames as intervals.

    >>> to_intervals([3, 4, 5, 9])
    ((3, 6), (9, 10))
    """
    result: list[tuple[int, int]] = []
    for frame in frames:
        if result and result[-1][1] == frame:
            result[-1] = (result[-1][0], frame + 1)
        else:
            result.append((frame, frame + 1))
    return tuple(result)


def _prefix(chart: Chart, about: str) -> str:
    key = repr((about, chart.canvas.size, chart.canvas.theme, chart.timeline))
    return "d" + hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:5] + "-"


def _moving_marks(chart: Chart, renderer: MarkRenderer) -> tuple[TimedMarks, ...]:
    """Return the marks of each moving artist, each with the frames that show it."""
    frames_of: list[dict[Mark, list[int]]] = [{} for _ in chart.moving]
    before = None
    for frame, index in enumerate(chart.timeline.indices):
        chart.show(index, before)
        for artist, frames in zip(chart.moving, frames_of, strict=True):
            for mark in dict.fromkeys(renderer.marks_of(artist)):
                frames.setdefault(mark, []).append(frame)
        before = index
    return tuple(tuple((mark, to_intervals(each)) for mark, each in frames.items()) for frames in frames_of)
