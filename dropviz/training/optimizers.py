"""Optimisers: steps of the parameters along their gradients."""

from collections.abc import Iterable
from typing import Any, Protocol

import torch
from torch import nn

from dropviz.experiments.experiment import Experiment


class Optimizer(Protocol):
    """Optimiser, of torch or this module."""

    def step(self) -> Any:
        """Change the parameters, which have gradients."""

    def state_dict(self) -> dict[str, Any]:
        """Return all that the next steps depend on, besides parameters and gradients, in the form of `torch.optim`.

        Its item `state` holds tensors by their name, for each number of a parameter.
        """

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Set the state that `state_dict` returned."""


class Sgd:
    """Stochastic gradient descent with momentum and weight decay: the steps of `torch.optim.SGD`, bit for bit.

    Before its first step, `torch.optim` imports the compiler of torch, which takes a second.
    """

    def __init__(
        self, parameters: Iterable[nn.Parameter], learning_rate: float, momentum: float, weight_decay: float
    ) -> None:
        self._parameters = list(parameters)
        self._learning_rate, self._momentum, self._weight_decay = learning_rate, momentum, weight_decay
        self._speeds = [torch.zeros_like(each, requires_grad=False) if momentum else None for each in self._parameters]

    @torch.no_grad()
    def step(self) -> None:
        """Set b ← momentum·b + g + weight_decay·w and w ← w - learning_rate·b, with the gradient g."""
        for weights, speed in zip(self._parameters, self._speeds, strict=True):
            gradient = weights.grad
            if gradient is None:
                continue
            if self._weight_decay:
                gradient = gradient.add(weights, alpha=self._weight_decay)
            if speed is not None:
                gradient = speed.mul_(self._momentum).add_(gradient)
            weights.add_(gradient, alpha=-self._learning_rate)

    def state_dict(self) -> dict[str, Any]:
        """Return the momentum of each parameter."""
        return {"state": {number: {"speed": speed} for number, speed in enumerate(self._speeds) if speed is not None}}

    @torch.no_grad()
    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Set the momentum of each parameter."""
        for number, speed in enumerate(self._speeds):
            if speed is not None:
                speed.copy_(state_dict["state"][number]["speed"])


def make_optimizer(experiment: Experiment, model: nn.Module) -> Optimizer:
    """Return the optimiser of an experiment of one arm."""
    if experiment.optimizer == "adam":
        return torch.optim.Adam(model.parameters(), experiment.learning_rate, weight_decay=experiment.weight_decay)
    return Sgd(model.parameters(), experiment.learning_rate, experiment.momentum, experiment.weight_decay)
