"""A deck as one HTML file with everything inside. A content security policy forbids network access.

The markup is that of reveal.js. The file holds a copy of reveal.js that the user gives, or a short script of dropviz.
"""

import base64
from functools import partial
from pathlib import Path
from typing import NamedTuple

from dropviz._util.temporary import temporary_folder
from dropviz._util.web import asset, csp_hash, fill_template
from dropviz.publish.decks.deck import Deck, Slide
from dropviz.publish.decks.reveal import Reveal
from dropviz.publish.decks.text_size import lines_of
from dropviz.publish.decks.writer import DeckOptions, ProgressCallback, draw, still
from dropviz.rendering.options import RenderOptions

read_asset = partial(asset, __package__)
ACROSS = {"16:9": 1280, "4:3": 960}  # width of a slide, which is 720 high, in pixels
TITLE_SIZE, TITLE_MARGIN, TITLE_LINES = 64, 80, 2  # font size, both margins, lines; longer titles are set smaller


class HtmlWriter:
    """Writer of a deck for browsers, with keys, touch and print; GIFs can be paused, videos have controls."""

    folder_suffix = ""

    def __init__(self, deck_options: DeckOptions, options: RenderOptions) -> None:
        self.notes: list[str] = []
        self.video = deck_options.video
        self.reveal = Reveal(deck_options.reveal, dark=options.colors.is_dark) if deck_options.reveal else None

    def write(self, deck: Deck, path: Path, folder: Path, callback: ProgressCallback) -> None:  # noqa: ARG002  # one file
        """Write the page, with the pictures inside."""
        styles, scripts = self._styles_and_scripts(deck)
        across = ACROSS[deck.ratio]
        page = fill_template(
            __package__,
            "deck.html.jinja",
            deck=deck,
            labels=deck.options.labels,
            across=across,
            long=lines_of(deck.title, TITLE_SIZE, across - TITLE_MARGIN) > TITLE_LINES,
            pictures=[self._draw(slide, deck, path.parent, callback) for slide in deck.slides],
            video=self.video,
            policy=self._policy(styles, scripts),
            styles=styles,
            scripts=scripts,
        )
        path.write_text(page, encoding="utf-8", newline="\n")

    def _styles_and_scripts(self, deck: Deck) -> tuple[list[str], list[str]]:
        colors, across = deck.options.colors, ACROSS[deck.ratio]
        variables = {name: getattr(colors, name) for name in ("background", "ink", "muted", "faint")}
        ours = "".join(f"--{name}: {value}; " for name, value in variables.items())
        ours = f":root {{ {ours}--across: {across}; }}\n@page {{ size: {across}px 720px; margin: 0; }}\n"
        shared = read_asset("restart.js") + read_asset("slide.js")
        if self.reveal is None:
            style = f"{read_asset('deck.css')}{ours}{read_asset('slide.css')}"
            return [style], [shared + read_asset("deck.js")]
        self.notes += self.reveal.notes
        styles = [*self.reveal.styles, ours + read_asset("slide.css") + self.reveal.rules]
        return styles, [self.reveal.script, shared + read_asset("reveal.js")]

    def _policy(self, styles: list[str], scripts: list[str]) -> str:
        # reveal.js adds style sheets of its own when it prints.
        style = "'unsafe-inline'" if self.reveal else " ".join(map(csp_hash, styles))
        script = " ".join(map(csp_hash, scripts))
        return (
            "default-src 'none'; img-src data: blob:; media-src data:; font-src data:; "
            f"style-src {style}; script-src {script}; base-uri 'none'; form-action 'none'"
        )

    def _draw(self, slide: Slide, deck: Deck, place: Path, callback: ProgressCallback) -> "_Picture":
        kind, suffix = ("video/mp4", ".mp4") if self.video else ("image/gif", ".gif")
        with temporary_folder(place) as folder:
            moving = _data_url(kind, draw(slide, deck, folder / f"a{suffix}", callback))
            return _Picture(moving, _data_url("image/png", still(slide, deck, folder / "a.png")))


class _Picture(NamedTuple):
    """Pictures of a slide, as data URLs."""

    moving: str
    still: str


def _data_url(kind: str, path: Path) -> str:
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
