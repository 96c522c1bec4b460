"""Train the runs of an experiment that are not recorded yet, each saved as soon as it is done."""

from pathlib import Path

from dropviz.cli.progress import note, progress
from dropviz.experiment import Arm, Experiment
from dropviz.recording import Recording, load

Run = tuple[Arm, int]


def paths_of(experiment: Experiment, arms: tuple[Arm, ...], folder: Path) -> dict[Run, Path]:
    """Where the recording of each run of these arms is, or will be."""
    return {(arm, seed): folder / experiment.run_name(arm, seed) for seed in experiment.seeds for arm in arms}


def train_missing(
    experiment: Experiment, paths: dict[Run, Path], data_dir: Path | None, device: str, *, again: bool = False
) -> None:
    """Train the runs whose file is missing, or all of them `again`."""
    missing = {run: path for run, path in paths.items() if again or not path.exists()}
    if not missing:
        return
    from dropviz.training.data import load_data
    from dropviz.training.trainer import iterations_of, pick_device, train_run

    chosen = pick_device(device)
    dataset = load_data(experiment.data, data_dir)
    total = len(missing) * iterations_of(experiment, experiment.train_size or dataset.default_train_size)
    kept = 0
    try:
        with progress(f"training {len(missing)} runs", "iterations") as tick:
            for (arm, seed), path in missing.items():
                train_run(experiment, arm, seed, dataset, chosen, lambda count: tick(count, total)).save(path)
                kept += 1
    except KeyboardInterrupt:
        folder = next(iter(paths.values())).parent
        note(f"\nkept {kept} of {len(missing)} runs in {folder}; the same command trains the rest")
        raise


def load_all(paths: list[Path]) -> list[Recording]:
    """Load recordings; a folder stands for all the recordings in it."""
    files = [file for path in paths for file in (sorted(path.glob("*.npz")) if path.is_dir() else [path])]
    return [load(file) for file in files]
