"""Snippets that put a picture into a page, by kind. A new kind is one function and one line in SNIPPETS."""

import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from dropviz._util.numbering import split_name
from dropviz._util.text import escape_markdown, escape_pdf_string, quote_path
from dropviz.errors import UsageError
from dropviz.publish.embedding.picture import Picture

VIDEO = (".mp4", ".webm")
LESS_MOTION, DARK = "(prefers-reduced-motion: reduce)", "(prefers-color-scheme: dark)"
# Characters with a meaning in an Obsidian link.
NOT_IN_WIKILINKS = re.compile(r'[\[\]|#^\\:"<>%?*\x00-\x1f]')
PYPI_ROOT = "https://raw.githubusercontent.com/OWNER/REPOSITORY/HEAD/"  # PyPI shows no relative paths
IN_IPYTHON = (".gif", ".png", ".jpg", ".jpeg")
# Media types of other images. Those that Python's mimetypes knows depend on the system, and on the version of Python.
MEDIA_TYPES = {
    ".apng": "image/apng",
    ".avif": "image/avif",
    ".bmp": "image/bmp",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
}
IN_TYPST = (".gif", ".png", ".jpg", ".jpeg", ".svg", ".webp")
# Characters with a meaning in TeX, which no package can escape in a path.
NOT_IN_TEX = re.compile(r'[\\{}%#~$&^"\x00-\x1f]|[^\x00-\x7f]')
NOT_IN_LINES = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def _url(path: str) -> str:
    """Return a path as a relative URL; bytes of it that are no text stay the same."""
    return quote(path, errors="surrogateescape")


def markdown(picture: Picture) -> str:
    """Return CommonMark; for a video, or a picture with a still or a dark version, the HTML that CommonMark allows."""
    if picture.suffix == ".html":
        return f"[{escape_markdown(picture.alt)}]({_url(picture.path)})"
    if picture.suffix in VIDEO or picture.still or picture.dark:
        return web(picture)
    return f"![{escape_markdown(picture.alt)}]({_url(picture.path)})"


def obsidian(picture: Picture) -> str:
    """Return an embed of a file in a vault, in Obsidian's Markdown if a link in brackets cannot hold path or text."""
    if NOT_IN_WIKILINKS.search(picture.path) or re.search(r"[\[\]|\\<`$]", picture.alt):
        return f"![{escape_markdown(picture.alt)}|{picture.width}]({_url(picture.path)})"
    return f"![[{picture.path}|{picture.alt}|{picture.width}]]"


def figure(picture: Picture) -> str:
    """Return the HTML of `web` in a figure, with the long description in an element that a click opens."""
    if not picture.description:
        return web(picture)
    name = html.escape(re.sub(r"\W+", "-", Path(picture.path).stem) + "-description")
    shown = "\n".join(f"  {line}" for line in web(picture, described_by=name).splitlines())
    words = f'<p id="{name}">{html.escape(picture.description)}</p>'
    details = f"<details><summary>Description</summary>{words}</details>"
    return f"<figure>\n{shown}\n  <figcaption>{details}</figcaption>\n</figure>"


def web(picture: Picture, described_by: str = "") -> str:
    """Return HTML with the still for readers who prefer less motion and the dark picture for dark pages.

    described_by  id of the element with the long description; "" if there is none
    """
    described = f' aria-describedby="{described_by}"' if described_by else ""
    if picture.suffix in VIDEO:
        return _video(picture, described)
    alt, width = html.escape(picture.alt), picture.width
    if picture.suffix == ".html":
        height = round(width * 9 / 16)
        frame = f'src="{_url(picture.path)}" title="{alt}" width="{width}" height="{height}"{described}'
        return f"<iframe {frame}></iframe>"
    image = f'<img src="{_url(picture.path)}" width="{width}" alt="{alt}"{described}>'
    sources = [
        (f"{LESS_MOTION} and {DARK}", picture.dark_still),
        (LESS_MOTION, picture.still),
        (DARK, picture.dark),
    ]
    lines = [f'  <source media="{media}" srcset="{_url(path)}">' for media, path in sources if path]
    return "\n".join(["<picture>", *lines, f"  {image}", "</picture>"]) if lines else image


def _video(picture: Picture, described: str) -> str:
    """Return a video with controls, which starts by itself unless the reader prefers less motion."""
    poster = f' poster="{_url(picture.still)}"' if picture.still else ""
    label = f' aria-label="{html.escape(picture.alt)}"{described}'
    return (
        f'<video width="{picture.width}"{label}{poster} autoplay loop muted playsinline controls>\n'
        f'  <source media="(prefers-reduced-motion: no-preference)" src="{_url(picture.path)}">\n'
        "</video>"
    )


def jupyter(picture: Picture) -> str:
    """Return a cell that embeds the picture, so that the notebook needs no other file."""
    path, alt, width = picture.path, picture.alt, picture.width
    if picture.suffix in VIDEO:
        attributes = f'autoplay loop muted controls aria-label="{html.escape(alt)}"'
        return (
            "from IPython.display import Video\n\n"
            f"Video(filename={path!r}, embed=True, mimetype={f'video/{picture.suffix[1:]}'!r}, width={width}, "
            f"html_attributes={attributes!r})"
        )
    if picture.suffix == ".html":
        return f"from IPython.display import IFrame\n\nIFrame({path!r}, width={width}, height={round(width * 9 / 16)})"
    if picture.suffix not in IN_IPYTHON:
        return _jupyter_html(picture)
    return f"from IPython.display import Image\n\nImage(filename={path!r}, width={width}, alt={alt!r})"


