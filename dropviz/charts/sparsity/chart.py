"""Chart of the histograms of hidden activations (Srivastava et al. 2014, section 7.2, figure 8)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from dropviz.analysis.answers import Answer
from dropviz.analysis.captions import facts, layer_name
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.statistics import Values, interval
from dropviz.charts.base.arm_pair import compare_ends
from dropviz.charts.base.artists import Shape
from dropviz.charts.base.axes import make_axes
from dropviz.charts.base.canvas import SMALL, SMOOTH, TEXT
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.timeline import Pace, paced, readable, spread
from dropviz.charts.sparsity.activity import LAYER, read_activities
from dropviz.charts.sparsity.bars import bar_path
from dropviz.style.labels import Labels, decimal
from dropviz.style.theme import blend

FRAMES = 60
LEFT, AXIS, MIDDLE = 62.0, 28.0, 34.0  # in points: room for shares, for the name of the axis, and for its numbers
HEADROOM = 1.15  # height of the axes as a factor of the highest bar
HALF = 45.0, 55.0  # percent by which a mean is lower that is halved
PALE = 0.45  # share of its colour that a bar has; the rest is background


class SparsityChart(Chart):
    """Histograms of the activations of the first hidden layer on the test set, dropout off, by snapshot.

    They are of activations above 0, without dropout above and with it mirrored below; lines are at the means of all
    activations. The recordings must be of one arm without dropout and one with it, with the probe `activations`.
    Source: Srivastava et al. 2014, section 7.2, figure 8, which is of an autoencoder.
    """

    key = "sparsity"
    experiment = "sparsity"
    together = True
    probes = ("activations",)
    needs_layers = True

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if there are other arms, or if the probe does not fit."""
        super().check(comparison)
        read_activities(comparison)

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return how the mean activation, and the share of activations that are 0, differ at the end.

        The first holds if the mean is decidedly lower with dropout; the second, if the share is higher.
        """
        pair, sides = read_activities(comparison)
        means, zeros = [side.mean_by_run[:, -1] for side in sides], [100 * side.zeros_by_run[:, -1] for side in sides]
        return [
            mean_answer(means, labels),
            compare_ends(pair, "sparsity zeros", zeros, rises=True, labels=labels),
        ]

    def settings(self) -> str:
        """Return the settings; histograms are of all seeds together."""
        labels, seeds = self.canvas.labels, self.comparison.arms[0].seeds
        together = labels("sparsity seeds", count=len(seeds)) if len(seeds) > 1 else ""
        return facts(self.comparison.experiment, seeds, labels, spread=together)

    def build(self, frames: int | None, pace: Pace) -> None:
        """Make the artists and the timeline."""
        theme = self.canvas.theme
        self.activities = read_activities(self.comparison)
        self.pair, self.sides = self.activities
        self.timeline = paced(spread(len(self.pair.iterations), frames or FRAMES), pace)
        self.text_index = readable(self.timeline)
        self.colors = theme.arm_colors([False, True])
        self.pale = [blend(color, theme.background, PALE) for color in self.colors]
        self.inks = dict.fromkeys([theme.ink, theme.muted, *self.colors], SMOOTH)
        self.inks |= dict.fromkeys([theme.faint, *self.pale], 1)
        boxes = self._make_axes()
        self._write_below(boxes[1])
        self._name_arms(boxes)
        self._make_artists()
        self.trail: Sequence[Artist] = ()

    def _make_axes(self) -> list[Box]:
        """Make the axes of both histograms; return their boxes."""
        canvas, content = self.canvas, self.content
        left, bottom = content.left + LEFT, content.bottom + AXIS
        width, half = content.width - LEFT, (content.height - AXIS - MIDDLE) / 2
        boxes = [Box(left, at, width, half) for at in (bottom + half + MIDDLE, bottom)]
        self.axes = [make_axes(canvas, box, "", "", ("plain", "percent")) for box in boxes]
        self.last_bin, self.beyond = self.activities.axis_end()
        self.rights = self.activities.rights
        peak = HEADROOM * self.activities.shares.max() or 1
        upper, lower = self.axes
        upper.set(xlim=(0, self.rights[self.last_bin]), ylim=(0, peak))
        lower.set(xlim=(0, self.rights[self.last_bin]), ylim=(peak, 0))
        lower.tick_params(bottom=False, labelbottom=False)
        lower.spines["bottom"].set_visible(False)
        lower.spines["top"].set(visible=True, color=canvas.theme.muted, linewidth=1.2)
        return boxes

    def _write_below(self, box: Box) -> None:
        """Draw the name of the axis below the lower histogram."""
        canvas, labels = self.canvas, self.canvas.labels
        is_open = self.last_bin == len(self.activities.edges) - 1
        layer = layer_name(self.pair.plain.runs[0].hidden[LAYER], labels)
        edge = f"{self.activities.edges[-1]:g}"
        name = labels("sparsity axis open" if is_open else "sparsity axis", layer=layer, edge=edge)
        words, size = canvas.fitted(name, SMALL, box.width)
        middle = box.left + box.width / 2
        canvas.text(middle, self.content.bottom + 6, words, size, color=canvas.theme.muted, ha="center")

    def _name_arms(self, boxes: list[Box]) -> None:
        canvas = self.canvas
        for arm, box, color, is_upper in zip(self.pair.arms, boxes, self.colors, (True, False), strict=True):
            words, size = canvas.fitted(canvas.labels.name(arm.name), TEXT, 0.4 * box.width, "bold")
            y = box.bottom + (box.height - 24 if is_upper else 10)
            canvas.text(box.left + box.width, y, words, size, color=color, weight="bold", ha="right")

    def _make_artists(self) -> None:
        canvas = self.canvas
        self.bars = [Shape(face=color) for color in self.pale]
        for bar, axes in zip(self.bars, self.axes, strict=True):
            bar.clip = axes.bbox
        self.lines = [Shape(edge=color, width=4) for color in self.colors]
        self.means = [canvas.moving_text(0, 0, TEXT, color=color, weight="bold") for color in self.colors]
        self.moving: Sequence[Artist] = [*self.bars, *self.lines, *self.means]

    def update(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # all bars may change
        """Set the histograms to the snapshot of this index."""
        text_index = self.text_index[index]
        for number, (side, axes) in enumerate(zip(self.sides, self.axes, strict=True)):
            self.bars[number].path = bar_path(axes, side.edges, self.rights, side.shares[index])
            self._show_mean(number, axes, side.mean[index], side.mean[text_index])

    def _show_mean(self, number: int, axes: Axes, mean: float, written: float) -> None:
        """Set the line of a mean, and the number beside it."""
        scale, box, text = self.canvas.scale, axes.bbox, self.means[number]
        x = float(axes.transData.transform((mean, 0))[0])
        self.lines[number].set_lines(np.array([[[x, box.y0], [x, box.y1]]]))
        text.x, text.y = x + 10 * scale, (box.y1 - 24 * scale if number == 0 else box.y0 + 10 * scale)
        text.set_text(self.canvas.labels("mean now", value=decimal(written)))

    def counter(self, index: int) -> str:
        """Return the iteration of the written values at `index`."""
        return self.canvas.iteration(self.pair.iterations, self.text_index[index])


def mean_answer(means: Sequence[Values], labels: Labels) -> Answer:
    """Return by how many percent the mean activation is lower with noise; it holds if it is decidedly lower."""
    plain, noisy = means
    found = interval(plain - noisy)
    share = 100 * float(1 - noisy.mean() / plain.mean()) if plain.mean() else 0.0
    is_half = HALF[0] <= share <= HALF[1]
    outcome = {True: "half" if is_half else "yes", False: "no", None: "open"}[found.holds]
    key = "one run" if len(plain) == 1 else outcome
    headline = labels(f"sparsity mean {key}", share=f"{abs(share):.0f}%")
    ends = labels("sparsity means", noisy=f"{noisy.mean():.2f}", plain=f"{plain.mean():.2f}")
    difference = interval(noisy - plain)
    words = (
        labels("no interval")
        if len(plain) == 1
        else labels("sparsity interval", low=_signed(difference.low), high=_signed(difference.high), count=len(plain))
    )
    return Answer(headline, found.holds, labels("semicolon").join([ends, words]), found.p_value)


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "\N{MINUS SIGN}")
