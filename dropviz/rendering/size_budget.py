"""Size budget: the longest and largest rendering within a number of bytes, found in a few tries.

Frames are reduced first, then pixels, then tones of colours, each down to a minimum below which a picture could not be
followed or read. All renderings are thus in one order, from everything to the minimum: the first that fits is returned.
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
MIN_SIZE = (640, 360)  # the smallest text is then 7 pixels high
STEPS = 80  # sizes between 0 and the full one
AIM = 0.97  # share of the limit that a try aims at, since predictions have errors,
CAUTION = 0.03  # and how much less after each wrong one
ENOUGH = 0.94  # share of the limit at which the search ends
MAX_TRIES = 5  # two more if the result is below FAIR
FAIR = 0.8  # share of the limit below which it goes on after MAX_TRIES
SAMPLE, SHARE = 16, 0.25  # minimum number and share of frames from which the size of all is predicted
HOPELESS = 1.25  # a prediction above this multiple of the limit ends a try
# Exponents of the size in bytes, as measured on GIFs: of pixels, most of which have one colour, and of tones.
GROWTH = 0.75
TONE_GROWTH = 0.25

T = TypeVar("T")


class TooLarge(Exception):  # noqa: N818  # it only ends a try, and is not an error for the user
    """A rendering that does not fit: its `size` in bytes is known if `sure`, else predicted."""

    def __init__(self, size: int, total: int, *, sure: bool) -> None:
        super().__init__(size)
        self.size, self.total, self.sure = size, total, sure


@dataclass
class Budget:
    """Limit of the size of a file, which ends a try as soon as the file cannot fit.

    max_bytes  the limit
    patient    end a try only if the file is too large, not if it is predicted to be
    whole      end no try before all is written
    """

    max_bytes: int
    patient: bool = False
    whole: bool = False

    def limit(self, frames: Iterable[T], total: int, tell: Callable[[], int]) -> Iterator[T]:
        """Yield the same frames; raise TooLarge if `tell`, the bytes written so far, shows that they do not fit.

        Encoders that write at the end are not stopped.
        """
        written = []
        for done, frame in enumerate(frames, 1):
            yield frame
            written.append(tell())
            if not self.whole and written[-1] > self.max_bytes:
                raise TooLarge(_expect(written, total), total, sure=True)
            if not self.whole and not self.patient and done >= max(SAMPLE, total * SHARE):
                expected = _expect(written, total)
                if expected > HOPELESS * self.max_bytes:
                    raise TooLarge(expected, total, sure=False)

    def check(self, size: int, total: int) -> None:
        """Raise TooLarge if a finished rendering of `size` bytes does not fit."""
        if size > self.max_bytes:
            raise TooLarge(size, total, sure=True)


def _expect(written: list[int], total: int) -> int:
    """Return the predicted size of all frames from the later half of those written: the first frames change most.

    Encoders write a frame when they have the next one, so that `written` after a frame is the size of one frame less.
    """
    done, half = len(written), len(written) // 2
    each = (written[-1] - written[half]) / (done - 1 - half) if done - 1 > half else written[-1]
    return round(written[-1] + each * (total - done + 1))


class Rung(NamedTuple):
    """One rendering: number of frames, size in pixels, number of tones."""

    frames: int
    size: tuple[int, int]
    tones: int

    @property
    def cost(self) -> float:
        """A number about in proportion to its size in bytes; the first frame counts twice, since it is stored whole."""
        return float((self.frames + 1) * math.prod(self.size) ** GROWTH * self.tones**TONE_GROWTH)


class Made(Protocol):
    """Result of a try."""

    @property
    def bytes(self) -> int:
        """Size of the file."""


M = TypeVar("M", bound=Made)


@dataclass(frozen=True)
class Fitted(Generic[M]):
    """Result within the limit: what was made, its options, and a sentence on what was reduced."""

    made: M
    options: RenderOptions
    words: str


def fit(
    options: RenderOptions,
    max_bytes: int,
    attempt: Callable[[RenderOptions, Budget], M],
    *,
    pixels: bool = True,
    tones: bool = True,
) -> Fitted[M]:
    """Call `attempt` with other options until the best rendering within `max_bytes` is found, which is its last one.

    pixels, tones  whether fewer of them make the file smaller

    `attempt` raises TooLarge as its Budget does. Raises OutputError if not even the smallest rendering fits.
    """
    start, tries, first = time.monotonic(), 1, Budget(max_bytes)
    try:
        made = attempt(options, first)
    except TooLarge as larger:
        search = _Search(ladder(options, larger.total, pixels=pixels, tones=tones), max_bytes)
        search.learn(0, larger)
    else:
        return Fitted(made, options, _words(max_bytes, [f"all frames, {_by(options.size)}"], tries, start))
    best: tuple[M, Rung] | None = None
    while (position := search.choose(tries)) is not None:
        tries, rung = tries + 1, search.rungs[position]
        budget = Budget(max_bytes, position in search.tried, position == len(search.rungs) - 1)
        try:
            made = attempt(replace(options, frames=rung.frames, size=rung.size, tones=rung.tones), budget)
        except TooLarge as larger:
            search.learn(position, larger)
        else:
            best = made, rung
            search.learn(position, made.bytes)
    if best is None:
        raise _nothing_fits(search, max_bytes)
    made, rung = best
    chosen = replace(options, frames=rung.frames, size=rung.size, tones=rung.tones)
    return Fitted(made, chosen, _words(max_bytes, given_up(search.rungs[0], rung), tries, start))


def ladder(options: RenderOptions, total: int, *, pixels: bool = True, tones: bool = True) -> list[Rung]:
    """Return all renderings, from everything, which has `total` frames, to the minimum."""
    fewest, sizes = min(total, MIN_FRAMES), list(_sizes(options.size)) if pixels else [options.size]
    least = MIN_TONES if tones else options.tones
    return [
        *(Rung(frames, options.size, options.tones) for frames in range(total, fewest - 1, -1)),
        *(Rung(fewest, size, options.tones) for size in sizes[1:]),
        *(Rung(fewest, sizes[-1], fewer) for fewer in range(options.tones - 1, least - 1, -1)),
    ]


def _sizes(size: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Yield sizes from `size` down to MIN_SIZE, in its proportion, in even numbers, which video needs."""
    yield size
    for step in range(STEPS - 1, 0, -1):
        width, height = (2 * round(side * step / STEPS / 2) for side in size)
        if width < MIN_SIZE[0] or height < MIN_SIZE[1]:
            return
        yield width, height


