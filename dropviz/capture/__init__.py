"""Recording of the masks that a model draws while it trains.

In: any training loop over a `torch.nn.Module`. Out: a Recording of the masks that were really drawn. The exported
names import torch when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dropviz.capture.torch_import import check_torch

if TYPE_CHECKING:
    from dropviz.capture.noise_layers import Dropout
    from dropviz.capture.recorder import Recorder

__all__ = ["Dropout", "Recorder"]

_MODULES = {"Dropout": "dropviz.capture.noise_layers", "Recorder": "dropviz.capture.recorder"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'dropviz.capture' has no attribute {name!r}")
    check_torch()
    return getattr(import_module(_MODULES[name]), name)
