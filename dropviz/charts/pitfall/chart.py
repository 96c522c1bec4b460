"""A common mistake beside the right version: the number that gives it away, as recorded, above accuracy and loss."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import NDArray

from dropviz.analysis.captions import Answer, facts, layer_name, mean_sd
from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.analysis.statistics import agreed, mean_and_sd
from dropviz.charts.base.answer_lines import AnswerLines
from dropviz.charts.base.axes import make_axes
from dropviz.charts.base.canvas import MIN_TYPE_SIZE, SMOOTH
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.curve import Curve
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.timeline import paced, readable, spread, warmed_up
from dropviz.charts.pitfall.gauge import HEIGHT, Gauge
from dropviz.charts.pitfall.giveaway import GIVEAWAYS, Giveaway
from dropviz.errors import RecordingError
from dropviz.style.labels import Labels
from dropviz.style.theme import blend

FRAMES = 80
LEFT, NAME = 84.0, 15.0  # room left of the axes, and size of the words above them, in points
CLEAR = 0.01  # a number that is no further off than this gives nothing away
SMALL = 0.0005  # a spread that three decimals would not show
SERIES = ("test_accuracy", "train_loss")


@dataclass(frozen=True, eq=False)
class Pair:
    """The arm with the mistake, the one without, and by layer its drop_prob: of one layer "" if the number has none."""

    mistake: str
    wrong: ArmRuns
    right: ArmRuns
    layers: dict[str, float]

    @property
    def giveaway(self) -> Giveaway:
        """The number that tells them apart."""
        return GIVEAWAYS[self.mistake]

    def so_far(self, arm: ArmRuns, layer: str) -> NDArray[np.float64]:
        """That number of each run at each snapshot, float [runs, snapshots]."""
        return np.stack([self.giveaway.so_far(run, layer) for run in arm.runs])

    def expected(self, layer: str) -> tuple[float, float | None]:
        """What it is if all is right, and what the formula of the mistake says, mean over the runs."""
        given = [(run, layer, self.layers[layer]) for run in self.wrong.runs]
        wrong, (run, *_) = self.giveaway.wrong, given
        return self.giveaway.right(*run), float(np.mean([wrong(*each) for each in given])) if wrong else None


def find_pair(comparison: Comparison) -> Pair:
    """The first arm with a mistake, and the first with dropout without one; RecordingError if there are none."""
    experiment = comparison.experiment
    arms = {arm.name: arm for arm in comparison.arms}
    listed = [arm for arm in experiment.arms if arm.name in arms] if experiment else []
    wrong = next((arm for arm in listed if arm.mistake), None)
    right = next((arm for arm in listed if not arm.mistake and arm.has_noise), None)
    if wrong is None or wrong.mistake is None or right is None:
        raise RecordingError("no arm makes a mistake beside one that is right: train an experiment like pitfall-randn")
    hidden = [layer.name for layer in arms[right.name].runs[0].hidden]
    probabilities = dict(zip(hidden, right.per_layer, strict=False))
    layers = {name: value for name, value in probabilities.items() if value} or {"": 0.0}
    if not GIVEAWAYS[wrong.mistake].in_layers:
        layers = {"": 0.0}
    return Pair(wrong.mistake, arms[wrong.name], arms[right.name], layers)


class PitfallChart(Chart):
    """Left the mistake, right the right version. Below, what one would look at instead, of all arms."""

    experiment = "pitfall-randn"
    together = True
    probes = ("giveaway",)

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists, and the timeline."""
        comparison, canvas = self.comparison, self.canvas
        labels, seeds = canvas.labels, comparison.seeds
        self.iterations, self.pair = comparison.iterations, find_pair(comparison)
        self.timeline = paced(spread(len(self.iterations), frames or FRAMES, start=warmed_up(self.iterations)), hold)
        self.text_index = readable(self.timeline)
        canvas.header(labels(f"pitfall {self.pair.mistake}"), facts(comparison.experiment, seeds, labels))
        self.answer_lines = AnswerLines(canvas, self.sentences)
        self._choose_styles()
        top = canvas.height - 112 - self.answer_lines.height
        self._make_gauges(top)
        self._make_curves(top - HEIGHT - 28)
        self.trail: Sequence[Artist] = [
            *(curve.band for curve in self.curves),
            *(curve.line for curve in self.curves),
        ]
        self.moving: Sequence[Artist] = [
            *(curve.head for curve in self.curves),
            *(mark for gauge in self.gauges for mark in gauge.moving),
            self.counter,
            *self.answer_lines.words,
        ]

    def _choose_styles(self) -> None:
        """The right arm has the colour that dropout always has; the wrong one, the next."""
        theme, pair = self.canvas.theme, self.pair
        others = [arm for arm in self.comparison.arms if arm not in (pair.wrong, pair.right)]
        self.arms = [*others, pair.right, pair.wrong]
        self.styles = theme.arm_styles([arm.has_noise for arm in self.arms])
        colors, crossed = [style.color for style in self.styles], [theme.background]
        for color in colors:
            crossed += [blend(color, under, theme.band_opacity) for under in crossed]
        self.inks = dict.fromkeys([theme.ink, theme.muted, *colors], SMOOTH) | dict.fromkeys([theme.faint, *crossed], 1)

    def _make_gauges(self, top: float) -> None:
        canvas, pair, labels = self.canvas, self.pair, self.canvas.labels
        width = (canvas.width - 80 - 40) / 2
        layer = next(iter(pair.layers))
        self.values = [pair.so_far(arm, layer) for arm in (pair.wrong, pair.right)]
        right, wrong = pair.expected(layer)
        end = 1.15 * max(float(np.max(self.values)), right, wrong or 0.0)
        named = next((each for each in pair.right.runs[0].layers if each.name == layer), None)
        what = labels(f"pitfall what {pair.mistake}", layer=layer_name(named, labels) if named else "")
        self.gauges = []
        for place, (key, arm) in enumerate((("wrong", pair.wrong), ("right", pair.right))):
            box = Box(40 + place * (width + 40), top - HEIGHT, width, HEIGHT)
            code = labels(f"pitfall {key} {pair.mistake}")
            color = self.styles[self.arms.index(arm)].color
            note = labels("pitfall asked", value=figure(right))
            if key == "wrong" and wrong is not None:
                note += _by_formula(pair, figure(wrong), labels)
            at = right if key == "right" or wrong is None else wrong
            gauge = Gauge(canvas, box, (labels.name(arm.name), code, what, note), color, end, (right, at))
            self.gauges.append(gauge)

    def _make_curves(self, top: float) -> None:
        canvas, labels, bottom = self.canvas, self.canvas.labels, 72.0
        width = (canvas.width - 40 - 2 * LEFT) / 2
        self.curves: list[Curve] = []
        settled = slice(warmed_up(self.iterations), None)  # before, no curve decides the range of the axes
        for place, metric in enumerate(SERIES):
            box = Box(LEFT + place * (width + LEFT), bottom, width, top - bottom)
            kind = "percent" if metric == "test_accuracy" else "plain"
            axes = make_axes(canvas, box, labels("iteration"), "", ("count", kind))
            canvas.text(box.left, top + 6, labels(f"pitfall {metric}"), NAME, color=canvas.theme.muted)
            axes.set_xlim(0, self.iterations[-1])
            curves = [Curve(canvas, arm, metric, "", style) for arm, style in zip(self.arms, self.styles, strict=True)]
            low = min(float(curve.low[settled].min()) for curve in curves)
            high = max(float(curve.high[settled].max()) for curve in curves)
            margin = max(0.05 * (high - low), 0.002)
            axes.set_ylim(max(low - margin, 0), high + margin)
            for curve in curves:
                curve.is_test = True  # the only line of its arm here, and so a solid one
                curve.place(axes)
            self.curves += curves
        self._write_above(top + 6, width)

    def _write_above(self, y: float, width: float) -> None:
        """Above the left axes, the arms that have no number; above the right ones, the iteration."""
        canvas, labels = self.canvas, self.canvas.labels
        room = width - canvas.width_of(labels("pitfall train_loss"), NAME) - 12
        size = max(canvas.fit(canvas.iteration(self.iterations, -1), NAME, room), MIN_TYPE_SIZE)
        self.counter = canvas.moving_text(canvas.width - 40, y, size, "right", canvas.theme.muted)
        room = width - canvas.width_of(labels("pitfall test_accuracy"), NAME) - 12
        for arm, style in zip(self.arms[:-2], self.styles, strict=False):
            words, size = canvas.fitted(labels.name(arm.name), NAME, room, "bold")
            canvas.text(LEFT + width, y, words, size, color=style.color, weight="bold", ha="right")

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """How far the number is from what it should be; and what accuracy and loss say of it."""
        if not all(len(arm.iterations) for arm in comparison.arms):
            return []
        _ = comparison.seeds
        pair = find_pair(comparison)
        return [_number(pair, labels), _curves(pair, comparison, labels)]

    def show(self, index: int, before: int | None = None) -> None:
        """Set numbers and curves to one snapshot."""
        column = 0 if before is None else self.settled(before)
        text_index, is_last = self.text_index[index], index == self.timeline.indices[-1]
        for curve in self.curves:
            curve.show(index, column)
        for gauge, values in zip(self.gauges, self.values, strict=True):
            mean = values.mean(axis=0)
            gauge.show(float(mean[index]), figure(float(mean[text_index])))
        self.counter.set_text(self.canvas.iteration(self.iterations, text_index))
        self.answer_lines.show(is_last)

    def front(self, index: int) -> float:
        """The curves on the left end here; those on the right are all further right."""
        return float(self.curves[0].points[index, 0])


