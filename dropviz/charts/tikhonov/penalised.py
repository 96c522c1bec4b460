"""How far weights are from those with an L2 penalty: what the chart `tikhonov` draws and says."""

from dataclasses import dataclass
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from dropviz.analysis.captions import Answer, mean_sd
from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.analysis.statistics import agreed
from dropviz.errors import RecordingError
from dropviz.recording.validation import require
from dropviz.style.labels import Labels

MUCH = 0.5  # nearer than this share of the other's distance is much nearer


@dataclass(frozen=True, eq=False)
class Penalised:
    """An arm without either, one with noise on the input, and one with the penalty: the same runs of each.

    weights  float32 [arms, runs, snapshots, units, inputs], of the first layer
    """

    plain: ArmRuns
    noise: ArmRuns
    penalty: ArmRuns
    weights: NDArray[np.float32]

    @property
    def arms(self) -> tuple[ArmRuns, ArmRuns, ArmRuns]:
        """In the order of `weights`."""
        return self.plain, self.noise, self.penalty

    @property
    def images(self) -> NDArray[np.float32]:
        """The weights of the first run, float32 [arms, snapshots, units, height, width]."""
        first = self.weights[:, 0]
        side = isqrt(first.shape[-1])
        return first.reshape(*first.shape[:-1], side, side)

    @property
    def distances(self) -> NDArray[np.float64]:
        """‖W - W'‖/‖W'‖ of the arms without either and with noise, W' with the penalty; float [2, runs, snapshots]."""
        penalty = self.weights[2].astype(float)
        distances: NDArray[np.float64] = _norm(self.weights[:2] - penalty) / _norm(penalty)
        return distances


def _norm(weights: NDArray[np.floating]) -> NDArray[np.float64]:
    norm: NDArray[np.float64] = np.sqrt(np.square(weights, dtype=float).sum(axis=(-2, -1)))
    return norm


def read_penalised(comparison: Comparison) -> Penalised:
    """The three arms, and what the probe `weights` kept of them; RecordingError if they do not fit."""
    arms = [_find(comparison, *kind) for kind in ((False, False), (True, False), (False, True))]
    plain = arms[0]
    for arm in arms[1:]:
        alike = arm.seeds == plain.seeds and np.array_equal(arm.iterations, plain.iterations)
        require(alike, f"arms {plain.name!r} and {arm.name!r} have other seeds or snapshots: train what is missing")
    units, inputs = plain.runs[0].probe("weights/into first", -1, -1, -1).shape[1:]
    shape = len(plain.iterations), units, inputs
    weights = np.stack([[run.probe("weights/into first", *shape) for run in arm.runs] for arm in arms])
    require(weights.size and np.isfinite(weights).all(), "its weights are none, or not all finite")
    require(isqrt(inputs) ** 2 == inputs, f"its weights are of {inputs} inputs: they are no square images")
    require(weights[2].any(axis=(-2, -1)).all(), f"the weights of arm {arms[2].name!r} are all 0 at some snapshot")
    return Penalised(plain, arms[1], arms[2], weights)


def _find(comparison: Comparison, has_noise: bool, has_penalty: bool) -> ArmRuns:
    experiment = comparison.experiment
    for arm in comparison.arms:
        if experiment is None:
            break
        own = experiment.of(experiment.arm(arm.name))
        if (own.input_noise > 0, own.l2 > 0) == (has_noise, has_penalty):
            return arm
    raise RecordingError("tikhonov needs three arms: one with input_noise, one with l2, and one with neither")


def answer_of(read: Penalised, labels: Labels) -> Answer:
    """Whether the weights with noise end much nearer to those with the penalty than those without either do."""
    plain, noise = read.distances[:, :, -1]
    near = noise < MUCH * plain
    words = {"noise": mean_sd(noise), "plain": mean_sd(plain), "count": int(near.sum()), "seeds": len(near)}
    return Answer(labels("answer tikhonov", **words), agreed(near))
