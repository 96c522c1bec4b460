"""Measured sites: what noise did at each place of a model, over passes."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import prod

import numpy as np
import torch
from torch import Tensor, nn

from dropviz.capture.asked import drop_prob_of
from dropviz.capture.places import Place
from dropviz.capture.uses import Use

MIN_ERRORS = 5.0  # standard errors that a deviation must exceed
MIN_DEVIATION = 0.01  # smaller deviations do no harm
CHANCE = 1e-6  # masks that are equal by chance with a lower probability are one mask
Key = tuple[str, tuple[tuple[str, int], ...], int]


@dataclass(eq=False)
class MeasuredSite:
    """Noise at one place and call of a model, over its passes.

    Sites are told apart by the path of the module, the lines of the code, and the number of the call among those of the
    same path and lines.

    place       place of the draw
    use         use in the first pass; without its data
    asked       drop probability that was asked for, in each pass in which it is known
    deviations  share dropped less the drop probability, in each of those passes
    rates       share dropped, in each pass
    scales      scale of what is kept, in each pass in which it is known
    is_fresh    True if every pass drew its noise anew
    is_same     True if every pass had the same mask or noise
    is_shared   True if in every pass all examples had one mask
    chance      probability that the masks of all passes had equal elements again, if they were drawn once more
    blends      True if a draw also gave the complement of its mask, which blends two tensors
    variances   variance after and before the noise, summed over units and passes
    """

    place: Place
    use: Use
    asked: list[float] = field(default_factory=list)
    deviations: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    scales: list[float] = field(default_factory=list)
    elements: int = 0
    is_fresh: bool = True
    is_same: bool = True
    is_shared: bool = True
    chance: float = 1.0
    blends: bool = False
    variances: list[float] = field(default_factory=lambda: [0.0, 0.0])

    def add(self, use: Use, *, is_fresh: bool) -> None:
        """Add the use of one pass."""
        rate, drop_prob = use.drop_rate, asked_of(use)
        self.rates.append(rate)
        if drop_prob is not None:
            self.asked.append(drop_prob)
            self.deviations.append(rate - drop_prob)
        if use.scale is not None:
            self.scales.append(use.scale * use.scale_before)
        self.elements += use.tensor.numel()
        self.is_fresh &= is_fresh
        self.is_same &= equal(use.tensor, self.use.tensor)
        self.is_shared &= _is_shared(use)
        self.blends |= _blends(use)
        self.chance *= (rate**2 + (1 - rate) ** 2) ** use.tensor.numel()

    def add_variance(self, use: Use) -> None:
        """Add the variance, over examples, of data with noise and without it."""
        data, mask = use.data, use.mask
        if data is None or mask is None or use.scale is None or not data.is_floating_point():
            return
        axes = [axis for axis in range(data.dim()) if axis != 1]
        for position, each in enumerate((torch.where(mask, data * use.scale, use.filling or 0.0), data)):
            self.variances[position] += float(each.double().var(axes).sum())

    @property
    def passes(self) -> int:
        """Number of passes in which the noise acted."""
        return len(self.rates)

    @property
    def drop_prob(self) -> float | None:
        """Mean drop probability that was asked for; None if it is not known."""
        return float(np.mean(self.asked)) if self.asked else None

    @property
    def drop_rate(self) -> float:
        """Mean share dropped."""
        return float(np.mean(self.rates))

    @property
    def is_mask(self) -> bool:
        """True if the noise drops."""
        return self.use.mask is not None

    @property
    def has_unit_mask(self) -> bool:
        """True if each element of the data has its own place in the mask."""
        return self.is_mask and self.use.tensor.numel() == prod(self.use.shape)

    @property
    def is_drawn(self) -> bool:
        """True if the noise is known to be random: torch drew it, or it differs from pass to pass."""
        return self.use.draw.operation != "outside" or not self.is_same

    def error_of(self, values: list[float]) -> float:
        """Return the standard error of the mean of shares; not below that of independent elements.

        A share of 0 is as uncertain as the drop probability that was asked for.
        """
        shares = [self.drop_rate] if self.drop_prob is None else [self.drop_rate, self.drop_prob]
        independent = float((max(share * (1 - share) for share in shares) / max(self.elements, 1)) ** 0.5)
        spread = float(np.std(values, ddof=1)) / len(values) ** 0.5 if len(values) > 1 else 1.0
        return max(independent, spread)

    @property
    def deviation(self) -> tuple[float, float] | None:
        """Mean of share dropped less drop probability, and its standard error; None if that is not known."""
        if not self.deviations:
            return None
        return float(np.mean(self.deviations)), self.error_of(self.deviations)

    def is_settled(self, doubtful: bool) -> bool:
        """Return whether more passes would not change the findings on shares.

        doubtful  False if a share that deviates is to be measured further
        """
        if not self.is_mask or self.deviation is None:
            return True
        mean, error = self.deviation
        return MIN_ERRORS * error < 2 * MIN_DEVIATION and (not doubtful or abs(mean) < MIN_ERRORS / 2 * error)


class MeasuredSites(dict[Key, MeasuredSite]):
    """Measured sites by their keys."""

    def add(self, uses: Iterable[Use], fresh: Iterable[object]) -> list[tuple[MeasuredSite, Use]]:
        """Add the uses of a pass, with the draws that it made; return each with its site."""
        calls: Counter[tuple[str, tuple[tuple[str, int], ...]]] = Counter()
        drawn = {id(draw) for draw in fresh}
        added = []
        for use in uses:
            place = use.draw.place
            base = (place.path, place.lines)
            calls[base] += 1
            site = self.setdefault((*base, calls[base]), MeasuredSite(place, use))
            site.add(use, is_fresh=id(use.draw) in drawn)
            added.append((site, use))
        return added


def asked_of(use: Use) -> float | None:
    """Return the drop probability that was asked for: that of the module, else that of the draw; None if not known."""
    module = use.draw.place.module
    if "pooled" in use.hints or "Noise" in type(module).__name__ or use.mask is None:
        return None
    asked = drop_prob_of(module) if is_leaf(module) else None
    return use.drop_prob if asked is None else asked


def is_leaf(module: nn.Module) -> bool:
    """Return whether a module has no parts."""
    return not any(True for _ in module.children())


def equal(one: Tensor, other: Tensor) -> bool:
    """Return whether two tensors are the same in shape and numbers."""
    return one is other or (one.shape == other.shape and torch.equal(one, other))


def _blends(use: Use) -> bool:
    masks = [each.mask for each in use.draw.uses if each.mask is not None and each is not use]
    return bool(masks) and use.mask is not None and any(equal(each, ~use.mask) for each in masks)


def _is_shared(use: Use) -> bool:
    """Return whether all rows of the data have one mask."""
    if use.mask is None or len(use.shape) < 2 or use.mask.dim() > len(use.shape):
        return False
    mask = use.mask
    if mask.numel() == 1 or use.hints & {"weights", "integers", "attention"}:
        return False
    whole = mask.expand(use.shape) if _expands(mask, use.shape) else mask
    rows = whole.reshape(-1, whole.shape[-1]) if whole.dim() == 3 else whole.flatten(1)
    return len(rows) > 1 and bool((rows == rows[0]).all())


def _expands(mask: Tensor, shape: tuple[int, ...]) -> bool:
    return all(own in (1, whole) for own, whole in zip(reversed(mask.shape), reversed(shape), strict=False))
