"""Quarto slides: Markdown with a GIF for HTML (reveal.js) and a still for PDF (Beamer), which cannot show a GIF."""

import json
import re
from pathlib import Path

from dropviz._util.text import escape_quarto
from dropviz.publish.decks.deck import Deck, Slide
from dropviz.publish.decks.tables import Table
from dropviz.publish.decks.writer import DeckOptions, ProgressCallback, draw, still
from dropviz.rendering.options import RenderOptions

ASPECT = {"16:9": ("169", 1280), "4:3": ("43", 960)}


class QuartoWriter:
    """Writer of a .qmd file and a folder with a GIF and a PNG of each chart."""

    folder_suffix = "-files"

    def __init__(self, deck_options: DeckOptions, options: RenderOptions) -> None:  # noqa: ARG002  # no option applies
        self.notes: list[str] = []

    def write(self, deck: Deck, path: Path, folder: Path, callback: ProgressCallback) -> None:
        """Write the header, the slides and their pictures."""
        parts = [_header(deck)]
        for slide in deck.slides:
            draw(slide, deck, folder / f"{slide.chart}.gif", callback)
            still(slide, deck, folder / f"{slide.chart}.png")
            parts.append(_page(slide.title, _picture(slide, folder.name), slide.notes))
        parts += [_page(deck.heading, _table(table, deck), deck.notes) for table in deck.tables]
        path.write_text("\n".join(parts), encoding="utf-8", newline="\n")


def _header(deck: Deck) -> str:
    """Return the YAML header, with values in JSON, which is YAML too."""
    aspect, across = ASPECT[deck.ratio]
    colors = deck.options.colors
    theme = "dark" if colors.is_dark else "default"
    revealjs = {"theme": theme, "backgroundcolor": colors.background, "width": across, "height": 720}
    # The default of Beamer is dark on light; the slide gets the background of the pictures.
    tex = f"\\definecolor{{paper}}{{HTML}}{{{colors.background[1:]}}}\\definecolor{{ink}}{{HTML}}{{{colors.ink[1:]}}}"
    tex += "\\setbeamercolor{background canvas}{bg=paper}\\setbeamercolor{normal text}{fg=ink}"
    tex += "\\setbeamercolor{structure}{fg=ink}\\setbeamercolor{frametitle}{fg=ink}"
    beamer = {"aspectratio": int(aspect), "pdf-engine": "xelatex", "include-in-header": {"text": tex}}
    values = {
        "title": escape_quarto(deck.title),
        "subtitle": escape_quarto(deck.facts),
        "lang": deck.options.lang,
        "format": {"revealjs": revealjs | {"slide-number": True}, "beamer": beamer},
    }
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join(["---", f"# {_comment(deck.provenance)}", *lines, "---", ""])


def _comment(text: str) -> str:
    return re.sub(r"[{}<>]", "", text)


def _page(title: str, body: str, notes: tuple[str, ...]) -> str:
    paragraphs = "\n\n".join(map(escape_quarto, notes))
    return f"## {escape_quarto(title)}\n\n{body}\n\n::: {{.notes}}\n{paragraphs}\n:::\n"


def _picture(slide: Slide, folder: str) -> str:
    """Return a GIF for HTML and a still for other formats."""
    alt = escape_quarto(slide.alt)
    return "\n\n".join(
        f'::: {{.content-visible {when}="html"}}\n![]({folder}/{slide.chart}.{kind}){{fig-alt="{alt}"}}\n:::'
        for when, kind in (("when-format", "gif"), ("unless-format", "png"))
    )


def _table(table: Table, deck: Deck) -> str:
    """Return a pipe table, in which a cell is one line: its lines are joined."""
    rows = [table.header, *([", ".join(cell) for cell in row] for row in table.rows)]
    lines = [f"| {' | '.join(map(escape_quarto, row))} |" for row in rows]
    lines.insert(1, "|" + " :--- |" * len(table.header))
    return "\n\n".join(
        [escape_quarto(deck.facts), "\n".join(lines), *([escape_quarto(deck.foot)] if deck.foot else [])]
    )
