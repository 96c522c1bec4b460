"""Progress on stderr: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

ProgressCallback = Callable[[int, int], None]
WorkCallback = Callable[[float, float], None]
WINDOW = 8.0  # seconds whose rate is used
LEAST = 2.0  # seconds of work from which on the time left is known
STALLED = 0.1  # share of the usual rate below which the last seconds do not tell the rate
INTERVAL = 10.0  # seconds between two lines where stderr is no terminal


class TimeLeft:
    """Estimate of the time left, from the rate of the last WINDOW seconds.

    The clock starts when the first work is reported: what comes before it, such as the start of processes, says nothing
    about the rate. Nor do seconds in which nearly nothing is finished, as while a long evaluation goes on. click's own
    estimate divides by all the time since the start.
    """

    def __init__(self) -> None:
        self._reports: deque[tuple[float, float]] = deque()
        self._first: tuple[float, float] | None = None

    def add(self, now: float, done: float) -> None:
        """Note that at the time `now`, in seconds, work of the amount `done` was finished in all."""
        self._first = self._first or (now, done)
        self._reports.append((now, done))
        while len(self._reports) > 2 and now - self._reports[1][0] >= WINDOW:
            self._reports.popleft()

    def seconds(self, now: float, total: float) -> float | None:
        """Return the seconds left until all of `total` is done; None until they are known."""
        if not self._first:
            return None
        (start, before), (last, done) = self._reports[0], self._reports[-1]
        if last - start < LEAST or done <= before:
            return None
        rate, usual = ((done - amount) / (last - then) for then, amount in ((start, before), self._first))
        return max((total - done) / rate - (now - last), 0.0) if rate > STALLED * usual else None


class RunTimes:
    """Estimate of the time left of runs of which `jobs` go on at a time, each reported when it is finished.

    The seconds that the finished runs took tell those of the others, by their work. A worker begins its next run when
    it has finished one: the latest `jobs` reports tell how long the present runs have gone on.
    """

    def __init__(self, jobs: int) -> None:
        self._reports: deque[float] = deque(maxlen=max(jobs, 1))
        self._jobs, self._work, self._seconds, self._runs = max(jobs, 1), 0.0, 0.0, 0

    def finish(self, now: float, work: float, seconds: float) -> None:
        """Note that at the time `now` a run of this work was finished, which took so many seconds."""
        self._reports.append(now)
        self._work, self._seconds, self._runs = self._work + work, self._seconds + seconds, self._runs + 1

    def add(self, now: float, done: float) -> None:
        """Take no note: `finish` does."""

    def seconds(self, now: float, total: float) -> float | None:
        """Return the seconds left until all of `total` is done; None until a run is finished."""
        if not self._work:
            return None
        usual = self._seconds / self._runs
        left = (total - self._work) * self._seconds / self._work
        return max(left - sum(min(now - then, usual) for then in self._reports), 0.0) / self._jobs


@contextmanager
def progress(label: str, *, show: bool = True, left: "TimeLeft | RunTimes | None" = None) -> Iterator[WorkCallback]:
    """Show how much is done and the time left; show nothing without `show`, or if there is no stderr.

    On a terminal it is a bar. Elsewhere it is one line every INTERVAL seconds, and none for work that ends sooner. The
    yielded callback takes the amount of work just finished, and the total amount.

    left  estimate of the time left; a TimeLeft by default
    """
    left = left or TimeLeft()
    if not show or sys.stderr is None:
        yield lambda _done, _total: None
    elif sys.stderr.isatty():
        with click.progressbar(
            length=1, label=label, show_eta=False, item_show_func=lambda words: words, file=sys.stderr
        ) as bar:
            yield _Report(lambda share, seconds: _show(bar, share, seconds), left)
    else:
        yield _Report(_Lines(label), left)


class _Report:
    """Callback that sums the work, and shows the share done, from 0 to 1, and the seconds left."""

    def __init__(self, show: Callable[[float, float | None], None], left: TimeLeft | RunTimes) -> None:
        self._show, self._left, self._done = show, left, 0.0

    def __call__(self, done: float, total: float) -> None:
        now = time.monotonic()
        self._done += done
        self._left.add(now, self._done)
        self._show(min(self._done / total, 1.0) if total else 1.0, self._left.seconds(now, total))


def _show(bar: Any, share: float, left: float | None) -> None:
    steps = 1_000  # click counts whole steps
    bar.length = steps
    bar.update(round(share * steps) - bar.pos, "" if left is None or share == 1 else f"{duration(left)} left")


class _Lines:
    """Lines of progress, one every INTERVAL seconds from the start on."""

    def __init__(self, label: str) -> None:
        self._label, self._next = label, time.monotonic() + INTERVAL

    def __call__(self, share: float, left: float | None) -> None:
        now = time.monotonic()
        if now < self._next or share == 1:
            return
        self._next = now + INTERVAL
        words = f"{self._label}: {share:.0%} done"
        sys.stderr.write(f"{words}\n" if left is None else f"{words}, {duration(left)} left\n")
        sys.stderr.flush()


def duration(seconds: float) -> str:
    """Return a duration in words.

    >>> duration(8.2), duration(150), duration(7_300)
    ('8 s', '2 min 30 s', '2 h 1 min')
    """
    whole = max(round(seconds), 1)
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3_600} h {whole % 3_600 // 60} min"
