"""Pairs of runs of one seed with two dropout layers, and what is equal in them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dropviz.analysis.comparison import Comparison
from dropviz.charts.base.cells import whole_masks
from dropviz.errors import RecordingError
from dropviz.recording import Recording

METRICS = ("test_accuracy", "test_loss")


class MaskPair(NamedTuple):
    """Two runs of one seed, and their masks, bool [T, examples, units]."""

    runs: tuple[Recording, Recording]
    masks: tuple[NDArray[np.bool_], NDArray[np.bool_]]

    @property
    def equal(self) -> NDArray[np.int64]:
        """Number of equal bits of each recorded iteration, int [T]."""
        equal: NDArray[np.int64] = (self.masks[0] == self.masks[1]).sum(axis=(1, 2))
        return equal

    def difference(self, metric: str, until: float = np.inf) -> float:
        """Return the largest difference of a metric in the snapshots up to an iteration; infinity if one lacks it."""
        one, other = (run.metric(metric)[run.snapshots["iteration"] <= until] for run in self.runs)
        differs = ~((one == other) | (np.isnan(one) & np.isnan(other)))
        return float(np.nan_to_num(np.abs(one[differs] - other[differs]), nan=np.inf).max(initial=0))

    @property
    def is_equal(self) -> bool:
        """True if masks and metrics are equal, bit for bit."""
        return int(self.equal.sum()) == self.masks[0].size and not any(self.difference(name) for name in METRICS)

    @property
    def is_comparable(self) -> bool:
        """True if both runs recorded the same iterations, snapshots and units."""
        one, other = self.runs
        times = [
            (one.recorded_iterations, other.recorded_iterations),
            (one.snapshots["iteration"], other.snapshots["iteration"]),
        ]
        return self.masks[0].shape == self.masks[1].shape and all(np.array_equal(*each) for each in times)


def read_pairs(comparison: Comparison) -> list[MaskPair]:
    """Return the runs of the first two arms with masks, seed by seed.

    Raises RecordingError if there are no two such arms, or if their runs cannot be compared.
    """
    noisy = [arm for arm in comparison.arms if whole_masks(arm.runs[0]).size]
    if len(noisy) < 2:
        raise RecordingError("no two layers to compare: name recordings of two arms with dropout that kept their masks")
    others = {run.seed: run for run in noisy[1].runs}
    runs = [(run, others[run.seed]) for run in noisy[0].runs if run.seed in others]
    if not runs:
        raise RecordingError(f"arms {noisy[0].name!r} and {noisy[1].name!r} have no seed in common: train them alike")
    pairs = [MaskPair(each, (whole_masks(each[0]), whole_masks(each[1]))) for each in runs]
    for pair in pairs:
        _validate(pair)
    return pairs


def _validate(pair: MaskPair) -> None:
    names = " and ".join(repr(run.arm) for run in pair.runs)
    if not pair.is_comparable:
        raise RecordingError(f"arms {names} kept different minibatches or snapshots: train them alike")
    if not pair.masks[0].size:
        raise RecordingError(f"arms {names} kept no masks with seed {pair.runs[0].seed}: train them alike")
    for run in pair.runs:
        for name in METRICS:
            run.metric(name)
