"""The weights of some classes as images, for several arms side by side, on one scale of grey."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import NDArray

from dropviz.charts.base.artists import GreyImage
from dropviz.charts.base.canvas import MIN_TYPE_SIZE, Canvas
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.grey_images import GREYS, framed_image, greys

HEAD, FOOT = 28.0, 40.0  # room for the names of the arms, and for the scale, in points
GAP = 8.0


class Templates:
    """`images` float [arms, snapshots, classes, height, width]; `heads` are name and colour of each arm.

    All are on one scale, which ends at `most` to both sides; what is beyond has the tone of its end.
    """

    def __init__(
        self,
        canvas: Canvas,
        box: Box,
        heads: Sequence[tuple[str, str]],
        images: NDArray[np.floating],
        names: Sequence[str],
        most: float,
    ) -> None:
        self.canvas, self.most = canvas, most
        # Tones from 0 to GREYS, 0 in the middle: equal weights are of equal tone in every arm and at every moment.
        self.tones = np.round((np.clip(images / most, -1, 1) + 1) * (GREYS / 2)).astype(np.uint8)
        arms, classes = len(heads), len(names)
        beside = min(max(canvas.width_of(name, 16) for name in names) + 14, 0.2 * box.width)
        pitch = (box.width - beside) / arms, (box.height - HEAD - FOOT) / classes
        self.side = min(pitch) - GAP
        top = box.bottom + box.height - HEAD
        size = max(min(canvas.fit(head, 16, pitch[0] - GAP, "bold") for head, _ in heads), MIN_TYPE_SIZE)
        self.pictures: list[list[GreyImage]] = []
        for column, (head, color) in enumerate(heads):
            left = box.left + beside + column * pitch[0]
            words, fits = canvas.fitted(head, size, pitch[0] - GAP, "bold")
            canvas.text(left + self.side / 2, top + 10, words, size=fits, color=color, weight="bold", ha="center")
            bottoms = [top - pitch[1] * row - self.side for row in range(classes)]
            self.pictures.append(
                [framed_image(canvas, left, bottom, self.side, greys(canvas.theme)) for bottom in bottoms]
            )
        for row, name in enumerate(names):
            words, size = canvas.fitted(name, 16, beside - 14)
            canvas.text(box.left, top - pitch[1] * row - self.side / 2, words, size=size, va="center_baseline")
        self._draw_scale(box.left + beside, box.bottom)
        self.moving: Sequence[Artist] = [picture for column in self.pictures for picture in column]

    def _draw_scale(self, x: float, y: float) -> None:
        """What the least, no, and the largest weight look like."""
        canvas = self.canvas
        canvas.text(x, y + 4, words := canvas.labels("weight scale"), size=14, color=canvas.theme.muted)
        x += canvas.width_of(words, 14) + 14
        for tone, value in ((0, -self.most), (GREYS // 2, 0.0), (GREYS, self.most)):
            swatch = framed_image(canvas, x, y, 18, greys(canvas.theme))
            swatch.grey = np.full((1, 1), tone, np.uint8)
            canvas.figure.add_artist(swatch)
            words = f"{value:.2g}".replace("-", "\N{MINUS SIGN}")
            words = f"≤ {words}" if value < 0 else f"≥ {words}" if value else words
            canvas.text(x + 24, y + 4, words, size=14, color=canvas.theme.muted)
            x += 24 + canvas.width_of(words, 14) + 16

    def show(self, index: int) -> None:
        """Be the weights of a snapshot."""
        for column, tones in zip(self.pictures, self.tones[:, index], strict=True):
            for picture, grey in zip(column, tones, strict=True):
                picture.grey = grey
