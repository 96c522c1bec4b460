"""Import of a log as a recording."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from dropviz._util.paths import user_path
from dropviz._util.text import replace_unsafe
from dropviz._version import __version__
from dropviz.errors import LogError
from dropviz.recording.logs.finding import read_log
from dropviz.recording.logs.log import MAX_VALUES, Log
from dropviz.recording.logs.names import common_names, is_usable
from dropviz.recording.logs.tables import SAME_NAMES
from dropviz.recording.recording import Recording
from dropviz.recording.snapshots import SnapshotLog

DROPOUT = ("dropout", "drop_prob", "dropout_prob", "dropout_rate", "dropout_p", "drop_rate")  # hyperparameters
Metrics = dict[str, dict[int, float]]


def import_log(
    path: str | Path,
    *,
    arm: str | None = None,
    seed: int = 0,
    names: Mapping[str, str] | None = None,
    epoch_iterations: int | None = None,
    nan_is_empty: bool = False,
    callback: Callable[[str], None] = lambda _note: None,
) -> Recording:
    r"""Return the metrics of a log as a recording, which has neither masks nor layers.

    The charts `accuracy` and `metrics` draw it.

    path              a CSV file with a column of iterations; an event file of TensorBoard; a trainer_state.json of
                      Transformers; or a folder with one of them, such as that of Lightning's CSVLogger
    arm               name of the arm; by default the dropout in Lightning's hparams.yaml, else the name of the log
    seed              seed of the run
    names             for columns of the log, the names to give them: "iteration" for the one that counts, "" for one
                      to leave out
    epoch_iterations  number of iterations in an epoch, for a log that has epochs only; without it, an iteration of the
                      recording is an epoch
    nan_is_empty      True if NaN in the log stands for "not measured"; else it is a value that is not finite
    callback          called with each note on what was converted or left out

    Raises LogError if there is no log, or it cannot be understood, and DependencyError if TensorBoard's package is
    missing for its files. Nothing is unpickled.

    >>> from pathlib import Path
    >>> import dropviz
    >>> _ = Path("out/log.csv").write_text("step,loss,val_loss\n10,0.9,\n20,0.7,0.8\n")
    >>> recording = dropviz.import_log("out/log.csv", arm="dropout 0.5")
    >>> recording.snapshots["iteration"], recording.snapshots["validation_loss"]
    (array([10, 20]), array([nan, 0.8]))
    """
    path, names = user_path(path), dict(names or {})
    try:
        log = read_log(path, names)
    except OSError as error:
        raise LogError(f"cannot read {path}: {error.strerror or error}") from None
    metrics = _named(log, _chosen(log, names, path), names, path)
    metrics = _without_nan(metrics) if nan_is_empty else metrics
    metrics = _as_shares(_counted(metrics, log, epoch_iterations), log, path)
    metrics = {name: values for name, values in metrics.items() if values}
    if not metrics:
        raise LogError(f"{path} has no metric: it needs a column of numbers beside its iterations")
    for note in _with_infinite(log.notes, metrics):
        callback(note)
    return _record(log, metrics, arm or _arm_of(log, path), seed)


def _chosen(log: Log, names: Mapping[str, str], path: Path) -> Metrics:
    """Return the metrics of a log without those that have an empty name."""
    unknown = [name for name, ours in names.items() if name not in log.metrics and ours not in ("", "iteration")]
    if unknown:
        there = ", ".join(map(repr, list(log.metrics)[:8]))
        raise LogError(f"{path} has no numbers called {unknown[0]!r}: it has {there}")
    return {name: values for name, values in log.metrics.items() if names.get(name) != ""}


def _named(log: Log, metrics: Metrics, names: Mapping[str, str], path: Path) -> Metrics:
    """Return metrics by the names that they have in the recording."""
    given = {name: names[name] for name in metrics if name in names}
    found = common_names([*(name for name in metrics if name not in names), *given.values()])
    new = {name: given.get(name) or found[name] for name in metrics}
    bad = next((name for name in given.values() if not is_usable(name)), None)
    if bad is not None:
        raise LogError(f"a metric cannot be called {bad!r}: use 1 to 40 letters, digits, '_'")
    if unusable := [name for name in metrics if not is_usable(new[name])]:
        shown = ", ".join(repr(name[:60]) for name in unusable[:4])
        log.notes.append(f"left out {shown}: names have 1 to 40 letters, digits, '_'; rename them")
    usable = [name for name in metrics if is_usable(new[name])]
    for name in usable:
        same = next((other for other in usable if new[other] == new[name]), name)
        if same != name:
            raise LogError(f"{path}: {same!r} and {name!r} would both be called {new[name]!r}: rename one of them")
    return {new[name]: metrics[name] for name in usable}


def _without_nan(metrics: Metrics) -> Metrics:
    return {
        name: {count: value for count, value in values.items() if not math.isnan(value)}
        for name, values in metrics.items()
    }


def _counted(metrics: Metrics, log: Log, epoch_iterations: int | None) -> Metrics:
    """Return metrics by iterations that count from 1, or by epochs."""
    counts = {count for values in metrics.values() for count in values}
    if len(counts) * len(metrics) > MAX_VALUES:
        raise LogError(f"{len(counts):,} iterations with {len(metrics):,} metrics are too many: keep fewer")
    shift = int(log.counts_from_0 or 0 in counts)
    if shift and not log.counts_from_0:
        log.notes.append(f"the log counts {'epochs' if log.counts_epochs else 'iterations'} from 0: 1 is added")
    factor = 1
    if log.counts_epochs:
        factor, log.counts_epochs = epoch_iterations or 1, epoch_iterations is None
        if log.counts_epochs:
            log.notes.append("the log has epochs only: an iteration of the recording is an epoch")
    return {
        name: {factor * (count + shift): value for count, value in values.items()} for name, values in metrics.items()
    }


def _as_shares(metrics: Metrics, log: Log, path: Path) -> Metrics:
    """Return metrics with accuracies from 0 to 1; those that exceed 1 are percentages."""
    for name, values in metrics.items():
        if not name.endswith("accuracy"):
            continue
        finite = {count: value for count, value in values.items() if math.isfinite(value)}
        if len(finite) < len(values):
            log.notes.append(f"left out {len(values) - len(finite):,} values of {name} that are not finite")
        if finite and max(finite.values()) > 1:
            log.notes.append(f"{name} is taken as percentages, since it exceeds 1")
            finite = {count: value / 100 for count, value in finite.items()}
        wrong = next((value for value in finite.values() if not 0 <= value <= 1), None)
        if wrong is not None:
            raise LogError(f"{path}: {name} is neither from 0 to 1 nor a percentage: give it another name")
        metrics[name] = finite
    return metrics


def _with_infinite(notes: list[str], metrics: Metrics) -> list[str]:
    """Return notes, with one on the values that are not finite."""
    for name, values in metrics.items():
        counts = sorted(count for count, value in values.items() if not math.isfinite(value))
        if counts:
            notes.append(f"{name} is not finite {len(counts):,} times, first at {counts[0]:,}")
    return notes


def _arm_of(log: Log, path: Path) -> str:
    """Return the dropout among the settings as the name of the arm; else the name of the log."""
    value = next((log.settings[name] for name in DROPOUT if name in log.settings), None)
    if value is not None:
        return "no dropout" if value in ("0", "0.0") else f"dropout {value}"
    name = path.absolute()
    generic = name.name in SAME_NAMES or "tfevents" in name.name
    return replace_unsafe(name.parent.name if generic else name.stem if name.is_file() else name.name)[:40] or "run"


def _record(log: Log, metrics: Metrics, arm: str, seed: int) -> Recording:
    snapshots = SnapshotLog()
    by_iteration: dict[int, dict[str, float]] = {}
    for name, values in metrics.items():
        for count, value in values.items():
            by_iteration.setdefault(count, {})[name] = value
    for count in sorted(by_iteration):
        snapshots.add(count, by_iteration[count])
    settings = {f"setting {name}": replace_unsafe(value) for name, value in log.settings.items()}
    counted = {"counted": "epochs"} if log.counts_epochs else {}
    notes = {"notes": replace_unsafe("; ".join(log.notes))} if log.notes else {}
    about = {"dropviz": __version__, "log": replace_unsafe(log.name), "log kind": log.kind}
    return Recording(
        arm=arm,
        seed=seed,
        layers=(),
        snapshots=snapshots.arrays(),
        recorded_iterations=np.array([], np.int64),
        masks={},
        drop_rate={},
        provenance={**about, **counted, **notes, **settings},
    )
