"""Grid of images of weights, in two colours."""

from math import ceil

import numpy as np
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from dropviz.charts.base.artists import GreyImage
from dropviz.charts.base.canvas import SMALL, TEXT, Canvas
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.grey_images import rgba
from dropviz.charts.base.weight_tones import weight_tones

MINUS = "\N{MINUS SIGN}"
NAME_HEIGHT, GAP = 36.0, 4.0  # room above a grid, and between two images, in points


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
        """Draw the name of the arm, and make the text of its kurtosis: the number alone if both have no room."""
        widest = canvas.labels("features kurtosis", value=MINUS + "0.00")
        self.is_brief = canvas.width_of(name, SMALL, "bold") > width - canvas.width_of(widest, SMALL) - 16
        widest = MINUS + "0.00" if self.is_brief else widest
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
