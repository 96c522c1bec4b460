"""Outputs of a model, by name."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor


def named_tensors(output: Any, name: str = "") -> Iterator[tuple[str, Tensor]]:
    """Yield the tensors of an output with their names, such as "logits" or "0.hidden"; "" for a single tensor.

    An output is a tensor, or a tuple, list, mapping or dataclass of outputs. Others have no tensors.
    """
    if isinstance(output, Tensor):
        yield name, output
    for key, value in _parts(output):
        yield from named_tensors(value, f"{name}.{key}" if name else str(key))


def _parts(output: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(output, Mapping):
        yield from output.items()
    elif isinstance(output, list | tuple):
        yield from enumerate(output) if not hasattr(output, "_asdict") else output._asdict().items()
    elif dataclasses.is_dataclass(output):
        for field in dataclasses.fields(output):
            yield field.name, getattr(output, field.name)


def difference(one: dict[str, Tensor], other: dict[str, Tensor], tolerance: float) -> tuple[float, float]:
    """Return the share of the elements of two outputs that differ, and the largest difference.

    tolerance  difference, relative to the largest element of a tensor, up to which elements are equal
    """
    changed = total = 0
    largest = 0.0
    for name, tensor in one.items():
        if name in other and other[name].shape == tensor.shape and tensor.numel():
            first, second = tensor.double().nan_to_num(), other[name].double().nan_to_num()
            gap = (first - second).abs()
            changed += int((gap > tolerance * first.abs().max()).count_nonzero())
            largest = max(largest, float(gap.max()))
        total += tensor.numel()
    return changed / max(total, 1), largest
