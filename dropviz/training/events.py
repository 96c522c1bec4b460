"""Events that training reports."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dropviz.experiments.arm import Arm

Run = tuple[Arm, int]  # an arm and a seed


@dataclass(frozen=True)
class SnapshotEvent:
    """A snapshot that a run has just taken.

    arm         the arm of the run
    seed        the seed of the run
    iteration   the iteration of the snapshot, counted from 1
    iterations  the number of iterations of the run
    metrics     values by name, such as `test_accuracy`
    """

    arm: Arm
    seed: int
    iteration: int
    iterations: int
    metrics: Mapping[str, float]


SnapshotCallback = Callable[[SnapshotEvent], None]
