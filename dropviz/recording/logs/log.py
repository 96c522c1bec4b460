"""A log as it was read, before its metrics are named as dropviz names them."""

from dataclasses import dataclass, field
from pathlib import Path

from dropviz._util import text_files
from dropviz.errors import LogError

MAX_BYTES = 256 << 20
MAX_VALUES = 5_000_000


@dataclass
class Log:
    """Metrics of a log, each by iteration, in the names of the log.

    name            name of its file or folder, for captions
    kind            "csv", "tensorboard" or "transformers"
    metrics         values by iteration, by metric; iterations as the log counts them
    counts_epochs   True if the log has no iterations, but epochs
    counts_from_0   True if the first iteration is known to be number 0
    settings        hyperparameters of the run, as text
    notes           what was left out, in words
    """

    name: str
    kind: str
    metrics: dict[str, dict[int, float]] = field(default_factory=dict)
    counts_epochs: bool = False
    counts_from_0: bool = False
    settings: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def check_size(*paths: Path) -> None:
    """Raise LogError if files are too large together."""
    size = sum(path.stat().st_size for path in paths)
    if size > MAX_BYTES:
        raise LogError(f"{paths[0]} has {size:,} bytes: logs of up to {MAX_BYTES:,} are imported; keep fewer rows")


def read_text(path: Path) -> str:
    """Return a file as text. Raises LogError if it is empty, too large, or in an encoding that it does not show."""
    check_size(path)
    try:
        text = text_files.read_text(path)
    except UnicodeDecodeError as error:
        raise LogError(f"{path} is not UTF-8 text, from byte {error.start:,} on: save it as UTF-8") from None
    if not text.strip():
        raise LogError(f"{path} is empty: there is nothing to import")
    return text
