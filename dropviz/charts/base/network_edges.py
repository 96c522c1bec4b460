"""Edges of a diagram: as wide as their recorded weights, in the colour of their sign."""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import NDArray

from dropviz.charts.base.artists import Points, Shape
from dropviz.charts.base.geometry import NetworkLayout
from dropviz.charts.base.part_names import between_shown
from dropviz.recording import Recording
from dropviz.style.theme import Theme

STRONGEST = 3  # edges into a unit that are drawn
WIDTHS = (0.8, 1.7, 2.8, 4.2)  # of edges, by the size of their weight, in points
PLAIN = 1.1  # width of an edge whose weight was not recorded
DASH = (4.0, 3.0)  # of weights below 0, where colours are greys
SCALE = 98  # percentile of the sizes of weights that has the full width
Kept = list[NDArray[np.bool_]]


class NetworkEdges:
    """Edges between kept units: of each shown unit, those of the strongest weights into it; all of unknown weight.

    scale   size of a weight that has the full width
    names   of the edges from each layer but the last, [shown, shown of next]
    drawn   for each layer but the last, bool [shown, shown of next]: edges that are drawn if both ends are kept
    """

    def __init__(
        self,
        theme: Theme,
        run: Recording,
        layout: NetworkLayout,
        positions: Sequence[Points],
        names: Sequence[NDArray[np.str_]],
        scale: float,
    ) -> None:
        self._positions, self._names, self._scale = positions, names, scale
        parts = zip(pairwise(run.layers), pairwise(layout.columns), strict=True)
        self._weights = [
            between_shown(run, run.weights[layers[1].name], layers, columns).swapaxes(1, 2)
            if layers[1].name in run.weights
            else None
            for layers, columns in parts
        ]
        shapes = [(len(left.units), len(right.units)) for left, right in pairwise(layout.columns)]
        self.drawn = [
            np.ones(shape, bool) if weights is None else strongest(weights)
            for shape, weights in zip(shapes, self._weights, strict=True)
        ]
        self.plain = Shape(edge=theme.outline, width=PLAIN)
        self.lost = Shape(edge=theme.faint, width=PLAIN)
        # By sign, below 0 first, and by width.
        self.signed = [
            [Shape(edge=color, width=width, dash=DASH if theme.patterns and not sign else ()) for width in WIDTHS]
            for sign, color in enumerate(theme.weight_colors)
        ]
        thin_first = [shape for shapes in zip(*self.signed, strict=True) for shape in shapes]
        self.moving: Sequence[Artist] = [self.lost, self.plain, *thin_first]

    def show(self, index: int, kept: Kept, lost: Kept) -> None:
        """Draw the kept edges with their weights at the recorded iteration `index`, and the lost ones pale."""
        found = [drawn & mask for drawn, mask in zip(self.drawn, kept, strict=True)]
        levels = [self._levels(layer, index) for layer in range(len(found))]
        self._set(self.plain, [mask & (level == 0) for mask, level in zip(found, levels, strict=True)])
        for side, shapes in zip((-1, 1), self.signed, strict=True):
            for number, shape in enumerate(shapes, start=1):
                self._set(shape, [mask & (level == side * number) for mask, level in zip(found, levels, strict=True)])
        self._set(self.lost, [drawn & mask for drawn, mask in zip(self.drawn, lost, strict=True)])

    def _levels(self, layer: int, index: int) -> NDArray[np.int64]:
        """Return the number of each edge's width, counted from 1, with the sign of its weight; 0 if it is unknown."""
        weights = self._weights[layer]
        if weights is None:
            return np.zeros(self.drawn[layer].shape, int)
        sizes = np.nan_to_num(np.abs(weights[index]) / self._scale, nan=0.0, posinf=1.0)
        numbers = np.clip(np.ceil(len(WIDTHS) * sizes), 1, len(WIDTHS)).astype(int)
        levels: NDArray[np.int64] = np.where(weights[index] < 0, -numbers, numbers)
        return levels

    def _set(self, shape: Shape, edges: Kept) -> None:
        shape.set_lines(_lines(self._positions, edges), partial(self._names_of, edges))

    def _names_of(self, edges: Kept) -> list[str]:
        return [str(name) for names, mask in zip(self._names, edges, strict=True) for name in names[mask]]


def strongest(weights: NDArray[np.floating], most: int = STRONGEST) -> NDArray[np.bool_]:
    """Return which edges are the strongest into their unit, bool [left, right], by their mean size over iterations.

    weights  float [T, left, right]
    """
    sizes = np.nan_to_num(np.abs(weights.astype(float)), nan=0.0, posinf=0.0).mean(axis=0)
    order = np.argsort(-sizes, axis=0, kind="stable")
    result = np.zeros(sizes.shape, bool)
    np.put_along_axis(result, order[:most], True, axis=0)
    return result


def weight_scale(runs: Sequence[Recording]) -> float:
    """Return the size of a weight from which on edges have the full width, of all recorded weights of these runs."""
    sizes = [np.abs(weights).ravel() for run in runs for weights in run.weights.values()]
    finite = [each[np.isfinite(each)] for each in sizes]
    known = np.concatenate(finite) if finite else np.empty(0)
    return float(np.percentile(known, SCALE)) or 1.0 if len(known) else 1.0


def _lines(positions: Sequence[Points], edges: Kept) -> Points:
    """Return a segment for every edge, float [edges, 2, 2]."""
    lines = [np.empty((0, 2, 2))]
    for (a, b), mask in zip(pairwise(positions), edges, strict=True):
        left, right = np.nonzero(mask)
        lines.append(np.stack([a[left], b[right]], axis=1))
    return np.concatenate(lines)
