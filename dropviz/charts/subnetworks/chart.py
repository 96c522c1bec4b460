"""Chart of the thinned networks of a training (Srivastava et al. 2014, section 1)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist

from dropviz.analysis.answers import Answer
from dropviz.analysis.captions import facts
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.statistics import MAX_CHANCE_SD, agreed
from dropviz.charts.base.artists import MovingText
from dropviz.charts.base.canvas import SMALL, SMOOTH, TEXT, Canvas
from dropviz.charts.base.cells import Cells, whole_masks
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box, halves
from dropviz.charts.base.timeline import Pace, one_by_one, spread
from dropviz.charts.base.tracked_example import EXAMPLE
from dropviz.charts.subnetworks.overlap import Overlap, read_overlaps
from dropviz.style.labels import Labels, percent
from dropviz.style.theme import blend

FRAMES = 30
PITCH = 26.0  # from row to row of the legend, in points
CELLS_SHARE, BETWEEN, LEGEND = 0.6, 40.0, 34.0  # of the width, for the cells; space beside and below them, in points
NUMBER = 76.0  # size of the large numbers, in points
LIGHT = 0.45  # contrast to the background of cells that one mask alone keeps, of 1
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class SubnetworksChart(Chart):
    """Masks of the first run, one recorded iteration after another.

    Left the mask of the tracked example and the one before it, unit by unit; right the number of masks drawn so far and
    how many are distinct, and the mean share of units that two of them both keep. The recordings must hold the masks of
    two or more iterations of an arm with dropout. Source: Srivastava et al. 2014, section 1: a network of n units is a
    collection of 2^n thinned networks.
    """

    key = "subnetworks"
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

    def settings(self) -> str:
        """Return the settings and the seed of the run that is drawn."""
        run, _ = read_overlaps(self.comparison)[0]
        return facts(self.comparison.experiment, [run.seed], self.canvas.labels)

    def build(self, frames: int | None, pace: Pace) -> None:
        """Make the artists and the timeline."""
        theme = self.canvas.theme
        self.run, self.overlap = read_overlaps(self.comparison)[0]
        self.masks = whole_masks(self.run)
        self.timeline = one_by_one(spread(len(self.masks), frames or FRAMES, start=1), pace)
        self.color = theme.arm_colors([True])[0]
        self.light = blend(self.color, theme.background, LIGHT)
        self.inks = dict.fromkeys([theme.ink, theme.muted, self.color, self.light], SMOOTH) | {theme.faint: 1}
        left, right = halves(self.content, CELLS_SHARE, BETWEEN)
        self._make_cells(left)
        self.count, self.share = self._make_numbers(right)
        self.trail: Sequence[Artist] = ()
        numbers = [*self.count.moving, *self.share.moving]
        self.moving: Sequence[Artist] = [*self.cells.moving, *numbers]

    def _make_cells(self, box: Box) -> None:
        """Make the cells of the units, and draw their legend below them."""
        canvas, colors = self.canvas, (self.color, self.light, self.canvas.theme.faint)
        words = [canvas.labels(f"subnetworks {key}") for key in ("both", "one", "none")]
        widths = [40 + canvas.width_of(each, SMALL) for each in words]
        rows = 1 if sum(widths) - 20 <= box.width else len(words)
        low = LEGEND + PITCH * (rows - 1)
        self.cells = Cells(
            canvas, Box(box.left, box.bottom + low, box.width, box.height - low), self.overlap.units, colors
        )
        x, y = box.left, self.cells.bottom - PITCH
        for color, each, width in zip(colors, words, widths, strict=True):
            canvas.text(x, y, "\N{BLACK SQUARE}", SMALL, color=color)
            canvas.text(x + 20, y, *canvas.fitted(each, SMALL, box.width - 20))
            x, y = (x + width, y) if rows == 1 else (x, y - PITCH)

    def _make_numbers(self, box: Box) -> tuple["LargeNumber", "LargeNumber"]:
        """Make the number of masks, and the share of units that two keep, one below the other."""
        draws, half = len(self.overlap.masks), box.height / 2
        upper, lower = (Box(box.left, box.bottom + place * half, box.width, half) for place in (1, 0))
        return (
            LargeNumber(self.canvas, upper, f"{draws:,}", self._count_words(draws), self.color),
            LargeNumber(self.canvas, lower, "88%", self.canvas.labels("subnetworks share"), self.color),
        )

    def _count_words(self, drawn: int) -> str:
        distinct = int(self.overlap.distinct[drawn - 1])
        return self.canvas.labels("subnetworks all" if distinct == drawn else "subnetworks some", distinct=distinct)

    def update(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # every cell may change
        """Set all artists to the masks drawn up to the recorded iteration of this index."""
        drawn = (index + 1) * int(self.masks.shape[1])
        now, last = self.masks[index, EXAMPLE], self.masks[index - 1, EXAMPLE]
        self.cells.show(now & last, now ^ last, ~(now | last))
        self.count.show(f"{drawn:,}", self._count_words(drawn))
        share = percent(self.overlap.shares(drawn).mean(), 0)
        self.share.show(share, self.canvas.labels("subnetworks share"))

    def counter(self, index: int) -> str:
        """Return the recorded iteration at `index`."""
        return self.canvas.labels("iteration only", now=int(self.run.recorded_iterations[index]))


class LargeNumber:
    """A large number in the middle of the height of a box, with words below it.

    widest  the widest number
    words   the longest words
    """

    def __init__(self, canvas: Canvas, box: Box, widest: str, words: str, color: str) -> None:
        self._canvas, self._width = canvas, box.width
        self._most = max(len(canvas.wrap(words, TEXT, box.width)), 2)
        below = 12 + 1.3 * TEXT * self._most  # height of the words
        middle = box.bottom + max(box.height / 2, below)
        size = min(canvas.fit(widest, NUMBER, box.width, "bold"), 0.5 * box.height, box.bottom + box.height - middle)
        size = max(size, TEXT)
        self.number = canvas.moving_text(box.left, middle, size, color=color, weight="bold")
        ys = [middle - 12 - TEXT - 1.3 * TEXT * line for line in range(self._most)]
        self.lines: list[MovingText] = [canvas.moving_text(box.left, y, TEXT) for y in ys]
        self.moving: Sequence[Artist] = [self.number, *self.lines]

    def show(self, number: str, words: str) -> None:
        """Set the number and its words."""
        self.number.set_text(number)
        lines = self._canvas.lines(words, TEXT, self._width, self._most)
        for text, line in zip(self.lines, [*lines, *[""] * (self._most - len(lines))], strict=True):
            text.set_text(line)


def _distinct(overlaps: Sequence[Overlap], labels: Labels) -> Answer:
    """Return the number of distinct masks of all drawn; it holds if all are distinct in every run."""
    drawn = [len(each.masks) for each in overlaps]
    distinct = [int(each.distinct[-1]) for each in overlaps]
    power = "2" + str(overlaps[0].units).translate(SUPERSCRIPTS)
    key = "subnetworks alike" if sum(distinct) < sum(drawn) else "subnetworks distinct"
    each = round(np.mean(drawn))
    headline = labels(key, drawn=sum(drawn) if "alike" in key else each, distinct=sum(distinct))
    evidence = labels("subnetworks evidence", runs=len(overlaps), power=power)
    return Answer(headline, agreed([one == other for one, other in zip(distinct, drawn, strict=True)]), evidence)


def _shared(overlaps: Sequence[Overlap], labels: Labels) -> Answer:
    """Return the share of units that two masks both keep; it holds if chance explains it in every run."""
    shares = [each.shares() for each in overlaps]
    near = [
        abs(share.mean() - each.expected) <= MAX_CHANCE_SD * each.error
        for share, each in zip(shares, overlaps, strict=True)
    ]
    holds, share = agreed(near), float(np.mean([share.mean() for share in shares]))
    evidence = labels(
        "subnetworks overlap",
        share=percent(share),
        sd=percent(np.mean([share.std() for share in shares])),
        keep=percent(overlaps[0].expected),
        usual=percent(overlaps[0].expected_sd),
    )
    key = "subnetworks more" if holds is False else "subnetworks chance"
    return Answer(labels(key, share=percent(share, 0)), holds, evidence)
