"""Noise layers. Each draws random numbers for its input, keeps them, and is off in evaluation mode.

A new one is a class with `_draw` (and `_combine`, if it does more than multiply), one line in NOISE_LAYERS, and one in
`choices.NOISES`. v stands for drop_prob/(1 - drop_prob), the variance of the factors of dropout.
"""

from collections.abc import Callable
from functools import cache
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dropviz.experiments.choices import NEIGHBOURS


class Noise(nn.Module):
    """Layer that multiplies each activation by a random number of mean 1 in training mode.

    Input and output are of the same floating point dtype, device and shape [examples, …]. In evaluation mode the output
    is the input. `drop_prob` may be set at any time. Raises ValueError if it is not from 0 to 1.
    """

    is_mask: ClassVar[bool] = True  # False if the factors are not only 0 and one scale
    below_one: ClassVar[str] = ""  # the reason, if drop_prob must be below 1

    def __init__(self, drop_prob: float) -> None:
        super().__init__()
        if not 0 <= drop_prob <= 1:
            raise ValueError(f"drop_prob is {drop_prob!r}: must be a number from 0 to 1")
        if drop_prob == 1 and self.below_one:
            raise ValueError(f"drop_prob is 1: must be below 1, {self.below_one}")
        self.drop_prob = drop_prob
        # Random numbers of the last pass, 0 where a unit was dropped; None after a pass in evaluation mode.
        self.noise: Tensor | None = None

    @property
    def variance(self) -> float:
        """Variance v of the factors."""
        return self.drop_prob / (1 - self.drop_prob)

    @property
    def mask(self) -> Tensor | None:
        """Mask of the last pass, bool of the input's shape, True = kept; None after a pass in evaluation mode."""
        return None if self.noise is None else self.noise != 0

    def forward(self, x: Tensor) -> Tensor:
        """Return `x` with noise in training mode, `x` itself in evaluation mode."""
        if not self.training:
            self.noise = None
            return x
        self.noise = self._draw(x.detach())
        return self._combine(x, self.noise)

    def _draw(self, x: Tensor) -> Tensor:
        """Return random numbers of the shape of `x`, which carries no gradients."""
        raise NotImplementedError

    def _combine(self, x: Tensor, noise: Tensor) -> Tensor:
        return x * noise

    def extra_repr(self) -> str:
        """Return the arguments that printing the model shows."""
        return f"drop_prob={self.drop_prob}"


def draw_mask(drawn: Tensor, drop_prob: float) -> Tensor:
    """Fill `drawn` with 0, with probability `drop_prob`, else 1/(1 - drop_prob); return it."""
    # As in torch, probabilities 0 and 1 draw no random numbers; and 1/(1 - 1) would be infinite.
    if drop_prob in (0, 1):
        return drawn.fill_(1 - drop_prob)
    if drawn.dtype == torch.float32 and drawn.device.type == "cpu" and _uniform_is_bernoulli():
        uniform = torch.empty_like(drawn, dtype=torch.float64).uniform_()
        return torch.lt(uniform, 1 - drop_prob, out=drawn).div_(1 - drop_prob)
    return drawn.bernoulli_(1 - drop_prob).div_(1 - drop_prob)


@cache
def _uniform_is_bernoulli() -> bool:
    """Return whether `bernoulli_` on the CPU compares the numbers that `uniform_` draws, which takes half its time."""
    one, other = (torch.Generator().manual_seed(0) for _ in range(2))
    drawn = torch.empty(10_000).bernoulli_(0.3, generator=one)
    uniform = torch.empty(10_000, dtype=torch.float64).uniform_(generator=other)
    return torch.equal(drawn.bool(), uniform < 0.3) and torch.equal(one.get_state(), other.get_state())


class Dropout(Noise):
    """Dropout from scratch: units are dropped with probability `drop_prob`, kept ones are scaled by 1/(1 - drop_prob).

    The scale leaves the expected activation unchanged (Srivastava et al. 2014, section 10, "inverted" dropout, whose p
    is 1 - drop_prob). From the same state of the generator the output on a CPU is that of `torch.nn.Dropout`, bit for
    bit. `mask` is the mask of the last training pass.

    drop_prob  probability that a unit is dropped, from 0 to 1

    >>> import torch, dropviz
    >>> layer = dropviz.Dropout(0.5)
    >>> activations = layer(torch.ones(2, 3))
    >>> torch.equal(activations, 2 * layer.mask.float())
    True
    >>> torch.equal(layer.eval()(torch.ones(2, 3)), torch.ones(2, 3))
    True
    """

    def _draw(self, x: Tensor) -> Tensor:
        """Return 0 for dropped units, 1/(1 - drop_prob) for kept ones."""
        return draw_mask(torch.empty_like(x), self.drop_prob)


