"""Chart of a common mistake beside the right version."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist

from dropviz.analysis.answers import Answer, make_answer
from dropviz.analysis.captions import facts, layer_name
from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.analysis.statistics import agreed
from dropviz.charts.base.axes import make_axes, share_range
from dropviz.charts.base.canvas import SMALL, SMOOTH
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.curve import Curve
from dropviz.charts.base.geometry import Box, halves, spread_apart
from dropviz.charts.base.timeline import Pace, paced, readable, spread, warmed_up
from dropviz.charts.pitfall.bars import BarEntry, MistakeBars
from dropviz.charts.pitfall.pair import MistakePair, check_mistake_pair, find_mistake_pair
from dropviz.style.labels import Labels, percent
from dropviz.style.theme import ArmStyle, blend

FRAMES = 80
BARS_SHARE, BETWEEN = 0.54, 44.0  # of the width, for the bars, and the space between them and the curves, in points
LEFT, BOTTOM, TOP = 60.0, 58.0, 30.0  # left of the axes, below and above them, in points
PITCH = 26.0  # distance of the labels of curves, in points
TOLERANCE = 0.01  # largest deviation of a number that indicates no mistake
FINAL = "test_accuracy"


class PitfallChart(Chart):
    """An arm with a mistake above one without: the number that indicates the mistake as bars, by snapshot.

    Beside them, where it shows the mistake: test accuracy of both arms against iteration, mean ± sd over seeds. The
    recordings must be of an experiment with an arm with a mistake and one with dropout without it, with the probe
    `giveaway`.
    """

    key = "pitfall"
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
        pair = find_mistake_pair(comparison)
        for metric in (FINAL, "train_loss"):
            for arm in (pair.wrong, pair.right):
                arm.finite_values(metric)

    @classmethod
    def question(cls, comparison: Comparison, labels: Labels) -> str:
        """Return the question about the mistake."""
        return labels(f"question pitfall-{find_mistake_pair(comparison).mistake}")

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return the number at the end beside its value without the mistake, and accuracy and loss.

        The first holds if the number is within TOLERANCE of that value in every seed; the second makes no claim.
        Without snapshots there are none.
        """
        if not all(len(arm.iterations) for arm in comparison.arms):
            return []
        pair = find_mistake_pair(comparison)
        return [_number(pair, labels), _accuracy(pair, comparison, labels)]

    def settings(self) -> str:
        """Return the settings; bands are drawn only beside curves."""
        comparison, labels = self.comparison, self.canvas.labels
        bands = find_mistake_pair(comparison).indicator.in_curves
        return facts(comparison.experiment, comparison.seeds, labels, bands=bands)

    def build(self, frames: int | None, pace: Pace) -> None:
        """Make the artists and the timeline."""
        self.iterations, self.pair = self.comparison.iterations, find_mistake_pair(self.comparison)
        start = warmed_up(self.iterations)
        self.timeline = paced(spread(len(self.iterations), frames or FRAMES, start=start), pace)
        self.text_index = readable(self.timeline)
        self.arms, theme = (self.pair.wrong, self.pair.right), self.canvas.theme
        styles = theme.arm_styles([arm.has_noise for arm in self.arms])
        colors = (theme.wrong, theme.noisy[0])
        self.styles = [ArmStyle(color, style.strokes) for color, style in zip(colors, styles, strict=True)]
        content, has_curves = self.content, self.pair.indicator.in_curves
        left, right = halves(content, BARS_SHARE, BETWEEN) if has_curves else (content, content)
        self.bars = self._make_bars(left)
        self.curves = self._make_curves(right, start) if has_curves else []
        crossed = [theme.background]
        for color in colors:
            crossed += [blend(color, under, theme.band_opacity) for under in crossed]
        self.inks = dict.fromkeys([theme.ink, theme.muted, *colors], SMOOTH) | dict.fromkeys([theme.faint, *crossed], 1)
        bands, lines = [curve.band for curve in self.curves], [curve.line for curve in self.curves]
        self.trail: Sequence[Artist] = [*bands, *lines]
        ends = [artist for curve in self.curves for artist in (curve.head, curve.label)]
        self.moving: Sequence[Artist] = [*ends, *self.bars.moving]

    def _make_bars(self, box: Box) -> MistakeBars:
        pair, labels, indicator = self.pair, self.canvas.labels, self.pair.indicator
        self.values = [pair.recorded(arm, pair.first_layer).mean(axis=0) for arm in self.arms]
        codes = [labels(f"pitfall {key} {pair.mistake}") for key in ("wrong", "right")]
        right, _ = pair.expected(pair.first_layer)
        end = max(float(np.max(self.values)), right) or 1.0
        entries = [
            BarEntry(code, style is self.styles[0], style.color) for code, style in zip(codes, self.styles, strict=True)
        ]
        layer = next((each for each in pair.right.runs[0].layers if each.name == pair.first_layer), None)
        where = layer_name(layer, labels) if layer else ""
        what = labels(f"pitfall what {pair.mistake}", layer=where)
        mark = labels("pitfall asked", what=what, value=self._written(right))
        return MistakeBars(
            self.canvas, box, entries, end, (right, mark), self._written(max(end, 0.88) if indicator.is_share else 88.0)
        )

    def _written(self, value: float) -> str:
        """Return a number as the bars have it."""
        return self.pair.indicator.rounded(value)

    def _make_curves(self, box: Box, start: int) -> list[Curve]:
        """Make the axes and curves of test accuracy; the range is that of the snapshots from `start`."""
        canvas, labels = self.canvas, self.canvas.labels
        names = [labels.name(arm.name) for arm in self.arms]
        curves = [
            Curve(canvas, arm, FINAL, name, style, self.iterations)
            for arm, name, style in zip(self.arms, names, self.styles, strict=True)
        ]
        room = max(curve.label_width() for curve in curves) + 20
        inner = Box(box.left + LEFT, box.bottom + BOTTOM, box.width - LEFT - room, box.height - BOTTOM - TOP)
        axes = make_axes(canvas, inner, labels("iteration"), "", ("count", "percent"))
        canvas.text(
            box.left, box.bottom + box.height - SMALL, labels("pitfall test_accuracy"), color=canvas.theme.muted
        )
        axes.set_xlim(0, self.iterations[-1])
        low = min(float(curve.low[start:].min()) for curve in curves)
        high = max(float(curve.high[start:].max()) for curve in curves)
        axes.set_ylim(*share_range(low, high, 0.05))
        for curve in curves:
            curve.place(axes, room)
        self.axes = axes
        return curves

    def update(self, index: int, before: int | None = None) -> None:
        """Set numbers and curves to the snapshot of this index."""
        column = 0 if before is None else self.settled(before)
        text_index = self.text_index[index]
        for curve in self.curves:
            curve.show(index, column)
        self._set_labels(text_index)
        written = [self._written(float(values[text_index])) for values in self.values]
        self.bars.show([float(values[index]) for values in self.values], written)

    def _set_labels(self, index: int) -> None:
        """Set the labels of the curves to the values of a snapshot."""
        scale = self.canvas.scale
        levels = [float(curve.point(index)[1]) / scale for curve in self.curves]
        if not levels:
            return
        low, high = self.axes.bbox.y0 / scale, self.axes.bbox.y1 / scale
        for curve, height in zip(self.curves, spread_apart(levels, PITCH, low, high), strict=True):
            curve.set_label(index, height, 1)

    def counter(self, index: int) -> str:
        """Return the iteration of the written numbers at `index`."""
        return self.canvas.iteration(self.iterations, self.text_index[index])

    def front(self, index: int) -> float:
        """Return the x of the ends of the curves, in pixels."""
        return float(self.curves[0].points[index, 0]) if self.curves else 0.0


