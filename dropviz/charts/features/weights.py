"""Weights into hidden units as images, and how sparse they are."""

from dataclasses import dataclass
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.charts.base.arm_pair import ArmPair, find_arm_pair
from dropviz.errors import RecordingError

SHOWN = 24  # units of each arm: more images would be too small
IN_SCALE = 99.5  # percent of all weights within the scale: a few strong ones would make all others grey

Weights = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Features:
    """Weights of an arm without dropout and one with it.

    pair      the arms
    images    for each arm, weights into the SHOWN units of the first run with the highest kurtosis at the end, among
              those whose weights were recorded, in this order, float [S, units, height, width]
    kurtoses  for each arm, mean kurtosis over the units that have moved, float [runs, S]
    """

    pair: ArmPair
    images: list[Weights]
    kurtoses: list[Weights]

    @property
    def limit(self) -> float:
        """The absolute weight at the ends of the scale, the same for all images."""
        return float(np.percentile(np.abs(self.images), IN_SCALE)) or 1.0


def read_features(comparison: Comparison) -> Features:
    """Return the weights of both arms; raise RecordingError if they are not finite, or not square images."""
    pair = find_arm_pair(comparison, "features")
    images = [_images(arm, len(pair.iterations)) for arm in pair.arms]
    if images[0].shape != images[1].shape:
        raise RecordingError("the arms have weights of different shapes: train them alike")
    return Features(pair, images, [_kurtosis(arm, len(pair.iterations)) for arm in pair.arms])


def _images(arm: ArmRuns, snapshots: int) -> Weights:
    pixels = arm.runs[0].layers[0].units
    weights = arm.runs[0].probe("features/weights", snapshots, -1, pixels).astype(float)
    side = isqrt(pixels)
    if side * side != pixels or not weights.size or not np.isfinite(weights).all():
        raise RecordingError(f"the weights of arm {arm.name!r} are no square images of finite numbers")
    shown = _most_local(arm, snapshots, weights.shape[1])
    return weights[:, shown].reshape(snapshots, len(shown), side, side)


def _most_local(arm: ArmRuns, snapshots: int, recorded: int) -> NDArray[np.int64]:
    """Return the units of the first run with the highest kurtosis at the end, the highest first.

    The rule is the same for both arms, so that images look more local in one only if its units are.
    """
    kurtosis = arm.runs[0].probe("features/kurtosis", snapshots, -1)[-1, :recorded].astype(float)
    return np.argsort(-np.nan_to_num(kurtosis, nan=-np.inf), kind="stable")[:SHOWN]


def _kurtosis(arm: ArmRuns, snapshots: int) -> Weights:
    """Return the mean kurtosis over the units that have moved, float [runs, S]; NaN marks those that have not."""
    units = next((layer.units for layer in arm.runs[0].layers if layer.kind != "input"), 0)
    values = np.stack([run.probe("features/kurtosis", snapshots, units) for run in arm.runs]).astype(float)
    has_moved = np.isfinite(values)
    if not has_moved.any(axis=2).all():
        raise RecordingError(f"no unit of arm {arm.name!r} has moved, or the run has diverged: train it again")
    return np.asarray(np.where(has_moved, values, 0).sum(axis=2) / has_moved.sum(axis=2))
