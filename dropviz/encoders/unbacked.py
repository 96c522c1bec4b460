"""Patches of animations without a background, for formats whose pixels are either there or not."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from dropviz.drawing.raster import Frame
from dropviz.encoders.patches import Patch, RenderOptions, packed

OPAQUE = 128  # the least alpha that shows


def unbacked_patches(frames: Iterable[Frame], options: RenderOptions, transparent: int) -> Iterator[Patch]:
    """What changes from frame to frame where there is no background.

    What a frame does not show any more can only be taken off with the whole box of the frame before it, so that each
    frame is written when the next one is known. After the last comes nothing, and every play begins on an empty canvas.
    """
    now, duration, canvas = np.empty((0, 0), np.uint8), 0, np.empty((0, 0), np.uint8)
    for frame in frames:
        new = options(packed(frame))
        new[frame.pixels[..., 3] < OPAQUE] = transparent
        if not now.size:
            canvas = np.full_like(new, transparent)
        elif not np.array_equal(now, new):
            yield _until(new, now, canvas, transparent, duration)
            duration = 0
        now, duration = new, duration + frame.duration
    if not now.size:
        raise ValueError("no frames to write")
    yield _until(np.full_like(now, transparent), now, canvas, transparent, duration)


def _until(
    new: NDArray[np.uint8], now: NDArray[np.uint8], canvas: NDArray[np.uint8], transparent: int, duration: int
) -> Patch:
    """The patch that turns `canvas` into `now` and can be followed by `new`; brings `canvas` up to date."""
    drawn, gone = now != canvas, (now != transparent) & (new == transparent)
    touched = drawn | gone
    rows, columns = (np.flatnonzero(touched.any(axis=axis)) if touched.any() else [0] for axis in (1, 0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    indices = np.where(drawn, now, np.uint8(transparent))[box]
    canvas[:] = now
    if gone.any():
        canvas[box] = transparent
    return Patch(int(box[1].start), int(box[0].start), indices, True, duration, bool(gone.any()))
