"""Logs that are rows of a table: the column that counts, and the numbers in the others."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from dropviz.errors import LogError
from dropviz.recording.logs.log import MAX_VALUES, Log
from dropviz.recording.logs.names import is_bookkeeping

# Names of columns that count iterations, and of those that count epochs, in the order in which one is chosen.
ITERATION = ("iteration", "iterations", "iter", "global_step", "step", "steps", "_step", "update", "updates", "n_iter")
EPOCH = ("epoch", "epochs")
EMPTY = ("", "null", "none", "na", "n/a", "-")
MAX_COUNT = 1 << 53

Cell = str | float | None
Row = tuple[int, Mapping[str, Cell]]  # the number of a row in its file, and its cells


def read_rows(log: Log, path: Path, columns: Iterable[str], rows: Iterable[Row], names: Mapping[str, str]) -> Log:
    """Add the metrics in rows to a log, and return it.

    An empty cell was not measured. Rows without an iteration are left out, and so are columns without numbers. Of two
    values of a metric at one iteration, the later row counts.

    names  for columns, the names to give them; "iteration" for the one that counts

    Raises LogError if no column counts, a count is not a whole number, or a cell among numbers is text.
    """
    columns = list(columns)
    counter, log.counts_epochs = find_counter(path, columns, names)
    metrics = [name for name in columns if name != counter and (name in names or not is_bookkeeping(name))]
    words: dict[str, str] = {}
    epochs: dict[int, Cell] = {}
    epoch = next((name for name in columns if _plain(name) in EPOCH and name != counter), None)
    uncounted = repeated = size = 0
    for number, row in rows:
        count = _count(row.get(counter), counter, f"{path}, row {number}")
        if count is None:
            uncounted += 1
            continue
        for name in metrics:
            value = _number(row.get(name))
            if isinstance(value, str):
                words.setdefault(name, f"{path}, row {number}: {name} is {value[:40]!r}")
            elif value is not None:
                repeated += _is_repeated(log, name, count, epochs, row.get(epoch) if epoch else None, path)
                log.metrics.setdefault(name, {})[count] = value
                size += 1
        if epoch and not _is_empty(row.get(epoch)):
            epochs[count] = row[epoch]
        if size > MAX_VALUES:
            raise LogError(f"{path} has more than {MAX_VALUES:,} values: keep fewer rows or columns")
    _check_words(log, words)
    if uncounted:
        log.notes.append(f"left out {uncounted:,} rows without a number in {counter!r}")
    if repeated:
        log.notes.append(f"{repeated:,} values repeat an iteration: the later one counts")
    return log


def find_counter(path: Path, columns: list[str], names: Mapping[str, str]) -> tuple[str, bool]:
    """Return the column that counts, and whether it counts epochs. Raises LogError if there is none."""
    chosen = next((name for name in columns if names.get(name) == "iteration"), None)
    if chosen is not None:
        return chosen, _plain(chosen) in EPOCH
    wanted = next((name for name, ours in names.items() if ours == "iteration"), None)
    if wanted is not None:
        raise LogError(f"{path} has no column {wanted!r}, only {_listed(columns)}")
    for known in (*ITERATION, *EPOCH):
        for name in columns:
            if name not in names and _plain(name) == known:
                return name, known in EPOCH
    raise LogError(
        f"{path} has no column of iterations, only {_listed(columns)}: name it, like --map {columns[0]}=iteration"
    )


def _listed(names: list[str]) -> str:
    return ", ".join(repr(name[:40]) for name in names[:8]) + (", …" if len(names) > 8 else "")


def _plain(name: str) -> str:
    return name.strip().lower().rpartition("/")[2].replace(" ", "_")


def _is_empty(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and cell.strip().lower() in EMPTY)


def _number(cell: Cell) -> float | str | None:
    """Return the number in a cell, its text if it is none, or None if it is empty."""
    if _is_empty(cell) or isinstance(cell, list | dict):
        return None
    try:
        return float(cell)  # type: ignore[arg-type]  # None is empty
    except (ValueError, OverflowError):
        return str(cell)


def _count(cell: Cell, column: str, where: str) -> int | None:
    value = _number(cell)
    if value is None:
        return None
    if isinstance(value, str) or not 0 <= value < MAX_COUNT or value != int(value):
        raise LogError(f"{where}: {column} is {str(cell)[:40]!r}: must be a whole number from 0")
    return int(value)


def _is_repeated(log: Log, name: str, count: int, epochs: Mapping[int, Cell], epoch: Cell, path: Path) -> bool:
    """Return whether a metric has a value at this count already; raise LogError if that was in another epoch."""
    if count not in log.metrics.get(name, {}):
        return False
    if not _is_empty(epoch) and count in epochs and epochs[count] != epoch:
        raise LogError(
            f"{path}: {count} is counted in epoch {epochs[count]} and in epoch {epoch}: the column counts within an "
            "epoch; name one that counts all iterations, like --map global_step=iteration"
        )
    return True


def _check_words(log: Log, words: Mapping[str, str]) -> None:
    """Note columns of words; raise LogError for words among numbers."""
    for name, where in words.items():
        if name in log.metrics:
            raise LogError(f"{where}: must be a number, or empty where it was not measured")
    if words:
        shown = ", ".join(repr(name) for name in [*words][:8])
        log.notes.append(f"left out {shown}: not numbers")
