"""A run of another library's training loop: its recorder, and the file that the recording is saved in."""

import math
from collections.abc import Mapping
from pathlib import Path

from torch import nn

from dropviz.capture.recorder import Recorder
from dropviz.recording import Recording
from dropviz.recording.logs.names import common_name, is_bookkeeping, is_usable


class RecordedRun:
    """Recorder of one run. Nothing is recorded before `begin`, or after `end`.

    path        file to save the recording in; None to save none
    arm         name of the arm
    seed        seed of the run
    examples    number of tracked examples, 1 or more
    iterations  number of iterations whose masks are kept, 0 or more
    recording   the recording, after `end`
    """

    def __init__(self, path: str | Path | None, arm: str, seed: int, examples: int, iterations: int) -> None:
        self.recording: Recording | None = None
        self._path, self._arm, self._seed = path, arm, seed
        self._examples, self._iterations = examples, iterations
        self._recorder: Recorder | None = None
        self._measured: dict[str, int] = {}

    def begin(self, model: nn.Module) -> None:
        """Record a model from now on. Raises RecordingError if its masks cannot be recorded."""
        self._recorder = Recorder(model, examples=self._examples, iterations=self._iterations)
        self._measured = {}

    def step(self) -> None:
        """End an iteration: one update of the optimizer."""
        if self._recorder is not None:
            self._recorder.step()

    def snapshot(self, metrics: Mapping[str, float]) -> None:
        """Record metrics of this iteration under the names that dropviz gives them; each once.

        Times and counts of other libraries are left out. An accuracy above 1 is called a percentage.
        """
        recorder = self._recorder
        if recorder is None or not recorder.iteration:
            return
        named = [_named(name, float(value)) for name, value in metrics.items() if not is_bookkeeping(name)]
        new = {
            name: value for name, value in named if is_usable(name) and self._measured.get(name, 0) < recorder.iteration
        }
        if new:
            recorder.snapshot(**new)
            self._measured |= dict.fromkeys(new, recorder.iteration)

    def end(self) -> None:
        """Remove the hooks from the model, and save the recording."""
        recorder, self._recorder = self._recorder, None
        if recorder is None:
            return
        recorder.close()
        self.recording = recorder.recording(arm=self._arm, seed=self._seed)
        if self._path is not None:
            self.recording.save(self._path)


def _named(name: str, value: float) -> tuple[str, float]:
    name = common_name(name).removesuffix("_epoch")
    is_share = math.isfinite(value) and 0 <= value <= 1
    return (f"{name}_percent" if name.endswith("accuracy") and not is_share else name), value
