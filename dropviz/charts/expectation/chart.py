"""Chart of the mean over masks of what a noise layer makes of activations (Srivastava et al. 2014, section 10)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.path import Path
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from dropviz.analysis.answers import Answer
from dropviz.analysis.captions import facts
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.statistics import MAX_CHANCE_SD, agreed
from dropviz.charts.base.artists import Dots, Points, Shape
from dropviz.charts.base.axes import make_axes
from dropviz.charts.base.canvas import SMALL, SMOOTH, TEXT
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.timeline import Pace, paced, readable
from dropviz.charts.expectation.draws import mean_deviation, read_draws
from dropviz.style.labels import Labels, percent

FRAMES = 80
LEFT, BOTTOM, TOP = 66.0, 58.0, 12.0  # room around the axes, in points
LABEL_PITCH = 26.0  # distance of the lines of a label, in points


class ExpectationChart(Chart):
    """E[h'] = h: the running mean of h'/h of each unit of the first run, on a logarithmic axis of masks.

    The band is the formula's mean ± 2 standard deviations. A second kind of line is the mean without the factor
    1 / (1 - drop_prob). The recordings must be of an arm with dropout, with the probe `expectation`. Source: Srivastava
    et al. 2014, section 10: with that factor in training, nothing is to be scaled at test.
    """

    key = "expectation"
    experiment = "expectation"
    probes = ("expectation",)
    needs_layers = True

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if no arm recorded masks of active units."""
        super().check(comparison)
        read_draws(comparison)

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return how far the means over all masks deviate from 1, and how many are within 2 standard deviations.

        It holds if, in every run, the mean over all units is within the standard deviations that chance explains.
        """
        runs = read_draws(comparison)
        ends = [(run.means[-1], run.error) for run in runs]
        near = sum(int((np.abs(means - 1) <= 2 * error).sum()) for means, error in ends)
        right = [abs(means.mean() - 1) <= MAX_CHANCE_SD * error / np.sqrt(len(means)) for means, error in ends]
        off = float(np.mean([mean_deviation(means) for means, _ in ends]))
        usual = float(np.sqrt(2 / np.pi)) * runs[0].error  # mean of the absolute value of a normal variable
        masks, holds = len(runs[0].ratios), agreed(right)
        key = "expectation no" if holds is False else "expectation yes"
        evidence = labels(
            "expectation evidence",
            usual=percent(usual),
            near=near,
            units=sum(len(means) for means, _ in ends),
            runs=len(runs),
        )
        return [Answer(labels(key, masks=masks, off=percent(off)), holds, evidence)]

    def settings(self) -> str:
        """Return the settings and the seed of the run that is drawn."""
        seeds = [read_draws(self.comparison)[0].run.seed]
        return facts(self.comparison.experiment, seeds, self.canvas.labels)

    def build(self, frames: int | None, pace: Pace) -> None:
        """Make the artists and the timeline."""
        canvas, theme = self.canvas, self.canvas.theme
        self.draws = read_draws(self.comparison)[0]
        self.count = np.arange(1, len(self.draws.ratios) + 1)
        self.timeline = paced(_indices(self.count, frames), pace)
        self.text_index = readable(self.timeline)
        self.colors = theme.arm_colors([True])[0], theme.muted
        self.inks = dict.fromkeys([theme.ink, theme.muted, *self.colors], SMOOTH) | {theme.faint: 1}
        self._make_axes()
        self.heads = [Dots(4 * canvas.scale, color, color) for color in reversed(self.colors)]
        self.trail: Sequence[Artist] = self.lines
        self.moving: Sequence[Artist] = self.heads

    def _make_axes(self) -> None:
        """Make the axes with their band, levels and lines."""
        canvas, draws, labels, theme = self.canvas, self.draws, self.canvas.labels, self.canvas.theme
        content = self.content
        names = [labels("expectation scaled", units=draws.ratios.shape[1]), labels("expectation unscaled")]
        room = min(max(canvas.width_of(name, TEXT, "bold") for name in names) + 20, 0.3 * content.width)
        box = Box(
            content.left + LEFT,
            content.bottom + BOTTOM,
            content.width - LEFT - room,
            content.height - BOTTOM - TOP,
        )
        axes = make_axes(canvas, box, labels("expectation masks"), labels("expectation ratio"), ("log", "plain"))
        keep, spread = 1 - draws.drop_prob, 2 * draws.sd / np.sqrt(self.count)
        axes.set(xlim=(1, max(len(self.count), 2)), ylim=(0, max(draws.means.max(), 1 / keep)))
        axes.fill_between(self.count, 1 - spread, 1 + spread, color=theme.faint, linewidth=0)
        band, size = canvas.fitted(labels("expectation band"), SMALL, box.width)
        top = box.bottom + box.height - 1.2 * SMALL
        canvas.text(box.left + box.width, top, band, size, color=theme.muted, ha="right")
        every = [canvas.lines(name, TEXT, room - 14, 3, "bold") for name in names]
        ys = [float(axes.transData.transform((1, level))[1]) / canvas.scale for level in (1.0, keep)]
        missing = max(LABEL_PITCH * sum(map(len, every)) / 2 - (ys[0] - ys[1]), 0) / 2
        for level, y, lines, color in zip(
            (1.0, keep), (ys[0] + missing, ys[1] - missing), every, self.colors, strict=True
        ):
            axes.axhline(level, color=theme.muted, linewidth=1.2, linestyle=(0, (4, 3)))
            for number, words in enumerate(lines):
                height = y + LABEL_PITCH * ((len(lines) - 1) / 2 - number)
                style = {"color": color, "weight": "bold", "va": "center_baseline"}
                canvas.text(box.left + box.width + 14, height, words, TEXT, **style)
        self._make_lines(axes)

    def _make_lines(self, axes: Axes) -> None:
        """Make the line of the unscaled mean, and the line of each unit."""
        scaled, unscaled = self.colors
        columns = [self.draws.unscaled, *self.draws.means.T]
        self.points: list[Points] = [axes.transData.transform(np.column_stack([self.count, each])) for each in columns]
        self.lines = [Shape(edge=unscaled, width=3), *(Shape(edge=scaled, width=1.8) for _ in columns[1:])]
        self.frame = axes.bbox

    def update(self, index: int, before: int | None = None) -> None:
        """Set the lines to the means over the first `index` + 1 masks."""
        column = 0 if before is None else self.settled(before)
        for line, points in zip(self.lines, self.points, strict=True):
            line.path = Path(points[: index + 1])
            line.path.should_simplify = False  # the part drawn before must not change as the line grows
            line.clip = Bbox.from_extents(column, self.frame.y0, self.frame.x1, self.frame.y1)
        ends = np.array([points[index] for points in self.points])
        self.heads[0].centres, self.heads[1].centres = ends[:1], ends[1:]

    def counter(self, index: int) -> str:
        """Return the number of masks drawn at `index`, and how far the means are off."""
        text_index = self.text_index[index]
        off = percent(mean_deviation(self.draws.means[text_index]))
        return self.canvas.labels("expectation now", count=text_index + 1, off=off)

    def front(self, index: int) -> float:
        """Return the x of the ends of all lines, in pixels."""
        return float(self.points[0][index, 0])


def _indices(count: NDArray[np.int64], frames: int | None) -> tuple[int, ...]:
    """Return the indices of masks that frames show, at even distances on a logarithmic axis, the last among them."""
    shown = np.geomspace(1, len(count), frames or FRAMES) if frames != 1 else count[-1:]
    return tuple(sorted({round(each) - 1 for each in shown}))
