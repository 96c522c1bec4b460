"""Random tensors that a pass drew, and their uses on data."""

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from dropviz.capture.places import Place

ROWS = 8  # rows of an output that are compared


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
    error      largest difference, in units in the last place of the largest output
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
        """Compare the first rows of `output` with what input, noise and scale give."""
        if self.data is None or self.data.shape != output.shape:
            return
        rows = slice(ROWS) if self.tensor.dim() == output.dim() > 0 else slice(None)
        output = output.detach()[rows] if output.dim() else output.detach()
        expected = self._expected(self.data[rows] if output.dim() else self.data, rows)
        if expected is None:
            return
        self.proof = Proof(output.numel())
        if expected.dtype != output.dtype or not torch.equal(expected, output):
            unequal = int(((expected != output) & ~(expected.isnan() & output.isnan())).count_nonzero())
            error = _difference(expected, output) if unequal and output.is_floating_point() else 0.0
            self.proof = Proof(output.numel(), unequal, error)

    def _expected(self, data: Tensor, rows: slice) -> Tensor | None:
        mask, noise = (each if each is None or not each.dim() else each[rows] for each in (self.mask, self.noise))
        if noise is not None and self.operation in ("add", "mul"):
            if self.scale is None:
                return None
            return data * noise if self.operation == "mul" else data + self.scale * noise
        if mask is None or self.scale is None or self.filling is None:
            return None
        kept = data if self.scale == 1 else data * self.scale
        if self.filling == 0 and self.operation == "mul":
            return kept * mask
        return torch.where(mask, kept, torch.full((), self.filling, dtype=kept.dtype, device=kept.device))


def _difference(expected: Tensor, output: Tensor) -> float:
    """Return the largest difference, in units in the last place of the largest output."""
    difference = (expected.double() - output.double()).abs().nan_to_num_(0.0)
    largest = output.double().nan_to_num_(0.0, 0.0, 0.0).abs().max()
    return float(difference.max() / (largest * torch.finfo(output.dtype).eps).clamp_min_(1e-300))


@dataclass(eq=False)
class Trace:
    """Everything random in a pass.

    draws          draws, in order
    uses           uses of them on data, in order
    factors        numbers that tensors were multiplied by, with the module
    zeroed         places where a tensor was multiplied by 0: a drop probability of 1 does so, and draws nothing
    unseen         sentences about what was drawn and cannot be seen
    """

    draws: list[Draw] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    factors: list[tuple[nn.Module, float]] = field(default_factory=list)
    zeroed: list[Place] = field(default_factory=list)
    unseen: dict[str, None] = field(default_factory=dict)
