"""Masks of one and the same activations, and the mean over more and more of them."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dropviz.analysis.comparison import Comparison
from dropviz.errors import RecordingError
from dropviz.recording import Recording


class Draws:
    """Masks that one run recorded with the probe `expectation`.

    ratios     h'/h, float [masks, units], of activations h and what the noise layer makes of them, h'
    drop_prob  of that layer

    Raises RecordingError if there are no masks of active units.
    """

    def __init__(self, run: Recording) -> None:
        self.run = run
        off = run.probe("expectation/off", -1)
        drawn = run.probe("expectation/drawn", -1, len(off))
        noisy = [layer for layer in run.layers if 0 < layer.drop_prob < 1]
        with np.errstate(all="ignore"):  # of a run that diverged
            self.ratios: NDArray[np.float64] = drawn.astype(float) / off
        if not drawn.size or not noisy or not (off > 0).all() or not np.isfinite(self.ratios).all():
            raise RecordingError(f"arm {run.arm!r} drew no masks on active units: train it with dropout, and longer")
        self.drop_prob = next((layer for layer in noisy if layer.kind == "hidden"), noisy[0]).drop_prob

    @property
    def sd(self) -> float:
        """The standard deviation of h'/h over masks: of a Bernoulli variable of mean keep, divided by keep."""
        return float(np.sqrt(self.drop_prob / (1 - self.drop_prob)))

    @property
    def error(self) -> float:
        """The standard deviation of the mean of h'/h over all masks."""
        return self.sd / float(np.sqrt(len(self.ratios)))

    @cached_property
    def means(self) -> NDArray[np.float64]:
        """The mean of h'/h over the first masks, float [masks, units]."""
        return _running_mean(self.ratios)

    @cached_property
    def unscaled(self) -> NDArray[np.float64]:
        """The mean for a layer that does not divide by keep, over all units: the share kept so far, float [masks]."""
        return _running_mean((self.ratios != 0).mean(axis=1))


def read_draws(comparison: Comparison) -> list[Draws]:
    """Return the masks of each run of the first arm that has any; raise RecordingError if none has."""
    arm = next((arm for arm in comparison.arms if "expectation/off" in arm.runs[0].probes), comparison.arms[0])
    return [Draws(run) for run in arm.runs]


def mean_deviation(ratios: NDArray[np.float64]) -> float:
    """Return the mean absolute deviation of ratios from 1."""
    return float(np.abs(ratios - 1).mean())


def _running_mean(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the mean of the first values, along the first dimension."""
    count = np.arange(1, len(values) + 1).reshape(-1, *[1] * (values.ndim - 1))
    means: NDArray[np.float64] = values.cumsum(axis=0) / count
    return means
