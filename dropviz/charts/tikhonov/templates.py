"""Images of the weights of classes: a block for each arm, with its name and a value above."""

from collections.abc import Sequence
from math import ceil

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import NDArray

from dropviz.charts.base.artists import GreyImage
from dropviz.charts.base.canvas import TEXT, Canvas
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.grey_images import framed_image
from dropviz.charts.base.weight_tones import draw_scale, tones, weight_tones

HEAD, GAP, SCALE = 30.0, 6.0, 30.0  # height of a head, space around images, and height of the scale, in points
MOST_LINES = 5  # of images in a block


class Templates:
    """Images of weights in a box, a block for each arm from top to bottom.

    heads   name and colour of each arm
    images  float [arms, snapshots, classes, height, width]
    limit   absolute weight at the ends of the scale; weights beyond it have the tone of the end
    values  for each arm, a text at the right of its name
    """

    def __init__(
        self, canvas: Canvas, box: Box, heads: Sequence[tuple[str, str]], images: NDArray[np.floating], limit: float
    ) -> None:
        self.canvas, classes = canvas, images.shape[2]
        self.tones = tones(images, limit)
        pitch = (box.height - SCALE) / len(heads)
        lines, self.side = _arrange(box.width, pitch - HEAD, classes)
        self._columns = ceil(classes / lines)
        width = self._columns * (self.side + GAP) - GAP
        left = box.left + (box.width - width) / 2
        tops = [box.bottom + box.height - number * pitch for number in range(len(heads))]
        self.values = [
            canvas.moving_text(left + width, top - 22, TEXT, "right", color, "bold")
            for top, (_, color) in zip(tops, heads, strict=True)
        ]
        self._rooms = []  # for the values, in points
        for top, (name, color) in zip(tops, heads, strict=True):
            words, size = canvas.fitted(name, TEXT, 0.5 * width, "bold")
            canvas.text(left, top - 22, words, size, color=color, weight="bold")
            self._rooms.append(width - canvas.width_of(words, size, "bold") - 12)
        self.pictures = [self._make_block(left, top - HEAD, classes) for top in tops]
        draw_scale(canvas, left, box.bottom + 4, limit)
        images_drawn = [picture for block in self.pictures for picture in block]
        self.moving: Sequence[Artist] = [*images_drawn, *self.values]

    def _make_block(self, left: float, top: float, classes: int) -> list[GreyImage]:
        shades, pitch = weight_tones(self.canvas.theme), self.side + GAP
        places = [divmod(number, self._columns) for number in range(classes)]
        return [
            framed_image(self.canvas, left + column * pitch, top - line * pitch - self.side, self.side, shades)
            for line, column in places
        ]

    def show(self, index: int, values: Sequence[str]) -> None:
        """Set the images to the snapshot of this index, and the texts to `values`."""
        for block, numbers in zip(self.pictures, self.tones[:, index], strict=True):
            for picture, number in zip(block, numbers, strict=True):
                picture.grey = number
        for text, words, room in zip(self.values, values, self._rooms, strict=True):
            text.set_text(self.canvas.shortened(words, TEXT, room, "bold"))


def _arrange(width: float, height: float, classes: int) -> tuple[int, float]:
    """Return the number of lines of images that makes them largest, and the side of an image, in points."""
    sides = {
        lines: min((width + GAP) / ceil(classes / lines), height / lines) - GAP
        for lines in range(1, min(classes, MOST_LINES) + 1)
    }
    lines = max(sides, key=lambda each: sides[each])
    return lines, max(sides[lines], 1.0)
