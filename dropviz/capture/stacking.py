"""Recorded values of many iterations as arrays."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def as_array(value: Any) -> NDArray[Any]:
    """Return a tensor of any device as an array; arrays as they are."""
    return value.detach().cpu().numpy() if isinstance(value, Tensor) else np.asarray(value)


def stack(parts: list[Any]) -> NDArray[Any]:
    """Stack tensors or arrays of one shape. Tensors stay on their device until then, as to copy each is slower."""
    if isinstance(parts[0], Tensor) and len({each.device for each in parts}) == 1:
        return torch.stack(parts).cpu().numpy()
    return np.array([as_array(each) for each in parts])
