"""GIF: one global palette, and of each frame only the rectangle that changed. GIF89a specification, W3C 1990.

The frames are a stream: one is held at a time. LZW compression is Pillow's; the container is written here, since
Pillow's own writer compresses with codes for 256 colours, however few there are.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dropviz.encoders.job import Job, Written
from dropviz.encoders.palette import Palette
from dropviz.raster import Frame

LONGEST = 65_535  # hundredths of a second that one frame can last
DO_NOT_DISPOSE = 1 << 2
HAS_TRANSPARENT = 1
GLOBAL_PALETTE = 1 << 7
TO_BACKGROUND = 2 << 2  # clear the box of this frame, to transparent, before the next one is drawn
OPAQUE = 128  # the least alpha that shows: a GIF knows only on and off


@dataclass
class _Patch:
    """A rectangle of palette indices at (left, top), and for how long it is shown before the next one.

    `then_cleared` takes the whole rectangle off again, to transparent, before the next one comes.
    """

    left: int
    top: int
    indices: NDArray[np.uint8]
    see_through: bool
    duration: int
    then_cleared: bool = False


def write_gif(file: BinaryIO, frames: Iterable[Frame], job: Job) -> Written:
    """Write `frames` to `file`, with a palette for all of them."""
    written, palette = Written(), job.palette
    bits = max(len(palette.colors).bit_length(), 2)  # one index more than there are colours: transparent
    transparent = len(palette.colors)
    file.write(_header(job, bits))
    make_patches = _see_through_patches if palette.see_through else _patches
    for patch in make_patches(_counted(frames, written), palette, transparent):
        file.writelines(_image(part, bits, transparent) for part in _split_duration(patch))
    file.write(b";")
    written.bytes = file.tell()
    return written


def _counted(frames: Iterable[Frame], written: Written) -> Iterator[Frame]:
    for frame in frames:
        written.frames += 1
        written.duration += frame.duration
        yield frame


def _patches(frames: Iterable[Frame], palette: Palette, transparent: int) -> Iterator[_Patch]:
    """What changes from frame to frame; a frame like the one before only adds to that one's duration."""
    stream = iter(frames)
    start = next(stream, None)
    if start is None:
        raise ValueError("no frames to write")
    before = _packed(start).copy()
    shown = palette.indices(before)
    pending = _Patch(0, 0, shown.copy(), see_through=False, duration=start.duration)
    for frame in stream:
        patch = _difference(_packed(frame), before, shown, palette, transparent)
        if patch is None:
            pending.duration += frame.duration
            continue
        yield pending
        pending = patch
        pending.duration = frame.duration
    yield pending


