"""Training of runs with any backend of joblib: processes of this machine, a Dask or Ray cluster, or another.

The backend is that of the user's `joblib.parallel_config`, or of `use_backend`. A run whose worker is lost is trained
again.
"""

import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dropviz.errors import DependencyError, DropvizError, OutputError, UsageError, reason
from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment
from dropviz.recording import Recording
from dropviz.training.one_run import memory_error, train_one
from dropviz.training.spawning import end_with_parent, interrupts_ignored

ATTEMPTS = 3  # without a finished run in between
LATE = 60.0  # seconds after which a shared disk shows a new file


@dataclass(frozen=True)
class Task:
    """Arguments of `train_one`, for one run."""

    experiment: Experiment
    arm: Arm
    seed: int
    path: Path | None
    device: str
    data_dir: Path | None


@dataclass(frozen=True)
class Finished:
    """A finished run: the number of its task, its recording if it has no file, and the seconds that it took."""

    number: int
    recording: Recording | None
    seconds: float


def train_with_joblib(tasks: Sequence[Task], jobs: int | None) -> Iterator[Finished]:
    """Train runs with the present backend of joblib, `jobs` at a time, and yield each when it is finished.

    Workers need this package, and the folder of the recordings under the same path. With None as `jobs`, the backend
    decides. Raises what a run raises, and DropvizError if workers are lost again and again.
    """
    left, failures, start = dict(enumerate(tasks)), 0, time.monotonic()
    old = {task.path for task in tasks if task.path is not None and os.path.exists(task.path)}  # to be trained again
    while left:
        try:
            for finished in _train_all(list(left.items()), jobs):
                task = left.pop(finished.number)
                _check_visible(task.path)
                failures = 0
                yield finished
        except DropvizError:
            raise
        except Exception as error:  # each backend has its own errors for a lost worker
            failures += 1
            if failures == ATTEMPTS:
                raise DropvizError(
                    f"training failed {ATTEMPTS} times: {type(error).__name__}, {reason(error)}"
                ) from error
        for number, task in list(left.items()):  # lost after it was saved
            if task.path is not None and task.path not in old and os.path.exists(task.path):
                del left[number]
                yield Finished(number, None, time.monotonic() - start)


def _train_all(tasks: list[tuple[int, Task]], jobs: int | None) -> Iterator[Finished]:
    from joblib import Parallel, delayed, effective_n_jobs

    work = [delayed(_train)(number, task) for number, task in tasks]
    # With a folder given, joblib creates none until it has a large array to store, and a task has none.
    setting: dict[str, Any] = {"n_jobs": jobs, "batch_size": 1, "temp_folder": tempfile.gettempdir()}
    try:
        parallel = Parallel(return_as="generator_unordered", **setting)
    except ValueError:  # a backend such as Ray's, which returns all results at once
        size = 4 * effective_n_jobs(jobs)
        for start in range(0, len(work), size):
            yield from Parallel(**setting)(work[start : start + size])
    else:
        with interrupts_ignored():  # by the workers that this starts
            results = parallel(work)
        yield from results


def _train(number: int, task: Task) -> Finished:
    end_with_parent()
    start = time.monotonic()
    try:
        recording = train_one(task.experiment, task.arm, task.seed, task.path, task.device, task.data_dir)
    except (MemoryError, RuntimeError) as error:
        raise memory_error(error) from None
    except OSError as error:  # not a lost worker
        raise DropvizError(f"training failed: {reason(error)}") from None
    return Finished(number, recording, time.monotonic() - start)


def _check_visible(path: Path | None) -> None:
    """Wait for a file that another machine wrote, which a shared disk may show late. Raises OutputError without it."""
    end = time.monotonic() + LATE
    while path is not None and not path.exists() and path not in path.parent.glob("*"):  # exists() may be cached
        if time.monotonic() < end:
            time.sleep(1)
            continue
        raise OutputError(f"a worker wrote {path}, which is not here: give a folder that all machines share")


@contextmanager
def use_backend(backend: str | None, scheduler: str | None = None) -> Iterator[None]:
    """Use a backend of joblib while the block runs; with None, that of the user's own `joblib.parallel_config`.

    backend    "loky" for processes of this machine, "dask", "ray", or another that is registered with joblib
    scheduler  address of the cluster, for "dask" and "ray"; without one, they start workers on this machine

    Raises UsageError for an unknown backend, DependencyError if its package is missing, DropvizError if the cluster
    cannot be reached.
    """
    from joblib import parallel_config

    if scheduler and backend not in ("dask", "ray"):
        raise UsageError(f"scheduler {scheduler!r} needs backend 'dask' or 'ray'")
    if backend is None:
        yield
        return
    with _connected(backend, scheduler):
        # A worker that has no run yet would wait for one for five minutes after the end of this process.
        own = {"initializer": end_with_parent, "initargs": (os.getpid(),)} if backend == "loky" else {}
        try:
            config = parallel_config(backend=backend, n_jobs=-1, **own)
        except ValueError as error:
            raise UsageError(f"unknown backend {backend!r}: {reason(error)}") from None
        with config:
            yield


@contextmanager
def _connected(backend: str, scheduler: str | None) -> Iterator[None]:
    connect: Any = {"dask": _dask, "ray": _ray}.get(backend)
    if connect is None:
        yield
        return
    try:
        close = connect(scheduler)
    except ImportError:
        raise DependencyError(f"backend {backend!r} is not installed: pip install 'dropviz[{backend}]'") from None
    except (OSError, ValueError, RuntimeError) as error:
        raise DropvizError(f"no cluster of {backend} at {scheduler or 'this machine'}: {reason(error)}") from None
    try:
        yield
    finally:
        close()


def _dask(scheduler: str | None) -> Any:
    from distributed import Client

    # Threads of one process would take turns.
    return (Client(scheduler) if scheduler else Client(threads_per_worker=1)).close


def _ray(scheduler: str | None) -> Any:
    import ray
    from ray.util.joblib import register_ray

    register_ray()
    if ray.is_initialized():  # by the user, who ends it
        return lambda: None
    ray.init(address=scheduler, log_to_driver=False)
    return ray.shutdown
