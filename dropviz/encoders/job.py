"""The interface of encoders: what they get beside the frames, and what they return."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar

from dropviz.charts.base.chart import Chart
from dropviz.drawing.pages import Page
from dropviz.drawing.raster import Frame
from dropviz.encoders.palette import Palette

OPAQUE = 255


@dataclass(frozen=True)
class Job:
    """Properties of an animation that an encoder needs beside the frames.

    size         width and height in pixels
    palette      the colours that the chart draws with
    frames       number of frames
    loop         number of plays, 0 for ever
    comment      provenance of the picture
    alt          alternative text: a sentence or two
    description  long description
    """

    size: tuple[int, int]
    palette: Palette
    frames: int
    loop: int
    comment: str
    alt: str
    description: str = ""


@dataclass
class Written:
    """Result of an encoder: number of frames, duration of one play in 1/100 s, and size in bytes."""

    frames: int = 0
    duration: int = 0
    bytes: int = 0


class Timed(Protocol):
    """A frame or a page."""

    @property
    def duration(self) -> int:
        """Time that it is shown, in 1/100 s."""


T = TypeVar("T", bound=Timed)


def counted(frames: Iterable[T], written: Written) -> Iterator[T]:
    """Yield the same frames, and add their number and duration to `written`."""
    for frame in frames:
        written.frames += 1
        written.duration += frame.duration
        yield frame


def is_opaque(frame: Frame) -> bool:
    """Return whether no pixel of a frame is transparent."""
    return bool(frame.pixels[..., 3].min() == OPAQUE)


class FrameEncoder(Protocol):
    """Encoder of a stream of frames, at least one and all of one size, into one file; it holds few of them at once."""

    def __call__(self, file: BinaryIO, frames: Iterable[Frame], job: Job) -> Written:
        """Write all frames to a new file that can seek."""


class NumberedFrameEncoder(Protocol):
    """Encoder of each frame into a file of its own, counted from 0."""

    def __call__(self, place: Callable[[int], Path], frames: Iterable[Frame], job: Job) -> Written:
        """Write frame n to the new file `place(n)`."""


class NumberedPageEncoder(Protocol):
    """Encoder of each page of vectors into a file of its own, counted from 0."""

    def __call__(self, place: Callable[[int], Path], pages: Iterable[Page], job: Job) -> Written:
        """Write page n to the new file `place(n)`."""


class ChartEncoder(Protocol):
    """Encoder of a chart as vectors, index by index; the canvas has scale 1, and `job.size` is the size shown."""

    def __call__(self, file: BinaryIO, chart: Chart, job: Job) -> Written:
        """Write the whole chart to a new file."""
