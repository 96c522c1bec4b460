"""Sweeps: arms that differ in the value of one field, and their errors."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dropviz.analysis.comparison import FINAL, ArmRuns, Comparison
from dropviz.errors import RecordingError
from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment
from dropviz.style.labels import Labels

# By the value of a field, the arm without dropout and the arm with it.
Pairs = dict[Any, tuple[ArmRuns, ArmRuns]]


def sweep_setting(arm: ArmRuns) -> tuple[Arm, Experiment]:
    """Return an arm as its experiment has it, and the experiment with the arm's own values.

    Raises RecordingError for recordings without an experiment.
    """
    experiment = arm.runs[0].experiment
    if experiment is None:
        raise RecordingError(f"the recordings of arm {arm.name!r} are of a custom training loop: no settings to draw")
    own = experiment.arm(arm.name)
    return own, experiment.of(own)


def sweep_iterations(comparison: Comparison) -> NDArray[np.int64]:
    """Return the iterations of the snapshots of the longest runs, from where on all runs have one.

    Raises RecordingError if an arm has no snapshots.
    """
    if not all(len(arm.iterations) for arm in comparison.arms):
        raise RecordingError("the recordings hold no snapshots: there is no error to draw")
    longest: NDArray[np.int64] = max((arm.iterations for arm in comparison.arms), key=len)
    from_first: NDArray[np.int64] = longest[longest >= max(arm.iterations[0] for arm in comparison.arms)]
    if not len(from_first):
        raise RecordingError("the arms have no snapshots of the same part of training: train them again alike")
    return from_first


def errors_of(arm: ArmRuns, iterations: NDArray[np.int64], metric: str = FINAL) -> NDArray[np.float64]:
    """Return the share of wrong answers, float [runs, iterations], at the last snapshot up to each iteration.

    Raises RecordingError if `metric`, an accuracy, was not recorded, or not at one of these snapshots.
    """
    latest = np.searchsorted(arm.iterations, iterations, side="right") - 1
    values = arm.values(metric)[:, latest]
    missing = latest[np.isnan(values).any(axis=0)]
    if len(missing):
        raise RecordingError(
            f"{metric} of arm {arm.name!r} was not measured at iteration {arm.iterations[missing[0]]:,}: "
            "this chart needs it at every snapshot"
        )
    return 1 - values


def pair_arms(comparison: Comparison, setting: str) -> Pairs:
    """Return the arms without and with dropout by the value of a field, in ascending order.

    Raises RecordingError if the arms are no such pairs, at least two of them.
    """
    found: dict[Any, dict[bool, ArmRuns]] = {}
    for arm in comparison.arms:
        value = getattr(sweep_setting(arm)[1], setting)
        if value is None:
            raise RecordingError(f"arm {arm.name!r} says no {setting}: it has no place in this chart")
        if found.setdefault(value, {}).setdefault(arm.has_noise, arm) is not arm:
            twin = found[value][arm.has_noise].name
            raise RecordingError(f"arms {twin!r} and {arm.name!r} both have {setting} {value}: draw one")
    if len(found) < 2 or any(len(pair) < 2 for pair in found.values()):
        raise RecordingError(
            f"this chart needs an arm with dropout and one without for two or more values of {setting}"
        )
    return {value: (pair[False], pair[True]) for value, pair in sorted(found.items())}


def pair_names(pairs: Pairs, labels: Labels) -> tuple[str, str]:
    """Return a name for all arms without dropout, and one for all arms with it."""
    own = {sweep_setting(arm)[0].spread_evenly() for _, arm in pairs.values()}
    rates = {arm.per_layer for arm in own}
    words = "/".join(f"{rate:g}" for rate in rates.pop()) if len(rates) == 1 else ""
    on_input = {arm.input_drop_prob for arm in own}
    if on_input == {0.0} or len(on_input) > 1:
        return labels("without dropout"), labels("with dropout", rates=words).strip()
    return labels("without dropout"), labels("with dropout on input", rates=words, on_input=on_input.pop())


def units(hidden: tuple[int, ...]) -> str:
    """Return the sizes of hidden layers in words, like 256-256."""
    return "-".join(map(str, hidden))
