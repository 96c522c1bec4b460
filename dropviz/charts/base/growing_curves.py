"""Curves of metrics that grow with the iterations: mean and spread over seeds of every arm, on one pair of axes."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.artist import Artist

from dropviz.analysis.captions import curves_axis, iteration_axis
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.metrics import number_format
from dropviz.charts.base.annotations import Readings
from dropviz.charts.base.artists import Shape
from dropviz.charts.base.axes import make_axes, share_range
from dropviz.charts.base.canvas import SMOOTH, Canvas
from dropviz.charts.base.curve import LABEL, Curve
from dropviz.charts.base.geometry import Box, spread_apart, steady
from dropviz.charts.base.timeline import Timeline, readable, warmed_up
from dropviz.style.theme import Theme, blend

# With more arms, bands cross in more ways than a palette has colours for.
MAX_CROSSED = 3
LABEL_GAP = 25.0
LABEL_TOLERANCE = 22.0
# The values at the end decide the number of decimals, unless they are smaller than this share of a usual value.
SMALL_END = 1e-3


class GrowingCurves:
    """The curves of a comparison; `place` puts them on axes.

    names        for each arm, the label of each metric that is drawn; the metrics are of one quantity
    size         type size of these labels, in points
    only_finite  leave out values that are not finite
    trail, moving, inks   as in `Chart`

    Raises RecordingError if an arm has no snapshots, or a metric cannot be drawn.
    """

    def __init__(
        self,
        canvas: Canvas,
        comparison: Comparison,
        names: Sequence[Mapping[str, str]],
        size: float = LABEL,
        only_finite: bool = False,
    ) -> None:
        self.canvas, self.comparison, self._gap = canvas, comparison, LABEL_GAP * size / LABEL
        self.iterations = comparison.all_iterations
        self.styles = canvas.theme.arm_styles(comparison.has_noise)
        self.inks = _inks(canvas.theme, [style.color for style in self.styles])
        chosen = [(arm, metric) for arm, metrics in zip(comparison.arms, names, strict=True) for metric in metrics]
        self.metric = chosen[0][1]
        measured = [arm.measured(metric, only_finite=only_finite)[1] for arm, metric in chosen]
        usual = max(float(np.median(np.abs(values))) for values in measured)
        ends = np.concatenate([values[:, -1] for values in measured])
        self.form = number_format(self.metric, np.append(ends, SMALL_END * usual))
        self.curves = [
            Curve(canvas, arm, metric, name, style, self.iterations, size, self.form, only_finite=only_finite)
            for arm, by_metric, style in zip(comparison.arms, names, self.styles, strict=True)
            for metric, name in by_metric.items()
        ]
        if not any(curve.is_test for curve in self.curves):
            for curve in self.curves:
                curve.is_test = True  # the only line of its arm is a solid one
        self.gap = Shape(edge=canvas.theme.ink, width=2, dash=(2, 2))

    def label_width(self) -> float:
        """Return the width of the widest label, in points, up to a share of the picture."""
        widest = max(curve.label_width() for curve in self.curves)
        return min(widest, 0.4 * self.canvas.width)

    def place(
        self, box: Box, timeline: Timeline, *, x: str | None = None, y: str | None = None, room: float | None = None
    ) -> None:
        """Draw the axes in `box`, with their labels outside of it, and make the artists of the curves.

        x, y  labels of the axes; by default, the iteration and the metric
        room  width for the labels of the curves, right of the axes, in points; by default, up to the edge

        Labels for which the box is too low are left out, those of training first.
        """
        labels, comparison = self.canvas.labels, self.comparison
        if x is None:
            x = iteration_axis(comparison.experiment, labels, epochs=comparison.counts_epochs)
        if y is None:
            y = curves_axis(self.metric, comparison.experiment, labels)
        self.axes = make_axes(self.canvas, box, x, y, ("count", "percent" if self.form.is_share else "plain"))
        self.axes.set_xlim(0, self.iterations[-1])
        self._fit_y_axis()
        for curve in self.curves:
            curve.place(self.axes, room)
        self._show_equal_lines()
        # Labels are of one recorded snapshot too, but change only as often as they can be read.
        self.last, self.text_index = timeline.indices[-1], readable(timeline)
        self.labelled = self._choose_labelled(box.height)
        self._name_left_out()
        self.label_heights = self._place_labels()
        self.trail: Sequence[Artist] = [
            *(curve.band for curve in self.curves if len(self.comparison.arms) <= MAX_CROSSED),
            *(curve.line for curve in reversed(self.curves)),
        ]
        self.moving: Sequence[Artist] = [
            *([self.gap] if len(self.comparison.arms) == 2 else []),
            *(curve.head for curve in reversed(self.curves)),
            *(curve.label for curve in self.labelled),
        ]

    def _show_equal_lines(self) -> None:
        """Interrupt each line that would hide others, which are drawn before it."""
        for number, curve in enumerate(self.curves):
            hidden = sum(curve.hides(other) for other in self.curves[number + 1 :])
            if hidden:
                curve.interrupt(hidden)

    def _choose_labelled(self, height: float) -> list[Curve]:
        """Return the curves whose labels fit into a height in points: all, those of data held out, or some of them."""
        tests = [curve for curve in self.curves if curve.is_test]
        for curves in (self.curves, tests):
            if len(curves) * self._gap <= height + self._gap / 2:
                return curves
        return tests[: int(height / self._gap)]

    def _name_left_out(self) -> None:
        """Draw the number of arms without a label, below the labels."""
        count = sum(curve.is_test for curve in self.curves) - len(self.labelled)
        if count > 0:
            canvas, box = self.canvas, self.axes.bbox
            words = canvas.labels("more arms", count=count)
            canvas.text(box.x1 / canvas.scale + 16, box.y0 / canvas.scale - 30, words, color=canvas.theme.muted)

    def _fit_y_axis(self) -> None:
        settled = [self._settled(curve) for curve in self.curves]
        low = min(curve.low[start:].min() for curve, start in zip(self.curves, settled, strict=True))
        high = max(curve.high[start:].max() for curve, start in zip(self.curves, settled, strict=True))
        if self.form.is_share:
            self.axes.set_ylim(*share_range(low, high, 0.04))
            return
        margin = max(0.04 * (high - low), 0.02 * abs(high)) or 1.0
        is_positive = all(curve.mean.min() >= 0 for curve in self.curves)
        self.axes.set_ylim(max(low - margin, 0) if is_positive else low - margin, high + margin)

    def _settled(self, curve: Curve) -> int:
        """Return the index of the first measurement that decides the limits of the axis: earlier ones rise fast."""
        first = int(np.searchsorted(curve.x, self.iterations[warmed_up(self.iterations)]))
        return min(first, len(curve.x) - 1)

    def show(self, index: int, column: int) -> None:
        """Draw the snapshots up to `index`, as far as they lie right of a column of pixels."""
        text_index, is_last = self.text_index[index], index == self.last
        # The last decimal is left out of values that change from frame to frame.
        decimals = self.form.decimals if is_last else max(self.form.decimals - 1, 0)
        for curve in self.curves:
            curve.show(index, column)
        for curve, height in zip(self.labelled, self.label_heights[text_index], strict=True):
            curve.set_label(text_index, height, decimals)
        tests = [curve.point(index) for curve in self.curves if curve.is_test]
        is_level = len(tests) == 2 and tests[0][0] == tests[1][0]
        self.gap.set_lines(np.array([tests]) if is_last and is_level else np.empty((0, 2, 2)))

    def front(self, index: int) -> float:
        """Return where the lines end at `index`, in pixels from the left."""
        front = min(curve.front(index) for curve in self.curves)
        return front if np.isfinite(front) else float(self.axes.bbox.x1)

    def readings(self) -> Readings:
        """Return the values of every line at each snapshot."""
        heads = [self.iteration_words(index) for index in range(len(self.iterations))]
        return Readings(heads, [curve.readings() for curve in self.curves])

    def iteration_words(self, index: int) -> str:
        """Return the iteration of a snapshot in words."""
        return self.canvas.iteration(self.iterations, index, epochs=self.comparison.counts_epochs)

    def _place_labels(self) -> dict[int, list[float]]:
        """Return the heights of the labels, in points, for each index whose values are written.

        Labels are level with the heads of their lines, moved apart where they would overlap, and still while the heads
        are near.
        """
        scale, box = self.canvas.scale, self.axes.bbox
        low, high = box.y0 / scale, box.y1 / scale
        indices = list(dict.fromkeys(self.text_index.values()))
        if not self.labelled:
            return {index: [] for index in indices}
        heads = [[curve.point(index)[1] / scale for index in indices] for curve in self.labelled]
        held = np.stack([steady(heights, LABEL_TOLERANCE) for heights in heads], axis=1)
        rows = [spread_apart(list(row), self._gap, low + 8, high) for row in held]
        return dict(zip(indices, rows, strict=True))


def _inks(theme: Theme, colors: list[str]) -> dict[str, int]:
    """Return the colours of text and lines, and those of bands that cross, in the order of drawing."""
    crossed = [theme.background]
    for color in colors if len(colors) <= MAX_CROSSED else ():
        for _band in ("train", "test"):
            crossed += [blend(color, under, theme.band_opacity) for under in crossed]
    return dict.fromkeys([theme.ink, theme.muted, *colors], SMOOTH) | dict.fromkeys([theme.faint, *crossed], 1)
