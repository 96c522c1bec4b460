"""Reading and writing of theme files in TOML. A file changes fields of the built-in theme that it is based on."""

import os
import re
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from dropviz._util.paths import user_path
from dropviz._util.text_files import read_text
from dropviz._util.toml import check_length, load_toml
from dropviz.errors import ThemeError, UsageError, one_of
from dropviz.style.theme import MIN_LINE_CONTRAST, MIN_TEXT_CONTRAST, THEMES, TRANSPARENT, Theme

NO_BACKGROUND = "transparent"  # value of `background` in a file for a theme without one
NOT_IN_FILE = ("name", "about")  # the name of the theme is that of the file
COLORS = ("background", "ink", "muted", "faint", "plain", "wrong")
MIN_TYPE_SIZE, MAX_TYPE_SIZE = 0.75, 2.0
MAX_NOISY = 8


def choose_theme(name: str) -> Theme:
    """Return the built-in theme called `name`, or the theme in the TOML file of that path.

    Raises UsageError if there is no such theme or file, ThemeError if the file cannot be read or is invalid.
    """
    if name in THEMES:
        return THEMES[name]
    path = user_path(name)
    if path.suffix.lower() != ".toml" and not os.path.isfile(path):
        raise UsageError(f"{one_of('theme', name, THEMES)}, or the path of a .toml file")
    try:
        check_length(path)
        return from_toml(read_text(path), path.stem)
    except OSError as error:
        raise ThemeError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ThemeError(f"{path} is not text in UTF-8: save it as UTF-8") from None
    except (ThemeError, ValueError) as error:
        raise ThemeError(f"{path}: {error}") from None


def from_toml(text: str, name: str) -> Theme:
    """Return the theme of a TOML text, called `name`.

    Raises ThemeError for an unknown key, an invalid value, or a colour with too little contrast.
    """
    try:
        settings = load_toml(text)
    except ValueError as error:
        raise ThemeError(f"not TOML: {error}") from None
    base = settings.pop("based_on", "light")
    if not isinstance(base, str) or base not in THEMES:
        raise ThemeError(f"based_on: {one_of('theme', str(base), THEMES)}")
    theme = replace(THEMES[base], name=name, about="", **_validate(settings))
    _check_contrast(theme)
    return theme


def to_toml(theme: Theme) -> str:
    """Return a theme as TOML, as a starting point for a file of one's own."""
    import tomli_w

    settings = {key: value for key, value in asdict(theme).items() if key not in NOT_IN_FILE}
    settings["background"] = NO_BACKGROUND if theme.is_transparent else theme.background
    return tomli_w.dumps({"based_on": theme.name, **settings})


def _validate(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a theme. Raises ThemeError for an unknown key or an invalid value."""
    allowed = [item.name for item in fields(Theme) if item.name not in NOT_IN_FILE]
    for key in settings:
        if key not in allowed:
            raise ThemeError(f"{key!r} is not a field of a theme: must be one of based_on, {', '.join(allowed)}")
    return {key: _value(key, value) for key, value in settings.items()}


def _value(key: str, value: Any) -> Any:
    """Return the value of a field. Raises ThemeError if it is invalid."""
    if key in COLORS:
        return TRANSPARENT if (key, value) == ("background", NO_BACKGROUND) else _color(key, value)
    if key == "noisy":
        if not isinstance(value, list) or not 1 <= len(value) <= MAX_NOISY:
            raise ThemeError(f"noisy is {value!r}: must be a list of 1 to {MAX_NOISY} colours")
        return tuple(_color("noisy", each) for each in value)
    if key == "patterns":
        if not isinstance(value, bool):
            raise ThemeError(f"patterns is {value!r}: must be true or false")
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not MIN_TYPE_SIZE <= value <= MAX_TYPE_SIZE:
        raise ThemeError(f"type_size is {value!r}: must be a number from {MIN_TYPE_SIZE:g} to {MAX_TYPE_SIZE:g}")
    return float(value)


def _color(key: str, value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch("#[0-9a-fA-F]{6}", value):
        more = f", or {NO_BACKGROUND!r}" if key == "background" else ""
        raise ThemeError(f"{key} has the colour {value!r}: write it as six hex digits, like '#0969b8'{more}")
    return value.lower()


def _check_contrast(theme: Theme) -> None:
    """Raise ThemeError unless text has a contrast of 4.5:1, and edges and outlines, derived from `muted`, of 3:1."""
    texts = {"ink": theme.ink, "muted": theme.muted, "plain": theme.plain, "wrong": theme.wrong}
    texts |= {f"noisy[{number}]": color for number, color in enumerate(theme.noisy)}
    background = "white and from black" if theme.is_transparent else f"the background {theme.background}"
    for key, color in texts.items():
        if theme.lowest_contrast(color) < MIN_TEXT_CONTRAST:
            ratio = _ratio(theme.lowest_contrast(color))
            raise ThemeError(
                f"{key} {color} stands out from {background} by {ratio}: text must by {MIN_TEXT_CONTRAST}:1"
            )
    outline_contrast = theme.lowest_contrast(theme.outline)
    if outline_contrast < MIN_LINE_CONTRAST:
        raise ThemeError(
            f"edges, {theme.outline} made of muted {theme.muted}, stand out from {background} by "
            f"{_ratio(outline_contrast)}: they must by {MIN_LINE_CONTRAST:g}:1; choose a stronger muted"
        )


def _ratio(value: float) -> str:
    """Return a contrast ratio as text, rounded down to two decimals."""
    return f"{int(100 * value) / 100:.2f}:1"
