"""Units of a diagram: filled by their recorded activations, crossed where they were dropped."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import NDArray

from dropviz.charts.base.artists import Dots, Points, Shape
from dropviz.charts.base.geometry import NetworkLayout
from dropviz.charts.base.tracked_example import EXAMPLE
from dropviz.recording import Layer, Recording
from dropviz.style.theme import Theme, blend

FILLS = (0.0, 0.25, 0.5, 0.75, 1.0)  # opacity of the fill of a unit, from no activation to the full one
SCALE = 95  # percentile of the activations above 0 of a layer that has the full fill
OUTLINE = 1.6  # width of an outline, in points
REACH = 0.62  # of the arms of a cross, in radii


def fills_of(theme: Theme) -> list[str]:
    """Return the colours of a unit, from no activation to the full one."""
    ground, ink = theme.image_colors
    return [blend(ink, ground, opacity) for opacity in FILLS]


def levels_of(run: Recording, layer: Layer, units: Sequence[int]) -> NDArray[np.int64] | None:
    """Return the number of the fill of each unit for the tracked example, int [T, units]; None if it is not known.

    Outputs are filled by the probability that the network gave in that very pass, others by what they handed on.
    """
    if layer.kind == "output":
        examples = run.examples
        if examples is None or examples.prediction.shape[-1] != layer.units:
            return None
        return _levels(examples.prediction[:, EXAMPLE, list(units)].astype(float), 1.0)
    if layer.name not in run.activations:
        return None
    values = run.activations[layer.name][:, EXAMPLE].astype(float)
    positive = values[np.isfinite(values) & (values > 0)]
    scale = float(np.percentile(positive, SCALE)) if len(positive) else 1.0
    return _levels(values[:, np.searchsorted(run.units_shown(layer), units)], scale)


def _levels(values: NDArray[np.float64], scale: float) -> NDArray[np.int64]:
    shares = np.nan_to_num(values / scale, nan=0.0, posinf=1.0, neginf=0.0)
    # Rounded up, so that a unit that is not filled handed on 0 or less; outputs are never 0.
    return np.clip(np.ceil(shares * (len(FILLS) - 1) - 0.2), 0, len(FILLS) - 1).astype(int)


class NetworkUnits:
    """Units of all layers: kept ones filled, dropped ones hollow and crossed.

    color  of kept units whose activation is not known
    kept_radius  for each layer, radius of kept units in pixels
    """

    def __init__(
        self,
        theme: Theme,
        run: Recording,
        layout: NetworkLayout,
        positions: Sequence[Points],
        names: Sequence[NDArray[np.str_]],
        color: str,
        kept_radius: Sequence[float],
        scale: float,
    ) -> None:
        self._positions, self._names = positions, names
        columns = layout.columns
        self.levels = [levels_of(run, layer, column.units) for layer, column in zip(run.layers, columns, strict=True)]
        fills = fills_of(theme)
        self.filled = [[Dots(radius, fill, theme.ink, OUTLINE) for fill in fills] for radius in kept_radius]
        self.plain = [Dots(radius, color, color, OUTLINE) for radius in kept_radius]
        self.dropped = [Dots(column.radius * scale, theme.background, theme.outline, OUTLINE) for column in columns]
        self.crosses = Shape(edge=theme.muted, width=2.4, cap="round")
        self._reach = [REACH * column.radius * scale for column in columns]
        self.moving: Sequence[Artist] = [
            *(dots for layer in self.filled for dots in layer),
            *self.plain,
            *self.dropped,
            self.crosses,
        ]

    def show(self, index: int, masks: Sequence[NDArray[np.bool_]], hidden: Sequence[bool], *, answered: bool) -> None:
        """Set all units to the recorded iteration of `index`.

        masks     for each layer, bool [shown], True = kept
        hidden    for each layer, True if its kept units are drawn by others
        answered  False if outputs are still empty
        """
        last = len(masks) - 1
        for layer, mask in enumerate(masks):
            kept = mask & (not hidden[layer])
            levels = self.levels[layer]
            levels = None if levels is None else levels[index] if answered or layer < last else 0 * levels[index]
            self._set(self.plain[layer], layer, kept & (levels is None))
            for number, dots in enumerate(self.filled[layer]):
                self._set(dots, layer, np.zeros_like(kept) if levels is None else kept & (levels == number))
            self._set(self.dropped[layer], layer, ~mask)
        lines = [crosses(xy[~mask], reach) for xy, mask, reach in zip(self._positions, masks, self._reach, strict=True)]
        self.crosses.set_lines(np.concatenate(lines))

    def _set(self, dots: Dots, layer: int, which: NDArray[np.bool_]) -> None:
        dots.centres, dots.names = self._positions[layer][which], partial(self._names_of, layer, which)

    def _names_of(self, layer: int, which: NDArray[np.bool_]) -> list[str]:
        names: list[str] = self._names[layer][which].tolist()
        return names


def crosses(centres: Points, reach: float) -> Points:
    """Return two diagonal segments through each centre, float [2 * centres, 2, 2]."""
    arms = np.array([[[-reach, -reach], [reach, reach]], [[-reach, reach], [reach, -reach]]])
    # On whole pixels, as the circles are.
    lines: Points = (np.floor(centres)[:, None, None] + 0.5 + arms).reshape(-1, 2, 2)
    return lines
