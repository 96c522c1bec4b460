"""What charts of a sweep have in common: error against a setting, at one recorded moment of training after another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.path import Path
from numpy.typing import NDArray

from dropviz.analysis.captions import facts
from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.analysis.statistics import sd_over_runs
from dropviz.charts.base.answer_lines import AnswerLines
from dropviz.charts.base.artists import Dots, Shape
from dropviz.charts.base.axes import make_axes
from dropviz.charts.base.canvas import SMOOTH, Canvas
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.legend import Legend, LegendEntry
from dropviz.charts.base.timeline import paced, readable, spread, warmed_up
from dropviz.errors import RecordingError
from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment
from dropviz.style.labels import Labels
from dropviz.style.theme import Strokes

FRAMES = 120
SETTLED = 0.5  # the share of a run after which all that is drawn lies within the axes
LEFT, RIGHT, BOTTOM, BETWEEN = 96, 40, 76, 76  # around the axes, in points
TITLE = 30  # height of what stands above them


Pairs = dict[Any, tuple[ArmRuns, ArmRuns]]


@dataclass(frozen=True, eq=False)
class SweepLine:
    """A line of a sweep: at `x`, float [points] in ascending order, `errors`, float [runs, points, moments].

    `colors` has one for each point: the line has that of the last. All is drawn `shift` points to the right, so that
    bars of lines that meet do not hide each other.
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
        """The mean over runs, float [points, moments]."""
        mean: NDArray[np.float64] = self.errors.mean(axis=0)
        return mean

    @property
    def sd(self) -> NDArray[np.float64]:
        """The standard deviation over runs, float [points, moments]; 0 for a single run."""
        return sd_over_runs(self.errors)

    @property
    def dash(self) -> tuple[float, ...]:
        """Its dashes, in points."""
        return self.strokes.test if self.is_test else self.strokes.train

    @property
    def width(self) -> float:
        """Of its line, in points."""
        return 4.0 if self.is_test else 2.2


class SweepPanel(NamedTuple):
    """One pair of axes: its title, "" for none, and its lines."""

    title: str
    metric: Sequence[SweepLine]


def sweep_setting(arm: ArmRuns) -> tuple[Arm, Experiment]:
    """What an arm says, and the experiment with what is its own put in; RecordingError if it is of none."""
    experiment = arm.runs[0].experiment
    if experiment is None:
        raise RecordingError(
            f"the recordings of arm {arm.name!r} are of a training loop of its own: no settings to draw"
        )
    own = experiment.arm(arm.name)
    return own, experiment.of(own)


def sweep_iterations(comparison: Comparison) -> NDArray[np.int64]:
    """The iterations that are drawn: the snapshots of the longest runs, from where on all runs have one."""
    if not all(len(arm.iterations) for arm in comparison.arms):
        raise RecordingError("the recordings hold no snapshots: there is no error to draw")
    longest: NDArray[np.int64] = max((arm.iterations for arm in comparison.arms), key=len)
    from_first: NDArray[np.int64] = longest[longest >= max(arm.iterations[0] for arm in comparison.arms)]
    return from_first


def errors_of(arm: ArmRuns, iterations: NDArray[np.int64], metric: str = "test_accuracy") -> NDArray[np.float64]:
    """The share of wrong answers, float [runs, moments], at the latest snapshot at or before each iteration."""
    latest = np.searchsorted(arm.iterations, iterations, side="right") - 1
    return 1 - arm.values(metric)[:, latest]


def pair_arms(comparison: Comparison, setting: str) -> Pairs:
    """By the value of a setting, in ascending order, the arm without dropout and the one with.

    RecordingError if the arms are no such pairs, at least two of them.
    """
    found: dict[Any, dict[bool, ArmRuns]] = {}
    for arm in comparison.arms:
        value = getattr(sweep_setting(arm)[1], setting)
        if value is None:
            raise RecordingError(f"arm {arm.name!r} says no {setting}: it has no place in this chart")
        if found.setdefault(value, {}).setdefault(arm.has_noise, arm) is not arm:
            twin = found[value][arm.has_noise].name
            raise RecordingError(f"arms {twin!r} and {arm.name!r} both have {setting} {value}: draw one")
    if len(found) < 2 or any(len(pair) < 2 for pair in found.values()):
        raise RecordingError(
            f"this chart wants an arm with dropout and one without for two or more values of {setting}"
        )
    return {value: (pair[False], pair[True]) for value, pair in sorted(found.items())}


