"""Quarto slides: Markdown with a GIF or a video for HTML (reveal.js), and a still for print and PDF (Beamer)."""

import json
import re
from pathlib import Path

from dropviz._util.text import escape_quarto
from dropviz._util.web import asset
from dropviz.publish.decks.beamer import HIDDEN_TITLES
from dropviz.publish.decks.deck import Deck, Slide
from dropviz.publish.decks.tables import Table
from dropviz.publish.decks.writer import DeckOptions, ProgressCallback, draw, still
from dropviz.rendering.options import RenderOptions

ASPECT = {"16:9": ("169", 1280), "4:3": ("43", 960)}
# In Beamer, the picture of a plain frame fills it.
FILLING = r"""
\usepackage{tikz}
\makeatletter
\let\plaingraphics\includegraphics
\renewcommand{\includegraphics}[2][]{\ifbeamer@plainframe
  \begin{tikzpicture}[remember picture,overlay]
  \node[inner sep=0pt] at (current page.center) {\plaingraphics[#1,width=\paperwidth]{#2}};
  \end{tikzpicture}\else\plaingraphics[#1]{#2}\fi}
\makeatother
"""


class QuartoWriter:
    """Writer of a .qmd file and a folder with a GIF or a video and a PNG of each chart."""

    folder_suffix = "-files"

    def __init__(self, deck_options: DeckOptions, options: RenderOptions) -> None:  # noqa: ARG002  # no option applies
        self.notes: list[str] = []
        self.kind = "mp4" if deck_options.video else "gif"

    def write(self, deck: Deck, path: Path, folder: Path, callback: ProgressCallback) -> None:
        """Write the header, the slides and their pictures."""
        parts = [_header(deck)]
        for slide in deck.slides:
            draw(slide, deck, folder / f"{slide.chart}.{self.kind}", callback)
            still(slide, deck, folder / f"{slide.chart}.png")
            parts.append(_page(slide.title, _picture(slide, folder.name, self.kind), slide.notes, " {.chart .plain}"))
        parts += [_page(deck.heading, _table(table, deck), deck.notes, " {.figures}") for table in deck.tables]
        path.write_text("\n".join(parts), encoding="utf-8", newline="\n")


def _header(deck: Deck) -> str:
    """Return the YAML header, with values in JSON, which is YAML too."""
    aspect, across = ASPECT[deck.ratio]
    colors = deck.options.colors
    theme = "dark" if colors.is_dark else "default"
    script = f"<script>\n{asset(__package__, 'restart.js')}{asset(__package__, 'quarto.js')}</script>"
    revealjs = {
        "theme": theme,
        "backgroundcolor": colors.background,
        "width": across,
        "height": 720,
        "margin": 0,
        "controls": False,
        "auto-stretch": False,
        "include-in-header": {"text": f"<style>\n{asset(__package__, 'quarto.css')}</style>"},
        "include-after-body": {"text": script},
    }
    # The default of Beamer is dark on light; the slide gets the background of the pictures.
    tex = f"\\definecolor{{paper}}{{HTML}}{{{colors.background[1:]}}}\\definecolor{{ink}}{{HTML}}{{{colors.ink[1:]}}}"
    tex += "\\setbeamercolor{background canvas}{bg=paper}\\setbeamercolor{normal text}{fg=ink}"
    tex += "\\setbeamercolor{structure}{fg=ink}\\setbeamercolor{frametitle}{fg=ink}"
    tex += FILLING + HIDDEN_TITLES
    beamer = {"aspectratio": int(aspect), "pdf-engine": "xelatex", "include-in-header": {"text": tex}}
    values = {
        "title": escape_quarto(deck.title),
        "subtitle": escape_quarto(deck.facts),
        "lang": deck.options.lang,
        "format": {"revealjs": revealjs, "beamer": beamer},
    }
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join(["---", f"# {_comment(deck.provenance)}", *lines, "---", ""])


def _comment(text: str) -> str:
    return re.sub(r"[{}<>]", "", text)


def _page(title: str, body: str, notes: tuple[str, ...], attributes: str) -> str:
    paragraphs = "\n\n".join(map(escape_quarto, notes))
    return f"## {escape_quarto(title)}{attributes}\n\n{body}\n\n::: {{.notes}}\n{paragraphs}\n:::\n"


def _picture(slide: Slide, folder: str, kind: str) -> str:
    """Return an animation for HTML, with a still for print and for readers who prefer less motion; else the still."""
    alt, name = escape_quarto(slide.alt), f"{folder}/{slide.chart}"
    described = f'fig-alt="{alt}"'
    video = f'aria-label="{alt}" poster="{name}.png" loop="" muted="" playsinline=""'
    moving = f"![]({name}.{kind}){{.moving {video if kind == 'mp4' else described}}}"
    return (
        f'::: {{.content-visible when-format="html"}}\n{moving}\n![]({name}.png){{.still {described}}}\n:::\n\n'
        f'::: {{.content-visible unless-format="html"}}\n![]({name}.png){{{described}}}\n:::'
    )


def _table(table: Table, deck: Deck) -> str:
    """Return a pipe table, in which a cell is one line: its lines are joined."""
    rows = [table.header, *([", ".join(cell) for cell in row] for row in table.rows)]
    lines = [f"| {' | '.join(map(escape_quarto, row))} |" for row in rows]
    lines.insert(1, "|" + " :--- |" * len(table.header))
    return "\n\n".join(
        [escape_quarto(deck.facts), "\n".join(lines), *([escape_quarto(deck.foot)] if deck.foot else [])]
    )
