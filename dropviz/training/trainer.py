"""Training of one run: one arm of an experiment with one seed.

Arms share the initial weights, the data and the order of minibatches of a seed, so that only the noise differs.
"""

import platform
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from dropviz._util.progress import ProgressCallback
from dropviz._version import __version__
from dropviz.capture.recorder import Recorder
from dropviz.capture.rng import preserve_rng_state, stream_seed
from dropviz.errors import UnseenNoiseWarning, UsageError
from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment
from dropviz.recording import Recording
from dropviz.training.chain import network_layers
from dropviz.training.checkpoint import Checkpoint
from dropviz.training.data import DataSet, Split, Splits
from dropviz.training.events import SnapshotCallback, SnapshotEvent
from dropviz.training.loop import TrainingLoop
from dropviz.training.mistakes import find_mistake
from dropviz.training.model import build_mlp
from dropviz.training.probes import Probes, Subject
from dropviz.training.run_state import TrainingRun, checksum
from dropviz.training.workload import iterations_of

# Independent random streams of a seed, beside that of the order of minibatches. Arms share all of them, and draw
# different numbers of masks from the last.
WEIGHTS, NOISE = 1, 3


def pick_device(name: str) -> torch.device:
    """Return the device called `name`; "auto" is a GPU if torch sees one. Raises UsageError if it cannot be used."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError):
        raise UsageError(
            f"device {name!r} cannot be used here: must be 'auto', 'cpu', or a GPU that torch sees, like 'cuda'"
        ) from None
    return device


def train_run(
    experiment: Experiment,
    arm: Arm,
    seed: int,
    dataset: DataSet,
    device: torch.device,
    on_iterations: ProgressCallback = lambda _count, _total: None,
    on_snapshot: SnapshotCallback = lambda _event: None,
    checkpoint: Checkpoint | None = None,
) -> Recording:
    """Train one arm with one seed, and return its recording. The same arguments give the same recording.

    A run that was interrupted goes on from its checkpoint, and has the recording that it would have had.

    on_iterations  callback with the number of iterations just finished, and the number in the run
    on_snapshot    callback with each snapshot
    """
    with training_conditions(device):
        loop = start_loop(experiment, arm, seed, Splits(dataset, device), on_iterations, on_snapshot, checkpoint)
        while loop.done < loop.last:
            loop.iterate()
        return loop.recording()


def start_loop(
    experiment: Experiment,
    arm: Arm,
    seed: int,
    splits: Splits,
    on_iterations: ProgressCallback,
    on_snapshot: SnapshotCallback,
    checkpoint: Checkpoint | None,
) -> TrainingLoop:
    """Return the loop of a run before its first iteration, or after those of its checkpoint.

    Weights and noise are drawn from torch's default generators, as torch.nn.Dropout does: call it, and the methods of
    the loop, within `training_conditions`.
    """
    own, dataset, device = experiment.of(arm), splits.dataset, splits.device
    parts = splits.of(own, seed)
    own.check_batch(len(parts.train_labels))

    def on_metrics(iteration: int, iterations: int, metrics: Mapping[str, float]) -> None:
        on_snapshot(SnapshotEvent(arm, seed, iteration, iterations, metrics))

    torch.manual_seed(stream_seed(seed, WEIGHTS))
    pixels = parts.train_images.shape[1]
    outputs = pixels if own.is_autoencoder else len(dataset.class_names)
    model = build_mlp(pixels, outputs, own).to(device)
    layers = network_layers(model)  # before a schedule changes drop probabilities
    torch.manual_seed(stream_seed(seed, NOISE))
    examples = min(own.tracked_examples, own.batch_size)
    if checkpoint is None or not find_mistake(own.arms[0].mistake).can_be_resumed:
        checkpoint = Checkpoint(None)
    provenance = _provenance(device, seed)
    about = (experiment, arm.name, seed, provenance, checksum(parts))
    last = iterations_of(own, len(parts.train_labels))
    saved = checkpoint.load(lambda run: about == (*_identity(run.recording), run.labels) and 0 < run.iteration <= last)
    recorder = Recorder(model, examples=examples, iterations=0 if saved else own.recorded_iterations)
    run = TrainingRun(
        own, model, parts, dataset, seed, recorder, Probes(Subject(own, seed, model, parts)), checkpoint, saved
    )

    def finish() -> Recording:
        recording = recorder.recording(
            arm.name,
            seed,
            experiment,
            dataset.white,
            dataset.class_names,
            provenance,
            complete=partial(_complete_examples, parts=parts, dataset=dataset),
        )
        return recording if recording.layers else replace(recording, layers=layers)

    return TrainingLoop(run, finish, on_iterations, on_metrics)


@contextmanager
def training_conditions(device: torch.device) -> Iterator[None]:
    """Train on one core, and restore the random generators of the caller."""
    with _one_thread(), preserve_rng_state(device), warnings.catch_warnings():
        warnings.simplefilter("ignore", UnseenNoiseWarning)  # a mistake of an arm, which the recording names
        yield


def _identity(run: Recording) -> tuple[Any, ...]:
    return run.experiment, run.arm, run.seed, run.provenance


def _provenance(device: torch.device, seed: int) -> dict[str, str | int]:
    return {
        "dropviz": __version__,
        "torch": str(torch.__version__),  # a plain str, which can be unpickled without torch
        "numpy": np.__version__,
        "python": platform.python_version(),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        "noise_seed": stream_seed(seed, NOISE),
    }


@contextmanager
def _one_thread() -> Iterator[None]:
    """Use one core: sums over more threads are rounded differently, and networks this small gain little."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _complete_examples(
    tracked: dict[str, NDArray[np.generic]], parts: Split, dataset: DataSet
) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of `Examples` for rows int [T, examples] and logits float [T, examples, classes]."""
    rows = torch.from_numpy(tracked["row"])
    index = parts.train_index[tracked["row"]]
    return {
        "index": index,
        "label": parts.train_labels.cpu()[rows].numpy(),
        "prediction": torch.from_numpy(tracked["logits"]).softmax(dim=-1).numpy(),
        "image": dataset.train_images[index],
    }
