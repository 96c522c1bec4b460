"""The gallery as Markdown, for sites such as GitHub that show the README.md of a folder."""

from collections.abc import Sequence

from dropviz._util.text import escape_markdown, replace_unsafe
from dropviz.publish.embedding.picture import Picture
from dropviz.publish.embedding.snippets import web
from dropviz.publish.gallery.results import SIDES, ExhibitResult
from dropviz.style.labels import Labels

WIDTH = 800


def text(results: Sequence[ExhibitResult], labels: Labels) -> str:
    """Return a table of questions and verdicts, followed by one section for each result."""
    rows = "\n".join(
        f"| [{_escape(labels(f'question {result.name}'))}](#{result.name}) | {_escape(result.headline)} "
        f"| {labels(f'verdict {result.verdict}')} |"
        for result in results
    )
    columns = [labels(key) for key in ("gallery question", "gallery measured", "gallery verdict")]
    head = f"| {' | '.join(columns)} |\n| --- | --- | --- |"
    sections = "\n".join(_section(result, labels) for result in results)
    return f"# {labels('gallery title')}\n\n{labels('gallery intro')}\n\n{head}\n{rows}\n\n{sections}"


def _section(result: ExhibitResult, labels: Labels) -> str:
    answers = "\n".join(f"- {_escape(answer.words(labels))}" for answer in result.answers)
    return (
        f'## <a id="{result.name}"></a>{_escape(labels(f"question {result.name}"))}\n\n'
        f"**{labels('gallery claim')}** {_escape(labels(f'claim {result.name}'))} "
        f"({_escape(result.source)})\n\n"
        f"{web(_picture(result))}\n\n"
        f"**{labels('gallery measured')}:** {labels(f'verdict {result.verdict}')}\n\n{answers}\n\n"
        f"{_escape(result.facts)}\\\n{_escape(result.cost(labels))}\n\n```sh\n{replace_unsafe(result.command)}\n```\n"
    )


def _picture(result: ExhibitResult) -> Picture:
    first, dark = result.sides[0], result.sides[-1] if len(result.sides) == len(SIDES) else ""
    return Picture(
        f"{result.name}-{first}.gif",
        replace_unsafe(result.alt),
        min(WIDTH, result.size[0]),
        still=f"{result.name}-{first}-still.png",
        dark=f"{result.name}-{dark}.gif" if dark else "",
        dark_still=f"{result.name}-{dark}-still.png" if dark else "",
    )


def _escape(text: str) -> str:
    return escape_markdown(replace_unsafe(text))
