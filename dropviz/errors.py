"""Errors that users can cause. Each message is one line: what is wrong, where, and what to do.

The command line prints the message of a DropvizError and exits with its `exit_status`.
"""

from collections.abc import Iterable
from difflib import get_close_matches

MAX_LETTERS = 299
END = 120  # letters that are kept of the end of a longer message, which says what to do
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class DropvizError(Exception):
    r"""Base class of all errors below. Exit status 1 unless a subclass sets another.

    Whatever the message quotes of a file, it is one line of printable characters, fewer than 300 of them.

    >>> str(DropvizError("a\nb\x1b[31m")), len(str(DropvizError("a" * 10_000)))
    ('a b�[31m', 299)
    """

    exit_status = 1

    def __init__(self, message: str = "") -> None:
        super().__init__(_shorten(_one_line(message)))


class UsageError(DropvizError):
    """Raised when an argument or an option has an unknown or impossible value. Exit status 2."""

    exit_status = 2


class ExperimentError(DropvizError):
    """Raised when an experiment, or its TOML file, has an unknown field or an invalid value. Exit status 1."""


class ThemeError(DropvizError):
    """Raised when a theme file is missing or invalid, or its colours lack contrast. Exit status 1."""


class DataError(DropvizError):
    """Raised when a data set is missing or damaged. Exit status 1."""


class RecordingError(DropvizError):
    """Raised when a recording is missing, damaged or inconsistent, or does not suit the chart. Exit status 1."""


class LogError(DropvizError):
    """Raised when a log to import is missing or damaged, or its numbers cannot be understood. Exit status 1."""


class PlotError(DropvizError):
    """Raised when a user's plot function cannot be loaded, fails, or returns no valid frame. Exit status 1."""


class ModelError(DropvizError):
    """Raised when a user's model cannot be loaded or run. Exit status 1."""


class OutputError(DropvizError):
    """Raised when a file cannot be written. Exit status 1."""


class PictureError(DropvizError):
    """Raised when a picture to embed is missing or unreadable, or has no alt text. Exit status 1."""


class FlashError(DropvizError):
    """Raised when an animation exceeds the flash limits of WCAG 2.2, 2.3.1. Exit status 1."""


class UnseenNoiseWarning(UserWarning):
    """Given when noise acts in a model and a Recorder cannot record it. The message names the place and the reason."""


class DependencyError(DropvizError):
    """Raised when a package or program is missing, or does not work on this machine. Exit status 1."""


def _one_line(message: str) -> str:
    """Return the message with a space for each line break, and U+FFFD for each other character that is not printed."""
    if message.isprintable():
        return message
    return "".join(each if each.isprintable() else " " if each.isspace() else REPLACEMENT for each in message)


def _shorten(message: str) -> str:
    """Return the message with its middle left out if it is longer than MAX_LETTERS."""
    if len(message) <= MAX_LETTERS:
        return message
    return f"{message[: MAX_LETTERS - END - 3]} … {message[-END:]}"


def one_of(kind: str, value: str, allowed: Iterable[str], *, similar: Iterable[str] = ()) -> str:
    """Return the message for an unknown value, with the most similar names of `allowed` and of `similar`.

    >>> one_of("chart", "pie", ["accuracy", "network"])
    "unknown chart 'pie': must be one of 'accuracy', 'network'"
    >>> one_of("chart", "acuracy", ["accuracy", "network"])
    "unknown chart 'acuracy', similar to 'accuracy': must be one of 'accuracy', 'network'"
    """
    names = list(allowed)
    near = get_close_matches(value, dict.fromkeys([*names, *similar]), n=3, cutoff=0.7)
    hint = f", similar to {', '.join(map(repr, near))}" if near else ""
    return f"unknown {kind} {value!r}{hint}: must be one of {', '.join(map(repr, names))}"


def reason(error: BaseException) -> str:
    r"""Return the first line of the message of `error`, or the name of its class if the message is empty.

    >>> reason(ValueError("first\nsecond")), reason(KeyError())
    ('first', 'KeyError')
    """
    return (str(error).splitlines() or [type(error).__name__])[0]
