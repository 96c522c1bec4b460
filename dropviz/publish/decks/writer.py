"""What every kind of deck stands on: a writer, the pictures it asks for, and its place on the disk."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from dropviz._util.files import check_not_open, check_replaceable, check_writable, replace_together
from dropviz.errors import OutputError, UsageError
from dropviz.publish.decks import DECKS, check_deck
from dropviz.publish.decks.deck import Deck, Slide
from dropviz.rendering.options import RenderOptions
from dropviz.rendering.pipeline import draw_still, render
from dropviz.rendering.source import ChartSource

ProgressCallback = Callable[[int, int], None]
OURS = re.compile(r"[a-z]+(-\d+)?\.(png|gif)")


@dataclass(frozen=True)
class DeckOptions:
    """What only some kinds of deck know.

    video   films instead of GIFs
    reveal  folder of the user's own copy of reveal.js
    """

    video: bool = False
    reveal: Path | None = None


class Writer(Protocol):
    """Made before anything is drawn: raises a DropvizError for what would fail later.

    `beside` is what the name of the folder beside the deck ends in, empty if there is none. `notes` are lines for the
    user, known after writing.
    """

    beside: str
    notes: list[str]

    def __init__(self, deck_options: DeckOptions, options: RenderOptions) -> None: ...

    def write(self, deck: Deck, path: Path, folder: Path, callback: ProgressCallback) -> None:
        """Write the deck to `path`, which is new, and what belongs to it into `folder`, which is there if named."""


def find_writer(path: Path, deck_options: DeckOptions, options: RenderOptions) -> Writer:
    """The writer of files like `path`, with all that it needs there, and a place to write to."""
    check_deck(path)
    suffix = path.suffix.lower()
    if deck_options.reveal and suffix != ".html":
        raise UsageError(f"--reveal is for .html, not for {suffix}")
    if deck_options.video and suffix != ".pptx":
        raise UsageError(f"--video is for .pptx, not for {suffix}")
    if options.colors.is_transparent:
        raise UsageError(f"slides have a background: theme {options.theme!r} has none; choose another")
    writer: Any = DECKS[suffix].load()(deck_options, options)
    check_writable(path)
    check_not_open(path)
    if os.path.exists(path) and not os.access(path, os.W_OK):
        raise OutputError(f"cannot write {path}: it is read-only; choose another place, or make this one writable")
    if writer.beside:
        check_replaceable(_folder(path, writer), OURS)
    found: Writer = writer
    return found


def write_deck(
    deck: Deck, path: Path, writer: Writer, callback: ProgressCallback = lambda _done, _total: None
) -> list[Path]:
    """Write the deck, whole or not at all; the paths of the deck, and of the folder beside it if there is one."""
    with replace_together(path) as new:
        folder = _folder(new / path.name, writer)
        if writer.beside:
            folder.mkdir()
        writer.write(deck, new / path.name, folder, callback)
    return [path, *([_folder(path, writer)] if writer.beside else [])]


def _folder(path: Path, writer: Writer) -> Path:
    # TeX and Markdown read this name: letters that mean something to them stay out of it.
    stem = re.sub(r"[^\w.-]+", "-", path.stem, flags=re.ASCII).strip(".-") or "deck"
    return path.with_name(stem + writer.beside) if writer.beside else path.parent


def draw(slide: Slide, deck: Deck, path: Path, callback: ProgressCallback) -> Path:
    """Draw the animation of a slide into the new file `path`."""
    return render(ChartSource(slide.comparison, slide.chart), deck.options, path, callback).path


def still(slide: Slide, deck: Deck, path: Path) -> Path:
    """Draw the last moment of a slide into the new file `path`, a PNG."""
    return draw_still(ChartSource(slide.comparison, slide.chart), deck.options, path)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for pictures that end inside a deck."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="dropviz-") as name:
        yield Path(name)
