"""Activations before and after the noise of layers, in training passes and in evaluation."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dropviz.analysis.comparison import DIVERGED, ArmRuns, Comparison
from dropviz.errors import RecordingError
from dropviz.recording import Layer, Recording
from dropviz.recording.validation import require


class Passes(NamedTuple):
    """Passes of one layer in the recorded iterations of one run.

    masks   bool [T, examples, units], True = kept
    before  float [T, examples, shown], activations before the noise
    after   float [T, examples, shown], activations after it, in training
    test    float [T, examples, shown], activations after the layer in evaluation
    """

    run: Recording
    layer: Layer
    masks: NDArray[np.bool_]
    before: NDArray[np.floating]
    after: NDArray[np.floating]
    test: NDArray[np.floating]

    @property
    def keep(self) -> float:
        """Probability that a unit is kept."""
        return 1 - self.layer.drop_prob


def read_passes(comparison: Comparison) -> list[list[Passes]]:
    """Return the passes of the first arm with masks of dropout, a list of runs for each of its layers.

    Raises RecordingError if there is no such arm, or if the probe `gate` does not fit.
    """
    for arm in comparison.arms:
        if layers := _noisy_layers(arm):
            last_first = [[_read(run, layer) for run in arm.runs] for layer in reversed(layers)]
            return last_first[::-1]
    raise RecordingError("no gates to draw: no arm with dropout kept its masks; name a recording of one that did")


def _noisy_layers(arm: ArmRuns) -> list[Layer]:
    """Return the layers that drop units with a probability and whose masks all runs kept."""
    return [
        layer
        for layer in arm.runs[0].layers
        if 0 < layer.drop_prob < 1 and all(layer.name in run.masks and run.masks[layer.name].size for run in arm.runs)
    ]


def _read(run: Recording, layer: Layer) -> Passes:
    masks = run.masks[layer.name]
    shape = len(masks), masks.shape[1], len(run.units_shown(layer))
    values = []
    for place in ("before", "after", "test"):
        name = f"gate/{layer.name} {place}"
        values.append(run.probe(name, *shape))
        require(np.isfinite(values[-1]).all(), f"{name!r} of arm {run.arm!r} is not finite: {DIVERGED}")
    return Passes(run, layer, masks, *values)
