"""Train the arms of an experiment, seed by seed, so that only the noise differs between them."""

import platform
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from dropviz._version import __version__
from dropviz.capture.recorder import Recorder
from dropviz.capture.rng import left_as_they_were, stream_seed
from dropviz.errors import UsageError
from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment
from dropviz.recording import Recording
from dropviz.training.data import DataSet, Split, split
from dropviz.training.losses import LOSS_FUNCTIONS, Loss, cross_entropy, mean_loss
from dropviz.training.mistakes import find_mistake
from dropviz.training.model import build_mlp
from dropviz.training.probes import Probes, Subject
from dropviz.training.regularizers import make_regularizers
from dropviz.training.schedules import make_scheduler

# Rows evaluated at once: activations of 256 units then stay in the processor's cache.
CHUNK = 1_024

# Each seed feeds independent streams, so that arms share all of them while drawing different numbers of masks.
WEIGHTS, ORDER, NOISE = 1, 2, 3

ProgressCallback = Callable[[int, int], None]


@dataclass(frozen=True)
class SnapshotEvent:
    """A snapshot just taken: of which run, at which of how many iterations, and the figures measured."""

    arm: Arm
    seed: int
    iteration: int
    iterations: int
    metrics: Mapping[str, float]


SnapshotCallback = Callable[[SnapshotEvent], None]


def pick_device(name: str) -> torch.device:
    """The device called `name`; "auto" is a GPU when there is one. UsageError if it cannot be used here."""
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


