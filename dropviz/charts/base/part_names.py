"""Names of the units and edges of a diagram, and annotations with what was recorded of them."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dropviz.analysis.captions import layer_name
from dropviz.charts.base.annotations import Annotation
from dropviz.charts.base.geometry import Column, NetworkLayout
from dropviz.charts.base.timeline import without_fade
from dropviz.charts.base.tracked_example import EXAMPLE
from dropviz.recording import Layer, Recording
from dropviz.style.labels import Labels

Recorded = TypeVar("Recorded", bound=np.generic)


def unit_names(run: Recording, layout: NetworkLayout) -> list[NDArray[np.str_]]:
    """Return the names of the shown units of each layer: arm, layer and unit, counted from 0 as in the arrays."""
    return [
        np.array([f"{run.arm}/{layer.name}/{unit}" for unit in column.units])
        for layer, column in zip(run.layers, layout.columns, strict=True)
    ]


def edge_names(names: list[NDArray[np.str_]]) -> list[NDArray[np.str_]]:
    """Return the names of the edges from each layer but the last, [shown, shown of next]."""
    return [np.array([[f"{a} - {b}" for b in right] for a in left]) for left, right in pairwise(names)]


def between_shown(
    run: Recording, values: NDArray[Recorded], layers: tuple[Layer, Layer], columns: tuple[Column, Column]
) -> NDArray[Recorded]:
    """Return recorded values between two layers of those units that their columns show, [T, right, left]."""
    left, right = (
        np.searchsorted(run.units_shown(layer), column.units) for layer, column in zip(layers, columns, strict=True)
    )
    return values[:, right[:, None], left]


def unit_annotations(run: Recording, layout: NetworkLayout, labels: Labels) -> Iterator[tuple[str, Annotation]]:
    """Yield how often each shown unit was dropped, of all recorded iterations."""
    for layer, column, names in zip(run.layers, layout.columns, unit_names(run, layout), strict=True):
        masks = run.masks.get(layer.name) if run.tracked else None
        for unit, name in zip(column.units, names, strict=True):
            words = _unit(layer, unit, labels)
            if masks is None:
                yield str(name), Annotation(labels("unit kept note", unit=words))
            else:
                dropped = int((~masks[:, EXAMPLE, unit]).sum())
                yield str(name), Annotation(labels("unit note", unit=words, count=dropped, total=len(masks)))


def edge_annotations(
    run: Recording, layout: NetworkLayout, indices: Sequence[int], labels: Labels
) -> Iterator[tuple[str, Annotation]]:
    """Yield the weight of each shown edge at each of the recorded iterations `indices`, where weights were recorded."""
    layers = zip(run.layers, layout.columns, strict=True)
    of_edges = edge_names(unit_names(run, layout))
    for ((one, left), (other, right)), names in zip(pairwise(layers), of_edges, strict=True):
        if other.name not in run.weights:
            continue
        rows = [without_fade(index) for index in indices]
        weights = between_shown(run, run.weights[other.name], (one, other), (left, right))[rows]
        for i, j in np.ndindex(names.shape):
            ends = {"left": _unit(one, left.units[i], labels), "right": _unit(other, right.units[j], labels)}
            yield str(names[i, j]), Annotation(labels("edge note", **ends), weights[:, j, i])


def _unit(layer: Layer, unit: int, labels: Labels) -> str:
    return labels("unit", layer=layer_name(layer, labels), unit=unit)
