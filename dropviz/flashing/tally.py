"""Counts of transitions within a second, by sample and by field of view. Times are in 1/100 s."""

from collections import deque
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from dropviz.flashing.transitions import Indices, Selection

PERIOD = 100  # "any one-second period": from a time up to, excluding, the same time a second later
MAX_TRANSITIONS = 6  # three flashes, each a pair of transitions
SCREEN_WIDTH, FIELD_SIZE = 1024, (256, 341)  # "a 341 x 256 pixel rectangle anywhere [...] viewed at 1024 x 768 pixels"
MAX_SHARE = 0.25  # "no more than [...] 25% of any 10 degree visual field on the screen"
NEVER = -(1 << 30)  # time of a transition that has not happened


@dataclass(frozen=True)
class Flash:
    """Harmful flashing: "general" or "red", the second in which it begins, and its share of a field of view, 0 to 1."""

    kind: str
    second: float
    share: float

    def __str__(self) -> str:
        red = " red" if self.kind == "red" else ""
        return (
            f"flashes{red} more than {MAX_TRANSITIONS // 2} times in the second from {self.second:.2f} s on, "
            f"over {self.share:.0%} of a field of view, where WCAG 2.3.1 allows {MAX_SHARE:.0%}"
        )


class Field:
    """All positions of a field of view in a picture whose samples have the `shape` rows and columns.

    `width` is that of the whole picture, in steps between samples; it stands for the width of the reference screen.
    """

    def __init__(self, shape: tuple[int, ...], width: float) -> None:
        self._shape = shape
        field_height, field_width = (side * width / SCREEN_WIDTH for side in FIELD_SIZE)
        self._samples = field_height * field_width
        self._rows, self._columns = min(ceil(field_height), shape[0]), min(ceil(field_width), shape[1])

    @property
    def quarter(self) -> float:
        """Number of samples in a field that may flash at most."""
        return MAX_SHARE * self._samples

    def counts(self, selected: Selection) -> NDArray[np.intp]:
        """Return how many `selected` samples [samples] each position of the field holds, by an integral image."""
        sums = np.zeros([side + 1 for side in self._shape], np.intp)
        sums[1:, 1:] = selected.reshape(self._shape).cumsum(axis=0).cumsum(axis=1)
        bands = sums[self._rows :] - sums[: -self._rows]
        counts: NDArray[np.intp] = bands[:, self._columns :] - bands[:, : -self._columns]
        return counts

    def share(self, count: float) -> float:
        """Return `count` samples as a share of the field, 0 to 1."""
        return min(1.0, count / self._samples)


class Tally:
    """Counts of the transitions of one kind, for each of `samples` and for each position of the `field`."""

    def __init__(self, kind: str, samples: int, field: Field) -> None:
        self._kind, self._samples, self._field = kind, samples, field
        self._times = np.full((MAX_TRANSITIONS + 1, samples), NEVER, np.int32)  # ring of the last seven transitions
        self._next = np.zeros(samples, np.int8)  # index in the ring of the next transition
        self._seventh = np.full(samples, NEVER, np.int32)  # time of the seventh last transition
        self._field_changes: deque[tuple[int, Selection, Selection]] = deque()  # time, rising and falling positions

    def add(self, time: int, rises: Indices, falls: Indices) -> Flash | None:
        """Add the transitions of samples at `time`; return the harmful flash that they complete, if any."""
        return self._count_samples(time, np.concatenate([rises, falls])) or self._count_fields(time, rises, falls)

    def _count_samples(self, time: int, where: Indices) -> Flash | None:
        """Return a flash if samples with seven transitions within this second cover too much of a field."""
        self._times[self._next[where], where] = time
        self._next[where] = (self._next[where] + 1) % (MAX_TRANSITIONS + 1)
        self._seventh[where] = self._times[self._next[where], where]
        flashing = self._seventh > time - PERIOD
        if not flashing.any():
            return None
        count = int(self._field.counts(flashing).max())
        return self._flash(int(self._seventh[flashing].min()), count) if count > self._field.quarter else None

    def _count_fields(self, time: int, rises: Indices, falls: Indices) -> Flash | None:
        """Return a flash if a field rises and falls, in turn, seven times within this second."""
        quarter = self._field.quarter
        if max(len(rises), len(falls)) <= quarter:
            return None
        up, down = (self._field.counts(self._select(where)) for where in (rises, falls))
        if max(up.max(), down.max()) <= quarter:
            return None
        self._field_changes.append((time, up > quarter, down > quarter))
        while self._field_changes[0][0] <= time - PERIOD:
            self._field_changes.popleft()
        flashing = self._alternations() > MAX_TRANSITIONS
        if not flashing.any():
            return None
        return self._flash(self._field_changes[0][0], float(np.maximum(up, down)[flashing].max()))

    def _alternations(self) -> NDArray[np.int8]:
        """Return how often, within this second, each position of the field rose and fell in turn, at most."""
        result = np.zeros(self._field_changes[0][1].shape, np.int8)
        for start in (False, True):
            falls_next, count = np.full(result.shape, start), np.zeros_like(result)
            for _time, rose, fell in self._field_changes:
                turned = np.where(falls_next, fell, rose)
                count += turned
                falls_next ^= turned
            result = np.maximum(result, count)
        return result

    def _select(self, where: Indices) -> Selection:
        selected = np.zeros(self._samples, bool)
        selected[where] = True
        return selected

    def _flash(self, time: int, count: float) -> Flash:
        return Flash(self._kind, time / 100, self._field.share(count))
