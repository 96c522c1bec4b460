"""dropviz embed: the text that puts a picture into a page."""

from pathlib import Path

import click

from dropviz._util.files import beside
from dropviz.cli.progress import note
from dropviz.publish.embedding.alt import disagree
from dropviz.publish.embedding.clipboard import copy
from dropviz.publish.embedding.embed import WIDTH, embed
from dropviz.publish.embedding.snippets import SNIPPETS
from dropviz.rendering.targets import TARGETS


@click.command("embed")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--for", "target", default="github", show_default=True, metavar="TARGET", help=f"Where: {', '.join(TARGETS)}."
)
@click.option("--as", "kind", metavar="KIND", help=f"Instead of the target's: {', '.join(SNIPPETS)}.")
@click.option("--alt", metavar="TEXT", help="Alt text. [default: the one beside the file, or in it]")
@click.option(
    "--width",
    type=click.IntRange(1, 100_000),
    default=WIDTH,
    show_default=True,
    metavar="N",
    help="In pixels, as it is to be shown.",
)
@click.option("--fps", type=click.FloatRange(0.01, 100), metavar="N", help="Frames a second, of numbered frames.")
@click.option("--clipboard", is_flag=True, help="Copy it too.")
def embed_command(
    file: Path, target: str, kind: str | None, alt: str | None, width: int, fps: float | None, clipboard: bool
) -> None:
    """Print the text that puts a picture into a page.

    FILE is named relative to the folder you are in. Its alt text, made of the recorded figures, is in the file or
    beside it. A still (a-still.png) and a dark twin (a-dark.gif) are used where they lie beside it.

    \b
    dropviz animate --compare --for github
    dropviz embed out/accuracy-compare.gif --for github --clipboard
    """
    words = embed(file, target, kind, alt, width, fps)
    if alt is None and disagree(file):
        note(f"alt text from {beside(file, '.txt')}; {file} itself says something else: is the text an older one?")
    if clipboard:
        note(f"copied by {copy(words)}")
    click.echo(words)
