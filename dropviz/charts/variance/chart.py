"""The variance of the activations of each hidden layer while training (Dive into Deep Learning, 5.6, exercise 3).

In training mode, before and after the noise layer. Noise of mean 1 and variance v that does not depend on the
activation h makes h' of it, with Var[h'] = Var[h] + v E[h²] (law of total variance); dropout has
v = drop_prob / (1 - drop_prob). That line is drawn over the measured one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import NDArray

from dropviz.analysis.captions import Answer, facts, iteration_axis, layer_name
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.statistics import agreed, mean_and_sd
from dropviz.charts.base.answer_lines import AnswerLines
from dropviz.charts.base.arm_pair import ArmPair, compare_ends, find_arm_pair, probe_values
from dropviz.charts.base.axes import make_axes
from dropviz.charts.base.canvas import SMOOTH
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.legend import LegendEntry, draw_sample
from dropviz.charts.base.timeline import paced, readable, spread
from dropviz.charts.variance.panel import AFTER, FORMULA, FORMULA_WIDTH, SIZE, VariancePanel
from dropviz.errors import RecordingError
from dropviz.style.labels import Labels

FRAMES = 60
MAX_LAYERS = 3  # more of them would be flat
WITHIN = 0.01  # the mean ratio of a run to the formula is this near to 1: of single passes, it scatters about as much
GAP = 16.0  # between two pairs of axes, in points


@dataclass(frozen=True, eq=False)
class Variances:
    """Float [runs, S, layers]: `plain` without noise; `before` and `after` it; `formula`, what it makes of `before`."""

    plain: NDArray[np.float64]
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    formula: NDArray[np.float64]
    is_noisy: NDArray[np.bool_]


def read_variances(pair: ArmPair) -> Variances:
    """What was measured, and what follows of it; RecordingError where the formula has no value."""
    shape = len(pair.iterations), pair.layers()
    names = ("variance before", "variance after", "square before")
    before, after, square = (probe_values(pair.noisy, f"activations/{name}", *shape) for name in names)
    drop_prob = np.array([layer.drop_prob for layer in pair.noisy.runs[0].hidden])
    if (drop_prob == 1).any() or not drop_prob.any():
        raise RecordingError(
            f"arm {pair.noisy.name!r} drops all of a hidden layer, or nothing: no variance to foretell"
        )
    formula = before + drop_prob / (1 - drop_prob) * square
    if (formula[..., drop_prob > 0] <= 0).any():
        raise RecordingError(f"a hidden layer of arm {pair.noisy.name!r} is 0 everywhere: it has no variance")
    return Variances(
        probe_values(pair.plain, "activations/variance after", *shape), before, after, formula, drop_prob > 0
    )


class VarianceChart(Chart):
    """One pair of axes for each hidden layer, one above the other, with one axis of iterations; means over seeds."""

    experiment = "variance"
    together = True
    probes = ("activations",)

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists, and the timeline."""
        comparison, canvas = self.comparison, self.canvas
        self.comparison = comparison
        self.pair = find_arm_pair(comparison, "variance")
        self.iterations, theme, labels = self.pair.iterations, canvas.theme, canvas.labels
        # The first tenth is there from the first frame on.
        self.timeline = paced(spread(len(self.iterations), frames or FRAMES, start=len(self.iterations) // 10), hold)
        self.text_index = readable(self.timeline)
        self.colors = theme.arm_colors([False, True])
        self.inks = dict.fromkeys([theme.ink, theme.muted, *self.colors], SMOOTH) | {theme.faint: 1}
        layers = self.pair.noisy.runs[0].hidden
        self.layers = layers[:MAX_LAYERS]
        left_out = labels("comma").join(layer_name(each, labels) for each in layers[MAX_LAYERS:])
        words = [facts(comparison.experiment, self.pair.plain.seeds, labels, bands=False)]
        words += [labels("not drawn", arms=left_out)] if left_out else []
        canvas.header(labels("variance title"), " · ".join(words))
        self.answer_lines = AnswerLines(canvas, self.sentences)
        self.panels = self._make_panels(read_variances(self.pair))
        self.trail: Sequence[Artist] = ()
        self.moving: Sequence[Artist] = [
            *(artist for panel in self.panels for artist in panel.moving),
            self.counter,
            *self.answer_lines.words,
        ]

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Whether the formula foretells the variance after the noise; and whether more is handed on than without."""
        pair = find_arm_pair(comparison, "variance")
        seen = read_variances(pair)
        ratios = (seen.after / seen.formula)[..., seen.is_noisy]
        near = np.abs(ratios.mean(axis=(1, 2)) - 1) <= WITHIN
        ratio = mean_and_sd(ratios.ravel(), 3)
        outcome = labels("variance within", count=len(near), ahead=int(near.sum()))
        what = labels("variance ends", layer=layer_name(pair.noisy.runs[0].hidden[-1], labels))
        ends = [seen.plain[:, -1, -1], seen.after[:, -1, -1]]
        return [
            Answer(labels("variance ratio", ratio=ratio, outcome=outcome), agreed(near)),
            compare_ends(pair, what, ends, rises=True, labels=labels),
        ]

    def _names(self) -> list[str]:
        plain, noisy = (self.canvas.labels.name(arm.name) for arm in self.pair.arms)
        return [plain, *(self.canvas.labels(key, arm=noisy) for key in ("variance before", "variance after"))]

    def _make_panels(self, seen: Variances) -> list[VariancePanel]:
        canvas, labels, count = self.canvas, self.canvas.labels, len(self.layers)
        room = 0.36 * canvas.width
        names = [canvas.fitted(name, SIZE, room - 60, "bold") for name in self._names()]
        right = 30 + max(canvas.width_of(f"0.000 {name}", SIZE, "bold") for name, _ in names)
        bottom, top, width = 76.0, canvas.height - 142 - self.answer_lines.height, canvas.width - 100 - right
        height = (top - bottom - GAP * (count - 1)) / count
        panels = []
        for number, layer in enumerate(self.layers):
            box = Box(100, top - height - number * (height + GAP), width, height)
            axes = make_axes(
                canvas, box, "", labels("variance axis", layer=layer_name(layer, labels)), ("count", "plain")
            )
            lines = [each[..., number].mean(axis=0) for each in (seen.plain, seen.before, seen.after, seen.formula)]
            axes.set(xlim=(0, self.iterations[-1]), ylim=(0, 1.06 * max(line.max() for line in lines) or 1))
            axes.yaxis.label.set_fontsize(min(17, canvas.fit(axes.get_ylabel(), 17, height)))
            if number < count - 1:
                axes.tick_params(labelbottom=False)
            panels.append(VariancePanel(canvas, axes, self.iterations, lines, [name for name, _ in names], self.colors))
        axes.set_xlabel(iteration_axis(self.comparison.experiment, labels))
        self.counter = canvas.moving_text(100 + width, top + 8, 17, "right", canvas.theme.muted)
        counted = canvas.width_of(canvas.iteration(self.iterations, -1), 17)
        law, size = canvas.fitted(labels("variance law"), 15, width - counted - 60)
        for entry in (
            LegendEntry(law, canvas.theme.ink, FORMULA_WIDTH, FORMULA),
            LegendEntry(law, self.colors[1], AFTER),
        ):
            draw_sample(canvas, 100, top + 14, 36, entry)
        canvas.text(144, top + 8, law, size)
        return panels

    def show(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # lines are short: drawn whole
        """Draw the snapshots up to the one at `moment`."""
        text_index = self.text_index[index]
        for panel in self.panels:
            panel.show(index, text_index)
        self.counter.set_text(self.canvas.iteration(self.iterations, text_index))
        self.answer_lines.show(index == self.timeline.indices[-1])
