"""A deck as one HTML file: pictures inside, nothing asked of any network, and none that could be (CSP).

The markup is that of reveal.js. With the user's own copy of it, that copy is put in; else a few lines of ours.
"""

import base64
from collections.abc import Iterator
from functools import partial
from html import escape
from pathlib import Path

from dropviz._util.web import asset, csp_hash
from dropviz.publish.decks.deck import Deck, Slide
from dropviz.publish.decks.reveal import Reveal
from dropviz.publish.decks.tables import Table
from dropviz.publish.decks.text_size import lines_of
from dropviz.publish.decks.writer import DeckOptions, ProgressCallback, draw, scratch, still
from dropviz.rendering.options import RenderOptions

piece = partial(asset, __package__)
ACROSS = {"16:9": 1280, "4:3": 960}  # a slide is 720 high


class HtmlWriter:
    """Keys, touch and print work in any browser; pictures can be stopped, and stand still where that is asked."""

    beside = ""

    def __init__(self, deck_options: DeckOptions, options: RenderOptions) -> None:
        self.notes: list[str] = []
        self.reveal = Reveal(deck_options.reveal, dark=options.colors.is_dark) if deck_options.reveal else None

    def write(self, deck: Deck, path: Path, folder: Path, callback: ProgressCallback) -> None:  # noqa: ARG002  # all in one file
        """Write head, slides and scripts."""
        styles, scripts = self._parts(deck)
        body = "".join(_sections(deck, callback))
        across = ACROSS[deck.ratio]
        page = (
            f'<!doctype html>\n<html lang="{deck.options.lang}">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{self._policy(styles, scripts)}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f'<meta name="generator" content="{escape(deck.made)}">\n<title>{escape(deck.title)}</title>\n'
            + "".join(f"<style>{style}</style>\n" for style in styles)
            + f'</head>\n<body>\n<div class="reveal" data-across="{across}"><div class="slides">\n{body}</div></div>\n'
            + "".join(f"<script>{script}</script>\n" for script in scripts)
            + "</body>\n</html>\n"
        )
        path.write_text(page, encoding="utf-8", newline="\n")

    def _parts(self, deck: Deck) -> tuple[list[str], list[str]]:
        """Style sheets and scripts, in their order."""
        colors, across = deck.options.colors, ACROSS[deck.ratio]
        variables = {name: getattr(colors, name) for name in ("background", "ink", "muted", "faint")}
        ours = "".join(f"--{name}: {value}; " for name, value in variables.items())
        ours = f":root {{ {ours}--across: {across}; }}\n@page {{ size: {across}px 720px; margin: 0; }}\n"
        if self.reveal is None:
            return [piece("deck.css") + ours + piece("slide.css")], [piece("slide.js") + piece("deck.js")]
        self.notes += self.reveal.notes
        styles = [*self.reveal.styles, ours + piece("slide.css") + self.reveal.rules]
        return styles, [self.reveal.script, piece("slide.js") + piece("reveal.js")]

    def _policy(self, styles: list[str], scripts: list[str]) -> str:
        # reveal.js writes style sheets of its own when it prints.
        style = "'unsafe-inline'" if self.reveal else " ".join(map(csp_hash, styles))
        script = " ".join(map(csp_hash, scripts))
        return (
            f"default-src 'none'; img-src data: blob:; font-src data:; style-src {style}; script-src {script}; "
            "base-uri 'none'; form-action 'none'"
        )


def _sections(deck: Deck, callback: ProgressCallback) -> Iterator[str]:
    long = ' class="long"' if lines_of(deck.title, 64, ACROSS[deck.ratio] - 80) > 2 else ""
    facts = f'<p class="facts">{escape(deck.facts)}</p>\n'
    yield f'<section class="title"><h1{long}>{escape(deck.title)}</h1>\n{facts}</section>\n'
    for slide in deck.slides:
        yield f"<section><h2>{escape(slide.title)}</h2>\n{_figure(slide, deck, callback)}{_notes(slide.notes)}</section>\n"
    for table in deck.tables:
        foot = f'<p class="foot">{escape(deck.foot)}</p>\n' if deck.foot else ""
        yield (
            f"<section><h2>{escape(deck.heading)}</h2>\n{facts}{_table(table)}{foot}{_notes(deck.notes)}</section>\n"
        )


def _figure(slide: Slide, deck: Deck, callback: ProgressCallback) -> str:
    labels, alt = deck.options.labels, escape(slide.alt)
    across, down = deck.options.size
    with scratch() as place:
        moving = _data("gif", draw(slide, deck, place / "a.gif", callback))
        at_rest = _data("png", still(slide, deck, place / "a.png"))
    pause, again = escape(labels("player pause")), escape(labels("player play"))
    size = f'width="{across}" height="{down}"'
    return (
        f'<figure><img class="moving" {size} alt="{alt}" src="{moving}"><img class="still" {size} alt="{alt}" '
        f'src="{at_rest}">\n<button type="button" data-pause="{pause}" data-play="{again}">{pause}</button></figure>\n'
    )


def _data(kind: str, path: Path) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


def _notes(notes: tuple[str, ...]) -> str:
    return f'<aside class="notes">{"".join(f"<p>{escape(words)}</p>" for words in notes)}</aside>\n'


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.header)
    rows = (
        f'<tr><th scope="row">{escape(" ".join(row[0]))}</th>{"".join(map(_cell, row[1:]))}</tr>' for row in table.rows
    )
    return f"<table><thead><tr>{head}</tr></thead>\n<tbody>{''.join(rows)}</tbody></table>\n"


def _cell(lines: tuple[str, ...]) -> str:
    return f"<td>{'<br>'.join(map(escape, lines))}</td>"
