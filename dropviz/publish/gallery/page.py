"""A page of pictures, each with the claim that it checks, what was measured of it, and the command that draws it."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any

from dropviz._util.byte_sizes import format_bytes
from dropviz._util.files import replace_whole
from dropviz._util.text import replace_unsafe
from dropviz._util.web import asset, csp_hash
from dropviz.analysis.captions import Answer
from dropviz.errors import OutputError
from dropviz.publish.gallery.exhibits import EXHIBITS
from dropviz.style.labels import Labels
from dropviz.style.theme import THEMES

PAGE, TEXT, STATE = "index.html", "README.md", ".gallery.json"
SIDES = ("light", "dark")


@dataclass(frozen=True)
class Shown:
    """What was made of one exhibit. `key` stands for all that decides its pictures: equal keys, equal pictures.

    sides     "light" and "dark", or one of them
    seconds   that one play takes
    trained   seconds that training took; None where the recordings were there
    """

    name: str
    key: str
    answers: tuple[Answer, ...]
    alt: str
    facts: str
    command: str
    runs: int
    seeds: int
    sides: tuple[str, ...]
    size: tuple[int, int]
    frames: int
    seconds: float
    bytes: int
    trained: float | None

    @property
    def files(self) -> tuple[str, ...]:
        """The names of its files."""
        return tuple(f"{self.name}-{side}{tail}" for side in self.sides for tail in (".gif", "-still.png"))

    @property
    def verdict(self) -> str:
        """Whether its claim holds, by the answers that the claim is about."""
        about = EXHIBITS[self.name].answer
        return verdict(self.answers if about is None else self.answers[about : about + 1])


def verdict(answers: Sequence[Answer]) -> str:
    """Whether a claim about these answers holds: "agrees", "disagrees", "partly" or "undecided".

    What one answer leaves open no other decides: where one holds and one is undecided, the claim holds in part.
    """
    found = {answer.holds for answer in answers}
    if True in found:
        return "agrees" if found == {True} else "partly"
    return "disagrees" if False in found else "undecided"


def read_state(folder: Path) -> dict[str, Shown]:
    """What an earlier call made in `folder`, by name; nothing where that cannot be read."""
    try:
        entries = json.loads((folder / STATE).read_text(encoding="utf-8"))
        return {entry["name"]: _shown(entry) for entry in entries}
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return {}


def _shown(entry: Mapping[str, Any]) -> Shown:
    answers = tuple(Answer(str(words), holds) for words, holds in entry["answers"])
    return Shown(**{**entry, "answers": answers, "size": tuple(entry["size"]), "sides": tuple(entry["sides"])})


def check_gallery(folder: Path) -> None:
    """OutputError if `folder` holds a page of somebody else's, that ours would replace."""
    theirs = [name for name in (PAGE, TEXT) if os.path.lexists(folder / name)]
    if theirs and not os.path.lexists(folder / STATE):
        raise OutputError(
            f"cannot write a gallery into {folder}: it holds {theirs[0]!r}, which no gallery put there; "
            "choose another folder"
        )


def write_gallery(folder: Path, shown: Mapping[str, Shown], labels: Labels) -> tuple[Path, ...]:
    """Write the pages of what there is, and what the next call has to know; returns the pages."""
    from dropviz.publish.gallery.markdown import text

    ordered = [shown[name] for name in EXHIBITS if name in shown]
    pages = {PAGE: page(ordered, labels), TEXT: text(ordered, labels)}
    for name, words in ({STATE: json.dumps([asdict(each) for each in ordered])} | pages).items():
        with replace_whole(folder / name) as file:
            file.write(words.encode(errors="replace"))
    return tuple(folder / name for name in pages)


