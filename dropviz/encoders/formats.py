"""Types of file formats: each says by its type what its encoder takes."""

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, ClassVar

from dropviz._util.registry import Entry
from dropviz.errors import DependencyError

if TYPE_CHECKING:
    from dropviz.encoders.job import ChartEncoder, FrameEncoder, NumberedFrameEncoder, NumberedPageEncoder


@dataclass(frozen=True)
class Format(Entry):
    """A file format.

    is_vector    its encoder takes vectors, not pixels (class)
    is_numbered  it writes one file for each frame (class)
    opaque       it cannot hold a transparent background
    speedup      how many times faster than intended a viewer can play it
    package      name of a package that it needs, which the extra `extra` installs
    check        address of a function that raises DependencyError if a program that it needs cannot be used
    """

    is_vector: ClassVar[bool] = False
    is_numbered: ClassVar[bool] = False
    opaque: bool = False
    speedup: int = 1
    package: str = ""
    extra: str = ""
    check: str = ""

    def require(self, suffix: str) -> None:
        """Raise DependencyError if a package or a program that the format needs cannot be used."""
        if self.package and find_spec(self.package) is None:
            raise DependencyError(
                f"{suffix} needs a package that is not installed: pip install 'dropviz[{self.extra}]'"
            )
        if self.check:
            module, _, name = self.check.partition(":")
            getattr(import_module(module), name)()


class FrameFormat(Format):
    """One file of frames."""

    def load(self) -> "FrameEncoder":
        """Import and return the encoder."""
        encoder: FrameEncoder = super().load()
        return encoder


class NumberedFrameFormat(Format):
    """A file of pixels for each frame."""

    is_numbered = True

    def load(self) -> "NumberedFrameEncoder":
        """Import and return the encoder."""
        encoder: NumberedFrameEncoder = super().load()
        return encoder


class NumberedPageFormat(Format):
    """A file of vectors for each frame."""

    is_vector = is_numbered = True

    def load(self) -> "NumberedPageEncoder":
        """Import and return the encoder."""
        encoder: NumberedPageEncoder = super().load()
        return encoder


class ChartFormat(Format):
    """One file of vectors that plays."""

    is_vector = True

    def load(self) -> "ChartEncoder":
        """Import and return the encoder."""
        encoder: ChartEncoder = super().load()
        return encoder


AnyFormat = FrameFormat | NumberedFrameFormat | NumberedPageFormat | ChartFormat
