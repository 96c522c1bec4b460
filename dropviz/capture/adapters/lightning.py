"""Callback for Lightning's Trainer."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dropviz.capture.adapters.recorded_run import RecordedRun
from dropviz.errors import DependencyError
from dropviz.recording import Recording

if TYPE_CHECKING:
    from lightning.pytorch import Callback, LightningModule, Trainer
else:
    # Both packages exist, and a Trainer takes the callbacks of its own.
    try:
        if "pytorch_lightning" in sys.modules and "lightning" not in sys.modules:
            from pytorch_lightning import Callback
        else:
            from lightning.pytorch import Callback
    except ImportError:
        try:
            from pytorch_lightning import Callback
        except ImportError:
            raise DependencyError("lightning is not installed: pip install 'dropviz[lightning]'") from None


class RecorderCallback(Callback):
    """Callback of Lightning's Trainer that records the masks and the logged metrics of a run.

    An iteration is a step of the optimizer, whatever number of batches it accumulates. Metrics are those of `self.log`:
    of training at every `log_every_n_steps`, of validation and of epochs at their end. The file is written when
    training ends or fails.

    path        file to save the recording in; None to save none
    arm         name of the arm
    seed        seed of the run
    examples    number of tracked examples, 1 or more
    iterations  number of iterations whose masks are kept, 0 or more

    Raises RecordingError, when training starts, if the masks of the model cannot be recorded.
    """

    def __init__(
        self,
        path: str | Path | None = None,
        *,
        arm: str = "run",
        seed: int = 0,
        examples: int = 4,
        iterations: int = 300,
    ) -> None:
        self._run = RecordedRun(path, arm, seed, examples, iterations)
        self._steps = 0
        self._hooks: dict[str, str] = {}

    @property
    def recording(self) -> Recording | None:
        """The recording, after training; None before, and on all processes but the first."""
        return self._run.recording

    def on_train_start(self, trainer: "Trainer", pl_module: "LightningModule") -> None:
        """Begin to record, on the first process."""
        self._steps, self._hooks = trainer.global_step, {}
        if trainer.is_global_zero:
            self._run.begin(pl_module)

    def on_train_batch_end(self, trainer: "Trainer", pl_module: "LightningModule", *_batch: Any) -> None:  # noqa: ARG002  # Lightning's signature
        """End an iteration, if the optimizer has made a step."""
        if trainer.global_step == self._steps:
            return
        self._steps = trainer.global_step
        self._run.step()
        metrics = self._metrics_of("batch", trainer)
        if self._steps % max(trainer.log_every_n_steps, 1) == 0:
            self._run.snapshot(metrics)

    def on_validation_end(self, trainer: "Trainer", pl_module: "LightningModule") -> None:  # noqa: ARG002  # Lightning's signature
        """Record the metrics of validation."""
        if not trainer.sanity_checking:
            self._run.snapshot(self._metrics_of("validation", trainer))

    def on_train_epoch_end(self, trainer: "Trainer", pl_module: "LightningModule") -> None:  # noqa: ARG002  # Lightning's signature
        """Record the metrics of the epoch."""
        self._run.snapshot(self._metrics_of("epoch", trainer))

    def on_train_end(self, trainer: "Trainer", pl_module: "LightningModule") -> None:  # noqa: ARG002  # Lightning's signature
        """Save the recording."""
        self._run.end()

    def on_exception(self, trainer: "Trainer", pl_module: "LightningModule", exception: BaseException) -> None:  # noqa: ARG002  # Lightning's signature
        """Save what was recorded up to here."""
        self._run.end()

    def _metrics_of(self, hook: str, trainer: "Trainer") -> Mapping[str, float]:
        """Return the metrics that were measured for this hook: the one at which they appeared first.

        Of `loss`, `loss_step` and `loss_epoch`, the first repeats the others.
        """
        there = trainer.callback_metrics
        names = [name for name in there if not {f"{name}_step", f"{name}_epoch"} & set(there)]
        for name in names:
            self._hooks.setdefault(name, hook)
        return {name: float(there[name]) for name in names if self._hooks[name] == hook}
