"""File formats by suffix. A new format is one new file and one line here."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from dropviz._util.files import is_numbered
from dropviz._util.registry import Entry
from dropviz.errors import DependencyError, UsageError, one_of

NUMBER = "%d"


@dataclass(frozen=True)
class Format(Entry):
    """How a kind of file is written.

    takes     what its writer gets: frames of pixels, or, as vectors, pages of a figure, or the chart itself
    fastest   how many times faster than meant a viewer can play it
    numbered  it is a file a frame
    opaque    it has no room for a transparent background
    package   it needs this one, which the `extra` brings
    """

    takes: Literal["frames", "pages", "chart"] = "frames"
    fastest: int = 1
    numbered: bool = False
    opaque: bool = False
    package: str = ""
    extra: str = ""


ENCODERS = {
    ".gif": Format("animated GIF", "dropviz.encoders.gif:write_gif"),
    ".svg": Format("animated SVG, without a script", "dropviz.encoders.svg:write_svg", takes="chart"),
    ".html": Format("interactive page in one file", "dropviz.encoders.html:write_html", takes="chart", fastest=2),
    ".png": Format("animated PNG", "dropviz.encoders.png:write_png"),
    ".webp": Format("animated WebP, lossless", "dropviz.encoders.webp:write_webp"),
    ".mp4": Format(
        "H.264 video", "dropviz.encoders.video:write_mp4", opaque=True, package="imageio_ffmpeg", extra="video"
    ),
    ".webm": Format(
        "VP9 video", "dropviz.encoders.video:write_webm", opaque=True, package="imageio_ffmpeg", extra="video"
    ),
    "%d.png": Format("numbered PNGs, as in f-%d.png", "dropviz.encoders.numbered:write_pngs", numbered=True),
    "%d.pdf": Format(
        "numbered PDFs, for LaTeX's animate", "dropviz.encoders.numbered:write_pdfs", takes="pages", numbered=True
    ),
}


def find_format(path: Path) -> Format:
    """The format of files like `path`; UsageError if there is none, DependencyError if a package for it is missing."""
    suffix = (NUMBER if is_numbered(path) else "") + path.suffix.lower()
    if suffix not in ENCODERS:
        raise UsageError(f"cannot write {str(path)!r}: {one_of('suffix', suffix, ENCODERS)}")
    found = ENCODERS[suffix]
    if found.package and find_spec(found.package) is None:
        raise DependencyError(f"{suffix} needs a package that is not installed: pip install 'dropviz[{found.extra}]'")
    return found
