"""Train and test accuracy against iteration, growing: mean and spread over seeds of every arm, on one pair of axes."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.artist import Artist

from dropviz.analysis.captions import iteration_axis
from dropviz.analysis.comparison import Comparison
from dropviz.charts.base.annotations import Readings
from dropviz.charts.base.artists import Shape
from dropviz.charts.base.axes import make_axes
from dropviz.charts.base.canvas import SMOOTH, Canvas
from dropviz.charts.base.curve import LABEL, Curve
from dropviz.charts.base.geometry import Box, spread_apart, steady
from dropviz.charts.base.timeline import Timeline, readable, warmed_up
from dropviz.style.theme import Theme, blend

# With more arms than this, bands lie over each other in more ways than a palette has room for.
MAX_CROSSED = 3
LABEL_GAP = 25.0
LABEL_TOLERANCE = 22.0


class GrowingCurves:
    """The curves, first off the picture, then `place`d on axes.

    names   for each arm, what the label of each series that is drawn is called; `size` is that of its type, in points
    trail, moving   the artists, as a chart has them
    inks    the colours drawn with, and how many tones of each
    """

    def __init__(
        self, canvas: Canvas, comparison: Comparison, names: Sequence[Mapping[str, str]], size: float = LABEL
    ) -> None:
        self.canvas, self.comparison = canvas, comparison
        self.iterations = comparison.iterations
        self.styles = canvas.theme.arm_styles([arm.has_noise for arm in comparison.arms])
        self.inks = _inks(canvas.theme, [style.color for style in self.styles])
        self.curves = [
            Curve(canvas, arm, metric, name, style, size)
            for arm, called, style in zip(comparison.arms, names, self.styles, strict=True)
            for metric, name in called.items()
        ]
        self.gap = Shape(edge=canvas.theme.ink, width=2, dash=(2, 2))

    def label_width(self) -> float:
        """Room for the widest label at the end of a line, within what leaves the lines most of the picture."""
        widest = max(curve.label_width() for curve in self.curves)
        return min(widest, 0.4 * self.canvas.width)

    def place(self, box: Box, timeline: Timeline) -> None:
        """Draw the axes in `box`, with labels of axis and ticks outside of it, and the labels of the lines beside."""
        labels = self.canvas.labels
        x = iteration_axis(self.comparison.experiment, labels)
        self.axes = make_axes(self.canvas, box, x, labels("accuracy axis"), ("count", "percent"))
        self.axes.set_xlim(0, self.iterations[-1])
        self._fit_y_axis()
        for curve in self.curves:
            curve.place(self.axes)
        # The words are of one recorded moment too, but change only as often as can be read.
        self.last, self.text_index = timeline.indices[-1], readable(timeline)
        self.label_heights = self._place_labels()
        self.trail: Sequence[Artist] = [
            *(curve.band for curve in self.curves if len(self.comparison.arms) <= MAX_CROSSED),
            *(curve.line for curve in reversed(self.curves)),
        ]
        self.moving: Sequence[Artist] = [
            *([self.gap] if len(self.comparison.arms) == 2 else []),
            *(curve.head for curve in reversed(self.curves)),
            *(curve.label for curve in self.curves),
        ]

    def _fit_y_axis(self) -> None:
        settled = slice(warmed_up(self.iterations), None)  # before, no curve decides the range of the axis
        low = min(curve.low[settled].min() for curve in self.curves)
        high = max(curve.high[settled].max() for curve in self.curves)
        margin = max(0.04 * (high - low), 0.002)
        self.axes.set_ylim(max(low - margin, 0), min(high + margin, 1 + margin / 4))

    def show(self, index: int, column: int) -> None:
        """Draw the snapshots up to the one at `moment`, as far as they lie right of a column of pixels."""
        text_index, is_last = self.text_index[index], index == self.last
        for curve, height in zip(self.curves, self.label_heights[text_index], strict=True):
            curve.show(index, column)
            curve.say(text_index, height, digits=1 if is_last else 0)  # nobody reads decimals that fly past
        tests = [curve.points[index] for curve in self.curves if curve.is_test]
        self.gap.set_lines(np.array([tests]) if is_last and len(tests) == 2 else np.empty((0, 2, 2)))

    def front(self, index: int) -> float:
        """All lines end at the snapshot of the moment."""
        return float(self.curves[0].points[index, 0])

    def readings(self) -> Readings:
        """The recorded figures of every line at each snapshot."""
        heads = [self.now(index) for index in range(len(self.iterations))]
        return Readings(heads, [curve.readings() for curve in self.curves])

    def now(self, index: int) -> str:
        """Words for the iteration of a snapshot."""
        return self.canvas.iteration(self.iterations, index)

    def _place_labels(self) -> dict[int, list[float]]:
        """For each moment that is spoken of, the heights of the labels.

        They are level with the heads of their lines, moved apart where they would overlap, and still while they are
        near enough to be read as theirs.
        """
        scale, box = self.canvas.scale, self.axes.bbox
        low, high = box.y0 / scale, box.y1 / scale
        indices = list(dict.fromkeys(self.text_index.values()))
        heads = [curve.points[indices, 1] / scale for curve in self.curves]
        held = np.stack([steady(list(heights), LABEL_TOLERANCE) for heights in heads], axis=1)
        rows = [spread_apart(list(row), LABEL_GAP, low + 8, high) for row in held]
        return dict(zip(indices, rows, strict=True))


def _inks(theme: Theme, colors: list[str]) -> dict[str, int]:
    """The colours of text and lines, and what comes of bands that lie over each other in the order of drawing."""
    crossed = [theme.background]
    for color in colors if len(colors) <= MAX_CROSSED else ():
        for _band in ("train", "test"):
            crossed += [blend(color, under, theme.band_opacity) for under in crossed]
    return dict.fromkeys([theme.ink, theme.muted, *colors], SMOOTH) | dict.fromkeys([theme.faint, *crossed], 1)
