"""Reading of TOML that others wrote: bounded, for the time that parsing takes grows faster than the text."""

import tomllib
from pathlib import Path
from typing import Any

MAX_LETTERS = 100_000
MAX_DOTS = 200  # in a line: a key of thousands of parts would take minutes


def check_length(path: Path) -> None:
    """Raise ValueError, before it is read, if a file is longer than any TOML that `load_toml` takes; else OSError."""
    if path.stat().st_size > 4 * MAX_LETTERS:  # a letter has up to four bytes
        raise ValueError(f"it has more than {MAX_LETTERS:,} letters")


def load_toml(text: str) -> dict[str, Any]:
    """Return the table of a TOML text. Raises ValueError, with the reason, if it is none, too long or too deep.

    >>> load_toml("a.b = 1")
    {'a': {'b': 1}}
    """
    if len(text) > MAX_LETTERS or any(line.count(".") > MAX_DOTS for line in text.split("\n")):
        raise ValueError(f"more than {MAX_LETTERS:,} letters, or {MAX_DOTS} dots in a line")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("lists or tables too deep inside each other") from None
