"""File formats by suffix. A new format is one new file and one line here."""

from dataclasses import dataclass
from pathlib import Path

from dropviz.errors import UsageError, one_of
from dropviz.registry import Entry


@dataclass(frozen=True)
class Format(Entry):
    """A `numbered` one is a file a frame; a `vector` one is written from the chart itself, not from its frames."""

    numbered: bool = False
    vector: bool = False


ENCODERS = {".gif": Format("animated GIF", "dropviz.encoders.gif:write_gif")}


def find_format(path: Path) -> Format:
    """The format of files like `path`; UsageError if there is none."""
    if path.suffix.lower() not in ENCODERS:
        raise UsageError(f"cannot write {str(path)!r}: {one_of('suffix', path.suffix, ENCODERS)}")
    return ENCODERS[path.suffix.lower()]


def check_suffix(path: Path) -> None:
    """UsageError if no encoder writes files like `path`."""
    find_format(path)
