"""A chart as vectors: what never changes, a trail that is uncovered, and marks with the frames that show them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from dropviz.charts.base.chart import Chart
from dropviz.drawing.pen import Mark, Pen, Rectangle

# Frames from `start` up to, and not with, `end`.
Runs = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Scene:
    """Made by `read_scene`. Lengths in pixels, from the top left corner.

    prefix     begins every id and class in it, and differs between scenes that may stand on one page
    clips      rectangles (left, top, width, height); the id of number n is prefix + "c" + n
    still      what never changes
    trail      drawn whole, and shown as far as `fronts` says, one for each frame
    moving     for each artist, its marks, and in which frames each is seen
    durations  of each frame, in 1/100 s
    """

    size: tuple[int, int]
    prefix: str
    clips: tuple[Rectangle, ...]
    still: tuple[Mark, ...]
    trail: tuple[Mark, ...]
    fronts: tuple[float, ...]
    moving: tuple[tuple[tuple[Mark, Runs], ...], ...]
    durations: tuple[int, ...]


def read_scene(chart: Chart, about: str) -> Scene:
    """Read a chart on a stage of scale 1, moment by moment; `about` is what makes it differ from others."""
    pen = Pen(chart.canvas.size, _prefix(chart, about))
    still = pen.take(chart.figure)
    chart.show(chart.timeline.indices[-1])
    trail = [mark for artist in chart.trail for mark in pen.take(artist)]
    moving = _watch(chart, pen)
    # The last moment shows the whole trail: caps and dots reach a little beyond its front.
    fronts = [*(chart.front(index) for index in chart.timeline.indices[:-1]), float(chart.canvas.size[0])]
    return Scene(
        size=chart.canvas.size,
        prefix=pen.prefix,
        clips=tuple(pen.clips),
        still=tuple(still),
        trail=tuple(trail),
        fronts=tuple(fronts),
        moving=moving,
        durations=chart.timeline.durations,
    )


def _prefix(chart: Chart, about: str) -> str:
    told = repr((about, chart.canvas.size, chart.canvas.theme, chart.timeline))
    return "d" + hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:5] + "-"


def _watch(chart: Chart, pen: Pen) -> tuple[tuple[tuple[Mark, Runs], ...], ...]:
    seen: list[dict[Mark, list[int]]] = [{} for _ in chart.moving]
    before = None
    for frame, index in enumerate(chart.timeline.indices):
        chart.show(index, before)
        for artist, marks in zip(chart.moving, seen, strict=True):
            _note(marks, pen.take(artist), frame)
        before = index
    return tuple(tuple((mark, runs_of(frames)) for mark, frames in marks.items()) for marks in seen)


def _note(marks: dict[Mark, list[int]], found: Sequence[Mark], frame: int) -> None:
    for mark in found:
        frames = marks.setdefault(mark, [])
        if not frames or frames[-1] != frame:
            frames.append(frame)


def runs_of(frames: Sequence[int]) -> Runs:
    """Ascending frames as runs: 3, 4, 5, 9 are those from 3 up to 6, and from 9 up to 10."""
    runs: list[tuple[int, int]] = []
    for frame in frames:
        if runs and runs[-1][1] == frame:
            runs[-1] = (runs[-1][0], frame + 1)
        else:
            runs.append((frame, frame + 1))
    return tuple(runs)
