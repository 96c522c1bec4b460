"""Training of the runs of an experiment, in memory or into files, in this process or in several."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path

from dropviz._util.files import check_writable
from dropviz._util.paths import checkpoint_of, files_in
from dropviz._util.progress import WorkCallback, progress
from dropviz.errors import RecordingError, UsageError
from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment
from dropviz.recording import Recording, load
from dropviz.recording.snapshots import SnapshotLog
from dropviz.training.events import Run, SnapshotCallback, SnapshotEvent
from dropviz.training.idx_files import data_folder
from dropviz.training.joblib_backend import Task, train_with_joblib, use_backend
from dropviz.training.reuse import reuse_recordings
from dropviz.training.workers import train_here, train_in_workers
from dropviz.training.workload import run_iterations, run_work

RECORDINGS = Path("out/recordings")


def runs_of(experiment: Experiment, arms: tuple[Arm, ...] | None = None) -> list[Run]:
    """Return the runs of an experiment, or of some of its arms, seed by seed."""
    return [(arm, seed) for seed in experiment.seeds for arm in arms or experiment.arms]


def paths_of(experiment: Experiment, arms: tuple[Arm, ...], folder: Path) -> dict[Run, Path]:
    """Return the path of the recording of each run of these arms, whether it exists or not."""
    return {(arm, seed): folder / experiment.run_name(arm, seed) for arm, seed in runs_of(experiment, arms)}


def train_in_memory(
    experiment: Experiment,
    data_dir: Path | None,
    device: str,
    jobs: int | None = None,
    *,
    show_bar: bool = True,
    on_snapshot: SnapshotCallback | None = None,
    backend: str | None = None,
) -> list[Recording]:
    """Train all runs; return their recordings, seed by seed. `jobs`, `backend`: see `dropviz.train`."""
    runs = runs_of(experiment)
    with progress(_label(experiment, runs), show=show_bar) as on_work:
        trained = _train(experiment, dict.fromkeys(runs), jobs, device, data_dir, on_work, on_snapshot, backend)
        recordings = {run: recording for run, recording in trained if recording is not None}
    return [recordings[run] for run in runs]


def train_missing(
    experiment: Experiment,
    paths: Mapping[Run, Path],
    data_dir: Path | None,
    device: str,
    jobs: int | None = None,
    *,
    again: bool = False,
    title: str = "",
    show_bar: bool = True,
    on_snapshot: SnapshotCallback | None = None,
    backend: str | None = None,
) -> None:
    """Train the runs whose file is missing, or all of them `again`; save each as soon as it is trained.

    A run that another experiment has recorded in the same folder is not trained again: see `reuse_recordings`.

    jobs, backend  as in `dropviz.train`
    title          text before the label of the progress bar

    An interrupt raises KeyboardInterrupt with a note of the number of runs kept.
    """
    if not again:
        remove_checkpoints(paths.values())
    missing = {run: path for run, path in paths.items() if again or not os.path.exists(path)}
    if not missing:
        return
    check_writable(*missing.values())
    reused = set() if again else reuse_recordings(experiment, missing)
    missing = {run: path for run, path in missing.items() if run not in reused}
    if not missing:
        return
    finished = 0
    try:
        with progress(title + _label(experiment, missing), show=show_bar) as on_work:
            for _run in _train(experiment, missing, jobs, device, data_dir, on_work, on_snapshot, backend):
                finished += 1
    except KeyboardInterrupt as interrupt:
        # A worker may have saved a run without having had the time to report it.
        kept = finished if again else sum(os.path.exists(path) for path in missing.values())
        note_kept(interrupt, kept, missing.values())
        raise


def remove_checkpoints(paths: Iterable[Path]) -> None:
    """Remove the checkpoints of runs that are saved: those of processes that were killed between the two."""
    for path in paths:
        if os.path.exists(path):
            checkpoint_of(path).unlink(missing_ok=True)


def check_jobs(jobs: int | None) -> None:
    """Raise UsageError unless `jobs` is None or a number of runs."""
    if jobs is not None and jobs < 1:
        raise UsageError(f"jobs is {jobs}: must be 1 or more")


def note_kept(interrupt: KeyboardInterrupt, kept: int, paths: Collection[Path]) -> None:
    """Add a note to an interrupt: how many of the runs with these paths are kept."""
    folder = os.path.commonpath({path.parent for path in paths})
    interrupt.add_note(f"kept {kept} of {len(paths)} runs in {folder}; the same command trains the rest")


def _label(experiment: Experiment, runs: Iterable[Run]) -> str:
    """Return what is trained: the number of runs, and of iterations in all."""
    iterations = [run_iterations(experiment, arm) for arm, _seed in runs]
    return f"training {len(iterations)} runs, {sum(iterations):,} iterations"


def _train(
    experiment: Experiment,
    runs: Mapping[Run, Path | None],
    jobs: int | None,
    device: str,
    data_dir: Path | None,
    on_work: WorkCallback,
    on_snapshot: SnapshotCallback | None,
    backend: str | None,
) -> Iterator[tuple[Run, Recording | None]]:
    check_jobs(jobs)
    if backend is not None:
        return _train_with_joblib(experiment, runs, jobs, device, data_dir, on_work, on_snapshot, backend)
    if jobs == 1:
        return train_here(experiment, runs, device, data_dir, on_work, on_snapshot)
    return train_in_workers(experiment, runs, jobs, device, data_dir, on_work, on_snapshot)


def _train_with_joblib(
    experiment: Experiment,
    runs: Mapping[Run, Path | None],
    jobs: int | None,
    device: str,
    data_dir: Path | None,
    on_work: WorkCallback,
    on_snapshot: SnapshotCallback | None,
    backend: str,
) -> Iterator[tuple[Run, Recording | None]]:
    """Train with a backend of joblib, which has no way for events: those of a run come when it is finished."""
    total = sum(run_work(experiment, arm) for arm, _seed in runs)
    tasks = [
        Task(experiment, arm, seed, path and path.absolute(), device, data_dir and data_dir.absolute())
        for (arm, seed), path in runs.items()
    ]
    with use_backend(backend):
        for finished in train_with_joblib(tasks, jobs):
            task, recording = tasks[finished.number], finished.recording
            if on_snapshot is not None:
                made = recording or load(task.path or "")
                iterations = run_iterations(experiment, task.arm)
                for iteration, metrics in SnapshotLog.of(made.snapshots).rows():
                    on_snapshot(SnapshotEvent(task.arm, task.seed, iteration, iterations, metrics))
            on_work(run_work(experiment, task.arm), total)
            yield (task.arm, task.seed), recording


def recorded(
    experiment: Experiment, arms: tuple[Arm, ...], data_dir: Path | None, device: str, jobs: int | None
) -> list[Path]:
    """Return the recordings of these arms in `out/recordings`; train those that are missing."""
    runs = paths_of(experiment, arms, RECORDINGS)
    train_missing(experiment, runs, data_folder(data_dir, [experiment]), device, jobs)
    return list(runs.values())


def load_all(paths: list[Path], on_left_out: Callable[[str], None] = lambda _words: None) -> list[Recording]:
    """Load recordings; a folder stands for all the recordings in it.

    Of a sweep that is not finished, the seeds that not all arms have yet are left out.

    on_left_out  callback with a sentence about recordings that are left out
    """
    found: list[Recording] = []
    for path in paths:
        if not os.path.isdir(path):
            found.append(load(path))
            continue
        inside = [load(file) for file in _recordings_in(path)]
        finished = _finished(inside)
        if len(finished) < len(inside):
            rest = len(inside) - len(finished)
            on_left_out(f"{path}: {rest} of {len(inside)} recordings are of seeds that not all arms have yet: left out")
        found += finished
    return found


def _finished(recordings: list[Recording]) -> list[Recording]:
    """Return the runs of a sweep whose seed all its arms have; all recordings if it has none, or they are no sweep."""
    experiments = [recording.experiment for recording in recordings]
    if not all(each is not None and len(each.arms) == len(each.seeds) == 1 for each in experiments):
        return recordings
    seeds: dict[str, set[int]] = {}
    for recording in recordings:
        seeds.setdefault(recording.arm, set()).add(recording.seed)
    shared = set.intersection(*seeds.values()) if seeds else set()
    return [recording for recording in recordings if recording.seed in shared] if shared else recordings


def _recordings_in(folder: Path) -> list[Path]:
    try:
        files = files_in(folder, ".npz")
    except OSError as error:
        raise RecordingError(f"cannot read folder {folder}: {error.strerror}") from None
    if not files:
        raise RecordingError(f"no recordings to draw: folder {folder} holds no .npz")
    return files
