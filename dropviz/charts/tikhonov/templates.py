"""Images of the weights of classes, for several arms side by side, on one scale of greys."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import NDArray

from dropviz.charts.base.artists import GreyImage
from dropviz.charts.base.canvas import MIN_TYPE_SIZE, Canvas
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.grey_images import GREYS, framed_image, greys

HEAD, FOOT = 28.0, 40.0  # height of the names of the arms, and of the scale, in points
GAP = 8.0  # between two images, in points


class Templates:
    """Images of weights in a box, a column for each arm and a row for each class.

    heads   name and colour of each arm
    images  float [arms, snapshots, classes, height, width]
    names   of the classes
    limit   absolute weight at the ends of the scale; weights beyond it have the tone of the end
    """

    def __init__(
        self,
        canvas: Canvas,
        box: Box,
        heads: Sequence[tuple[str, str]],
        images: NDArray[np.floating],
        names: Sequence[str],
        limit: float,
    ) -> None:
        self.canvas, self.limit = canvas, limit
        # Tones from 0 to GREYS, 0 in the middle: equal weights have equal tones in every arm and snapshot.
        self.tones = np.round((np.clip(images / limit, -1, 1) + 1) * (GREYS / 2)).astype(np.uint8)
        names_width = min(max(canvas.width_of(name, 16) for name in names) + 14, 0.2 * box.width)
        self._pitch = (box.width - names_width) / len(heads), (box.height - HEAD - FOOT) / len(names)
        self.side, self._top = min(self._pitch) - GAP, box.bottom + box.height - HEAD
        left = box.left + names_width
        self.pictures = self._make_columns(left, heads, len(names))
        self._write_names(box.left, names, names_width - 14)
        self._draw_scale(left, box.bottom)
        self.moving: Sequence[Artist] = [picture for column in self.pictures for picture in column]

    def _make_columns(self, left: float, heads: Sequence[tuple[str, str]], classes: int) -> list[list[GreyImage]]:
        canvas, (across, down), columns = self.canvas, self._pitch, []
        size = max(min(canvas.fit(head, 16, across - GAP, "bold") for head, _ in heads), MIN_TYPE_SIZE)
        for number, (head, color) in enumerate(heads):
            x = left + number * across
            words, fits = canvas.fitted(head, size, across - GAP, "bold")
            canvas.text(x + self.side / 2, self._top + 10, words, size=fits, color=color, weight="bold", ha="center")
            bottoms = [self._top - down * row - self.side for row in range(classes)]
            columns.append([framed_image(canvas, x, bottom, self.side, greys(canvas.theme)) for bottom in bottoms])
        return columns

    def _write_names(self, left: float, names: Sequence[str], width: float) -> None:
        for row, name in enumerate(names):
            words, size = self.canvas.fitted(name, 16, width)
            y = self._top - self._pitch[1] * row - self.side / 2
            self.canvas.text(left, y, words, size=size, va="center_baseline")

    def _draw_scale(self, x: float, y: float) -> None:
        """Draw the tones of the lowest weight, of 0, and of the highest weight."""
        canvas = self.canvas
        canvas.text(x, y + 4, words := canvas.labels("weight scale"), size=14, color=canvas.theme.muted)
        x += canvas.width_of(words, 14) + 14
        for tone, value in ((0, -self.limit), (GREYS // 2, 0.0), (GREYS, self.limit)):
            swatch = framed_image(canvas, x, y, 18, greys(canvas.theme))
            swatch.grey = np.full((1, 1), tone, np.uint8)
            canvas.figure.add_artist(swatch)
            words = f"{value:.2g}".replace("-", "\N{MINUS SIGN}")
            words = f"≤ {words}" if value < 0 else f"≥ {words}" if value else words
            canvas.text(x + 24, y + 4, words, size=14, color=canvas.theme.muted)
            x += 24 + canvas.width_of(words, 14) + 16

    def show(self, index: int) -> None:
        """Set the images to the snapshot of this index."""
        for column, tones in zip(self.pictures, self.tones[:, index], strict=True):
            for picture, grey in zip(column, tones, strict=True):
                picture.grey = grey
