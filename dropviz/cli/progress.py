"""Notes on stderr, and progress."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import click

from dropviz._util.progress import ProgressCallback, progress
from dropviz._util.text import replace_unsafe

__all__ = ["ProgressCallback", "note", "progress", "progress_once_begun"]


def note(words: str) -> None:
    """Print a line on stderr; stdout is kept for paths."""
    click.echo(replace_unsafe(words), err=True)


@contextmanager
def progress_once_begun(label: str) -> Iterator[ProgressCallback]:
    """Show progress as `progress` does, from the first report on: other work may show its own before."""
    bars: list[ProgressCallback] = []
    with ExitStack() as stack:

        def report(done: int, total: int) -> None:
            if not bars:
                bars.append(stack.enter_context(progress(label)))
            bars[0](done, total)

        yield report