@dataclass
class _Search:
    """Search between the rungs `low`, which is too large, and `high`, which fits; tries so far predict sizes."""

    rungs: list[Rung]
    max_bytes: int
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
        """Take the result of a try: its size in bytes, or TooLarge."""
        self.tried.add(position)
        self.last = outcome.size if isinstance(outcome, TooLarge) else outcome
        self.seen.append((math.log(self.rungs[position].cost), math.log(max(self.last, 1))))
        if not isinstance(outcome, TooLarge):
            self.high, self.filled = position, outcome / self.max_bytes
        elif outcome.sure:
            self.low, self.failed = position, self.failed + (position > 0)

    def choose(self, tries: int) -> int | None:
        """Return the rung to try next; None if no better result is expected."""
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
            guess = (guess + self.high) // 2  # predictions fail here: halve the rest
        return min(max(guess, self.low + 1), self.high - 1)

    def _predict(self) -> int:
        """Return the first rung that is predicted to fit, in proportion to the try nearest to the limit."""
        careful = CAUTION * self.failed if self.high == len(self.rungs) else 0.0  # until one fits
        target = math.log((AIM - careful) * self.max_bytes)
        seen = dict(self.seen)
        cost, size = min(seen.items(), key=lambda one: abs(one[1] - target))
        far = max(seen, key=lambda other: abs(other - cost))  # sizes of near ones differ by chance
        slope = min(max((seen[far] - size) / (far - cost), 0.3), 1.5) if far != cost else 1.0
        affordable = cost + (target - size) / slope
        fits = (place for place, rung in enumerate(self.rungs) if math.log(rung.cost) <= affordable)
        return next(fits, len(self.rungs) - 1)


def given_up(full: Rung, rung: Rung) -> list[str]:
    """Return what is left of everything, in words."""
    frames = f"{rung.frames} of {full.frames} frames" if rung.frames < full.frames else f"all {full.frames} frames"
    size = _by(rung.size) if rung.size == full.size else f"{_by(rung.size)} instead of {_by(full.size)}"
    return [frames, size, *([f"{rung.tones} of {full.tones} tones"] if rung.tones < full.tones else [])]


def _nothing_fits(search: _Search, max_bytes: int) -> OutputError:
    least = search.rungs[-1]
    shape = f"{least.frames} frames, {_by(least.size)}, {least.tones} tones"
    return OutputError(
        f"nothing fits {format_bytes(max_bytes)}: the smallest rendering ({shape}) takes {search.last:,} bytes; "
        "allow more with --max-size, or ask for fewer --frames or a smaller --size"
    )


def _words(max_bytes: int, left: list[str], tries: int, start: float) -> str:
    took = f"{tries} {'try' if tries == 1 else 'tries'}, {time.monotonic() - start:.1f} s"
    return f"fits {format_bytes(max_bytes)}: {', '.join(left)} ({took})"


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"
