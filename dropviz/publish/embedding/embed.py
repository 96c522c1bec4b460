"""From a finished picture to the text that puts it into a page."""

from dataclasses import replace
from pathlib import Path

from dropviz._util.text import collapse_whitespace
from dropviz.errors import UsageError, one_of
from dropviz.publish.embedding.alt import find_alt
from dropviz.publish.embedding.picture import look_at
from dropviz.publish.embedding.snippets import SNIPPETS
from dropviz.rendering.targets import find_target

WIDTH = 640
PLAYERS = ("latex", "plain")  # kinds of snippets for numbered frames


def embed(
    path: str | Path,
    target: str = "github",
    kind: str | None = None,
    alt: str | None = None,
    width: int = WIDTH,
    fps: float | None = None,
) -> str:
    """The snippet for the picture `path`, which names it relative to the working folder.

    target  where it goes, by name; decides the kind
    kind    one of SNIPPETS, whatever the target
    alt     the alt text, instead of the one beside or in the picture
    width   in pixels, as it is to be shown
    fps     frames a second, of numbered frames

    Raises a DropvizError if there is no such picture, nothing to say of it, or no such kind.
    """
    kind = kind or find_target(target).snippet
    if kind not in SNIPPETS:
        raise UsageError(one_of("kind", kind, SNIPPETS))
    picture = look_at(Path(path), "", width, fps)
    if picture.frames is not None and kind not in PLAYERS:
        raise UsageError(f"numbered frames cannot be put into {kind}: draw a .gif, or ask for --as latex")
    words = collapse_whitespace(alt) if alt is not None else find_alt(Path(path))
    return SNIPPETS[kind](replace(picture, alt=words))
