"""Logs in text files: CSV, the folder of Lightning's CSVLogger, and the trainer_state.json of Transformers."""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from dropviz._util.text import collapse_whitespace
from dropviz.errors import LogError, reason
from dropviz.recording.logs.log import Log, read_text
from dropviz.recording.logs.rows import Row, read_rows

METRICS, STATE = "metrics.csv", "trainer_state.json"
SAME_NAMES = (METRICS, STATE)
DELIMITERS = ",\t;"
# Lines before the table: Excel's, which names the delimiter, and those of PowerShell's Export-Csv and its like.
PREFACE = re.compile(r"(?:sep=.|#TYPE .*)\r?\n", re.IGNORECASE)
DECIMAL_COMMA = re.compile(r"\s*([-+]?\d+),(\d+(?:e[-+]?\d+)?)\s*", re.IGNORECASE)
SETTING = re.compile(r"(\w{1,40}): *(\S.{0,60})")  # a line of a YAML file with a plain value
MAX_SETTINGS = 40
SUMMARY = "train_runtime"  # in the last entry of log_history, which has means over the run


def read_csv(path: Path, names: Mapping[str, str]) -> Log:
    """Read a table with a row of names. Commas, tabs or semicolons stand between cells.

    Where semicolons do, as Excel writes tables in much of Europe, a comma in a number is its decimal point.
    """
    text = read_text(path).lstrip()
    preface = PREFACE.match(text)
    text = text[preface.end() :] if preface else text
    delimiter = max(DELIMITERS, key=text.partition("\n")[0].count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    log = Log(_name(path), "csv")
    try:
        columns = [collapse_whitespace(name) for name in next(reader, [])]
        _check_columns(path, columns)
        rows = _csv_rows(path, columns, reader, preface is not None)
        return read_rows(log, path, columns, _with_points(rows, log) if delimiter == ";" else rows, names)
    except csv.Error as error:
        raise LogError(f"{path} is no CSV file: {reason(error)}") from None


def _check_columns(path: Path, columns: list[str]) -> None:
    twice = [name for name in columns if columns.count(name) > 1] if len(columns) < 1000 else ["too many"]
    if twice and twice[0]:
        raise LogError(f"{path} has two columns called {twice[0][:40]!r}: give each a name of its own")
    if all(_is_number(name) for name in columns if name):
        raise LogError(f"{path} has numbers in its first row: its columns must have names there, such as step,loss")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _csv_rows(path: Path, columns: list[str], reader: "Iterator[list[str]]", preface: bool) -> Iterator[Row]:
    for number, cells in enumerate(reader, start=3 if preface else 2):
        if len(cells) > len(columns) and any(cells[len(columns) :]):
            raise LogError(f"{path}, row {number}: {len(cells)} cells for {len(columns)} columns")
        if cells:
            yield number, dict(zip(columns, cells, strict=False))


def _with_points(rows: Iterator[Row], log: Log) -> Iterator[Row]:
    """Yield rows with decimal points in place of decimal commas, and note the first."""
    noted = False
    for number, row in rows:
        commas = {name: match for name, cell in row.items() if (match := DECIMAL_COMMA.fullmatch(str(cell)))}
        for name, match in commas.items():
            if not noted:
                log.notes.append(f"commas are taken as decimal points: {name} is {match[1]}.{match[2]} in row {number}")
            noted = True
        yield number, {**row, **{name: f"{match[1]}.{match[2]}" for name, match in commas.items()}}


def read_lightning(folder: Path, names: Mapping[str, str]) -> Log:
    """Read the metrics.csv of Lightning's CSVLogger, which counts iterations from 0, and the plain hyperparameters."""
    log = read_csv(folder / METRICS, names)
    log.counts_from_0 = not log.counts_epochs
    log.settings = read_settings(folder)
    return log


def read_settings(folder: Path) -> dict[str, str]:
    """Return the plain values at the top of the hparams.yaml in a folder; none if there is none."""
    path = folder / "hparams.yaml"
    if not path.is_file() or not path.stat().st_size:
        return {}
    lines = [SETTING.fullmatch(line) for line in read_text(path).splitlines()[:1000]]
    found = {match[1]: match[2].strip("'\"") for match in lines if match}
    return dict(list(found.items())[:MAX_SETTINGS])


def read_transformers(path: Path, names: Mapping[str, str]) -> Log:
    """Read the `log_history` of a trainer_state.json."""
    try:
        state: Any = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise LogError(f"{path} is no JSON file: {reason(error)}") from None
    history = state.get("log_history") if isinstance(state, dict) else None
    if not isinstance(history, list) or not all(isinstance(entry, dict) for entry in history):
        raise LogError(f"{path} has no log_history: it is not the trainer_state.json of Transformers")
    if not any(history):
        raise LogError(f"{path} has an empty log_history: there is nothing to import")
    entries = [
        (number, {collapse_whitespace(name): value for name, value in entry.items()})
        for number, entry in enumerate(history, start=1)
        if SUMMARY not in entry
    ]
    columns = dict.fromkeys(name for _number, entry in entries for name in entry)
    return read_rows(Log(_name(path), "transformers"), path, columns, entries, names)


def _name(path: Path) -> str:
    """Return the name of a file; with that of its folder, if all logs of a kind have the same name."""
    return "/".join(path.absolute().parts[-2:]) if path.name in SAME_NAMES else path.name
