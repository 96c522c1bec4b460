"""Checkpoints: a run that is not finished, as a recording of its iterations so far with what training goes on from.

One is written beside the recording of the run, whole, once the recorder has ended, and no more often than costs one
percent of the time. It is removed when the run is saved. A run that has none starts again.
"""

import dataclasses
import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from dropviz._util.files import replace_whole
from dropviz.capture.rng import get_state, set_state
from dropviz.errors import DropvizError, RecordingError, reason
from dropviz.recording import Recording, load
from dropviz.recording.npz import read_arrays, write_arrays
from dropviz.recording.recording import to_arrays
from dropviz.training.optimizers import Optimizer

INTERVAL = 5.0  # seconds between two checkpoints, at least
SHARE = 0.01  # of the time that may be spent on checkpoints
STATE = "checkpoint/state"


@dataclasses.dataclass(frozen=True, eq=False)
class Saved:
    """A run as a checkpoint has it.

    recording  recording of the iterations so far
    state      numbers of iterations and of calls of probes, checksum of the labels, weights, states of optimiser
               and random generators
    """

    recording: Recording
    state: dict[str, Any]

    @property
    def iteration(self) -> int:
        """Number of finished iterations."""
        return int(self.state["iteration"])

    def restore(self, model: nn.Module, optimizer: Optimizer, device: torch.device) -> None:
        """Set weights, optimiser and generators. Raises RecordingError if they are of another run."""
        try:
            model.load_state_dict(self.state["model"])
            optimizer.load_state_dict(self.state["optimizer"])
            set_state(torch.device("cpu"), self.state["cpu"])
            if device.type != "cpu":
                set_state(device, self.state["device"])
        except (RuntimeError, KeyError, ValueError, TypeError, AttributeError) as error:
            raise RecordingError(f"a checkpoint is damaged: delete the files *.checkpoint ({reason(error)})") from None


class Checkpoint:
    """Checkpoint of the run whose recording is to be saved to `path`; without a path, there is none."""

    def __init__(self, path: Path | None) -> None:
        self.path = None if path is None else path.with_suffix(".checkpoint")
        self._next = time.monotonic() + INTERVAL

    @property
    def is_due(self) -> bool:
        """True if it is time for the next one."""
        return self.path is not None and time.monotonic() >= self._next

    def load(self, same_run: Callable[[Saved], bool]) -> Saved | None:
        """Return what is saved of the same run; None if there is nothing that can be read. Nothing is unpickled."""
        if self.path is None or not self.path.exists():
            return None
        try:
            recording = load(self.path)
            packed = io.BytesIO(read_arrays(self.path, only=STATE)[STATE].tobytes())
            saved = Saved(recording, torch.load(packed, map_location="cpu", weights_only=True))
        except Exception:  # noqa: BLE001  # what torch raises on a damaged file depends on the damage
            return None
        return saved if same_run(saved) else None

    def save(
        self, state: dict[str, int], recording: Recording, model: nn.Module, optimizer: Optimizer, device: torch.device
    ) -> None:
        """Write the run as it is now, with the numbers in `state`. A full disk leaves the last checkpoint."""
        if self.path is None:
            return
        start, packed = time.monotonic(), io.BytesIO()
        everything = state | {
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "cpu": get_state(torch.device("cpu")),
            "device": get_state(device),
        }
        torch.save(everything, packed)
        arrays: dict[str, NDArray[Any]] = to_arrays(recording)
        try:
            with replace_whole(self.path) as file:
                write_arrays(file, arrays | {STATE: np.frombuffer(packed.getbuffer(), np.uint8)})
        except DropvizError:
            pass
        now = time.monotonic()
        self._next = now + max(INTERVAL, (now - start) / SHARE)

    def remove(self) -> None:
        """Remove the checkpoint: the run is saved."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)
