"""Checkpoints: a run that is not finished, as a recording of its iterations so far with what training goes on from.

One is written beside the recording of the run, whole, once the recorder has ended, and no more often than costs one
percent of the time. It is removed when the run is saved. A run that has none starts again.
"""

import dataclasses
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from dropviz._util.files import replace_whole
from dropviz._util.paths import checkpoint_of
from dropviz.capture.rng import get_state, set_state
from dropviz.errors import DropvizError, RecordingError, reason
from dropviz.recording import Recording, load
from dropviz.recording.npz import read_arrays, write_arrays
from dropviz.recording.recording import to_arrays
from dropviz.training.optimizers import Optimizer, Sgd

INTERVAL = 5.0  # seconds between two checkpoints, at least
SHARE = 0.01  # of the time that may be spent on checkpoints
STATE = "checkpoint"  # first part of the names of the arrays that are no part of a recording
ADAM = {"step", "exp_avg", "exp_avg_sq"}  # its state of a parameter
NUMBERS = ("iteration", "calls", "labels")


@dataclasses.dataclass(frozen=True, eq=False)
class Saved:
    """A run as a checkpoint has it.

    recording  recording of the iterations so far
    iteration  number of finished iterations
    calls      number of calls of probes
    labels     checksum of the labels
    tensors    weights, states of optimiser and random generators, by their place, such as ("model", "0.weight")
    """

    recording: Recording
    iteration: int
    calls: int
    labels: int
    tensors: dict[tuple[str, ...], Tensor]

    def restore(self, model: nn.Module, optimizer: Optimizer, device: torch.device) -> None:
        """Set weights, optimiser and generators. Raises RecordingError if they are of another run."""
        try:
            model.load_state_dict({name[1]: value for name, value in self.tensors.items() if name[0] == "model"})
            states: dict[int, dict[str, Tensor]] = {}
            for name, value in self.tensors.items():
                if name[0] == "optimizer":
                    states.setdefault(int(name[1]), {})[name[2]] = value
            if not isinstance(optimizer, Sgd) and not all(set(each) == ADAM for each in states.values()):
                raise KeyError("state of the optimiser")
            optimizer.load_state_dict(optimizer.state_dict() | {"state": states})
            set_state(torch.device("cpu"), self.tensors[("cpu",)])
            if device.type != "cpu":
                set_state(device, self.tensors[("device",)])
        except (RuntimeError, LookupError, ValueError, TypeError, AttributeError) as error:
            raise RecordingError(f"a checkpoint is damaged: delete the files *.checkpoint ({reason(error)})") from None


class Checkpoint:
    """Checkpoint of the run whose recording is to be saved to `path`; without a path, there is none.

    runs  number of runs that this process trains at the same time
    """

    def __init__(self, path: Path | None, runs: int = 1) -> None:
        self.path = None if path is None else checkpoint_of(path)
        self._share = SHARE / runs
        self._next = time.monotonic() + INTERVAL

    @property
    def is_due(self) -> bool:
        """True if it is time for the next one."""
        return self.path is not None and time.monotonic() >= self._next

    def load(self, same_run: Callable[[Saved], bool]) -> Saved | None:
        """Return what is saved of the same run; None if there is nothing that can be read."""
        if self.path is None or not self.path.exists():
            return None
        try:
            recording = load(self.path)
            tensors = {
                tuple(parts): torch.from_numpy(values.copy())
                for (first, *parts), values in ((name.split("/"), it) for name, it in read_arrays(self.path).items())
                if first == STATE
            }
            iteration, calls, labels = (int(tensors.pop((name,))) for name in NUMBERS)
            saved = Saved(recording, iteration, calls, labels, tensors)
            return saved if same_run(saved) else None
        except (DropvizError, LookupError, ValueError, TypeError, ArithmeticError, RuntimeError):
            return None

    def save(
        self,
        numbers: Mapping[str, int],
        recording: Recording,
        model: nn.Module,
        optimizer: Optimizer,
        device: torch.device,
    ) -> None:
        """Write the run as it is now, with its NUMBERS. A full disk leaves the last checkpoint."""
        if self.path is None:
            return
        start = time.monotonic()
        arrays = _arrays(
            dict(numbers)
            | {
                "model": model.state_dict(),
                "optimizer": optimizer.state_dict()["state"],
                "cpu": get_state(torch.device("cpu")),
                "device": get_state(device),
            }
        )
        try:
            with replace_whole(self.path) as file:
                write_arrays(file, to_arrays(recording) | arrays)
        except DropvizError:
            pass
        now = time.monotonic()
        self._next = now + max(INTERVAL, (now - start) / self._share)

    def remove(self) -> None:
        """Remove the checkpoint: the run is saved."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def _arrays(values: Mapping[Any, Any], place: str = STATE) -> dict[str, NDArray[Any]]:
    """Return nested numbers and tensors as arrays, by their place."""
    found: dict[str, NDArray[Any]] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found |= _arrays(value, f"{place}/{name}")
        else:
            found[f"{place}/{name}"] = value.cpu().numpy() if isinstance(value, Tensor) else np.array(value)
    return found
