"""Slides.

In: recordings. Out: a deck as .pptx, .html, .tex or .qmd, by `build.slides`. A new format is a file and a line here.
"""

from pathlib import Path

from dropviz._util.registry import Entry
from dropviz.errors import UsageError, one_of

DECKS = {
    ".pptx": Entry("slides for PowerPoint, Keynote, Impress and Google", "dropviz.publish.decks.pptx:PptxWriter"),
    ".html": Entry("one page for any browser, with everything inside", "dropviz.publish.decks.html:HtmlWriter"),
    ".tex": Entry("LaTeX Beamer, its frames in a folder beside it", "dropviz.publish.decks.beamer:BeamerWriter"),
    ".qmd": Entry("Quarto, its pictures in a folder beside it", "dropviz.publish.decks.quarto:QuartoWriter"),
}


def check_deck(path: Path) -> None:
    """Raise UsageError if there is no format of decks with the suffix of `path`."""
    if path.suffix.lower() not in DECKS:
        raise UsageError(f"cannot write {str(path)!r}: {one_of('suffix', path.suffix, DECKS)}")
