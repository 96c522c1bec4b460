"""Chart of the thinned networks of a training (Srivastava et al. 2014, section 1)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator

from dropviz.analysis.captions import Answer, facts
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.statistics import MAX_CHANCE_SD, agreed
from dropviz.charts.base.answer_lines import AnswerLines
from dropviz.charts.base.artists import MovingText, Shape
from dropviz.charts.base.axes import make_axes
from dropviz.charts.base.canvas import SMOOTH
from dropviz.charts.base.cells import Cells, whole_masks
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.timeline import one_by_one, spread
from dropviz.charts.base.tracked_example import EXAMPLE
from dropviz.charts.subnetworks.overlap import Overlap, read_overlaps
from dropviz.charts.subnetworks.shares import SharesHistogram
from dropviz.style.labels import Labels, percent
from dropviz.style.theme import blend

FRAMES = 30
HEAD, LEFT, BELOW = 26.0, 88.0, 52.0  # points above each part, left of its axes, and below them
LIGHT = 0.45  # contrast to the background of cells that one mask alone keeps, of 1
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class SubnetworksChart(Chart):
    """Masks of the first run, one recorded iteration after another.

    The mask of the tracked example and the one before it; the number of distinct masks against masks drawn; and a
    histogram of the share of units that two masks both keep. The recordings must hold the masks of two or more
    iterations of an arm with dropout. Source: Srivastava et al. 2014, section 1: a network of n units is a collection
    of 2^n thinned networks.
    """

    experiment = "digits"
    needs_masks = True
    needs_layers = True

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if no arm with dropout kept the masks of two or more iterations."""
        super().check(comparison)
        read_overlaps(comparison)

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return the number of distinct masks, and the share of units that two masks both keep, over all runs.

        The first holds if all masks are distinct in every run; the second, if the share is within the standard
        deviations that chance explains in every run.
        """
        overlaps = [overlap for _, overlap in read_overlaps(comparison)]
        return [_distinct(overlaps, labels), _shared(overlaps, labels)]

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists and the timeline."""
        canvas, theme = self.canvas, self.canvas.theme
        self.run, self.overlap = read_overlaps(self.comparison)[0]
        self.masks = whole_masks(self.run)
        indices = spread(len(self.masks), frames or FRAMES, start=1)
        self.timeline = one_by_one(indices, hold)
        self.color = theme.arm_colors([True])[0]
        self.light = blend(self.color, theme.background, LIGHT)
        self.inks = dict.fromkeys([theme.ink, theme.muted, self.color, self.light], SMOOTH) | {theme.faint: 1}
        self._write_header()
        self.answer_lines = AnswerLines(canvas, self.sentences)
        parts = self._parts()
        self.heads = self._make_heads(parts)
        cells, line, bars = (Box(part.left, part.bottom, part.width, part.height - HEAD) for part in parts)
        self._make_cells(cells)
        self._make_line(line)
        draws = [self._drawn(index) for index in indices]
        self.histogram = SharesHistogram(canvas, _inner(bars), self.overlap, draws, self.light)
        self.trail: Sequence[Artist] = ()
        artists = [*self.cells.moving, self.line, self.histogram.bars, self.histogram.curve, *self.heads]
        self.moving: Sequence[Artist] = [*artists, self.counter, *self.answer_lines.words]

    def _write_header(self) -> None:
        """Draw title and settings, beside the counter of iterations."""
        canvas, labels = self.canvas, self.canvas.labels
        self.counter = canvas.moving_text(canvas.width - 40, canvas.height - 54, 18, "right", weight="bold")
        last = labels("iteration only", now=int(self.run.recorded_iterations[-1]))
        right = canvas.width_of(last, 18, "bold") + 30
        canvas.header(labels("subnetworks title"), facts(self.comparison.experiment, [self.run.seed], labels), right)

    def _parts(self) -> list[Box]:
        """Return the boxes of the three parts: side by side, or one above the other in a high picture."""
        canvas = self.canvas
        width, height = canvas.width - 80, canvas.height - 134 - self.answer_lines.height - 20
        if canvas.height > canvas.width:
            return [Box(40, 20 + height * (2 - part) / 3, width, height / 3) for part in range(3)]
        return [Box(40 + part * (width + 24) / 3, 20, (width - 48) / 3, height) for part in range(3)]

    def _make_heads(self, parts: Sequence[Box]) -> list[MovingText]:
        """Make the texts above the parts, of a size at which the widest numbers fit."""
        canvas = self.canvas
        draws, units = len(self.overlap.masks), self.overlap.units
        widest = {"count": units, "units": units, "share": "100.0%", "drawn": draws, "distinct": draws, "sd": "10.0%"}
        heads = []
        for part, key in zip(parts, ("shared", "distinct", "pairs"), strict=True):
            size = canvas.fit(canvas.labels(f"subnetworks {key}", **widest), 16, part.width, "bold")
            heads.append(canvas.moving_text(part.left, part.bottom + part.height - 16, size, weight="bold"))
        return heads

    def _make_cells(self, box: Box) -> None:
        """Make the cells of the units, and draw their legend."""
        canvas, colors = self.canvas, (self.color, self.light, self.canvas.theme.faint)
        inner = Box(box.left, box.bottom + 30, box.width, box.height - 30)
        self.cells = Cells(canvas, inner, self.overlap.units, colors)
        x, y = box.left, max(self.cells.bottom - 22, box.bottom)
        for color, key in zip(colors, ("both", "one", "none"), strict=True):
            words = canvas.labels(f"subnetworks {key}")
            canvas.text(x, y, "\N{BLACK SQUARE}", 15, color=color)
            canvas.text(x + 16, y, words, 14, color=canvas.theme.muted)
            x += 30 + canvas.width_of(words, 14)

    def _make_line(self, box: Box) -> None:
        """Make the line of distinct masks against masks drawn, and the dashed line on which all are distinct."""
        canvas, draws = self.canvas, len(self.overlap.masks)
        names = canvas.labels("subnetworks drawn axis"), canvas.labels("subnetworks distinct axis")
        axes = make_axes(canvas, _inner(box), *names, ("count", "count"))
        axes.set(xlim=(0, draws), ylim=(0, draws))
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))  # numbers of four and more digits are wide
        axes.plot([0, draws], [0, draws], color=canvas.theme.muted, linewidth=1.2, linestyle=(0, (4, 3)))
        count = np.arange(draws + 1)
        self.points = axes.transData.transform(np.column_stack([count, np.r_[0, self.overlap.distinct]]))
        self.line = Shape(edge=self.color, width=3.6, cap="round")

    def _drawn(self, index: int) -> int:
        """Return the number of masks drawn up to a recorded iteration."""
        return (index + 1) * int(self.masks.shape[1])

    def show(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # every cell may change
        """Set all artists to the masks drawn up to the recorded iteration of this index."""
        drawn = self._drawn(index)
        now, last = self.masks[index, EXAMPLE], self.masks[index - 1, EXAMPLE]
        self.cells.show(now & last, now ^ last, ~(now | last))
        self.line.path = Path(self.points[: drawn + 1])
        self.histogram.show(drawn)
        self._write_heads(drawn, int((now & last).sum()))
        self.counter.set_text(self.canvas.labels("iteration only", now=int(self.run.recorded_iterations[index])))
        self.answer_lines.show(index == self.timeline.indices[-1])

    def _write_heads(self, drawn: int, both: int) -> None:
        """Set the texts above the parts."""
        labels, units = self.canvas.labels, self.overlap.units
        shares = self.overlap.shares(drawn)
        self.heads[0].set_text(labels("subnetworks shared", count=both, units=units, share=percent(both / units)))
        distinct = int(self.overlap.distinct[drawn - 1])
        self.heads[1].set_text(labels("subnetworks distinct", drawn=drawn, distinct=distinct))
        self.heads[2].set_text(labels("subnetworks pairs", share=percent(shares.mean()), sd=percent(shares.std())))


def _distinct(overlaps: Sequence[Overlap], labels: Labels) -> Answer:
    """Return the number of distinct masks of all drawn; it holds if all are distinct in every run."""
    drawn = [len(each.masks) for each in overlaps]
    distinct = [int(each.distinct[-1]) for each in overlaps]
    power = "2" + str(overlaps[0].units).translate(SUPERSCRIPTS)
    words = labels("subnetworks answer", drawn=sum(drawn), distinct=sum(distinct), runs=len(overlaps), power=power)
    return Answer(words, agreed([one == other for one, other in zip(distinct, drawn, strict=True)]))


def _shared(overlaps: Sequence[Overlap], labels: Labels) -> Answer:
    """Return the share of units that two masks both keep; it holds if chance explains it in every run."""
    shares = [each.shares() for each in overlaps]
    near = [
        abs(share.mean() - each.expected) <= MAX_CHANCE_SD * each.error
        for share, each in zip(shares, overlaps, strict=True)
    ]
    words = labels(
        "subnetworks overlap",
        share=percent(np.mean([share.mean() for share in shares])),
        sd=percent(np.mean([share.std() for share in shares])),
        keep=percent(overlaps[0].expected),
        usual=percent(overlaps[0].expected_sd),
    )
    return Answer(words, agreed(near))


def _inner(box: Box) -> Box:
    """Return the box of axes, without their numbers and names."""
    return Box(box.left + LEFT, box.bottom + BELOW, box.width - LEFT - 18, box.height - BELOW - 8)
