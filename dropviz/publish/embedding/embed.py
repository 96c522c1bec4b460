"""The function `embed`: a finished picture to the text that puts it into a page."""

import os
from dataclasses import replace
from pathlib import Path

from dropviz._util.deprecation import accept_old_arguments
from dropviz._util.numbering import is_numbered
from dropviz._util.paths import user_path
from dropviz._util.text import collapse_whitespace, replace_unsafe
from dropviz.errors import UsageError, one_of
from dropviz.publish.embedding.alt import Texts, find_texts
from dropviz.publish.embedding.picture import find_picture
from dropviz.publish.embedding.snippets import SNIPPETS
from dropviz.rendering.targets import find_target

WIDTH, MAX_WIDTH = 640, 100_000
MIN_FPS, MAX_FPS = 0.01, 100
NUMBERED_KINDS = ("latex", "plain")  # kinds of snippets for numbered frames


@accept_old_arguments("kind", "alt", "width", "fps")
def embed(
    path: str | Path,
    target: str = "github",
    *,
    kind: str | None = None,
    alt: str | None = None,
    width: int = WIDTH,
    fps: float | None = None,
) -> str:
    """Return the snippet for the picture `path`, with paths relative to the working folder.

    A still and a dark version are used if they are beside the picture: ``a-still.png`` and ``a-dark.gif``. The long
    description is in the HTML for a page of one's own; elsewhere it stays in the picture and in the file beside it.

    path    the picture; for numbered frames, the pattern, such as "out/f-%d.png"
    target  name of the place where the picture is shown, such as "github"; it decides the kind
    kind    "markdown", "obsidian", "html", "jupyter", "rst", "latex", "mkdocs", "sphinx", "marp", "slidev", "typst",
            "pypi" or "plain", instead of the target's
    alt     alternative text; the one beside the picture, or in it, if not given
    width   displayed width in pixels, from 1 to 100,000
    fps     frames per second of numbered frames, from 0.01 to 100

    Raises UsageError if an argument is out of range or the picture does not suit the kind, and PictureError if there is
    no such picture or it has no alternative text.

    >>> import dropviz
    >>> dropviz.embed("assets/accuracy-light.gif", "obsidian", alt="Accuracy by iteration", width=800)
    '![[assets/accuracy-light.gif|Accuracy by iteration|800]]'
    """
    kind = kind or find_target(target).snippet
    if kind not in SNIPPETS:
        raise UsageError(one_of("kind", kind, SNIPPETS))
    if not 1 <= width <= MAX_WIDTH:
        raise UsageError(f"width is {width}: must be from 1 to {MAX_WIDTH:,} pixels")
    if fps is not None and not MIN_FPS <= fps <= MAX_FPS:
        raise UsageError(f"fps is {fps:g}: must be from {MIN_FPS:g} to {MAX_FPS:g}")
    path = _as_written(user_path(path))
    picture = find_picture(path, width, fps)
    if picture.frames is not None and kind not in NUMBERED_KINDS:
        raise UsageError(f"numbered frames cannot be put into {kind}: draw a .gif, or use --as latex")
    texts = Texts(collapse_whitespace(alt)) if alt is not None else find_texts(path)
    alt, description = map(replace_unsafe, texts)  # marks of direction would turn the text around them
    return SNIPPETS[kind](replace(picture, alt=alt, description=description))


def _as_written(path: Path) -> Path:
    """Return the path of a picture; where it has the name that was given to `animate`, that of the file."""
    return path if os.path.lexists(path) or is_numbered(path) else path.with_name(path.name.replace("%%", "%"))
