"""Chart of the gates of a noise layer (Srivastava et al. 2014, section 4, figures 2 and 3)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import NDArray

from dropviz.analysis.captions import Answer, facts, layer_name, mean_sd
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.statistics import MAX_CHANCE_SD
from dropviz.charts.base.answer_lines import AnswerLines
from dropviz.charts.base.canvas import SMOOTH
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.timeline import one_by_one, spread
from dropviz.charts.base.tracked_example import EXAMPLE
from dropviz.charts.gate.gates import Gates
from dropviz.charts.gate.passes import Passes, read_passes
from dropviz.charts.gate.unit import UnitView
from dropviz.style.labels import Labels, percent

FRAMES = 30
GATES_SHARE = 0.62  # of the width, for the layer; the rest is for one unit
TOP, BOTTOM = 128.0, 34.0  # points above the gates, without the answers, and below them


class GateChart(Chart):
    """Gates of the last layer with dropout in the first run, one recorded iteration after another.

    Left, for each shown unit: its activation y, the gate r of the recorded mask, and what is handed on, r · y / keep
    with keep = 1 - drop_prob (the paper multiplies by keep at test instead). Right: the unit with the largest mean
    activation, and the share of iterations that kept it. The recordings must hold masks and the probe `gate`. Source:
    Srivastava et al. 2014, section 4, figures 2 and 3.
    """

    experiment = "gate"
    needs_masks = True
    needs_layers = True
    probes = ("gate",)

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if no arm with dropout kept its masks, or if the probe does not fit."""
        super().check(comparison)
        read_passes(comparison)

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return how often units were kept, and what layers handed on in training as a share of that at test.

        Each holds if it is within the standard deviations that chance explains in every run.
        """
        layers = read_passes(comparison)
        return [_kept(layers[-1], labels), _expectation(layers, labels)]

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists and the timeline."""
        canvas, labels, theme = self.canvas, self.canvas.labels, self.canvas.theme
        self.passes = passes = read_passes(self.comparison)[-1][0]
        self.run, self.layer, keep = passes.run, passes.layer, passes.keep
        self.timeline = one_by_one(spread(len(self.run.recorded_iterations), frames or FRAMES), hold)
        units = self.run.units_shown(self.layer)
        self.mask = passes.masks[:, EXAMPLE, list(units)]
        self.before, self.after = passes.before[:, EXAMPLE], passes.after[:, EXAMPLE]
        color = theme.arm_colors([True])[0]
        self.inks = dict.fromkeys([theme.ink, theme.muted, color], SMOOTH)
        self.inks |= dict.fromkeys([theme.faint, theme.outline], 1)
        canvas.header(labels("gate title"), facts(self.comparison.experiment, [self.run.seed], labels))
        self.answer_lines = AnswerLines(canvas, self.sentences, labels("gate note", keep=f"{keep:g}"))
        left, right = self._boxes()
        names = [labels("gate unit", unit=unit) for unit in units]
        self.gates = Gates(canvas, left, layer_name(self.layer, labels), names, float(self.before.max()), keep, color)
        largest = int(self.before.mean(axis=0).argmax())
        self.unit_view = UnitView(canvas, right, names[largest], self.mask[:, largest], keep, color)
        self.counter = canvas.moving_text(canvas.width - 40, canvas.height - 54, 18, "right", weight="bold")
        self.trail: Sequence[Artist] = ()
        self.moving: Sequence[Artist] = [
            *self.gates.moving,
            *self.unit_view.moving,
            self.counter,
            *self.answer_lines.words,
        ]

    def _boxes(self) -> tuple[Box, Box]:
        """Return the boxes of the layer and of one unit: side by side, or one above the other in a high picture."""
        canvas = self.canvas
        width, height = canvas.width - 80, canvas.height - TOP - self.answer_lines.height - BOTTOM
        if canvas.height > canvas.width:
            return Box(40, BOTTOM + 0.4 * height, width, 0.6 * height), Box(40, BOTTOM, width, 0.36 * height)
        across = GATES_SHARE * width
        return Box(40, BOTTOM, across - 30, height), Box(40 + across, BOTTOM, width - across, height)

    def show(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # every gate may change
        """Set all artists to the recorded iteration of this index."""
        self.counter.set_text(self.canvas.labels("iteration only", now=int(self.run.recorded_iterations[index])))
        self.gates.show(self.before[index], self.mask[index], self.after[index])
        self.unit_view.show(index)
        self.answer_lines.show(index == self.timeline.indices[-1])


def _kept(runs: Sequence[Passes], labels: Labels) -> Answer:
    """Return the share of passes in which a unit was kept, over all units of the layer, against a binomial share."""
    keep, layer = runs[0].keep, runs[0].layer
    shares = np.array([each.masks.mean(axis=(0, 1)) for each in runs])
    passes = runs[0].masks[..., 0].size
    chance = float(np.sqrt(keep * (1 - keep) / passes))
    off = (shares.mean(axis=1) - keep) / (chance / np.sqrt(layer.units) or 1)
    words = labels(
        "gate kept",
        units=layer.units,
        keep=percent(keep),
        chance=percent(chance),
        share=percent(shares.mean()),
        sd=percent(shares.std(axis=1).mean()),
        passes=passes,
    )
    return Answer(words, _holds(off[None]))


def _expectation(layers: Sequence[Sequence[Passes]], labels: Labels) -> Answer:
    """Return what the units of each layer handed on in training, as a share of what they hand on at test.

    The standard deviation of a sum of r · y / keep over masks is the root of the sum of y² (1 - keep) / keep.
    """
    shares, off = [], []
    for runs in layers:
        layer, keep = runs[0].layer, runs[0].keep
        after = np.array([float(each.after.sum()) for each in runs])
        test = np.array([float(each.test.sum()) for each in runs])
        squares = np.array([float(np.square(each.before).sum()) for each in runs])
        chance = np.sqrt(squares * (1 - keep) / keep)
        off.append((after - test) / np.where(chance > 0, chance, 1))
        share = np.divide(after, test, out=np.ones(len(runs)), where=test > 0)
        shares.append(labels("gate layer", layer=layer_name(layer, labels), share=mean_sd(share)))
    holds = _holds(np.array(off))
    key = "gate mean" if holds is not False else "gate mean off"
    return Answer(labels(key, shares=labels("comma").join(shares)), holds)


def _holds(off: NDArray[np.floating]) -> bool | None:
    """Return True if chance explains all deviations, float [figures, runs] in standard deviations.

    False if it explains none of the runs for one of the figures; None if runs differ, or for a single run.
    """
    beyond = np.abs(off) > MAX_CHANCE_SD
    if off.shape[1] == 1 or (beyond.any() and not beyond.all(axis=1).any()):
        return None
    return not beyond.any()
