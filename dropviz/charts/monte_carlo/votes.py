"""What sampled networks predict of one image: bars that change from network to network, and their mean that settles."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.path import Path
from numpy.typing import NDArray

from dropviz.charts.base.artists import MovingText, Points, Shape, boxes
from dropviz.charts.base.canvas import MIN_TYPE_SIZE, Canvas
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.grey_images import GREYS, framed_image, greys
from dropviz.style.labels import percent
from dropviz.style.theme import Theme, blend

TINT = 0.35  # how far the bars of a sampled network stand out from the background, of 1
PITCH = 19.0  # from line to line of the legend, in points
NAMES = 0.25  # how much of the width the names of the classes may take
THICK, THIN = 0.8, 0.34  # of a row: a sampled network, and within it the mean

Shares = NDArray[np.floating]


class Votes:
    """`shares` float [networks, classes], of each sampled network in turn; `scaled` [classes], with dropout off.

    `image` uint8 [height, width] from 0 to 255; `names` are those of the classes; `words` stand above.
    """

    def __init__(
        self,
        canvas: Canvas,
        box: Box,
        color: str,
        words: str,
        names: Sequence[str],
        image: NDArray[np.uint8],
        shares: Shares,
        scaled: Shares,
    ) -> None:
        self.canvas, self.shares = canvas, shares
        self.means: Shares = shares.cumsum(axis=0) / np.arange(1, len(shares) + 1)[:, None]
        top, side = box.bottom + box.height, min(0.2 * box.width, 100)
        words, size = canvas.fitted(words, 16, box.width)
        canvas.text(box.left, top - 14, words, size=size)
        self.image = framed_image(canvas, box.left, top - 28 - side, side, greys(canvas.theme))
        self.image.grey = np.round(image * (GREYS / 255)).astype(np.uint8)
        left, bottom = box.left + side + 16, box.bottom + 3 * PITCH + 18
        self._place_rows(
            Box(left, bottom, box.left + box.width - left, top - 28 - bottom), names, max(shares.max(), scaled.max())
        )
        faces = tint(color, canvas.theme), color
        self.sampled, self.average = (Shape(face=face) for face in faces)
        self.off = Shape(edge=canvas.theme.ink, width=2.5)
        self.off.set_lines(self._ticks(scaled))
        self.said = self._make_legend(box, faces)
        self.moving: Sequence[Artist] = (self.image, self.sampled, self.average, self.off, *self.said)

    def _place_rows(self, box: Box, names: Sequence[str], most: float) -> None:
        """A row for each class, its name left of it, and under all rows how long a bar is."""
        canvas, muted = self.canvas, self.canvas.theme.muted
        self.pitch = box.height / len(names)
        size = max(min(0.8 * self.pitch, 15), MIN_TYPE_SIZE)
        fitted = [canvas.fitted(name, size, NAMES * box.width) for name in names]
        self.left = box.left + max(canvas.width_of(*each) for each in fitted) + 8
        self.ys = box.bottom + box.height - self.pitch * (np.arange(len(names)) + 0.5)
        for (name, fits), y in zip(fitted, self.ys, strict=True):
            canvas.text(self.left - 8, y, name, size=fits, color=muted, ha="right", va="center_baseline")
        self.per_share = (box.left + box.width - self.left) / most
        canvas.text(self.left, box.bottom - 14, "0%", size=12, color=muted)
        canvas.text(box.left + box.width, box.bottom - 14, percent(most, 0), size=12, color=muted, ha="right")
        middle = (self.left + box.left + box.width) / 2
        canvas.text(middle, box.bottom - 14, canvas.labels("votes axis"), size=12, color=muted, ha="center")
        axis = Shape(edge=muted, width=1.2)
        axis.set_lines(np.array([[[self.left, box.bottom], [self.left, box.bottom + box.height]]]) * canvas.scale)
        canvas.figure.add_artist(axis)

    def _make_legend(self, box: Box, faces: tuple[str, str]) -> tuple[MovingText, MovingText]:
        """A swatch and words for each of the three, in the lower lines of the box."""
        canvas, x = self.canvas, box.left + 30
        ys = [box.bottom + PITCH * (2 - line) for line in range(3)]
        for face, y, height in zip(faces, ys, (12, 5), strict=False):
            swatch = Shape(face=face)
            swatch.path = boxes(*np.array([[box.left], [y + 5 - height / 2], [20], [height]]) * canvas.scale)
            canvas.figure.add_artist(swatch)
        callback = Shape(edge=canvas.theme.ink, width=2.5)
        callback.set_lines(np.array([[[box.left + 10, ys[2] - 3], [box.left + 10, ys[2] + 12]]]) * canvas.scale)
        canvas.figure.add_artist(callback)
        words, size = canvas.fitted(canvas.labels("scaled long"), 15, box.width - 30)
        canvas.text(x, ys[2], words, size=size)
        return canvas.moving_text(x, ys[0], 15), canvas.moving_text(x, ys[1], 15)

    def _ticks(self, shares: Shares) -> Points:
        x, half = self.left + shares * self.per_share, THICK * self.pitch / 2
        ends = [np.column_stack([x, self.ys - half]), np.column_stack([x, self.ys + half])]
        return np.stack(ends, axis=1) * self.canvas.scale

    def _rows(self, shares: Shares, thick: float) -> Path | None:
        height = thick * self.pitch
        wide = np.maximum(shares, 0) * self.per_share
        bars = [np.full_like(wide, self.left), self.ys - height / 2, wide, np.full_like(wide, height)]
        return boxes(*np.array(bars) * self.canvas.scale)

    def show(self, index: int) -> None:
        """Be the network of the moment, counted from 0, and the mean of all up to it."""
        self.sampled.path = self._rows(self.shares[index], THICK)
        self.average.path = self._rows(self.means[index], THIN)
        for words, key in zip(self.said, ("sampled now", "average now"), strict=True):
            words.set_text(self.canvas.labels(key, count=index + 1))


def tint(color: str, theme: Theme) -> str:
    """The colour of a single network's bars."""
    return blend(color, theme.background, TINT)
