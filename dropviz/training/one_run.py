"""Training of one run, into a file or in memory: the function that every process calls, on any machine."""

import os
import threading
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from dropviz._util.progress import ProgressCallback
from dropviz.capture.torch_import import check_torch
from dropviz.errors import DropvizError, reason
from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment
from dropviz.recording import Recording
from dropviz.training.events import SnapshotCallback

if TYPE_CHECKING:
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
