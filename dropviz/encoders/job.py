"""What goes into an encoder beside the frames, and what comes out."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from dropviz.charts.stage import Chart
from dropviz.encoders.palette import Palette
from dropviz.raster import Frame


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


class Encoder(Protocol):
    """Writes a stream of frames, at least one and all of one size, to a new file; holds as few of them as it can."""

    def __call__(self, file: BinaryIO, frames: Iterable[Frame], job: Job) -> Written:
        """Write all frames; the file is moved to its place when this returns."""


class VectorEncoder(Protocol):
    """Writes a chart on a stage of scale 1, moment by moment, as vectors; `job.size` is how large it is shown."""

    def __call__(self, file: BinaryIO, chart: Chart, job: Job) -> Written:
        """Write the whole chart; the file is moved to its place when this returns."""
