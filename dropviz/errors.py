"""The errors a user can cause. Each says in one line what is wrong, where, and what to do."""

from collections.abc import Iterable


class DropvizError(Exception):
    """Base of every error that the command line prints as one line."""

    exit_status = 1


class UsageError(DropvizError):
    """An argument names something that does not exist or cannot be."""

    exit_status = 2


class ExperimentError(DropvizError):
    """A field of an experiment has a value it may not have."""


class ThemeError(DropvizError):
    """A file of a theme is missing or damaged, or its colours cannot be read."""


class DataError(DropvizError):
    """A data set is missing or damaged."""


class RecordingError(DropvizError):
    """A recording is missing, damaged, foreign, or does not fit what is asked of it."""


class PlotError(DropvizError):
    """A plot function of the user's own cannot be loaded, fails, or draws what is no frame."""


class ModelError(DropvizError):
    """A model of the user's own cannot be loaded, or does not run."""


class OutputError(DropvizError):
    """A file cannot be written."""


class PictureError(DropvizError):
    """A picture is missing, or does not say what is asked of it."""


class FlashError(DropvizError):
    """An animation flashes in a way that can cause seizures."""


class DependencyError(DropvizError):
    """An installed package is missing, or does not work with another one."""


def one_of(kind: str, value: str, allowed: Iterable[str]) -> str:
    """Words for "unknown": ``unknown chart 'pie': must be one of 'accuracy', 'network'``."""
    names = ", ".join(repr(name) for name in allowed)
    return f"unknown {kind} {value!r}: must be one of {names}"


def reason(error: BaseException) -> str:
    """The first line of what another library's error says, or its kind where it says nothing."""
    return (str(error).splitlines() or [type(error).__name__])[0]
