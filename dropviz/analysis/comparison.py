"""Recordings of one experiment: the runs of each arm, which differ in nothing but arm and seed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dropviz._util.text import find_alike
from dropviz.analysis.metrics import curve_metrics, quantity_of
from dropviz.errors import RecordingError
from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import MAX_ARMS, Experiment
from dropviz.recording import Recording

FINAL = "test_accuracy"  # the metric of which verdicts are made
DIVERGED = "the run has diverged; lower learning_rate"  # of values that are not finite


@dataclass(frozen=True, eq=False)
class ArmRuns:
    """Runs of one arm, by ascending seed, with the same layers and snapshots at the same iterations."""

    name: str
    runs: tuple[Recording, ...]

    @property
    def has_noise(self) -> bool:
        """True if noise acts on a layer or a site of this arm."""
        return self.runs[0].has_noise

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seed of each run."""
        return tuple(run.seed for run in self.runs)

    @property
    def iterations(self) -> NDArray[np.int64]:
        """The iterations of the snapshots, the same in all runs."""
        return self.runs[0].snapshots["iteration"]

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that all runs have, in alphabetical order."""
        return tuple(sorted(set.intersection(*(set(run.metrics) for run in self.runs))))

    def values(self, metric: str) -> NDArray[np.float64]:
        """Return a metric, float [runs, snapshots]; raise RecordingError if a run does not have it."""
        return np.stack([run.metric(metric) for run in self.runs])

    def measured(self, metric: str, *, only_finite: bool = False) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the iterations at which all runs measured a metric, int [M], and its values there, [runs, M].

        Raises RecordingError if there are none, or a value is not finite; with `only_finite` such values are left out.
        """
        values = self.values(metric)
        is_measured = (np.isfinite(values) if only_finite else ~np.isnan(values)).all(axis=0)
        if not is_measured.any():
            raise RecordingError(f"{metric} of arm {self.name!r} was measured at no iteration that all its runs share")
        iterations, values = self.iterations[is_measured], values[:, is_measured]
        self._require_finite(metric, iterations, values)
        return iterations, values

    def ends(self, metric: str) -> NDArray[np.float64]:
        """Return the last measured value of each run, float [runs]; NaN if there is none."""
        measured = [values[~np.isnan(values)] for values in self.values(metric)]
        return np.array([values[-1] if len(values) else np.nan for values in measured])

    def last_values(self, metric: str) -> NDArray[np.float64]:
        """Return a metric at the last snapshot, float [runs]; raise RecordingError if it was not measured there."""
        if not len(self.iterations):
            raise RecordingError("the recordings hold no snapshots: there is no error to draw")
        last = self.values(metric)[:, -1]
        if np.isnan(last).any():
            raise RecordingError(f"{metric} of arm {self.name!r} was not measured at the last snapshot of all its runs")
        return last

    def finite_values(self, metric: str) -> NDArray[np.float64]:
        """Return a metric, float [runs, snapshots]; raise RecordingError if not all of it are finite numbers."""
        values = self.values(metric)
        missing = np.isnan(values).any(axis=0)
        if missing.any():
            raise RecordingError(
                f"{metric} of arm {self.name!r} was not measured at iteration {self.iterations[missing][0]:,}: "
                "this chart needs it at every snapshot"
            )
        self._require_finite(metric, self.iterations, values)
        return values

    def _require_finite(self, metric: str, iterations: NDArray[np.int64], values: NDArray[np.float64]) -> None:
        finite = np.isfinite(values).all(axis=0)
        if not finite.all():
            raise RecordingError(
                f"{metric} of arm {self.name!r} is not finite at iteration {iterations[~finite][0]:,}: {DIVERGED}"
            )


@dataclass(frozen=True, eq=False)
class Gap:
    """Differences in final test accuracy of an arm with noise and one without.

    arm          the arm with noise
    base         the arm without
    differences  float [runs], final test accuracy of `arm` minus that of `base`, for each seed that both have; from -1
                 to 1
    """

    arm: ArmRuns
    base: ArmRuns
    differences: NDArray[np.float64]

    @property
    def mean(self) -> float:
        """The mean difference, above 0 if `arm` is more accurate."""
        return float(self.differences.mean())


