"""The log that a path stands for."""

import re
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path

from dropviz.errors import LogError
from dropviz.recording.logs.log import Log
from dropviz.recording.logs.tables import METRICS, STATE, read_csv, read_lightning, read_transformers
from dropviz.recording.logs.tensorboard import EVENTS, read_tensorboard

CHECKPOINT = re.compile(r"checkpoint-(\d+)")
MAX_FOLDERS = 10_000  # that are searched
Reader = Callable[[Path, Mapping[str, str]], Log]


def read_log(path: Path, names: Mapping[str, str]) -> Log:
    """Read the log at a path; in a folder without one, that of its only folder with one, or of the last checkpoint.

    Raises LogError if there is none, or there are several.
    """
    if not path.exists():
        raise LogError(f"no log at {path}: name a CSV file, an event file, a trainer_state.json or a folder of them")
    if path.is_file():
        return _reader_of_file(path)(path, names)
    if reader := _reader_of_folder(path):
        return reader(path, names)
    found = [folder for folder in _folders(path) if _reader_of_folder(folder)]
    checkpoints = {int(match[1]): folder for folder in found if (match := CHECKPOINT.fullmatch(folder.name))}
    if found and len(checkpoints) == len(found):
        found = [checkpoints[max(checkpoints)]]
    if not found:
        raise LogError(f"{path} holds no log: no {METRICS}, no {STATE}, no event file")
    if len(found) > 1:
        shown = ", ".join(str(folder) for folder in found[:4]) + (", …" if len(found) > 4 else "")
        raise LogError(f"{path} holds {len(found)} logs: name one of {shown}")
    return read_log(found[0], names)


def _reader_of_file(path: Path) -> Reader:
    if "tfevents" in path.name:
        return read_tensorboard
    if path.suffix.lower() == ".json":
        return read_transformers
    if path.name == METRICS and (path.parent / "hparams.yaml").is_file():
        return lambda file, names: read_lightning(file.parent, names)
    return read_csv


def _reader_of_folder(folder: Path) -> Reader | None:
    if (folder / METRICS).is_file():
        return (
            read_lightning
            if (folder / "hparams.yaml").is_file()
            else lambda place, names: read_csv(place / METRICS, names)
        )
    if (folder / STATE).is_file():
        return lambda place, names: read_transformers(place / STATE, names)
    return read_tensorboard if next(folder.glob(EVENTS), None) else None


def _folders(path: Path) -> list[Path]:
    """Return the folders in a folder, and in those, in order; no link is followed."""
    inside = [each for pattern in ("*/", "*/*/") for each in islice(path.glob(pattern), MAX_FOLDERS)]
    return sorted(each for each in inside if each.is_dir() and not each.is_symlink())
