"""E[h'] = h: the mean over more and more masks of what a noise layer makes of one and the same activations.

Srivastava et al. 2014, section 10: with the factor 1 / (1 - drop_prob) in training, nothing is to be scaled at test.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from matplotlib.artist import Artist
from matplotlib.path import Path
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from dropviz.analysis.captions import Answer, facts, mean_sd
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.statistics import MAX_CHANCE_SD, agreed
from dropviz.charts.base.answer_lines import AnswerLines
from dropviz.charts.base.artists import Dots, Points, Shape
from dropviz.charts.base.axes import make_axes
from dropviz.charts.base.canvas import SMOOTH
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.timeline import paced, readable
from dropviz.errors import RecordingError
from dropviz.recording import Recording
from dropviz.style.labels import Labels, percent

FRAMES = 80


class Draws:
    """What one run recorded: `ratios` h'/h, float [masks, units], of a layer that drops with `drop_prob`."""

    def __init__(self, run: Recording) -> None:
        self.run = run
        off = run.probe("expectation/off", -1)
        drawn = run.probe("expectation/drawn", -1, len(off))
        noisy = [layer for layer in run.layers if 0 < layer.drop_prob < 1]
        if not drawn.size or not noisy or not (np.isfinite(drawn).all() and (off > 0).all()):
            raise RecordingError(f"arm {run.arm!r} drew no masks on active units: train it with dropout, and longer")
        self.drop_prob = next((layer for layer in noisy if layer.kind == "hidden"), noisy[0]).drop_prob
        self.ratios: NDArray[np.float64] = drawn.astype(float) / off

    @property
    def sd(self) -> float:
        """The standard deviation of h'/h over masks: of a Bernoulli number of mean keep, divided by keep."""
        return float(np.sqrt(self.drop_prob / (1 - self.drop_prob)))

    @cached_property
    def means(self) -> NDArray[np.float64]:
        """The mean of h'/h over the first masks, float [masks, units]."""
        return _running(self.ratios)

    @cached_property
    def unscaled(self) -> NDArray[np.float64]:
        """The same of a layer that does not divide by keep, over all units: the share that was kept, float [masks]."""
        return _running((self.ratios != 0).mean(axis=1))


