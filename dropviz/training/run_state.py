"""A run in training: its parts, what it has measured, and how it goes on from a checkpoint."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from zlib import crc32

from torch import nn

from dropviz.capture.recorder import Recorder
from dropviz.experiments.experiment import Experiment
from dropviz.recording import Recording
from dropviz.recording.snapshots import SnapshotLog
from dropviz.training.checkpoint import Checkpoint, Saved
from dropviz.training.data import DataSet, Split
from dropviz.training.optimizers import Optimizer
from dropviz.training.probes import Probes


@dataclass(eq=False)
class TrainingRun:
    """A run in training; with `saved`, it goes on from there."""

    experiment: Experiment
    model: nn.Sequential
    parts: Split
    dataset: DataSet
    seed: int
    recorder: Recorder
    probes: Probes
    checkpoint: Checkpoint
    saved: Saved | None
    snapshots: SnapshotLog = field(default_factory=SnapshotLog)
    recorded: Recording | None = None

    def restore(self, optimizer: Optimizer) -> int:
        """Go on from the checkpoint; return the number of finished iterations."""
        if self.saved is None:
            return 0
        self.recorded, self.snapshots = self.saved.recording, SnapshotLog.of(self.saved.recording.snapshots)
        self.probes.go_on(self.recorded.probes, self.saved.calls)
        self.saved.restore(self.model, optimizer, self.parts.train_labels.device)
        return self.saved.iteration

    def recording(self, finish: Callable[[], Recording]) -> Recording:
        """Return the recording up to now; `finish` makes that of the recorder, which has ended."""
        self.recorded = self.recorded or finish()
        return replace(self.recorded, snapshots=self.snapshots.arrays(), probes=self.probes.arrays())

    def save_if_due(self, iteration: int, optimizer: Optimizer, finish: Callable[[], Recording]) -> None:
        """Write a checkpoint, if it is time for one and the recorder has ended. Probes count between snapshots."""
        between = self.experiment.probes and iteration % self.experiment.snapshot_every
        if self.checkpoint.is_due and not self.recorder.is_recording and not between:
            device = self.parts.train_labels.device
            state = {"iteration": iteration, "calls": self.probes.calls, "labels": checksum(self.parts)}
            self.checkpoint.save(state, self.recording(finish), self.model, optimizer, device)


def checksum(parts: Split) -> int:
    """Return a checksum of the training labels: a folder of data may have changed since a checkpoint."""
    return crc32(parts.train_labels.cpu().numpy().tobytes())
