"""Chart of noise on the input against an L2 penalty (Bishop 1995)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from dropviz.analysis.captions import Answer, facts, mean_sd
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.statistics import agreed, sd_over_runs
from dropviz.charts.base.answer_lines import AnswerLines
from dropviz.charts.base.axes import make_axes
from dropviz.charts.base.canvas import SMOOTH
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box, halves, spread_apart
from dropviz.charts.base.grey_images import greys
from dropviz.charts.base.growing_line import EndLabel, GrowingLine
from dropviz.charts.base.timeline import paced, spread_log
from dropviz.charts.base.tracked_example import class_names
from dropviz.charts.tikhonov.templates import Templates
from dropviz.charts.tikhonov.weights import read_weights
from dropviz.style.labels import Labels, percent
from dropviz.style.theme import Theme, blend

FRAMES = 48
CLASSES = 3  # the first ones, whose weights are drawn
BESIDE = 0.25  # share of the width for the labels of the lines
NEAR = 0.5  # largest ratio of two distances of which the first is much smaller


class TikhonovChart(Chart):
    """Weights of linear models with noise on the input, with an L2 penalty, and with neither, by snapshot.

    Left the weights of the first run as images; right ‖W - W'‖/‖W'‖, the distance of the weights from W', those with
    the penalty, mean ± sd over seeds. The recordings must be of an experiment with these three arms, with the probe
    `weights` and inputs that are square images. Source: Bishop 1995: for a linear model with squared error, noise and
    penalty give the same expected loss.
    """

    experiment = "tikhonov"
    together = True
    probes = ("weights",)

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if an arm is missing, or if the probe does not fit."""
        read_weights(comparison)

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return the distances from the weights with the penalty at the end, with noise and with neither.

        It holds if the distance with noise is less than NEAR times the other in every seed.
        """
        plain, noise = read_weights(comparison).distances[:, :, -1]
        near = noise < NEAR * plain
        words = {"noise": mean_sd(noise), "plain": mean_sd(plain), "count": int(near.sum()), "seeds": len(near)}
        return [Answer(labels("answer tikhonov", **words), agreed(near))]

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists and the timeline."""
        canvas, labels = self.canvas, self.canvas.labels
        self.weights = weights = read_weights(self.comparison)
        self.distances, self.iterations = weights.distances, weights.plain.iterations.astype(float)
        self.timeline = paced(spread_log(len(self.iterations), frames or FRAMES), hold)
        # In the order of the arms: with neither, with noise, with the penalty.
        self.styles = canvas.theme.arm_styles([False, True, True])
        self.inks = _inks(canvas.theme, [style.color for style in self.styles])
        canvas.header(labels("tikhonov title"), facts(self.comparison.experiment, weights.plain.seeds, labels))
        self.answer_lines = AnswerLines(canvas, self.sentences)
        room = Box(40, 34, canvas.width - 80, canvas.height - 34 - 112 - self.answer_lines.height)
        left, right = halves(room, 0.42, 36)
        heads = [(labels.name(arm.name), style.color) for arm, style in zip(weights.arms, self.styles, strict=True)]
        self.templates = self._make_templates(left, heads)
        self._make_lines(right, heads[:2])
        self.trail: Sequence[Artist] = [*(each.band for each in self.traces), *(each.line for each in self.traces)]
        ends = [each.head for each in self.traces]
        tags = [text for tag in self.tags for text in (tag.value, tag.name)]
        self.moving: Sequence[Artist] = [*ends, *tags, self.counter, *self.templates.moving, *self.answer_lines.words]

    def _make_templates(self, box: Box, heads: list[tuple[str, str]]) -> Templates:
        """Make the images, on a scale that ends at the largest weight with the penalty in the last snapshot."""
        images = self.weights.images[:, :, :CLASSES]
        limit = float(np.abs(images[-1, -1]).max()) or 1.0
        run, units = self.weights.plain.runs[0], self.weights.values.shape[3]
        names = class_names(run, units, self.canvas.labels)[:CLASSES]
        return Templates(self.canvas, box, heads, images, names, limit)

    def _make_lines(self, right: Box, heads: list[tuple[str, str]]) -> None:
        """Make the axes, lines, labels of lines, and the counter."""
        canvas, beside = self.canvas, BESIDE * right.width
        box = Box(right.left + 70, right.bottom + 44, right.width - 70 - beside, right.height - 44 - 36)
        self.traces = [
            GrowingLine(canvas, self.iterations, each.mean(axis=0), sd_over_runs(each), style)
            for each, style in zip(self.distances, self.styles[:2], strict=True)
        ]
        self.axes = self._make_axes(box)
        for trace in self.traces:
            trace.place(self.axes)
        self.tags = [EndLabel(canvas, box.left + box.width + 14, beside - 14, *head) for head in heads]
        x, y = box.left + box.width, box.bottom + box.height + 12
        self.counter = canvas.moving_text(x, y, 18, "right", canvas.theme.muted)

    def _make_axes(self, box: Box) -> Axes:
        canvas = self.canvas
        axes = make_axes(canvas, box, canvas.labels("iteration"), canvas.labels("distance axis"), ("log", "percent"))
        high = max(trace.high.max() for trace in self.traces)
        axes.set(xlim=(self.iterations[0] * 0.95, self.iterations[-1] * 1.05), ylim=(0, 1.04 * high + 0.001))
        axes.yaxis.label.set_fontsize(canvas.fit(canvas.labels("distance axis"), 17, box.height))
        return axes

    def show(self, index: int, before: int | None = None) -> None:
        """Set images, lines and labels to the snapshot of this index."""
        column = 0 if before is None else self.settled(before)
        bottom, top = self.axes.bbox.y0 / self.canvas.scale, self.axes.bbox.y1 / self.canvas.scale
        heads = [trace.points[index, 1] / self.canvas.scale for trace in self.traces]
        heights = spread_apart(heads, EndLabel.PITCH, bottom + EndLabel.PITCH / 2, top)
        for trace, tag, y, values in zip(self.traces, self.tags, heights, self.distances, strict=True):
            trace.show(index, column)
            tag.set_value(percent(values[:, index].mean(), 0), y)
        self.counter.set_text(self.canvas.iteration(self.weights.plain.iterations, index))
        self.templates.show(index)
        self.answer_lines.show(index == self.timeline.indices[-1])

    def front(self, index: int) -> float:
        """Return the x of the ends of both lines, in pixels."""
        return float(self.traces[0].points[index, 0])


def _inks(theme: Theme, colors: list[str]) -> dict[str, int]:
    """Return the colours: of text and lines, of both bands, and of where they cross."""
    bands = [blend(color, theme.background, theme.band_opacity) for color in colors[:2]]
    crossed = blend(colors[1], bands[0], theme.band_opacity)
    smooth = dict.fromkeys([theme.ink, theme.muted, *colors], SMOOTH)
    return smooth | dict.fromkeys([theme.faint, *bands, crossed, *greys(theme)], 1)
