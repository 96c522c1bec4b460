"""Colours of the light theme in the dark one, for pictures that follow the reader's system."""

import re
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from dropviz.style.theme import Theme, find_theme, rgb

TWINS = {"light": "dark"}
USED = re.compile(r"#[0-9a-f]{6}\b")


def twin_of(theme: Theme) -> Theme | None:
    """Return the dark theme for the light one; None for themes that stay as they were chosen."""
    return find_theme(TWINS[theme.name]) if theme.name in TWINS else None


def twin_colors(text: str, theme: Theme, twin: Theme) -> Mapping[str, str]:
    """Return the colour in `twin` of each colour #rrggbb in `text`, a picture in `theme`.

    Colours of a picture are those of its theme, or tones between two of them, one of which is the background or the
    ink. The same share of the twin's colours replaces a tone.
    """
    pairs = list(_ramps(theme, twin))
    return {color: _translate(np.array(rgb(color), float), pairs) for color in sorted(set(USED.findall(text)))}


Ramp = tuple[NDArray[np.float64], NDArray[np.float64]]  # float [2, 3] each: both ends in a theme and in its twin


def _ramps(theme: Theme, twin: Theme) -> Iterator[Ramp]:
    colors = [_colors(theme), _colors(twin)]
    for base in (0, 1):  # background, ink
        for other in range(len(colors[0])):
            if other != base:
                old, new = (np.array([each[base], each[other]], float) for each in colors)
                yield old, new


def _colors(theme: Theme) -> list[tuple[int, int, int]]:
    arms = theme.plain, *theme.noisy, theme.wrong
    names = theme.background, theme.ink, *arms, *theme.weight_colors, theme.muted, theme.faint
    return [rgb(name) for name in names]


def _translate(color: NDArray[np.float64], ramps: list[Ramp]) -> str:
    """Return the colour on the twin of the ramp that comes closest to `color`."""
    best, found = np.inf, color
    for old, new in ramps:
        along = old[1] - old[0]
        share = float(np.clip((color - old[0]) @ along / (along @ along), 0, 1))
        distance = float(np.abs(old[0] + share * along - color).max())
        if distance < best - 0.5:
            best, found = distance, new[0] + share * (new[1] - new[0])
    return "#" + "".join(f"{round(value):02x}" for value in found)
