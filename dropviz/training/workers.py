"""Training of several runs, in this process or in worker processes.

A process trains one run at a time, or several as one batch on a GPU.
The networks are small enough to keep one core busy and no more, so that runs in several processes are faster than one
run on all cores. With worker processes, this process does not import torch: the workers do, at the same time.
"""

import multiprocessing
import os
import queue
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from dropviz._util.progress import ProgressCallback, WorkCallback
from dropviz._util.signals import OF_A_GROUP
from dropviz.errors import DropvizError
from dropviz.experiments.experiment import Experiment
from dropviz.recording import Recording
from dropviz.training.events import Run, SnapshotCallback, SnapshotEvent
from dropviz.training.one_run import memory_error, train_batch, train_one, trains_in_batches
from dropviz.training.spawning import end_with_parent, interrupts_ignored, main_module_hidden
from dropviz.training.workload import longest_first, run_work

Trained = tuple[Run, Recording | None]
REPORT_INTERVAL = 0.1  # seconds, at least, between two reports of finished iterations


@dataclass(frozen=True)
class _Iterations:
    """Iterations that a run has finished since its last report, and the length of that run."""

    run: Run
    count: int
    total: int


@dataclass(frozen=True)
class _Finished:
    """A run that is trained; `recording` is None if it was saved to a file."""

    run: Run
    recording: Recording | None


_Report = _Iterations | _Finished | SnapshotEvent | DropvizError


def train_here(
    experiment: Experiment,
    runs: Mapping[Run, Path | None],
    device: str,
    data_dir: Path | None,
    on_work: WorkCallback,
    on_snapshot: SnapshotCallback | None = None,
) -> Iterator[Trained]:
    """Train all runs in this process; arguments and results are those of `train_in_workers`."""
    work = _Work(experiment, runs, on_work)
    callback_errors: list[Exception] = []

    def report(report: _Report) -> None:
        if isinstance(report, _Iterations):
            work.add(report)
        if isinstance(report, SnapshotEvent) and on_snapshot is not None:
            try:
                on_snapshot(report)
            except Exception as error:
                callback_errors.append(error)
                raise

    try:
        batches = [runs] if trains_in_batches(experiment, device) else [{run: path} for run, path in runs.items()]
        for trained in _train_runs(experiment, batches, device, data_dir, report):
            work.finish(trained[0])
            yield trained
    except (MemoryError, RuntimeError) as error:
        if error in callback_errors:
            raise
        raise memory_error(error) from error


def train_in_workers(
    experiment: Experiment,
    runs: Mapping[Run, Path | None],
    jobs: int | None,
    device: str,
    data_dir: Path | None,
    on_work: WorkCallback,
    on_snapshot: SnapshotCallback | None = None,
) -> Iterator[Trained]:
    """Train runs in `jobs` processes, and yield each when it is finished: the run, and its recording.

    Runs that are trained as a batch are shared out evenly.

    jobs         number of processes; None for one on each core, or for one batch of all runs
    runs         the file that each run is saved to; with None, its recording is yielded, else None
    on_work      callback with the work just finished, and the work of all runs, as `run_work` counts it
    on_snapshot  callback with each snapshot

    Raises what a worker raises. All workers are ended then, and when the caller stops.
    """
    with _workers(experiment, runs, jobs, device, data_dir, snapshots=on_snapshot is not None) as (workers, reports):
        work = _Work(experiment, runs, on_work)
        unfinished = len(runs)
        while unfinished:
            report = _next_report(workers, reports)
            if isinstance(report, DropvizError):
                raise report
            if isinstance(report, _Iterations):
                work.add(report)
            elif isinstance(report, SnapshotEvent) and on_snapshot is not None:
                on_snapshot(report)
            elif isinstance(report, _Finished):
                unfinished -= 1
                work.finish(report.run)
                yield report.run, report.recording


class _Work:
    """Work that is done in several runs, by the share of its iterations that each has finished."""

    def __init__(self, experiment: Experiment, runs: Iterable[Run], callback: WorkCallback) -> None:
        self._left = {(arm, seed): run_work(experiment, arm) for arm, seed in runs}
        self._works, self._total = dict(self._left), sum(self._left.values())
        self._callback = callback

    def add(self, report: _Iterations) -> None:
        """Count the iterations of a report."""
        self._count(report.run, self._works[report.run] * report.count / report.total)

    def finish(self, run: Run) -> None:
        """Count what is left of a run."""
        self._count(run, self._left[run])

    def _count(self, run: Run, work: float) -> None:
        self._left[run] -= work
        self._callback(work, self._total)


