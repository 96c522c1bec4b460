"""Measurement of the flashes of an animation: WCAG 2.2, success criterion 2.3.1.

By the definition of "general flash and red flash thresholds", more than three flashes within any one-second period are
harmful if the flashes that occur concurrently cover more than 25 % of any field of view of 10 degrees. A flash is a
pair of opposing transitions (see `transitions`). Where the definition is ambiguous, the stricter reading is used:

- Flashes are counted in two ways: for each pixel, added up over all pixels that flash too often within the same second;
  and for each field of view, if more than 25 % of it change at once, whichever pixels they are.
- Half a flash counts: six transitions within less than a second pass, the seventh is more than three flashes.
- A field of view is 341 x 256 pixels of a screen of 1024 x 768. The picture is assumed to be as wide as that screen, as
  on a slide; a smaller picture is safer. The exception for fine, balanced patterns is not used.
- Transparent pixels are measured over white and over black.

Pixels are sampled at even steps in both directions: every fifth of 1280 x 720, more or fewer of other sizes. The
measurement of a harmless animation adds 2 to 3 % to the time that the accuracy chart takes to draw.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import inf, isqrt
from typing import TYPE_CHECKING

import numpy as np

from dropviz.flashing.detector import Change, Colors, Detector
from dropviz.flashing.tally import MAX_TRANSITIONS, PERIOD, Field, Flash

if TYPE_CHECKING:
    from dropviz.drawing.raster import Frame

SAMPLES = 36_864  # pixels sampled of each frame, about


def cannot_flash(durations: Sequence[int]) -> bool:
    """Return whether frames with these durations, in 1/100 s, stay within the limit whatever they show.

    A pixel, or a field, makes at most one transition at the start of a frame. With 170 ms or more between frames, the
    first and the seventh of seven transitions are at least 1.02 s apart, so that no second holds more than six, which
    are three flashes. With 160 ms they are 0.96 s apart.
    """
    return MAX_TRANSITIONS * min(durations) >= PERIOD


def check(frames: Iterable["Frame"], loop: int = 0) -> Flash | None:
    """Return the first harmful flash of `frames`, played `loop` times, 0 for ever; None if there is none."""
    meter = FlashMeter(loop)
    for frame in frames:
        meter.add(frame)
    return meter.result()


class FlashMeter:
    """Flash measurement of a stream of frames, all of one size, played `loop` times, 0 for ever.

    Memory is bounded, however many frames there are: one sampled frame, the changes of the first second, and a limited
    number of pending changes. Nothing is measured if `skip` is set, for frames that `cannot_flash`.
    """

    def __init__(self, loop: int = 0, *, skip: bool = False) -> None:
        self._skip = skip
        self._plays = loop or inf
        self._time = 0
        self._length = 0  # of one play in 1/100 s, once it is known
        self._first: Colors | None = None
        self._start: list[Change] = []  # of the first second

    def measure(self, frames: Iterable["Frame"]) -> Iterator["Frame"]:
        """Yield `frames` unchanged, after adding each."""
        for frame in frames:
            self.add(frame)
            yield frame

    def add(self, frame: "Frame") -> None:
        """Add the next frame."""
        if self._skip:
            return
        colors = frame.pixels.view("<u4")[..., 0]
        if self._first is None:
            self._begin(colors)
        else:
            change = self._compare(colors[:: self._stride, :: self._stride])
            if change and self._time < PERIOD:
                self._start.append(change)
        self._time += frame.duration

    def result(self) -> Flash | None:
        """Return the first harmful flash, including those between the last frame and the first; None if none.

        Call it after the last frame.
        """
        if self._first is None:
            return None
        if not self._length:
            self._length = max(self._time, 1)
            self._replay_start(self._first, self._length)
        flash = self._detector.flash
        return flash and replace(flash, second=round(100 * flash.second) % self._length / 100)

    def _begin(self, colors: Colors) -> None:
        height, width = colors.shape
        self._stride = max(1, isqrt(height * width // SAMPLES))
        self._last = colors[:: self._stride, :: self._stride].copy()
        self._differs = np.empty(self._last.shape, bool)
        self._first = self._last.copy().ravel()
        self._detector = Detector(self._first, Field(self._last.shape, width / self._stride))

    def _compare(self, colors: Colors) -> Change | None:
        """Compare sampled colours with the last ones; add and return the change, None if they are equal."""
        where = np.flatnonzero(np.not_equal(colors, self._last, out=self._differs))
        if not len(where):
            return None
        change = Change(self._time, where, colors[np.divmod(where, colors.shape[1])])
        self._apply(change)
        return change

    def _apply(self, change: Change) -> None:
        self._last.ravel()[change.where] = change.colors
        self._detector.add(change)

    def _replay_start(self, first: Colors, length: int) -> None:
        """Repeat the start of the animation after its end, for one second, which is as long as a flash can last.

        An animation shorter than a second is repeated for two, so that one whole second repeats.
        """
        end = self._time + (1 if length >= PERIOD else 2 * PERIOD)
        while self._time < end and self._plays > 1:
            self._compare(first.reshape(self._last.shape))
            for change in self._start:
                self._apply(change._replace(time=self._time + change.time))
            self._time += length
            self._plays -= 1
