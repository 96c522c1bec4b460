"""Training of one run: one arm of an experiment with one seed.

Arms share the initial weights, the data and the order of minibatches of a seed, so that only the noise differs.
"""

import platform
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import count, islice
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

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
from dropviz.training.data import DataSet, Split, split
from dropviz.training.evaluation import evaluate_parts
from dropviz.training.events import SnapshotCallback, SnapshotEvent
from dropviz.training.gradients import make_gradients
from dropviz.training.mistakes import Mistake, find_mistake
from dropviz.training.model import build_mlp
from dropviz.training.optimizers import make_optimizer
from dropviz.training.probes import Probes, Subject
from dropviz.training.regularizers import make_regularizers
from dropviz.training.run_state import TrainingRun, checksum
from dropviz.training.schedules import make_scheduler
from dropviz.training.workload import iterations_of

# Independent random streams of a seed. Arms share all of them, and draw different numbers of masks from the last.
WEIGHTS, ORDER, NOISE = 1, 2, 3

MetricsCallback = Callable[[int, int, Mapping[str, float]], None]  # iteration, iterations, metrics


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
    own = experiment.of(arm)
    parts = split(dataset, own.train_size, own.label_noise, seed, own.validation_size).to(device)
    own.check_batch(len(parts.train_labels))

    def on_metrics(iteration: int, iterations: int, metrics: Mapping[str, float]) -> None:
        on_snapshot(SnapshotEvent(arm, seed, iteration, iterations, metrics))

    # Noise is drawn from torch's default generator, as torch.nn.Dropout does.
    with _one_thread(), preserve_rng_state(device), warnings.catch_warnings():
        warnings.simplefilter("ignore", UnseenNoiseWarning)  # a mistake of an arm, which the recording names
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
        saved = checkpoint.load(
            lambda run: about == (*_identity(run.recording), run.labels) and 0 < run.iteration <= last
        )
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

        _train(run, finish, on_iterations, on_metrics)
    return run.recording(finish)


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


def _train(
    run: TrainingRun, finish: Callable[[], Recording], on_iterations: ProgressCallback, on_metrics: MetricsCallback
) -> None:
    experiment, parts, recorder, probes = run.experiment, run.parts, run.recorder, run.probes
    mistake = find_mistake(experiment.arms[0].mistake)
    evaluated = mistake.evaluated(parts, run.dataset.white)
    last = iterations_of(experiment, len(parts.train_labels))
    update = _Update(experiment, run.model, parts, mistake, last)
    done = run.restore(update.optimizer)
    for iteration, metrics in run.snapshots.rows():
        on_metrics(iteration, last, metrics)
    if done:
        on_iterations(done, last)
    batches = minibatches(experiment, len(parts.train_labels), run.seed, parts.train_labels.device)
    is_true = parts.train_labels.cpu() == torch.from_numpy(run.dataset.train_labels[parts.train_index])
    follower = _Follower(recorder, min(experiment.tracked_examples, experiment.batch_size), is_true)
    for iteration, rows in enumerate(islice(batches, done, last), start=done + 1):
        tracked = follower.track(rows)
        logits = update(iteration, rows)
        if recorder.step(partial(_tracked, rows, logits, tracked)):
            probes.step(rows, tracked)
        if iteration % experiment.snapshot_every == 0 or iteration == last:
            metrics = evaluate_parts(run.model, evaluated, experiment, is_watched=probes.watch_evaluation)
            run.snapshots.add(iteration, metrics)
            probes.snapshot(iteration)
            on_metrics(iteration, last, metrics)
        on_iterations(1, last)
        run.save_if_due(iteration, update.optimizer, finish)
    probes.end()


class _Follower:
    """Choice of the tracked rows: one image in each minibatch that holds it, and the first rows.

    The image is the first one of the first minibatch whose label was not redrawn. No random number is drawn, and the
    minibatch is not changed.

    is_true  bool [rows of the training set], labels that were not redrawn, or came out the same
    """

    def __init__(self, recorder: Recorder, examples: int, is_true: Tensor) -> None:
        self._recorder, self._examples, self._is_true = recorder, examples, is_true
        self._image: Tensor | None = None

    def track(self, rows: Tensor) -> Tensor:
        """Return the rows of the minibatch to track, int [examples], after telling the recorder."""
        first = torch.arange(min(self._examples, len(rows)), device=rows.device)
        if not self._recorder.is_recording:
            return first
        if self._image is None:
            self._image = rows[int(self._is_true[rows.cpu()].int().argmax())]
        places = (rows == self._image).nonzero()[:, 0]
        if not len(places) or len(first) < self._examples:
            return first
        tracked = torch.cat([places, first[first != places]])[: self._examples]
        self._recorder.track(tracked)
        return tracked


class _Update:
    """Update of a model on one minibatch: noise schedule, pass, loss with penalties, optimiser step, weight limits."""

    def __init__(
        self, experiment: Experiment, model: nn.Sequential, parts: Split, mistake: Mistake, iterations: int
    ) -> None:
        self._images = parts.train_images
        self._targets = parts.train_images if experiment.is_autoencoder else parts.train_labels
        self._regularizers = make_regularizers(experiment, model)
        self._gradients = make_gradients(experiment, model, mistake, self._regularizers)
        self.optimizer = make_optimizer(experiment, model)
        self._set_noise = make_scheduler(experiment.arms[0], model, iterations)

    def __call__(self, iteration: int, rows: Tensor) -> Tensor:
        """Update the model on these rows of the training set; return the outputs of the pass, [rows, outputs]."""
        if self._set_noise is not None:
            self._set_noise(iteration)
        # index_select reads scattered rows faster than [rows]
        logits = self._gradients(self._images.index_select(0, rows), self._targets.index_select(0, rows))
        self.optimizer.step()
        for regularizer in self._regularizers:
            regularizer.limit()
        return logits


def minibatches(experiment: Experiment, rows: int, seed: int, device: torch.device) -> Iterator[Tensor]:
    """Yield the rows of each minibatch, int [examples], of one epoch after another without end.

    Each epoch has an order of its own, drawn on the CPU, so that it is the same on every device.
    """
    generator = torch.Generator().manual_seed(stream_seed(seed, ORDER))
    for _epoch in count():
        yield from torch.randperm(rows, generator=generator).to(device).split(experiment.batch_size)


def _tracked(rows: Tensor, logits: Tensor, tracked: Tensor, examples: int) -> dict[str, Tensor]:
    places = tracked[:examples]
    return {"row": rows[places], "logits": logits.detach()[places]}


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
