"""Random tensors that a pass drew, and their uses on data."""

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from dropviz.capture.places import Place

MASKED = ("units", "channels", "blocks", "paths", "tokens", "attention", "time-locked", "weights")


@dataclass(eq=False)
class Draw:
    """One call of a random generator.

    place       place of the call
    operation   torch's operation, such as "bernoulli"; "outside" for a tensor that was made outside torch
    is_single   True if it drew one number
    recomputed  True for a draw in the backward pass, of a checkpointed module
    uses        uses of what it drew, in order
    """

    place: Place
    operation: str
    is_single: bool = False
    recomputed: bool = False
    uses: list["Use"] = field(default_factory=list)


@dataclass(eq=False)
class Proof:
    """Comparison of the output of a use with what its input, its noise and its scale give.

    elements   number of elements that were compared
    unequal    number of those that differ in any bit
    error      largest difference, relative to the largest output
    """

    elements: int = 0
    unequal: int = 0
    error: float = 0.0

    def __add__(self, other: "Proof") -> "Proof":
        return Proof(self.elements + other.elements, self.unequal + other.unequal, max(self.error, other.error))


@dataclass(eq=False)
class Use:
    """A random tensor that acts on data: what a site does in one call.

    draw         the draw that the tensor comes from
    operation    operation that applied it: "mul", "where", …
    mask         bool, True = kept; None for noise that is no mask
    noise        the random numbers themselves, of the shape of the mask, where they are not only 0 and one scale
    drop_prob    drop probability that was asked for; None if the operations do not show it
    scale        factor of everything that the mask keeps; None if the operations do not show it
    scale_before  factor of the input just before the mask
    filling      value of what is dropped
    data         input that the noise acted on
    shape        shape of that input
    hints        what is known of that input: "weights", "integers", "attention", "convolution", "pooled"
    modules      modules that ran, from the innermost outwards
    times        number of times that this same tensor was applied
    is_affine    True if the noise was also added, as in alpha dropout
    proof        comparison with the output
    """

    draw: Draw
    operation: str
    mask: Tensor | None
    noise: Tensor | None
    drop_prob: float | None
    scale: float | None
    data: Tensor | None
    shape: tuple[int, ...]
    hints: frozenset[str]
    modules: tuple[nn.Module, ...]
    filling: float | None = 0.0
    scale_before: float = 1.0
    times: int = 1
    is_affine: bool = False
    proof: Proof = field(default_factory=Proof)

    @property
    def tensor(self) -> Tensor:
        """Mask, or noise where there is no mask."""
        return self.noise if self.mask is None else self.mask  # type: ignore[return-value]  # one of them is set

    @property
    def drop_rate(self) -> float:
        """Share that is dropped, over all examples, from 0 to 1."""
        kept = self.tensor if self.mask is not None else self.tensor != 0
        return 1 - int(kept.count_nonzero()) / max(kept.numel(), 1)

    def rescale(self, factor: float, output: Tensor) -> None:
        """Take into account that what was kept is multiplied by a number, which gives `output`."""
        self.scale = factor * (1 if self.scale is None else self.scale)
        self.verify(output)

    def verify(self, output: Tensor) -> None:
        """Compare `output` with what input, noise and scale give."""
        expected = self._expected()
        if expected is None or expected.shape != output.shape:
            return
        output = output.detach()
        unequal = int((expected != output).logical_and_((expected == expected) | (output == output)).count_nonzero())
        error = 0.0
        if unequal and output.is_floating_point():
            difference = (expected.double() - output.double()).abs().nan_to_num_(0.0)
            finite = output.double().nan_to_num_(0.0, 0.0, 0.0)
            error = float(difference.max() / finite.abs().max().clamp_min_(torch.finfo(torch.double).tiny))
        self.proof = Proof(output.numel(), unequal, error)

    def _expected(self) -> Tensor | None:
        if self.data is None:
            return None
        if self.operation == "add":
            return None if self.noise is None or self.scale is None else self.data + self.scale * self.noise
        if self.operation == "mul" and self.noise is not None:
            return self.data * self.noise
        if self.mask is None or self.scale is None:
            return None
        kept = self.data if self.scale == 1 else self.data * self.scale
        if self.filling is None:
            return None
        return torch.where(self.mask, kept, torch.full((), self.filling, dtype=kept.dtype, device=kept.device))
