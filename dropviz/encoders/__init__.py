"""File formats by suffix. A new format is one new file and one line here."""

from pathlib import Path

from dropviz.errors import UsageError, one_of
from dropviz.registry import Entry

ENCODERS = {".gif": Entry("animated GIF", "dropviz.encoders.gif:write_gif")}


def check_suffix(path: Path) -> None:
    """UsageError if no encoder writes files like `path`."""
    if path.suffix.lower() not in ENCODERS:
        raise UsageError(f"cannot write {str(path)!r}: {one_of('suffix', path.suffix, ENCODERS)}")
