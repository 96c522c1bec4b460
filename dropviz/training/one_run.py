"""Training of one run, or of a batch, into files or in memory: the functions that every process calls."""

import os
import threading
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from dropviz._util.progress import ProgressCallback
from dropviz.capture.torch_import import check_torch
from dropviz.errors import DropvizError, reason
from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment
from dropviz.recording import Recording
from dropviz.training.events import Run, SnapshotCallback
from dropviz.training.workload import run_iterations

if TYPE_CHECKING:
    from dropviz.training.checkpoint import Checkpoint
    from dropviz.training.data import DataSet

# Runs draw from torch's default generator: threads of one process, as a worker of Dask may have, take turns.
_TURN = threading.Lock()


def train_one(
    experiment: Experiment,
    arm: Arm,
    seed: int,
    path: Path | None = None,
    device: str = "auto",
    data_dir: Path | None = None,
    on_iterations: ProgressCallback = lambda _count, _total: None,
    on_snapshot: SnapshotCallback = lambda _event: None,
) -> Recording | None:
    """Train one run and save its recording to `path`; without a path, return the recording.

    A run that was interrupted goes on from the checkpoint beside `path`.

    The same arguments give the same recording, in any process of any machine with the same versions of
    dropviz, Python, NumPy and torch, on the same kind of processor.
    """
    check_torch()
    from dropviz.training.checkpoint import Checkpoint
    from dropviz.training.trainer import pick_device, train_run

    chosen = pick_device(device)
    with _TURN:
        dataset = _load_data(experiment.data, data_dir, os.environ.get("DROPVIZ_DATA"))
        checkpoint = Checkpoint(path)
        recording = train_run(experiment, arm, seed, dataset, chosen, on_iterations, on_snapshot, checkpoint)
    return _save(recording, path, checkpoint)


def trains_in_batches(experiment: Experiment, device: str) -> bool:
    """Return whether runs are trained as one batch on a device of this name, which is then a CUDA device.

    Recorded iterations are done run by run. If they are more than half of a run, several processes are faster.
    """
    check_torch()
    if 2 * experiment.recorded_iterations > min(run_iterations(experiment, arm) for arm in experiment.arms):
        return False
    import torch

    return device.startswith("cuda") or (device == "auto" and torch.cuda.is_available())


def train_batch(
    experiment: Experiment,
    runs: Mapping[Run, Path | None],
    device: str,
    data_dir: Path | None,
    on_iterations: Mapping[Run, ProgressCallback],
    on_snapshot: SnapshotCallback,
) -> Iterator[tuple[Run, Recording | None]]:
    """Train runs of an experiment at the same time; save each, or yield its recording, as `train_one` does.

    The random numbers of a run are those that it draws alone, and so are its masks. Its sums are those of a batch, and
    differ from those of a run alone by rounding.

    on_iterations  callback of each run, as in `train_one`
    """
    check_torch()
    from dropviz.training.batch import RandomStream, runs_at_once, train_together
    from dropviz.training.checkpoint import Checkpoint
    from dropviz.training.data import Splits
    from dropviz.training.trainer import pick_device, start_loop, training_conditions

    chosen = pick_device(device)
    with _TURN:
        dataset = _load_data(experiment.data, data_dir, os.environ.get("DROPVIZ_DATA"))
        waiting = iter(runs.items())
        while some := [*islice(waiting, runs_at_once(dataset, chosen))]:
            checkpoints = [Checkpoint(path, len(some)) for _run, path in some]
            splits, members = Splits(dataset, chosen), []
            with training_conditions(chosen):
                for (run, _path), checkpoint in zip(some, checkpoints, strict=True):
                    stream = RandomStream(chosen)
                    with stream:
                        loop = start_loop(experiment, *run, splits, on_iterations[run], on_snapshot, checkpoint)
                    members.append((loop, stream))
                for place, recording in train_together(members):
                    run, path = some[place]
                    yield run, _save(recording, path, checkpoints[place])


def _save(recording: Recording, path: Path | None, checkpoint: "Checkpoint") -> Recording | None:
    """Save a recording and remove its checkpoint; without a path, return it."""
    if path is None:
        return recording
    recording.save(path)
    checkpoint.remove()
    return None


@lru_cache(maxsize=1)
def _load_data(name: str, data_dir: Path | None, _variable: str | None) -> "DataSet":
    """Load a data set, the last one only once. DROPVIZ_DATA, which decides its folder, is a part of the key."""
    from dropviz.training.data import load_data

    return load_data(name, data_dir)


def memory_error(error: BaseException) -> DropvizError:
    """Return the error for what torch raises when memory runs out: a RuntimeError, on a GPU or not."""
    return DropvizError(f"training failed: {reason(error)}; a smaller network or batch may fit")
