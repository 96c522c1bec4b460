"""Writers of decks: their protocol, their pictures, and the place of their files."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dropviz._util.files import (
    check_not_open,
    check_replaceable,
    check_writable,
    replace_together,
    temporary_paths_unnamed,
)
from dropviz.encoders import find_format
from dropviz.errors import OutputError, UsageError
from dropviz.publish.decks import DECKS, check_deck
from dropviz.publish.decks.deck import Deck, Slide
from dropviz.rendering.options import RenderOptions
from dropviz.rendering.pipeline import draw_still, render

ProgressCallback = Callable[[int, int], None]
WITH_VIDEO = (".pptx", ".html", ".qmd")
PICTURES = re.compile(r"[a-z]+(-\d+)?\.(png|gif|mp4)")  # names of files in the folder beside a deck


@dataclass(frozen=True)
class DeckOptions:
    """Options of single formats.

    video   videos instead of GIFs
    reveal  folder of a copy of reveal.js
    """

    video: bool = False
    reveal: Path | None = None


class Writer(Protocol):
    """Writer of one format of decks.

    It is created before anything is drawn, and raises a DropvizError for everything that would fail later.

    folder_suffix  end of the name of the folder beside the deck; empty if there is none
    notes          lines for the user, complete after writing
    """

    folder_suffix: str
    notes: list[str]

    def __init__(self, deck_options: DeckOptions, options: RenderOptions) -> None: ...

    def write(self, deck: Deck, path: Path, folder: Path, callback: ProgressCallback) -> None:
        """Write the deck to the new file `path`, and its pictures into the new folder, if the format has one."""


def find_writer(path: Path, deck_options: DeckOptions, options: RenderOptions) -> Writer:
    """Return the writer for the suffix of `path`.

    Raises UsageError if an option does not suit the format, DependencyError if a package is missing, and OutputError if
    `path` cannot be written.
    """
    check_deck(path)
    suffix = path.suffix.lower()
    if deck_options.reveal and suffix != ".html":
        raise UsageError(f"--reveal is for .html, not for {suffix}")
    if deck_options.video:
        if suffix not in WITH_VIDEO:
            raise UsageError(f"--video is for {', '.join(WITH_VIDEO)}, not for {suffix}")
        find_format(Path("video.mp4"))  # raise before the minutes of training if a package is missing
    if options.colors.is_transparent:
        raise UsageError(f"slides have a background: theme {options.theme!r} has none; choose another")
    writer: Writer = DECKS[suffix].load()(deck_options, options)
    check_writable(path)
    check_not_open(path)
    if os.path.exists(path) and not os.access(path, os.W_OK):
        raise OutputError(f"cannot write {path}: it is read-only; choose another place, or make this one writable")
    if writer.folder_suffix:
        check_replaceable(_folder(path, writer), PICTURES)
    return writer


def write_deck(
    deck: Deck, path: Path, writer: Writer, callback: ProgressCallback = lambda _done, _total: None
) -> list[Path]:
    """Write the deck, completely or not at all. Return the paths of the deck and of the folder beside it, if any."""
    with replace_together(path) as new:
        folder = _folder(new / path.name, writer)
        if writer.folder_suffix:
            folder.mkdir()
        with temporary_paths_unnamed():
            writer.write(deck, new / path.name, folder, callback)
    return [path, *([_folder(path, writer)] if writer.folder_suffix else [])]


def _folder(path: Path, writer: Writer) -> Path:
    # The name appears in TeX and Markdown, so characters with a meaning there are replaced.
    stem = re.sub(r"[^\w.-]+", "-", path.stem, flags=re.ASCII).strip(".-") or "deck"
    return path.with_name(stem + writer.folder_suffix) if writer.folder_suffix else path.parent


def draw(slide: Slide, deck: Deck, path: Path, callback: ProgressCallback) -> Path:
    """Draw the animation of a slide into the new file `path`."""
    return render(slide.source, deck.options, path, callback).path


def still(slide: Slide, deck: Deck, path: Path) -> Path:
    """Draw the last frame of a slide into the new file `path`, a PNG."""
    return draw_still(slide.source, deck.options, path)
