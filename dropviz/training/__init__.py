"""Training of dropviz's own experiments.

In: an Experiment. Out: a Recording for each arm and seed. torch is imported when a run starts, in the process that
trains it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dropviz.capture.torch_import import check_torch
from dropviz.training.events import SnapshotCallback, SnapshotEvent

if TYPE_CHECKING:
    from dropviz.training.data import load_data
    from dropviz.training.trainer import pick_device, train_run

__all__ = ["SnapshotCallback", "SnapshotEvent", "load_data", "pick_device", "train_run"]

_NEEDS_TORCH = {
    "load_data": "dropviz.training.data",
    "pick_device": "dropviz.training.trainer",
    "train_run": "dropviz.training.trainer",
}


def __getattr__(name: str) -> Any:
    if name not in _NEEDS_TORCH:
        raise AttributeError(f"module 'dropviz.training' has no attribute {name!r}")
    check_torch()
    return getattr(import_module(_NEEDS_TORCH[name]), name)
