"""Losses, by the names of `choices.LOSSES`. Each returns one number for each example, float [examples].

Targets are labels, int [examples], or for a reconstruction pixels from 0 to 1, float [examples, pixels].
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from dropviz.experiments.choices import RECONSTRUCTION

Loss = Callable[[Tensor, Tensor], Tensor]


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the cross entropy, in nats."""
    return F.cross_entropy(logits, labels, reduction="none")


def squared(outputs: Tensor, labels: Tensor) -> Tensor:
    """Return the squared difference from 1 for the label and 0 for other classes, mean over classes."""
    target = F.one_hot(labels, outputs.shape[1]).to(outputs.dtype)
    return (outputs - target).square().mean(dim=1)


def reconstruction(outputs: Tensor, images: Tensor) -> Tensor:
    """Return the cross entropy of each pixel with the sigmoid of its output, in nats, mean over pixels."""
    return F.binary_cross_entropy_with_logits(outputs, images, reduction="none").mean(dim=1)


def cross_entropy_gradient(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the gradient of the mean cross entropy with respect to the logits: (softmax - one-hot)/examples."""
    logarithms = logits.log_softmax(dim=-1)
    onto_label = torch.zeros_like(logits).scatter_(-1, labels[..., None], -1 / labels.shape[-1])
    # The operation of autograd: sums of its own would be rounded differently.
    return torch._log_softmax_backward_data(onto_label, logarithms, -1, logits.dtype)  # noqa: SLF001  # has no other name


def squared_gradient(outputs: Tensor, labels: Tensor) -> Tensor:
    """Return the gradient of the mean squared loss with respect to the outputs: 2 · (output - target)/number."""
    examples, classes = outputs.shape[-2:]
    share = outputs.new_ones(()).div_(examples).div_(classes)
    return (outputs - F.one_hot(labels, classes).to(outputs.dtype)).mul_(2).mul_(share)


# They take dimensions in front of these. A loss without one is differentiated by autograd.
LOSS_GRADIENTS: dict[str, Loss] = {"cross-entropy": cross_entropy_gradient, "squared": squared_gradient}
LOSS_FUNCTIONS: dict[str, Loss] = {
    "cross-entropy": cross_entropy,
    "squared": squared,
    RECONSTRUCTION: reconstruction,
}


def mean_loss(name: str) -> Loss:
    """Return the mean of a loss over a minibatch, as a function of outputs and labels."""
    if name == "cross-entropy":
        return F.cross_entropy  # one call instead of two: on small minibatches, calls take most of the time
    each = LOSS_FUNCTIONS[name]
    return lambda outputs, labels: torch.mean(each(outputs, labels))
