"""The gallery as Markdown: what GitHub and others show of a folder is its README.md."""

from collections.abc import Sequence

from dropviz._util.text import escape_markdown, replace_unsafe
from dropviz.publish.embedding.picture import Picture
from dropviz.publish.embedding.snippets import web
from dropviz.publish.gallery.exhibits import EXHIBITS
from dropviz.publish.gallery.page import SIDES, Shown, figures
from dropviz.style.labels import Labels

WIDTH = 800


def text(shown: Sequence[Shown], labels: Labels) -> str:
    """A table of questions and verdicts, then a section each."""
    rows = "\n".join(
        f"| [{_words(labels(f'exhibit {each.name}'))}](#{each.name}) | {labels(f'verdict {each.verdict}')} |"
        for each in shown
    )
    head = f"| {labels('gallery question')} | {labels('gallery verdict')} |\n| --- | --- |"
    sections = "\n".join(_section(each, labels) for each in shown)
    return f"# {labels('gallery title')}\n\n{labels('gallery intro')}\n\n{head}\n{rows}\n\n{sections}"


def _section(shown: Shown, labels: Labels) -> str:
    answers = "\n".join(f"- {_words(answer.words)}" for answer in shown.answers)
    return (
        f'## <a id="{shown.name}"></a>{_words(labels(f"exhibit {shown.name}"))}\n\n'
        f"**{labels('gallery claim')}** {_words(labels(f'claim {shown.name}'))} "
        f"({_words(EXHIBITS[shown.name].source)})\n\n"
        f"{web(_picture(shown))}\n\n"
        f"**{labels('gallery answer')}** {labels(f'verdict {shown.verdict}')}\n\n{answers}\n\n"
        f"{_words(shown.facts)}\\\n{_words(figures(shown, labels))}\n\n```sh\n{replace_unsafe(shown.command)}\n```\n"
    )


def _picture(shown: Shown) -> Picture:
    first, dark = shown.sides[0], shown.sides[-1] if len(shown.sides) == len(SIDES) else ""
    return Picture(
        f"{shown.name}-{first}.gif",
        replace_unsafe(shown.alt),
        min(WIDTH, shown.size[0]),
        still=f"{shown.name}-{first}-still.png",
        dark=f"{shown.name}-{dark}.gif" if dark else "",
        dark_still=f"{shown.name}-{dark}-still.png" if dark else "",
    )


def _words(words: str) -> str:
    return escape_markdown(replace_unsafe(words))
