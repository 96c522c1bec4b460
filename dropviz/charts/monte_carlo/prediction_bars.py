"""Bars of what sampled networks predict of one image, one network after another, and of their mean."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.path import Path
from numpy.typing import NDArray

from dropviz.charts.base.artists import GreyImage, MovingText, Points, Shape, boxes
from dropviz.charts.base.canvas import SMALL, Canvas
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.grey_images import GREYS, framed_image, greys
from dropviz.charts.monte_carlo.sampled import Prediction, Shares
from dropviz.style.theme import Theme, blend

TINT = 0.35  # contrast to the background of the bars of a sampled network, of 1
PITCH = 24.0  # from line to line of the legend, in points
SIDE = 84.0  # of the image, in points
LOWEST = 1.2 * SMALL  # height of a row, in points
CLASSES, WIDE = 6, 1.6  # classes that are shown, and ratio of width to height of a wide box
NAMES = 0.25  # largest share of the width for the names of the classes
THICK, THIN = 0.8, 0.34  # thickness of the bars of a sampled network and of the mean, as shares of a row


class PredictionBars:
    """Rows of the most likely classes, with bars of a sampled network and of the mean, and ticks for dropout off.

    In a wide box the rows are beside image and legend, otherwise between them; a small picture has no image.

    names  of all classes
    words  sentence above the image
    """

    def __init__(
        self, canvas: Canvas, box: Box, color: str, words: str, names: Sequence[str], prediction: Prediction
    ) -> None:
        likely = np.maximum(prediction.scaled, prediction.shares.mean(axis=0))
        self.canvas, top, bottom = canvas, box.bottom + box.height, box.bottom + 3 * PITCH + 8
        is_wide = box.width > WIDE * box.height
        width = 0.42 * box.width if is_wide else box.width
        images: list[Artist] = []
        if canvas.is_small and not is_wide:
            rows = Box(box.left, bottom, box.width, top - bottom)
        else:
            self.image = self._draw_image(box, prediction, words, width - SIDE - 34 * is_wide - 14)
            images.append(self.image)
            rows = Box(box.left, bottom, box.width, top - SIDE - 16 - bottom)
        if is_wide:
            rows = Box(box.left + width, box.bottom, box.width - width, box.height)
        count = min(CLASSES, max(int(rows.height / LOWEST), 1))
        self.shown = np.sort(np.argsort(-likely, kind="stable")[:count])
        self.shares = prediction.shares[:, self.shown]
        scaled = prediction.scaled[self.shown]
        self.means: Shares = self.shares.cumsum(axis=0) / np.arange(1, len(self.shares) + 1)[:, None]
        self._place_rows(rows, [names[number] for number in self.shown])
        self._draw_axis(rows, max(self.shares.max(), scaled.max()))
        faces = tint(color, canvas.theme), color
        self.sampled, self.average = (Shape(face=face) for face in faces)
        self.off = Shape(edge=canvas.theme.ink, width=2.5)
        self.off.set_lines(self._ticks(scaled))
        self.texts = self._make_legend(Box(box.left, box.bottom, width, box.height), faces)
        self.moving: Sequence[Artist] = (*images, self.sampled, self.average, self.off, *self.texts)

    def _draw_image(self, box: Box, prediction: Prediction, words: str, width: float) -> GreyImage:
        """Make the image in the upper left corner, and draw the words beside it, in at most `width` points."""
        top = box.bottom + box.height
        image = framed_image(self.canvas, box.left, top - SIDE - 4, SIDE, greys(self.canvas.theme))
        image.grey = np.round(prediction.image * (GREYS / 255)).astype(np.uint8)
        for number, line in enumerate(self.canvas.lines(words, SMALL, width, 4)):
            self.canvas.text(box.left + SIDE + 14, top - SMALL * (1.1 + 1.35 * number), line)
        return image

    def _place_rows(self, box: Box, names: Sequence[str]) -> None:
        """Set the places of the rows, in points, and draw the names of the classes to their left."""
        canvas = self.canvas
        self.pitch = box.height / len(names)
        fitted = [canvas.fitted(name, SMALL, NAMES * box.width) for name in names]
        self.left = box.left + max(canvas.width_of(*each) for each in fitted) + 8
        self.ys = box.bottom + box.height - self.pitch * (np.arange(len(names)) + 0.5)
        for (name, fits), y in zip(fitted, self.ys, strict=True):
            canvas.text(self.left - 8, y, name, size=fits, color=canvas.theme.muted, ha="right", va="center_baseline")

    def _draw_axis(self, box: Box, highest: float) -> None:
        """Draw the axis of shares from 0 to `highest`, below the rows."""
        canvas, muted = self.canvas, self.canvas.theme.muted
        self.per_share = (box.left + box.width - self.left) / highest
        axis = Shape(edge=muted, width=1.2)
        axis.set_lines(np.array([[[self.left, box.bottom], [self.left, box.bottom + box.height]]]) * canvas.scale)
        canvas.figure.add_artist(axis)

    def _make_legend(self, box: Box, faces: tuple[str, str]) -> tuple[MovingText, MovingText]:
        """Draw a sample of each of the three marks in the lower lines of the box, and make the texts beside them."""
        canvas, x = self.canvas, box.left + 30
        ys = [box.bottom + PITCH * (2 - line) for line in range(3)]
        for face, y, height in zip(faces, ys, (12, 5), strict=False):
            swatch = Shape(face=face)
            swatch.path = boxes(*np.array([[box.left], [y + 5 - height / 2], [20], [height]]) * canvas.scale)
            canvas.figure.add_artist(swatch)
        tick = Shape(edge=canvas.theme.ink, width=2.5)
        tick.set_lines(np.array([[[box.left + 10, ys[2] - 3], [box.left + 10, ys[2] + 12]]]) * canvas.scale)
        canvas.figure.add_artist(tick)
        words, size = canvas.fitted(canvas.labels("scaled long"), SMALL, box.width - 30)
        canvas.text(x, ys[2], words, size=size)
        return canvas.moving_text(x, ys[0], SMALL), canvas.moving_text(x, ys[1], SMALL)

    def _ticks(self, shares: Shares) -> Points:
        x, half = self.left + shares * self.per_share, THICK * self.pitch / 2
        ends = [np.column_stack([x, self.ys - half]), np.column_stack([x, self.ys + half])]
        return np.stack(ends, axis=1) * self.canvas.scale

    def _bars(self, shares: Shares, thickness: float) -> Path | None:
        height = thickness * self.pitch
        wide: NDArray[np.floating] = np.maximum(shares, 0) * self.per_share
        bars = [np.full_like(wide, self.left), self.ys - height / 2, wide, np.full_like(wide, height)]
        return boxes(*np.array(bars) * self.canvas.scale)

    def show(self, index: int) -> None:
        """Set the bars to the network of this index, counted from 0, and to the mean of all up to it."""
        self.sampled.path = self._bars(self.shares[index], THICK)
        self.average.path = self._bars(self.means[index], THIN)
        for text, key in zip(self.texts, ("sampled now", "average now"), strict=True):
            text.set_text(self.canvas.labels(key, count=index + 1))


def tint(color: str, theme: Theme) -> str:
    """Return the colour of the bars of a sampled network."""
    return blend(color, theme.background, TINT)
