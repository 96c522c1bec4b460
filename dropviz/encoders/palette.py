"""One palette for a whole animation, made from the few colours that a chart draws with.

Antialiased text and lines hold only mixtures of an ink with the background. A few even tones of each are enough for the
eye, and repeat far more often than the hundreds that a rasteriser makes, which is what LZW compression feeds on.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from dropviz.style.theme import TRANSPARENT, blend, rgb

UNKNOWN = 255
MAX_COLORS = 254
AT_ONCE = 16_384  # values compared with all colours at once: in 16 MB
EXACT = 128  # of the colours of strange frames, how many of the most frequent are kept as they are


class Palette:
    """Colours uint8 [colours, 3], and the nearest one of every RGB value, looked up once and remembered.

    `see_through` says that there is no background: pixels may be transparent.
    """

    def __init__(self, colors: Sequence[tuple[int, int, int]], see_through: bool = False) -> None:
        unique = list(dict.fromkeys(colors))
        if not 1 <= len(unique) <= MAX_COLORS:
            raise ValueError(f"{len(unique)} colours: a palette holds 1 to {MAX_COLORS}")
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
        # What differs from colour to colour in |value - colour|². Sums are whole numbers under 2²⁴: exact in float32.
        colors = self.colors.astype(np.float32)
        for start in range(0, len(values), AT_ONCE):
            part = values[start : start + AT_ONCE]
            distance = (colors**2).sum(axis=1) - 2 * _channels(part).astype(np.float32) @ colors.T
            self._nearest[part] = distance.argmin(axis=1)


def ramps(background: str, inks: Mapping[str, int]) -> Palette:
    """The background, and from it to each ink as many even steps as `inks` says, the ink itself among them.

    Without a background there are the inks alone: towards nothing, a pixel grows transparent, and keeps its colour.
    """
    if background == TRANSPARENT:
        return Palette([rgb(ink) for ink in inks], see_through=True)
    steps = [(ink, step / tones) for ink, tones in inks.items() for step in range(tones, 0, -1)]
    return Palette([rgb(background), *(rgb(blend(ink, background, share)) for ink, share in steps)])


def adapted(frames: Sequence[NDArray[np.uint8]]) -> Palette:
    """The colours of `frames`, uint8 [height, width, 4], drawn by who knows whom: all of them, where there is room.

    Else the most frequent ones as they are, so that grounds and lines keep their tone, and for the others the averages
    that median cut finds (Heckbert 1982, by Pillow).
    """
    packed = np.concatenate([frame.view("<u4").ravel() for frame in frames]) & 0xFFFFFF
    values, counts = np.unique(packed, return_counts=True)
    ranked = _channels(values[np.argsort(-counts, kind="stable")]).astype(np.uint8)
    if len(ranked) > MAX_COLORS:
        ranked = np.concatenate([ranked[:EXACT], _averages(ranked[EXACT:])])
    return Palette([(int(r), int(g), int(b)) for r, g, b in ranked])


def _channels(values: NDArray[np.uint32]) -> NDArray[np.int32]:
    """The red, green and blue, int32 [values, 3], of 0x..BBGGRR."""
    return np.stack([values & 0xFF, values >> 8 & 0xFF, values >> 16 & 0xFF], axis=-1).astype(np.int32)


def _averages(colors: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """As many colours as a palette has left for `colors` [colours, 3], each an average of some that lie together."""
    from PIL import Image

    reduced = Image.fromarray(colors[None]).quantize(MAX_COLORS - EXACT, Image.Quantize.MEDIANCUT)
    return np.array(reduced.getpalette(), np.uint8).reshape(-1, 3)[: MAX_COLORS - EXACT]