class ExpectationChart(Chart):
    """The running mean of each unit in the first run, on a logarithmic axis of masks."""

    experiment = "expectation"
    probes = ("expectation",)

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists, and the timeline."""
        comparison, canvas = self.comparison, self.canvas
        self.draws = _draws(comparison)[0]
        self.count = np.arange(1, len(self.draws.ratios) + 1)
        wanted = np.geomspace(1, len(self.count), frames or FRAMES) if frames != 1 else self.count[-1:]
        self.timeline = paced(tuple(sorted({round(each) - 1 for each in wanted})), hold)
        self.text_index = readable(self.timeline)
        colors, theme, labels = canvas.theme.arm_colors([True, True]), canvas.theme, canvas.labels
        self.inks = dict.fromkeys([theme.ink, theme.muted, *colors], SMOOTH) | {theme.faint: 1}
        canvas.header(labels("expectation title"), facts(comparison.experiment, [self.draws.run.seed], labels))
        kept = np.array([each.unscaled[-1] for each in _draws(comparison)])
        said = self.sentences
        self.answer_lines = AnswerLines(canvas, said, labels("expectation note", share=mean_sd(kept)))
        self._draw_axes(colors)
        self.heads = [Dots(4 * canvas.scale, color, color) for color in reversed(colors)]
        self.trail: Sequence[Artist] = self.lines
        self.moving: Sequence[Artist] = [*self.heads, self.counter, *self.answer_lines.words]

    def _draw_axes(self, colors: list[str]) -> None:
        canvas, draws, theme, labels = self.canvas, self.draws, self.canvas.theme, self.canvas.labels
        names = [labels("expectation scaled", units=draws.ratios.shape[1]), labels("expectation unscaled")]
        left, bottom, top = 96.0, 76.0, 158 + self.answer_lines.height
        room = min(max(canvas.width_of(name, 17, "bold") for name in names) + 44, 0.35 * canvas.width)
        box = Box(left, bottom, canvas.width - left - room, canvas.height - bottom - top)
        axes = make_axes(canvas, box, labels("expectation masks"), labels("expectation ratio"), ("log", "plain"))
        keep, spread = 1 - draws.drop_prob, 2 * draws.sd / np.sqrt(self.count)
        axes.set(xlim=(1, max(len(self.count), 2)), ylim=(0, max(draws.means.max(), 1 / keep)))
        axes.fill_between(self.count, 1 - spread, 1 + spread, color=theme.faint, linewidth=0)
        for level, name, color in zip((1.0, keep), names, colors, strict=True):
            axes.axhline(level, color=theme.muted, linewidth=1.2, linestyle=(0, (4, 3)))
            words, size = canvas.fitted(name, 17, room - 30, "bold")
            y = axes.transData.transform((1, level))[1] / canvas.scale
            canvas.text(left + box.width + 16, y, words, size, color=color, weight="bold", va="center_baseline")
        columns = [draws.unscaled, *draws.means.T]
        self.points: list[Points] = [axes.transData.transform(np.column_stack([self.count, each])) for each in columns]
        self.lines = [Shape(edge=colors[1], width=3), *(Shape(edge=colors[0], width=1.8) for _ in draws.means.T)]
        self.frame = axes.bbox
        self.counter = canvas.moving_text(left + box.width, bottom + box.height + 12, 18, "right", theme.muted)

    def show(self, index: int, before: int | None = None) -> None:
        """Draw the means over the first `moment` + 1 masks."""
        column = 0 if before is None else self.settled(before)
        for line, points in zip(self.lines, self.points, strict=True):
            line.path = Path(points[: index + 1])
            line.path.should_simplify = False  # what is there already must not change as the line grows
            line.clip = Bbox.from_extents(column, self.frame.y0, self.frame.x1, self.frame.y1)
        ends = np.array([points[index] for points in self.points])
        self.heads[0].centres, self.heads[1].centres = ends[:1], ends[1:]
        text_index = self.text_index[index]
        off = percent(_mean_off(self.draws.means[text_index]))
        self.counter.set_text(self.canvas.labels("expectation now", count=text_index + 1, off=off))
        self.answer_lines.show(index == self.timeline.indices[-1])

    def front(self, index: int) -> float:
        """All lines end at the mask of the moment."""
        return float(self.points[0][index, 0])

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """How far the means are from 1 in the end, and of how many units they are as near as the formula says."""
        runs = _draws(comparison)
        ends = [each.means[-1] for each in runs]
        errors = [each.sd / np.sqrt(len(each.ratios)) for each in runs]
        near = sum(int((np.abs(end - 1) <= 2 * error).sum()) for end, error in zip(ends, errors, strict=True))
        said = {"masks": len(runs[0].ratios), "off": mean_sd(np.array([_mean_off(end) for end in ends]))}
        usual = percent(float(np.sqrt(2 / np.pi)) * errors[0])  # the mean of the absolute value of a normal number
        words = labels("expectation answer", usual=usual, near=near, units=sum(map(len, ends)), **said)
        right = [
            abs(end.mean() - 1) <= MAX_CHANCE_SD * error / np.sqrt(len(end))
            for end, error in zip(ends, errors, strict=True)
        ]
        return [Answer(words, agreed(right))]


def _draws(comparison: Comparison) -> list[Draws]:
    """Those of the runs of the first arm that has any; RecordingError if none has."""
    arm = next((arm for arm in comparison.arms if "expectation/off" in arm.runs[0].probes), comparison.arms[0])
    return [Draws(run) for run in arm.runs]


def _running(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """The mean of the first values, along the first dimension."""
    count = np.arange(1, len(values) + 1).reshape(-1, *[1] * (values.ndim - 1))
    means: NDArray[np.float64] = values.cumsum(axis=0) / count
    return means


def _mean_off(ratios: NDArray[np.float64]) -> float:
    return float(np.abs(ratios - 1).mean())
