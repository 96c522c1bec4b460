"""PNG: one palette, and of each frame only the rectangle that changed. PNG specification, third edition, W3C 2025.

The frames are a stream: one is held at a time. The container is written here, since Pillow's own writer holds all of
them, in full colours, and looks for a filter line by line, which costs time and helps no flat colours.
"""

import struct
import zlib
from collections.abc import Iterable
from itertools import chain
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from dropviz._util.text import remove_control_characters
from dropviz.drawing.raster import Frame
from dropviz.encoders.job import Job, Written, counted, is_opaque
from dropviz.encoders.patches import Patch, packed, patches, split_duration

LONGEST = 65_535  # hundredths of a second that one frame can last
SIGNATURE = b"\x89PNG\r\n\x1a\n"
INDEXED, RGBA = 3, 6  # kinds of pixels: one byte each, or four
KEEP, REPLACE, OVER = 0, 0, 1
COUNT_AT = len(SIGNATURE) + 25  # the number of frames stands behind the header


def write_png(file: BinaryIO, frames: Iterable[Frame], job: Job) -> Written:
    """Write `frames` to `file`: with the palette if they are opaque, else with all their colours and their alpha."""
    written = Written()
    stream = counted(frames, written)
    start = next(stream, None)
    if start is None:
        raise ValueError("no frames to write")
    quantize, transparent = (job.palette.indices, len(job.palette.colors)) if is_opaque(start) else (_as_is, None)
    write_patches(file, patches(chain([start], stream), quantize, transparent), job, transparent)
    written.bytes = file.tell()
    return written


def write_patches(file: BinaryIO, parts: Iterable[Patch], job: Job, transparent: int | None) -> None:
    """Write an animation of palette indices, or of RGBA pixels if no index is `transparent`."""
    file.write(_start(job, RGBA if transparent is None else INDEXED) + _animation(0, job.loop))
    file.write(_words(job) + (b"" if transparent is None else _palette(job, see_through=True)))
    images = (image for part in parts for image in split_duration(part, LONGEST))
    count = sequence = 0
    for count, image in enumerate(images, start=1):
        data = _compressed(image.pixels)
        file.write(_frame(sequence, image))
        file.write(_chunk(b"IDAT", data) if count == 1 else _chunk(b"fdAT", struct.pack(">I", sequence + 1) + data))
        sequence += 1 if count == 1 else 2
    file.write(_chunk(b"IEND", b""))
    end = file.tell()
    file.seek(COUNT_AT)
    file.write(_animation(count, job.loop))
    file.seek(end)


def still(frame: Frame, job: Job) -> bytes:
    """One frame as a picture that does not move."""
    if is_opaque(frame):
        start, colors, pixels = _start(job, INDEXED), _palette(job, see_through=False), _indexed(frame, job)
    else:
        start, colors, pixels = _start(job, RGBA), b"", frame.pixels
    return start + _words(job) + colors + _chunk(b"IDAT", _compressed(pixels)) + _chunk(b"IEND", b"")


def _indexed(frame: Frame, job: Job) -> NDArray[np.uint8]:
    return job.palette.indices(packed(frame))


def _as_is(pixels: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return pixels


def _start(job: Job, kind: int) -> bytes:
    return SIGNATURE + _chunk(b"IHDR", struct.pack(">IIBBBBB", *job.size, 8, kind, 0, 0, 0))


def _animation(count: int, plays: int) -> bytes:
    return _chunk(b"acTL", struct.pack(">II", count, plays))


def _palette(job: Job, *, see_through: bool) -> bytes:
    """The colours; if patches are see-through, with one more that is."""
    colors = job.palette.colors
    if not see_through:
        return _chunk(b"PLTE", colors.tobytes())
    return _chunk(b"PLTE", colors.tobytes() + bytes(3)) + _chunk(b"tRNS", b"\xff" * len(colors) + b"\0")


def _words(job: Job) -> bytes:
    """What the picture shows, and what it was made from, as text in UTF-8."""
    words = {b"Description": job.alt, b"Comment": job.comment}
    return b"".join(
        _chunk(b"iTXt", key + b"\0\0\0\0\0" + remove_control_characters(text).encode())
        for key, text in words.items()
        if text
    )


def _frame(sequence: int, patch: Patch) -> bytes:
    height, width = patch.pixels.shape
    place = struct.pack(">IIIII", sequence, width, height, patch.left, patch.top)
    blend = OVER if patch.see_through else REPLACE
    return _chunk(b"fcTL", place + struct.pack(">HHBB", patch.duration, 100, KEEP, blend))


def _compressed(pixels: NDArray[np.uint8] | NDArray[np.uint32]) -> bytes:
    """Lines of pixels, each with the byte 0 before it: no filter, since flat colours repeat better than they add up."""
    lines = np.ascontiguousarray(pixels).view(np.uint8).reshape(len(pixels), -1)
    return zlib.compress(np.pad(lines, ((0, 0), (1, 0))).tobytes(), 9)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
