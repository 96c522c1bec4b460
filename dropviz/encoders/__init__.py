"""File formats by suffix.

In: frames of pixels, pages of vectors, or a chart. Out: a file, or numbered files.
A new format is one new file and one line here.
"""

from pathlib import Path
from typing import Any

from dropviz._util.numbering import is_numbered
from dropviz.encoders.formats import AnyFormat, ChartFormat, FrameFormat, NumberedFrameFormat, NumberedPageFormat
from dropviz.errors import UsageError, one_of

NUMBER = "%d"
VIDEO: dict[str, Any] = {
    "opaque": True,
    "package": "imageio_ffmpeg",
    "extra": "video",
    "check": "dropviz.encoders.video:need_ffmpeg",
}

ENCODERS: dict[str, AnyFormat] = {
    ".gif": FrameFormat("animated GIF", "dropviz.encoders.gif:write_gif"),
    ".svg": ChartFormat("animated SVG, without a script", "dropviz.encoders.svg:write_svg"),
    ".html": ChartFormat("interactive page in one file", "dropviz.encoders.html:write_html", speedup=2),
    ".png": FrameFormat("animated PNG", "dropviz.encoders.png:write_png"),
    ".webp": FrameFormat("animated WebP, lossless", "dropviz.encoders.webp:write_webp"),
    ".mp4": FrameFormat("H.264 video", "dropviz.encoders.video:write_mp4", **VIDEO),
    ".webm": FrameFormat("VP9 video", "dropviz.encoders.video:write_webm", **VIDEO),
    "%d.png": NumberedFrameFormat("numbered PNGs, as in f-%d.png", "dropviz.encoders.numbered:write_pngs"),
    "%d.pdf": NumberedPageFormat("numbered PDFs, for LaTeX's animate", "dropviz.encoders.numbered:write_pdfs"),
}
GIF = ENCODERS[".gif"]


def find_format(path: Path) -> AnyFormat:
    """Return the format of files like `path`.

    Raises UsageError if there is none, and DependencyError if a package or a program that it needs cannot
    be used.
    """
    suffix = (NUMBER if is_numbered(path) else "") + path.suffix.lower()
    if suffix not in ENCODERS:
        raise UsageError(f"cannot write {str(path)!r}: {one_of('suffix', suffix, ENCODERS)}")
    ENCODERS[suffix].require(suffix)
    return ENCODERS[suffix]
