"""Chart of a common mistake beside the right version."""

from collections.abc import Sequence

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
from dropviz.charts.pitfall.pair import MistakePair, check_mistake_pair, find_mistake_pair
from dropviz.style.labels import Labels
from dropviz.style.theme import blend

FRAMES = 80
LEFT, BOTTOM, NAME = 84.0, 72.0, 15.0  # left of the axes, below them, and size of the words above them, in points
TOLERANCE = 0.01  # largest deviation of a number that indicates no mistake
MIN_SD, MAX_SD = 0.00005, 0.0005  # spreads in this range are written with four decimals instead of three
METRICS = ("test_accuracy", "train_loss")


class PitfallChart(Chart):
    """Left an arm with a mistake, right one without: the number that indicates the mistake, on a scale, by snapshot.

    Below: test accuracy and training loss of all arms against iteration, mean ± sd over seeds. The recordings must be
    of an experiment with an arm with a mistake and one with dropout without it, with the probe `giveaway`.
    """

    experiment = "pitfall-randn"
    together = True
    probes = ("giveaway",)
    needs_layers = True

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if seeds or snapshots differ, if there is no mistake, or if the probe does not fit."""
        super().check(comparison)
        _ = comparison.seeds, comparison.iterations
        check_mistake_pair(comparison)
        arms = _drawn_arms(comparison, find_mistake_pair(comparison))
        for metric in METRICS:
            for arm in arms:
                arm.finite_values(metric)

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return the number at the end beside its value without the mistake, and accuracy and loss.

        The first holds if the number is within TOLERANCE of that value in every seed; the second makes no claim.
        Without snapshots there are none.
        """
        if not all(len(arm.iterations) for arm in comparison.arms):
            return []
        pair = find_mistake_pair(comparison)
        return [_number(pair, labels), _curves(pair, comparison, labels)]

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists and the timeline."""
        comparison, canvas, labels = self.comparison, self.canvas, self.canvas.labels
        self.iterations, self.pair = comparison.iterations, find_mistake_pair(comparison)
        start = warmed_up(self.iterations)
        self.timeline = paced(spread(len(self.iterations), frames or FRAMES, start=start), hold)
        self.text_index = readable(self.timeline)
        canvas.header(labels(f"pitfall {self.pair.mistake}"), facts(comparison.experiment, comparison.seeds, labels))
        self.answer_lines = AnswerLines(canvas, self.sentences)
        self._choose_styles()
        top = canvas.height - 112 - self.answer_lines.height
        self.gauges = self._make_gauges(top)
        top -= HEIGHT + 28
        boxes = self._curve_boxes(top)
        self.curves = [
            curve for metric, box in zip(METRICS, boxes, strict=True) for curve in self._make_curves(metric, box, start)
        ]
        self._write_above(top + 6, boxes[0].width)
        bands, lines = [curve.band for curve in self.curves], [curve.line for curve in self.curves]
        self.trail: Sequence[Artist] = [*bands, *lines]
        heads, gauges = [curve.head for curve in self.curves], [each for gauge in self.gauges for each in gauge.moving]
        self.moving: Sequence[Artist] = [*heads, *gauges, self.counter, *self.answer_lines.words]

    def _choose_styles(self) -> None:
        """Set the styles and the colours: the right arm has the usual colour of dropout, the wrong one the next."""
        theme, pair = self.canvas.theme, self.pair
        self.arms = _drawn_arms(self.comparison, pair)
        self.styles = theme.arm_styles([arm.has_noise for arm in self.arms])
        colors, crossed = [style.color for style in self.styles], [theme.background]
        for color in colors:
            crossed += [blend(color, under, theme.band_opacity) for under in crossed]
        self.inks = dict.fromkeys([theme.ink, theme.muted, *colors], SMOOTH) | dict.fromkeys([theme.faint, *crossed], 1)

    def _make_gauges(self, top: float) -> list[Gauge]:
        """Make the gauges of the wrong and the right arm, on one scale."""
        pair, width, gauges = self.pair, (self.canvas.width - 80 - 40) / 2, []
        sides = (("wrong", pair.wrong), ("right", pair.right))
        self.values = [pair.recorded(arm, pair.first_layer) for _, arm in sides]
        right, wrong = pair.expected(pair.first_layer)
        end = 1.15 * max(float(np.max(self.values)), right, wrong or 0.0) or 1.0
        for place, (key, arm) in enumerate(sides):
            box = Box(40 + place * (width + 40), top - HEIGHT, width, HEIGHT)
            color = self.styles[self.arms.index(arm)].color
            formula = wrong if key == "wrong" else None
            marks = right, right if formula is None else formula
            gauges.append(Gauge(self.canvas, box, self._gauge_words(key, arm, right, formula), color, end, marks))
        return gauges

    def _gauge_words(self, key: str, arm: ArmRuns, right: float, formula: float | None) -> tuple[str, str, str, str]:
        """Return name, code, description of the number, and its value without the mistake and by formula."""
        labels, pair = self.canvas.labels, self.pair
        layer = next((each for each in pair.right.runs[0].layers if each.name == pair.first_layer), None)
        code = labels(f"pitfall {key} {pair.mistake}")
        what = labels(f"pitfall what {pair.mistake}", layer=layer_name(layer, labels) if layer else "")
        note = labels("pitfall asked", value=decimals(right))
        if formula is not None:
            note += _by_formula(pair, decimals(formula), labels)
        return labels.name(arm.name), code, what, note

    def _curve_boxes(self, top: float) -> list[Box]:
        width = (self.canvas.width - 40 - 2 * LEFT) / 2
        return [Box(LEFT + place * (width + LEFT), BOTTOM, width, top - BOTTOM) for place in range(len(METRICS))]

    def _make_curves(self, metric: str, box: Box, start: int) -> list[Curve]:
        """Make the axes and curves of a metric; the range is that of the snapshots from `start`."""
        canvas, labels = self.canvas, self.canvas.labels
        kind = "percent" if metric == "test_accuracy" else "plain"
        axes = make_axes(canvas, box, labels("iteration"), "", ("count", kind))
        canvas.text(box.left, box.bottom + box.height + 6, labels(f"pitfall {metric}"), NAME, color=canvas.theme.muted)
        axes.set_xlim(0, self.iterations[-1])
        pairs = zip(self.arms, self.styles, strict=True)
        curves = [Curve(canvas, arm, metric, "", style, self.iterations) for arm, style in pairs]
        low = min(float(curve.low[start:].min()) for curve in curves)
        high = max(float(curve.high[start:].max()) for curve in curves)
        margin = max(0.05 * (high - low), 0.002)
        axes.set_ylim(max(low - margin, 0), high + margin)
        for curve in curves:
            curve.is_test = True  # each arm has one line in these axes: it is solid
            curve.place(axes)
        return curves

    def _write_above(self, y: float, width: float) -> None:
        """Draw the names of arms without a gauge above the left axes, and make the counter above the right ones."""
        canvas, labels = self.canvas, self.canvas.labels
        room = width - canvas.width_of(labels("pitfall train_loss"), NAME) - 12
        size = max(canvas.fit(canvas.iteration(self.iterations, -1), NAME, room), MIN_TYPE_SIZE)
        self.counter = canvas.moving_text(canvas.width - 40, y, size, "right", canvas.theme.muted)
        room = width - canvas.width_of(labels("pitfall test_accuracy"), NAME) - 12
        for arm, style in zip(self.arms[:-2], self.styles, strict=False):
            words, size = canvas.fitted(labels.name(arm.name), NAME, room, "bold")
            canvas.text(LEFT + width, y, words, size, color=style.color, weight="bold", ha="right")

    def show(self, index: int, before: int | None = None) -> None:
        """Set numbers and curves to the snapshot of this index."""
        column = 0 if before is None else self.settled(before)
        text_index, is_last = self.text_index[index], index == self.timeline.indices[-1]
        for curve in self.curves:
            curve.show(index, column)
        for gauge, values in zip(self.gauges, self.values, strict=True):
            mean = values.mean(axis=0)
            gauge.show(float(mean[index]), decimals(float(mean[text_index])))
        self.counter.set_text(self.canvas.iteration(self.iterations, text_index))
        self.answer_lines.show(is_last)

    def front(self, index: int) -> float:
        """Return the x of the ends of the left curves, in pixels; those on the right are further right."""
        return float(self.curves[0].points[index, 0])


def decimals(value: float) -> str:
    """Return a number with three decimals, or with two from 10 on."""
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.2f}"


def _spread(values: NDArray[np.float64]) -> str:
    if len(values) == 1:
        return decimals(float(values[0]))
    return mean_and_sd(values, 4 if MIN_SD < values.std(ddof=1) < MAX_SD else 3)


def _number(pair: MistakePair, labels: Labels) -> Answer:
    """Return the number of each layer at the end beside its value without the mistake, and by formula."""
    ends = [pair.recorded(pair.wrong, layer)[:, -1] for layer in pair.layers]
    expected = [pair.expected(layer) for layer in pair.layers]
    off = [np.abs(values - right) > TOLERANCE for values, (right, _) in zip(ends, expected, strict=True)]
    formula = " / ".join(decimals(wrong) for _, wrong in expected if wrong is not None)
    words = labels(
        "pitfall answer",
        what=labels(f"pitfall short {pair.mistake}"),
        measured=" / ".join(_spread(values) for values in ends),
        asked=" / ".join(dict.fromkeys(f"{right:g}" for right, _ in expected)),
        formula=_by_formula(pair, formula, labels),
    )
    return Answer(words, agreed(~np.any(off, axis=0)))


def _by_formula(pair: MistakePair, value: str, labels: Labels) -> str:
    """Return the value by the formula of the mistake, in words; "" if there are none for it."""
    formula = labels(f"pitfall formula {pair.mistake}")
    return labels("pitfall by formula", formula=formula, value=value) if formula else ""


def _drawn_arms(comparison: Comparison, pair: MistakePair) -> list[ArmRuns]:
    """Return the arms in the order in which their curves are drawn: those with the mistake last."""
    others = [arm for arm in comparison.arms if arm not in (pair.wrong, pair.right)]
    return [*others, pair.right, pair.wrong]


def _curves(pair: MistakePair, comparison: Comparison, labels: Labels) -> Answer:
    """Return accuracy and loss of both arms at the end, and the arm whose snapshots equal those with the mistake."""
    ends = [arm.values("test_accuracy")[:, -1] for arm in (pair.wrong, pair.right)]
    losses = [arm.values("train_loss")[:, -1] for arm in (pair.wrong, pair.right)]
    same = [arm for arm in comparison.arms if arm is not pair.wrong and _is_equal(arm, pair.wrong)]
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


def _is_equal(one: ArmRuns, other: ArmRuns) -> bool:
    """Return True if all metrics of all runs are equal, bit for bit."""
    names = set(one.runs[0].metrics) & set(other.runs[0].metrics)
    return all(np.array_equal(one.values(name), other.values(name)) for name in names)
