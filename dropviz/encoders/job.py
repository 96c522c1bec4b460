"""What goes into an encoder beside the frames, and what comes out."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TypeVar

from dropviz.charts.base.chart import Chart
from dropviz.drawing.raster import Frame
from dropviz.encoders.palette import Palette

OPAQUE = 255


@dataclass(frozen=True)
class Job:
    """What an encoder is told beside the frames.

    size     width and height in pixels
    palette  the colours that the chart draws with
    frames   how many there will be
    loop     number of plays, 0 for ever
    comment  what the picture was made from
    alt      what it shows, in words
    """

    size: tuple[int, int]
    palette: Palette
    frames: int
    loop: int
    comment: str
    alt: str


@dataclass
class Written:
    """What came out: frames shown, total hundredths of a second of one play, and bytes."""

    frames: int = 0
    duration: int = 0
    bytes: int = 0


class Timed(Protocol):
    """A frame, or a page."""

    @property
    def duration(self) -> int:
        """How long it is shown, in 1/100 s."""


T = TypeVar("T", bound=Timed)


def counted(frames: Iterable[T], written: Written) -> Iterator[T]:
    """The same frames, their number and time added to `written` as they pass."""
    for frame in frames:
        written.frames += 1
        written.duration += frame.duration
        yield frame


def is_opaque(frame: Frame) -> bool:
    """Whether nothing behind the picture shows through."""
    return bool(frame.pixels[..., 3].min() == OPAQUE)


class Encoder(Protocol):
    """Writes a stream of frames, at least one and all of one size, to a new file; holds as few of them as it can."""

    def __call__(self, file: BinaryIO, frames: Iterable[Frame], job: Job) -> Written:
        """Write all frames; the file, which can seek, is moved to its place when this returns."""


class NumberedEncoder(Protocol):
    """Writes each frame, or each page, to a file of its own, counted from 0."""

    def __call__(self, place: Callable[[int], Path], frames: Iterable[Any], job: Job) -> Written:
        """Write frame n to the path `place(n)`; the files are moved to their places when this returns."""


class VectorEncoder(Protocol):
    """Writes a chart on a stage of scale 1, moment by moment, as vectors; `job.size` is how large it is shown."""

    def __call__(self, file: BinaryIO, chart: Chart, job: Job) -> Written:
        """Write the whole chart; the file is moved to its place when this returns."""
