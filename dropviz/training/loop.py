"""Training loop of one run, iteration by iteration."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import count, islice

import torch
from torch import Tensor, nn

from dropviz._util.progress import ProgressCallback
from dropviz.capture.recorder import Recorder
from dropviz.capture.rng import stream_seed
from dropviz.experiments.experiment import Experiment
from dropviz.recording import Recording
from dropviz.training.evaluation import evaluate_parts
from dropviz.training.gradients import Gradients, make_gradients
from dropviz.training.mistakes import find_mistake
from dropviz.training.optimizers import make_optimizer
from dropviz.training.regularizers import Regularizer, make_regularizers
from dropviz.training.run_state import TrainingRun
from dropviz.training.schedules import make_scheduler
from dropviz.training.workload import iterations_of

ORDER = 2  # random stream of the order of minibatches

MetricsCallback = Callable[[int, int, Mapping[str, float]], None]  # iteration, iterations, metrics


class TrainingLoop:
    """Training loop of one run, which goes on from its checkpoint if it has one.

    run            the run
    finish         function that makes the recording when the recorder has ended
    on_iterations  callback with the number of iterations just finished, and the number in the run
    on_metrics     callback with the metrics of each snapshot, those of the checkpoint first
    """

    def __init__(
        self,
        run: TrainingRun,
        finish: Callable[[], Recording],
        on_iterations: ProgressCallback,
        on_metrics: MetricsCallback,
    ) -> None:
        self.run, self._finish, self._on_iterations, self._on_metrics = run, finish, on_iterations, on_metrics
        experiment, parts = run.experiment, run.parts
        mistake = find_mistake(experiment.arms[0].mistake)
        self._evaluated = mistake.evaluated(parts, run.dataset.white)
        self.last = iterations_of(experiment, len(parts.train_labels))
        self._images = parts.train_images
        self._targets = parts.train_images if experiment.is_autoencoder else parts.train_labels
        self._scheduler = make_scheduler(experiment.arms[0], run.model, self.last)
        self.update = Update(experiment, run.model, partial(make_gradients, experiment, run.model, mistake))
        self.done = run.restore(self.update.optimizer)
        for iteration, metrics in run.snapshots.rows():
            on_metrics(iteration, self.last, metrics)
        if self.done:
            on_iterations(self.done, self.last)
        device = parts.train_labels.device
        self.minibatches = islice(minibatches(experiment, len(parts.train_labels), run.seed, device), self.done, None)
        is_true = parts.train_labels.cpu() == torch.from_numpy(run.dataset.train_labels[parts.train_index])
        self._follower = _Follower(run.recorder, min(experiment.tracked_examples, experiment.batch_size), is_true)

    def iterate(self) -> None:
        """Do the next iteration."""
        run, rows = self.run, next(self.minibatches)
        tracked = self._follower.track(rows)
        self.set_noise()
        # index_select reads scattered rows faster than [rows]
        logits = self.update(self._images.index_select(0, rows), self._targets.index_select(0, rows))
        if run.recorder.step(partial(_tracked, rows, logits, tracked)):
            run.probes.step(rows, tracked)
        self.count()
        self.save_if_due()

    def set_noise(self) -> None:
        """Set the noise of the next iteration, if the arm has a schedule."""
        if self._scheduler is not None:
            self._scheduler(self.done + 1)

    def count(self) -> None:
        """Count an iteration whose update is done, and take a snapshot if it is time for one."""
        self.done += 1
        if self.done % self.run.experiment.snapshot_every == 0 or self.done == self.last:
            run = self.run
            metrics = evaluate_parts(run.model, self._evaluated, run.experiment, is_watched=run.probes.watch_evaluation)
            run.snapshots.add(self.done, metrics)
            run.probes.snapshot(self.done)
            self._on_metrics(self.done, self.last, metrics)
        self._on_iterations(1, self.last)

    def save_if_due(self) -> None:
        """Write a checkpoint, if it is time for one."""
        self.run.save_if_due(self.done, self.update.optimizer, self._finish)

    def recording(self) -> Recording:
        """Return the recording of the run, after its last iteration."""
        self.run.probes.end()
        return self.run.recording(self._finish)


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


class Update:
    """Update of a model on one minibatch: pass, loss with penalties, optimiser step, weight limits.

    make  function from the regularisers to the function that fills the gradients
    """

    def __init__(
        self, experiment: Experiment, model: nn.Sequential, make: Callable[[Sequence[Regularizer]], Gradients]
    ) -> None:
        self._regularizers = make_regularizers(experiment, model)
        self.gradients = make(self._regularizers)
        self.optimizer = make_optimizer(experiment, model)

    def __call__(self, images: Tensor, targets: Tensor) -> Tensor:
        """Update the model; return the outputs of the pass, [examples, outputs]."""
        logits = self.gradients(images, targets)
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
