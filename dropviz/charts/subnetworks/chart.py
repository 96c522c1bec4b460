"""How many thinned networks a training has seen, and how much two of them share (Srivastava et al. 2014, section 1).

A network of n units is a collection of 2^n thinned networks: each followed example of each recorded minibatch drew one.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator

from dropviz.analysis.captions import Answer, facts
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.statistics import MAX_CHANCE_SD, agreed
from dropviz.charts.base.answer_lines import AnswerLines
from dropviz.charts.base.artists import Shape
from dropviz.charts.base.axes import make_axes
from dropviz.charts.base.canvas import SMOOTH
from dropviz.charts.base.cells import Cells, whole_masks
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.timeline import one_by_one, spread
from dropviz.charts.base.tracked_example import EXAMPLE
from dropviz.charts.subnetworks.overlap import Overlap
from dropviz.charts.subnetworks.shares import SharesHistogram
from dropviz.errors import RecordingError
from dropviz.recording import Recording
from dropviz.style.labels import Labels, percent
from dropviz.style.theme import blend

FRAMES = 30
HEAD, TICKS, NAMES = 26.0, 88.0, 52.0  # points above each part, left of axes and below them
HALF = 0.45  # how far the colour of cells kept by one mask alone stands out
POWERS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class SubnetworksChart(Chart):
    """Of the first run: a mask and the one before it, how many were distinct so far, and what all pairs share."""

    experiment = "digits"
    needs_masks = True

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists, and the timeline."""
        comparison, canvas = self.comparison, self.canvas
        self.run = _noisy_runs(comparison)[0]
        self.masks, self.overlap = whole_masks(self.run), overlap_of(self.run)
        indices = spread(len(self.masks), frames or FRAMES, start=1)
        self.timeline = one_by_one(indices, hold)
        theme, labels = canvas.theme, canvas.labels
        self.color = theme.arm_colors([True])[0]
        self.light = blend(self.color, theme.background, HALF)
        self.inks = dict.fromkeys([theme.ink, theme.muted, self.color, self.light], SMOOTH) | {theme.faint: 1}
        self.counter = canvas.moving_text(canvas.width - 40, canvas.height - 54, 18, "right", weight="bold")
        right = canvas.width_of(labels("iteration only", now=int(self.run.recorded_iterations[-1])), 18, "bold") + 30
        canvas.header(labels("subnetworks title"), facts(comparison.experiment, [self.run.seed], labels), right)
        said = self.sentences
        self.answer_lines = AnswerLines(canvas, said)
        cells, line, bars = self._boxes()
        self._make_cells(cells)
        self._make_line(line)
        draws = [self._drawn(index) for index in indices]
        self.histogram = SharesHistogram(canvas, _inner(bars), self.overlap, draws, self.light)
        self.trail: Sequence[Artist] = ()
        self.moving: Sequence[Artist] = [
            *self.cells.moving,
            self.line,
            self.histogram.bars,
            self.histogram.curve,
            *self.heads,
            self.counter,
            *self.answer_lines.words,
        ]

    def _boxes(self) -> list[Box]:
        """Room for the three parts, below their heads: side by side, or in a high picture one above the other."""
        canvas = self.canvas
        width, height = canvas.width - 80, canvas.height - 134 - self.answer_lines.height - 20
        if canvas.height > canvas.width:
            parts = [Box(40, 20 + height * (2 - part) / 3, width, height / 3) for part in range(3)]
        else:
            parts = [Box(40 + part * (width + 24) / 3, 20, (width - 48) / 3, height) for part in range(3)]
        keys = ("subnetworks shared", "subnetworks distinct", "subnetworks pairs")
        draws, units = len(self.overlap.masks), self.overlap.units
        most = {"count": units, "units": units, "share": "100.0%", "drawn": draws, "distinct": draws, "sd": "10.0%"}
        words = [canvas.labels(key, **most) for key in keys]
        sizes = [canvas.fit(each, 16, part.width, "bold") for each, part in zip(words, parts, strict=True)]
        self.heads = [
            canvas.moving_text(part.left, part.bottom + part.height - 16, size, weight="bold")
            for part, size in zip(parts, sizes, strict=True)
        ]
        return [Box(part.left, part.bottom, part.width, part.height - HEAD) for part in parts]

    def _make_cells(self, box: Box) -> None:
        canvas, colors = self.canvas, (self.color, self.light, self.canvas.theme.faint)
        self.cells = Cells(
            canvas, Box(box.left, box.bottom + 30, box.width, box.height - 30), self.overlap.units, colors
        )
        x, y = box.left, max(self.cells.bottom - 22, box.bottom)
        for color, key in zip(colors, ("both", "one", "none"), strict=True):
            words = canvas.labels(f"subnetworks {key}")
            canvas.text(x, y, "\N{BLACK SQUARE}", 15, color=color)
            canvas.text(x + 16, y, words, 14, color=canvas.theme.muted)
            x += 30 + canvas.width_of(words, 14)

    def _make_line(self, box: Box) -> None:
        """Distinct masks against masks drawn; on the dashed line they would all be distinct."""
        canvas, draws = self.canvas, len(self.overlap.masks)
        names = canvas.labels("subnetworks drawn axis"), canvas.labels("subnetworks distinct axis")
        axes = make_axes(canvas, _inner(box), *names, ("count", "count"))
        axes.set(xlim=(0, draws), ylim=(0, draws))
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))  # of four digits and more
        axes.plot([0, draws], [0, draws], color=canvas.theme.muted, linewidth=1.2, linestyle=(0, (4, 3)))
        count = np.arange(draws + 1)
        self.points = axes.transData.transform(np.column_stack([count, np.r_[0, self.overlap.distinct]]))
        self.line = Shape(edge=self.color, width=3.6, cap="round")

    def _drawn(self, index: int) -> int:
        """How many masks had been drawn by a moment."""
        return (index + 1) * int(self.masks.shape[1])

    def show(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # every cell may change
        """Set all to what had been drawn by one recorded minibatch."""
        drawn = self._drawn(index)
        now, last = self.masks[index, EXAMPLE], self.masks[index - 1, EXAMPLE]
        self.cells.show(now & last, now ^ last, ~(now | last))
        self.line.path = Path(self.points[: drawn + 1])
        self.histogram.show(drawn)
        self._say(drawn, int((now & last).sum()))
        self.counter.set_text(self.canvas.labels("iteration only", now=int(self.run.recorded_iterations[index])))
        self.answer_lines.show(index == self.timeline.indices[-1])

    def _say(self, drawn: int, both: int) -> None:
        """What the three parts show, in numbers."""
        labels, units = self.canvas.labels, self.overlap.units
        shares = self.overlap.shares(drawn)
        self.heads[0].set_text(labels("subnetworks shared", count=both, units=units, share=percent(both / units)))
        distinct = int(self.overlap.distinct[drawn - 1])
        self.heads[1].set_text(labels("subnetworks distinct", drawn=drawn, distinct=distinct))
        self.heads[2].set_text(labels("subnetworks pairs", share=percent(shares.mean()), sd=percent(shares.std())))

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """How many masks were distinct, and the share of units that two of them both keep, over all runs."""
        overlaps = [overlap_of(run) for run in _noisy_runs(comparison)]
        drawn = [len(each.masks) for each in overlaps]
        distinct = [int(each.distinct[-1]) for each in overlaps]
        power = "2" + str(overlaps[0].units).translate(POWERS)
        said = {"drawn": sum(drawn), "distinct": sum(distinct), "runs": len(drawn), "power": power}
        new = [one == all_ for one, all_ in zip(distinct, drawn, strict=True)]
        shares = [each.shares() for each in overlaps]
        near = [
            abs(share.mean() - each.expected) <= MAX_CHANCE_SD * each.error
            for share, each in zip(shares, overlaps, strict=True)
        ]
        mean, sd = np.mean([share.mean() for share in shares]), np.mean([share.std() for share in shares])
        usual = {"keep": percent(overlaps[0].expected), "usual": percent(overlaps[0].expected_sd)}
        words = labels("subnetworks overlap", share=percent(mean), sd=percent(sd), **usual)
        return [
            Answer(labels("subnetworks answer", **said), agreed(new)),
            Answer(words, agreed(near)),
        ]


def overlap_of(run: Recording) -> Overlap:
    """The masks of a run in the order of its minibatches, and their examples in the order of rows."""
    masks = whole_masks(run)
    drops = [layer for layer in run.layers if layer.name in run.masks]
    keep = np.concatenate([np.full(layer.units, 1 - layer.drop_prob) for layer in drops])
    return Overlap(masks.reshape(-1, masks.shape[2]), keep)


def _noisy_runs(comparison: Comparison) -> tuple[Recording, ...]:
    """The runs of the first arm in whose masks anything was dropped, in several minibatches."""
    for arm in comparison.arms:
        if all(len(run.recorded_iterations) > 1 and not whole_masks(run).all() for run in arm.runs):
            return arm.runs
    raise RecordingError("no masks to count: name recordings of an arm with dropout that kept those of several steps")


def _inner(box: Box) -> Box:
    """Room for axes, without their numbers and names."""
    return Box(box.left + TICKS, box.bottom + NAMES, box.width - TICKS - 18, box.height - NAMES - 8)
