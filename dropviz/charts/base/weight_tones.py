"""Tones of weights in images, and their scale: one meaning of two colours in all charts."""

import numpy as np
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from dropviz.charts.base.canvas import SMALL, Canvas
from dropviz.style.theme import Theme, blend

STEPS = 8  # of tones from a weight of 0 to the ends of the scale
MINUS = "\N{MINUS SIGN}"
TONE_WIDTH, SCALE_HEIGHT = 9.0, 16.0  # of the scale of tones, in points


def weight_tones(theme: Theme) -> list[str]:
    """Return the 2 · STEPS + 1 tones of weights, from the lowest to the highest; the middle one is the background."""
    ground, _ = theme.image_colors
    below, above = theme.weight_colors
    steps = range(1, STEPS + 1)
    low = [blend(below, ground, step / STEPS) for step in reversed(steps)]
    return [*low, ground, *(blend(above, ground, step / STEPS) for step in steps)]


def tones(weights: NDArray[np.floating], limit: float) -> NDArray[np.uint8]:
    """Return the number of the tone of each weight: the middle one for 0, the ends for `limit` and beyond."""
    share = np.clip(weights / limit, -1, 1)
    numbers: NDArray[np.uint8] = np.round((share + 1) * STEPS).astype(np.uint8)
    return numbers


def draw_scale(canvas: Canvas, left: float, y: float, limit: float) -> None:
    """Draw the scale of tones with the weights at its ends, and what it is of, from a place in points."""
    for sign, whole in ((-1, f"{MINUS}{limit:.2g}"), (1, f"+{limit:.2g} {canvas.labels('weight scale')}")):
        words = canvas.shortened(whole, SMALL, canvas.width - left - 10)
        canvas.text(left, y, words, SMALL, color=canvas.theme.muted)
        left += canvas.width_of(words, SMALL) + 10
        if sign < 0:
            _draw_tones(canvas, left, y)
            left += (2 * STEPS + 1) * TONE_WIDTH + 10


def _draw_tones(canvas: Canvas, left: float, y: float) -> None:
    colors = weight_tones(canvas.theme)
    patches = [
        Rectangle((left + step * TONE_WIDTH, y - 2), TONE_WIDTH, SCALE_HEIGHT, color=color, linewidth=0)
        for step, color in enumerate(colors)
    ]
    width = len(colors) * TONE_WIDTH
    frame = Rectangle((left, y - 2), width, SCALE_HEIGHT, fill=False, edgecolor=canvas.theme.muted)
    for patch in (*patches, frame):
        canvas.figure.add_artist(patch).set_transform(canvas.points())
