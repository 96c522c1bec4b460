"""A progress bar on stderr, shown only on a terminal."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

ProgressCallback = Callable[[int, int], None]


@contextmanager
def progress(label: str, unit: str, *, show: bool = True) -> Iterator[ProgressCallback]:
    """Show a bar with rate and time left; show nothing if stderr is no terminal, or without `show`.

    The yielded callback takes the number of units of work just finished, and the total number.
    """
    if not show or sys.stderr is None or not sys.stderr.isatty():
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