def _jupyter_html(picture: Picture) -> str:
    """Return a cell for an image that the class Image of some versions of IPython does not take."""
    if picture.suffix not in MEDIA_TYPES:
        raise UsageError(f"a notebook shows no {picture.suffix}: draw a .gif")
    start = f'<img src="data:{MEDIA_TYPES[picture.suffix]};base64,'
    end = f'" width="{picture.width}" alt="{html.escape(picture.alt)}">'
    return (
        "from base64 import b64encode\nfrom pathlib import Path\n\nfrom IPython.display import HTML\n\n"
        f"HTML({start!r} + b64encode(Path({picture.path!r}).read_bytes()).decode() + {end!r})"
    )


def rst(picture: Picture) -> str:
    """Return a reStructuredText image, or HTML for a video or a page."""
    if picture.suffix in (*VIDEO, ".html"):
        return ".. raw:: html\n\n" + "\n".join(f"   {line}" for line in web(picture).splitlines())
    return _rst_image(picture, _url(picture.path))


def _rst_image(picture: Picture, path: str) -> str:
    return f".. image:: {path}\n   :alt: {picture.alt}\n   :width: {picture.width}px"


def latex(picture: Picture) -> str:
    r"""Return ``\animategraphics`` of the LaTeX package animate, for numbered frames.

    Raises UsageError for other pictures, without a rate, or if TeX cannot read the path.
    """
    if picture.frames is None:
        raise UsageError(f"LaTeX plays numbered frames, not {picture.suffix}: draw some with -o NAME-%d.png")
    if picture.fps is None:
        raise UsageError("numbered frames do not say how fast they play: give --fps, as 'dropviz animate' printed it")
    path = Path(picture.path)
    head, digits, tail = split_name(path.name)
    if tail != path.suffix or NOT_IN_TEX.search(f"{path.parent}{head}"):
        raise UsageError(
            f"LaTeX cannot name {picture.path!r}: use plain letters, digits, spaces and _ - . before the number"
        )
    base = head if str(path.parent) == "." else f"{path.parent.as_posix()}/{head}"
    first, last = (str(number).zfill(digits) for number in picture.frames)
    options = rf"autoplay,loop,width=\linewidth,alttext={{{escape_pdf_string(picture.alt)}}}"
    numbers = f"{{{picture.fps:g}}}{{{base}}}{{{first}}}{{{last}}}"
    return f"% \\usepackage{{animate,graphicx}}\n\\animategraphics[{options}]{numbers}"


def mkdocs(picture: Picture) -> str:
    """Return Markdown for Material for MkDocs; with a dark picture, each is shown in its colours."""
    if picture.suffix in (*VIDEO, ".html"):
        return web(picture)
    both = [(picture.path, "#only-light"), (picture.dark, "#only-dark")] if picture.dark else [(picture.path, "")]
    alt = escape_markdown(picture.alt)
    return "\n".join(f'![{alt}]({_url(path)}{side}){{ width="{picture.width}" }}' for path, side in both)


def sphinx(picture: Picture) -> str:
    """Return reStructuredText; a dark picture has the class of the themes Furo, PyData and Book that hides one.

    Sphinx looks for the file by its name as it is written, not by that of a URL; a backslash keeps a space.
    """
    if picture.suffix in (*VIDEO, ".html"):
        return rst(picture)
    if NOT_IN_LINES.search(picture.path):
        raise UsageError(f"Sphinx cannot name {picture.path!r}: give it a name without line breaks")
    light, dark = (_rst_image(picture, re.sub(r"([\\ ])", r"\\\1", path)) for path in (picture.path, picture.dark))
    return f"{light}\n   :class: only-light\n\n{dark}\n   :class: only-dark" if picture.dark else light


def slide(picture: Picture) -> str:
    """Return HTML for slides in Markdown, without the dark picture: slides do not follow the system's colours.

    Marp Core 5 allows it; older versions may need the option --html. Slidev finds relative paths that begin with a dot.
    """
    path, still = _begin_with_dot(picture.path), _begin_with_dot(picture.still)
    return web(replace(picture, path=path, still=still, dark="", dark_still=""))


def _begin_with_dot(path: str) -> str:
    return path if not path or path.startswith(("./", "../", "/")) else f"./{path}"


def typst(picture: Picture) -> str:
    """Return a call of Typst's function `image`, of the still if there is one: a PDF does not move.

    Raises UsageError for a video or a page without a still.
    """
    path = picture.still or picture.path
    if Path(path).suffix.lower() not in IN_TYPST:
        raise UsageError(f"Typst shows no {picture.suffix}: draw a .gif, or a still beside it with --still")
    # Typst's strings have JSON's escapes for quotes, backslashes and line breaks.
    name, alt = (json.dumps(text, ensure_ascii=False) for text in (path, picture.alt))
    return f"#image({name}, width: 100%, alt: {alt})"


def pypi(picture: Picture) -> str:
    """Return HTML that PyPI allows, with an address on GitHub: put in the names of owner and repository."""
    address, alt = PYPI_ROOT + _url(picture.path), html.escape(picture.alt)
    if picture.suffix in (*VIDEO, ".html"):
        return f'<a href="{address}">{alt}</a>'
    return f'<img src="{address}" width="{picture.width}" alt="{alt}">'


def plain(picture: Picture) -> str:
    """Return the file to upload, and below it the text for its description."""
    return f"{quote_path(picture.path)}\n{picture.alt}"


SNIPPETS: dict[str, Callable[[Picture], str]] = {
    "markdown": markdown,
    "obsidian": obsidian,
    "html": figure,
    "jupyter": jupyter,
    "rst": rst,
    "latex": latex,
    "mkdocs": mkdocs,
    "sphinx": sphinx,
    "marp": slide,
    "slidev": slide,
    "typst": typst,
    "pypi": pypi,
    "plain": plain,
}
