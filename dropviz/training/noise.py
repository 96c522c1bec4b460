"""Noise layers. Each draws what it multiplies activations by, keeps it, and is off in evaluation.

A new one is a class that says in `_draw` what it draws, and one line in NOISE_LAYERS (its name in `kinds.NOISES`).
"""

from typing import ClassVar

import torch
from torch import Tensor, nn


class Noise(nn.Module):
    """Multiply each activation by a random number of mean 1 in training; hand it on as it is in evaluation.

    Input and output: floating point, of any and equal shape, dtype and device; the first dimension is the example.
    """

    is_mask: ClassVar[bool] = True  # whether what is drawn is 0 or one scale

    def __init__(self, drop_prob: float) -> None:
        super().__init__()
        if not 0 <= drop_prob <= 1:
            raise ValueError(f"drop_prob is {drop_prob!r}: must be a number from 0 to 1")
        self.drop_prob = drop_prob
        # What the last pass was multiplied by: 0 where a unit was dropped; None after a pass in evaluation.
        self.noise: Tensor | None = None

    @property
    def mask(self) -> Tensor | None:
        """The mask of the last pass, bool of the input's shape, True = kept; None after a pass in evaluation."""
        return None if self.noise is None else self.noise != 0

    def forward(self, x: Tensor) -> Tensor:
        """Multiply in training; hand `x` on as it is in evaluation."""
        if not self.training:
            self.noise = None
            return x
        self.noise = self._draw(x.detach())
        return x * self.noise

    def _draw(self, x: Tensor) -> Tensor:
        """Random numbers in the shape of `x`."""
        raise NotImplementedError

    def extra_repr(self) -> str:
        """What printing the model shows of this layer."""
        return f"drop_prob={self.drop_prob}"


class Dropout(Noise):
    """Dropout from scratch: drop each unit with probability `drop_prob`, and scale the kept ones by 1/(1 - drop_prob).

    The scale keeps the expected activation as it is (Srivastava et al. 2014, section 10, "inverted" dropout, whose p is
    1 - drop_prob). From the same state of the generator the output on a CPU is that of `torch.nn.Dropout`, bit for bit.
    """

    def _draw(self, x: Tensor) -> Tensor:
        """0 where a unit is dropped, 1/(1 - drop_prob) where it is kept."""
        # Certain outcomes use up no random numbers, as in torch; and 1/(1 - 1) would be infinite.
        if self.drop_prob == 0:
            return torch.ones_like(x)
        if self.drop_prob == 1:
            return torch.zeros_like(x)
        keep = 1 - self.drop_prob
        return torch.empty_like(x).bernoulli_(keep).div_(keep)


class Gaussian(Noise):
    """Multiply by a normal number of mean 1 and variance drop_prob/(1 - drop_prob), the variance that dropout has.

    Srivastava et al. 2014, section 10; their p is 1 - drop_prob. Nothing is dropped: every mask is True.
    """

    is_mask = False

    def __init__(self, drop_prob: float) -> None:
        super().__init__(drop_prob)
        if drop_prob == 1:
            raise ValueError("drop_prob is 1: gaussian noise would have no end; must be below 1")
        self.deviation = (drop_prob / (1 - drop_prob)) ** 0.5

    def _draw(self, x: Tensor) -> Tensor:
        return torch.empty_like(x).normal_(1, self.deviation)


NOISE_LAYERS: dict[str, type[nn.Module]] = {"bernoulli": Dropout, "torch": nn.Dropout, "gaussian": Gaussian}
