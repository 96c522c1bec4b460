"""The alt text of a finished picture: from the text file beside it, or from the picture itself."""

import html
import re
from collections.abc import Callable
from pathlib import Path

from dropviz._util.files import beside, is_numbered, numbered
from dropviz._util.text import collapse_whitespace
from dropviz.errors import PictureError

LONGEST = 5_000  # characters; a longer text file beside a picture is no alt text


def find_alt(path: Path) -> str:
    """The alt text of the picture `path` as one line; PictureError if there is none."""
    words = _beside(path) or _inside(path)
    if not words:
        raise PictureError(f"{path} holds no alt text, and there is none in {beside(path, '.txt')}: say it with --alt")
    return words


def disagree(path: Path) -> bool:
    """Whether the picture `path` says something else than the text beside it, which may be of an earlier drawing."""
    said, inside = _beside(path), _inside(path)
    return bool(said and inside and said != inside)


def _beside(path: Path) -> str:
    place = beside(path, ".txt")
    try:
        words = collapse_whitespace(place.read_text("utf-8"))
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise PictureError(f"cannot read the alt text in {place}: {error}; say it with --alt") from error
    if len(words) > LONGEST:
        raise PictureError(f"{place} is no alt text: it has {len(words):,} characters; say it with --alt")
    return words


def _inside(path: Path) -> str:
    path = path.with_name(numbered(path.name, 0)) if is_numbered(path) else path
    read = READERS.get(path.suffix.lower())
    try:
        return collapse_whitespace(read(path)) if read and path.is_file() else ""
    except (OSError, ValueError, SyntaxError) as error:  # Pillow's words for what is no picture
        raise PictureError(f"cannot read {path}: {error}") from error


def _from_gif(path: Path) -> str:
    """The comment that begins as ours does; Pillow joins all comments with line ends."""
    from PIL import Image

    from dropviz.encoders.gif import ALT

    with Image.open(path) as image:
        comment: bytes = image.info.get("comment", b"")
    return (b"\n" + comment).partition(b"\n" + ALT.encode())[2].decode(errors="replace")


def _from_png(path: Path) -> str:
    """The text chunk of the keyword that the PNG specification keeps for this."""
    from PIL import Image

    with Image.open(path) as image:
        return str(image.info.get("Description", ""))


def _from_webp(path: Path) -> str:
    """The description among the XMP properties."""
    from PIL import Image

    with Image.open(path) as image:
        properties: bytes = image.info.get("xmp", b"")
    found = re.search(r"<dc:description>.*?<rdf:li[^>]*>(.*?)</rdf:li>", properties.decode(errors="replace"), re.DOTALL)
    return html.unescape(found[1]) if found else ""


def _from_label(path: Path) -> str:
    """The label of the image, in SVG and in a page that holds one."""
    found = re.search(r'<svg [^>]*aria-label="([^"]*)"', path.read_text("utf-8"))
    return html.unescape(found[1]) if found else ""


# Formats that are not here have their alt text beside them.
READERS: dict[str, Callable[[Path], str]] = {
    ".gif": _from_gif,
    ".png": _from_png,
    ".webp": _from_webp,
    ".svg": _from_label,
    ".html": _from_label,
}
