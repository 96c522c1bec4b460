"""Operations of torch that a trace must tell apart, by their names."""

from dataclasses import dataclass
from typing import Any

import torch

_FACTORIES = """
    empty zeros ones full arange linspace eye scalar_tensor empty_like zeros_like ones_like full_like new_empty
    new_zeros new_ones new_full empty_strided new_empty_strided tril_indices triu_indices _efficientzerotensor"""
_COMPARING = "gt ge lt le eq ne logical_and logical_or logical_xor bitwise_and bitwise_or bitwise_xor"
_SHAPING = (
    """convolution convolution_overrideable mkldnn_convolution cudnn_convolution mm addmm bmm baddbmm embedding"""
)
FACTORIES, COMPARING = frozenset(_FACTORIES.split()), frozenset(_COMPARING.split())
SHAPING = frozenset(_SHAPING.split())  # what gives data its axes
SAMPLING = frozenset(["normal", "poisson", "binomial", "_standard_gamma", "_sample_dirichlet"])  # from data
# Operations that draw inside a kernel which does not give what it drew, and the position of their probability.
FUSED = {
    "_scaled_dot_product_flash_attention": 3,
    "_scaled_dot_product_efficient_attention": 5,
    "_scaled_dot_product_cudnn_attention": 5,
    "_scaled_dot_product_fused_attention_overrideable": 4,
    "_flash_attention_forward": 7,
    "_efficient_attention_forward": 8,
    "_cudnn_rnn": 11,
    "miopen_rnn": 11,
}


@dataclass(frozen=True)
class Operation:
    """An operation: its name without the ending of those in place, and what a trace must know of it."""

    name: str
    is_random: bool
    is_inplace: bool
    is_factory: bool
    is_view: bool


def read_operation(func: Any) -> Operation:
    """Return what a trace must know of an overload of an operation."""
    name = func.overloadpacket.__name__
    plain = name if name.startswith("__") else name.removesuffix("_")
    is_random = torch.Tag.nondeterministic_seeded in func.tags or plain in FUSED
    returned = [each.alias_info for each in func._schema.returns]  # noqa: SLF001  # nothing public says it
    is_view = any(each is not None and not each.is_write for each in returned)
    return Operation(plain, is_random, name != plain, plain in FACTORIES, is_view)