@dataclass(frozen=True, eq=False)
class Comparison:
    """One or more arms of one experiment. `experiment` is None for a custom training loop."""

    experiment: Experiment | None
    arms: tuple[ArmRuns, ...]

    @property
    def names(self) -> list[str]:
        """Names that a picture may show: of arms, classes, layers, sites, metrics and the data."""
        runs = [arm.runs[0] for arm in self.arms]
        classes = [name for run in runs if run.examples is not None for name in run.examples.class_names]
        layers = [layer.name for run in runs for layer in run.layers]
        sites = [name for run in runs for name in (*(site.name for site in run.sites), *(b.label for b in run.blocks))]
        data = [self.experiment.data] if self.experiment else []
        metrics = [quantity_of(metric) for metric in self.all_metrics]
        return list(dict.fromkeys([*(arm.name for arm in self.arms), *classes, *layers, *sites, *data, *metrics]))

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that all runs have, in alphabetical order."""
        return tuple(sorted(set.intersection(*(set(arm.metrics) for arm in self.arms))))

    @property
    def all_metrics(self) -> tuple[str, ...]:
        """The metrics that all runs of at least one arm have, in alphabetical order."""
        return tuple(sorted({metric for arm in self.arms for metric in arm.metrics}))

    @property
    def logs(self) -> tuple[str, ...]:
        """Names of the logs that recordings were imported from; none for recordings that were not imported."""
        return tuple(dict.fromkeys(run.log for arm in self.arms for run in arm.runs if run.log))

    @property
    def counts_epochs(self) -> bool:
        """True if the iterations are epochs."""
        return self.arms[0].runs[0].counts_epochs

    @property
    def has_noise(self) -> list[bool]:
        """For each arm, True if it is drawn in a colour of noise.

        A log does not tell which arm has noise: of imported arms, all but the first are drawn in such a colour.
        """
        return [arm.has_noise or bool(arm.runs[0].log and number) for number, arm in enumerate(self.arms)]

    @property
    def curve_metrics(self) -> tuple[str, ...]:
        """The metrics that a chart of curves draws: of data held out, and of training, as far as they are recorded."""
        return curve_metrics(self.metrics)

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds that all arms have. Raises RecordingError if they differ: the comparison would not be fair."""
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
        """The iterations of the snapshots of all arms. Raises RecordingError if there are none, or they differ."""
        first = self.arms[0].iterations
        if not len(first):
            raise RecordingError("the recordings hold no snapshots: there is no accuracy to draw")
        if any(not np.array_equal(arm.iterations, first) for arm in self.arms):
            raise RecordingError("the arms have snapshots at different iterations: train them again alike")
        return first

    @property
    def all_iterations(self) -> NDArray[np.int64]:
        """The iterations at which any arm has a snapshot. Raises RecordingError if an arm has none."""
        if not all(len(arm.iterations) for arm in self.arms):
            raise RecordingError("the recordings hold no snapshots: there is no accuracy to draw")
        return np.unique(np.concatenate([arm.iterations for arm in self.arms]))

    def gaps(self) -> list[Gap]:
        """Return the gap of each arm with noise to the first without; none where test accuracy was not recorded."""
        base = next((arm for arm in self.arms if not arm.has_noise), None)
        if base is None or FINAL not in self.metrics:
            return []
        return [gap for arm in self.arms if arm.has_noise and (gap := _gap(arm, base)) is not None]


def _listed(seeds: tuple[int, ...]) -> str:
    return ", ".join(map(str, seeds))


def _gap(arm: ArmRuns, base: ArmRuns) -> Gap | None:
    final = dict(zip(base.seeds, base.ends(FINAL), strict=True))
    ends = zip(arm.seeds, arm.ends(FINAL), strict=True)
    pairs = [end - final[seed] for seed, end in ends if seed in final]
    return Gap(arm, base, np.array(pairs)) if pairs else None


