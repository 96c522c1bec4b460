"""Notes on stderr, and progress."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import click

from dropviz._util.progress import ProgressCallback, progress
from dropviz._util.text import replace_unsafe
from dropviz.analysis.divergence import divergence_note
from dropviz.errors import RecordingError
from dropviz.recording import Recording, load

__all__ = ["ProgressCallback", "note", "note_trained", "progress", "progress_once_begun"]


def note(words: str) -> None:
    """Print a line on stderr; stdout is kept for paths."""
    click.echo(replace_unsafe(words), err=True)


def note_trained(paths: Iterable[Path]) -> None:
    """Print the paths of recordings on stdout, and on stderr a line on those that diverged."""
    paths = list(paths)
    for path in paths:
        click.echo(path)
    if words := divergence_note(_readable(paths)):
        note(words)


def _readable(paths: Iterable[Path]) -> Iterator[Recording]:
    for path in paths:
        with suppress(RecordingError):  # one of an earlier training may be damaged: charts say so
            yield load(path)


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
