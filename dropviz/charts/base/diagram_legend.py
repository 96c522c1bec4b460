"""Legend of network diagrams along the lower edge of a picture, and the colours of diagrams."""

from collections.abc import Iterator

import numpy as np
from matplotlib.artist import Artist

from dropviz.charts.base.artists import Dots, Shape
from dropviz.charts.base.canvas import MIN_TYPE_SIZE, SMOOTH, Canvas
from dropviz.charts.base.network_units import crosses
from dropviz.charts.base.noise_effects import FULL, unit_radius
from dropviz.style.theme import Theme, blend

TIMES = "\N{MULTIPLICATION SIGN}"
SIZE = 15.0
RADIUS = 9.0
SIGNS = {
    "units": ("kept", "dropped"),
    "edges": ("edge kept",),
    "strength": ("0.5", "1", "strength full", "strength negative"),
}
SENTENCES = {
    "units": ("follows one", "drop rate meaning"),
    "edges": ("edges shared", "edge rate meaning"),
    "strength": ("follows strength", "strength meaning"),
}


def draw_diagram_legend(canvas: Canvas, x: float, y: float, color: str, effect: str = "units") -> float:
    """Draw the signs of an effect with their meaning, from `x` on at height `y`; return their right end, in points."""
    for key in SIGNS[effect]:
        for artist in _sign(canvas, key, x, y, color):
            canvas.figure.add_artist(artist)
        words = f"{TIMES} {key}" if key in ("0.5", "1") else canvas.labels(key)
        canvas.text(x + 16, y, words, size=SIZE, va="center_baseline")
        x += 40 + canvas.width_of(words, SIZE)
    return x


def _sign(canvas: Canvas, key: str, x: float, y: float, color: str) -> Iterator[Artist]:
    theme, scale = canvas.theme, canvas.scale
    centre = np.array([[x * scale, y * scale]])
    if key == "edge kept":
        line = Shape(edge=theme.outline, width=1.6)
        line.set_lines(centre + np.array([[[-11 * scale, 0], [11 * scale, 0]]]))
        yield line
        return
    strength = {"0.5": 0.5, "1": 1.0, "strength negative": 1.0}.get(key, FULL)
    is_hollow = key in ("dropped", "strength negative")
    edge = theme.outline if key == "dropped" else color
    radius = float(unit_radius(np.array(strength), RADIUS * scale))
    dot = Dots(radius, theme.background if is_hollow else color, edge, 1.6)
    dot.centres = centre
    yield dot
    if key == "dropped":
        cross = Shape(edge=theme.muted, width=2, cap="round")
        cross.set_lines(crosses(centre, 5.6 * scale))
        yield cross


def draw_diagram_notes(canvas: Canvas, width: float, effect: str = "units") -> None:
    """Draw notes on an effect at the lower right, in lines of at most `width` points."""
    sentences = [canvas.labels(key) for key in SENTENCES[effect]]
    size = max(min(canvas.fit(words, 14, width) for words in sentences), MIN_TYPE_SIZE)
    lines = [line for words in sentences for line in canvas.wrap(words, size, width)]
    pitch = 20 if len(lines) == 2 else 14
    for number, words in enumerate(reversed(lines)):
        y = 36 + pitch * (number - (len(lines) - 1) / 2)
        canvas.text(canvas.width - 40, y, words, size, color=canvas.theme.muted, ha="right", va="center_baseline")


def diagram_inks(theme: Theme, colors: list[str]) -> dict[str, int]:
    """Return the colours of a diagram; without a background, also the tones of the plate of its example."""
    ground, ink = theme.image_colors
    plate = [blend(ink, ground, step / SMOOTH) for step in range(SMOOTH + 1)] if theme.is_transparent else []
    smooth = dict.fromkeys([theme.ink, theme.muted, *colors], SMOOTH)
    return smooth | dict.fromkeys([theme.faint, theme.outline, *plate], 1)
