"""Chart of the gates of a noise layer (Srivastava et al. 2014, section 4, figures 2 and 3)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import NDArray

from dropviz.analysis.answers import Answer
from dropviz.analysis.captions import facts, layer_name, mean_sd
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.statistics import MAX_CHANCE_SD
from dropviz.charts.base.canvas import SMOOTH
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.timeline import Pace, one_by_one, spread
from dropviz.charts.base.tracked_example import EXAMPLE
from dropviz.charts.gate.gates import Gates
from dropviz.charts.gate.passes import Passes, read_passes
from dropviz.style.labels import Labels, percent

FRAMES = 30
UNITS = 4  # more could not be followed


class GateChart(Chart):
    """Gates of the last layer with dropout in the first run, one recorded iteration after another.

    For the UNITS recorded units that are most often active: the activation y, the gate r of the recorded mask, and
    what is handed on, r · y / keep with keep = 1 - drop_prob (the paper multiplies by keep at test instead). Below, the
    averages of y and of r · y / keep over all recorded units, examples and iterations so far. Frames show iterations in
    which the most of these units are active. The recordings must hold masks and the probe `gate`. Source: Srivastava et
    al. 2014, section 4, figures 2 and 3.
    """

    key = "gate"
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

    def settings(self) -> str:
        """Return the settings, the layer and the seed of the run that is drawn."""
        labels, passes = self.canvas.labels, read_passes(self.comparison)[-1][0]
        words = facts(self.comparison.experiment, [passes.run.seed], labels)
        return " · ".join([layer_name(passes.layer, labels), words])

    def build(self, frames: int | None, pace: Pace) -> None:
        """Make the artists and the timeline."""
        canvas, labels, theme = self.canvas, self.canvas.labels, self.canvas.theme
        passes = read_passes(self.comparison)[-1][0]
        self.run = passes.run
        numbers = self.run.units_shown(passes.layer)
        often = (passes.before[:, EXAMPLE] > 0).mean(axis=0)
        shown = np.sort(np.argsort(-often, kind="stable")[:UNITS])
        self.mask = passes.masks[:, EXAMPLE, [numbers[unit] for unit in shown]]
        self.before, self.after = passes.before[:, EXAMPLE, shown], passes.after[:, EXAMPLE, shown]
        self.timeline = one_by_one(_active_iterations(self.before, frames or FRAMES), pace)
        self.averages = [_running_mean(values) for values in (passes.before, passes.after)]
        color = theme.arm_colors([True])[0]
        self.inks = dict.fromkeys([theme.ink, theme.muted, color], SMOOTH) | {theme.outline: 1}
        names = [labels("gate unit", unit=numbers[unit]) for unit in shown]
        shown_rows = list(self.timeline.indices)
        before, after = (
            max(float(values[shown_rows].max()), float(means.max()))
            for values, means in zip((self.before, self.after), self.averages, strict=True)
        )
        self.gates = Gates(canvas, self.content, names, (before, after), color)
        self.trail: Sequence[Artist] = ()
        self.moving: Sequence[Artist] = self.gates.moving

    def update(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # every gate may change
        """Set all artists to the recorded iteration of this index."""
        averages = float(self.averages[0][index]), float(self.averages[1][index])
        self.gates.show(self.before[index], self.mask[index], self.after[index], averages)

    def counter(self, index: int) -> str:
        """Return the recorded iteration at `index`."""
        return self.canvas.labels("iteration only", now=int(self.run.recorded_iterations[index]))


def _active_iterations(before: NDArray[np.floating], frames: int) -> tuple[int, ...]:
    """Return up to `frames` recorded iterations, evenly spread over those in which the most units are active."""
    active = (before > 0).sum(axis=1)
    chosen = np.flatnonzero(active >= np.sort(active)[-min(frames, len(active))])
    return tuple(int(chosen[place]) for place in spread(len(chosen), frames))


def _running_mean(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the mean over units, examples and all iterations so far, float [T]."""
    means = values.mean(axis=(1, 2), dtype=np.float64)
    return np.asarray(means.cumsum() / np.arange(1, len(means) + 1))


def _kept(runs: Sequence[Passes], labels: Labels) -> Answer:
    """Return the share of passes in which a unit was kept, over all units of the layer, against a binomial share."""
    keep, layer = runs[0].keep, runs[0].layer
    shares = np.array([each.masks.mean(axis=(0, 1)) for each in runs])
    passes = runs[0].masks[..., 0].size
    chance = float(np.sqrt(keep * (1 - keep) / passes))
    off = (shares.mean(axis=1) - keep) / (chance / np.sqrt(layer.units) or 1)
    holds = _holds(off[None])
    key = "gate off" if holds is False else "gate half" if keep == 0.5 else "gate kept"
    headline = labels(key, share=percent(shares.mean(), 0), keep=percent(keep, 0), factor=f"{1 / keep:.3g}")
    evidence = labels(
        "gate evidence",
        share=percent(shares.mean()),
        sd=percent(shares.std(axis=1).mean()),
        keep=percent(keep),
        chance=percent(chance),
        passes=passes,
    )
    return Answer(headline, holds, evidence)


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
    return Answer(labels(key), holds, labels("gate shares", shares=labels("comma").join(shares)))


def _holds(off: NDArray[np.floating]) -> bool | None:
    """Return True if chance explains all deviations, float [figures, runs] in standard deviations.

    False if it explains none of the runs for one of the figures; None if runs differ, or for a single run.
    """
    beyond = np.abs(off) > MAX_CHANCE_SD
    if off.shape[1] == 1 or (beyond.any() and not beyond.all(axis=1).any()):
        return None
    return not beyond.any()
