"""Effects of the noise of a run on the units and edges of a diagram, as they were recorded."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import NDArray

from dropviz.analysis.comparison import Comparison
from dropviz.charts.base.artists import Dots, Names, Points
from dropviz.charts.base.geometry import NetworkLayout
from dropviz.charts.base.part_names import between_shown
from dropviz.charts.base.tracked_example import EXAMPLE
from dropviz.errors import RecordingError
from dropviz.recording import Recording

FULL = 2.0  # the strength from which on a unit has its maximum size


def noise_effect(run: Recording) -> str:
    """Return the visible effect of the noise: "units" or "edges" dropped, "strength" of units, or "" for none."""
    if not len(run.recorded_iterations) or not run.has_noise:
        return ""
    if run.edges:
        return "edges"
    return ("strength" if run.noise else "units") if run.tracked else ""


def first_noisy_run(comparison: Comparison) -> Recording:
    """Return the first run of the first arm with masks; raise RecordingError if there is none."""
    noisy = next((arm.runs[0] for arm in comparison.arms if noise_effect(arm.runs[0])), None)
    if noisy is None:
        arms = ", ".join(repr(arm.name) for arm in comparison.arms)
        raise RecordingError(
            f"no masks to draw: {arms} drops nothing, or kept none; name a recording of an arm with dropout"
        )
    return noisy


def unit_radius(strength: NDArray[np.floating], largest: float) -> NDArray[np.float64]:
    """Return the radii of units whose areas are in proportion to the sizes of their strengths, up to FULL."""
    return np.asarray(largest * np.sqrt(np.clip(np.abs(strength) / FULL, 0, 1)), float)


class NoiseEffects:
    """Effects on the shown units of a run, and on the edges between them, at each recorded iteration.

    kind    the visible effect, as `noise_effect` returns it
    rates   by the layer whose drop_prob it is, float [T]: share dropped of all its units, or of all edges from it
    sized   for each layer, float [T, shown]: factors of its shown units; None without multiplicative noise
    """

    def __init__(self, run: Recording, layout: NetworkLayout) -> None:
        self.kind = noise_effect(run)
        self._run, self._columns = run, layout.columns
        layers = run.layers
        self.rates: dict[str, NDArray[np.floating]] = (
            {layer.name: run.drop_rate[layer.name] for layer in run.layers if layer.name in run.drop_rate}
            if self.kind == "units"
            else {}
        )
        self._edges: list[NDArray[np.bool_] | None] = []
        for (before, left), (after, right) in pairwise(zip(layers, layout.columns, strict=True)):
            if after.name in run.edge_drop_rate:
                self.rates[before.name] = run.edge_drop_rate[after.name]
            kept = run.edges.get(after.name)
            self._edges.append(None if kept is None else between_shown(run, kept, (before, after), (left, right)))
        self.sized: list[NDArray[np.float64] | None] = []
        for layer, column in zip(layers, layout.columns, strict=True):
            strengths, sizes = run.noise.get(layer.name), None
            if strengths is not None and run.tracked:
                sizes = np.nan_to_num(strengths[:, EXAMPLE, list(column.units)].astype(float))
            self.sized.append(sizes)

    def masks(self, index: int) -> list[NDArray[np.bool_]]:
        """Return the masks of the shown units, for each layer bool [shown], True = kept."""
        layers = zip(self._run.layers, self._columns, strict=True)
        return [
            self._run.masks[layer.name][index, EXAMPLE, list(column.units)]
            if layer.name in self._run.masks and self._run.tracked
            else np.ones(len(column.units), bool)
            for layer, column in layers
        ]

    def edges(self, index: int) -> list[NDArray[np.bool_]]:
        """Return which edges between kept units are kept: for each layer but the last, bool [shown, shown of next]."""
        edges = []
        for (left, right), kept in zip(pairwise(self.masks(index)), self._edges, strict=True):
            between_kept = left[:, None] & right[None]
            edges.append(between_kept if kept is None else between_kept & kept[index].T)
        return edges


class SizedUnits:
    """Units whose size is their strength, hollow where it is below 0. Each is an artist, since sizes differ."""

    def __init__(self, sizes: NDArray[np.float64], places: Points, largest: float, color: str, ground: str) -> None:
        self._sizes, self._places, self._largest = sizes, places, largest
        self._full = [Dots(largest, color, color, 1.6) for _place in places]
        self._hollow = [Dots(largest, ground, color, 1.6) for _place in places]
        self.moving: Sequence[Artist] = [*self._full, *self._hollow]

    def show(self, index: int, names: Sequence[Names]) -> None:
        """Set all units to the recorded iteration of `index`."""
        for unit, (full, hollow, radius) in enumerate(
            zip(self._full, self._hollow, unit_radius(self._sizes[index], self._largest), strict=True)
        ):
            visible, other = (hollow, full) if self._sizes[index, unit] < 0 else (full, hollow)
            visible.resize(float(radius))
            visible.centres, visible.names = self._places[unit][None], names[unit]
            other.centres = np.empty((0, 2))
