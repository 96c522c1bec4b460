"""Callback for the Trainer of Transformers."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import nn

from dropviz.capture.adapters.recorded_run import RecordedRun
from dropviz.errors import DependencyError
from dropviz.recording import Recording

if TYPE_CHECKING:
    from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
else:
    try:
        from transformers import TrainerCallback
    except ImportError:
        raise DependencyError("transformers is not installed: pip install 'dropviz[transformers]'") from None

SUMMARY = "train_runtime"  # logged after training, with means over the run


class RecorderCallback(TrainerCallback):
    """Callback of Transformers' Trainer that records the masks and the logged metrics of a run.

    An iteration is a step of the optimizer, whatever number of batches it accumulates. `loss` is recorded as
    `train_loss`, `eval_accuracy` as `validation_accuracy`. The file is written when training ends.

    path        file to save the recording in; None to save none
    arm         name of the arm
    seed        seed of the run; that of the TrainingArguments if not given
    examples    number of tracked examples, 1 or more
    iterations  number of iterations whose masks are kept, 0 or more

    Raises RecordingError, when training starts, if the masks of the model cannot be recorded.
    """

    def __init__(
        self,
        path: str | Path | None = None,
        *,
        arm: str = "run",
        seed: int | None = None,
        examples: int = 4,
        iterations: int = 300,
    ) -> None:
        self._settings = path, arm, seed, examples, iterations
        self._run: RecordedRun | None = None

    @property
    def recording(self) -> Recording | None:
        """The recording, after training; None before, and on all processes but the first."""
        return self._run.recording if self._run else None

    def on_train_begin(
        self,
        args: "TrainingArguments",
        state: "TrainerState",
        control: "TrainerControl",  # noqa: ARG002  # Transformers' signature
        model: nn.Module,
        **_more: Any,
    ) -> None:
        """Begin to record, on the first process."""
        path, arm, seed, examples, iterations = self._settings
        self._run = RecordedRun(path, arm, args.seed if seed is None else seed, examples, iterations)
        if state.is_world_process_zero:
            self._run.begin(model)

    def on_step_end(self, *_state: Any, **_more: Any) -> None:
        """End an iteration: the optimizer has made a step."""
        if self._run:
            self._run.step()

    def on_log(
        self,
        args: "TrainingArguments",  # noqa: ARG002  # Transformers' signature
        state: "TrainerState",  # noqa: ARG002  # Transformers' signature
        control: "TrainerControl",  # noqa: ARG002  # Transformers' signature
        logs: dict[str, Any] | None = None,
        **_more: Any,
    ) -> None:
        """Record what is logged, other than the summary after training."""
        if self._run and logs and SUMMARY not in logs:
            numbers = {name: value for name, value in logs.items() if isinstance(value, int | float)}
            self._run.snapshot({"train_loss" if name == "loss" else name: value for name, value in numbers.items()})

    def on_train_end(self, *_state: Any, **_more: Any) -> None:
        """Save the recording."""
        if self._run:
            self._run.end()
