"""Timelines: the index that each frame shows, and its duration in 1/100 s, the unit of GIF."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dropviz.errors import RecordingError

SECONDS = 8.0
MAX_SECONDS_EACH = 0.5
MIN_SECONDS_EACH = 0.02  # browsers turn shorter durations into a tenth of a second
SECONDS_EACH = 0.4  # of a mask: long enough to read, and below the three flashes a second that WCAG 2.3.1 allows
FADE = 16  # of the frame between two masks, in 1/100 s: edges of dropped units fade, then the prediction answers
POSTER = 30  # of the finished picture at the beginning, in 1/100 s
WARM_UP = 0.1  # share of a run in which accuracy rises from chance; the first frame is after it
FEWEST_FADED = 2  # frames, with which nothing fades
MIN_READING_TIME = 25  # in 1/100 s; text that changes more often cannot be read


@dataclass(frozen=True)
class Timeline:
    """Frames: the one of number i shows index `indices[i]` for `durations[i]`, in 1/100 s.

    poster  True if the last frame is also the first one, so that previews show the finished picture
    """

    indices: tuple[int, ...]
    durations: tuple[int, ...]
    poster: bool = False

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(zip(self.indices, self.durations, strict=True))

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def seconds(self) -> float:
        """Duration of one play, in seconds."""
        return sum(self.all_durations) / 100

    @property
    def all_durations(self) -> tuple[int, ...]:
        """Durations of all frames, that of the poster first."""
        return ((POSTER,) if self.poster else ()) + self.durations

    def with_poster(self) -> "Timeline":
        """Return the same timeline with a poster; of one frame, without."""
        return replace(self, poster=len(self) > 1)


@dataclass(frozen=True)
class Pace:
    """How long frames are shown.

    hold     seconds that the last frame stays longer
    seconds  seconds of all frames together, without the hold and the poster; None for as many as the chart needs
    fades    False for no short frames between two masks, because all frames are shown for the same time
    """

    hold: float = 0.0
    seconds: float | None = None
    fades: bool = True

    def has_fades(self, frames: int | None) -> bool:
        """Return whether up to this many frames, None for no limit, leave room for those between two masks."""
        return self.fades and (frames is None or frames > FEWEST_FADED)

    def count_masks(self, frames: int | None, default: int) -> int:
        """Return how many masks are shown in up to `frames` frames; by default in `default`, half of them fades."""
        return (default + 1) // 2 if frames is None else (frames + 1) // 2 if self.has_fades(frames) else frames


NATURAL = Pace()


def spread(available: int, maximum: int, start: int = 0) -> tuple[int, ...]:
    """Return up to `maximum` different indices from `start` to below `available`, evenly spaced, with the last one."""
    frames, steps = min(available - start, maximum), available - start - 1
    if frames <= 1:
        return (available - 1,) if frames == 1 else ()
    return tuple(start + round(i * steps / (frames - 1)) for i in range(frames))


def spread_log(available: int, maximum: int) -> tuple[int, ...]:
    """Return up to `maximum` of `available` indices, evenly spaced on a logarithmic axis from 1, with the last one."""
    if not available:
        return ()
    ratios = [i / max(maximum - 1, 1) for i in range(maximum)]
    return tuple(sorted({round(available ** (1 - ratio)) - 1 for ratio in ratios}))


def warmed_up(iterations: NDArray[np.int64], share: float = WARM_UP) -> int:
    """Return the index of the first snapshot after the first `share` of a run; `iterations` are those of snapshots."""
    return int(np.searchsorted(iterations, share * iterations[-1]))


def timed(indices: tuple[int, ...], seconds: float, hold: float) -> Timeline:
    """Return a timeline that shows each index for an equal share of `seconds`, and the last for `hold` seconds more.

    Durations are rounded so that their sum is exact to 1/100 s. Raises RecordingError if there are no indices.
    """
    if not indices:
        raise RecordingError("nothing to draw: the recordings hold no iteration that this chart shows")
    ends = [round(100 * seconds * (i + 1) / len(indices)) for i in range(len(indices))]
    durations = [end - start for start, end in zip([0, *ends], ends, strict=False)]
    durations[-1] += round(100 * hold)
    return Timeline(indices, tuple(durations))


def paced(indices: tuple[int, ...], pace: Pace) -> Timeline:
    """Return a timeline of SECONDS: less for few indices, and more if frames were shorter than MIN_SECONDS_EACH."""
    natural = max(min(SECONDS, MAX_SECONDS_EACH * len(indices)), MIN_SECONDS_EACH * len(indices))
    return _timed_within(indices, pace, natural, MIN_SECONDS_EACH)


def one_by_one(indices: tuple[int, ...], pace: Pace, seconds: float = SECONDS_EACH) -> Timeline:
    """Return a timeline that shows each index for this many seconds."""
    return _timed_within(indices, pace, seconds * len(indices), seconds)


def _timed_within(indices: tuple[int, ...], pace: Pace, natural: float, shortest: float) -> Timeline:
    """Return a timeline of the seconds of `pace`, or of `natural` ones if it has none.

    Where indices would be shown for less than `shortest` seconds each, fewer of them are shown, evenly spaced.
    """
    if pace.seconds is None:
        return timed(indices, natural, pace.hold)
    fitting = max(int(round(pace.seconds / shortest, 6)), 1)
    return timed(tuple(indices[i] for i in spread(len(indices), fitting)), pace.seconds, pace.hold)


def with_fades(timeline: Timeline) -> Timeline:
    """Return a timeline in which a short frame goes before each index but the first.

    The frame before index i has the index ~i, which is negative. The sum of durations is the same.
    """
    indices, durations = [timeline.indices[0]], [timeline.durations[0]]
    for index, duration in list(timeline)[1:]:
        indices += [~index, index]
        durations += [FADE, duration - FADE]
    return Timeline(tuple(indices), tuple(durations))


def without_fade(index: int) -> int:
    """Return the index that a frame leads to: itself, or of a frame between two masks, that of the next mask.

    >>> without_fade(7), without_fade(~7)
    (7, 7)
    """
    return ~index if index < 0 else index


def readable(timeline: Timeline) -> dict[int, int]:
    """Return for each index the one whose values are written: each for MIN_READING_TIME or longer, the last its own."""
    text_index: dict[int, int] = {}
    written, until, now = timeline.indices[0], MIN_READING_TIME, 0
    for index, duration in timeline:
        if now >= until or index == timeline.indices[-1]:
            written, until = index, now + MIN_READING_TIME
        text_index[index] = written
        now += duration
    return text_index
