"""Regularisers besides noise: penalties in the loss, and limits of the weights after an update.

A new one is a class with `penalty` or `limit`, one line in REGULARIZERS, and a hyperparameter for its strength. With
the gradient of its penalty (`add_to_weights` or `add_to_activations`), it trains as fast as the others.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from dropviz.experiments.experiment import Experiment


class Regularizer:
    """Regulariser of one model. `strength` is above 0."""

    def __init__(self, model: nn.Module, strength: float) -> None:
        self.strength = strength
        self.layers = [module for module in model.modules() if isinstance(module, nn.Linear)]

    def penalty(self) -> Tensor | float:
        """Return the term that is added to the loss of a minibatch, after its pass."""
        return 0.0

    def limit(self) -> None:
        """Limit the weights after an update, in place."""

    def add_to_weights(self, weights: Tensor, gradient: Tensor) -> None:
        """Add the gradient of the penalty with respect to the weights of a linear module."""

    def add_to_activations(self, activations: Tensor, gradient: Tensor) -> None:
        """Add the gradient of the penalty with respect to the output of a ReLU, [..., examples, units]."""

    @property
    def has_gradient(self) -> bool:
        """True if the penalty is 0, or its gradient is that of the two methods above."""
        own, base = type(self), Regularizer
        known = own.add_to_weights is not base.add_to_weights or own.add_to_activations is not base.add_to_activations
        return own.penalty is base.penalty or known


class L1(Regularizer):
    """Penalty strength · Σ|w| over all weights, without biases."""

    def penalty(self) -> Tensor | float:
        """Return the penalty of the present weights."""
        return self.strength * torch.stack([layer.weight.abs().sum() for layer in self.layers]).sum()

    def add_to_weights(self, weights: Tensor, gradient: Tensor) -> None:
        """Add strength · sign(w)."""
        gradient.add_(weights.sign().mul_(self.strength))


class L2(Regularizer):
    """Penalty strength · Σw² over all weights, without biases; its gradient is 2 · strength · w."""

    def penalty(self) -> Tensor | float:
        """Return the penalty of the present weights."""
        return self.strength * torch.stack([layer.weight.square().sum() for layer in self.layers]).sum()

    def add_to_weights(self, weights: Tensor, gradient: Tensor) -> None:
        """Add 2 · strength · w."""
        gradient.add_(weights.mul(2 * self.strength))


class _OnActivations(Regularizer):
    """Penalty on the output of each ReLU in the last pass in training mode, before any noise."""

    def __init__(self, model: nn.Module, strength: float) -> None:
        super().__init__(model, strength)
        self.activations: dict[nn.Module, Tensor] = {}
        for module in model.modules():
            if isinstance(module, nn.ReLU):
                module.register_forward_hook(self._keep)

    def _keep(self, module: nn.Module, _inputs: Any, output: Tensor) -> None:
        if module.training:
            self.activations[module] = output


class ActivationL1(_OnActivations):
    """Penalty strength · Σ|h| over all hidden units, mean over the examples of the minibatch."""

    def penalty(self) -> Tensor | float:
        """Return the penalty of the last pass."""
        return self.strength * sum(each.abs().sum(dim=1).mean() for each in self.activations.values())

    def add_to_activations(self, activations: Tensor, gradient: Tensor) -> None:
        """Add strength · sign(h)/examples."""
        gradient.add_(activations.sign().mul_(self.strength).div_(activations.shape[-2]))


class ActivationL2(_OnActivations):
    """Penalty strength · Σh² over all hidden units, mean over the examples of the minibatch."""

    def penalty(self) -> Tensor | float:
        """Return the penalty of the last pass."""
        return self.strength * sum(each.square().sum(dim=1).mean() for each in self.activations.values())

    def add_to_activations(self, activations: Tensor, gradient: Tensor) -> None:
        """Add 2 · strength · h/examples."""
        share = gradient.new_tensor(2 * self.strength).div_(activations.shape[-2])
        gradient.add_(activations.mul(share))


class MaxNorm(Regularizer):
    """Limit `strength` on the norm of the weights into a hidden unit (Srivastava et al. 2014, section 5.1)."""

    @torch.no_grad()
    def limit(self) -> None:
        """Scale weights of a larger norm down, in place."""
        for layer in self.layers[:-1]:
            units = layer.weight.view(-1, layer.in_features)
            units.copy_(torch.renorm(units, p=2, dim=0, maxnorm=self.strength))


REGULARIZERS: dict[str, type[Regularizer]] = {
    "l1": L1,
    "l2": L2,
    "activation_l1": ActivationL1,
    "activation_l2": ActivationL2,
    "max_norm": MaxNorm,
}


def make_regularizers(experiment: Experiment, model: nn.Module) -> Sequence[Regularizer]:
    """Return the regularisers whose strength in the experiment is above 0."""
    return [kind(model, strength) for name, kind in REGULARIZERS.items() if (strength := getattr(experiment, name)) > 0]