def page(shown: Sequence[Shown], labels: Labels) -> str:
    """The page as HTML; its pictures lie beside it, and nothing else is asked for."""
    style, script = asset(__package__, "gallery.css") + _colors(), asset(__package__, "gallery.js")
    policy = (
        f"default-src 'none'; img-src 'self' file: data:; style-src {csp_hash(style)}; script-src {csp_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    title, intro = escape(labels("gallery title")), escape(labels("gallery intro"))
    return (
        f'<!doctype html>\n<html lang="{labels.language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n<header><h1>{title}</h1>\n<p>{intro}</p>\n"
        f"{_contents(shown, labels)}</header>\n<main>\n{''.join(_section(each, labels) for each in shown)}</main>\n"
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


def _contents(shown: Sequence[Shown], labels: Labels) -> str:
    items = (
        f'<li><a href="#{each.name}">{escape(labels(f"exhibit {each.name}"))}</a> {_badge(each, labels)}</li>'
        for each in shown
    )
    return f"<nav><ol>\n{chr(10).join(items)}\n</ol></nav>\n"


def _badge(shown: Shown, labels: Labels) -> str:
    found = shown.verdict
    return f'<span class="verdict {found}">{escape(labels(f"verdict {found}"))}</span>'


def _section(shown: Shown, labels: Labels) -> str:
    answers = "".join(f"<li>{escape(replace_unsafe(answer.words))}</li>" for answer in shown.answers)
    source = escape(EXHIBITS[shown.name].source)
    return (
        f'<section id="{shown.name}">\n<h2>{escape(labels(f"exhibit {shown.name}"))}</h2>\n'
        f"<p><strong>{escape(labels('gallery claim'))}</strong> {escape(labels(f'claim {shown.name}'))} "
        f"<cite>({source})</cite></p>\n{_figure(shown, labels)}"
        f"<p><strong>{escape(labels('gallery answer'))}</strong> {_badge(shown, labels)}</p>\n<ul>{answers}</ul>\n"
        f"<p class=facts>{escape(replace_unsafe(shown.facts))}</p>\n<p class=facts>{escape(figures(shown, labels))}</p>\n"
        f"<pre><code>{escape(replace_unsafe(shown.command))}</code></pre>\n</section>\n"
    )


def figures(shown: Shown, labels: Labels) -> str:
    """What it took, in one line."""
    parts = [labels("gallery runs", runs=shown.runs, seeds=shown.seeds)]
    if shown.trained is not None:
        parts.append(labels("gallery trained", seconds=shown.trained))
    parts.append(labels("gallery file", frames=shown.frames, seconds=shown.seconds, bytes=format_bytes(shown.bytes)))
    return " · ".join(parts)


def _figure(shown: Shown, labels: Labels) -> str:
    """The light picture, the dark one on a dark page; still for those who ask for less motion, or press the button."""
    alt, (width, height) = escape(replace_unsafe(shown.alt)), shown.size
    pause, play = escape(labels("player pause")), escape(labels("player play"))
    sources = "".join(_source(shown.name, side, shown.sides) for side in shown.sides)
    image = (
        f'<img src="{shown.name}-{shown.sides[0]}.gif" width="{width}" height="{height}" loading="lazy" alt="{alt}">'
    )
    button = f'<button type="button" data-pause="{pause}" data-play="{play}">{pause}</button>'
    return f"<figure><picture>{sources}{image}</picture>\n{button}</figure>\n"


def _source(name: str, side: str, sides: Sequence[str]) -> str:
    media = f' media="(prefers-color-scheme: {side})"' if len(sides) > 1 else ""
    moving, still = f"{name}-{side}.gif", f"{name}-{side}-still.png"
    return f'<source{media} srcset="{moving}" data-moving="{moving}" data-still="{still}">'


def _colors() -> str:
    """The colours of our themes, so that pictures stand on their own ground."""
    rules = []
    for side in SIDES:
        theme = THEMES[side]
        names = ("background", "ink", "muted", "faint", "plain")
        values = "".join(f"--{name}: {getattr(theme, name)}; " for name in names) + f"--noisy: {theme.noisy[0]};"
        rules.append(f"@media (prefers-color-scheme: {side}) {{ :root {{ {values} }} }}\n")
    return "".join(rules)
