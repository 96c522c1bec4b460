"""Histograms of hidden activations while training, with and without dropout (Srivastava et al. 2014, figure 8).

Theirs are of an autoencoder with 256 hidden units; these are of a classifier, dropout off, on images of the test set.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from dropviz.analysis.captions import Answer, facts, layer_name
from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.charts.base.answer_lines import AnswerLines
from dropviz.charts.base.arm_pair import compare_ends, find_arm_pair, probe_values
from dropviz.charts.base.artists import Shape
from dropviz.charts.base.axes import make_axes
from dropviz.charts.base.canvas import SMOOTH
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.timeline import paced, readable, spread
from dropviz.charts.sparsity.bars import bar_path
from dropviz.errors import RecordingError
from dropviz.style.labels import Labels, percent

FRAMES = 60
LAYER = 0  # the first hidden one
# In points: left margin, width of the axes of the zeros, what is between them and the histograms, and right margin.
MARGIN, ZEROS, BETWEEN, RIGHT = 92.0, 130.0, 96.0, 40.0
HEADROOM = 1.3  # of the highest bar: above it stands the mean
BEYOND = 0.001  # of the activations at most lie beyond the axis: a few large ones would press all others together
BOTTOM, MIDDLE = 76.0, 36.0  # under the lower histogram, and between the two, where the numbers of the axis stand


class Activity:
    """Of all runs of an arm together: `mean` and `zeros` float [S], `shares` float [S, bins] of what is not zero.

    `mean_by_run` and `zeros_by_run` float [runs, S]; `edges` float [bins], where the bins begin; `total`, how many
    activations each run counted in each snapshot.
    """

    def __init__(self, arm: ArmRuns, layers: int) -> None:
        snapshots = len(arm.iterations)
        edges = probe_values(arm, "activations/edges", len(arm.runs[0].probe("activations/edges", -1)))
        self.edges = edges[0]
        counts = probe_values(arm, "activations/counts", snapshots, layers, len(self.edges))[:, :, LAYER]
        total = counts.sum(axis=2, keepdims=True)
        alike = (edges == edges[0]).all() and (total == total.flat[0]).all()
        if not alike or (counts < 0).any() or not total.flat[0] or (np.diff(self.edges) <= 0).any():
            raise RecordingError(f"the activations of arm {arm.name!r} are not counted in ascending bins, all alike")
        self.total = int(total.flat[0])
        self.mean_by_run = probe_values(arm, "activations/mean", snapshots, layers)[..., LAYER]
        self.zeros_by_run = probe_values(arm, "activations/zeros", snapshots, layers)[..., LAYER]
        self.mean, self.zeros = self.mean_by_run.mean(axis=0), self.zeros_by_run.mean(axis=0)
        self.shares = counts.mean(axis=0) / self.total
        self.shares[:, 0] -= self.zeros  # they have a bar of their own


class SparsityChart(Chart):
    """The share of exact zeros left; right the histograms of all other activations, mirrored, with the overall mean."""

    experiment = "sparsity"
    together = True
    probes = ("activations",)

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists, and the timeline."""
        comparison, canvas = self.comparison, self.canvas
        self.pair = find_arm_pair(comparison, "sparsity")
        layers = self.pair.layers()
        self.sides = [Activity(arm, layers) for arm in self.pair.arms]
        if not np.array_equal(self.sides[0].edges, self.sides[1].edges):
            raise RecordingError("the arms count activations in different bins: train them again alike")
        self.timeline = paced(spread(len(self.pair.iterations), frames or FRAMES), hold)
        self.text_index = readable(self.timeline)
        self.colors = canvas.theme.arm_colors([False, True])
        self.inks = dict.fromkeys([canvas.theme.ink, canvas.theme.muted, *self.colors], SMOOTH) | {
            canvas.theme.faint: 1
        }
        labels = canvas.labels
        canvas.header(
            labels("sparsity title"), facts(comparison.experiment, self.pair.plain.seeds, labels, bands=False)
        )
        self.answer_lines = AnswerLines(canvas, self.sentences)
        self._make_axes()
        self._make_marks()
        self.trail: Sequence[Artist] = ()

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Whether, at the end, the mean activation is lower with dropout, and more activations are exactly zero."""
        pair = find_arm_pair(comparison, "sparsity")
        sides = [Activity(arm, pair.layers()) for arm in pair.arms]
        means, zeros = [side.mean_by_run[:, -1] for side in sides], [100 * side.zeros_by_run[:, -1] for side in sides]
        return [
            compare_ends(pair, labels("sparsity mean"), means, rises=False, labels=labels),
            compare_ends(pair, labels("sparsity zeros"), zeros, rises=True, labels=labels, digits=1),
        ]

    def _make_axes(self) -> None:
        canvas, labels, edges = self.canvas, self.canvas.labels, self.sides[0].edges
        bottom, top = BOTTOM, canvas.height - 140 - self.answer_lines.height
        left, half = MARGIN + ZEROS + BETWEEN, (top - bottom - MIDDLE) / 2
        width = canvas.width - left - RIGHT
        self.zeros_axes = make_axes(canvas, Box(MARGIN, bottom, ZEROS, top - bottom), "", "", ("plain", "percent"))
        self.zeros_axes.set(xlim=(0, 2), ylim=(0, 1), xticks=[])
        heights = (bottom + half + MIDDLE, bottom)
        boxes = [Box(left, height, width, half) for height in heights]
        self.axes = [make_axes(canvas, box, "", "", ("plain", "percent")) for box in boxes]
        shares = np.concatenate([side.shares for side in self.sides])
        beyond = 1 - np.cumsum(shares, axis=1) - np.concatenate([side.zeros for side in self.sides])[:, None]
        last = int(np.argmax((beyond <= BEYOND).all(axis=0)))
        self.rights = np.append(edges[1:], edges[-1] + (edges[-1] - edges[-2] if len(edges) > 1 else 1))
        peak = HEADROOM * shares.max() or 1
        upper, lower = self.axes
        upper.set(xlim=(0, self.rights[last]), ylim=(0, peak))
        lower.set(xlim=(0, self.rights[last]), ylim=(peak, 0))
        lower.tick_params(bottom=False, labelbottom=False)
        lower.spines["bottom"].set_visible(False)
        lower.spines["top"].set(visible=True, color=canvas.theme.muted, linewidth=1.2)
        key = "sparsity axis open" if last == len(edges) - 1 else "sparsity axis"
        layer = self.pair.plain.runs[0].hidden[LAYER]
        under = labels(key, layer=layer_name(layer, labels), edge=edges[-1])
        note = labels(
            "sparsity note", images=self.sides[0].total // layer.units, beyond=percent(max(beyond[:, last].max(), 0), 2)
        )
        self._write_under(under, left + width / 2, 46, width)
        self._write_under(note, left + width / 2, 22, width, size=14)
        self._write_under(labels("sparsity zeros axis"), MARGIN + ZEROS / 2, 46, ZEROS + MARGIN - 40)
        self._name_arms(boxes)

    def _write_under(self, words: str, x: float, y: float, width: float, size: float = 17) -> None:
        words, size = self.canvas.fitted(words, size, width)
        self.canvas.text(x, y, words, size, color=self.canvas.theme.muted, ha="center")

    def _name_arms(self, boxes: list[Box]) -> None:
        canvas = self.canvas
        for arm, box, color, up in zip(self.pair.arms, boxes, self.colors, (True, False), strict=True):
            words, size = canvas.fitted(canvas.labels.name(arm.name), 21, 0.7 * box.width, "bold")
            y = box.bottom + (box.height - 20 if up else 6)
            canvas.text(box.left + box.width, y, words, size, color=color, weight="bold", ha="right")

    def _make_marks(self) -> None:
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
        """Draw the histograms of one snapshot."""
        text_index = self.text_index[index]
        for number, (side, axes) in enumerate(zip(self.sides, self.axes, strict=True)):
            self.bars[number].path = bar_path(axes, side.edges, self.rights, side.shares[index])
            self._show_mean(number, axes, side.mean[index], side.mean[text_index])
            place, zeros = np.array([number + 0.12]), side.zeros[[index]]
            self.zero_bars[number].path = bar_path(self.zeros_axes, place, place + 0.76, zeros)
            x, y = self.zeros_axes.transData.transform((number + 0.5, zeros[0]))
            words = self.zeros[number]
            words.x, words.y = x, y + 6 * self.canvas.scale
            words.set_text(percent(side.zeros[text_index], 0))
        self.counter.set_text(self.canvas.iteration(self.pair.iterations, text_index))
        self.answer_lines.show(index == self.timeline.indices[-1])

    def _show_mean(self, number: int, axes: Axes, mean: float, said: float) -> None:
        scale, box = self.canvas.scale, axes.bbox
        x = float(axes.transData.transform((mean, 0))[0])
        self.lines[number].set_lines(np.array([[[x, box.y0], [x, box.y1]]]))
        words = self.means[number]
        words.x, words.y = x + 8 * scale, (box.y1 - 20 * scale if number == 0 else box.y0 + 6 * scale)
        words.set_text(self.canvas.labels("mean now", value=f"{said:.2f}"))
