"""Base of charts of sweeps: error against the value of a field, at one iteration after another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.path import Path
from numpy.typing import NDArray

from dropviz.analysis.comparison import Comparison
from dropviz.analysis.statistics import sd_over_runs
from dropviz.analysis.sweeps import sweep_iterations
from dropviz.charts.base.artists import Dots, Shape
from dropviz.charts.base.axes import make_axes
from dropviz.charts.base.canvas import SMALL, SMOOTH, Canvas
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.legend import Legend, LegendEntry
from dropviz.charts.base.timeline import paced, readable, spread, warmed_up
from dropviz.style.theme import Strokes

FRAMES = 120
SETTLED = 0.5  # the share of a run after which all lines lie within the axes
LEFT, BOTTOM, BETWEEN = 74.0, 58.0, 70.0  # room for the axes and between them, in points
TITLE = 30.0  # height of the title above them, in points


@dataclass(frozen=True, eq=False)
class SweepLine:
    """Values of a line of a sweep.

    x        float [points], ascending
    errors   float [runs, points, iterations], shares from 0 to 1
    colors   one for each point; the line has the last one
    is_test  True for a thick line
    shift    points of the layout by which the line is moved right, so that bars of two lines do not hide each other
    """

    name: str
    x: NDArray[np.float64]
    errors: NDArray[np.float64]
    colors: Sequence[str]
    strokes: Strokes
    is_test: bool = True
    shift: float = 0.0

    @property
    def mean(self) -> NDArray[np.float64]:
        """Mean over runs, float [points, iterations]."""
        mean: NDArray[np.float64] = self.errors.mean(axis=0)
        return mean

    @property
    def sd(self) -> NDArray[np.float64]:
        """Standard deviation over runs, float [points, iterations]; 0 of a single run."""
        return sd_over_runs(self.errors)

    @property
    def dash(self) -> tuple[float, ...]:
        """Lengths of dashes and gaps, in points."""
        return self.strokes.test if self.is_test else self.strokes.train

    @property
    def width(self) -> float:
        """Width of the line, in points."""
        return 4.0 if self.is_test else 2.2


class SweepPanel(NamedTuple):
    """One pair of axes: its title, "" for none, and its lines."""

    title: str
    lines: Sequence[SweepLine]


class LineArtists:
    """Artists of one line: its mean, a bar of one standard deviation to each side, and a dot for each point."""

    def __init__(self, canvas: Canvas, line: SweepLine, axes: Axes) -> None:
        self.mean, low, high = (
            self._pixels(axes, line.x, values) + np.array([line.shift * canvas.scale, 0])
            for values in (line.mean, line.mean - line.sd, line.mean + line.sd)
        )
        self._bars = np.stack([low, high], axis=2)
        self._colors, self._frame = np.array(line.colors), axes.bbox
        cap = "butt" if line.dash else "round"
        self.line = Shape(edge=line.colors[-1], width=line.width, dash=line.dash, cap=cap)
        self.line.clip = axes.bbox
        radius = (6 if line.is_test else 4) * canvas.scale
        self.bars = {color: Shape(edge=color, width=line.width / 2) for color in dict.fromkeys(line.colors)}
        self.dots = {color: Dots(radius, color, color, marker=line.strokes.marker) for color in self.bars}
        for bar in self.bars.values():
            bar.clip = axes.bbox
        self.artists: list[Artist] = [self.line, *self.bars.values(), *self.dots.values()]

    @staticmethod
    def _pixels(axes: Axes, x: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the places of values, float [points, iterations], in pixels: float [iterations, points, 2]."""
        points = np.stack(np.broadcast_arrays(x[:, None], values), axis=-1).transpose(1, 0, 2)
        pixels: NDArray[np.float64] = axes.transData.transform(points.reshape(-1, 2)).reshape(points.shape)
        return pixels

    def show(self, index: int) -> None:
        """Set the artists to `index`; what lies above the axes is cut off."""
        points, bars = self.mean[index], self._bars[index]
        self.line.path = Path(points)
        inside = (self._frame.y0 <= points[:, 1]) & (points[:, 1] <= self._frame.y1)
        for color in self.bars:
            has_color = self._colors == color
            self.bars[color].set_lines(bars[has_color])
            self.dots[color].centres = points[has_color & inside]


