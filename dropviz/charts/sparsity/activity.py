"""Histograms of the activations of a hidden layer, with dropout off."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.charts.base.arm_pair import ArmPair, find_arm_pair, probe_values
from dropviz.errors import RecordingError

LAYER = 0  # the first hidden one
MAX_BEYOND = 0.001  # of the activations beyond the axis: a few large ones would press all others together

Values = NDArray[np.float64]


class Activity:
    """Activations of all runs of an arm together, at each snapshot.

    total          number of activations that each run counted in a snapshot
    edges          float [bins], lower edges of the bins
    shares         float [S, bins], share of activations in each bin, without those that are 0
    mean, zeros    float [S], mean activation and share of activations that are 0, over all runs
    mean_by_run, zeros_by_run   float [runs, S]

    Raises RecordingError if the probe `activations` does not fit.
    """

    def __init__(self, arm: ArmRuns, layers: int) -> None:
        snapshots = len(arm.iterations)
        edges = probe_values(arm, "activations/edges", len(arm.runs[0].probe("activations/edges", -1)))
        counts = probe_values(arm, "activations/counts", snapshots, layers, edges.shape[1])[:, :, LAYER]
        self.edges: Values = edges[0]
        self.total = _total(arm, edges, counts)
        self.mean_by_run = probe_values(arm, "activations/mean", snapshots, layers)[..., LAYER]
        self.zeros_by_run = probe_values(arm, "activations/zeros", snapshots, layers)[..., LAYER]
        self.mean, self.zeros = self.mean_by_run.mean(axis=0), self.zeros_by_run.mean(axis=0)
        self.shares = counts.mean(axis=0) / self.total
        self.shares[:, 0] -= self.zeros  # they have a bar of their own


def _total(arm: ArmRuns, edges: Values, counts: Values) -> int:
    """Return the number of activations in a snapshot; raise RecordingError if bins or counts are not valid."""
    total = counts.sum(axis=2)
    is_alike = (edges == edges[0]).all() and (total == total.flat[0]).all()
    if not is_alike or (counts < 0).any() or not total.flat[0] or (np.diff(edges[0]) <= 0).any():
        raise RecordingError(f"the activations of arm {arm.name!r} are not counted in ascending bins, all alike")
    return int(total.flat[0])


class Activities(NamedTuple):
    """Activations of an arm without dropout and of one with it, counted in the same bins."""

    pair: ArmPair
    sides: list[Activity]

    @property
    def edges(self) -> Values:
        """Lower edges of the bins."""
        return self.sides[0].edges

    @property
    def rights(self) -> Values:
        """Upper edges of the bins; the last bin is drawn as wide as the one before."""
        edges = self.edges
        width = edges[-1] - edges[-2] if len(edges) > 1 else 1
        return np.array([*edges[1:], edges[-1] + width])

    @property
    def shares(self) -> Values:
        """Shares of both arms, float [2 * S, bins]."""
        return np.concatenate([side.shares for side in self.sides])

    def axis_end(self) -> tuple[int, float]:
        """Return the last bin on the axis, and the largest share of activations beyond it."""
        beyond = 1 - np.cumsum(self.shares, axis=1) - np.concatenate([side.zeros for side in self.sides])[:, None]
        last = int(np.argmax((beyond <= MAX_BEYOND).all(axis=0)))
        return last, max(float(beyond[:, last].max()), 0.0)


def read_activities(comparison: Comparison) -> Activities:
    """Return the activations of both arms; raise RecordingError if there are other arms, or if they do not fit."""
    pair = find_arm_pair(comparison, "sparsity")
    layers = pair.layers()
    sides = [Activity(arm, layers) for arm in pair.arms]
    if not np.array_equal(sides[0].edges, sides[1].edges):
        raise RecordingError("the arms count activations in different bins: train them again alike")
    return Activities(pair, sides)
