"""Recordings of other experiments that are the very runs of this one."""

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dropviz._util.paths import files_in
from dropviz.errors import DropvizError
from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment
from dropviz.recording import Recording, load
from dropviz.recording.reading import read_run
from dropviz.training.events import Run

# Fields that decide what is recorded of a run, and not how it is trained.
RECORDED = ("snapshot_every", "recorded_iterations", "tracked_examples", "probes")


def reuse_recordings(experiment: Experiment, missing: Mapping[Run, Path]) -> set[Run]:
    """Save recordings of the same runs, found in the same folders, under the paths of the missing runs.

    A run is the same if all that decides its training is equal: name of the experiment and of the arm may differ. Its
    recording must hold what this experiment records. Returns the runs that were found.
    """
    known: dict[tuple[str, int], list[Path]] = {}
    others: dict[Path, tuple[Experiment, Arm]] = {}
    for folder in {path.parent for path in missing.values()}:
        for path in files_in(folder, ".npz") if os.path.isdir(folder) else []:
            if (found := read_run(path)) is not None:
                other, arm = found[0], found[0].arm(found[1])
                others[path] = other, arm
                known.setdefault((_training(other, arm), found[2]), []).append(path)
    reused = set()
    for (arm, seed), path in missing.items():
        for source in known.get((_training(experiment, arm), seed), []):
            if _suffices(others[source][0], experiment) and _copy(source, path, experiment, arm):
                reused.add((arm, seed))
                break
    return reused


def _training(experiment: Experiment, arm: Arm) -> str:
    """Return all settings that decide the training of an arm."""
    own = experiment.of(arm)
    shared: dict[str, Any] = {name: value for name, value in own.shared_fields().items() if name not in RECORDED}
    return repr((sorted(shared.items()), dataclasses.replace(own.arms[0], name="arm")))


def _suffices(other: Experiment, wanted: Experiment) -> bool:
    """Return whether recordings of another experiment hold what `wanted` records."""
    masks = ("recorded_iterations", "tracked_examples")
    if wanted.recorded_iterations and any(getattr(other, name) != getattr(wanted, name) for name in masks):
        return False
    if wanted.probes:
        # Some probes measure at each snapshot, some in each recorded iteration.
        equal = (other.snapshot_every, other.recorded_iterations) == (wanted.snapshot_every, wanted.recorded_iterations)
        return equal and set(wanted.probes) <= set(other.probes)
    return wanted.snapshot_every % other.snapshot_every == 0


def _copy(source: Path, path: Path, experiment: Experiment, arm: Arm) -> bool:
    """Save a recording as one of another experiment and arm; return False if it cannot be read."""
    try:
        recording = load(source)
    except DropvizError:
        return False
    dataclasses.replace(
        recording,
        arm=arm.name,
        experiment=experiment,
        snapshots=_thinned(recording, experiment.snapshot_every),
        probes={
            name: values for name, values in recording.probes.items() if name.partition("/")[0] in experiment.probes
        },
        provenance={**recording.provenance, "copied_from": source.name},
    ).save(path)
    return True


def _thinned(recording: Recording, every: int) -> dict[str, Any]:
    """Return the snapshots of each `every`-th iteration and of the last."""
    iterations = recording.snapshots["iteration"]
    kept = (iterations % every == 0) | (np.arange(len(iterations)) == len(iterations) - 1)
    return {name: values[kept] for name, values in recording.snapshots.items()}
