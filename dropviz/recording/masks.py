"""Masks as bits: bool in memory, True = kept; packed on disk, eight to a byte, the first in the highest bit."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dropviz.recording.validation import fits, require


def pack_mask(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return bool [..., width] as uint8 [..., ⌈width/8⌉]."""
    return np.packbits(mask, axis=-1)


def unpack_mask(bits: NDArray[Any], shape: tuple[int, ...], what: str) -> NDArray[np.bool_]:
    """Return uint8 [..., ⌈width/8⌉] as bool of `shape`, [..., width]; -1 stands for any length.

    Raises RecordingError, which names `what` the mask is of, if the bits do not fit the shape.
    """
    *rows, width = shape
    whole = fits(bits, "u", *rows, -(-width // 8)) and bits.dtype == np.uint8
    require(whole, f"{what} do not fit its {width} units")
    return np.unpackbits(bits, axis=-1, count=width).view(bool)
