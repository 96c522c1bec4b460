"""Detection of common mistakes with dropout.

In: a `torch.nn.Module`. Out: a Checkup with findings, each with its module, its line and what was measured. The
exported names import torch when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dropviz._util.torch_import import check_torch

if TYPE_CHECKING:
    from dropviz.diagnosis.checkup import Checkup, Finding, check

__all__ = ["Checkup", "Finding", "check"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'dropviz.diagnosis' has no attribute {name!r}")
    check_torch()
    return getattr(import_module("dropviz.diagnosis.checkup"), name)
