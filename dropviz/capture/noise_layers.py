"""Noise layers. Each draws random numbers for what passes it, keeps them, and is off in evaluation.

A new one is a class that says in `_draw` what it draws (and in `_lay_on` what it does with that, where it is more than
to multiply), and one line in NOISE_LAYERS (its name in `kinds.NOISES`). v stands for drop_prob/(1 - drop_prob), the
variance of what dropout multiplies by.
"""

from collections.abc import Callable
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dropviz.experiments.choices import NEIGHBOURS


class Noise(nn.Module):
    """Multiply each activation by a random number of mean 1 in training; hand it on as it is in evaluation.

    Input and output: floating point, of any and equal shape, dtype and device; the first dimension is the example.
    `drop_prob` may be set anew at any time.
    """

    is_mask: ClassVar[bool] = True  # whether what is drawn is 0 or one scale
    below_one: ClassVar[str] = ""  # where drop_prob must be, why

    def __init__(self, drop_prob: float) -> None:
        super().__init__()
        if not 0 <= drop_prob <= 1:
            raise ValueError(f"drop_prob is {drop_prob!r}: must be a number from 0 to 1")
        if drop_prob == 1 and self.below_one:
            raise ValueError(f"drop_prob is 1: must be below 1, {self.below_one}")
        self.drop_prob = drop_prob
        # What the last pass drew: 0 where a unit was dropped; None after a pass in evaluation.
        self.noise: Tensor | None = None

    @property
    def variance(self) -> float:
        """v."""
        return self.drop_prob / (1 - self.drop_prob)

    @property
    def mask(self) -> Tensor | None:
        """The mask of the last pass, bool of the input's shape, True = kept; None after a pass in evaluation."""
        return None if self.noise is None else self.noise != 0

    def forward(self, x: Tensor) -> Tensor:
        """Lay the noise on in training; hand `x` on as it is in evaluation."""
        if not self.training:
            self.noise = None
            return x
        self.noise = self._draw(x.detach())
        return self._lay_on(x, self.noise)

    def _draw(self, x: Tensor) -> Tensor:
        """Random numbers in the shape of `x`, which is without gradients."""
        raise NotImplementedError

    def _lay_on(self, x: Tensor, noise: Tensor) -> Tensor:
        return x * noise

    def extra_repr(self) -> str:
        """What printing the model shows of this layer."""
        return f"drop_prob={self.drop_prob}"


def draw_mask(drawn: Tensor, drop_prob: float) -> Tensor:
    """Fill `drawn` with 0, with probability `drop_prob`, and 1/(1 - drop_prob); return it."""
    # Certain outcomes use up no random numbers, as in torch; and 1/(1 - 1) would be infinite.
    if drop_prob in (0, 1):
        return drawn.fill_(1 - drop_prob)
    return drawn.bernoulli_(1 - drop_prob).div_(1 - drop_prob)


class Dropout(Noise):
    """Dropout from scratch: drop each unit with probability `drop_prob`, and scale the kept ones by 1/(1 - drop_prob).

    The scale keeps the expected activation as it is (Srivastava et al. 2014, section 10, "inverted" dropout, whose p is
    1 - drop_prob). From the same state of the generator the output on a CPU is that of `torch.nn.Dropout`, bit for bit.
    """

    def _draw(self, x: Tensor) -> Tensor:
        """0 where a unit is dropped, 1/(1 - drop_prob) where it is kept."""
        return draw_mask(torch.empty_like(x), self.drop_prob)


