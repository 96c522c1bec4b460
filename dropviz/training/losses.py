"""What is minimised, by name (`kinds.LOSSES`). Each gives one number an example, float [examples]."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

Loss = Callable[[Tensor, Tensor], Tensor]


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """In nats."""
    return F.cross_entropy(logits, labels, reduction="none")


def squared(outputs: Tensor, labels: Tensor) -> Tensor:
    """The squared error against 1 for the label and 0 for all other classes, mean over classes."""
    wanted = F.one_hot(labels, outputs.shape[1]).to(outputs.dtype)
    return (outputs - wanted).square().mean(dim=1)


LOSS_FUNCTIONS: dict[str, Loss] = {"cross-entropy": cross_entropy, "squared": squared}


def mean_loss(name: str) -> Loss:
    """The mean over a minibatch, as a function of outputs and labels."""
    if name == "cross-entropy":
        return F.cross_entropy  # one call instead of two: a minibatch is small, and calls are what it costs
    each = LOSS_FUNCTIONS[name]
    return lambda outputs, labels: torch.mean(each(outputs, labels))
