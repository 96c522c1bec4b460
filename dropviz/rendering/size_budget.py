"""The longest and largest rendering within a number of bytes, found in a few tries.

Frames are given up first, then pixels, then tones of colours: each down to a floor below which little could be
followed or read. So all renderings stand on one ladder, from everything to the least: the first that fits is wanted.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Generic, NamedTuple, Protocol, TypeVar

from dropviz._util.byte_sizes import format_bytes
from dropviz.errors import OutputError
from dropviz.rendering.options import MIN_TONES, RenderOptions

MIN_FRAMES = 24  # ten seconds of masks, or a curve in steps that can still be followed
SMALLEST = (640, 360)  # the smallest words are then 7 pixels high
STEPS = 80  # sizes between nothing and the full one
AIM = 0.97  # a try aims at this share of the limit, since predictions err,
CAUTION = 0.03  # and at less after each that erred
ENOUGH = 0.94  # and one that fills so much of it is good
MAX_TRIES = 5  # where those left more than the rest of FAIR unused, two more
FAIR = 0.8
SAMPLE, SHARE = 16, 0.25  # so many frames, and such a share of them, predict the bytes of all
HOPELESS = 1.25  # times the limit: so large a prediction ends a try
# Bytes grow with frames, less than with pixels (most are of one colour), and a little with tones: measured on GIFs.
GROWTH = 0.75
TONE_GROWTH = 0.25

T = TypeVar("T")


class TooLarge(Exception):  # noqa: N818  # no user sees it: it only ends a try
    """The rendering does not fit: it takes `size` bytes, or is expected to if it is not `sure`."""

    def __init__(self, size: int, total: int, *, sure: bool) -> None:
        super().__init__(size)
        self.size, self.total, self.sure = size, total, sure


@dataclass
class Budget:
    """Watches a file grow to `most` bytes, and ends a try as soon as it can no longer fit.

    `patient`: only what really is too large ends it, not what is expected to be; `whole`: nothing ends it early.
    """

    most: int
    patient: bool = False
    whole: bool = False

    def watch(self, frames: Iterable[T], total: int, tell: Callable[[], int]) -> Iterator[T]:
        """Pass `frames` on; `tell` says how many bytes are written. Encoders that write at the end are not stopped."""
        written = []
        for done, frame in enumerate(frames, 1):
            yield frame
            written.append(tell())
            if not self.whole and written[-1] > self.most:
                raise TooLarge(_expect(written, total), total, sure=True)
            if not self.whole and not self.patient and done >= max(SAMPLE, total * SHARE):
                expected = _expect(written, total)
                if expected > HOPELESS * self.most:
                    raise TooLarge(expected, total, sure=False)

    def check(self, size: int, total: int) -> None:
        """TooLarge if a finished rendering of `size` bytes does not fit."""
        if size > self.most:
            raise TooLarge(size, total, sure=True)


def _expect(written: list[int], total: int) -> int:
    """The bytes of all frames, by the later half of those so far: the first ones of a curve change more than others.

    Encoders hold the last frame back, so that what is `written` after a frame is of one less.
    """
    done, half = len(written), len(written) // 2
    each = (written[-1] - written[half]) / (done - 1 - half) if done - 1 > half else written[-1]
    return round(written[-1] + each * (total - done + 1))


class Rung(NamedTuple):
    """A step of the ladder."""

    frames: int
    size: tuple[int, int]
    tones: int

    @property
    def cost(self) -> float:
        """What its bytes are about in proportion to; the first frame counts twice, being whole."""
        return float((self.frames + 1) * math.prod(self.size) ** GROWTH * self.tones**TONE_GROWTH)


class Made(Protocol):
    """What a try makes."""

    @property
    def bytes(self) -> int:
        """Size of the file."""


M = TypeVar("M", bound=Made)


@dataclass(frozen=True)
class Fitted(Generic[M]):
    """What was made within the limit, how it looks, and what that took in words."""

    made: M
    options: RenderOptions
    words: str


def fit(
    options: RenderOptions,
    most: int,
    attempt: Callable[[RenderOptions, Budget], M],
    *,
    pixels: bool = True,
    tones: bool = True,
) -> Fitted[M]:
    """Let `attempt` draw looks until the best within `most` bytes is found; the last that it made is that one.

    `pixels` and `tones` say whether giving them up makes the file smaller.

    `attempt` raises TooLarge where its Budget says so. Raises OutputError if not even the least rendering fits.
    """
    start, tries, first = time.monotonic(), 1, Budget(most)
    try:
        made = attempt(options, first)
    except TooLarge as larger:
        search = _Search(ladder(options, larger.total, pixels=pixels, tones=tones), most)
        search.learn(0, larger)
    else:
        return Fitted(made, options, _words(most, [f"all frames, {_by(options.size)}"], tries, start))
    best: tuple[M, Rung] | None = None
    while (position := search.choose(tries)) is not None:
        tries, rung = tries + 1, search.rungs[position]
        budget = Budget(most, position in search.tried, position == len(search.rungs) - 1)
        try:
            made = attempt(replace(options, frames=rung.frames, size=rung.size, tones=rung.tones), budget)
        except TooLarge as larger:
            search.learn(position, larger)
        else:
            best = made, rung
            search.learn(position, made.bytes)
    if best is None:
        raise _nothing_fits(search, most)
    made, rung = best
    chosen = replace(options, frames=rung.frames, size=rung.size, tones=rung.tones)
    return Fitted(made, chosen, _words(most, given_up(search.rungs[0], rung), tries, start))


def ladder(options: RenderOptions, total: int, *, pixels: bool = True, tones: bool = True) -> list[Rung]:
    """All renderings from everything, which has `total` frames, to the least."""
    fewest, sizes = min(total, MIN_FRAMES), list(_sizes(options.size)) if pixels else [options.size]
    least = MIN_TONES if tones else options.tones
    return [
        *(Rung(frames, options.size, options.tones) for frames in range(total, fewest - 1, -1)),
        *(Rung(fewest, size, options.tones) for size in sizes[1:]),
        *(Rung(fewest, sizes[-1], fewer) for fewer in range(options.tones - 1, least - 1, -1)),
    ]


def _sizes(size: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """From `size` down, in its proportion, as long as a picture of SMALLEST goes in; even numbers, as video wants."""
    yield size
    for step in range(STEPS - 1, 0, -1):
        width, height = (2 * round(side * step / STEPS / 2) for side in size)
        if width < SMALLEST[0] or height < SMALLEST[1]:
            return
        yield width, height


@dataclass
class _Search:
    """The rungs from `low`, too large, to `high`, which fits, are in question; what was seen predicts their bytes."""

    rungs: list[Rung]
    most: int
    low: int = -1
    high: int = field(init=False)
    filled: float = 0.0
    tried: set[int] = field(default_factory=set)
    seen: list[tuple[float, float]] = field(default_factory=list)
    last: int = 0
    failed: int = 0

    def __post_init__(self) -> None:
        self.high = len(self.rungs)

    def learn(self, position: int, outcome: "int | TooLarge") -> None:
        """Take in that the rung fits in so many bytes, or is too large."""
        self.tried.add(position)
        self.last = outcome.size if isinstance(outcome, TooLarge) else outcome
        self.seen.append((math.log(self.rungs[position].cost), math.log(max(self.last, 1))))
        if not isinstance(outcome, TooLarge):
            self.high, self.filled = position, outcome / self.most
        elif outcome.sure:
            self.low, self.failed = position, self.failed + (position > 0)

    def choose(self, tries: int) -> int | None:
        """The rung to try next; None when nothing better is to be expected."""
        found = self.high < len(self.rungs)
        enough = ENOUGH if tries < MAX_TRIES else FAIR if tries < MAX_TRIES + 2 else 0.0
        if self.high - self.low <= 1 or (found and self.filled >= enough):
            return None
        guess = self._predict()
        if found and guess >= self.high:
            if self.filled >= FAIR:
                return None
            guess = (self.low + self.high) // 2
        if not found and tries >= MAX_TRIES:
            guess = (guess + self.high) // 2  # this one is hard to predict: come to an end
        return min(max(guess, self.low + 1), self.high - 1)

    def _predict(self) -> int:
        """The first rung that is expected to fit, in proportion to what was seen nearest to the limit."""
        careful = CAUTION * self.failed if self.high == len(self.rungs) else 0.0  # until something fits
        target = math.log((AIM - careful) * self.most)
        seen = dict(self.seen)
        cost, size = min(seen.items(), key=lambda one: abs(one[1] - target))
        far = max(seen, key=lambda other: abs(other - cost))  # near ones differ by noise more than by growth
        slope = min(max((seen[far] - size) / (far - cost), 0.3), 1.5) if far != cost else 1.0
        affordable = cost + (target - size) / slope
        fits = (place for place, rung in enumerate(self.rungs) if math.log(rung.cost) <= affordable)
        return next(fits, len(self.rungs) - 1)


def given_up(full: Rung, rung: Rung) -> list[str]:
    """What is left of everything, in words."""
    frames = f"{rung.frames} of {full.frames} frames" if rung.frames < full.frames else f"all {full.frames} frames"
    size = _by(rung.size) if rung.size == full.size else f"{_by(rung.size)} instead of {_by(full.size)}"
    return [frames, size, *([f"{rung.tones} of {full.tones} tones"] if rung.tones < full.tones else [])]


def _nothing_fits(search: _Search, most: int) -> OutputError:
    least = search.rungs[-1]
    shape = f"{least.frames} frames, {_by(least.size)}, {least.tones} tones"
    return OutputError(
        f"nothing fits {format_bytes(most)}: the smallest rendering ({shape}) takes {search.last:,} bytes; "
        "allow more with --max-size, or ask for fewer --frames or a smaller --size"
    )


def _words(most: int, left: list[str], tries: int, start: float) -> str:
    took = f"{tries} {'try' if tries == 1 else 'tries'}, {time.monotonic() - start:.1f} s"
    return f"fits {format_bytes(most)}: {', '.join(left)} ({took})"


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"