class Channel(Noise):
    """Dropout of groups of NEIGHBOURS adjacent units, which are dropped or kept together.

    Input: [examples, units], units a multiple of NEIGHBOURS. From the same state of the generator the output is that of
    `torch.nn.functional.dropout1d` on [examples, groups, NEIGHBOURS], bit for bit (Tompson et al. 2015).
    """

    def _draw(self, x: Tensor) -> Tensor:
        examples, units = x.shape
        groups = draw_mask(x.new_empty(examples, units // NEIGHBOURS, 1), self.drop_prob)
        return groups.expand(-1, -1, NEIGHBOURS).reshape(examples, units)


class Gaussian(Noise):
    """Factors that are normal numbers of mean 1 and variance v (Srivastava et al. 2014, section 10).

    Nothing is dropped: every mask is True.
    """

    is_mask = False
    below_one = "for the variance of gaussian noise would have no end"

    def _draw(self, x: Tensor) -> Tensor:
        return torch.empty_like(x).normal_(1, self.variance**0.5)


class Uniform(Noise):
    """Factors drawn uniformly from 1 - √(3v) to 1 + √(3v): mean 1, variance v. Nothing is dropped."""

    is_mask = False
    below_one = "for the variance of uniform noise would have no end"

    def _draw(self, x: Tensor) -> Tensor:
        half_width = (3 * self.variance) ** 0.5
        return torch.empty_like(x).uniform_(1 - half_width, 1 + half_width)


class Alpha(Noise):
    """Alpha dropout: dropped units get the value -ALPHA, then an affine map restores mean 0 and variance 1.

    This holds for inputs of mean 0 and variance 1 (Klambauer et al. 2017), which the output of ReLU has not. From the
    same state of the generator the output on a CPU is that of `torch.nn.AlphaDropout`, bit for bit.
    """

    below_one = "for alpha dropout would have no variance left to keep"
    ALPHA: ClassVar[float] = 1.7580993408473766  # -ALPHA is the limit of SELU for very negative input

    @property
    def slope(self) -> float:
        """Factor of kept units."""
        return float(((self.ALPHA**2 * self.drop_prob + 1) * (1 - self.drop_prob)) ** -0.5)

    def _draw(self, x: Tensor) -> Tensor:
        return torch.empty_like(x).bernoulli_(1 - self.drop_prob).mul_(self.slope)

    def _combine(self, x: Tensor, noise: Tensor) -> Tensor:
        dropped = noise.bool().to(x.dtype).add_(-1)  # -1 where a unit is dropped, else 0
        offset = self.ALPHA * self.slope
        return x * noise + dropped.mul_(offset).add_(offset * self.drop_prob)


class DropConnect(nn.Linear):
    """Linear module that drops each weight with probability `drop_prob`, and scales kept ones by 1/(1 - drop_prob).

    All examples of a minibatch share one mask. Biases are not dropped, and nothing is dropped in evaluation mode. Wan
    et al. 2013 draw a mask for each example, and sample the input of units from a normal distribution in evaluation.
    Initial weights are those of `torch.nn.Linear` from the same state of the generator.
    """

    def __init__(self, drop_prob: float, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs)
        self.drop_prob = drop_prob
        # Factors of the weights in the last pass, [outputs, inputs]; None after a pass in evaluation mode.
        self.noise: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        """Map [examples, inputs] to [examples, outputs]."""
        if not self.training:
            self.noise = None
            return super().forward(x)
        self.noise = self.draw(self.weight.detach())
        return F.linear(x, self.weight * self.noise, self.bias)

    def draw(self, weights: Tensor) -> Tensor:
        """Return factors for `weights`, of the same shape: 0 for dropped ones, 1/(1 - drop_prob) for kept ones."""
        return draw_mask(torch.empty_like(weights), self.drop_prob)

    def extra_repr(self) -> str:
        """Return the arguments that printing the model shows."""
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
    """Return a linear module, with a noise layer of this kind on its input unless `drop_prob` is 0."""
    if drop_prob == 0:
        return [nn.Linear(inputs, outputs)]
    if kind is DropConnect:
        return [kind(drop_prob, inputs, outputs)]
    return [kind(drop_prob), nn.Linear(inputs, outputs)]
