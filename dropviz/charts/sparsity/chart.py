"""Chart of the histograms of hidden activations (Srivastava et al. 2014, section 7.2, figure 8)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from dropviz.analysis.captions import Answer, facts, layer_name
from dropviz.analysis.comparison import Comparison
from dropviz.charts.base.answer_lines import AnswerLines
from dropviz.charts.base.arm_pair import compare_ends
from dropviz.charts.base.artists import Shape
from dropviz.charts.base.axes import make_axes
from dropviz.charts.base.canvas import SMOOTH
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.timeline import paced, readable, spread
from dropviz.charts.sparsity.activity import LAYER, read_activities
from dropviz.charts.sparsity.bars import bar_path
from dropviz.style.labels import Labels, percent

FRAMES = 60
# In points: left margin, width of the axes of zeros, space between them and the histograms, and right margin.
MARGIN, ZEROS, BETWEEN, RIGHT = 92.0, 130.0, 96.0, 40.0
HEADROOM = 1.3  # height of the axes as a factor of the highest bar: the mean is written above it
BOTTOM, MIDDLE = 76.0, 36.0  # below the lower histogram, and between the two for the numbers of the axis, in points


class SparsityChart(Chart):
    """Histograms of the activations of the first hidden layer on the test set, dropout off, by snapshot.

    Left the share of activations that are exactly 0; right the histograms of the others, without dropout above and
    with it mirrored below, and their means. The recordings must be of one arm without dropout and one with it, with
    the probe `activations`. Source: Srivastava et al. 2014, section 7.2, figure 8, which is of an autoencoder.
    """

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
        """Return the mean activation, and the share of activations that are 0, of both arms at the end.

        The first holds if the mean is lower with dropout in every seed; the second, if the share is higher.
        """
        pair, sides = read_activities(comparison)
        means, zeros = [side.mean_by_run[:, -1] for side in sides], [100 * side.zeros_by_run[:, -1] for side in sides]
        return [
            compare_ends(pair, labels("sparsity mean"), means, rises=False, labels=labels),
            compare_ends(pair, labels("sparsity zeros"), zeros, rises=True, labels=labels, digits=1),
        ]

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists and the timeline."""
        canvas, theme, labels = self.canvas, self.canvas.theme, self.canvas.labels
        self.activities = read_activities(self.comparison)
        self.pair, self.sides = self.activities
        self.timeline = paced(spread(len(self.pair.iterations), frames or FRAMES), hold)
        self.text_index = readable(self.timeline)
        self.colors = theme.arm_colors([False, True])
        self.inks = dict.fromkeys([theme.ink, theme.muted, *self.colors], SMOOTH) | {theme.faint: 1}
        settings = facts(self.comparison.experiment, self.pair.plain.seeds, labels, bands=False)
        canvas.header(labels("sparsity title"), settings)
        self.answer_lines = AnswerLines(canvas, self.sentences)
        boxes = self._make_axes()
        self._write_below(boxes[1])
        self._name_arms(boxes)
        self._make_artists()
        self.trail: Sequence[Artist] = ()

    def _make_axes(self) -> list[Box]:
        """Make the axes of the zeros and of both histograms; return the boxes of the histograms."""
        canvas = self.canvas
        top = canvas.height - 140 - self.answer_lines.height
        left, half = MARGIN + ZEROS + BETWEEN, (top - BOTTOM - MIDDLE) / 2
        width = canvas.width - left - RIGHT
        self.zeros_axes = make_axes(canvas, Box(MARGIN, BOTTOM, ZEROS, top - BOTTOM), "", "", ("plain", "percent"))
        self.zeros_axes.set(xlim=(0, 2), ylim=(0, 1), xticks=[])
        boxes = [Box(left, bottom, width, half) for bottom in (BOTTOM + half + MIDDLE, BOTTOM)]
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
        """Draw the names of the axes, and the note on the number of images and the share beyond the axis."""
        labels, edges = self.canvas.labels, self.activities.edges
        key = "sparsity axis open" if self.last_bin == len(edges) - 1 else "sparsity axis"
        layer = self.pair.plain.runs[0].hidden[LAYER]
        name = labels(key, layer=layer_name(layer, labels), edge=edges[-1])
        images = self.sides[0].total // layer.units
        note = labels("sparsity note", images=images, beyond=percent(self.beyond, 2))
        middle = box.left + box.width / 2
        self._write_centred(name, middle, 46, box.width)
        self._write_centred(note, middle, 22, box.width, size=14)
        self._write_centred(labels("sparsity zeros axis"), MARGIN + ZEROS / 2, 46, ZEROS + MARGIN - 40)

    def _write_centred(self, words: str, x: float, y: float, width: float, size: float = 17) -> None:
        words, size = self.canvas.fitted(words, size, width)
        self.canvas.text(x, y, words, size, color=self.canvas.theme.muted, ha="center")

    def _name_arms(self, boxes: list[Box]) -> None:
        canvas = self.canvas
        for arm, box, color, is_upper in zip(self.pair.arms, boxes, self.colors, (True, False), strict=True):
            words, size = canvas.fitted(canvas.labels.name(arm.name), 21, 0.7 * box.width, "bold")
            y = box.bottom + (box.height - 20 if is_upper else 6)
            canvas.text(box.left + box.width, y, words, size, color=color, weight="bold", ha="right")

    def _make_artists(self) -> None:
        canvas, ink = self.canvas, self.canvas.theme.ink
        self.bars = [Shape(face=color) for color in self.colors]
        self.zero_bars = [Shape(face=color) for color in self.colors]
        self.lines = [Shape(edge=ink, width=2, dash=(5, 3)) for _ in self.sides]
        self.means = [canvas.moving_text(0, 0, 17, color=ink, weight="bold") for _ in self.sides]
        self.zeros = [canvas.moving_text(0, 0, 17, "center", color=ink, weight="bold") for _ in self.sides]
        right, top = self.axes[0].bbox.x1 / canvas.scale, self.axes[0].bbox.y1 / canvas.scale
        self.counter = canvas.moving_text(right, top + 10, 18, "right", canvas.theme.muted)
        marks = (*self.bars, *self.zero_bars, *self.lines, *self.means, *self.zeros)
        self.moving: Sequence[Artist] = [*marks, self.counter, *self.answer_lines.words]

    def show(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # all bars may change
        """Set the histograms to the snapshot of this index."""
        text_index = self.text_index[index]
        for number, (side, axes) in enumerate(zip(self.sides, self.axes, strict=True)):
            self.bars[number].path = bar_path(axes, side.edges, self.rights, side.shares[index])
            self._show_mean(number, axes, side.mean[index], side.mean[text_index])
            self._show_zeros(number, side.zeros[index], side.zeros[text_index])
        self.counter.set_text(self.canvas.iteration(self.pair.iterations, text_index))
        self.answer_lines.show(index == self.timeline.indices[-1])

    def _show_mean(self, number: int, axes: Axes, mean: float, written: float) -> None:
        """Set the line of a mean, and the number beside it."""
        scale, box, text = self.canvas.scale, axes.bbox, self.means[number]
        x = float(axes.transData.transform((mean, 0))[0])
        self.lines[number].set_lines(np.array([[[x, box.y0], [x, box.y1]]]))
        text.x, text.y = x + 8 * scale, (box.y1 - 20 * scale if number == 0 else box.y0 + 6 * scale)
        text.set_text(self.canvas.labels("mean now", value=f"{written:.2f}"))

    def _show_zeros(self, number: int, share: float, written: float) -> None:
        """Set the bar of a share of zeros, and the number above it."""
        left, text = np.array([number + 0.12]), self.zeros[number]
        self.zero_bars[number].path = bar_path(self.zeros_axes, left, left + 0.76, np.array([share]))
        x, y = self.zeros_axes.transData.transform((number + 0.5, share))
        text.x, text.y = x, y + 6 * self.canvas.scale
        text.set_text(percent(written, 0))
