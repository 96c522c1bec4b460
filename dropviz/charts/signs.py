"""What a diagram of networks shares with every other: its two signs, kept and dropped, and its colours."""

import numpy as np

from dropviz.charts.marks import Dots, Shape
from dropviz.charts.panel import crosses
from dropviz.charts.stage import SMOOTH, Stage
from dropviz.theme import Theme, blend


def draw_signs(stage: Stage, x: float, y: float, color: str) -> float:
    """A kept and a dropped unit, with words, in the middle of the line at `y`; where they end, all in points."""
    theme, scale = stage.theme, stage.scale
    for key, face, edge in (("kept", color, color), ("dropped", theme.background, theme.outline)):
        dot = Dots(9 * scale, face, edge, 1.6)
        dot.centres = np.array([[x * scale, y * scale]])
        stage.figure.add_artist(dot)
        if key == "dropped":
            cross = Shape(edge=theme.muted, width=2, cap="round")
            cross.set_lines(crosses(dot.centres, 5.6 * scale))
            stage.figure.add_artist(cross)
        stage.text(x + 16, y, stage.labels(key), size=15, va="center_baseline")
        x += 40 + stage.width_of(stage.labels(key), 15)
    return x


def diagram_inks(theme: Theme, colors: list[str]) -> dict[str, int]:
    """The colours of text, units and edges, and where there is no background, the tones of the example's plate."""
    ground, ink = theme.plate
    plate = [blend(ink, ground, step / SMOOTH) for step in range(SMOOTH + 1)] if theme.see_through else []
    smooth = dict.fromkeys([theme.ink, theme.muted, *colors], SMOOTH)
    return smooth | dict.fromkeys([theme.faint, theme.outline, *plate], 1)
