"""Command `dropviz embed`: the text that puts a picture into a page."""

from pathlib import Path

import click

from dropviz._util.numbering import beside
from dropviz.cli.options import UserPath
from dropviz.cli.progress import note
from dropviz.publish.embedding.alt import alt_texts_differ
from dropviz.publish.embedding.clipboard import copy_to_clipboard
from dropviz.publish.embedding.embed import MAX_FPS, MAX_WIDTH, MIN_FPS, WIDTH, embed
from dropviz.publish.embedding.snippets import SNIPPETS
from dropviz.rendering.targets import TARGETS


@click.command("embed")
@click.argument("file", type=UserPath())
@click.option(
    "--for", "target", default="github", show_default=True, metavar="TARGET", help=f"Where: {', '.join(TARGETS)}."
)
@click.option("--as", "kind", metavar="KIND", help=f"Instead of the target's: {', '.join(SNIPPETS)}.")
@click.option("--alt", metavar="TEXT", help="Alt text. [default: the one beside the file, or in it]")
@click.option(
    "--width",
    type=click.IntRange(1, MAX_WIDTH),
    default=WIDTH,
    show_default=True,
    metavar="N",
    help="Displayed width in pixels.",
)
@click.option(
    "--fps", type=click.FloatRange(MIN_FPS, MAX_FPS), metavar="N", help="Frames per second, of numbered frames."
)
@click.option("--clipboard", is_flag=True, help="Also copy the text.")
def embed_command(
    file: Path, target: str, kind: str | None, alt: str | None, width: int, fps: float | None, clipboard: bool
) -> None:
    """Print the text that puts a picture into a page.

    FILE is named relative to the current folder. Its alt text, made of the recorded values, is in the file or beside
    it. A still (a-still.png) and a dark version (a-dark.gif) are used if they are beside it.

    \b
    dropviz animate --compare --for github
    dropviz embed out/accuracy-compare.gif --for github --clipboard
    """
    text = embed(file, target, kind=kind, alt=alt, width=width, fps=fps)
    if alt is None and alt_texts_differ(file):
        note(f"alt text from {beside(file, '.txt')}; {file} itself says something else: the text may be outdated")
    if clipboard:
        note(f"copied by {copy_to_clipboard(text)}")
    click.echo(text)
