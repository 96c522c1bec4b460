"""Dataclass fields that are checked: a wrong value becomes an error that names field, value and allowed values."""

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dropviz.errors import ExperimentError

MAX_SHOWN = 200  # characters of a wrong value in an error


@dataclass(frozen=True)
class Check:
    """Check of the value of a field.

    convert  function that returns the value as it is stored, or raises ValueError
    allowed  the allowed values in words, such as "a number from 0 to 1"
    """

    convert: Callable[[Any], Any]
    allowed: str

    def __call__(self, value: Any) -> Any:
        """Return the value as it is stored. Raises ValueError if it is not allowed."""
        return self.convert(value)


def whole(least: int, most: int) -> Check:
    """Return a check for a whole number from `least` to `most`."""
    allowed = f"a whole number from {least:,} to {most:,}"

    def convert(value: Any) -> int:
        # A bool is an int to Python, but `epochs = true` is a mistake.
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(f"must be {allowed}")
        return value

    return Check(convert, allowed)


def number(least: float, most: float, *, above: bool = False) -> Check:
    """Return a check for a finite number from `least` to `most`; with `above`, more than `least`."""
    allowed = f"a number above {least:,} and at most {most:,}" if above else f"a number from {least:,} to {most:,}"

    def convert(value: Any) -> float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        # NaN and infinity fail the comparison.
        if not is_number or not least <= value <= most or (above and value == least):
            raise ValueError(f"must be {allowed}")
        return float(value) + 0.0  # -0.0 becomes 0.0: equal settings have equal file names

    return Check(convert, allowed)


def choice(names: Iterable[str]) -> Check:
    """Return a check for one of these names."""
    allowed = "one of " + ", ".join(repr(name) for name in names)

    def convert(value: Any) -> str:
        if value not in tuple(names):
            raise ValueError(f"must be {allowed}")
        return str(value)

    return Check(convert, allowed)


def sequence(item: Check, least: int, most: int) -> Check:
    """Return a check for a list of `least` to `most` items that pass `item`; it is stored as a tuple."""

    def convert(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple) or not least <= len(value) <= most:
            raise ValueError(f"must be a list of {least} to {most} items")
        return tuple(item(each) for each in value)

    return Check(convert, f"{least} to {most:,} items, each {item.allowed}")


def distinct(item: Check, least: int, most: int) -> Check:
    """Return a check for a sequence without repeated items."""
    items = sequence(item, least, most)

    def convert(value: Any) -> tuple[Any, ...]:
        converted: tuple[Any, ...] = items(value)
        if len(set(converted)) < len(converted):
            raise ValueError("must not name anything twice")
        return converted

    return Check(convert, f"{least} to {most:,} different items, each {item.allowed}")


def text(pattern: str, allowed: str) -> Check:
    """Return a check for a text that matches `pattern` as a whole."""

    def convert(value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise ValueError(f"must be {allowed}")
        return value

    return Check(convert, allowed)


def none_or(check: Check) -> Check:
    """Return a check for None, or for a value that passes `check`."""
    return Check(lambda value: None if value is None else check(value), check.allowed)


def setting(check: Check, meaning: str, **default: Any) -> Any:
    """Return a dataclass field with a check, and its meaning for the documentation."""
    return field(metadata={"check": check, "help": meaning}, **default)


def describe(item: "dataclasses.Field[Any]") -> str:
    """Return the documentation of a field: meaning, allowed values, default."""
    words = f"{item.metadata['help']}; {item.metadata['check'].allowed}"
    return words if item.default is dataclasses.MISSING else f"{words}; default {_default(item.default)}"


def _default(value: Any) -> str:
    if isinstance(value, tuple) and value and dataclasses.is_dataclass(value[0]):
        return "those named " + " and ".join(repr(each.name) for each in value)
    return repr(value)


def option_help(item: "dataclasses.Field[Any]") -> str:
    """Return the help of the command line's option for a field: meaning and allowed values."""
    meaning, allowed = item.metadata["help"], item.metadata["check"].allowed
    return f"{meaning[0].upper()}{meaning[1:]} ({re.sub('^a (whole )?number ', '', allowed)})."


def validate(spec: Any, where: str = "") -> None:
    """Check all fields of a dataclass. Raises ExperimentError with field, value and allowed values."""
    for item in dataclasses.fields(spec):
        value = getattr(spec, item.name)
        try:
            object.__setattr__(spec, item.name, item.metadata["check"](value))
        except ValueError as error:
            raise ExperimentError(f"{item.name}{where} is {_shown(value)}: {error}") from None


def _shown(value: Any) -> str:
    """Return a value as Python writes it, shortened to MAX_SHOWN."""
    try:
        shown = repr(value)
    except ValueError:  # Python does not write an integer of thousands of digits
        return "a number of very many digits"
    return shown if len(shown) <= MAX_SHOWN else f"{shown[:MAX_SHOWN]}…"


def check_names(cls: Any, names: Iterable[str], what: str) -> None:
    """Raise ExperimentError for a name that is no field of the dataclass `cls`."""
    known = [item.name for item in dataclasses.fields(cls)]
    for name in names:
        if name not in known:
            raise ExperimentError(f"{name!r} is not a field of {what}: must be one of {', '.join(known)}")


def build(cls: Any, settings: Mapping[str, Any], what: str) -> Any:
    """Return a `cls` made from plain data. Raises ExperimentError for an unknown field or a missing name."""
    check_names(cls, settings, what)
    if "name" not in settings:
        raise ExperimentError(f"{what} needs a name")
    return cls(**settings)
