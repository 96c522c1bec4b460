"""Grid of images of weights, in greys."""

import numpy as np
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from dropviz.charts.base.artists import GreyImage
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.grey_images import rgba
from dropviz.style.theme import blend

COLUMNS, ROWS = 8, 6
GREYS = [blend("#ffffff", "#000000", step / 16) for step in range(17)]  # from the lowest weight to the highest
MINUS = "\N{MINUS SIGN}"
# In points: room above a grid, between two images, and the width that name and kurtosis have above a narrow grid.
NAME_HEIGHT, GAP, MIN_NAME_WIDTH = 34.0, 3.0, 380.0
TONE_WIDTH, SCALE_HEIGHT = 8.0, 16.0  # of the scale of greys, in points


class Grid:
    """Images of the units of one arm in a box, from the upper left corner, with the name of the arm above.

    grey  uint8 [S, units, height, width], the number of the grey of each pixel
    """

    def __init__(self, canvas: Canvas, box: Box, grey: NDArray[np.uint8], name: str, color: str) -> None:
        self.grey = grey
        side, pitch = _image_size(box, grey.shape[-1], canvas.scale)
        left = (box.left + box.width / 2) * canvas.scale - COLUMNS * pitch / 2
        top = (box.bottom + box.height - NAME_HEIGHT) * canvas.scale
        self.pictures = [
            GreyImage(left + unit % COLUMNS * pitch, top - unit // COLUMNS * pitch - side, side, rgba(GREYS))
            for unit in range(grey.shape[1])
        ]
        self._write_above(canvas, box, COLUMNS * pitch / canvas.scale, name, color)

    def _write_above(self, canvas: Canvas, box: Box, width: float, name: str, color: str) -> None:
        """Draw the name of the arm, and make the text of its kurtosis."""
        width, middle = max(width, min(box.width, MIN_NAME_WIDTH)), box.left + box.width / 2
        y = box.bottom + box.height - NAME_HEIGHT + 10
        widest, size = canvas.fitted(canvas.labels("features kurtosis", value=MINUS + "0.00"), 15, 0.5 * width)
        self.kurtosis = canvas.moving_text(middle + width / 2, y, size, "right", canvas.theme.muted)
        words, name_size = canvas.fitted(name, 20, width - canvas.width_of(widest, size) - 16, "bold")
        canvas.text(middle - width / 2, y, words, name_size, color=color, weight="bold")

    def show(self, index: int) -> None:
        """Set every image to the snapshot of this index."""
        for unit, picture in enumerate(self.pictures):
            picture.grey = self.grey[index, unit]


def _image_size(box: Box, pixels: int, scale: float) -> tuple[float, float]:
    """Return the side of an image, whose pixels are all of one size where they can be, and the pitch, in pixels."""
    pitch = min(box.width / COLUMNS, (box.height - NAME_HEIGHT) / ROWS) * scale
    side = pitch - GAP * scale
    side = side // pixels * pixels if side >= pixels else side
    return side, side + GAP * scale


def shades(weights: NDArray[np.float64], limit: float) -> NDArray[np.uint8]:
    """Return the number of the grey of each weight: the middle one for 0, the ends for `limit` and beyond."""
    share = np.clip(weights / limit, -1, 1)
    return np.round((share + 1) / 2 * (len(GREYS) - 1)).astype(np.uint8)


def draw_scale(canvas: Canvas, left: float, limit: float) -> float:
    """Draw the scale of greys with the weights at its ends; return its right end, in points."""
    for sign, words in ((-1, f"{MINUS}{limit:.2f}"), (1, f"+{limit:.2f}")):
        canvas.text(left, 30, words, 15, color=canvas.theme.muted)
        left += canvas.width_of(words, 15) + 8
        if sign < 0:
            _draw_greys(canvas, left)
            left += len(GREYS) * TONE_WIDTH + 8
    return left


def _draw_greys(canvas: Canvas, left: float) -> None:
    tones = [
        Rectangle((left + step * TONE_WIDTH, 28), TONE_WIDTH, SCALE_HEIGHT, color=color, linewidth=0)
        for step, color in enumerate(GREYS)
    ]
    width = len(GREYS) * TONE_WIDTH
    frame = Rectangle((left, 28), width, SCALE_HEIGHT, fill=False, edgecolor=canvas.theme.muted)
    for patch in (*tones, frame):
        canvas.figure.add_artist(patch).set_transform(canvas.points())