def pair_names(pairs: Pairs, labels: Labels) -> tuple[str, str]:
    """What the arms without dropout are called together, and those with."""
    own = {sweep_setting(arm)[0].spread_evenly() for _, arm in pairs.values()}
    rates = {arm.per_layer for arm in own}
    said = "/".join(f"{rate:g}" for rate in rates.pop()) if len(rates) == 1 else ""
    on_input = {arm.input_drop_prob for arm in own}
    if on_input == {0.0} or len(on_input) > 1:
        return labels("without dropout"), labels("with dropout", rates=said).strip()
    return labels("without dropout"), labels("with dropout on input", rates=said, on_input=on_input.pop())


def counter_width(canvas: Canvas, iterations: NDArray[np.int64]) -> float:
    """How many points the words "iteration ... of ..." take, and the space before them."""
    return canvas.width_of(canvas.iteration(iterations, -1), 18) + 20


def units(hidden: tuple[int, ...]) -> str:
    """The hidden layers, like 256-256."""
    return "-".join(map(str, hidden))


class Line:
    """The marks of one series: its mean, a bar of one standard deviation to each side, and a dot for each point."""

    def __init__(self, canvas: Canvas, metric: SweepLine, axes: Axes) -> None:
        self.mean, low, high = (
            self._pixels(axes, metric.x, values) + np.array([metric.shift * canvas.scale, 0])
            for values in (metric.mean, metric.mean - metric.sd, metric.mean + metric.sd)
        )
        self._bars = np.stack([low, high], axis=2)
        self._colors, self._frame = np.array(metric.colors), axes.bbox
        dash = metric.dash
        self.line = Shape(edge=metric.colors[-1], width=metric.width, dash=dash, cap="butt" if dash else "round")
        self.line.clip = axes.bbox
        radius = (6 if metric.is_test else 4) * canvas.scale
        self.bars = {color: Shape(edge=color, width=metric.width / 2) for color in dict.fromkeys(metric.colors)}
        self.dots = {color: Dots(radius, color, color, marker=metric.strokes.marker) for color in self.bars}
        for bar in self.bars.values():
            bar.clip = axes.bbox
        self.artists: list[Artist] = [self.line, *self.bars.values(), *self.dots.values()]

    @staticmethod
    def _pixels(axes: Axes, x: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where values, float [points, moments], stand: float [moments, points, 2]."""
        points = np.stack(np.broadcast_arrays(x[:, None], values), axis=-1).transpose(1, 0, 2)
        pixels: NDArray[np.float64] = axes.transData.transform(points.reshape(-1, 2)).reshape(points.shape)
        return pixels

    def show(self, index: int) -> None:
        """Set the marks to a moment; what lies above the axes is cut off."""
        points, bars = self.mean[index], self._bars[index]
        self.line.path = Path(points)
        inside = (self._frame.y0 <= points[:, 1]) & (points[:, 1] <= self._frame.y1)
        for color in self.bars:
            of_it = self._colors == color
            self.bars[color].set_lines(bars[of_it])
            self.dots[color].centres = points[of_it & inside]


class SweepChart(Chart):
    """Error against a setting. What moves is the moment of training: the whole line settles.

    name   what its words begin with
    kind   of the numbers on the x axis, as in `make_axes`
    room   points that are kept free above the lines of each panel
    """

    together = True
    name: ClassVar[str]
    kind: ClassVar[str] = "plain"
    room: ClassVar[float] = 0

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists, and the timeline."""
        comparison, canvas = self.comparison, self.canvas
        labels = canvas.labels
        self.seeds = comparison.seeds
        self.iterations = sweep_iterations(comparison)
        self.timeline = paced(spread(len(self.iterations), frames or FRAMES, warmed_up(self.iterations)), hold)
        self.text_index = readable(self.timeline)
        canvas.header(labels(f"{self.name} title"), facts(comparison.experiment, self.seeds, labels))
        self.answer_lines = AnswerLines(canvas, self.sentences)
        self.panels = self.make_panels()
        self.axes = self._make_axes()
        self.lines = [
            Line(canvas, metric, axes)
            for axes, panel in zip(self.axes, self.panels, strict=True)
            for metric in reversed(panel.metric)
        ]
        self.trail: Sequence[Artist] = []
        self.moving: Sequence[Artist] = [
            *(artist for line in self.lines for artist in line.artists),
            self.counter,
            *self.answer_lines.words,
        ]
        theme = canvas.theme
        colors = [color for panel in self.panels for metric in panel.metric for color in metric.colors]
        self.inks = dict.fromkeys([theme.ink, theme.muted, *colors], SMOOTH) | {theme.faint: 1}

    def make_panels(self) -> list[SweepPanel]:
        """What is drawn; RecordingError if the arms are no such sweep."""
        raise NotImplementedError

    def _make_axes(self) -> list[Axes]:
        canvas, labels = self.canvas, self.canvas.labels
        top = canvas.height - 106 - self.answer_lines.height
        self.counter = canvas.moving_text(canvas.width - RIGHT, top - 24, 18, "right", canvas.theme.muted)
        entries = {
            each.name: LegendEntry(each.name, each.colors[-1], each.width, each.dash) for each in self.panels[0].metric
        }
        counter = counter_width(canvas, self.iterations)
        legend = Legend(canvas, list(entries.values()), canvas.width - LEFT - RIGHT - counter)
        legend.draw(LEFT, top - 6)
        pairs = []
        for number, box in enumerate(self._boxes(top - legend.height - 12)):
            left_most = box.left == LEFT
            axes = make_axes(
                canvas,
                box,
                labels(f"{self.name} axis"),
                labels("error off axis") if left_most else "",
                (self.kind, "percent"),
            )
            title, size = canvas.fitted(self.panels[number].title, 17, box.width, "bold")
            canvas.text(box.left, box.bottom + box.height + 8 + self.room, title, size, weight="bold")
            pairs.append(axes)
        self._fit(pairs)
        return pairs

    def _boxes(self, top: float) -> list[Box]:
        """The places of the panels: beside each other, or above each other where the picture is higher than wide."""
        canvas, count, title = self.canvas, len(self.panels), TITLE * bool(self.panels[0].title) + self.room
        columns = count if canvas.width > canvas.height else 1
        rows = count // columns
        width = (canvas.width - LEFT - RIGHT - BETWEEN * (columns - 1)) / columns
        height = top / rows
        return [
            Box(LEFT + (width + BETWEEN) * column, top - height * (row + 1) + BOTTOM, width, height - BOTTOM - title)
            for row in range(rows)
            for column in range(columns)
        ]

    def _fit(self, pairs: Sequence[Axes]) -> None:
        """One range for all panels, so that they can be compared."""
        settled = self.iterations >= SETTLED * self.iterations[-1]
        every = [metric for panel in self.panels for metric in panel.metric]
        low = min((metric.mean - metric.sd)[:, settled].min() for metric in every)
        high = max((metric.mean + metric.sd)[:, settled].max() for metric in every)
        margin = max(0.05 * (high - low), 0.002)
        for axes, panel in zip(pairs, self.panels, strict=True):
            axes.set_ylim(max(low - margin, -margin / 4), high + margin)
            self._fit_x(axes, np.concatenate([metric.x for metric in panel.metric]))

    def _fit_x(self, axes: Axes, x: NDArray[np.float64]) -> None:
        margin = 0.04 * (x.max() - x.min()) or 0.1
        axes.set_xlim(x.min() - margin, x.max() + margin)

    def show(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # every line moves as a whole
        """Draw all lines as they were at a moment."""
        for line in self.lines:
            line.show(index)
        self.counter.set_text(self.canvas.iteration(self.iterations, self.text_index[index]))
        self.answer_lines.show(index == self.timeline.indices[-1])
