"""Common mistakes with dropout, made on purpose: each changes one thing of a run, and leaves the rest as it is.

A new one is a class here, one line in MISTAKE_CLASSES, and one in `kinds.MISTAKES`. What each changes is put in
place once, before the first iteration: a run without a mistake pays nothing.
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

EVALUATION = 5  # a stream of random numbers apart from those of the training


class Mistake:
    """What each method returns here is right."""

    def layer(self, kind: Callable[[float], nn.Module]) -> Callable[[float], nn.Module]:
        """What makes a noise layer of a drop probability."""
        return kind

    def loss(self, right: Loss) -> Loss:
        """What is minimised, and printed."""
        return right

    def evaluated(self, parts: Split, white: int) -> Split:  # noqa: ARG002  # `white` is the input that is 1 in training
        """What the model is evaluated on."""
        return parts


class Randn(Dropout):
    """Takes normal numbers for uniform ones: they exceed `drop_prob` with probability 1 - Φ(drop_prob)."""

    def _draw(self, x: Tensor) -> Tensor:
        return (torch.randn_like(x) > self.drop_prob).to(x.dtype) / (1 - self.drop_prob)


class Unscaled(Dropout):
    """Forgets 1/(1 - drop_prob): activations are smaller in training than in evaluation."""

    def _draw(self, x: Tensor) -> Tensor:
        return super()._draw(x).bool().to(x.dtype)


class AlwaysOn(Dropout):
    """Drops units in evaluation too, from numbers of its own: so the training is that of a right layer.

    Layers of one model share `generators`, by device: from one each, alike seeded, they would drop the same units.
    """

    def __init__(self, drop_prob: float, generators: dict[torch.device, torch.Generator] | None = None) -> None:
        super().__init__(drop_prob)
        self._generators = {} if generators is None else generators

    def forward(self, x: Tensor) -> Tensor:
        """Multiply, whatever the mode."""
        if self.training:
            return super().forward(x)
        self.noise = None
        if x.device not in self._generators:
            self._generators[x.device] = torch.Generator(x.device).manual_seed(stream_seed(0, EVALUATION))
        keep = 1 - self.drop_prob
        return x * torch.empty_like(x).bernoulli_(keep, generator=self._generators[x.device]) / keep


class Zero(Dropout):
    """Called dropout, but made with probability 0."""

    def __init__(self, drop_prob: float) -> None:  # noqa: ARG002  # that is the mistake
        super().__init__(0.0)


class ReluZeros(Dropout):
    """Drops as it should, but takes every 0 that it hands on for a dropped unit, though ReLU had made many of them."""

    def forward(self, x: Tensor) -> Tensor:
        """Multiply; what it says of its noise is its output."""
        output = super().forward(x)
        if self.training:
            self.noise = output.detach()
        return output


class _WrongLayer(Mistake):
    made: ClassVar[type[Dropout]]

    def layer(self, kind: Callable[[float], nn.Module]) -> Callable[[float], nn.Module]:  # noqa: ARG002  # not used
        return self.made


def _wrong_layer(made: type[Dropout]) -> type[Mistake]:
    return type(made.__name__, (_WrongLayer,), {"made": made})


class AlwaysOnLayers(Mistake):
    """Layers of one model that drop in evaluation too, each other units."""

    def layer(self, kind: Callable[[float], nn.Module]) -> Callable[[float], nn.Module]:  # noqa: ARG002  # not used
        """All with the same generators."""
        return partial(AlwaysOn, generators={})


class UnscaledInputs(Mistake):
    """Evaluates on pixels from 0 to `white`, having trained on pixels from 0 to 1."""

    def evaluated(self, parts: Split, white: int) -> Split:
        """All images of the split, brighter."""
        return replace(
            parts,
            train_images=parts.train_images * white,
            test_images=parts.test_images * white,
            validation_images=parts.validation_images * white,
        )


class MeanTwice(Mistake):
    """Divides by the batch size what is a mean already: as if the learning rate were so many times smaller."""

    def loss(self, right: Loss) -> Loss:
        """The mean, divided once more."""
        return lambda outputs, labels: right(outputs, labels) / len(labels)


MISTAKE_CLASSES: dict[str, type[Mistake]] = {
    "randn": _wrong_layer(Randn),
    "unscaled": _wrong_layer(Unscaled),
    "always-on": AlwaysOnLayers,
    "unscaled-inputs": UnscaledInputs,
    "zero": _wrong_layer(Zero),
    "mean-twice": MeanTwice,
    "relu-zeros": _wrong_layer(ReluZeros),
}


def find_mistake(name: str | None) -> Mistake:
    """The mistake called `name`; for None, what makes none."""
    return MISTAKE_CLASSES[name]() if name else Mistake()
