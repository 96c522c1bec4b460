"""Recordings that belong together: the runs of each arm, checked to differ in nothing but arm and seed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dropviz.errors import RecordingError
from dropviz.experiments.experiment import Experiment
from dropviz.recording import Recording


@dataclass(frozen=True, eq=False)
class ArmRuns:
    """The runs of one arm, by ascending seed."""

    name: str
    runs: tuple[Recording, ...]

    @property
    def has_noise(self) -> bool:
        """Whether this arm drops units."""
        return any(layer.drop_prob > 0 for layer in self.runs[0].layers)

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seed of each run."""
        return tuple(run.seed for run in self.runs)

    @property
    def iterations(self) -> NDArray[np.int64]:
        """The iterations of the snapshots, the same in all runs."""
        return self.runs[0].snapshots["iteration"]

    def values(self, metric: str) -> NDArray[np.float64]:
        """One series of the snapshots, float [runs, snapshots]."""
        return np.stack([run.snapshots[metric] for run in self.runs])


@dataclass(frozen=True, eq=False)
class Gap:
    """How far the test accuracy of `arm` ends from that of `base`, run by run, each pair of one seed."""

    arm: ArmRuns
    base: ArmRuns
    differences: NDArray[np.float64]

    @property
    def mean(self) -> float:
        """The mean difference: above 0 where `arm` is more accurate."""
        return float(self.differences.mean())

    @property
    def seeds_ahead(self) -> int:
        """In how many runs `arm` ends more accurate."""
        return int((self.differences > 0).sum())


@dataclass(frozen=True, eq=False)
class Comparison:
    """One or more arms of one experiment. `experiment` is None for training loops of one's own."""

    experiment: Experiment | None
    arms: tuple[ArmRuns, ...]

    @property
    def names(self) -> list[str]:
        """What a picture may name: arms, classes, layers, and the data."""
        runs = [arm.runs[0] for arm in self.arms]
        classes = [name for run in runs if run.examples is not None for name in run.examples.class_names]
        layers = [layer.name for run in runs for layer in run.layers]
        data = [self.experiment.data] if self.experiment else []
        return list(dict.fromkeys([*(arm.name for arm in self.arms), *classes, *layers, *data]))

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds that all arms have; RecordingError if not: a mean over others would not be a fair comparison."""
        first = self.arms[0]
        for arm in self.arms:
            if arm.seeds != first.seeds:
                raise RecordingError(
                    f"arm {first.name!r} has seeds {_listed(first.seeds)}, arm {arm.name!r} has {_listed(arm.seeds)}: "
                    "train what is missing, or name recordings of the same seeds"
                )
        return first.seeds

    @property
    def iterations(self) -> NDArray[np.int64]:
        """The iterations of the snapshots of all arms; RecordingError if there are none, or they differ."""
        first = self.arms[0].iterations
        if not len(first):
            raise RecordingError("the recordings hold no snapshots: there is no accuracy to draw")
        if any(not np.array_equal(arm.iterations, first) for arm in self.arms):
            raise RecordingError("the arms have snapshots at different iterations: train them again alike")
        return first

    def gaps(self) -> list[Gap]:
        """Each arm with noise against the first without, over the seeds that both have."""
        base = next((arm for arm in self.arms if not arm.has_noise), None)
        if base is None:
            return []
        return [gap for arm in self.arms if arm.has_noise and (gap := _gap(arm, base)) is not None]


def _listed(seeds: tuple[int, ...]) -> str:
    return ", ".join(map(str, seeds))


def _gap(arm: ArmRuns, base: ArmRuns) -> Gap | None:
    final = {run.seed: run.snapshots["test_accuracy"][-1] for run in base.runs}
    pairs = [run.snapshots["test_accuracy"][-1] - final[run.seed] for run in arm.runs if run.seed in final]
    return Gap(arm, base, np.array(pairs)) if pairs else None


def gather(recordings: Sequence[Recording]) -> Comparison:
    """Group recordings by arm; RecordingError if they are not of one experiment, or a run is there twice."""
    if not recordings:
        raise RecordingError("no recordings to draw")
    settings = [recording.experiment and recording.experiment.shared_fields() for recording in recordings]
    for recording, its in zip(recordings, settings, strict=True):
        if its != settings[0]:
            raise RecordingError(
                f"recordings of different experiments cannot be compared: {_difference(settings[0], its, recording)}"
                f"{_names(recordings)}"
            )
    twice = [key for key, times in Counter((each.arm, each.seed) for each in recordings).items() if times > 1]
    if twice:
        raise RecordingError(f"two recordings are of arm {twice[0][0]!r} with seed {twice[0][1]}: name each run once")
    experiment = recordings[0].experiment
    names = _in_order([recording.arm for recording in recordings], experiment)
    arms = tuple(_arm_runs(name, [each for each in recordings if each.arm == name]) for name in names)
    return Comparison(experiment, arms)


def _names(recordings: Sequence[Recording]) -> str:
    """Whose they are, where names say so."""
    names = dict.fromkeys(recording.experiment.name for recording in recordings if recording.experiment)
    return f"; name those of one of {', '.join(map(repr, names))}" if len(names) > 1 else ""


def _arm_runs(name: str, runs: list[Recording]) -> ArmRuns:
    if len({run.layers for run in runs}) > 1:
        raise RecordingError(f"recordings of arm {name!r} are of different networks")
    if len({run.experiment and run.experiment.arm(name) for run in runs}) > 1:
        raise RecordingError(
            f"recordings of arm {name!r} are of different settings: give each setting a name of its own"
        )
    if len({tuple(run.snapshots["iteration"]) for run in runs}) > 1:
        raise RecordingError(
            f"recordings of arm {name!r} have snapshots at different iterations: train them again alike"
        )
    return ArmRuns(name, tuple(sorted(runs, key=lambda run: run.seed)))


def _in_order(names: list[str], experiment: Experiment | None) -> list[str]:
    """The arms as the experiment lists them; those that it does not list after them, as they came."""
    listed = [arm.name for arm in experiment.arms] if experiment else []
    seen = list(dict.fromkeys(names))
    return [name for name in listed if name in seen] + [name for name in seen if name not in listed]


def _difference(one: object, other: object, recording: Recording) -> str:
    if not isinstance(one, dict) or not isinstance(other, dict):
        return f"one of them, of arm {recording.arm!r}, comes from a training loop of its own"
    field = next(key for key in {**one, **other} if one.get(key) != other.get(key))
    return f"{field} is {one.get(field)!r} in one and {other.get(field)!r} in another"
