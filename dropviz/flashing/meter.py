"""Whether an animation flashes in a way that can cause seizures: WCAG 2.2, success criterion 2.3.1.

Harmful, by the definition of "general flash and red flash thresholds", is more than three flashes within any one-second
period, if the flashes that occur concurrently take more than 25 % of any field of view of 10 degrees. A flash is a pair
of opposing transitions (see `transitions`). Where the definition leaves room, the stricter reading is taken:

- Flashes are counted twice over: for each pixel, with all pixels together that flash too often within the same second;
  and for each field of view, where more than 25 % of it change at once, whichever pixels they are.
- Half a flash counts: six transitions within less than a second pass, the seventh is more than three flashes.
- A field is 341 x 256 pixels of a screen of 1024 x 768. A picture is taken to be shown as wide as that screen, as a
  slide is; shown smaller, it is safer. The exception for fine, balanced patterns is not made.
- Transparent pixels are judged over white and over black.

Pixels are sampled at even steps in both directions: every fifth of 1280 x 720, more or less of other sizes. What passes
costs next to nothing then: 2 to 3 % of the time that it takes to draw the accuracy chart.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import replace
from math import inf, isqrt

import numpy as np
from numpy.typing import NDArray

from dropviz.drawing.raster import Frame
from dropviz.flashing.tally import MOST, PERIOD, Field, Flash, Tally
from dropviz.flashing.transitions import LightChanges, RedChanges, Where, linear_light

SAMPLES = 36_864
# Changes are looked at when there are enough of them to matter, and at the latest when this many wait.
MAX_WAITING = 1 << 19
OPAQUE = 255 << 24
WHITE, BLACK = 255, 0

Colors = NDArray[np.uint32]
Change = tuple[int, Where, Colors]


def is_calm(durations: Sequence[int]) -> bool:
    """Whether frames that last so long, in 1/100 s, need no look at all.

    A pixel, or a field, makes at most one transition at the start of a frame. With 170 ms or more between them, the
    first and the seventh of seven are at least 1.02 s apart: no second holds more than six, which are three flashes.
    With 160 ms they are 0.96 s apart, which is too near.
    """
    return MOST * min(durations) >= PERIOD


def check(frames: Iterable[Frame], loop: int = 0) -> Flash | None:
    """The first harmful flashing in `frames`, played `loop` times, 0 for ever; None if there is none."""
    meter = FlashMeter(loop)
    for frame in frames:
        meter.add(frame)
    return meter.verdict()


class FlashMeter:
    """Looks at frames as they pass, and says at the end whether they flash.

    Holds one sampled frame, the changes of the first second, and changes not looked at yet: a bounded amount, however
    many frames there are. Looks at nothing if all frames are known to be `calm`.
    """

    def __init__(self, loop: int = 0, *, calm: bool = False) -> None:
        self._calm = calm
        self._plays = loop or inf
        self._time = 0
        self._first: Colors | None = None
        self._head: list[Change] = []

    def watch(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """Pass `frames` on, and look at each on its way."""
        for frame in frames:
            self.add(frame)
            yield frame

    def add(self, frame: Frame) -> None:
        """Look at the next frame; all are of one size."""
        if self._calm:
            return
        colors = frame.pixels.view("<u4")[..., 0]
        if self._first is None:
            self._begin(colors)
        else:
            change = self._look(colors[:: self._stride, :: self._stride])
            if change and self._time < PERIOD:
                self._head.append(change)
        self._time += frame.duration

    def verdict(self) -> Flash | None:
        """The first harm that the frames do, the seam from their end to their start included. Ask once, at the end."""
        if self._first is None:
            return None
        length = max(self._time, 1)
        self._play_again(self._first, length)
        flash = self._judge.flash
        return flash and replace(flash, second=round(100 * flash.second) % length / 100)

    def _begin(self, colors: Colors) -> None:
        height, width = colors.shape
        self._stride = max(1, isqrt(height * width // SAMPLES))
        self._last = colors[:: self._stride, :: self._stride].copy()
        self._differs = np.empty(self._last.shape, bool)
        self._first = self._last.copy().ravel()
        self._judge = _Judge(self._first, Field(self._last.shape, width / self._stride))

    def _look(self, colors: Colors) -> Change | None:
        where = np.flatnonzero(np.not_equal(colors, self._last, out=self._differs))
        if not len(where):
            return None
        change = (self._time, where, colors[np.divmod(where, colors.shape[1])])
        self._show(change)
        return change

    def _show(self, change: Change) -> None:
        _time, where, values = change
        self._last.ravel()[where] = values
        self._judge.hear(change)

    def _play_again(self, first: Colors, length: int) -> None:
        """After the end comes the start, for as long as what was before can matter: a second.

        A play shorter than that is played again for two, so that a whole second of it repeats what it did before.
        """
        enough = self._time + (1 if length >= PERIOD else 2 * PERIOD)
        while self._time < enough and self._plays > 1:
            self._look(first.reshape(self._last.shape))
            for time, where, values in self._head:
                self._show((self._time + time, where, values))
            self._time += length
            self._plays -= 1


class _Judge:
    """Hears of changes, and looks at them when they could be harmful.

    Either way of counting takes seven transitions of more than a quarter of a field within a second. So as long as
    fewer pixels than that change in any second, changes are only kept, for the state that they lead to.
    """

    def __init__(self, first: Colors, field: Field) -> None:
        self.flash: Flash | None = None
        self._waiting: list[Change] = []
        self._count = 0
        self._recent: deque[tuple[int, int]] = deque()
        self._busy = 0
        self._field = field
        self._first, self._eyes = first, list[_Eye]()

    def hear(self, change: Change) -> None:
        """Keep a change, and look at all that wait if there are too many."""
        if self.flash:
            return
        time, where, _values = change
        self._waiting.append(change)
        self._count += len(where)
        self._recent.append((time, len(where)))
        self._busy += len(where)
        while self._recent[0][0] <= time - PERIOD:
            self._busy -= self._recent.popleft()[1]
        if self._busy > (MOST + 1) * self._field.quarter or self._count > MAX_WAITING:
            self._look()

    def _look(self) -> None:
        if not self._eyes:
            backgrounds = (WHITE,) if _is_opaque(self._first) else (WHITE, BLACK)
            self._eyes = [_Eye(self._first, background, self._field) for background in backgrounds]
        for change in self._waiting:
            if len(self._eyes) == 1 and not _is_opaque(change[2]):
                self._open_second_eye()
            found = [flash for eye in self._eyes if (flash := eye.see(change))]
            self.flash = self.flash or max(found, key=lambda flash: flash.share, default=None)
        self._waiting, self._count = [], 0

    def _open_second_eye(self) -> None:
        """What was opaque until now looked the same over black as over white."""
        self._eyes.append(deepcopy(self._eyes[0]))
        self._eyes[1].background = BLACK


def _is_opaque(colors: Colors) -> bool:
    return bool((colors >= OPAQUE).all())


class _Eye:
    """Sees all samples over one background."""

    def __init__(self, first: Colors, background: int, field: Field) -> None:
        self.background = background
        light = linear_light(first, background)
        self._kinds: list[tuple[LightChanges | RedChanges, Tally]] = [
            (LightChanges(light), Tally("general", len(first), field)),
            (RedChanges(light), Tally("red", len(first), field)),
        ]

    def see(self, change: Change) -> Flash | None:
        """The harm, if any, that a change completes."""
        time, where, values = change
        light = linear_light(values, self.background)
        found = None
        for changes, tally in self._kinds:
            rises, falls = changes.add(where, light)
            found = tally.add(time, where[rises], where[falls]) or found
        return found
