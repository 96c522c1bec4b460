"""Alternative text of a finished picture: from the text file beside it, or from the picture itself."""

import html
import re
from collections.abc import Callable
from pathlib import Path

from dropviz._util.files import beside, is_numbered, numbered
from dropviz._util.text import collapse_whitespace
from dropviz.errors import PictureError

MAX_LENGTH = 5_000  # characters; a longer file beside a picture is something else


def find_alt(path: Path) -> str:
    """Return the alternative text of the picture `path`, in one line. Raises PictureError if it has none."""
    text = _beside(path) or _inside(path)
    if not text:
        raise PictureError(f"{path} holds no alt text, and there is none in {beside(path, '.txt')}: say it with --alt")
    return text


def alt_texts_differ(path: Path) -> bool:
    """Return whether the picture `path` and the file beside it, perhaps of an earlier drawing, hold different texts."""
    outside, inside = _beside(path), _inside(path)
    return bool(outside and inside and outside != inside)


def _beside(path: Path) -> str:
    file = beside(path, ".txt")
    try:
        text = collapse_whitespace(file.read_text("utf-8"))
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise PictureError(f"cannot read the alt text in {file}: {error}; say it with --alt") from error
    if len(text) > MAX_LENGTH:
        raise PictureError(f"{file} is no alt text: it has {len(text):,} characters; say it with --alt")
    return text


def _inside(path: Path) -> str:
    path = path.with_name(numbered(path.name, 0)) if is_numbered(path) else path
    read = READERS.get(path.suffix.lower())
    try:
        return collapse_whitespace(read(path)) if read and path.is_file() else ""
    except (OSError, ValueError, SyntaxError) as error:  # raised by Pillow for files that are not images
        raise PictureError(f"cannot read {path}: {error}") from error


def _from_gif(path: Path) -> str:
    """Return the comment that begins with the mark of dropviz; Pillow joins all comments with newlines."""
    from PIL import Image

    from dropviz.encoders.gif import ALT

    with Image.open(path) as image:
        comment: bytes = image.info.get("comment", b"")
    return (b"\n" + comment).partition(b"\n" + ALT.encode())[2].decode(errors="replace")


def _from_png(path: Path) -> str:
    """Return the text chunk with the keyword that the PNG specification reserves for descriptions."""
    from PIL import Image

    with Image.open(path) as image:
        return str(image.info.get("Description", ""))


def _from_webp(path: Path) -> str:
    """Return the description among the XMP properties."""
    from PIL import Image

    with Image.open(path) as image:
        properties: bytes = image.info.get("xmp", b"")
    match = re.search(r"<dc:description>.*?<rdf:li[^>]*>(.*?)</rdf:li>", properties.decode(errors="replace"), re.DOTALL)
    return html.unescape(match[1]) if match else ""


def _from_label(path: Path) -> str:
    """Return the label of the SVG element, in an SVG file or a page."""
    match = re.search(r'<svg [^>]*aria-label="([^"]*)"', path.read_text("utf-8"))
    return html.unescape(match[1]) if match else ""


# The alternative text of other formats is in the file beside them.
READERS: dict[str, Callable[[Path], str]] = {
    ".gif": _from_gif,
    ".png": _from_png,
    ".webp": _from_webp,
    ".svg": _from_label,
    ".html": _from_label,
}
