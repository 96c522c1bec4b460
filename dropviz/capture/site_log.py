"""Log of the sites of a model: what each drew in each recorded iteration."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dropviz.capture.axes import Geometry
from dropviz.capture.noise_layers import Noise
from dropviz.capture.uses import Proof, Use
from dropviz.recording import Site
from dropviz.recording.shown import sample_units

MAX_WEIGHTS = 1 << 16  # larger matrices of weights are recorded between a sample of their units
Key = tuple[Any, ...]


@dataclass(eq=False)
class SiteRecord:
    """Record of the draws of one site.

    first       its first use, without tensors
    names       names of its axes
    drop_prob   drop probability that was asked for; None if it is not known
    iterations  indices of the recorded iterations in which it drew
    masks       bool of each of them, True = kept
    noise       random numbers of each of them; empty where a mask says all
    rates       share dropped in each of them
    scales      scale in each of them
    name        unique name, once all iterations are known
    left_out    reason for which no mask is kept; "" if masks are kept
    """

    key: Key
    first: Use
    kind: str
    names: tuple[str, ...]
    drop_prob: float | None
    iterations: list[int] = field(default_factory=list)
    masks: list[Tensor] = field(default_factory=list)
    noise: list[Tensor] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    scales: list[float] = field(default_factory=list)
    proof: Proof = field(default_factory=Proof)
    is_constant: bool = True  # nothing random yet: a drop probability of 0 or 1
    name: str = ""
    left_out: str = ""
    shape: tuple[int, ...] = ()  # of the first mask, if masks are left out

    @property
    def has_examples(self) -> bool:
        """True if each example has a mask of its own."""
        return "example" in self.names[:1]

    def add(self, index: int, use: Use, geometry: Geometry, tracked: slice | Tensor) -> None:
        """Add what the site drew in the recorded iteration `index`, of the tracked rows."""
        self.iterations.append(index)
        self.rates.append(use.drop_rate)
        self.proof = self.proof + use.proof
        if use.scale is not None:
            self.scales.append(use.scale * use.scale_before)
        rows = tracked if self.has_examples else slice(None)
        if self.left_out:
            self.shape = self.shape or tuple(geometry.arrange(use.tensor)[rows].shape)
            return
        if use.mask is not None or self.masks:
            mask = use.mask if use.mask is not None else use.tensor != 0
            self.masks.append(self._cut(geometry.arrange(mask), rows))
        if use.noise is not None:
            self.noise.append(self._cut(geometry.arrange(use.noise), rows).float())

    def _cut(self, tensor: Tensor, rows: slice | Tensor) -> Tensor:
        if self.kind == "weights" and tensor.dim() == 2 and tensor.numel() > MAX_WEIGHTS:
            for axis, size in enumerate(tensor.shape):
                tensor = tensor.index_select(axis, torch.tensor(sample_units(size), device=tensor.device))
            return tensor
        return (tensor[rows] if tensor.dim() else tensor).clone()

    @property
    def is_drawn(self) -> bool:
        """True if it drew at least once. What was made outside torch was drawn if it changed."""
        if self.first.draw.operation != "outside":
            is_own = isinstance(self.first.draw.place.module, Noise)  # dropviz's layers are recorded at 0, too
            return is_own or not self.is_constant or any(rate == 1 for rate in self.rates)
        values = self.masks or self.noise
        if not self.masks and all(bool((each == each.flatten()[:1]).all()) for each in values):
            return False  # a number that the code changes, such as that of a schedule
        return any(one.shape != other.shape or not torch.equal(one, other) for one, other in pairwise(values))

    def site(self, call: int) -> Site:
        """Return the site as a recording has it."""
        place = self.first.draw.place
        sizes = self.sizes()
        return Site(
            name=self.name,
            path=place.path,
            file=place.file,
            line=place.line,
            call=call,
            kind=self.kind,
            drop_prob=self.drop_prob,
            axes=self.names,
            shape=self.shape if self.left_out else tuple(int(each) for each in sizes.max(axis=0)),
            scale=float(np.mean(self.scales)) if self.scales else None,
            compared=self.proof.elements,
            unequal=self.proof.unequal,
            error=self.proof.error,
        )

    def sizes(self) -> NDArray[np.int64]:
        """Return the size of each axis in each iteration in which the site drew, int [iterations, axes]."""
        values = self.masks or self.noise
        return np.array([each.shape for each in values], np.int64).reshape(len(values), len(self.names))


class SiteLog:
    """Sites of a model by their place, with what they drew."""

    def __init__(self, examples: int, iterations: int, max_bytes: int) -> None:
        self.examples, self._allowed = examples, max_bytes / max(iterations, 1)
        self.records: dict[Key, SiteRecord] = {}
        self._bytes = 0.0  # of one iteration

    def add(self, index: int, uses: Iterable[tuple[Use, Geometry, float | None]], tracked: slice | Tensor) -> None:
        """Add the uses of one iteration, each with its axes and the drop probability of its module."""
        calls: Counter[Key] = Counter()
        for use, geometry, drop_prob in uses:
            place = use.draw.place
            base = (place.path, place.lines, use.draw.recomputed, geometry.names)
            calls[base] += 1
            record = self._record((*base, calls[base]), use, geometry, drop_prob)
            if use.draw.operation != "constant":
                record.is_constant = False
                record.kind = geometry.kind if not record.masks and not record.noise else record.kind
            record.add(index, use, geometry, tracked)
            use.data = None

    def _record(self, key: Key, use: Use, geometry: Geometry, drop_prob: float | None) -> SiteRecord:
        record = self.records.get(key)
        if record is None:
            asked = drop_prob if drop_prob is not None else use.drop_prob
            asked = None if asked is None else round(asked, 12)
            record = self.records[key] = SiteRecord(key, use, geometry.kind, geometry.names, asked)
            self._limit(record, use)
        return record

    def _limit(self, record: SiteRecord, use: Use) -> None:
        """Leave out the masks of a site for which the budget of bytes has no room."""
        elements = use.tensor.numel()
        if record.has_examples and elements:
            elements = elements // max(use.tensor.shape[0], 1) * self.examples
        if record.kind == "weights" and elements > MAX_WEIGHTS:
            elements = len(sample_units(1 << 20)) ** 2
        size = elements * (use.tensor.element_size() if use.mask is None else 1)
        if self._bytes + size > self._allowed:
            record.left_out = (
                f"the masks of {use.draw.place.name} are left out: they take "
                f"{size / 1e6:.3g} MB an iteration; record fewer iterations or examples, or give max_bytes"
            )
        else:
            self._bytes += size

    def named(self) -> list[SiteRecord]:
        """Return the sites that drew, in order, each with a unique name."""
        records = [record for record in self.records.values() if record.is_drawn]
        for record in records:
            record.name = record.first.draw.place.name
        _tell_apart(records, lambda record: " (recomputed)" if record.first.draw.recomputed else "")
        _tell_apart(records, lambda record: f":{record.first.draw.place.line}" if record.first.draw.place.line else "")
        counts: Counter[str] = Counter(record.name for record in records)
        numbers: Counter[str] = Counter()
        for record in records:
            numbers[record.name] += 1
            if counts[record.name] > 1:
                record.name = f"{record.name} #{numbers[record.name]}"
        return records


def _tell_apart(records: list[SiteRecord], ending: Any) -> None:
    """Add an ending to the names that several sites have, where the endings differ."""
    groups: dict[str, list[SiteRecord]] = {}
    for record in records:
        groups.setdefault(record.name, []).append(record)
    for group in groups.values():
        if len({ending(record) for record in group}) > 1:
            for record in group:
                record.name += ending(record)