def iterations_of(experiment: Experiment, rows: int) -> int:
    """How many iterations one run takes on `rows` training examples. The last minibatch of an epoch may be smaller."""
    return experiment.epochs * -(-rows // experiment.batch_size)


def train_run(
    experiment: Experiment,
    arm: Arm,
    seed: int,
    dataset: DataSet,
    device: torch.device,
    callback: ProgressCallback = lambda _done, _total: None,
    on_snapshot: SnapshotCallback = lambda _news: None,
) -> Recording:
    """Train one arm with one seed. The same arguments give the same recording.

    `tick` is told of iterations done, and of how many there are; `watch`, of each snapshot.
    """
    own = experiment.of(arm)
    parts = split(dataset, own.train_size, own.label_noise, seed, own.validation_size).to(device)
    own.check_batch(len(parts.train_labels))
    # The noise draws from torch's default generator, as torch.nn.Dropout does; the caller's is left as it was.
    with _one_thread(), left_as_they_were(device):
        torch.manual_seed(stream_seed(seed, WEIGHTS))
        model = build_mlp(parts.train_images.shape[1], len(dataset.class_names), own).to(device)
        torch.manual_seed(stream_seed(seed, NOISE))
        recorder = Recorder(
            model, examples=min(own.tracked_examples, own.batch_size), iterations=own.recorded_iterations
        )
        probes = Probes(Subject(own, seed, model, parts))

        def tell(iteration: int, iterations: int, metrics: Mapping[str, float]) -> None:
            on_snapshot(SnapshotEvent(arm, seed, iteration, iterations, metrics))

        _train(own, model, parts, dataset.white, seed, recorder, probes, callback, tell)
    provenance: dict[str, str | int] = {
        "dropviz": __version__,
        "torch": torch.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        "noise_seed": stream_seed(seed, NOISE),
    }
    complete = partial(_complete, parts=parts, dataset=dataset)
    return recorder.recording(
        arm.name,
        seed,
        experiment,
        dataset.white,
        dataset.class_names,
        provenance,
        probes=probes.arrays(),
        complete=complete,
    )


@contextmanager
def _one_thread() -> Iterator[None]:
    """Use one core for a run: sums over more threads are rounded differently, and networks this small gain little."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _train(
    experiment: Experiment,
    model: nn.Module,
    parts: Split,
    white: int,
    seed: int,
    recorder: Recorder,
    probes: Probes,
    callback: ProgressCallback,
    tell: Callable[[int, int, Mapping[str, float]], None],
) -> None:
    mistake = find_mistake(experiment.arms[0].mistake)
    optimizer, loss_of = _make_optimizer(experiment, model), mistake.loss(mean_loss(experiment.loss))
    evaluated = mistake.evaluated(parts, white)
    regularizers = make_regularizers(experiment, model)
    last = iterations_of(experiment, len(parts.train_labels))
    set_noise = make_scheduler(experiment.arms[0], model, last)
    batches = minibatches(experiment, len(parts.train_labels), seed, parts.train_labels.device)
    for iteration, rows in enumerate(batches, start=1):
        if set_noise is not None:
            set_noise(iteration)
        logits = model(parts.train_images.index_select(0, rows))  # reads scattered rows faster than [rows]
        loss = loss_of(logits, parts.train_labels.index_select(0, rows))
        for each in regularizers:
            loss = loss + each.penalty()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        for each in regularizers:
            each.limit()
        if recorder.step(partial(_follow, rows, logits)):
            probes.step(rows)
        if iteration % experiment.snapshot_every == 0 or iteration == last:
            metrics = evaluate_parts(model, evaluated, LOSS_FUNCTIONS[experiment.loss])
            recorder.snapshot(**metrics)
            probes.snapshot(iteration)
            tell(iteration, last, metrics)
        callback(1, last)
        if iteration == last:
            probes.end()
            return


def minibatches(experiment: Experiment, rows: int, seed: int, device: torch.device) -> Iterator[Tensor]:
    """The rows of each minibatch, epoch after epoch without end, each epoch in an order of its own.

    The order is drawn on the CPU, so that it is the same on every device.
    """
    generator = torch.Generator().manual_seed(stream_seed(seed, ORDER))
    for _epoch in count():
        yield from torch.randperm(rows, generator=generator).to(device).split(experiment.batch_size)


def _follow(rows: Tensor, logits: Tensor, examples: int) -> dict[str, Tensor]:
    return {"row": rows[:examples], "logits": logits[:examples].detach().clone()}


def _complete(
    tracked: dict[str, NDArray[np.generic]], parts: Split, dataset: DataSet
) -> dict[str, NDArray[np.generic]]:
    """Of rows int [T, examples] and logits [T, examples, classes] of each minibatch, what `Examples` holds."""
    rows = torch.from_numpy(tracked["row"])
    index = parts.train_index[tracked["row"]]
    return {
        "index": index,
        "label": parts.train_labels.cpu()[rows].numpy(),
        "prediction": torch.from_numpy(tracked["logits"]).softmax(dim=-1).numpy(),
        "image": dataset.train_images[index],
    }


def _make_optimizer(experiment: Experiment, model: nn.Module) -> torch.optim.Optimizer:
    if experiment.optimizer == "adam":
        return torch.optim.Adam(model.parameters(), experiment.learning_rate, weight_decay=experiment.weight_decay)
    return torch.optim.SGD(
        model.parameters(), experiment.learning_rate, momentum=experiment.momentum, weight_decay=experiment.weight_decay
    )


def evaluate_parts(model: nn.Module, parts: Split, loss_of: Loss = cross_entropy) -> dict[str, float]:
    """Accuracy and mean loss on all of each part, dropout off; of the part held out, if there is one."""
    pieces = {
        "train": (parts.train_images, parts.train_labels),
        "test": (parts.test_images, parts.test_labels),
        "validation": (parts.validation_images, parts.validation_labels),
    }
    metrics: dict[str, float] = {}
    for name, (images, labels) in pieces.items():
        if len(labels):
            accuracy, loss = evaluate(model, images, labels, loss_of)
            metrics |= {f"{name}_accuracy": accuracy, f"{name}_loss": loss}
    return metrics


@torch.no_grad()
def evaluate(model: nn.Module, images: Tensor, labels: Tensor, loss_of: Loss = cross_entropy) -> tuple[float, float]:
    """Exact accuracy and mean loss over all rows, in evaluation mode; the mode is put back after."""
    was_training = model.training
    model.eval()
    correct = torch.zeros((), dtype=torch.int64, device=labels.device)
    loss = torch.zeros((), dtype=torch.float64 if labels.device.type != "mps" else torch.float32, device=labels.device)
    for chunk, truth in zip(images.split(CHUNK), labels.split(CHUNK), strict=True):
        logits = model(chunk)
        correct += (logits.argmax(dim=1) == truth).sum()
        loss += loss_of(logits, truth).sum()
    model.train(was_training)
    return int(correct) / len(labels), float(loss) / len(labels)
