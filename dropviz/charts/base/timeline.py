"""Which recorded moment each frame shows, and for how long. Pure; times in 1/100 s, as GIF counts them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SECONDS = 8.0
SLOWEST = 0.5
FASTEST = 0.02  # browsers turn shorter delays into a tenth of a second
SECONDS_EACH = 0.4  # for a mask: can be read, and is below the three flashes a second that WCAG 2.3.1 allows
WARM_UP = 0.1  # the share of a run in which accuracy jumps up from chance: there from the first frame on
MIN_READING_TIME = 25  # hundredths of a second: nobody reads words that change more often


@dataclass(frozen=True)
class Timeline:
    """Frame i shows the recorded moment of index `moments[i]`, for `durations[i]` hundredths of a second."""

    indices: tuple[int, ...]
    durations: tuple[int, ...]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(zip(self.indices, self.durations, strict=True))

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def seconds(self) -> float:
        """Total time of one play."""
        return sum(self.durations) / 100


def spread(available: int, wanted: int, start: int = 0) -> tuple[int, ...]:
    """At most `wanted` indices from `start` to below `available`, evenly spaced, never twice, the last among them."""
    frames, steps = min(available - start, wanted), available - start - 1
    if frames == 1:
        return (available - 1,)
    return tuple(start + round(i * steps / (frames - 1)) for i in range(frames))


def spread_log(available: int, wanted: int) -> tuple[int, ...]:
    """At most `wanted` of `available` indices, the last among them, at even distances on a logarithmic axis from 1."""
    ratios = [i / max(wanted - 1, 1) for i in range(wanted)]
    return tuple(sorted({round(available ** (1 - ratio)) - 1 for ratio in ratios}))


def warmed_up(iterations: NDArray[np.int64], share: float = WARM_UP) -> int:
    """The first of the snapshots, taken at `iterations`, that is not of the first `share` of a run."""
    return int(np.searchsorted(iterations, share * iterations[-1]))


def timed(indices: tuple[int, ...], seconds: float, hold: float) -> Timeline:
    """Show each moment for an equal share of `seconds`, and the last one for `hold` seconds more.

    Shares are rounded so that they add up: the total is exact to a hundredth of a second.
    """
    ends = [round(100 * seconds * (i + 1) / len(indices)) for i in range(len(indices))]
    durations = [end - start for start, end in zip([0, *ends], ends, strict=False)]
    durations[-1] += round(100 * hold)
    return Timeline(indices, tuple(durations))


def paced(indices: tuple[int, ...], hold: float) -> Timeline:
    """Show all moments in `SECONDS`, in less where they are few, in more where they would be shorter than `FASTEST`."""
    return timed(indices, max(min(SECONDS, SLOWEST * len(indices)), FASTEST * len(indices)), hold)


def one_by_one(indices: tuple[int, ...], hold: float) -> Timeline:
    """Show each moment for `SECONDS_EACH`, so that it can be looked at."""
    return timed(indices, SECONDS_EACH * len(indices), hold)


def readable(timeline: Timeline) -> dict[int, int]:
    """For each moment, the one whose words are shown with it: each for `READABLE` at least, the last with its own."""
    text_index: dict[int, int] = {}
    speaking, until, now = timeline.indices[0], MIN_READING_TIME, 0
    for index, duration in timeline:
        if now >= until or index == timeline.indices[-1]:
            speaking, until = index, now + MIN_READING_TIME
        text_index[index] = speaking
        now += duration
    return text_index
