"""Themes of one's own, as TOML files: what they do not say is as in the theme that they are based on."""

import os
import re
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from dropviz.errors import ThemeError, UsageError, one_of
from dropviz.style.theme import READABLE, THEMES, TRANSPARENT, VISIBLE, Theme

NOTHING = "transparent"  # how a file writes a background that is none
UNWRITTEN = ("name", "about")  # the file's own name is its name
COLORS = ("background", "ink", "muted", "faint", "plain")
LARGEST_TYPE, MIN_TYPE_SIZE = 2.0, 0.75
MAX_NOISY = 8


def choose_theme(name: str) -> Theme:
    """The theme called `name`, or the one in the TOML file of that path.

    Raises UsageError for a name that there is not, ThemeError for a file that cannot be used.
    """
    if name in THEMES:
        return THEMES[name]
    path = Path(name)
    if path.suffix != ".toml" and not os.path.isfile(path):
        raise UsageError(f"{one_of('theme', name, THEMES)}, or the path of a .toml file")
    try:
        return from_toml(path.read_text(encoding="utf-8"), path.stem)
    except OSError as error:
        raise ThemeError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ThemeError(f"{path} is not a text file in UTF-8") from None
    except ThemeError as error:
        raise ThemeError(f"{path}: {error}") from None


def from_toml(words: str, name: str) -> Theme:
    """Read a theme; ThemeError for a key that there is not, a wrong value, or colours without contrast."""
    import tomllib

    try:
        settings = tomllib.loads(words)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise ThemeError(f"not TOML: {error}") from None
    base = settings.pop("based_on", "light")
    if not isinstance(base, str) or base not in THEMES:
        raise ThemeError(f"based_on: {one_of('theme', str(base), THEMES)}")
    theme = replace(THEMES[base], name=name, about="", **_checked(settings))
    _check_contrast(theme)
    return theme


def to_toml(theme: Theme) -> str:
    """A theme as a file, to be changed."""
    import tomli_w

    settings = {key: value for key, value in asdict(theme).items() if key not in UNWRITTEN}
    settings["background"] = NOTHING if theme.see_through else theme.background
    return tomli_w.dumps({"based_on": theme.name, **settings})


def _checked(settings: Mapping[str, Any]) -> dict[str, Any]:
    allowed = [item.name for item in fields(Theme) if item.name not in UNWRITTEN]
    for key in settings:
        if key not in allowed:
            raise ThemeError(f"{key!r} is not a field of a theme: must be one of based_on, {', '.join(allowed)}")
    return {key: _value(key, value) for key, value in settings.items()}


def _value(key: str, value: Any) -> Any:
    """A field's value; ThemeError that says what it must be."""
    if key in COLORS:
        return TRANSPARENT if (key, value) == ("background", NOTHING) else _color(key, value)
    if key == "noisy":
        if not isinstance(value, list) or not 1 <= len(value) <= MAX_NOISY:
            raise ThemeError(f"noisy is {value!r}: must be a list of 1 to {MAX_NOISY} colours")
        return tuple(_color("noisy", each) for each in value)
    if key == "patterns":
        if not isinstance(value, bool):
            raise ThemeError(f"patterns is {value!r}: must be true or false")
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not MIN_TYPE_SIZE <= value <= LARGEST_TYPE:
        raise ThemeError(f"type_size is {value!r}: must be a number from {MIN_TYPE_SIZE:g} to {LARGEST_TYPE:g}")
    return float(value)


def _color(key: str, value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch("#[0-9a-fA-F]{6}", value):
        more = f", or {NOTHING!r}" if key == "background" else ""
        raise ThemeError(f"{key} has the colour {value!r}: write it as six hex digits, like '#0969b8'{more}")
    return value.lower()


def _check_contrast(theme: Theme) -> None:
    """Text must stand out by 4.5:1, edges and outlines, which are made of `muted`, by 3:1."""
    texts = {"ink": theme.ink, "muted": theme.muted, "plain": theme.plain}
    texts |= {f"noisy[{number}]": color for number, color in enumerate(theme.noisy)}
    ground = "white and from black" if theme.see_through else f"the background {theme.background}"
    for key, color in texts.items():
        if theme.stands_out(color) < READABLE:
            found = _ratio(theme.stands_out(color))
            raise ThemeError(f"{key} {color} stands out from {ground} by {found}: text must by {READABLE}:1")
    if theme.stands_out(theme.outline) < VISIBLE:
        raise ThemeError(
            f"edges, {theme.outline} made of muted {theme.muted}, stand out from {ground} by "
            f"{_ratio(theme.stands_out(theme.outline))}: they must by {VISIBLE:g}:1; choose a stronger muted"
        )


def _ratio(value: float) -> str:
    """A contrast, never rounded up to what it is not."""
    return f"{int(100 * value) / 100:.2f}:1"
