"""Palettes of whole animations, from the few colours that a chart draws with.

Antialiased text and lines consist of mixtures of an ink with the background. A few even tones of each look the same as
the hundreds that a rasteriser produces, and repeat far more often, so that they compress better.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from dropviz.style.theme import TRANSPARENT, blend, rgb

UNKNOWN = 255
MAX_COLORS = 254
BATCH = 16_384  # values compared with all colours at once, in 16 MB
MAX_EXACT = 128  # most frequent colours that an adaptive palette keeps unchanged


class Palette:
    """Distinct `colors`, uint8 [colours, 3], and a cache of the nearest one of each RGB value.

    `is_transparent`: there is no background, and pixels may be transparent.
    Raises ValueError for no colours, or more than 254.

    >>> palette = Palette([(255, 255, 255), (0, 0, 0)])
    >>> palette.indices(np.array([0xEEEEEE, 0x101010], np.uint32))
    array([0, 1], dtype=uint8)
    """

    def __init__(self, colors: Sequence[tuple[int, int, int]], is_transparent: bool = False) -> None:
        unique = list(dict.fromkeys(colors))
        if not 1 <= len(unique) <= MAX_COLORS:
            raise ValueError(f"{len(unique)} colours: a palette holds 1 to {MAX_COLORS}")
        self.colors, self.is_transparent = np.array(unique, np.uint8), is_transparent
        self._nearest = np.full(1 << 24, UNKNOWN, np.uint8)

    def indices(self, pixels: NDArray[np.uint32]) -> NDArray[np.uint8]:
        """Return the index of the nearest colour of each pixel, given as 0x..BBGGRR (RGBA bytes, little-endian)."""
        rgb_values = pixels & 0xFFFFFF
        result: NDArray[np.uint8] = self._nearest[rgb_values]
        if (result == UNKNOWN).any():
            self._find_nearest(np.unique(rgb_values[result == UNKNOWN]))
            result = self._nearest[rgb_values]
        return result

    def _find_nearest(self, values: NDArray[np.uint32]) -> None:
        # |value - colour|² without |value|², which is equal for all colours. Integers below 2²⁴ are exact in float32.
        colors = self.colors.astype(np.float32)
        for start in range(0, len(values), BATCH):
            part = values[start : start + BATCH]
            distance = (colors**2).sum(axis=1) - 2 * _channels(part).astype(np.float32) @ colors.T
            self._nearest[part] = distance.argmin(axis=1)


def ramp_palette(background: str, inks: Mapping[str, int]) -> Palette:
    """Return the background, and for each ink as many even steps from the background to the ink as `inks` gives.

    Without a background, return the inks alone: edges of lines become transparent, and keep their colour.

    >>> ramp_palette("#ffffff", {"#000000": 2}).colors.tolist()
    [[255, 255, 255], [0, 0, 0], [128, 128, 128]]
    """
    if background == TRANSPARENT:
        return Palette([rgb(ink) for ink in inks], is_transparent=True)
    steps = [(ink, step / tones) for ink, tones in inks.items() for step in range(tones, 0, -1)]
    return Palette([rgb(background), *(rgb(blend(ink, background, share)) for ink, share in steps)])


def adaptive_palette(frames: Sequence[NDArray[np.uint8]]) -> Palette:
    """Return the colours of `frames`, uint8 [height, width, 4], or at most 254 that represent them.

    The most frequent colours are kept, so that backgrounds and lines do not change; the others are represented by the
    averages of median cut (Heckbert 1982, from Pillow).
    """
    packed = np.concatenate([frame.view("<u4").ravel() for frame in frames]) & 0xFFFFFF
    values, counts = np.unique(packed, return_counts=True)
    ranked = _channels(values[np.argsort(-counts, kind="stable")]).astype(np.uint8)
    if len(ranked) > MAX_COLORS:
        ranked = np.concatenate([ranked[:MAX_EXACT], _averages(ranked[MAX_EXACT:])])
    return Palette([(int(r), int(g), int(b)) for r, g, b in ranked])


def _channels(values: NDArray[np.uint32]) -> NDArray[np.int32]:
    """Return red, green and blue, int32 [values, 3], of 0x..BBGGRR."""
    return np.stack([values & 0xFF, values >> 8 & 0xFF, values >> 16 & 0xFF], axis=-1).astype(np.int32)


def _averages(colors: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the averages of median cut of `colors` [colours, 3], as many as an adaptive palette has left."""
    from PIL import Image

    reduced = Image.fromarray(colors[None]).quantize(MAX_COLORS - MAX_EXACT, Image.Quantize.MEDIANCUT)
    return np.array(reduced.getpalette(), np.uint8).reshape(-1, 3)[: MAX_COLORS - MAX_EXACT]
