"""Distinct masks, and the units that two masks both keep.

For a unit that is kept with probability k, two independent masks both keep it with probability k².
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.charts.base.cells import whole_masks
from dropviz.errors import RecordingError
from dropviz.recording import Recording

MAX_PAIRED = 2_000  # masks of which all pairs are taken, the first ones: two million pairs are enough

Shares = NDArray[np.float64]


class Overlap:
    """Masks in the order in which they were drawn.

    masks  bool [draws, units]
    keep   float [units], probability that each unit is kept
    """

    def __init__(self, masks: NDArray[np.bool_], keep: Shares) -> None:
        self.masks, self.keep, self.first = masks, keep, masks[:MAX_PAIRED]

    @property
    def units(self) -> int:
        """Number of units of a mask."""
        return int(self.masks.shape[1])

    @cached_property
    def distinct(self) -> NDArray[np.int64]:
        """Number of distinct masks among the first ones, int [draws]; exact."""
        first = np.unique(np.packbits(self.masks, axis=1), axis=0, return_index=True)[1]
        is_new = np.zeros(len(self.masks), np.int64)
        is_new[first] = 1
        distinct: NDArray[np.int64] = is_new.cumsum()
        return distinct

    @cached_property
    def shared(self) -> NDArray[np.int32]:
        """Number of units that two masks both keep, for each two of the first MAX_PAIRED, int [draws, draws]."""
        bits = self.first.astype(np.float32)
        shared: NDArray[np.int32] = np.rint(bits @ bits.T).astype(np.int32)
        return shared

    def pairs(self, draws: int = MAX_PAIRED) -> NDArray[np.int32]:
        """Return the number of units that both keep, for each pair among the first masks, int [pairs]."""
        shared = self.shared[:draws, :draws]
        return shared[np.triu_indices(len(shared), 1)]

    def shares(self, draws: int = MAX_PAIRED) -> Shares:
        """Return the share of units that both keep, for each pair among the first masks, float [pairs]."""
        return self.pairs(draws) / self.units

    @property
    def expected(self) -> float:
        """Mean share of units that two independent masks both keep."""
        return float(np.square(self.keep).mean())

    @property
    def expected_sd(self) -> float:
        """Standard deviation of this share over pairs."""
        both = np.square(self.keep)
        return float(np.sqrt((both * (1 - both)).sum()) / self.units)

    @property
    def error(self) -> float:
        """Standard deviation of the mean share over all pairs: that of the mean of squared counts."""
        spread = 4 * self.keep**3 * (1 - self.keep) / len(self.first)
        return float(np.sqrt(spread.sum()) / self.units)


def read_overlaps(comparison: Comparison) -> list[tuple[Recording, Overlap]]:
    """Return the runs of the first arm that dropped units in two or more recorded iterations, and their masks.

    Raises RecordingError if there is no such arm.
    """
    for arm in comparison.arms:
        if _has_masks(arm):
            overlaps = [(run, overlap_of(run)) for run in arm.runs]
            if all(overlap.expected_sd > 0 for _, overlap in overlaps):
                return overlaps
    raise RecordingError("no masks to count: name recordings of an arm with dropout that kept those of several steps")


def _has_masks(arm: ArmRuns) -> bool:
    return all(len(run.recorded_iterations) > 1 and not whole_masks(run).all() for run in arm.runs)


def overlap_of(run: Recording) -> Overlap:
    """Return the masks of a run in the order of its iterations, and of their tracked examples."""
    masks = whole_masks(run)
    layers = [layer for layer in run.layers if layer.name in run.masks]
    keep = np.concatenate([np.full(layer.units, 1 - layer.drop_prob) for layer in layers])
    return Overlap(masks.reshape(-1, masks.shape[2]), keep)
