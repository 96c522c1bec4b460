"""Choice of the units that a diagram shows, of those that were recorded."""

import numpy as np

from dropviz.charts.base.tracked_example import EXAMPLE
from dropviz.recording import Layer, Recording

MOST = 6  # units of a layer that is not the output: fewer are larger


def pick_units(run: Recording, layer: Layer, most: int = MOST) -> tuple[int, ...]:
    """Return the units of a layer to show: all outputs; of others, those that the tracked example makes most active.

    Of recordings without activations, they are the first and the last ones.
    """
    shown = run.units_shown(layer)
    if len(shown) <= most or layer.kind == "output":
        return shown
    activations = run.activations.get(layer.name)
    if activations is None:
        return (*shown[: most // 2], *shown[len(shown) - (most - most // 2) :])
    # Clipped, since float16 holds infinity where a run diverged.
    activity = np.clip(np.nan_to_num(activations[:, EXAMPLE].astype(float)), 0, 1e4).mean(axis=0)
    best = np.sort(np.argsort(-activity, kind="stable")[:most])
    return tuple(shown[number] for number in best)
