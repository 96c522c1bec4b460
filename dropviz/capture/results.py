"""Sites, masks and blocks of a recording, from the log of the sites."""

from collections import Counter
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dropviz.capture.site_log import SiteLog, SiteRecord
from dropviz.capture.stacking import as_array
from dropviz.capture.structure import Node
from dropviz.recording import Block, Layer, Site


class SiteArrays:
    """Arrays of each site that drew, by its name, over all recorded iterations."""

    def __init__(self, log: SiteLog, iterations: int) -> None:
        self.records = log.named()
        self._length = iterations

    @cached_property
    def sites(self) -> tuple[Site, ...]:
        """The sites, in the order in which they ran."""
        calls: Counter[str] = Counter()
        sites = []
        for record in self.records:
            path = record.first.draw.place.path
            calls[path] += 1
            sites.append(record.site(calls[path]))
        return tuple(sites)

    @cached_property
    def masks(self) -> dict[str, NDArray[np.bool_]]:
        """Masks, bool [T, *shape of the site], True = kept or not drawn."""
        return {each.name: self._stacked(each, each.masks, fill=True) for each in self.records if each.masks}

    @cached_property
    def noise(self) -> dict[str, NDArray[np.float32]]:
        """Random numbers, float32 [T, *shape of the site], 0 where they were not drawn."""
        return {each.name: self._stacked(each, each.noise, fill=0) for each in self.records if each.noise}

    @cached_property
    def drop_rate(self) -> dict[str, NDArray[np.float64]]:
        """Shares that were dropped, float [T], NaN where the site drew nothing."""
        rates = {}
        for record in self.records:
            rates[record.name] = np.full(self._length, np.nan)
            rates[record.name][record.iterations] = record.rates
        return rates

    @cached_property
    def mask_sizes(self) -> dict[str, NDArray[np.int64]]:
        """Sizes of masks that differ between iterations, int [T, axes]."""
        sizes = {}
        for record in self.records:
            own = record.sizes()
            is_steady = len(own) == self._length and bool((own == own[:1]).all())
            if len(own) and not is_steady:
                sizes[record.name] = np.zeros((self._length, own.shape[1]), np.int64)
                sizes[record.name][record.iterations] = own
        return sizes

    def _stacked(self, record: SiteRecord, values: list[Any], *, fill: float) -> NDArray[Any]:
        arrays = [as_array(each) for each in values]
        shape = tuple(record.sizes().max(axis=0))
        whole = np.full((self._length, *shape), fill, arrays[0].dtype)
        for index, array in zip(record.iterations, arrays, strict=False):
            part: tuple[int | slice, ...] = (index, *(slice(size) for size in array.shape))
            whole[part] = array
        return whole

    def noise_masks(self, layers: tuple[Layer, ...]) -> dict[str, NDArray[np.bool_]]:
        """Return masks of the layers that are multiplied by noise: nothing is dropped where it is not 0."""
        names = [layer.site for layer in layers if layer.site in self.noise and layer.site not in self.masks]
        return {name: self.noise[name] != 0 for name in names}

    def record_of(self, node: Node | None) -> SiteRecord | None:
        """Return the record of the site of a node; None if it drew nothing."""
        return next((each for each in self.records if node is not None and each.first is node.use), None)


def describe_blocks(nodes: list[Node], arrays: SiteArrays) -> tuple[Block, ...]:
    """Return the blocks of a model from the nodes of a pass."""
    kept = [node for node in nodes if node.kind != "site" or arrays.record_of(node) is not None]
    numbers = {node: number for number, node in enumerate(kept)}
    return tuple(_describe(node, numbers, arrays) for node in kept)


def _describe(node: Node, numbers: dict[Node, int], arrays: SiteArrays) -> Block:
    record = arrays.record_of(node)
    return Block(
        name=record.name if record is not None else node.name,
        kind=node.kind,
        label=record.kind if record is not None else node.label,
        shape=node.shape,
        inputs=tuple(sorted({numbers[each] for each in _expand(node, numbers)})),
        inside=None if node.inside is None else numbers[node.inside],
    )


def _expand(node: Node, numbers: dict[Node, int]) -> list[Node]:
    """Return the kept nodes that a node reads, through those that were left out."""
    inputs: list[Node] = []
    for each in node.inputs:
        inputs += [each] if each in numbers else _expand(each, numbers)
    return inputs
