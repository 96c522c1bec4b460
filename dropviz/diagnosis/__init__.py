"""Detection of common mistakes with dropout.

In: a `torch.nn.Module`. Out: a Checkup with findings, each with its module, its line and what was measured. `check`
imports torch when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dropviz.capture.torch_import import check_torch
from dropviz.diagnosis.results import Checkup, Finding

if TYPE_CHECKING:
    from dropviz.diagnosis.checkup import check

__all__ = ["Checkup", "Finding", "check"]


def __getattr__(name: str) -> Any:
    if name != "check":
        raise AttributeError(f"module 'dropviz.diagnosis' has no attribute {name!r}")
    check_torch()
    return getattr(import_module("dropviz.diagnosis.checkup"), name)
