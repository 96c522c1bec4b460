"""Notes on stderr, and progress."""

import click

from dropviz._util.progress import ProgressCallback, progress

__all__ = ["ProgressCallback", "note", "progress"]


def note(words: str) -> None:
    """Print a line on stderr; stdout is kept for paths."""
    click.echo(words, err=True)
