"""How many transitions there were within a second, and over how much of a field of view. Times in 1/100 s."""

from collections import deque
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from dropviz.flashing.transitions import Where, Which

PERIOD = 100  # "any one-second period", from a moment up to, but without, the same moment a second later
MOST = 6  # transitions: three flashes, a flash being a pair of them
SCREEN, FIELD = 1024, (256, 341)  # "a 341 x 256 pixel rectangle anywhere [...] viewed at 1024 x 768 pixels"
SHARE = 0.25  # "no more than [...] 25% of any 10 degree visual field on the screen"
LONG_AGO = -(1 << 30)


@dataclass(frozen=True)
class Flash:
    """Harmful flashing: its kind, "general" or "red"; the second in which it begins; its share of a field of view."""

    kind: str
    second: float
    share: float

    def __str__(self) -> str:
        red = " red" if self.kind == "red" else ""
        return (
            f"flashes{red} more than {MOST // 2} times in the second from {self.second:.2f} s on, "
            f"over {self.share:.0%} of a field of view, where WCAG 2.3.1 allows {SHARE:.0%}"
        )


class Field:
    """All the places of a field of view in a picture whose samples have the `shape` rows and columns.

    `width` is that of the whole picture, in steps between samples: the width of the reference screen.
    """

    def __init__(self, shape: tuple[int, ...], width: float) -> None:
        self._shape = shape
        height_of, width_of = (side * width / SCREEN for side in FIELD)
        self._size = height_of * width_of
        self._rows, self._columns = min(ceil(height_of), shape[0]), min(ceil(width_of), shape[1])

    @property
    def quarter(self) -> float:
        """More samples than this must not flash in a field."""
        return SHARE * self._size

    def counts(self, which: Which) -> NDArray[np.intp]:
        """How many of the samples [samples] lie within each place of the field; by an integral image."""
        sums = np.zeros([side + 1 for side in self._shape], np.intp)
        sums[1:, 1:] = which.reshape(self._shape).cumsum(axis=0).cumsum(axis=1)
        bands = sums[self._rows :] - sums[: -self._rows]
        counts: NDArray[np.intp] = bands[:, self._columns :] - bands[:, : -self._columns]
        return counts

    def share(self, count: float) -> float:
        """`count` samples as a share of the field."""
        return min(1.0, count / self._size)


class Tally:
    """Counts the transitions of one kind, of `samples` and of each place of the `field`."""

    def __init__(self, kind: str, samples: int, field: Field) -> None:
        self._kind, self._samples, self._field = kind, samples, field
        self._times = np.full((MOST + 1, samples), LONG_AGO, np.int32)  # of the last seven transitions of each
        self._next = np.zeros(samples, np.int8)  # where in them the next one goes
        self._seventh = np.full(samples, LONG_AGO, np.int32)  # when the seventh last was
        self._sweeps: deque[tuple[int, Which, Which]] = deque()  # fields that rise, and fields that fall, at a time

    def add(self, time: int, rises: Where, falls: Where) -> Flash | None:
        """Take the transitions at `time` of some samples; the harm, if any, that they complete."""
        return self._count_samples(time, np.concatenate([rises, falls])) or self._count_fields(time, rises, falls)

    def _count_samples(self, time: int, where: Where) -> Flash | None:
        """Harmful if the samples that each made seven transitions within this second take too much of a field."""
        self._times[self._next[where], where] = time
        self._next[where] = (self._next[where] + 1) % (MOST + 1)
        self._seventh[where] = self._times[self._next[where], where]
        if not (self._seventh[where] > time - PERIOD).any():
            return None
        flashing = self._seventh > time - PERIOD
        count = self._most(flashing)
        return self._harm(int(self._seventh[flashing].min()), count) if count > self._field.quarter else None

    def _count_fields(self, time: int, rises: Where, falls: Where) -> Flash | None:
        """Harmful if a field rises and falls, in turn, seven times within this second."""
        if max(len(rises), len(falls)) <= self._field.quarter:
            return None
        up, down = (self._field.counts(self._mask(where)) for where in (rises, falls))
        quarter = self._field.quarter
        if max(up.max(), down.max()) <= quarter:
            return None
        self._sweeps.append((time, up > quarter, down > quarter))
        while self._sweeps[0][0] <= time - PERIOD:
            self._sweeps.popleft()
        often = self._turns() > MOST
        return self._harm(self._sweeps[0][0], float(np.maximum(up, down)[often].max())) if often.any() else None

    def _turns(self) -> NDArray[np.int8]:
        """How often, in this second, each place of the field rose and fell in turn, at best."""
        best = np.zeros(self._sweeps[0][1].shape, np.int8)
        for start in (False, True):
            falls_next, turns = np.full(best.shape, start), np.zeros_like(best)
            for _time, rose, fell in self._sweeps:
                turned = np.where(falls_next, fell, rose)
                turns += turned
                falls_next ^= turned
            best = np.maximum(best, turns)
        return best

    def _most(self, which: Which) -> int:
        """The most samples of `which` within any place of the field."""
        return int(self._field.counts(which).max())

    def _mask(self, where: Where) -> Which:
        mask = np.zeros(self._samples, bool)
        mask[where] = True
        return mask

    def _harm(self, time: int, count: float) -> Flash:
        return Flash(self._kind, time / 100, self._field.share(count))