def _see_through_patches(frames: Iterable[Frame], palette: Palette, transparent: int) -> Iterator[_Patch]:
    """What changes from frame to frame where there is no background.

    What a frame does not show any more can only be taken off with the whole box of the frame before it, so that each
    frame is written when the next one is known. After the last comes nothing, and every play begins on an empty canvas.
    """
    now, duration, canvas = np.empty((0, 0), np.uint8), 0, np.empty((0, 0), np.uint8)
    for frame in frames:
        new = palette.indices(_packed(frame))
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
) -> _Patch:
    """The patch that turns `canvas` into `now` and can be followed by `new`; brings `canvas` up to date."""
    drawn, gone = now != canvas, (now != transparent) & (new == transparent)
    touched = drawn | gone
    rows, columns = (np.flatnonzero(touched.any(axis=axis)) if touched.any() else [0] for axis in (1, 0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    indices = np.where(drawn, now, np.uint8(transparent))[box]
    canvas[:] = now
    if gone.any():
        canvas[box] = transparent
    return _Patch(int(box[1].start), int(box[0].start), indices, True, duration, bool(gone.any()))


def _packed(frame: Frame) -> NDArray[np.uint32]:
    """Four bytes a pixel as one number, so that a pixel is compared, and looked up, at once."""
    return frame.pixels.view("<u4")[..., 0]


def _difference(
    pixels: NDArray[np.uint32], before: NDArray[np.uint32], shown: NDArray[np.uint8], palette: Palette, transparent: int
) -> _Patch | None:
    """Where `pixels` look other than `shown`, as a rectangle; brings `before` and `shown` up to date."""
    changed = np.flatnonzero(pixels != before)
    values = pixels.ravel()[changed]
    before.ravel()[changed] = values
    new = palette.indices(values)
    differs = new != shown.ravel()[changed]
    changed, new = changed[differs], new[differs]
    if not len(changed):
        return None
    shown.ravel()[changed] = new
    rows, columns = np.divmod(changed, pixels.shape[1])
    top, left = int(rows[0]), int(columns.min())
    height, width = int(rows[-1]) - top + 1, int(columns.max()) - left + 1
    changes = np.zeros((height, width), bool)
    changes[rows - top, columns - left] = True
    indices = _runs(shown[top : top + height, left : left + width], changes, transparent)
    return _Patch(left, top, indices, see_through=True, duration=0)


def _runs(indices: NDArray[np.uint8], changes: NDArray[np.bool_], transparent: int) -> NDArray[np.uint8]:
    """Transparent where nothing changed, but for runs of one colour in a row of which a part changed.

    Such a run is stored whole: it costs LZW less than the same run with holes. On diagrams this saves an eighth.
    """
    patch = np.full(indices.shape, transparent, np.uint8)
    rows = np.flatnonzero(changes.any(axis=1))
    part = indices[rows]
    breaks = np.ones(part.shape, bool)
    np.not_equal(part[:, 1:], part[:, :-1], out=breaks[:, 1:])
    starts = np.flatnonzero(breaks)
    touched = np.logical_or.reduceat(changes[rows].ravel(), starts)
    lengths = np.diff(starts, append=part.size)
    patch[rows] = np.where(np.repeat(touched, lengths).reshape(part.shape), part, np.uint8(transparent))
    return patch


def _split_duration(patch: _Patch) -> Iterator[_Patch]:
    """A frame that lasts longer than GIF can say is shown again for the rest of its time: as a single pixel, or whole.

    Whole is what is to be cleared afterwards, since only the last part may clear it.
    """
    indices = patch.indices if patch.then_cleared else patch.indices[:1, :1]
    first, left = patch.indices, patch.duration
    while left > LONGEST:
        yield _Patch(patch.left, patch.top, first, patch.see_through, LONGEST)
        first, left = indices, left - LONGEST
    yield _Patch(patch.left, patch.top, first, patch.see_through, left, patch.then_cleared)


def _header(job: Job, bits: int) -> bytes:
    colors = job.palette.colors.tobytes().ljust(3 << bits, b"\0")
    screen = struct.pack("<HHBBB", *job.size, GLOBAL_PALETTE | (bits - 1) << 4 | (bits - 1), 0, 0)
    return b"GIF89a" + screen + colors + _loop(job.loop) + _comment(job.comment)


def _loop(plays: int) -> bytes:
    """The Netscape extension counts repeats after the first play; without it a GIF plays once."""
    if plays == 1:
        return b""
    return b"!\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<H", max(plays - 1, 0)) + b"\0"


def _comment(words: str) -> bytes:
    data = words.encode("ascii", "backslashreplace")
    if not data:
        return b""
    blocks = (data[start : start + 255] for start in range(0, len(data), 255))
    return b"!\xfe" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"


def _image(patch: _Patch, bits: int, transparent: int) -> bytes:
    height, width = patch.indices.shape
    flags = (TO_BACKGROUND if patch.then_cleared else DO_NOT_DISPOSE) | (HAS_TRANSPARENT if patch.see_through else 0)
    control = b"!\xf9\x04" + struct.pack("<BHB", flags, patch.duration, transparent if patch.see_through else 0) + b"\0"
    place = b"," + struct.pack("<HHHHB", patch.left, patch.top, width, height, 0)
    return control + place + bytes([bits]) + _lzw(patch.indices, bits) + b"\0"


def _lzw(indices: NDArray[np.uint8], bits: int) -> bytes:
    """Pillow's encoder of its own GIF plugin: variable-length codes, in sub-blocks of up to 255 bytes."""
    return Image.fromarray(np.ascontiguousarray(indices)).tobytes("gif", "L", bits, 0)
