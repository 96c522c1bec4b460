"""Chart of the test error of architectures against iteration (Srivastava et al. 2014, section 6.1.1, figure 4)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist

from dropviz.analysis.captions import Answer, facts, iteration_axis, make_answer
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.statistics import ahead, mean_and_sd
from dropviz.analysis.sweeps import errors_of, pair_arms, pair_names, sweep_iterations, units
from dropviz.charts.architectures.mean_line import LABEL_SIZE, MeanLine, end_labels
from dropviz.charts.base.annotations import Readings
from dropviz.charts.base.answer_lines import AnswerLines
from dropviz.charts.base.axes import make_axes
from dropviz.charts.base.canvas import SMOOTH
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.legend import Legend, LegendEntry
from dropviz.charts.base.sweep_chart import FRAMES, counter_width
from dropviz.charts.base.timeline import paced, readable, spread, warmed_up
from dropviz.style.labels import Labels, percent
from dropviz.style.theme import Theme, blend

SETTLED = 0.2  # share of a run after which all lines are within the axes
LEFT, BOTTOM = 96, 76  # of the axes, in points
SETTING = "hidden"


class ArchitecturesChart(Chart):
    """Test error against iteration, a line for each architecture without dropout and with it: the mean over seeds.

    The recordings must be of an experiment with an arm without dropout and one with it for each of two or more values
    of `hidden`. Source: Srivastava et al. 2014, section 6.1.1, figure 4.
    """

    experiment = "architectures"
    together = True

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if there are no snapshots, seeds differ, or the arms are not pairs."""
        sweep_iterations(comparison)
        _ = comparison.seeds
        pair_arms(comparison, SETTING)
        for arm in comparison.arms:
            arm.values("test_accuracy")

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return in how many pairs, of one architecture and one seed, the error ends lower with dropout.

        It holds if the error of all architectures ends lower in every seed.
        """
        pairs, iterations = pair_arms(comparison, SETTING), sweep_iterations(comparison)
        gains = 100 * np.stack(
            [errors_of(one, iterations)[:, -1] - errors_of(other, iterations)[:, -1] for one, other in pairs.values()]
        )
        worst, best = gains.min(axis=0), gains.max(axis=0)
        words = labels(
            "architectures lower",
            ahead=ahead(gains.ravel()),
            pairs=gains.size,
            shapes=len(gains),
            count=gains.shape[1],
            gain=mean_and_sd(gains.mean(axis=0)),
        )
        # A seed agrees if all its architectures do.
        return [make_answer(words, np.where(worst > 0, worst, np.minimum(best, 0)), labels)]

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists and the timeline."""
        comparison, canvas, labels = self.comparison, self.canvas, self.canvas.labels
        self.iterations, self.pairs = sweep_iterations(comparison), pair_arms(comparison, SETTING)
        self.timeline = paced(spread(len(self.iterations), frames or FRAMES, warmed_up(self.iterations)), hold)
        self.text_index = readable(self.timeline)
        self.styles = canvas.theme.arm_styles([False, True])
        self.inks = _inks(canvas.theme, *(style.color for style in self.styles))
        settings = facts(comparison.experiment, comparison.seeds, labels, bands=False)
        canvas.header(labels("architectures title"), settings)
        self.answer_lines = AnswerLines(canvas, self.sentences)
        self.lines = self._make_lines()
        self._place_lines(self._make_box())
        self.names = end_labels(canvas, self.lines, self.axes.bbox)
        # No trail: where many lines cross, parts drawn apart differ from the lines drawn as a whole.
        self.trail: Sequence[Artist] = []
        lines, heads = [line.line for line in self.lines], [line.head for line in self.lines]
        self.moving: Sequence[Artist] = [*lines, *heads, *self.names, self.counter, *self.answer_lines.words]

    def _make_lines(self) -> list[MeanLine]:
        return [
            MeanLine(self.canvas, units(hidden), style, errors_of(arm, self.iterations).mean(axis=0))
            for hidden, pair in self.pairs.items()
            for arm, style in zip(pair, self.styles, strict=True)
        ]

    def _make_box(self) -> Box:
        """Draw the legend and make the counter; return the box of the axes."""
        canvas = self.canvas
        widest = max(canvas.width_of(f"{percent(1)} {line.name}", LABEL_SIZE) for line in self.lines)
        width = canvas.width - LEFT - min(widest + 30, canvas.width / 3)
        top = canvas.height - 106 - self.answer_lines.height
        names = pair_names(self.pairs, canvas.labels)
        entries = [
            LegendEntry(name, each.color, 4, each.strokes.test) for name, each in zip(names, self.styles, strict=True)
        ]
        legend = Legend(canvas, entries, width - counter_width(canvas, self.iterations))
        legend.draw(LEFT, top - 6)
        self.counter = canvas.moving_text(LEFT + width, top - 24, 18, "right", canvas.theme.muted)
        return Box(LEFT, BOTTOM, width, top - legend.height - 12 - BOTTOM)

    def _place_lines(self, box: Box) -> None:
        """Make the axes, with a range that holds all lines once they have settled, and place the lines."""
        canvas, labels = self.canvas, self.canvas.labels
        x_name = iteration_axis(self.comparison.experiment, labels)
        self.axes = axes = make_axes(canvas, box, x_name, labels("error off axis"), ("count", "percent"))
        axes.set_xlim(0, self.iterations[-1])
        is_settled = self.iterations >= SETTLED * self.iterations[-1]
        errors = np.stack([line.mean[is_settled] for line in self.lines])
        margin = max(0.05 * float(np.ptp(errors)), 0.002)
        axes.set_ylim(max(errors.min() - margin, -margin / 4), errors.max() + margin)
        for line in self.lines:
            line.place(axes.transData.transform(np.column_stack([self.iterations, line.mean])), axes.bbox)

    def show(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # there is no trail
        """Set the lines to the snapshots up to `index`."""
        is_last = index == self.timeline.indices[-1]
        for line in self.lines:
            line.show(index)
        self.counter.set_text(self.canvas.iteration(self.iterations, self.text_index[index]))
        for name in self.names:
            name.set_visible(is_last)
        self.answer_lines.show(is_last)

    def readings(self) -> Readings:
        """Return the mean error of every line at each snapshot."""
        heads = [self.canvas.iteration(self.iterations, index) for index in range(len(self.iterations))]
        return Readings(heads, [line.readings() for line in self.lines])


def _inks(theme: Theme, plain: str, noisy: str) -> dict[str, int]:
    """Return the colours. Thin lines have twice the usual tones, and one for where lines of both colours cross."""
    inks = dict.fromkeys([theme.ink, theme.muted, plain, noisy, blend(plain, noisy, 0.5)], SMOOTH) | {theme.faint: 1}
    if theme.is_transparent:
        return inks
    between = [(step + 0.5) / SMOOTH for step in range(SMOOTH)]
    return inks | {blend(color, theme.background, share): 1 for color in (plain, noisy) for share in between}