@contextmanager
def _workers(
    experiment: Experiment,
    runs: Mapping[Run, Path | None],
    jobs: int | None,
    device: str,
    data_dir: Path | None,
    *,
    snapshots: bool,
) -> Iterator[tuple[list[Any], Any]]:
    """Start processes that take runs from a queue and report to another; end them when the block ends."""
    context = multiprocessing.get_context("spawn")
    with interrupts_ignored():  # the first queue starts a process that watches over them
        tasks, reports = context.Queue(), context.Queue()
        lock = context.Lock()
    processes = min(jobs or cores(), len(runs))
    for task in [*((run, runs[run]) for run in longest_first(experiment, runs)), *[None] * processes]:
        tasks.put(task)
    queue = _Tasks(tasks, lock, -(-len(runs) // (jobs or 1)))
    work = (experiment, device, data_dir, queue, reports, snapshots)
    workers = [context.Process(target=_work, args=work, daemon=True) for _ in range(processes)]
    with interrupts_ignored(), main_module_hidden():
        for worker in workers:
            worker.start()
    try:
        yield workers, reports
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.join()


@dataclass(frozen=True)
class _Tasks:
    """Queue of runs with the paths of their recordings, and a None for each worker.

    batch  number of runs that a process trains at the same time on a GPU
    """

    queue: Any
    lock: Any
    batch: int

    def take(self, experiment: Experiment, device: str) -> Iterator[dict[Run, Path | None]]:
        """Yield the runs to train next, until there are none left."""
        if not trains_in_batches(experiment, device):
            yield from ({run: path} for run, path in iter(self.queue.get, None))
            return
        with self.lock:
            runs = dict(islice(iter(self.queue.get, None), self.batch))
        if runs:
            yield runs


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _next_report(workers: list[Any], reports: Any) -> _Report:
    while True:
        try:
            report: _Report = reports.get(timeout=0.2)
        except queue.Empty:
            failed = [worker.exitcode for worker in workers if worker.exitcode]
            if failed:
                raise DropvizError(
                    f"a training process ended with status {failed[0]}: try again with --jobs 1"
                ) from None
        else:
            return report


def _work(
    experiment: Experiment, device: str, data_dir: Path | None, tasks: _Tasks, reports: Any, snapshots: bool
) -> None:
    """Train runs until the queue has none left."""
    for number in OF_A_GROUP:
        signal.signal(number, signal.SIG_IGN)
    end_with_parent()
    # A worker that is terminated removes its half-written file.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))

    def report(report: _Report) -> None:
        if snapshots or not isinstance(report, SnapshotEvent):
            reports.put(report)

    failure: DropvizError | None = None
    try:
        for run, recording in _train_runs(experiment, tasks.take(experiment, device), device, data_dir, report):
            report(_Finished(run, recording))
    except SystemExit:
        os._exit(1)  # the half-written file is gone; torch takes a second to shut down
    except DropvizError as error:
        failure = error
    except (MemoryError, RuntimeError) as error:
        failure = memory_error(error)
    # Nothing is left to clean up: SIGTERM may end the process.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if failure is not None:
        reports.put(failure)
    reports.close()
    reports.join_thread()


def _train_runs(
    experiment: Experiment,
    batches: Iterable[Mapping[Run, Path | None]],
    device: str,
    data_dir: Path | None,
    report: Callable[[_Report], None],
) -> Iterator[Trained]:
    for runs in batches:
        on_iterations = {run: _Throttle(partial(_report_iterations, report, run)) for run in runs}
        if len(runs) > 1:
            yield from train_batch(experiment, runs, device, data_dir, on_iterations, report)
            continue
        for run, path in runs.items():
            yield run, train_one(experiment, *run, path, device, data_dir, on_iterations[run], report)


def _report_iterations(report: Callable[[_Report], None], run: Run, count: int, total: int) -> None:
    report(_Iterations(run, count, total))


class _Throttle:
    """Callback that adds finished iterations up, and passes them on once every REPORT_INTERVAL."""

    def __init__(self, callback: ProgressCallback) -> None:
        self._callback, self._pending, self._last = callback, 0, time.monotonic()

    def __call__(self, iterations: int, total: int) -> None:
        self._pending += iterations
        if time.monotonic() - self._last > REPORT_INTERVAL:
            self._callback(self._pending, total)
            self._pending, self._last = 0, time.monotonic()
