"""Noise on the input against an L2 penalty: Bishop 1995; seen in the weights of linear models while they grow.

For a linear model with squared error both have the same expected loss; `presets.tikhonov` derives it.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from dropviz.analysis.captions import Answer, facts
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.statistics import sd_over_runs
from dropviz.charts.base.answer_lines import AnswerLines
from dropviz.charts.base.axes import make_axes
from dropviz.charts.base.canvas import SMOOTH
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box, halves, spread_apart
from dropviz.charts.base.grey_images import greys
from dropviz.charts.base.growing_line import EndLabel, GrowingLine
from dropviz.charts.base.timeline import paced, spread_log
from dropviz.charts.base.tracked_example import class_names
from dropviz.charts.tikhonov.penalised import answer_of, read_penalised
from dropviz.charts.tikhonov.templates import Templates
from dropviz.style.labels import Labels, percent
from dropviz.style.theme import Theme, blend

FRAMES = 48
CLASSES = 3  # the first ones, of which weights are shown
BESIDE = 0.25  # of the width, for the labels of the lines


class TikhonovChart(Chart):
    """Left the weights of the first run as images, right how far they are from those with the penalty, over all."""

    experiment = "tikhonov"
    together = True
    probes = ("weights",)

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists, and the timeline."""
        comparison, canvas = self.comparison, self.canvas
        self.read = read_penalised(comparison)
        self.iterations = self.read.plain.iterations.astype(float)
        self.timeline = paced(spread_log(len(self.iterations), frames or FRAMES), hold)
        # In the order of the arms: without either, with noise, with the penalty.
        styles = canvas.theme.arm_styles([False, True, True])
        self.inks = _inks(canvas.theme, [style.color for style in styles])
        labels = canvas.labels
        canvas.header(labels("tikhonov title"), facts(comparison.experiment, self.read.plain.seeds, labels))
        self.answer_lines = AnswerLines(canvas, self.sentences)
        room = Box(40, 34, canvas.width - 80, canvas.height - 34 - 112 - self.answer_lines.height)
        left, right = halves(room, 0.42, 36)
        heads = [(labels.name(arm.name), style.color) for arm, style in zip(self.read.arms, styles, strict=True)]
        images = self.read.images[:, :, :CLASSES]
        most = float(np.abs(images[-1, -1]).max()) or 1.0  # of the weights with the penalty, at the end
        self.templates = Templates(canvas, left, heads, images, self._classes(), most)
        beside = BESIDE * right.width
        box = Box(right.left + 70, right.bottom + 44, right.width - 70 - beside, right.height - 44 - 36)
        self.traces = [
            GrowingLine(canvas, self.iterations, each.mean(axis=0), sd_over_runs(each), style)
            for each, style in zip(self.read.distances, styles[:2], strict=True)
        ]
        self.axes = self._make_axes(box)
        for trace in self.traces:
            trace.place(self.axes)
        self.tags = [EndLabel(canvas, box.left + box.width + 14, beside - 14, *head) for head in heads[:2]]
        self.counter = canvas.moving_text(
            box.left + box.width, box.bottom + box.height + 12, 18, "right", canvas.theme.muted
        )
        self.trail: Sequence[Artist] = [*(each.band for each in self.traces), *(each.line for each in self.traces)]
        self.moving: Sequence[Artist] = [
            *(each.head for each in self.traces),
            *(words for tag in self.tags for words in (tag.value, tag.name)),
            self.counter,
            *self.templates.moving,
            *self.answer_lines.words,
        ]

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Whether weights with noise end nearer to those with the penalty than those without either do."""
        return [answer_of(read_penalised(comparison), labels)]

    def _classes(self) -> list[str]:
        return class_names(self.read.plain.runs[0], self.read.weights.shape[3], self.canvas.labels)[:CLASSES]

    def _make_axes(self, box: Box) -> Axes:
        canvas = self.canvas
        axes = make_axes(canvas, box, canvas.labels("iteration"), canvas.labels("distance axis"), ("log", "percent"))
        high = max(trace.high.max() for trace in self.traces)
        axes.set(xlim=(self.iterations[0] * 0.95, self.iterations[-1] * 1.05), ylim=(0, 1.04 * high + 0.001))
        axes.yaxis.label.set_fontsize(canvas.fit(canvas.labels("distance axis"), 17, box.height))
        return axes

    def show(self, index: int, before: int | None = None) -> None:
        """Set images, lines and words to a snapshot."""
        column = 0 if before is None else self.settled(before)
        bottom, top = self.axes.bbox.y0 / self.canvas.scale, self.axes.bbox.y1 / self.canvas.scale
        heads = [trace.points[index, 1] / self.canvas.scale for trace in self.traces]
        heights = spread_apart(heads, EndLabel.PITCH, bottom + EndLabel.PITCH / 2, top)
        for trace, tag, y, values in zip(self.traces, self.tags, heights, self.read.distances, strict=True):
            trace.show(index, column)
            tag.set_value(percent(values[:, index].mean(), 0), y)
        self.counter.set_text(self.canvas.iteration(self.read.plain.iterations, index))
        self.templates.show(index)
        self.answer_lines.show(index == self.timeline.indices[-1])

    def front(self, index: int) -> float:
        """Both lines end at the snapshot of the moment."""
        return float(self.traces[0].points[index, 0])


def _inks(theme: Theme, colors: list[str]) -> dict[str, int]:
    bands = [blend(color, theme.background, theme.band_opacity) for color in colors[:2]]
    crossed = blend(colors[1], bands[0], theme.band_opacity)
    smooth = dict.fromkeys([theme.ink, theme.muted, *colors], SMOOTH)
    return smooth | dict.fromkeys([theme.faint, *bands, crossed, *greys(theme)], 1)
