"""Sweeps: runs of an experiment over values of its fields, each in a file of its own, on one machine or many."""

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from dropviz._util.files import check_writable
from dropviz._util.paths import user_path
from dropviz._util.progress import RunTimes, progress
from dropviz.errors import UsageError
from dropviz.experiments.experiment import Experiment
from dropviz.experiments.presets import choose_experiment
from dropviz.experiments.sweeps import SweepRun, plan_sweep
from dropviz.training.idx_files import data_folder
from dropviz.training.joblib_backend import Task, train_with_joblib, use_backend
from dropviz.training.runs import check_jobs, note_kept, remove_checkpoints
from dropviz.training.workload import run_work

SWEEPS = Path("out/sweeps")


def sweep(
    experiment: Experiment | str | Path,
    vary: Mapping[str, Sequence[Any]],
    seeds: int | Sequence[int] | None = None,
    *,
    out: str | Path | None = None,
    jobs: int | None = None,
    backend: str | None = None,
    scheduler: str | None = None,
    part: tuple[int, int] = (1, 1),
    device: str = "auto",
    data_dir: str | Path | None = None,
    progress: bool = True,
    **changes: Any,
) -> list[Path]:
    """Train an experiment with all combinations of some values of its fields, and return the files of the recordings.

    Each run is a function of its settings and its seed alone, and writes one file, with a hash of the settings in its
    name. Runs whose file is there are not trained again; those of a lost worker are. Charts draw the folder, also while
    the sweep goes on: `dropviz animate rates FOLDER`.

    experiment  an Experiment, the name of a preset, or the path of a TOML file
    vary        values by the name of a field of an arm or of the experiment
    seeds       N for the seeds 1 to N, or the seeds themselves; the experiment's own by default
    out         folder of the recordings, which all workers share; by default in out/sweeps. Values of fields that arms
                cannot have, such as batch_size, have a folder inside it each
    jobs        number of runs trained at a time; None (default) is the number of cores or workers of `backend`, or that
                of the surrounding `joblib.parallel_config`, which is 1 without one
    backend     backend of joblib: "loky" (processes of this machine), "dask", "ray" or another; None (default) is that
                of the surrounding `joblib.parallel_config`, or else this process
    scheduler   address of a cluster of Dask or Ray
    part        I and N, for part I of N, from 1: the parts have about as much work, and their files together are those
                of the sweep
    device      "cpu", "cuda", …; "auto" (default) is a GPU if torch sees one
    data_dir    folder with the files of the data set, as in `train`
    progress    True (default) for a bar with the time left on a terminal, or lines elsewhere
    changes     fields of the experiment with other values, such as epochs=1

    Raises a DropvizError if a field, the data, the device or the backend cannot be used.

    >>> import dropviz
    >>> files = dropviz.sweep("digits", {"drop_prob": [0, 0.5]}, seeds=1, out="out/sweep", epochs=1, progress=False)
    >>> [dropviz.load(file).arm for file in files]
    ['no dropout', 'dropout 0.5']
    """
    runs = plan_sweep(choose_experiment(experiment, seeds, **changes), vary)
    data = data_folder(data_dir, [run.experiment for run in runs])
    folder = user_path(out or default_folder(runs[0].experiment, vary))
    paths = {run: folder / run.file for run in part_of(runs, *part)}
    remove_checkpoints(paths.values())
    missing = {run: path for run, path in paths.items() if not os.path.exists(path)}
    if missing:
        _train(missing, data and data.absolute(), device, jobs, backend, scheduler, progress)
    return [folder / run.file for run in runs if run in paths]


def default_folder(experiment: Experiment, vary: Iterable[str]) -> Path:
    """Return the folder of a sweep that was given none."""
    return SWEEPS / "-".join([experiment.name, *vary])


def part_of(runs: Sequence[SweepRun], number: int, count: int) -> list[SweepRun]:
    """Return part `number` of `count` parts of about the same work, seed by seed, the longest run of a seed first.

    Raises UsageError if there is no such part.
    """
    if not 1 <= number <= count:
        raise UsageError(f"part is {number}/{count}: must be I/N with I from 1 to N")
    seeds: dict[int, list[SweepRun]] = {}
    for run in runs:
        seeds.setdefault(run.seed, []).append(run)
    chosen = []
    for turn, each in enumerate(seeds.values()):  # the longest runs of each seed go to another part
        longest = sorted(each, key=lambda run: -run_work(run.experiment, run.arm))
        chosen += [run for place, run in enumerate(longest) if (place + turn) % count == number - 1]
    return chosen


def _train(
    missing: Mapping[SweepRun, Path],
    data_dir: Path | None,
    device: str,
    jobs: int | None,
    backend: str | None,
    scheduler: str | None,
    show: bool,
) -> None:
    from joblib import effective_n_jobs

    check_jobs(jobs)
    check_writable(*missing.values())
    tasks = [
        Task(run.experiment, run.arm, run.seed, path.absolute(), device, data_dir) for run, path in missing.items()
    ]
    works = [run_work(run.experiment, run.arm) for run in missing]
    try:
        with use_backend(backend, scheduler):
            times = RunTimes(effective_n_jobs(jobs))
            with progress(f"training {len(missing)} runs", show=show, left=times) as on_work:
                for finished in train_with_joblib(tasks, jobs):
                    times.finish(time.monotonic(), works[finished.number], finished.seconds)
                    on_work(works[finished.number], sum(works))
    except KeyboardInterrupt as interrupt:
        kept = sum(os.path.exists(path) for path in missing.values())
        note_kept(interrupt, kept, missing.values())
        raise
