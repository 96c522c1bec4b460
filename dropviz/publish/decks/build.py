"""The function `slides`: recordings to a deck in a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dropviz._util.numbering import single_path
from dropviz._util.paths import user_path
from dropviz.analysis.comparison import gather
from dropviz.errors import UsageError, one_of
from dropviz.publish.decks.deck import SIZES, make_deck
from dropviz.publish.decks.writer import DeckOptions, ProgressCallback, Writer, find_writer, write_deck
from dropviz.recording import Recording
from dropviz.rendering.options import RenderOptions


@dataclass(frozen=True)
class WrittenDeck:
    """Files of a deck.

    path    the deck
    folder  folder beside it that it reads its pictures from; None if they are in the deck
    notes   lines about what the deck leaves out or changes
    """

    path: Path
    folder: Path | None
    notes: tuple[str, ...]

    @property
    def paths(self) -> tuple[Path, ...]:
        """The deck, and the folder if there is one."""
        return (self.path,) if self.folder is None else (self.path, self.folder)


def slides(
    recordings: Sequence[Recording] | Recording,
    *,
    out: str | Path = "out/slides.pptx",
    title: str | None = None,
    ratio: str = "16:9",
    theme: str = "light",
    lang: str = "en",
    frames: int | None = None,
    video: bool = False,
    reveal: str | Path | None = None,
    callback: ProgressCallback = lambda _done, _total: None,
) -> WrittenDeck:
    """Write slides of `recordings`: a title, one slide for each chart that they suffice for, and a table.

    out       path of the deck; its suffix is the format: .pptx, .html, .tex or .qmd
    title     title of the deck; made from the name of the experiment if not given
    ratio     width to height of a slide, "16:9" or "4:3"
    theme     name of a theme with a background, or path of a TOML file
    lang      language of the words, "en" or "zh"
    frames    maximum number of frames of each chart, from 1 to 100,000; the default of the chart if not given
    video     show videos with controls instead of GIFs; not in .tex
    reveal    folder of a copy of reveal.js to put into the deck; .html only
    callback  called after each frame with 1 and the number of frames of the chart

    The file, and the folder beside it, are replaced completely or not at all. Raises UsageError if an argument is out
    of range, DependencyError if a package is missing, OutputError if the file cannot be written, and RecordingError if
    no chart can be drawn from the recordings.

    >>> import dropviz
    >>> recordings = [dropviz.load(f"assets/sample-{name}.npz") for name in ("no-dropout", "dropout-0.5")]
    >>> deck = dropviz.slides(recordings, out="out/sample.qmd", frames=2)
    >>> [str(path) for path in deck.paths]
    ['out/sample.qmd', 'out/sample-files']
    """
    writer, options = _prepare(out, ratio, theme, lang, frames, video, reveal)
    runs = [recordings] if isinstance(recordings, Recording) else recordings
    deck = make_deck(gather(runs), options, ratio, title)
    path, *folder = write_deck(deck, single_path(out), writer, callback)
    return WrittenDeck(path, folder[0] if folder else None, (*deck.left_out, *writer.notes))


def check_slides(
    *,
    out: str | Path = "out/slides.pptx",
    ratio: str = "16:9",
    theme: str = "light",
    lang: str = "en",
    frames: int | None = None,
    video: bool = False,
    reveal: str | Path | None = None,
) -> None:
    """Raise the error that `slides` would raise for these arguments with any recordings. Write nothing.

    >>> check_slides(ratio="3:2")
    Traceback (most recent call last):
    dropviz.errors.UsageError: unknown ratio '3:2': must be one of '16:9', '4:3'
    """
    _prepare(out, ratio, theme, lang, frames, video, reveal)


def _prepare(
    out: str | Path,
    ratio: str,
    theme: str,
    lang: str,
    frames: int | None,
    video: bool,
    reveal: str | Path | None,
) -> tuple[Writer, RenderOptions]:
    if ratio not in SIZES:
        raise UsageError(one_of("ratio", ratio, SIZES))
    options = RenderOptions(frames=frames, theme=theme, lang=lang, large=True)
    options.labels.find_fonts()
    deck_options = DeckOptions(video=video, reveal=user_path(reveal) if reveal else None)
    return find_writer(single_path(out), deck_options, options), options
