"""Recorded values of many iterations as arrays."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def stack_each(rows: Mapping[str, list[Tensor]]) -> dict[str, NDArray[Any]]:
    """Return the stacked tensors of each name that has any."""
    return {name: stack(each) for name, each in rows.items() if each}


def floats_each(values: Mapping[str, list[float]]) -> dict[str, NDArray[np.float64]]:
    """Return the numbers of each name that has any, as an array."""
    return {name: np.array(each) for name, each in values.items() if each}


def stack(parts: list[Any]) -> NDArray[Any]:
    """Stack tensors or arrays of one shape. Tensors stay on their device until then, as to copy each is slower."""
    return torch.stack(parts).cpu().numpy() if isinstance(parts[0], Tensor) else np.array(parts)