def _number(pair: MistakePair, labels: Labels) -> Answer:
    """Return the number of each layer at the end beside its value without the mistake, and by formula."""
    ends = [pair.recorded(pair.wrong, layer)[:, -1] for layer in pair.layers]
    expected = [pair.expected(layer) for layer in pair.layers]
    off = [np.abs(values - right) > TOLERANCE for values, (right, _) in zip(ends, expected, strict=True)]
    holds = agreed(~np.any(off, axis=0))
    is_off = any(
        abs(float(values.mean()) - right) > TOLERANCE for values, (right, _) in zip(ends, expected, strict=True)
    )
    indicator, right = pair.indicator, expected[0][0]
    measured = float(ends[0].mean())
    headline = labels(
        f"pitfall yes {pair.mistake}" if is_off else "pitfall no",
        number=indicator.rounded(measured).rstrip("\N{MULTIPLICATION SIGN}"),
        asked=indicator.rounded(right),
    )
    layers = [each for each in pair.right.runs[0].layers if each.name in pair.layers]
    evidence = labels(
        "pitfall evidence",
        what=labels(f"pitfall short {pair.mistake}"),
        where=labels("pitfall where", layers=" / ".join(layer_name(each, labels) for each in layers)) if layers else "",
        measured=" / ".join(indicator.written(float(values.mean()), 1) for values in ends),
        formula=_by_formula(pair, [wrong for _, wrong in expected if wrong is not None], labels),
    )
    count = len(ends[0])
    runs = labels("pitfall seeds", count=count) if count > 1 else labels("no interval")
    return Answer(headline, holds, labels("semicolon").join([evidence, runs]))


def _by_formula(pair: MistakePair, values: Sequence[float], labels: Labels) -> str:
    """Return the values by the formula of the mistake, in words; "" if there are none for it."""
    formula = labels(f"pitfall formula {pair.mistake}")
    written = " / ".join(pair.indicator.written(value, 1) for value in values)
    return labels("pitfall by formula", formula=formula, value=written) if formula else ""


def _accuracy(pair: MistakePair, comparison: Comparison, labels: Labels) -> Answer:
    """Return accuracy and loss of both arms at the end, or the arm whose snapshots equal those with the mistake."""
    wrong, right = (arm.last_values(FINAL) for arm in (pair.wrong, pair.right))
    losses = [float(arm.finite_values("train_loss")[:, -1].mean()) for arm in (pair.wrong, pair.right)]
    ends = labels(
        "pitfall ends",
        wrong=percent(wrong.mean()),
        right=percent(right.mean()),
        loss=f"{losses[0]:.2f}",
        right_loss=f"{losses[1]:.2f}",
    )
    same = next((arm for arm in comparison.arms if arm is not pair.wrong and _is_equal(arm, pair.wrong)), None)
    if same is not None:
        return Answer(labels("pitfall same", other=labels.name(same.name)), None, ends)
    return make_answer("pitfall accuracy", 100 * (wrong - right), labels, ends)._replace(holds=None, p_value=None)


def _is_equal(one: ArmRuns, other: ArmRuns) -> bool:
    """Return True if all metrics of all runs are equal, bit for bit."""
    names = set(one.runs[0].metrics) & set(other.runs[0].metrics)
    return all(np.array_equal(one.values(name), other.values(name)) for name in names)