def gather(recordings: Sequence[Recording]) -> Comparison:
    """Group recordings by arm. Raises RecordingError if they are of several experiments, or two of one run."""
    if not recordings:
        raise RecordingError("no recordings to draw")
    settings = [recording.experiment and recording.experiment.shared_fields() for recording in recordings]
    for recording, other in zip(recordings, settings, strict=True):
        if other != settings[0]:
            raise RecordingError(
                f"recordings of different experiments cannot be compared: {_difference(settings[0], other, recording)}"
                f"{_names(recordings)}"
            )
    twice = [key for key, times in Counter((each.arm, each.seed) for each in recordings).items() if times > 1]
    if twice:
        raise RecordingError(f"two recordings are of arm {twice[0][0]!r} with seed {twice[0][1]}: name each run once")
    if len({recording.counts_epochs for recording in recordings}) > 1:
        epochs = next(recording.arm for recording in recordings if recording.counts_epochs)
        raise RecordingError(
            f"arm {epochs!r} counts epochs, others iterations: import its log with the number of iterations in an epoch"
        )
    experiment = recordings[0].experiment
    names = _in_order([recording.arm for recording in recordings], experiment)
    arms = tuple(_arm_runs(name, [each for each in recordings if each.arm == name]) for name in names)
    return _with_all_arms(Comparison(experiment, arms))


def _with_all_arms(comparison: Comparison) -> Comparison:
    """Return a comparison whose experiment has all arms and seeds that are compared.

    The experiment of each run of a sweep has the arm and the seed of that run alone. The arms are then in the order of
    their settings. Raises RecordingError if they are more than an experiment can have.
    """
    listed = comparison.experiment.arms if comparison.experiment else ()
    if comparison.experiment is None or {arm.name for arm in comparison.arms} <= {arm.name for arm in listed}:
        return comparison
    if (count := len(comparison.arms)) > MAX_ARMS:
        raise RecordingError(f"{count:,} arms are too many to draw: name recordings of {MAX_ARMS} at most")
    own = {arm.name: run.experiment.arm(arm.name) for arm in comparison.arms for run in arm.runs[:1] if run.experiment}
    order = {name: number for number, name in enumerate(sorted(own, key=lambda name: _settings(own[name])))}
    arms = tuple(sorted(comparison.arms, key=lambda arm: order[arm.name])) if len(listed) == 1 else comparison.arms
    seeds = tuple(sorted({seed for arm in arms for seed in arm.seeds}))
    return Comparison(comparison.experiment.replace(arms=tuple(own[arm.name] for arm in arms), seeds=seeds), arms)


def _settings(arm: Arm) -> tuple[Any, ...]:
    """Return the settings of an arm, to sort by: those that it does not have of its own come first."""
    values = [getattr(arm, item.name) for item in fields(arm) if item.name != "name"]
    return tuple((value is not None, value) for value in values)


def _names(recordings: Sequence[Recording]) -> str:
    """Return a hint that lists the names of the experiments, if there are several."""
    names = dict.fromkeys(recording.experiment.name for recording in recordings if recording.experiment)
    return f"; name those of one of {', '.join(map(repr, names))}" if len(names) > 1 else ""


def _arm_runs(name: str, runs: list[Recording]) -> ArmRuns:
    if len({run.layers for run in runs}) > 1:
        raise RecordingError(f"recordings of arm {name!r} are of different networks")
    if len({run.experiment and run.experiment.arm(name) for run in runs}) > 1:
        raise RecordingError(f"recordings of arm {name!r} are of different settings: give each its own name")
    if len({tuple(run.snapshots["iteration"]) for run in runs}) > 1:
        raise RecordingError(
            f"recordings of arm {name!r} have snapshots at different iterations: train them again alike"
        )
    return ArmRuns(name, tuple(sorted(runs, key=lambda run: run.seed)))


def _in_order(names: list[str], experiment: Experiment | None) -> list[str]:
    """Return the names of arms in the order of the experiment; those that it does not list come after them."""
    listed = [arm.name for arm in experiment.arms] if experiment else []
    recorded = list(dict.fromkeys(names))
    if alike := find_alike(recorded):
        raise RecordingError(f"arms {alike[0]!a} and {alike[1]!a} look the same: give each a name of its own")
    return [name for name in listed if name in recorded] + [name for name in recorded if name not in listed]


def _difference(one: object, other: object, recording: Recording) -> str:
    if not isinstance(one, dict) or not isinstance(other, dict):
        return f"one of them, of arm {recording.arm!r}, comes from a custom training loop"
    field = next(key for key in {**one, **other} if one.get(key) != other.get(key))
    return f"{field} is {one.get(field)!r} in one and {other.get(field)!r} in another"