def figure(value: float) -> str:
    """A number with three decimals, or two if it is large."""
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.2f}"


def _spread(values: NDArray[np.float64]) -> str:
    if len(values) == 1:
        return figure(float(values[0]))
    return mean_and_sd(values, 4 if SMALL / 10 < values.std(ddof=1) < SMALL else 3)


def _number(pair: Pair, labels: Labels) -> Answer:
    measured, asked, formula, off = [], [], [], []
    for layer in pair.layers:
        values, (right, wrong) = pair.so_far(pair.wrong, layer)[:, -1], pair.expected(layer)
        measured.append(_spread(values))
        asked.append(f"{right:g}")
        formula += [] if wrong is None else [figure(wrong)]
        off.append(np.abs(values - right) > CLEAR)
    words = labels(
        "pitfall answer",
        what=labels(f"pitfall short {pair.mistake}"),
        measured=" / ".join(measured),
        asked=" / ".join(dict.fromkeys(asked)),
        formula=_by_formula(pair, " / ".join(formula), labels),
    )
    return Answer(words, agreed(~np.any(off, axis=0)))


def _by_formula(pair: Pair, value: str, labels: Labels) -> str:
    """What the formula of the mistake says, if it has one that is worth saying."""
    formula = labels(f"pitfall formula {pair.mistake}")
    return labels("pitfall by formula", formula=formula, value=value) if formula else ""


def _curves(pair: Pair, comparison: Comparison, labels: Labels) -> Answer:
    ends = [arm.values("test_accuracy")[:, -1] for arm in (pair.wrong, pair.right)]
    losses = [arm.values("train_loss")[:, -1] for arm in (pair.wrong, pair.right)]
    same = [arm for arm in comparison.arms if arm is not pair.wrong and _identical(arm, pair.wrong)]
    key = "pitfall curves" if not same else "pitfall same right" if same == [pair.right] else "pitfall same"
    words = labels(
        key,
        other=labels.name(same[0].name) if same else "",
        wrong=mean_sd(ends[0]),
        right=mean_sd(ends[1]),
        above=int((ends[0] > ends[1]).sum()),
        count=len(ends[0]),
        loss=f"{losses[0].mean():.2f}",
        right_loss=f"{losses[1].mean():.2f}",
    )
    return Answer(words, None)


def _identical(one: ArmRuns, other: ArmRuns) -> bool:
    """Whether all snapshots of all runs are equal, bit for bit."""
    names = set(one.metrics) & set(other.metrics)
    return all(np.array_equal(one.values(name), other.values(name)) for name in names)
