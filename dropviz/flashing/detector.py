"""Detection of harmful flashes in a stream of changed samples."""

from collections import deque
from copy import deepcopy
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dropviz.flashing.tally import MAX_TRANSITIONS, PERIOD, Field, Flash, Tally
from dropviz.flashing.transitions import Indices, LightChanges, RedChanges, linear_light

MAX_PENDING = 1 << 19  # changed samples
OPAQUE = 255 << 24
WHITE, BLACK = 255, 0

Colors = NDArray[np.uint32]


class Change(NamedTuple):
    """Samples that change at a time: their indices, and their new colours as 0xAABBGGRR."""

    time: int
    where: Indices
    colors: Colors


class Detector:
    """First harmful `flash` of the changes added so far; None if there is none.

    Both ways of counting need seven transitions of more than a quarter of a field within a second. While fewer samples
    change in any second, changes are only kept, for the state that they lead to; then all of them are counted.
    """

    def __init__(self, first: Colors, field: Field) -> None:
        self.flash: Flash | None = None
        self._first, self._field = first, field
        self._pending: list[Change] = []
        self._pending_samples = 0
        self._recent: deque[tuple[int, int]] = deque()  # times of the last second, and samples that changed
        self._recent_samples = 0
        self._composites = list[_Composite]()

    def add(self, change: Change) -> None:
        """Add the next change, and count all pending ones if they could be harmful or are too many."""
        if self.flash:
            return
        samples = len(change.where)
        self._pending.append(change)
        self._pending_samples += samples
        self._recent.append((change.time, samples))
        self._recent_samples += samples
        while self._recent[0][0] <= change.time - PERIOD:
            self._recent_samples -= self._recent.popleft()[1]
        could_be_harmful = self._recent_samples > (MAX_TRANSITIONS + 1) * self._field.quarter
        if could_be_harmful or self._pending_samples > MAX_PENDING:
            self._count_pending()

    def _count_pending(self) -> None:
        if not self._composites:
            backgrounds = (WHITE,) if _is_opaque(self._first) else (WHITE, BLACK)
            self._composites = [_Composite(self._first, background, self._field) for background in backgrounds]
        for change in self._pending:
            if len(self._composites) == 1 and not _is_opaque(change.colors):
                self._add_black_background()
            flashes = [flash for composite in self._composites if (flash := composite.add(change))]
            self.flash = self.flash or max(flashes, key=lambda flash: flash.share, default=None)
        self._pending, self._pending_samples = [], 0

    def _add_black_background(self) -> None:
        """Copy the state over white, which is the same over black as long as all samples are opaque."""
        self._composites.append(deepcopy(self._composites[0]))
        self._composites[1].background = BLACK


def _is_opaque(colors: Colors) -> bool:
    return bool((colors >= OPAQUE).all())


class _Composite:
    """Transitions of all samples laid over one grey `background`, 0 to 255."""

    def __init__(self, first: Colors, background: int, field: Field) -> None:
        self.background = background
        light = linear_light(first, background)
        self._kinds: list[tuple[LightChanges | RedChanges, Tally]] = [
            (LightChanges(light), Tally("general", len(first), field)),
            (RedChanges(light), Tally("red", len(first), field)),
        ]

    def add(self, change: Change) -> Flash | None:
        """Add a change; return the harmful flash that it completes, if any."""
        light = linear_light(change.colors, self.background)
        result = None
        for changes, tally in self._kinds:
            rises, falls = changes.add(change.where, light)
            result = tally.add(change.time, change.where[rises], change.where[falls]) or result
        return result
