"""What the noise of a run did to the units and edges of a diagram, as its recording holds it."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import NDArray

from dropviz.charts.base.artists import Dots, Names, Points
from dropviz.charts.base.geometry import NetworkLayout
from dropviz.charts.base.tracked_example import EXAMPLE
from dropviz.recording import Recording

FULL = 2.0  # the strength from which on a unit is drawn as large as there is room


def noise_effect(run: Recording) -> str:
    """What is to be seen of the noise: "units" or "edges" that go, the "strength" of units, or "" of none."""
    if run.edges:
        return "edges"
    return "strength" if run.strengths else "units" if run.masks else ""


def unit_radius(strength: NDArray[np.floating], largest: float) -> NDArray[np.float64]:
    """The area of a unit is in proportion to its strength, whatever the sign, up to FULL."""
    return np.asarray(largest * np.sqrt(np.clip(np.abs(strength) / FULL, 0, 1)), float)


class NoiseEffects:
    """What happened, moment by moment, to the shown units of a run, and to the edges between them.

    rates   by the layer whose drop_prob it is, float [T]: the share dropped of all its units, or of all edges from it
    sized   for each layer, float [T, shown], what its shown units were multiplied by; None where they were not
    """

    def __init__(self, run: Recording, layout: NetworkLayout) -> None:
        self.kind = noise_effect(run)
        self._run, self._columns = run, layout.columns
        layers = run.layers
        self.rates: dict[str, NDArray[np.floating]] = dict(run.drop_rate) if self.kind == "units" else {}
        self._edges: list[NDArray[np.bool_] | None] = []
        for before, after in pairwise(layers):
            if after.name in run.edge_drop_rate:
                self.rates[before.name] = run.edge_drop_rate[after.name]
            self._edges.append(run.edges.get(after.name))
        self.sized: list[NDArray[np.float64] | None] = []
        for layer, column in zip(layers, layout.columns, strict=True):
            drawn, sizes = run.strengths.get(layer.name), None
            if drawn is not None and run.tracked:
                sizes = np.nan_to_num(drawn[:, EXAMPLE, list(column.units)].astype(float))
            self.sized.append(sizes)

    def masks(self, index: int) -> list[NDArray[np.bool_]]:
        """Which of the shown units are kept, for each layer bool [shown]."""
        layers = zip(self._run.layers, self._columns, strict=True)
        return [
            self._run.masks[layer.name][index, EXAMPLE, list(column.units)]
            if layer.name in self._run.masks
            else np.ones(len(column.units), bool)
            for layer, column in layers
        ]

    def edges(self, index: int) -> list[NDArray[np.bool_]]:
        """Which edges are there, between kept units: for each layer but the last bool [shown, shown of the next]."""
        found = []
        for (a, b), kept in zip(pairwise(self.masks(index)), self._edges, strict=True):
            there = a[:, None] & b[None]
            found.append(there if kept is None else there & kept[index].T)
        return found


class SizedUnits:
    """Units whose size is their strength; hollow where it is below 0. One mark each, as each has a size of its own."""

    def __init__(self, sizes: NDArray[np.float64], places: Points, largest: float, color: str, ground: str) -> None:
        self._sizes, self._places, self._largest = sizes, places, largest
        self._full = [Dots(largest, color, color, 1.6) for _place in places]
        self._hollow = [Dots(largest, ground, color, 1.6) for _place in places]
        self.moving: Sequence[Artist] = [*self._full, *self._hollow]

    def show(self, index: int, names: Sequence[Names]) -> None:
        """Set all of them to a moment."""
        for unit, (full, hollow, radius) in enumerate(
            zip(self._full, self._hollow, unit_radius(self._sizes[index], self._largest), strict=True)
        ):
            seen, unseen = (hollow, full) if self._sizes[index, unit] < 0 else (full, hollow)
            seen.resize(float(radius))
            seen.centres, seen.names = self._places[unit][None], names[unit]
            unseen.centres = np.empty((0, 2))
