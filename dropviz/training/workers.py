"""Train several runs at once, each in a process of its own.

A network as small as ours keeps one core busy and no more, so that runs side by side are faster than one run on all
cores. This process does not import torch: the workers do, all at the same time.
"""

import multiprocessing
import os
import queue
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dropviz.errors import DropvizError, reason
from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment

Run = tuple[Arm, int]
Told = Callable[[int, int], None]
OFTEN = 0.1  # seconds between two reports of a worker


def train_side_by_side(
    experiment: Experiment, runs: Mapping[Run, Path], jobs: int, device: str, data_dir: Path | None, told: Told
) -> Iterator[Path]:
    """Train each run into its file, `jobs` at once, and yield the path of each as it is done.

    `told` hears of iterations done, and of how many there are in all, as far as runs have said. Raises what a worker
    raises; then, and when the caller stops, all workers are ended at once.
    """
    with _workers(experiment, runs, jobs, device, data_dir) as (workers, reports):
        done, lengths = 0, dict[Path, int]()
        while done < len(runs):
            kind, value = _next_report(workers, reports)
            if kind == "failed":
                raise value
            if kind == "iterations":
                count, lengths[value[2]] = value[:2]
                told(count, round(sum(lengths.values()) / len(lengths) * len(runs)))  # arms may differ in length
            else:
                done += 1
                yield value


@contextmanager
def _workers(
    experiment: Experiment, runs: Mapping[Run, Path], jobs: int, device: str, data_dir: Path | None
) -> Iterator[tuple[list[Any], Any]]:
    """Processes that take runs from a queue, and report to another; ended, whatever happens, when the block ends."""
    context = multiprocessing.get_context("spawn")
    tasks, reports = context.Queue(), context.Queue()
    for task in [*runs.items(), *[None] * jobs]:
        tasks.put(task)
    work = (experiment, device, data_dir, tasks, reports)
    workers = [context.Process(target=_work, args=work, daemon=True) for _ in range(jobs)]
    # Ctrl-C reaches the whole group; only this process shall answer, and workers start with what stands at their birth.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        for worker in workers:
            worker.start()
    finally:
        signal.signal(signal.SIGINT, before)
    try:
        yield workers, reports
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.join()


def _next_report(workers: list[Any], reports: Any) -> tuple[str, Any]:
    while True:
        try:
            report: tuple[str, Any] = reports.get(timeout=0.2)
        except queue.Empty:
            dead = [worker.exitcode for worker in workers if worker.exitcode]
            if dead:
                raise DropvizError(f"a training process ended with status {dead[0]}: try again with --jobs 1") from None
        else:
            return report


def _work(experiment: Experiment, device: str, data_dir: Path | None, tasks: Any, reports: Any) -> None:
    """What one worker does: one run after another, until there are none left."""
    # Ended by the process that started us, we still take a half-written file with us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    failure: DropvizError | None = None
    try:
        from dropviz.training import load_data, pick_device, train_run

        chosen = pick_device(device)
        dataset = load_data(experiment.data, data_dir)
        while task := tasks.get():
            (arm, seed), path = task
            train_run(experiment, arm, seed, dataset, chosen, _Ticker(reports, path).callback).save(path)
            reports.put(("done", path))
    except SystemExit:
        os._exit(1)  # what was half-written is gone by now, and torch takes a second to take leave
    except DropvizError as error:
        failure = error
    except (MemoryError, RuntimeError) as error:
        # torch says so when memory runs out, on a GPU or not, in a RuntimeError.
        failure = DropvizError(f"training failed: {reason(error)}; a smaller network or batch may fit")
    # From here on there is nothing to take along: being ended needs no words.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if failure is not None:
        reports.put(("failed", failure))
    reports.close()
    reports.join_thread()


class _Ticker:
    """Counts iterations of the run at `path`, and reports them only so often."""

    def __init__(self, reports: Any, path: Path) -> None:
        self._reports, self._path, self._pending, self._last = reports, path, 0, time.monotonic()

    def callback(self, iterations: int, total: int) -> None:
        """Hear of iterations done, and of how many there are in the run."""
        self._pending += iterations
        if time.monotonic() - self._last > OFTEN:
            self._reports.put(("iterations", (self._pending, total, self._path)))
            self._pending, self._last = 0, time.monotonic()
