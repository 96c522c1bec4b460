"""Training with its progress shown in a notebook or on a terminal."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from dropviz._util.deprecation import accept_old_arguments
from dropviz._util.paths import user_path
from dropviz.experiments.experiment import Experiment
from dropviz.experiments.presets import choose_experiment
from dropviz.notebook.live_curve import LiveCurve, notebook_display
from dropviz.recording import Recording, load
from dropviz.training.events import SnapshotCallback
from dropviz.training.idx_files import data_folder
from dropviz.training.runs import paths_of, train_in_memory, train_missing


@accept_old_arguments("device", "data_dir")
def train(
    experiment: Experiment | str | Path,
    seeds: int | Sequence[int] | None = None,
    *,
    out: str | Path | None = None,
    jobs: int | None = 1,
    backend: str | None = None,
    device: str = "auto",
    data_dir: str | Path | None = None,
    again: bool = False,
    progress: bool | SnapshotCallback = True,
    **changes: Any,
) -> list[Recording]:
    """Train every arm of an experiment with every seed, and return the recordings, seed by seed.

    Arms share initial weights, data and batch order, seed by seed; only the noise differs. The same experiment gives
    the same recordings, bit for bit, with any number of jobs. A CUDA GPU trains runs whose networks have the same shape
    as one batch, unless most of their iterations are recorded: masks are the same, numbers differ by rounding.

    experiment  an Experiment, the name of a preset, or the path of a TOML file
    seeds       N for the seeds 1 to N, or the seeds themselves; the experiment's own by default
    out         folder of recordings: runs that are recorded there are loaded, others are trained and saved there; None
                (default) keeps recordings in memory only
    jobs        number of worker processes; 1 (default) trains in this process, None uses a worker for each core, one
                for a batch of runs on a GPU, or all workers of `backend`
    backend     backend of joblib that trains the runs, as in `sweep`: snapshots are then reported when their run is
                finished; None (default) for dropviz's own workers, which report at once
    device      "cpu", "cuda", …; "auto" (default) is a GPU if torch sees one
    data_dir    folder with the files of the data set; by default DROPVIZ_DATA, the cache, Debian's package, a download
    again       train also the runs that are recorded in `out`
    progress    True (default): a growing curve in a notebook, a bar on a terminal, else nothing; False: nothing; or a
                function that is called with each `SnapshotEvent`
    changes     fields of the experiment with other values, such as epochs=1

    Raises a DropvizError if a field, the data or the device cannot be used.

    >>> import dropviz
    >>> plain, dropout = dropviz.train("digits", seeds=1, epochs=1, progress=False)
    >>> plain.arm, dropout.arm, dropout.metrics
    ('no dropout', 'dropout 0.5', ('train_accuracy', 'train_loss', 'test_accuracy', 'test_loss'))
    """
    chosen = choose_experiment(experiment, seeds, **changes)
    folder = user_path(out) if out is not None else None
    train_runs = partial(_train, chosen, folder, data_folder(data_dir, [chosen]), device, jobs, backend, again=again)
    if callable(progress):
        return train_runs(show_bar=False, on_snapshot=progress)
    show = notebook_display() if progress else None
    if show is None or chosen.is_autoencoder:  # the live curve is of accuracies
        return train_runs(show_bar=progress)
    curve = LiveCurve(show)
    try:
        return train_runs(show_bar=False, on_snapshot=curve.update)
    finally:
        curve.draw()  # snapshots since the last picture, also when training was interrupted


def _train(
    experiment: Experiment,
    folder: Path | None,
    data_dir: Path | None,
    device: str,
    jobs: int | None,
    backend: str | None,
    *,
    again: bool,
    show_bar: bool,
    on_snapshot: SnapshotCallback | None = None,
) -> list[Recording]:
    if folder is None:
        return train_in_memory(
            experiment, data_dir, device, jobs, show_bar=show_bar, on_snapshot=on_snapshot, backend=backend
        )
    paths = paths_of(experiment, experiment.arms, folder)
    train_missing(
        experiment,
        paths,
        data_dir,
        device,
        jobs,
        again=again,
        show_bar=show_bar,
        on_snapshot=on_snapshot,
        backend=backend,
    )
    return [load(path) for path in paths.values()]