class SweepChart(Chart):
    """Error against the value of a field: lines that move as a whole while training goes on.

    kind   kind of the numbers on the x axis, as in `make_axes`
    room   height kept free above the axes of each panel, in points
    """

    together = True
    kind: ClassVar[str] = "plain"
    room: ClassVar[float] = 0

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if the arms differ in seeds, or one has no snapshots.

        A subclass also checks that the arms are a sweep of its field.
        """
        _ = comparison.seeds
        sweep_iterations(comparison)

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists and the timeline."""
        canvas = self.canvas
        self.seeds = self.comparison.seeds
        self.iterations = sweep_iterations(self.comparison)
        self.timeline = paced(spread(len(self.iterations), frames or FRAMES, warmed_up(self.iterations)), hold)
        self.text_index = readable(self.timeline)
        self.panels = self.make_panels()
        self.axes = self._make_axes()
        self.lines = [
            LineArtists(canvas, line, axes)
            for axes, panel in zip(self.axes, self.panels, strict=True)
            for line in reversed(panel.lines)
        ]
        self.trail: Sequence[Artist] = []
        self.moving: Sequence[Artist] = [artist for line in self.lines for artist in line.artists]
        theme = canvas.theme
        colors = [color for panel in self.panels for line in panel.lines for color in line.colors]
        self.inks = dict.fromkeys([theme.ink, theme.muted, *colors], SMOOTH) | {theme.faint: 1}

    def make_panels(self) -> list[SweepPanel]:
        """Return the panels to draw. Raises RecordingError if the arms are no such sweep."""
        raise NotImplementedError

    def _make_axes(self) -> list[Axes]:
        canvas, content = self.canvas, self.content
        lines = self.panels[0].lines
        entries = {each.name: LegendEntry(each.name, each.colors[-1], each.width, each.dash) for each in lines}
        legend = Legend(canvas, list(entries.values()), content.width - LEFT)
        legend.draw(content.left + LEFT, content.bottom + content.height)
        boxes = self._boxes(content.height - legend.height - 12)
        axes = [self._make_panel_axes(box, panel) for box, panel in zip(boxes, self.panels, strict=True)]
        self._fit(axes)
        return axes

    def _make_panel_axes(self, box: Box, panel: SweepPanel) -> Axes:
        canvas, labels = self.canvas, self.canvas.labels
        y = labels("error off axis") if box.left < self.content.left + LEFT + 1 else ""
        axes = make_axes(canvas, box, labels(f"{self.key} axis"), y, (self.kind, "percent"))
        title, size = canvas.fitted(panel.title, SMALL, box.width, "bold")
        canvas.text(box.left, box.bottom + box.height + 8 + self.room, title, size, weight="bold")
        return axes

    def _boxes(self, top: float) -> list[Box]:
        """Return the boxes of the panels: side by side, or in a picture higher than wide, one above the other."""
        content, count, title = self.content, len(self.panels), TITLE * bool(self.panels[0].title) + self.room
        columns = count if content.width > content.height else 1
        rows = count // columns
        width = (content.width - LEFT - BETWEEN * (columns - 1)) / columns
        height = top / rows
        return [
            Box(
                content.left + LEFT + (width + BETWEEN) * column,
                content.bottom + top - height * (row + 1) + BOTTOM,
                width,
                height - BOTTOM - title,
            )
            for row in range(rows)
            for column in range(columns)
        ]

    def _fit(self, axes: Sequence[Axes]) -> None:
        """Set the same limits in all panels, so that they can be compared."""
        settled = self.iterations >= SETTLED * self.iterations[-1]
        lines = [line for panel in self.panels for line in panel.lines]
        low = min((line.mean - line.sd)[:, settled].min() for line in lines)
        high = max((line.mean + line.sd)[:, settled].max() for line in lines)
        margin = max(0.05 * (high - low), 0.002)
        for each, panel in zip(axes, self.panels, strict=True):
            each.set_ylim(max(low - margin, -margin / 4), high + margin)
            self._fit_x(each, np.concatenate([line.x for line in panel.lines]))

    def _fit_x(self, axes: Axes, x: NDArray[np.float64]) -> None:
        margin = 0.04 * (x.max() - x.min()) or 0.1
        axes.set_xlim(x.min() - margin, x.max() + margin)

    def update(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # every line moves as a whole
        """Draw all lines as they were at `index`."""
        for line in self.lines:
            line.show(index)

    def counter(self, index: int) -> str:
        """Return the iteration of the written values at `index`."""
        return self.canvas.iteration(self.iterations, self.text_index[index])
