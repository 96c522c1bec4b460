"""The rooms that import torch: data, noise layers, model, trainer, recorder."""

from collections.abc import Iterator
from pathlib import Path

from dropviz.errors import DependencyError
from dropviz.experiments.experiment import Experiment
from dropviz.experiments.presets import find_experiment
from dropviz.recording import Recording

try:
    import torch  # noqa: F401  # only to say in one line what is wrong, before anything else needs it
except ImportError as error:
    raise DependencyError(
        f"training needs torch, which does not load here ({error}): pip install torch torchvision"
    ) from None

from dropviz.training.data import load_data
from dropviz.training.trainer import SnapshotCallback, SnapshotEvent, pick_device, train_run

__all__ = ["SnapshotCallback", "SnapshotEvent", "load_data", "pick_device", "train", "train_run", "train_runs"]


def train_runs(
    experiment: Experiment,
    device: str = "auto",
    data_dir: Path | None = None,
    on_snapshot: SnapshotCallback = lambda _news: None,
) -> Iterator[Recording]:
    """Train every arm of `experiment` with every seed, and yield each recording as it is made."""
    chosen = pick_device(device)
    dataset = load_data(experiment.data, data_dir)
    for seed in experiment.seeds:
        for arm in experiment.arms:
            yield train_run(experiment, arm, seed, dataset, chosen, on_snapshot=on_snapshot)


def train(
    experiment: Experiment | str | Path,
    seeds: int | None = None,
    device: str = "auto",
    data_dir: str | Path | None = None,
    on_snapshot: SnapshotCallback = lambda _news: None,
) -> list[Recording]:
    """Train an experiment, given whole, by the name of a preset, or by the path of a TOML file.

    `seeds=5` stands for the seeds 1 to 5. `watch` is told of each snapshot as it is taken. Returns a recording for each
    arm and seed. Raises a DropvizError that says what to do, if a setting, the data or the device cannot be used.
    """
    chosen = experiment if isinstance(experiment, Experiment) else find_experiment(str(experiment))
    if seeds is not None:
        chosen = chosen.replace(seeds=tuple(range(1, seeds + 1)))
    return list(train_runs(chosen, device, Path(data_dir) if data_dir else None, on_snapshot))
