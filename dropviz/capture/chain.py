"""Chain of linear modules: its layers, and the weights and activations of each recorded pass."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from dropviz.capture.layers import ChainLayer, read_chain
from dropviz.capture.results import SiteArrays
from dropviz.capture.site_log import SiteRecord
from dropviz.capture.stacking import stack
from dropviz.capture.structure import Node
from dropviz.recording import Layer
from dropviz.recording.shown import sample_units


class Chain:
    """Layers of a model from the blocks of its first pass; none if the model is no chain."""

    def __init__(self, nodes: list[Node] | None = None) -> None:
        self.nodes = nodes or []
        self._layers = read_chain(self.nodes)
        self._picks = {
            number: pick_shown(layer.linear)
            for number, (before, layer) in enumerate(pairwise(self._layers), start=1)
            # Else a module between reshapes: columns are no units.
            if layer.linear is not None and layer.linear.in_features == before.units
        }
        self._used: dict[int, Tensor] = {}
        self._weights: dict[int, list[Tensor]] = {}
        self._handed_on: dict[int, Tensor] = {}
        self._activations: dict[int, list[Tensor]] = {}

    @property
    def modules(self) -> list[nn.Module]:
        """Linear modules that lead from one layer to the next."""
        linear = [self._layers[number].linear for number in self._picks]
        return [module for module in linear if module is not None]

    def read_activations(self, inputs: Mapping[nn.Module, Tensor], rows: slice | Tensor) -> None:
        """Read what the layers handed on in a pass for these rows, from the inputs of linear modules."""
        for number in self._picks:
            linear = self._layers[number].linear
            if linear is not None and linear in inputs:
                self._handed_on[number - 1] = inputs[linear].detach()[rows].clone()

    def read_weights(self) -> None:
        """Read the weights that a pass used, before an update changes them."""
        for number, pick in self._picks.items():
            linear = self._layers[number].linear
            if linear is not None:
                self._used[number] = pick(linear.weight)

    def keep(self) -> None:
        """Keep weights and activations of the latest pass."""
        for number, weights in self._used.items():
            self._weights.setdefault(number, []).append(weights)
        for number, values in self._handed_on.items():
            self._activations.setdefault(number, []).append(values)

    def layers(self, arrays: SiteArrays) -> tuple[Layer, ...]:
        """Return the layers from input to output; none if a site does not have a mask of a layer in each iteration."""
        records = [arrays.record_of(layer.noise) for layer in self._layers]
        if any(record is not None and not _fits(record, arrays) for record in records):
            return ()
        of_edges = self._edge_records(arrays).values()
        if any(record.kind != "weights" for record in of_edges):
            return ()
        found = {record.name for record in [*records, *of_edges] if record}
        if found != {record.name for record in arrays.records if record.kind != "additive"}:
            return ()
        last = len(self._layers) - 1
        layers = []
        for number, (layer, record) in enumerate(zip(self._layers, records, strict=True)):
            kind = "input" if number == 0 else "output" if number == last and record is None else "hidden"
            name = f"hidden {number}" if kind == "hidden" else kind
            edges = arrays.record_of(self._layers[number + 1].edges) if number < last else None
            layers.append(_layer(name, kind, layer, record or edges))
        return tuple(layers) if all(layer.units for layer in layers) else ()

    def _edge_records(self, arrays: SiteArrays) -> dict[int, SiteRecord]:
        records = {number: arrays.record_of(layer.edges) for number, layer in enumerate(self._layers)}
        return {number: record for number, record in records.items() if record is not None}

    def weights(self, names: list[str]) -> dict[str, NDArray[Any]]:
        """Return the kept weights by the layer that they lead to."""
        return {names[number]: stack([each.float() for each in rows]) for number, rows in self._weights.items()}

    def activations(self, names: list[str], examples: int) -> dict[str, NDArray[np.float16]]:
        """Return the kept activations of shown units, float16 [T, examples, shown], by layer."""
        length = max(map(len, self._weights.values()), default=0)
        arrays = {}
        for number, values in self._activations.items():
            if len(values) == length and all(len(each) >= examples for each in values):
                shown = list(sample_units(values[0].shape[1]))
                with np.errstate(over="ignore"):  # of a run that diverged: infinity
                    arrays[names[number]] = stack([each[:examples] for each in values])[..., shown].astype(np.float16)
        return arrays

    def edges(
        self, names: list[str], arrays: SiteArrays
    ) -> tuple[dict[str, NDArray[np.bool_]], dict[str, NDArray[Any]]]:
        """Return masks of the edges between shown units, and shares dropped of all, by the layer that they lead to."""
        edges, rates = {}, {}
        for number, record in self._edge_records(arrays).items():
            linear = self._layers[number].linear
            if linear is None or number not in self._picks:
                continue
            masks = arrays.masks[record.name]
            if masks.shape[1:] == tuple(linear.weight.shape):
                shown = np.ix_(range(len(masks)), sample_units(linear.out_features), sample_units(linear.in_features))
                masks = masks[shown]
            edges[names[number]], rates[names[number]] = masks, arrays.drop_rate[record.name]
        return edges, rates


def _fits(record: SiteRecord, arrays: SiteArrays) -> bool:
    """Return whether a site has a mask for each example and unit in each iteration."""
    good = record.names == ("example", "unit") and record.kind in ("units", "multiplicative")
    return good and record.name not in arrays.mask_sizes and not record.left_out


def _layer(name: str, kind: str, layer: ChainLayer, record: SiteRecord | None) -> Layer:
    if record is None:
        return Layer(name, layer.units, kind)
    drop_prob = record.drop_prob if record.drop_prob is not None else float(np.mean(record.rates))
    values = record.masks or record.noise
    units = layer.units or (int(values[0].shape[-1]) if record.kind != "weights" else 0)
    site = record.name if record.kind != "weights" else ""
    return Layer(name, units, kind, drop_prob, noise=record.kind, site=site)


def pick_shown(module: nn.Linear) -> Callable[[Tensor], Tensor]:
    """Return a function from a matrix of the module's shape to the part between shown units, [shown, shown before]."""
    shown, before = sample_units(module.out_features), sample_units(module.in_features)
    indices = torch.tensor([[row * module.in_features + column for column in before] for row in shown])
    flat = indices.flatten().to(module.weight.device)

    def pick(matrix: Tensor) -> Tensor:
        return matrix.detach().reshape(-1).index_select(0, flat.to(matrix.device)).view(indices.shape)

    return pick
