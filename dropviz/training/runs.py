"""Train the runs of an experiment that are not recorded yet, each saved as soon as it is done."""

import os
from pathlib import Path

from dropviz._util.files import check_writable
from dropviz.cli.options import RECORDINGS
from dropviz.cli.progress import note, progress
from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment
from dropviz.recording import Recording, load
from dropviz.training.workers import Run, train_side_by_side


def paths_of(experiment: Experiment, arms: tuple[Arm, ...], folder: Path) -> dict[Run, Path]:
    """Where the recording of each run of these arms is, or will be."""
    return {(arm, seed): folder / experiment.run_name(arm, seed) for seed in experiment.seeds for arm in arms}


def train_missing(
    experiment: Experiment,
    paths: dict[Run, Path],
    data_dir: Path | None,
    device: str,
    jobs: int | None = None,
    *,
    again: bool = False,
    title: str = "",
) -> None:
    """Train the runs whose file is missing, or all of them `again`; `jobs` at once, as many as there are cores.

    `title` stands before the words of the progress bar.
    """
    missing = {run: path for run, path in paths.items() if again or not os.path.exists(path)}
    if not missing:
        return
    check_writable(next(iter(missing.values())))
    kept = 0
    try:
        with progress(f"{title}training {len(missing)} runs", "iterations") as callback:
            workers = min(jobs or cores(), len(missing))
            for _path in train_side_by_side(experiment, missing, workers, device, data_dir, callback):
                kept += 1
    except KeyboardInterrupt:
        folder = next(iter(paths.values())).parent
        # What a run saved is kept, even if it had no time to say so.
        kept = kept if again else sum(os.path.exists(path) for path in missing.values())
        note(f"\nkept {kept} of {len(missing)} runs in {folder}; the same command trains the rest")
        raise


def recorded(
    experiment: Experiment, arms: tuple[Arm, ...], data_dir: Path | None, device: str, jobs: int | None
) -> list[Path]:
    """The recordings of these arms in `out/recordings`, trained where they are missing."""
    runs = paths_of(experiment, arms, RECORDINGS)
    train_missing(experiment, runs, data_dir, device, jobs)
    return list(runs.values())


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def load_all(paths: list[Path]) -> list[Recording]:
    """Load recordings; a folder stands for all the recordings in it."""
    files = [file for path in paths for file in (sorted(path.glob("*.npz")) if os.path.isdir(path) else [path])]
    return [load(file) for file in files]