class Channel(Noise):
    """Dropout of whole groups: NEIGHBOURS units side by side are dropped together, or kept together.

    Input: [examples, units], units a multiple of NEIGHBOURS. From the same state of the generator the output is that of
    `torch.nn.functional.dropout1d` on [examples, groups, NEIGHBOURS], bit for bit (Tompson et al. 2015).
    """

    def _draw(self, x: Tensor) -> Tensor:
        examples, units = x.shape
        groups = draw_mask(x.new_empty(examples, units // NEIGHBOURS, 1), self.drop_prob)
        return groups.expand(-1, -1, NEIGHBOURS).reshape(examples, units)


class Gaussian(Noise):
    """Multiply by a normal number of mean 1 and variance v (Srivastava et al. 2014, section 10).

    Nothing is dropped: every mask is True.
    """

    is_mask = False
    below_one = "for the variance of gaussian noise would have no end"

    def _draw(self, x: Tensor) -> Tensor:
        return torch.empty_like(x).normal_(1, self.variance**0.5)


class Uniform(Noise):
    """Multiply by a number drawn evenly from 1 - √(3v) to 1 + √(3v): mean 1, variance v. Nothing is dropped."""

    is_mask = False
    below_one = "for the variance of uniform noise would have no end"

    def _draw(self, x: Tensor) -> Tensor:
        reach = (3 * self.variance) ** 0.5
        return torch.empty_like(x).uniform_(1 - reach, 1 + reach)


class Alpha(Noise):
    """A dropped unit gets the value -ALPHA, then an affine map keeps mean 0 and variance 1 (Klambauer et al. 2017).

    It keeps them of an input that has them; what comes from ReLU has not. From the same state of the generator the
    output on a CPU is that of `torch.nn.AlphaDropout`, bit for bit.
    """

    below_one = "for alpha dropout would have no variance left to keep"
    ALPHA: ClassVar[float] = 1.7580993408473766  # where SELU ends for very negative input

    @property
    def slope(self) -> float:
        """What a kept unit is multiplied by."""
        return float(((self.ALPHA**2 * self.drop_prob + 1) * (1 - self.drop_prob)) ** -0.5)

    def _draw(self, x: Tensor) -> Tensor:
        return torch.empty_like(x).bernoulli_(1 - self.drop_prob).mul_(self.slope)

    def _lay_on(self, x: Tensor, noise: Tensor) -> Tensor:
        dropped = noise.bool().to(x.dtype).add_(-1)  # -1 where a unit is dropped, else 0
        reach = self.ALPHA * self.slope
        return x * noise + dropped.mul_(reach).add_(reach * self.drop_prob)


class DropConnect(nn.Linear):
    """Linear module that drops weights: each with probability `drop_prob`, the kept ones times 1/(1 - drop_prob).

    It takes the place of the linear module that a layer feeds. The mask is one for all examples of a minibatch, where
    Wan et al. 2013 draw one for each; biases stay. `weight` is that of the whole module; in evaluation nothing is
    dropped, where they sample what units are given from a normal distribution of the same mean and variance. Initial
    weights are those of `torch.nn.Linear` from the same state of the generator.
    """

    def __init__(self, drop_prob: float, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs)
        self.drop_prob = drop_prob
        # What the weights were multiplied by in the last pass, [outputs, inputs]; None after a pass in evaluation.
        self.noise: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        """[examples, inputs] to [examples, outputs]."""
        if not self.training:
            self.noise = None
            return super().forward(x)
        self.noise = draw_mask(torch.empty_like(self.weight.detach()), self.drop_prob)
        return F.linear(x, self.weight * self.noise, self.bias)

    def extra_repr(self) -> str:
        """What printing the model shows of this layer."""
        return f"{super().extra_repr()}, drop_prob={self.drop_prob}"


NOISE_LAYERS: dict[str, type[nn.Module]] = {
    "bernoulli": Dropout,
    "torch": nn.Dropout,
    "gaussian": Gaussian,
    "uniform": Uniform,
    "channel": Channel,
    "alpha": Alpha,
    "dropconnect": DropConnect,
    "none": nn.Identity,
}


def noisy_linear(kind: Callable[..., nn.Module], drop_prob: float, inputs: int, outputs: int) -> list[nn.Module]:
    """A linear module, and before it the layer of this kind on its input; no such layer if `drop_prob` is 0."""
    if drop_prob == 0:
        return [nn.Linear(inputs, outputs)]
    if kind is DropConnect:
        return [kind(drop_prob, inputs, outputs)]
    return [kind(drop_prob), nn.Linear(inputs, outputs)]
