"""One palette for a whole animation, made from the few colours that a chart draws with.

Antialiased text and lines hold only mixtures of an ink with the background. A few even tones of each are enough for the
eye, and repeat far more often than the hundreds that a rasteriser makes, which is what LZW compression feeds on.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from dropviz.theme import TRANSPARENT, blend, rgb

UNKNOWN = 255
MOST_COLORS = 254


class Palette:
    """Colours uint8 [colours, 3], and the nearest one of every RGB value, looked up once and remembered.

    `see_through` says that there is no background: pixels may be transparent.
    """

    def __init__(self, colors: Sequence[tuple[int, int, int]], see_through: bool = False) -> None:
        unique = list(dict.fromkeys(colors))
        if not 1 <= len(unique) <= MOST_COLORS:
            raise ValueError(f"{len(unique)} colours: a palette holds 1 to {MOST_COLORS}")
        self.colors, self.see_through = np.array(unique, np.uint8), see_through
        self._nearest = np.full(1 << 24, UNKNOWN, np.uint8)

    def indices(self, pixels: NDArray[np.uint32]) -> NDArray[np.uint8]:
        """The index of the nearest colour of each pixel, given as 0x..BBGGRR (RGBA bytes read as little-endian)."""
        rgb_values = pixels & 0xFFFFFF
        found: NDArray[np.uint8] = self._nearest[rgb_values]
        if (found == UNKNOWN).any():
            self._learn(np.unique(rgb_values[found == UNKNOWN]))
            found = self._nearest[rgb_values]
        return found

    def _learn(self, values: NDArray[np.uint32]) -> None:
        channels = np.stack([values & 0xFF, values >> 8 & 0xFF, values >> 16], axis=-1).astype(np.int32)
        distance = ((channels[:, None] - self.colors.astype(np.int32)) ** 2).sum(axis=-1)
        self._nearest[values] = distance.argmin(axis=1)


def ramps(background: str, inks: Mapping[str, int]) -> Palette:
    """The background, and from it to each ink as many even steps as `inks` says, the ink itself among them.

    Without a background there are the inks alone: towards nothing, a pixel grows transparent, and keeps its colour.
    """
    if background == TRANSPARENT:
        return Palette([rgb(ink) for ink in inks], see_through=True)
    steps = [(ink, step / tones) for ink, tones in inks.items() for step in range(tones, 0, -1)]
    return Palette([rgb(background), *(rgb(blend(ink, background, share)) for ink, share in steps)])
