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
from dropviz.analysis.statistics import SURE, agreed
from dropviz.charts.base.artists import Shape
from dropviz.charts.base.axes import make_axes
from dropviz.charts.base.canvas import SMOOTH, Stage
from dropviz.charts.base.cells import Cells, whole_masks
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.closing import Closing
from dropviz.charts.base.example import EXAMPLE
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.timeline import one_by_one, spread
from dropviz.charts.subnetworks.overlap import Overlap
from dropviz.charts.subnetworks.shares import SharesHistogram
from dropviz.errors import RecordingError
from dropviz.recording.recording import Recording
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

    def __init__(self, comparison: Comparison, stage: Stage, frames: int | None, hold: float) -> None:
        self.run = _noisy_runs(comparison)[0]
        self.masks, self.overlap, self.stage, self.figure = (
            whole_masks(self.run),
            overlap_of(self.run),
            stage,
            stage.figure,
        )
        moments = spread(len(self.masks), frames or FRAMES, start=1)
        self.timeline = one_by_one(moments, hold)
        theme, labels = stage.theme, stage.labels
        self.color = theme.arm_colors([True])[0]
        self.light = blend(self.color, theme.background, HALF)
        self.inks = dict.fromkeys([theme.ink, theme.muted, self.color, self.light], SMOOTH) | {theme.faint: 1}
        self.counter = stage.words(stage.width - 40, stage.height - 54, 18, "right", weight="bold")
        right = stage.width_of(labels("iteration only", now=int(self.run.steps[-1])), 18, "bold") + 30
        stage.header(labels("subnetworks title"), facts(comparison.experiment, [self.run.seed], labels), right)
        said = [answer.words for answer in self.answers(comparison, labels)]
        self.closing = Closing(stage, said)
        cells, line, bars = self._boxes()
        self._make_cells(cells)
        self._make_line(line)
        draws = [self._drawn(moment) for moment in moments]
        self.histogram = SharesHistogram(stage, _inner(bars), self.overlap, draws, self.light)
        self.trail: Sequence[Artist] = ()
        self.moving: Sequence[Artist] = [
            *self.cells.moving,
            self.line,
            self.histogram.bars,
            self.histogram.curve,
            *self.heads,
            self.counter,
            *self.closing.words,
        ]

    def _boxes(self) -> list[Box]:
        """Room for the three parts, below their heads: side by side, or in a high picture one above the other."""
        stage = self.stage
        width, height = stage.width - 80, stage.height - 134 - self.closing.height - 20
        if stage.height > stage.width:
            parts = [Box(40, 20 + height * (2 - part) / 3, width, height / 3) for part in range(3)]
        else:
            parts = [Box(40 + part * (width + 24) / 3, 20, (width - 48) / 3, height) for part in range(3)]
        keys = ("subnetworks shared", "subnetworks distinct", "subnetworks pairs")
        draws, units = len(self.overlap.masks), self.overlap.units
        most = {"count": units, "units": units, "share": "100.0%", "drawn": draws, "distinct": draws, "sd": "10.0%"}
        words = [stage.labels(key, **most) for key in keys]
        sizes = [stage.fit(each, 16, part.width, "bold") for each, part in zip(words, parts, strict=True)]
        self.heads = [
            stage.words(part.left, part.bottom + part.height - 16, size, weight="bold")
            for part, size in zip(parts, sizes, strict=True)
        ]
        return [Box(part.left, part.bottom, part.width, part.height - HEAD) for part in parts]

    def _make_cells(self, box: Box) -> None:
        stage, colors = self.stage, (self.color, self.light, self.stage.theme.faint)
        self.cells = Cells(
            stage, Box(box.left, box.bottom + 30, box.width, box.height - 30), self.overlap.units, colors
        )
        x, y = box.left, max(self.cells.bottom - 22, box.bottom)
        for color, key in zip(colors, ("both", "one", "none"), strict=True):
            words = stage.labels(f"subnetworks {key}")
            stage.text(x, y, "\N{BLACK SQUARE}", 15, color=color)
            stage.text(x + 16, y, words, 14, color=stage.theme.muted)
            x += 30 + stage.width_of(words, 14)

    def _make_line(self, box: Box) -> None:
        """Distinct masks against masks drawn; on the dashed line they would all be distinct."""
        stage, draws = self.stage, len(self.overlap.masks)
        names = stage.labels("subnetworks drawn axis"), stage.labels("subnetworks distinct axis")
        axes = make_axes(stage, _inner(box), *names, ("count", "count"))
        axes.set(xlim=(0, draws), ylim=(0, draws))
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))  # of four digits and more
        axes.plot([0, draws], [0, draws], color=stage.theme.muted, linewidth=1.2, linestyle=(0, (4, 3)))
        count = np.arange(draws + 1)
        self.points = axes.transData.transform(np.column_stack([count, np.r_[0, self.overlap.distinct]]))
        self.line = Shape(edge=self.color, width=3.6, cap="round")

    def _drawn(self, moment: int) -> int:
        """How many masks had been drawn by a moment."""
        return (moment + 1) * int(self.masks.shape[1])

    def show(self, moment: int, before: int | None = None) -> None:  # noqa: ARG002  # every cell may change
        """Set all to what had been drawn by one recorded minibatch."""
        drawn = self._drawn(moment)
        now, last = self.masks[moment, EXAMPLE], self.masks[moment - 1, EXAMPLE]
        self.cells.show(now & last, now ^ last, ~(now | last))
        self.line.path = Path(self.points[: drawn + 1])
        self.histogram.show(drawn)
        self._say(drawn, int((now & last).sum()))
        self.counter.set_text(self.stage.labels("iteration only", now=int(self.run.steps[moment])))
        self.closing.show(moment == self.timeline.moments[-1])

    def _say(self, drawn: int, both: int) -> None:
        """What the three parts show, in numbers."""
        labels, units = self.stage.labels, self.overlap.units
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
            abs(share.mean() - each.expected) <= SURE * each.error for share, each in zip(shares, overlaps, strict=True)
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
        if all(len(run.steps) > 1 and not whole_masks(run).all() for run in arm.runs):
            return arm.runs
    raise RecordingError("no masks to count: name recordings of an arm with dropout that kept those of several steps")


def _inner(box: Box) -> Box:
    """Room for axes, without their numbers and names."""
    return Box(box.left + TICKS, box.bottom + NAMES, box.width - TICKS - 18, box.height - NAMES - 8)
