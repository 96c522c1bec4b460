"""Patches of animations without a background, for formats whose pixels are either opaque or transparent."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from dropviz.drawing.raster import Frame
from dropviz.encoders.patches import Patch, packed

MIN_ALPHA = 128  # of pixels that are stored as opaque


def transparent_patches(
    frames: Iterable[Frame], quantize: Callable[[NDArray[np.uint32]], NDArray[np.uint8]], transparent: int
) -> Iterator[Patch]:
    """Yield what changes from frame to frame if there is no background. Raises ValueError if there are no frames.

    Pixels can only be made transparent by clearing the whole patch of the frame before. A patch is therefore yielded
    when the next frame is known. Nothing follows the last frame, and every play begins on an empty canvas.
    """
    now, duration, canvas = np.empty((0, 0), np.uint8), 0, np.empty((0, 0), np.uint8)
    for frame in frames:
        new = quantize(packed(frame))
        new[frame.pixels[..., 3] < MIN_ALPHA] = transparent
        if not now.size:
            canvas = np.full_like(new, transparent)
        elif not np.array_equal(now, new):
            yield _patch(canvas, now, new, transparent, duration)
            duration = 0
        now, duration = new, duration + frame.duration
    if not now.size:
        raise ValueError("no frames to write")
    yield _patch(canvas, now, np.full_like(now, transparent), transparent, duration)


def _patch(
    canvas: NDArray[np.uint8], now: NDArray[np.uint8], new: NDArray[np.uint8], transparent: int, duration: int
) -> Patch:
    """Return the patch that turns `canvas` into `now` and allows `new` to follow. Updates `canvas`."""
    drawn, removed = now != canvas, (now != transparent) & (new == transparent)
    touched = drawn | removed
    rows, columns = (np.flatnonzero(touched.any(axis=axis)) if touched.any() else [0] for axis in (1, 0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    indices = np.where(drawn, now, np.uint8(transparent))[box]
    canvas[:] = now
    if removed.any():
        canvas[box] = transparent
    return Patch(int(box[1].start), int(box[0].start), indices, True, duration, bool(removed.any()))
