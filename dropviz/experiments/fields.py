"""Fields that check themselves: a wrong value becomes an error that names field, value and what is allowed."""

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import Any

from dropviz.errors import ExperimentError

Check = Callable[[Any], Any]
LONGEST_SHOWN = 200


def whole(least: int, most: int) -> Check:
    """A whole number from `least` to `most`."""

    def check(value: Any) -> int:
        # A bool is an int to Python, but `epochs = true` is a mistake.
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(f"must be a whole number from {least:,} to {most:,}")
        return value

    return check


def number(least: float, most: float, *, above: bool = False) -> Check:
    """A finite number from `least` to `most`; with `above`, more than `least`."""
    words = f"above {least:g} and at most {most:g}" if above else f"from {least:g} to {most:g}"

    def check(value: Any) -> float:
        ok = isinstance(value, int | float) and not isinstance(value, bool)
        # Neither a NaN nor an infinity lies between the two.
        if not ok or not least <= value <= most or (above and value == least):
            raise ValueError(f"must be a number {words}")
        return float(value) + 0.0  # -0.0 is 0.0: equal settings are written alike

    return check


def choice(allowed: Iterable[str]) -> Check:
    """One of the names in `allowed`."""

    def check(value: Any) -> str:
        if value not in tuple(allowed):
            raise ValueError("must be one of " + ", ".join(repr(name) for name in allowed))
        return str(value)

    return check


def sequence(item: Check, least: int, most: int) -> Check:
    """A list of `least` to `most` items, each of which passes `item`; kept as a tuple."""

    def check(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple) or not least <= len(value) <= most:
            raise ValueError(f"must be a list of {least} to {most} items")
        return tuple(item(each) for each in value)

    return check


def distinct(item: Check, least: int, most: int) -> Check:
    """A sequence in which nothing stands twice."""
    check_items = sequence(item, least, most)

    def check(value: Any) -> tuple[Any, ...]:
        items: tuple[Any, ...] = check_items(value)
        if len(set(items)) < len(items):
            raise ValueError("must not name anything twice")
        return items

    return check


def text(pattern: str, words: str) -> Check:
    """A text that matches `pattern` as a whole."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise ValueError(words)
        return value

    return check


def all_or(check: Check) -> Check:
    """None, which stands for all, or what passes `check`."""
    return lambda value: None if value is None else check(value)


def setting(check: Check, words: str, **default: Any) -> Any:
    """A dataclass field with a check, and words for the help."""
    return field(metadata={"check": check, "help": words}, **default)


def validate(spec: Any, where: str = "") -> None:
    """Run each field's check; a failing one becomes an ExperimentError that names field, value and what is allowed."""
    for item in dataclasses.fields(spec):
        value = getattr(spec, item.name)
        try:
            object.__setattr__(spec, item.name, item.metadata["check"](value))
        except ValueError as error:
            raise ExperimentError(f"{item.name}{where} is {_shown(value)}: {error}") from None


def _shown(value: Any) -> str:
    """A value as it is written, if that is not too long for a line."""
    try:
        words = repr(value)
    except ValueError:  # Python writes no integer of thousands of digits
        return "a number of very many digits"
    return words if len(words) <= LONGEST_SHOWN else f"{words[:LONGEST_SHOWN]}…"


def build(cls: Any, settings: Mapping[str, Any], what: str) -> Any:
    """Make a `cls` from plain data; ExperimentError for a key that is no field of it, or a missing name."""
    known = [item.name for item in dataclasses.fields(cls)]
    for key in settings:
        if key not in known:
            raise ExperimentError(f"{key!r} is not a field of {what}: must be one of {', '.join(known)}")
    if "name" not in settings:
        raise ExperimentError(f"{what} needs a name")
    return cls(**settings)
