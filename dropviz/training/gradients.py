"""Gradients of the loss of a minibatch, written into the parameters of a network.

Autograd takes 0.3 ms for the matrix products of a small network, which themselves take 0.04 ms. The networks of the
experiments are chains of few kinds of modules, whose backward passes are written here. Autograd does all others.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from dropviz.capture.noise_layers import Alpha, DropConnect, Noise
from dropviz.experiments.experiment import Experiment
from dropviz.training.losses import LOSS_GRADIENTS, Loss, mean_loss
from dropviz.training.mistakes import Mistake
from dropviz.training.model import InputNoise
from dropviz.training.regularizers import Regularizer

# Function that fills the gradients of all parameters for images [examples, pixels] and labels, and returns the outputs.
Gradients = Callable[[Tensor, Tensor], Tensor]


def make_gradients(
    experiment: Experiment, model: nn.Sequential, mistake: Mistake, regularizers: Sequence[Regularizer]
) -> Gradients:
    """Return the closed form for the networks and losses that it covers, else autograd."""
    is_covered = (
        all(map(_is_covered, model))
        and type(mistake).loss is Mistake.loss
        and experiment.loss in LOSS_GRADIENTS
        and all(each.has_gradient for each in regularizers)
    )
    if is_covered:
        return ClosedForm(model, LOSS_GRADIENTS[experiment.loss], regularizers)
    return Autograd(model, mistake.loss(mean_loss(experiment.loss)), regularizers)


def _is_covered(module: nn.Module) -> bool:
    if isinstance(module, Noise):  # both are linear in their input, with `noise` as its factor
        return type(module)._combine in (Noise._combine, Alpha._combine)  # noqa: SLF001  # a method of the class itself
    return type(module) in (nn.Linear, DropConnect, nn.ReLU, nn.Identity, InputNoise)


class Autograd:
    """Gradients by torch's automatic differentiation."""

    def __init__(self, model: nn.Module, loss: Loss, regularizers: Sequence[Regularizer]) -> None:
        self._model, self._loss, self._regularizers = model, loss, regularizers

    def __call__(self, images: Tensor, labels: Tensor) -> Tensor:
        """Fill the gradients; return the outputs of the pass, [examples, classes]."""
        logits: Tensor = self._model(images)
        loss = self._loss(logits, labels)
        for regularizer in self._regularizers:
            loss = loss + regularizer.penalty()
        self._model.zero_grad(set_to_none=True)
        loss.backward()
        return logits


class ClosedForm:
    """Gradients by the chain rule, module by module, from the inputs of a pass of the model and what its noise drew.

    The pass is a call of the model, so that a Recorder and probes see it. Gradients are tensors that stay the same. All
    tensors may have one more dimension in front, for several networks of the same shape.
    """

    def __init__(self, model: nn.Sequential, loss_gradient: Loss, regularizers: Sequence[Regularizer]) -> None:
        self._model, self._loss_gradient, self._regularizers = model, loss_gradient, regularizers
        self._modules = list(model)
        self._first = next(place for place, each in enumerate(self._modules) if isinstance(each, nn.Linear))
        self._values: list[Tensor] = []  # input of each module, and the output
        vars(model)["forward"] = self._forward
        self._gradients = {
            each: (_fixed(each.weight), _fixed(each.bias)) for each in model if isinstance(each, nn.Linear)
        }

    def _forward(self, x: Tensor) -> Tensor:
        values = [x]
        for module in self._modules:
            values.append(module(values[-1]))
        if self._model.training:
            self._values = values
        return values[-1]

    @torch.no_grad()
    def __call__(self, images: Tensor, labels: Tensor) -> Tensor:
        """Fill the gradients; return the outputs of the pass, [examples, classes]."""
        logits: Tensor = self._model(images)
        gradient = self._loss_gradient(logits, labels)
        for place in range(len(self._modules) - 1, self._first - 1, -1):
            gradient = self._backward(place, gradient)
        self._values = []
        return logits

    def _backward(self, place: int, gradient: Tensor) -> Tensor:
        """Return the gradient of the input of a module for that of its output, which may be overwritten."""
        module = self._modules[place]
        if isinstance(module, nn.Linear):
            return self._backward_linear(module, self._values[place], gradient, is_first=place == self._first)
        if isinstance(module, nn.ReLU):
            output = self._values[place + 1]
            for regularizer in self._regularizers:
                regularizer.add_to_activations(output, gradient)
            onto_input: Tensor = torch.ops.aten.threshold_backward(gradient, output, 0)  # 0 where the output is 0
            return onto_input
        return gradient.mul_(module.noise) if isinstance(module, Noise) and module.noise is not None else gradient

    def _backward_linear(self, module: nn.Linear, x: Tensor, gradient: Tensor, *, is_first: bool) -> Tensor:
        weight, (onto_weight, onto_bias) = module.weight, self._gradients[module]
        torch.matmul(gradient.mT, x, out=onto_weight)
        torch.sum(gradient, -2, out=onto_bias)
        noise = module.noise if isinstance(module, DropConnect) else None
        if noise is not None:
            onto_weight.mul_(noise)
        for regularizer in self._regularizers:
            regularizer.add_to_weights(weight, onto_weight)
        if is_first:  # nothing needs the gradient of the images
            return gradient
        return gradient @ (weight if noise is None else weight * noise)


def _fixed(parameter: Tensor) -> Tensor:
    """Return a tensor that is the gradient of a parameter from now on."""
    parameter.grad = torch.zeros_like(parameter)
    return parameter.grad
