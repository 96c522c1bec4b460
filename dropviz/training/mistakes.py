"""Common mistakes with dropout, made on purpose. Each changes one part of a run.

A new one is a class here, one line in MISTAKE_CLASSES, and one in `choices.MISTAKES`. Changes are made once, before the
first iteration, so that a run without a mistake is not slower.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import ClassVar

import torch
from torch import Tensor, nn

from dropviz.capture.noise_layers import Dropout
from dropviz.capture.rng import stream_seed
from dropviz.training.data import Split
from dropviz.training.losses import Loss

EVALUATION = 5  # random stream, independent of those of training


class Mistake:
    """Parts of a run that a mistake can replace. This base class returns them unchanged.

    can_be_resumed  False if the run depends on a random generator that no checkpoint holds
    """

    can_be_resumed: ClassVar[bool] = True

    def layer(self, kind: Callable[[float], nn.Module]) -> Callable[[float], nn.Module]:
        """Return the function that makes a noise layer for a drop probability."""
        return kind

    def loss(self, right: Loss) -> Loss:
        """Return the loss that is minimised, and that a training loop would print."""
        return right

    def evaluated(self, parts: Split, white: int) -> Split:  # noqa: ARG002  # `white` is the input that is 1 in training
        """Return the data that the model is evaluated on."""
        return parts


class Randn(Dropout):
    """Dropout with a mask of normal numbers, which exceed `drop_prob` with probability 1 - Φ(drop_prob)."""

    def _draw(self, x: Tensor) -> Tensor:
        return (torch.randn_like(x) > self.drop_prob).to(x.dtype) / (1 - self.drop_prob)


class Unscaled(Dropout):
    """Dropout without the factor 1/(1 - drop_prob): activations are smaller in training than in evaluation."""

    def _draw(self, x: Tensor) -> Tensor:
        return super()._draw(x).bool().to(x.dtype)


class AlwaysOn(Dropout):
    """Dropout that drops units in evaluation too, from a generator of its own: training is that of a correct layer.

    Layers of a model share `generators`, by device: separate ones with the same seed would drop the same units.
    """

    def __init__(self, drop_prob: float, generators: dict[torch.device, torch.Generator] | None = None) -> None:
        super().__init__(drop_prob)
        self._generators = {} if generators is None else generators

    def forward(self, x: Tensor) -> Tensor:
        """Multiply by noise in both modes."""
        if self.training:
            return super().forward(x)
        self.noise = None
        if x.device not in self._generators:
            self._generators[x.device] = torch.Generator(x.device).manual_seed(stream_seed(0, EVALUATION))
        keep = 1 - self.drop_prob
        return x * torch.empty_like(x).bernoulli_(keep, generator=self._generators[x.device]) / keep


class Zero(Dropout):
    """Dropout with drop probability 0."""

    def __init__(self, drop_prob: float) -> None:  # noqa: ARG002  # the mistake: it is not used
        super().__init__(0.0)


class _WrongLayer(Mistake):
    layer_class: ClassVar[type[Dropout]]

    def layer(self, kind: Callable[[float], nn.Module]) -> Callable[[float], nn.Module]:  # noqa: ARG002  # not used
        return self.layer_class


def _wrong_layer(layer_class: type[Dropout]) -> type[Mistake]:
    return type(layer_class.__name__, (_WrongLayer,), {"layer_class": layer_class})


class AlwaysOnLayers(Mistake):
    """Layers that drop units in evaluation too."""

    can_be_resumed = False

    def layer(self, kind: Callable[[float], nn.Module]) -> Callable[[float], nn.Module]:  # noqa: ARG002  # not used
        """Return the layers, which share their generators."""
        return partial(AlwaysOn, generators={})


class UnscaledInputs(Mistake):
    """Evaluation on pixels from 0 to `white`, after training on pixels from 0 to 1."""

    def evaluated(self, parts: Split, white: int) -> Split:
        """Return the split with all images multiplied by `white`."""
        return replace(
            parts,
            train_images=parts.train_images * white,
            test_images=parts.test_images * white,
            validation_images=parts.validation_images * white,
        )


class ReluZeros(Mistake):
    """Zeros of the output counted as dropped units, though ReLU makes zeros too. Training is as without it."""


class MeanTwice(Mistake):
    """Mean loss divided by the batch size again, which divides the gradient too."""

    def loss(self, right: Loss) -> Loss:
        """Return the mean loss divided by the batch size."""
        return lambda outputs, labels: right(outputs, labels) / len(labels)


MISTAKE_CLASSES: dict[str, type[Mistake]] = {
    "randn": _wrong_layer(Randn),
    "unscaled": _wrong_layer(Unscaled),
    "always-on": AlwaysOnLayers,
    "unscaled-inputs": UnscaledInputs,
    "zero": _wrong_layer(Zero),
    "mean-twice": MeanTwice,
    "relu-zeros": ReluZeros,
}


def find_mistake(name: str | None) -> Mistake:
    """Return the mistake called `name`; for None, one that changes nothing."""
    return MISTAKE_CLASSES[name]() if name else Mistake()
