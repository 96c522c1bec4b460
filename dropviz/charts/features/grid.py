"""Grid of images of weights, in two colours."""

from math import ceil

import numpy as np
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from dropviz.charts.base.artists import GreyImage
from dropviz.charts.base.canvas import SMALL, TEXT, Canvas
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.grey_images import rgba
from dropviz.style.theme import Theme, blend

STEPS = 8  # of tones from a weight of 0 to the ends of the scale
MINUS = "\N{MINUS SIGN}"
NAME_HEIGHT, GAP = 36.0, 4.0  # room above a grid, and between two images, in points
TONE_WIDTH, SCALE_HEIGHT = 9.0, 16.0  # of the scale of tones, in points


def weight_tones(theme: Theme) -> list[str]:
    """Return the 2 · STEPS + 1 tones of weights, from the lowest to the highest; the middle one is the background."""
    ground, _ = theme.image_colors
    below, above = theme.weight_colors
    steps = range(1, STEPS + 1)
    low = [blend(below, ground, step / STEPS) for step in reversed(steps)]
    return [*low, ground, *(blend(above, ground, step / STEPS) for step in steps)]


class Grid:
    """Images of the units of one arm in the middle of a box, with the name of the arm above.

    tone  uint8 [S, units, height, width], the number of the tone of each pixel
    """

    def __init__(self, canvas: Canvas, box: Box, tone: NDArray[np.uint8], name: str, color: str) -> None:
        self.tone = tone
        units, scale = tone.shape[1], canvas.scale
        columns, side = _arrange(box, units, tone.shape[-1], scale)
        pitch, rows = side + GAP * scale, ceil(units / columns)
        left = round((box.left + box.width / 2) * scale - (columns * pitch - GAP * scale) / 2)
        spare = (box.height - NAME_HEIGHT) * scale - rows * pitch
        top = round((box.bottom + box.height - NAME_HEIGHT) * scale - spare / 2)
        shades = rgba(weight_tones(canvas.theme))
        places = [(left + unit % columns * pitch, top - unit // columns * pitch - side) for unit in range(units)]
        self.pictures = [GreyImage(x, y, side, shades) for x, y in places]
        for x, y in places:
            self._draw_frame(canvas, x, y, side)
        self._write_above(canvas, left / scale, top / scale + 10, (columns * pitch) / scale, name, color)

    @staticmethod
    def _draw_frame(canvas: Canvas, x: float, y: float, side: float) -> None:
        """Draw a frame around an image: at its edges it may have the colour of the background."""
        frame = Rectangle((round(x) - 1, round(y) - 1), round(side) + 2, round(side) + 2)
        frame.set(facecolor=canvas.theme.faint, linewidth=0)
        canvas.figure.add_artist(frame).set_transform(None)

    def _write_above(self, canvas: Canvas, left: float, y: float, width: float, name: str, color: str) -> None:
        """Draw the name of the arm, and make the text of its kurtosis."""
        widest = canvas.labels("features kurtosis", value=MINUS + "0.00")
        self.kurtosis = canvas.moving_text(left + width - GAP, y, SMALL, "right", canvas.theme.muted)
        room = width - canvas.width_of(widest, SMALL) - 16
        words, size = canvas.fitted(name, TEXT, room, "bold")
        canvas.text(left, y, words, size, color=color, weight="bold")

    def show(self, index: int) -> None:
        """Set every image to the snapshot of this index."""
        for unit, picture in enumerate(self.pictures):
            picture.grey = self.tone[index, unit]


def _arrange(box: Box, units: int, pixels: int, scale: float) -> tuple[int, float]:
    """Return the number of columns, and the side of the largest images that fit, in pixels.

    All pixels of an image are of one size, where they can be.
    """
    height = (box.height - NAME_HEIGHT) * scale
    sides = [
        min(box.width * scale / columns, height / ceil(units / columns)) - GAP * scale
        for columns in range(1, units + 1)
    ]
    side = max(sides)
    return sides.index(side) + 1, float(side // pixels * pixels if side >= pixels else side)


def tones(weights: NDArray[np.float64], limit: float) -> NDArray[np.uint8]:
    """Return the number of the tone of each weight: the middle one for 0, the ends for `limit` and beyond."""
    share = np.clip(weights / limit, -1, 1)
    return np.round((share + 1) * STEPS).astype(np.uint8)


def draw_scale(canvas: Canvas, left: float, y: float, limit: float) -> None:
    """Draw the scale of tones with the weights at its ends, and what it is of."""
    for sign, words in ((-1, f"{MINUS}{limit:.2g}"), (1, f"+{limit:.2g} {canvas.labels('features scale')}")):
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
