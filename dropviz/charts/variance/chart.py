"""Chart of the variance of hidden activations around the noise (Dive into Deep Learning, section 5.6, exercise 3)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import NDArray

from dropviz.analysis.answers import OUTCOMES, Answer
from dropviz.analysis.captions import facts, iteration_axis, layer_name
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.statistics import interval
from dropviz.charts.base.axes import make_axes
from dropviz.charts.base.canvas import SMALL, SMOOTH, TEXT
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.legend import LegendEntry, draw_sample
from dropviz.charts.base.timeline import Pace, paced, readable, spread
from dropviz.charts.variance.panel import AFTER, FORMULA, FORMULA_WIDTH, VariancePanel
from dropviz.charts.variance.variances import Variances, read_variances
from dropviz.style.labels import Labels, decimal
from dropviz.style.theme import blend

FRAMES = 60
TOLERANCE = 0.01  # of the mean ratio to the formula: for single passes it varies by about as much
LEFT, BOTTOM, TOP = 66.0, 58.0, 34.0  # left of the axes, below and above them, in points
WIDEST = "0.000"  # number in a label of a run that did not diverge
MAX_ROOM = 0.36  # largest share of the width for the labels


class VarianceChart(Chart):
    """Variance of the activations of the last hidden layer with noise, before and after its mask, by snapshot.

    Means over seeds in training mode: of the arm with noise, of the formula in `Variances`, and of the arm without
    noise. The recordings must be of one arm without dropout and one with it, with the probe `activations`. Source: Dive
    into Deep Learning, section 5.6, exercise 3.
    """

    key = "variance"
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
        """Return by how much the mask raises the variance, as the formula says, and the variance without dropout.

        The first holds if the interval of measured / formula lies within TOLERANCE of 1; it is of all snapshots and
        layers. The second holds if the variance after the noise ends higher than without noise.
        """
        variances = read_variances(comparison)
        return [_raised(variances, labels), _ends(variances, labels)]

    def settings(self) -> str:
        """Return the settings, with the layer that is drawn."""
        labels, variances = self.canvas.labels, read_variances(self.comparison)
        words = facts(self.comparison.experiment, variances.pair.plain.seeds, labels, bands=False)
        return " · ".join([_layer_words(variances, labels), words])

    def build(self, frames: int | None, pace: Pace) -> None:
        """Make the artists and the timeline."""
        theme = self.canvas.theme
        self.variances = read_variances(self.comparison)
        self.iterations = self.variances.pair.iterations
        # The first frame shows the first tenth.
        self.timeline = paced(spread(len(self.iterations), frames or FRAMES, start=len(self.iterations) // 10), pace)
        self.text_index = readable(self.timeline)
        plain, noisy = theme.arm_colors([False, True])
        self.colors = plain, theme.muted, noisy
        band = blend(noisy, theme.background, theme.band_opacity)
        self.inks = dict.fromkeys([theme.ink, *self.colors, theme.background], SMOOTH) | {theme.faint: 1, band: 1}
        self.panel = self._make_panel()
        self.trail: Sequence[Artist] = ()
        self.moving: Sequence[Artist] = self.panel.moving

    def _make_panel(self) -> VariancePanel:
        canvas, labels, content = self.canvas, self.canvas.labels, self.content
        lines = self.variances.lines(self.variances.last)
        names = [
            labels.name(self.variances.pair.plain.name),
            *(labels(f"variance {when}") for when in ("before", "after")),
        ]
        top = max(line.max() for line in lines)
        longest = max(WIDEST, decimal(top), key=len)
        widest = max(canvas.width_of(f"{longest} {name}", TEXT, "bold") for name in names) + 14
        room = min(widest, MAX_ROOM * content.width)
        box = Box(
            content.left + LEFT,
            content.bottom + BOTTOM,
            content.width - LEFT - room,
            content.height - BOTTOM - TOP,
        )
        x, y = iteration_axis(self.comparison.experiment, labels), labels("variance axis")
        axes = make_axes(canvas, box, x, y, ("count", "plain"))
        axes.set(xlim=(0, self.iterations[-1]), ylim=(0, 1.06 * top or 1))
        self._draw_legend(box)
        return VariancePanel(canvas, axes, self.iterations, lines, names, self.colors, room, longest)

    def _draw_legend(self, box: Box) -> None:
        """Draw the formula above the axes, with a sample of its line on the measured one."""
        canvas, top = self.canvas, box.bottom + box.height + 16
        left, width = self.content.left, self.content.width
        law, size = canvas.fitted(canvas.labels("variance law"), SMALL, width - 48)
        for entry in (LegendEntry(law, self.colors[2], AFTER), LegendEntry(law, self._ground, FORMULA_WIDTH, FORMULA)):
            draw_sample(canvas, left, top, 38, entry)
        canvas.text(left + 48, top, law, size, va="center_baseline")

    @property
    def _ground(self) -> str:
        """Colour of the line of the formula, on the measured one."""
        theme = self.canvas.theme
        return theme.ink if theme.is_transparent else theme.background

    def update(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # lines are short: drawn whole
        """Set the lines to the snapshots up to `index`."""
        self.panel.show(index, self.text_index[index])

    def counter(self, index: int) -> str:
        """Return the iteration of the written values at `index`."""
        return self.canvas.iteration(self.iterations, self.text_index[index])


def _layer_words(variances: Variances, labels: Labels) -> str:
    return layer_name(variances.pair.noisy.runs[0].hidden[variances.last], labels)


def _raised(variances: Variances, labels: Labels) -> Answer:
    """Return the factor by which the mask of the last layer raises the variance, and its ratio to the formula."""
    ratios = (variances.after / variances.formula)[..., variances.is_noisy].mean(axis=(1, 2))
    found = interval(ratios - 1)
    nearest = max(found.low, -found.high)  # distance from 0 of the nearest value in the interval
    holds = True if found.bound <= TOLERANCE else False if nearest > TOLERANCE else None
    before, after = (float(each[:, -1, variances.last].mean()) for each in (variances.before, variances.after))
    headline = labels("variance off" if holds is False else "variance raised", factor=f"{after / before:.1f}")
    evidence = labels(
        "variance evidence",
        layer=_layer_words(variances, labels),
        before=f"{before:.2f}",
        after=f"{after:.2f}",
        ratio=f"{1 + found.mean:.3f}",
        interval=_interval(ratios, labels, 3),
    )
    return Answer(headline, holds, evidence)


def _ends(variances: Variances, labels: Labels) -> Answer:
    """Return the variance that the last layer hands on at the end, with noise and without."""
    gaps = variances.after[:, -1, -1] - variances.plain[:, -1, -1]
    found = interval(gaps)
    outcome = "one run" if len(gaps) == 1 else OUTCOMES[found.holds]
    values = {
        "noisy": f"{variances.after[:, -1, -1].mean():.2f}",
        "plain": f"{variances.plain[:, -1, -1].mean():.2f}",
    }
    evidence = labels("variance difference", interval=_interval(gaps, labels, 2, sign=True))
    return Answer(labels(f"variance end {outcome}", **values), found.holds, evidence, found.p_value)


def _interval(values: NDArray[np.float64], labels: Labels, digits: int, *, sign: bool = False) -> str:
    """Return the interval of a mean over runs in words."""
    if len(values) == 1:
        return labels("no interval")
    found = interval(values)
    ends = [f"{end:{'+' if sign else ''}.{digits}f}".replace("-", "\N{MINUS SIGN}") for end in (found.low, found.high)]
    return labels("variance interval", low=ends[0], high=ends[1], count=len(values))
