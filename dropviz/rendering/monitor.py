"""Checks of a file while it is encoded: flashes, size budget, progress."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from dropviz._util.progress import ProgressCallback
from dropviz.errors import FlashError
from dropviz.flashing import FlashMeter
from dropviz.rendering.size_budget import Budget

if TYPE_CHECKING:
    from dropviz.drawing.raster import Frame
    from dropviz.encoders.job import Written

T = TypeVar("T")


def no_progress(_done: int, _total: int) -> None:
    """Report nothing."""


@dataclass(frozen=True)
class Monitor:
    """Checks of one file.

    total           number of frames
    meter           detector of flashes
    callback        called after each frame with 1 and the total
    budget          limit of the size in bytes, if there is one
    allow_flashing  True if a file that flashes is accepted
    """

    total: int
    meter: FlashMeter
    callback: ProgressCallback
    budget: Budget | None
    allow_flashing: bool

    def frames(self, frames: "Iterable[Frame]", tell: Callable[[], int] | None = None) -> "Iterator[Frame]":
        """Yield the same frames; raise TooLarge as soon as `tell`, the bytes written, exceeds the budget."""
        measured = self.progress(self.meter.measure(frames))
        return self.budget.limit(measured, self.total, tell) if self.budget and tell else measured

    def progress(self, items: Iterable[T]) -> Iterator[T]:
        """Yield the same items, and call the callback after each."""
        for item in items:
            yield item
            self.callback(1, self.total)

    def accept(self, written: "Written", path: Path) -> "Written":
        """Return `written`; raise TooLarge if it exceeds the budget, and FlashError if it flashes."""
        if self.budget:
            self.budget.check(written.bytes, self.total)
        if (flash := self.meter.result()) and not self.allow_flashing:
            raise FlashError(f"{path} is not written: it {flash}; draw fewer --frames, or --allow-flashing")
        return written
