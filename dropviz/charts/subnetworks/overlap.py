"""How many masks a training has seen, and how much two of them share; pure numbers, no drawing.

For a unit that is kept with probability k, two independent masks both keep it with probability k².
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

MOST = 2_000  # masks of which all pairs are taken: the first ones; two million pairs are enough

Shares = NDArray[np.float64]


class Overlap:
    """`masks` bool [draws, units] in the order in which they were drawn; `keep` float [units] is of each unit."""

    def __init__(self, masks: NDArray[np.bool_], keep: Shares) -> None:
        self.masks, self.keep, self.compare_rows = masks, keep, masks[:MOST]

    @property
    def units(self) -> int:
        """How many units a mask has."""
        return int(self.masks.shape[1])

    @cached_property
    def distinct(self) -> NDArray[np.int64]:
        """How many different masks there are among the first ones, int [draws]; exact."""
        first = np.unique(np.packbits(self.masks, axis=1), axis=0, return_index=True)[1]
        is_new = np.zeros(len(self.masks), np.int64)
        is_new[first] = 1
        distinct: NDArray[np.int64] = is_new.cumsum()
        return distinct

    @cached_property
    def shared(self) -> NDArray[np.int32]:
        """How many units two masks both keep, of each two of the first `MOST`, int [draws, draws]."""
        bits = self.compare_rows.astype(np.float32)
        shared: NDArray[np.int32] = np.rint(bits @ bits.T).astype(np.int32)
        return shared

    def pairs(self, draws: int = MOST) -> NDArray[np.int32]:
        """How many units both keep, of each pair among the first masks, int [pairs]."""
        shared = self.shared[:draws, :draws]
        return shared[np.triu_indices(len(shared), 1)]

    def shares(self, draws: int = MOST) -> Shares:
        """The share of units that both keep, of each pair among the first masks, float [pairs]."""
        return self.pairs(draws) / self.units

    @property
    def expected(self) -> float:
        """The mean share of units that two independent masks both keep."""
        return float(np.square(self.keep).mean())

    @property
    def expected_sd(self) -> float:
        """Its standard deviation over pairs."""
        both = np.square(self.keep)
        return float(np.sqrt((both * (1 - both)).sum()) / self.units)

    @property
    def error(self) -> float:
        """How far the mean over all pairs may be off: a standard deviation, that of the mean of squared counts."""
        spread = 4 * self.keep**3 * (1 - self.keep) / len(self.compare_rows)
        return float(np.sqrt(spread.sum()) / self.units)
