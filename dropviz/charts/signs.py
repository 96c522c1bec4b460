"""What the units and edges of a diagram mean, along its lower edge."""

from collections.abc import Iterator

import numpy as np
from matplotlib.artist import Artist

from dropviz.charts.effects import FULL, radius_of
from dropviz.charts.marks import Dots, Shape
from dropviz.charts.panel import crosses
from dropviz.charts.stage import SMALLEST_TYPE, Stage

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


def draw_signs(stage: Stage, effect: str, color: str) -> None:
    """The signs for an effect on the left, and on the right what else is to be known of it."""
    x, y = 54.0, 40.0
    for key in SIGNS[effect]:
        for artist in _sign(stage, key, x, y, color):
            stage.figure.add_artist(artist)
        words = f"{TIMES} {key}" if key in ("0.5", "1") else stage.labels(key)
        stage.text(x + 16, y, words, size=SIZE, va="center_baseline")
        x += 40 + stage.width_of(words, SIZE)
    _draw_sentences(stage, [stage.labels(key) for key in SENTENCES[effect]], stage.width - x - 40)


def _sign(stage: Stage, key: str, x: float, y: float, color: str) -> Iterator[Artist]:
    theme, scale = stage.theme, stage.scale
    centre = np.array([[x * scale, y * scale]])
    if key == "edge kept":
        line = Shape(edge=theme.outline, width=1.6)
        line.set_lines(centre + np.array([[[-11 * scale, 0], [11 * scale, 0]]]))
        yield line
        return
    strength = {"0.5": 0.5, "1": 1.0, "strength negative": 1.0}.get(key, FULL)
    is_hollow = key in ("dropped", "strength negative")
    edge = theme.outline if key == "dropped" else color
    radius = float(radius_of(np.array(strength), RADIUS * scale))
    dot = Dots(radius, theme.background if is_hollow else color, edge, 1.6)
    dot.centres = centre
    yield dot
    if key == "dropped":
        cross = Shape(edge=theme.muted, width=2, cap="round")
        cross.set_lines(crosses(centre, 5.6 * scale))
        yield cross


def _draw_sentences(stage: Stage, sentences: list[str], width: float) -> None:
    """At the lower right, on as many lines as they need."""
    size = max(min(stage.fit(words, 14, width) for words in sentences), SMALLEST_TYPE)
    lines = [line for words in sentences for line in stage.wrap(words, size, width)]
    pitch = 20 if len(lines) == 2 else 14
    for number, words in enumerate(reversed(lines)):
        y = 36 + pitch * (number - (len(lines) - 1) / 2)
        stage.text(stage.width - 40, y, words, size, color=stage.theme.muted, ha="right", va="center_baseline")
