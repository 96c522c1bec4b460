"""Operations that apply a random tensor to data, and the mask or the noise that each applies."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from dropviz.capture.marks import Mark, tensors_of

SELECTING = frozenset(["index", "index_select", "gather", "take_along_dim", "embedding", "take", "masked_select"])
FILLING = frozenset(["masked_fill", "index_put", "index_fill", "scatter", "masked_scatter", "where"])


@dataclass(frozen=True)
class Applied:
    """Noise that an operation applied: see the fields of `Use`.

    drops_true  True if the random tensor was true where data is dropped
    """

    operation: str
    mask: Tensor | None = None
    noise: Tensor | None = None
    scale: float | None = None
    filling: float | None = 0.0
    drops_true: bool = False


def read_applied(name: str, args: Any, noise: Tensor, data: Tensor, mark: Mark) -> Applied:
    """Return what an operation did with a random tensor and data. Tensors are copies."""
    if name in FILLING:
        return _read_filled(name, args, noise, data)
    noise = noise.detach()
    if name == "mul":
        return read_product(noise, mark)
    if name in ("add", "sub"):
        return _read_sum(name, args, noise)
    return Applied("select" if name in SELECTING else "other", noise=noise.clone())


def as_real(noise: Tensor) -> Tensor:
    """Return a sparse tensor as a dense one, and complex numbers without an imaginary part as real ones."""
    if noise.layout != torch.strided:
        noise = noise.to_dense()
    return noise.real if noise.is_complex() and not noise.imag.any() else noise


def read_product(noise: Tensor, mark: Mark) -> Applied:
    """Return the mask and its scale, or the factors, that a product with a random tensor applied."""
    if noise.dtype == torch.bool:
        return Applied("mul", mask=noise.clone(), scale=1.0)
    lowest, highest = (float(each) for each in noise.aminmax()) if noise.numel() else (0.0, 0.0)
    kept = highest if lowest >= 0 else lowest
    mask = noise != 0
    # Without a zero, numbers are a mask only if the code drew a mask.
    may_be_mask = mark.p_true is not None or mark.is_pooled or lowest * highest == 0
    if may_be_mask and (not kept or torch.equal(noise == kept, mask)):
        return Applied("mul", mask=mask, scale=kept or None)
    return Applied("mul", noise=noise.clone(), scale=1.0)


def _read_sum(name: str, args: Any, noise: Tensor) -> Applied:
    alpha = args[2] if len(args) > 2 else 1
    is_second = isinstance(args[1], Tensor) and args[1].shape == noise.shape and torch.equal(args[1].detach(), noise)
    if is_second:
        return Applied("add", noise=noise * alpha, scale=-1.0 if name == "sub" else 1.0)
    # Where the data have a factor of their own, the sum is not compared.
    return Applied("add", noise=noise.clone(), scale=1.0 if name == "add" and alpha == 1 else None)


def _read_filled(name: str, args: Any, noise: Tensor, data: Tensor) -> Applied:
    if not _is_condition(name, args, noise):
        return Applied("other", noise=noise.clone())
    if name == "where":
        keeps = args[1] is data
        mask = noise.bool() if keeps else ~noise.bool()
        return Applied(
            "where", mask=mask.clone(), scale=1.0, filling=_filling(args[2 if keeps else 1]), drops_true=not keeps
        )
    if name == "masked_fill" and noise.dtype == torch.bool:
        return Applied(name, mask=~noise, scale=1.0, filling=_filling(args[2]), drops_true=True)
    noise = noise.detach()
    if name == "index_put" and len(args[1]) == 1 and noise.dtype == torch.bool:
        mask = (~noise).reshape(*noise.shape, *[1] * (data.dim() - noise.dim()))
        return Applied(name, mask=mask, scale=1.0, filling=_filling(args[2]), drops_true=True)
    mask = torch.ones(data.shape, dtype=torch.bool, device=data.device)
    if name == "index_put" and any(each is not None for each in args[1]):
        indices = [None if each is None else each.detach() for each in args[1]]
        torch.ops.aten.index_put_(mask, indices, mask.new_zeros(()))  # the method takes no None
    elif name in ("index_fill", "scatter") and not isinstance(args[3], Tensor | None):
        getattr(mask, f"{name}_")(args[1], args[2], 0)
    else:
        return Applied("other", noise=noise.clone())
    return Applied(name, mask=mask, scale=1.0, filling=_filling(args[-1]), drops_true=noise.dtype == torch.bool)


def _is_condition(name: str, args: Any, noise: Tensor) -> bool:
    """Return whether a random tensor says where an operation fills, and is not only what it fills in."""
    return any(each is noise for each in tensors_of(conditions_of(name, args)))


def conditions_of(name: str, args: Any) -> Any:
    """Return the arguments that say where an operation fills; none for other operations."""
    if name not in FILLING:
        return ()
    return args[:1] if name == "where" else args[1:2] if name in ("masked_fill", "index_put") else args[1:3]


def _filling(value: Any) -> float | None:
    """Return the number that is filled in; None if it is no number, nor a tensor of equal ones."""
    if isinstance(value, Tensor):
        if not value.numel() or value.is_complex():
            return None
        lowest, highest = value.detach().aminmax()
        return float(lowest) if bool(lowest == highest) else None
    return float(value) if isinstance(value, int | float) else None
