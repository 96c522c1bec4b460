"""Recordings of a sweep of drop_prob, in ascending order of drop_prob."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from dropviz.analysis.comparison import ArmRuns, Comparison, gather
from dropviz.analysis.sweeps import sweep_setting
from dropviz.errors import RecordingError
from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment
from dropviz.recording import Recording

NEEDS = "an explorable page needs a sweep of drop_prob"
ADVICE = "train one with 'dropviz train --experiment explore'"
PROBE = "passes"


@dataclass(frozen=True, eq=False)
class Sweep:
    """A sweep of drop_prob.

    comparison  the arms as they were gathered
    drop_probs  drop_prob of each arm, ascending
    arms        the runs of each arm, which all have the same seeds, layers and snapshots
    """

    comparison: Comparison
    drop_probs: tuple[float, ...]
    arms: tuple[ArmRuns, ...]

    @property
    def experiment(self) -> Experiment:
        """The experiment, with the hyperparameters of its first arm."""
        return sweep_setting(self.arms[0])[1]

    @property
    def first_runs(self) -> tuple[Recording, ...]:
        """The run of each arm whose network and predictions are shown: that of the lowest seed."""
        return tuple(arm.runs[0] for arm in self.arms)


def read_sweep(recordings: Sequence[Recording]) -> Sweep:
    """Return the sweep that the recordings are of. Raises RecordingError, in one line, if they are of none."""
    comparison = gather(recordings)
    by_drop_prob: dict[float, ArmRuns] = {}
    for arm in comparison.arms:
        drop_prob = _drop_prob(arm)
        other = by_drop_prob.setdefault(drop_prob, arm)
        if other is not arm:
            raise RecordingError(f"arms {other.name!r} and {arm.name!r} both have drop_prob {drop_prob:g}: name one")
    if len(by_drop_prob) < 2:
        raise RecordingError(f"{NEEDS}, and these have one value of it: {ADVICE}")
    drop_probs, arms = zip(*sorted(by_drop_prob.items()), strict=True)
    _check_alike(arms)
    _ = comparison.seeds, comparison.iterations  # raise what they find
    return Sweep(comparison, drop_probs, arms)


def _drop_prob(arm: ArmRuns) -> float:
    """Return the one drop_prob of all hidden layers."""
    setting, _experiment = sweep_setting(arm)
    values = set(setting.per_layer)
    if len(values) != 1 or setting.schedule != "constant" or setting.mistake:
        raise RecordingError(f"arm {setting.name!r} has not one drop_prob all the time: {NEEDS}; {ADVICE}")
    for run in arm.runs:
        if f"{PROBE}/average accuracy" not in run.probes:
            raise RecordingError(f"arm {setting.name!r} was not recorded with the probe {PROBE!r}: {NEEDS}; {ADVICE}")
    return values.pop()


def _check_alike(arms: Sequence[ArmRuns]) -> None:
    """Raise RecordingError if arms differ in more than drop_prob."""
    first = _without_drop_prob(arms[0])
    for arm in arms[1:]:
        other = _without_drop_prob(arm)
        for field, value in other.items():
            if value != first[field]:
                names = f"{arms[0].name!r} and {arm.name!r}"
                raise RecordingError(f"arms {names} differ in {field}, not in drop_prob alone: {NEEDS}; {ADVICE}")


def _without_drop_prob(arm: ArmRuns) -> dict[str, object]:
    setting: Arm = sweep_setting(arm)[0]
    fields = dataclasses.asdict(setting)
    without_noise = "bernoulli" if setting.noise == "none" else setting.noise
    return fields | {"name": "", "drop_prob": 0.0, "noise": without_noise}
