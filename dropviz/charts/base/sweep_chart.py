"""Base of charts of sweeps: error at the end of training, along the values of a field."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator
from numpy.typing import NDArray

from dropviz.analysis.captions import facts
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.statistics import sd_over_runs
from dropviz.analysis.sweeps import sweep_iterations
from dropviz.charts.base.artists import Dots, MovingText
from dropviz.charts.base.axes import make_axes, share_range
from dropviz.charts.base.canvas import SMALL, SMOOTH, TEXT, Canvas
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box, keep_apart, spread_apart
from dropviz.charts.base.growing_line import GrowingLine
from dropviz.charts.base.timeline import Pace, paced, spread
from dropviz.style.theme import ArmStyle, blend

FRAMES, PLACES = 120, 241  # of the animation; and on the axis, from its first value to its last
LEFT, BOTTOM = 74.0, 58.0  # room for the axes, in points
LABEL_GAP, LABEL_PITCH = 14.0, 26.0  # from the end of a line to its name, and from name to name, in points
APART = 8.0  # between the labels of two values, in points
CONTEXT = 0.6  # width of a line of context, as a factor
NEAR = 1e-9  # of places that are the same

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SweepLine:
    """Errors along the values of a field.

    x           float [points], ascending
    errors      float [runs, points], shares from 0 to 1, at the end of training
    style       of the line
    dots        colour of each point
    is_context  True for a thin line without band
    """

    name: str
    x: Values
    errors: Values
    style: ArmStyle
    dots: Sequence[str]
    is_context: bool = False

    @property
    def mean(self) -> Values:
        """Mean over runs, float [points]."""
        return np.asarray(self.errors.mean(axis=0))

    @property
    def sd(self) -> Values:
        """Standard deviation over runs, float [points]; 0 of a single run."""
        return sd_over_runs(self.errors)


class LineArtists:
    """Artists of one line: mean and band up to a place on the axis, a dot at each point, and its name at the end."""

    def __init__(self, canvas: Canvas, line: SweepLine, axes: Axes, places: Values, room: float) -> None:
        self.line = line
        scale = axes.xaxis.get_transform().transform
        mean, sd = (np.interp(scale(places), scale(line.x), values) for values in (line.mean, line.sd))
        self.trace = GrowingLine(canvas, places, mean, 0 * sd if line.is_context else sd, line.style)
        self.trace.thickness = CONTEXT if line.is_context else 1.0
        self.trace.place(axes)
        self.points: Values = axes.transData.transform(np.column_stack([line.x, line.mean]))
        radius = 6.0 * canvas.scale * self.trace.thickness
        self.dots = {color: Dots(radius, color, color, marker=line.style.strokes.marker) for color in line.dots}
        words, size = canvas.fitted(line.name, TEXT, room, "bold")
        self.name = canvas.moving_text(0, 0, size, color=line.style.color, weight="bold", middle=True)
        self.name.set_text(words)

    @property
    def moving(self) -> list[Artist]:
        """The artists that are drawn over the trail."""
        return [*self.dots.values(), self.trace.head, self.name]

    def show(self, place: int, column: int) -> None:
        """Draw the line up to a place on the axis."""
        self.trace.show(place, column)
        for shape in (self.trace.line, self.trace.band):
            if shape.path is not None:
                shape.path.should_simplify = False  # parts drawn apart would differ from the line as a whole
        reached = self.points[:, 0] <= self.trace.points[place, 0] + NEAR
        for color, dots in self.dots.items():
            dots.centres = self.points[reached & (np.array(self.line.dots) == color)]


class SweepChart(Chart):
    """Error at the end of training along the values of a field: lines that grow from the first value to the last.

    kind   kind of the numbers on the x axis, as in `make_axes`
    head   height kept free above the axes, in points
    wide   width of what is above or below a value, in points, if it is wider than the label of the value
    """

    together = True
    kind: ClassVar[str] = "plain"
    head: ClassVar[float] = 8.0
    wide: ClassVar[float] = 0.0

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if the arms differ in seeds, or one has no snapshots.

        A subclass also checks that the arms are a sweep of its field.
        """
        _ = comparison.seeds
        sweep_iterations(comparison)

    def settings(self) -> str:
        """Return the settings, and that bands are drawn."""
        return facts(self.comparison.experiment, self.comparison.seeds, self.canvas.labels)

    def build(self, frames: int | None, pace: Pace) -> None:
        """Make the artists and the timeline."""
        canvas, self.sweep = self.canvas, self.make_lines()
        self.values: Values = np.unique(np.concatenate([line.x for line in self.sweep]))
        self._room = min(max(canvas.width_of(each.name, TEXT, "bold") for each in self.sweep), 0.3 * canvas.width)
        self.axes = self._make_axes()
        self.places = self._make_places()
        self.timeline = paced(spread(len(self.places), frames or FRAMES), pace)
        self.lines = [LineArtists(canvas, line, self.axes, self.places, self._room) for line in self.sweep]
        context = [each for each in self.lines if each.line.is_context]
        drawn = [*context, *(each for each in self.lines if each not in context)]
        for number, each in enumerate(drawn):
            if hidden := sum(each.trace.hides(other.trace) for other in drawn[:number]):
                each.trace.interrupt(hidden)
        bands: list[Artist] = [each.trace.band for each in drawn if each not in context]
        self.trail: Sequence[Artist] = [*bands, *(each.trace.line for each in drawn)]
        self.moving: Sequence[Artist] = [artist for each in drawn for artist in each.moving]
        self.inks = self._inks()

    def make_lines(self) -> list[SweepLine]:
        """Return the lines to draw. Raises RecordingError if the arms are no such sweep."""
        raise NotImplementedError

    def _make_axes(self) -> Axes:
        content, canvas = self.content, self.canvas
        width = content.width - LEFT - self._room - LABEL_GAP
        box = Box(content.left + LEFT, content.bottom + BOTTOM, width, content.height - BOTTOM - self.head)
        words = canvas.labels(f"{self.key} axis"), canvas.labels("error off axis")
        axes = make_axes(canvas, box, *words, (self.kind, "percent"))
        low = min((line.mean - line.sd).min() for line in self.sweep)
        high = max((line.mean + line.sd).max() for line in self.sweep)
        axes.set_ylim(*share_range(low, high, 0.06))
        axes.set_xlim(self.values[0], self.values[-1])
        self.labelled = self._choose_labels(axes)
        axes.xaxis.set_major_locator(FixedLocator(self.labelled))
        return axes

    def _choose_labels(self, axes: Axes) -> list[float]:
        """Return the values whose labels have room below the axis."""
        canvas, values, write = self.canvas, self.values.tolist(), axes.xaxis.get_major_formatter()
        places = axes.transData.transform([(value, 0.5) for value in values])[:, 0] / canvas.scale
        widths = [max(canvas.width_of(write(value), SMALL), self.wide) for value in values]
        return [values[number] for number in keep_apart(places.tolist(), widths, APART)]

    def _make_places(self) -> Values:
        """Return places on the axis, all values among them, as far from each other as they are drawn."""
        transform = self.axes.xaxis.get_transform()
        ends = transform.transform(self.values)
        even = np.linspace(ends[0], ends[-1], PLACES)
        step = even[1] - even[0]
        between = even[np.abs(even[:, None] - ends).min(axis=1) > step / 2]
        places = transform.inverted().transform(between)
        return np.sort(np.concatenate([places, self.values]))

    def _inks(self) -> dict[str, int]:
        theme, pale = self.canvas.theme, [self.canvas.theme.background]
        for line in self.sweep:
            pale += [blend(line.style.color, under, theme.band_opacity) for under in pale if not line.is_context]
        colors = [color for line in self.sweep for color in (line.style.color, *line.dots)]
        smooth = dict.fromkeys([theme.ink, theme.muted, *colors], SMOOTH)
        return smooth | dict.fromkeys([theme.faint, *pale], 1)

    def reached(self, index: int) -> float:
        """Return the last value of the field up to the place `index`."""
        return float(self.values[self.values <= self.places[index] + NEAR][-1])

    def update(self, index: int, before: int | None = None) -> None:
        """Draw all lines up to the place `index`, with their names at their ends."""
        column = 0 if before is None else self.settled(before)
        for line in self.lines:
            line.show(index, column)
        self._place_names(index)

    def _place_names(self, index: int) -> None:
        scale, frame = self.canvas.scale, self.axes.bbox
        heights = [float(line.trace.points[index, 1]) / scale for line in self.lines]
        low, high = frame.y0 / scale + LABEL_PITCH / 2, frame.y1 / scale
        for line, height in zip(self.lines, spread_apart(heights, LABEL_PITCH, low, high), strict=True):
            line.name.x, line.name.y = self.front(index) + LABEL_GAP * scale, round(height * scale)

    def front(self, index: int) -> float:
        """Return where the lines end at `index`, in pixels from the left."""
        return float(self.lines[0].trace.points[index, 0])


def value_text(
    canvas: Canvas, x: float, y: float, color: str = "", align: str = "center", weight: str = "bold"
) -> MovingText:
    """Return an empty text of a value, at a place in pixels."""
    return canvas.moving_text(x / canvas.scale, y / canvas.scale, TEXT, align, color, weight)
