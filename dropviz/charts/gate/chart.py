"""The gate of a noise layer, minibatch by minibatch (Srivastava et al. 2014, figure 3), and one unit of it (figure 2).

What comes to each unit, whether the recorded mask lets it through, and what is handed on: r · y / keep, where the paper
multiplies by keep at test instead. keep is 1 - drop_prob.
"""

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
from dropviz.charts.gate.presence import Presence
from dropviz.errors import RecordingError
from dropviz.recording import Layer, Recording
from dropviz.style.labels import Labels, percent

FRAMES = 30
GATES_SHARE = 0.62  # of the width, for the layer; the rest is for its one unit
TOP = 128.0  # points from the top of the picture, without the answers


class GateChart(Chart):
    """The last layer with dropout, in the first run: the units that are shown, in minibatches spread over it."""

    experiment = "gate"
    needs_masks = True
    probes = ("gate",)

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists, and the timeline."""
        comparison, canvas = self.comparison, self.canvas
        self.run, self.layer = _noisy_runs(comparison)[0], _layers(_noisy_runs(comparison)[0])[-1]
        labels = canvas.labels
        indices = spread(len(self.run.recorded_iterations), frames or FRAMES)
        self.timeline = one_by_one(indices, hold)
        units, keep = self.run.units_shown(self.layer), 1 - self.layer.drop_prob
        self.gate = self.run.masks[self.layer.name][:, EXAMPLE, list(units)]
        self.before, self.after = (activations(self.run, self.layer, when)[:, EXAMPLE] for when in ("before", "after"))
        color = canvas.theme.arm_colors([True])[0]
        self.inks = dict.fromkeys([canvas.theme.ink, canvas.theme.muted, color], SMOOTH)
        self.inks |= dict.fromkeys([canvas.theme.faint, canvas.theme.outline], 1)
        canvas.header(labels("gate title"), facts(comparison.experiment, [self.run.seed], labels))
        said = self.sentences
        self.answer_lines = AnswerLines(canvas, said, labels("gate note", keep=f"{keep:g}"))
        left, right = self._boxes()
        names = [labels("gate unit", unit=unit) for unit in units]
        self.gates = Gates(canvas, left, layer_name(self.layer, labels), names, float(self.before.max()), keep, color)
        tracked = int(self.before.mean(axis=0).argmax())
        self.presence = Presence(canvas, right, names[tracked], self.gate[:, tracked], keep, color)
        self.counter = canvas.moving_text(canvas.width - 40, canvas.height - 54, 18, "right", weight="bold")
        self.trail: Sequence[Artist] = ()
        self.moving: Sequence[Artist] = [
            *self.gates.moving,
            *self.presence.moving,
            self.counter,
            *self.answer_lines.words,
        ]

    def _boxes(self) -> tuple[Box, Box]:
        """Room for the layer and for its one unit: side by side, or in a high picture one above the other."""
        canvas, bottom = self.canvas, 34.0
        width, height = canvas.width - 80, canvas.height - TOP - self.answer_lines.height - bottom
        if canvas.height > canvas.width:
            return Box(40, bottom + 0.4 * height, width, 0.6 * height), Box(40, bottom, width, 0.36 * height)
        across = GATES_SHARE * width
        return Box(40, bottom, across - 30, height), Box(40 + across, bottom, width - across, height)

    def show(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # every gate may change
        """Set all to one recorded minibatch."""
        self.counter.set_text(self.canvas.labels("iteration only", now=int(self.run.recorded_iterations[index])))
        self.gates.show(self.before[index], self.gate[index], self.after[index])
        self.presence.show(index)
        self.answer_lines.show(index == self.timeline.indices[-1])

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """How often units were there, and what they handed on in training as a share of what they do at test."""
        runs = _noisy_runs(comparison)
        return [_presence(runs, labels), _expectation(runs, labels)]


def activations(run: Recording, layer: Layer, when: str) -> NDArray[np.floating]:
    """What came "before" a layer's noise, what left it "after", or leaves it at "test": [T, examples, shown]."""
    masks = run.masks[layer.name]
    return run.probe(f"gate/{layer.name} {when}", len(masks), masks.shape[1], len(run.units_shown(layer)))


def _presence(runs: Sequence[Recording], labels: Labels) -> Answer:
    """The share of passes in which a unit of the last layer was kept, over all its units, against a binomial count."""
    layer = _layers(runs[0])[-1]
    keep = 1 - layer.drop_prob
    shares = np.array([run.masks[layer.name].mean(axis=(0, 1)) for run in runs])
    passes = runs[0].masks[layer.name][..., 0].size
    chance = float(np.sqrt(keep * (1 - keep) / passes))
    off = (shares.mean(axis=1) - keep) / (chance / np.sqrt(layer.units) or 1)
    said = {"share": percent(shares.mean()), "sd": percent(shares.std(axis=1).mean()), "passes": passes}
    words = labels("gate kept", units=layer.units, keep=percent(keep), chance=percent(chance), **said)
    return Answer(words, _holds(off[None]))


def _expectation(runs: Sequence[Recording], labels: Labels) -> Answer:
    """What the units of each layer handed on in training, as a share of what they hand on at test.

    The standard deviation of a sum of r · y / keep over masks is the root of the sum of y² (1 - keep) / keep.
    """
    said, off = [], []
    for layer in _layers(runs[0]):
        keep = 1 - layer.drop_prob
        after, test = ([float(activations(run, layer, when).sum()) for run in runs] for when in ("after", "test"))
        squares = [float(np.square(activations(run, layer, "before")).sum()) for run in runs]
        chance = np.sqrt(np.array(squares) * (1 - keep) / keep)
        off.append(np.subtract(after, test) / np.where(chance > 0, chance, 1))
        share = np.divide(after, test, out=np.ones(len(runs)), where=np.array(test) > 0)
        said.append(labels("gate layer", layer=layer_name(layer, labels), share=mean_sd(share)))
    holds = _holds(np.array(off))
    return Answer(
        labels("gate mean" if holds is not False else "gate mean off", shares=labels("comma").join(said)), holds
    )


def _holds(off: NDArray[np.floating]) -> bool | None:
    """Of how many standard deviations each run is off, [figures, runs]: whether chance explains all of them.

    False where for one of the figures it explains no run; None where some runs say one thing, some another.
    """
    beyond = np.abs(off) > MAX_CHANCE_SD
    if off.shape[1] == 1 or (beyond.any() and not beyond.all(axis=1).any()):
        return None
    return not beyond.any()


def _noisy_runs(comparison: Comparison) -> tuple[Recording, ...]:
    """The runs of the first arm with masks of units that are dropped with a probability."""
    for arm in comparison.arms:
        if _layers(arm.runs[0]):
            return arm.runs
    raise RecordingError("no gates to draw: no arm with dropout kept its masks; name a recording of one that did")


def _layers(run: Recording) -> list[Layer]:
    return [layer for layer in run.layers if layer.name in run.masks and 0 < layer.drop_prob < 1]
