"""File formats by suffix. A new format is one new file and one line here."""

from dataclasses import dataclass
from pathlib import Path

from dropviz.errors import UsageError, one_of
from dropviz.registry import Entry


@dataclass(frozen=True)
class Format(Entry):
    """A file format. A `vector` one is written from the chart itself, not from its frames."""

    vector: bool = False


ENCODERS = {
    ".gif": Format("animated GIF", "dropviz.encoders.gif:write_gif"),
    ".svg": Format("animated SVG, without a script", "dropviz.encoders.svg:write_svg", vector=True),
    ".html": Format("interactive page in one file", "dropviz.encoders.html:write_html", vector=True),
}


def check_suffix(path: Path) -> None:
    """UsageError if no encoder writes files like `path`."""
    if path.suffix.lower() not in ENCODERS:
        raise UsageError(f"cannot write {str(path)!r}: {one_of('suffix', path.suffix, ENCODERS)}")
