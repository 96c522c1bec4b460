"""Alternative text and long description of a finished picture: from the text file beside it, or the picture itself."""

import html
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from dropviz._util.numbering import beside, is_numbered, numbered
from dropviz._util.text import collapse_whitespace
from dropviz._util.text_files import read_text
from dropviz.errors import PictureError

MAX_LENGTH = 5_000  # characters; a longer file beside a picture is something else


class Texts(NamedTuple):
    """Texts of a picture, each in one line; "" where there is none.

    alt          alternative text
    description  long description
    """

    alt: str = ""
    description: str = ""


def find_texts(path: Path) -> Texts:
    """Return the texts of the picture `path`. Raises PictureError if it has no alternative text."""
    texts = _beside(path)
    texts = texts if texts.alt else _inside(path)
    if not texts.alt:
        raise PictureError(f"{path} holds no alt text, and there is none in {beside(path, '.txt')}: say it with --alt")
    return texts


def alt_texts_differ(path: Path) -> bool:
    """Return whether the picture `path` and the file beside it, perhaps of an earlier drawing, hold different texts."""
    outside, inside = _beside(path).alt, _inside(path).alt
    return bool(outside and inside and outside != inside)


def _beside(path: Path) -> Texts:
    """Return the texts of the file beside a picture: its first paragraph, and the others."""
    file = beside(path, ".txt")
    try:
        text = read_text(file)
    except FileNotFoundError:
        return Texts()
    except (OSError, ValueError) as error:
        raise PictureError(f"cannot read the alt text in {file}: {error}; say it with --alt") from error
    if len(text) > MAX_LENGTH:
        raise PictureError(f"{file} is no alt text: it has {len(text):,} characters; say it with --alt")
    alt, _blank, description = text.strip().replace("\r\n", "\n").partition("\n\n")
    return Texts(collapse_whitespace(alt), collapse_whitespace(description))


def _inside(path: Path) -> Texts:
    path = path.with_name(numbered(path.name, 0)) if is_numbered(path) else path
    read = READERS.get(path.suffix.lower())
    try:
        return Texts(*map(collapse_whitespace, read(path))) if read and path.is_file() else Texts()
    except (OSError, ValueError, SyntaxError) as error:  # raised by Pillow for files that are not images
        raise PictureError(f"cannot read {path}: {error}") from error


def _from_gif(path: Path) -> Texts:
    """Return the comments that begin with the marks of dropviz; Pillow joins all comments with newlines."""
    from PIL import Image

    from dropviz.encoders.gif import ALT, DESCRIPTION

    with Image.open(path) as image:
        comment: bytes = image.info.get("comment", b"")
    text = (b"\n" + comment).partition(b"\n" + ALT.encode())[2].decode(errors="replace")
    alt, _mark, description = text.partition(f"\n{DESCRIPTION}")
    return Texts(alt, description)


def _from_png(path: Path) -> Texts:
    """Return title and description; of older pictures, the description is the alternative text."""
    from PIL import Image

    with Image.open(path) as image:
        title, description = (str(image.info.get(key, "")) for key in ("Title", "Description"))
    return Texts(title, description) if title else Texts(description)


def _from_webp(path: Path) -> Texts:
    """Return the texts among the XMP properties; of older pictures, the description is the alternative text."""
    from PIL import Image

    with Image.open(path) as image:
        properties: bytes = image.info.get("xmp", b"")
    xmp = properties.decode(errors="replace")
    names = ("iptc:AltTextAccessibility", "iptc:ExtDescrAccessibility", "dc:description")
    alt, description, old = (_element(name, xmp) for name in names)
    return Texts(alt or old, description)


def _element(name: str, xmp: str) -> str:
    match = re.search(rf"<{name}>.*?<rdf:li[^>]*>(.*?)</rdf:li>", xmp, re.DOTALL)
    return html.unescape(match[1]) if match else ""


def _from_markup(path: Path) -> Texts:
    """Return the label of the SVG element of a page or an older picture, or else its title; and the description."""
    text = read_text(path)
    start = text.partition("<style")[0] if path.suffix.lower() == ".svg" else text
    label = re.search(r'<svg [^>]*aria-label="([^"]*)"', start) or re.search(r"<title[^>]*>([^<]*)</title>", start)
    description = re.search(r'<(?:desc|p) id="[^"]*description">([^<]*)</', start)
    return Texts(*(html.unescape(found[1]) if found else "" for found in (label, description)))


# The texts of other formats are in the file beside them.
READERS: dict[str, Callable[[Path], Texts]] = {
    ".gif": _from_gif,
    ".png": _from_png,
    ".webp": _from_webp,
    ".svg": _from_markup,
    ".html": _from_markup,
}
