"""Weights of linear models with noise on the input, with an L2 penalty, and with neither."""

from dataclasses import dataclass
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.errors import RecordingError
from dropviz.recording.validation import require


@dataclass(frozen=True, eq=False)
class Weights:
    """Weights of the first layer, of the same seeds in each of three arms.

    plain    arm with neither noise nor penalty
    noise    arm with noise on the input
    penalty  arm with the penalty
    values   float [arms, runs, snapshots, units, inputs], in this order of arms
    """

    plain: ArmRuns
    noise: ArmRuns
    penalty: ArmRuns
    values: NDArray[np.floating]

    @property
    def arms(self) -> tuple[ArmRuns, ArmRuns, ArmRuns]:
        """The arms, in the order of `values`."""
        return self.plain, self.noise, self.penalty

    @property
    def images(self) -> NDArray[np.floating]:
        """The weights of the first run, float [arms, snapshots, units, height, width]."""
        first = self.values[:, 0]
        side = isqrt(first.shape[-1])
        return first.reshape(*first.shape[:-1], side, side)

    @property
    def distances(self) -> NDArray[np.float64]:
        """‖W - W'‖/‖W'‖ of the arms `plain` and `noise`, W' with the penalty; float [2, runs, snapshots]."""
        penalty = self.values[2].astype(float)
        distances: NDArray[np.float64] = _norm(self.values[:2] - penalty) / _norm(penalty)
        return distances


def _norm(weights: NDArray[np.floating]) -> NDArray[np.float64]:
    norm: NDArray[np.float64] = np.sqrt(np.square(weights, dtype=float).sum(axis=(-2, -1)))
    return norm


def read_weights(comparison: Comparison) -> Weights:
    """Return the weights of the three arms; raise RecordingError if an arm is missing, or if they do not fit."""
    plain, noise, penalty = arms = [_find(comparison, *kind) for kind in ((False, False), (True, False), (False, True))]
    for arm in arms[1:]:
        is_alike = arm.seeds == plain.seeds and np.array_equal(arm.iterations, plain.iterations)
        require(is_alike, f"arms {plain.name!r} and {arm.name!r} have other seeds or snapshots: train what is missing")
    units, inputs = plain.runs[0].probe("weights/into first", -1, -1, -1).shape[1:]
    shape = len(plain.iterations), units, inputs
    values = np.stack([[run.probe("weights/into first", *shape) for run in arm.runs] for arm in arms])
    require(values.size and np.isfinite(values).all(), "its weights are none, or not all finite")
    require(isqrt(inputs) ** 2 == inputs, f"its weights are of {inputs} inputs: they are no square images")
    is_zero = ~values[2].any(axis=(-2, -1))
    require(not is_zero.any(), f"the weights of arm {penalty.name!r} are all 0 at some snapshot")
    return Weights(plain, noise, penalty, values)


def _find(comparison: Comparison, has_noise: bool, has_penalty: bool) -> ArmRuns:
    """Return the first arm with or without noise on the input, and with or without an L2 penalty."""
    experiment = comparison.experiment
    for arm in comparison.arms:
        if experiment is None:
            break
        own = experiment.of(experiment.arm(arm.name))
        if (own.input_noise > 0, own.l2 > 0) == (has_noise, has_penalty):
            return arm
    raise RecordingError("tikhonov needs three arms: one with input_noise, one with l2, and one with neither")
