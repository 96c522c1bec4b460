"""Names of arms in a row, each behind the marker of its lines."""

from collections.abc import Sequence

import numpy as np

from dropviz.charts.base.artists import Dots
from dropviz.charts.base.canvas import Canvas
from dropviz.style.theme import ArmStyle

SIZE = 20.0  # type size, in points
GAP = 54.0  # from one name to the next, marker included, in points


def draw_arm_names(
    canvas: Canvas, names: Sequence[str], styles: Sequence[ArmStyle], x: float, y: float, width: float
) -> None:
    """Draw names in their colours from (x, y) to the right, in at most `width`; all in points of the layout."""
    for name, style in zip(names, styles, strict=True):
        words, size = canvas.fitted(name, SIZE, width / len(names) - 50, "bold")
        dot = Dots(7 * canvas.scale, style.color, style.color, marker=style.strokes.marker)
        dot.centres = np.array([[x + 8, y]]) * canvas.scale
        canvas.figure.add_artist(dot)
        canvas.text(x + 24, y, words, size, color=style.color, weight="bold", va="center_baseline")
        x += GAP + canvas.width_of(words, size, "bold")
