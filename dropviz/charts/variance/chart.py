"""Chart of the variance of hidden activations around the noise (Dive into Deep Learning, section 5.6, exercise 3)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from dropviz.analysis.captions import Answer, facts, iteration_axis, layer_name
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.statistics import agreed, mean_and_sd
from dropviz.charts.base.answer_lines import AnswerLines
from dropviz.charts.base.arm_pair import compare_ends
from dropviz.charts.base.axes import make_axes
from dropviz.charts.base.canvas import SMOOTH
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.legend import LegendEntry, draw_sample
from dropviz.charts.base.timeline import paced, readable, spread
from dropviz.charts.variance.panel import AFTER, FORMULA, FORMULA_WIDTH, SIZE, VariancePanel
from dropviz.charts.variance.variances import read_variances
from dropviz.recording import Layer
from dropviz.style.labels import Labels

FRAMES = 60
MAX_LAYERS = 3  # more panels would be flat
TOLERANCE = 0.01  # of the mean ratio of a run to the formula: for single passes it varies by about as much
LEFT, BOTTOM, GAP = 100.0, 76.0, 16.0  # left of the axes, below them, and between two of them, in points


class VarianceChart(Chart):
    """Variance of the activations of each hidden layer in training mode, before and after the noise, by snapshot.

    Means over seeds: of the arm without noise, of the arm with it, and of the formula in `Variances`, one panel for
    each hidden layer. The recordings must be of one arm without dropout and one with it, with the probe `activations`.
    Source: Dive into Deep Learning, section 5.6, exercise 3.
    """

    experiment = "variance"
    together = True
    probes = ("activations",)
    needs_layers = True

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if there are other arms, if the probe does not fit, or if the formula has no value."""
        super().check(comparison)
        read_variances(comparison)

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return the ratio of the variance after the noise to the formula, and the variance of the last layer.

        The first holds if the mean ratio is within TOLERANCE of 1 in every seed; the second, if the variance after the
        noise ends higher than without noise in every seed.
        """
        variances = read_variances(comparison)
        pair = variances.pair
        ratios = (variances.after / variances.formula)[..., variances.is_noisy]
        near = np.abs(ratios.mean(axis=(1, 2)) - 1) <= TOLERANCE
        ratio = mean_and_sd(ratios.ravel(), 3)
        outcome = labels("variance within", count=len(near), ahead=int(near.sum()))
        what = labels("variance ends", layer=layer_name(pair.noisy.runs[0].hidden[-1], labels))
        ends = [variances.plain[:, -1, -1], variances.after[:, -1, -1]]
        return [
            Answer(labels("variance ratio", ratio=ratio, outcome=outcome), agreed(near)),
            compare_ends(pair, what, ends, rises=True, labels=labels),
        ]

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists and the timeline."""
        canvas, theme = self.canvas, self.canvas.theme
        self.variances = read_variances(self.comparison)
        self.pair, self.iterations = self.variances.pair, self.variances.pair.iterations
        # The first frame shows the first tenth.
        self.timeline = paced(spread(len(self.iterations), frames or FRAMES, start=len(self.iterations) // 10), hold)
        self.text_index = readable(self.timeline)
        self.colors = theme.arm_colors([False, True])
        self.inks = dict.fromkeys([theme.ink, theme.muted, *self.colors], SMOOTH) | {theme.faint: 1}
        self.layers = self.pair.noisy.runs[0].hidden[:MAX_LAYERS]
        self._write_header()
        self.answer_lines = AnswerLines(canvas, self.sentences)
        self.panels = self._make_panels()
        self.trail: Sequence[Artist] = ()
        lines = [artist for panel in self.panels for artist in panel.moving]
        self.moving: Sequence[Artist] = [*lines, self.counter, *self.answer_lines.words]

    def _write_header(self) -> None:
        """Draw title and settings, with the layers that are not drawn."""
        labels = self.canvas.labels
        settings = [facts(self.comparison.experiment, self.pair.plain.seeds, labels, bands=False)]
        left_out = [layer_name(layer, labels) for layer in self.pair.noisy.runs[0].hidden[MAX_LAYERS:]]
        settings += [labels("not drawn", arms=labels("comma").join(left_out))] if left_out else []
        self.canvas.header(labels("variance title"), " · ".join(settings))

    def _names(self) -> list[str]:
        """Return the names of the measured lines, shortened to the room at the right."""
        canvas = self.canvas
        plain, noisy = (canvas.labels.name(arm.name) for arm in self.pair.arms)
        names = [plain, *(canvas.labels(key, arm=noisy) for key in ("variance before", "variance after"))]
        return [canvas.fitted(name, SIZE, 0.36 * canvas.width - 60, "bold")[0] for name in names]

    def _make_panels(self) -> list[VariancePanel]:
        canvas, count, names = self.canvas, len(self.layers), self._names()
        right = 30 + max(canvas.width_of(f"0.000 {name}", SIZE, "bold") for name in names)
        top, width = canvas.height - 142 - self.answer_lines.height, canvas.width - LEFT - right
        height = (top - BOTTOM - GAP * (count - 1)) / count
        panels = []
        for number, layer in enumerate(self.layers):
            box, lines = Box(LEFT, top - height - number * (height + GAP), width, height), self.variances.lines(number)
            axes = self._make_axes(box, layer, max(line.max() for line in lines))
            if number < count - 1:
                axes.tick_params(labelbottom=False)
            panels.append(VariancePanel(canvas, axes, self.iterations, lines, names, self.colors))
        axes.set_xlabel(iteration_axis(self.comparison.experiment, canvas.labels))
        self.counter = canvas.moving_text(LEFT + width, top + 8, 17, "right", canvas.theme.muted)
        self._draw_legend(top, width)
        return panels

    def _make_axes(self, box: Box, layer: Layer, highest: float) -> Axes:
        name = self.canvas.labels("variance axis", layer=layer_name(layer, self.canvas.labels))
        axes = make_axes(self.canvas, box, "", name, ("count", "plain"))
        axes.set(xlim=(0, self.iterations[-1]), ylim=(0, 1.06 * highest or 1))
        axes.yaxis.label.set_fontsize(min(17, self.canvas.fit(name, 17, box.height)))
        return axes

    def _draw_legend(self, top: float, width: float) -> None:
        """Draw the formula, with the line of the formula below the measured one, above the panels."""
        canvas = self.canvas
        counter = canvas.width_of(canvas.iteration(self.iterations, -1), 17)
        law, size = canvas.fitted(canvas.labels("variance law"), 15, width - counter - 60)
        for entry in (
            LegendEntry(law, canvas.theme.ink, FORMULA_WIDTH, FORMULA),
            LegendEntry(law, self.colors[1], AFTER),
        ):
            draw_sample(canvas, LEFT, top + 14, 36, entry)
        canvas.text(LEFT + 44, top + 8, law, size)

    def show(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # lines are short: drawn whole
        """Set the lines to the snapshots up to `index`."""
        text_index = self.text_index[index]
        for panel in self.panels:
            panel.show(index, text_index)
        self.counter.set_text(self.canvas.iteration(self.iterations, text_index))
        self.answer_lines.show(index == self.timeline.indices[-1])
