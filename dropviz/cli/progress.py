"""Progress on stderr: a bar with rate and time left, and nothing where nobody watches."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

ProgressCallback = Callable[[int, int], None]


@contextmanager
def progress(label: str, unit: str) -> Iterator[ProgressCallback]:
    """A bar; the yielded function is told of how many units of work just done, and of how many in all."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda _count, _total: None
        return
    start = time.monotonic()
    done = 0

    def rate(_item: object) -> str:
        return f"{done / max(time.monotonic() - start, 1e-9):,.0f} {unit}/s"

    with click.progressbar(length=1, label=label, item_show_func=rate, file=sys.stderr) as bar:

        def callback(count: int, total: int) -> None:
            nonlocal done
            done += count
            bar.length = total
            bar.update(count, "")

        yield callback


def note(words: str) -> None:
    """Say something on stderr; stdout is kept for paths."""
    click.echo(words, err=True)
