"""Pairs of arms, one without noise and one with it, and values measured in their runs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dropviz.analysis.answers import Answer, make_answer
from dropviz.analysis.comparison import DIVERGED, ArmRuns, Comparison
from dropviz.errors import RecordingError
from dropviz.style.labels import Labels


@dataclass(frozen=True, eq=False)
class ArmPair:
    """Arm `plain` without noise and `noisy` with it, of the same seeds, with snapshots at the same `iterations`."""

    plain: ArmRuns
    noisy: ArmRuns
    iterations: NDArray[np.int64]

    @property
    def arms(self) -> tuple[ArmRuns, ArmRuns]:
        """The arm without noise, and the one with it."""
        return self.plain, self.noisy

    def layers(self) -> int:
        """Return the number of hidden layers of both; raise RecordingError if it differs, or is 0."""
        counts = {len(arm.runs[0].hidden) for arm in self.arms}
        if len(counts) > 1 or counts == {0}:
            raise RecordingError("the arms have not the same number of hidden layers, or none: train them alike")
        return counts.pop()


def find_arm_pair(comparison: Comparison, chart: str) -> ArmPair:
    """Return the two arms. Raises RecordingError if there are others, or their seeds or snapshots differ."""
    plain = [arm for arm in comparison.arms if not arm.has_noise]
    noisy = [arm for arm in comparison.arms if arm.has_noise]
    if len(plain) != 1 or len(noisy) != 1:
        names = ", ".join(repr(arm.name) for arm in comparison.arms)
        raise RecordingError(f"{chart} compares one arm without dropout and one with: these are of {names}")
    one, other = plain[0], noisy[0]
    if one.seeds != other.seeds:
        raise RecordingError(f"arms {one.name!r} and {other.name!r} have different seeds: train what is missing")
    if not len(one.iterations) or not np.array_equal(one.iterations, other.iterations):
        raise RecordingError("the arms have no snapshots at the same iterations: train them again alike")
    return ArmPair(one, other, one.iterations)


def probe_values(arm: ArmRuns, name: str, *shape: int) -> NDArray[np.float64]:
    """Return what a probe measured in every run of an arm, float [runs, *shape].

    Raises RecordingError if it was not recorded, is of another shape, or is not finite.
    """
    values = np.stack([run.probe(name, *shape) for run in arm.runs]).astype(float)
    if not np.isfinite(values).all():
        raise RecordingError(f"{name!r} of arm {arm.name!r} is not finite: {DIVERGED}")
    return values


def compare_ends(
    pair: ArmPair, key: str, ends: Sequence[NDArray[np.float64]], rises: bool, labels: Labels, **values: str
) -> Answer:
    """Return the answer to the claim that noise makes a value rise, or fall.

    key    prefix of the labels of the headline, as in `make_answer`, which may use {noisy} and {plain}, the mean values
    ends   the values without noise, and with it, each float [runs]
    rises  True if the claim is that it rises
    """
    plain, noisy = ends
    gaps = noisy - plain
    means = {"noisy": f"{noisy.mean():.2f}", "plain": f"{plain.mean():.2f}"}
    return make_answer(key, gaps if rises else -gaps, labels, arm=labels.name(pair.noisy.name), **means | values)
