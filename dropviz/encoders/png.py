"""PNG encoder: one palette, and of each frame only the rectangle that changed (PNG, third edition, W3C 2025).

Frames are read as a stream, one at a time. The container is written here, since Pillow's writer holds all frames in
full colours, and tries filters for each line, which takes time and does not help with flat colours.
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

MAX_DURATION = 65_535  # of one frame, in 1/100 s
SIGNATURE = b"\x89PNG\r\n\x1a\n"
INDEXED, RGBA = 3, 6  # colour types: one byte for a pixel, or four
KEEP = 0  # dispose operation
REPLACE, OVER = 0, 1  # blend operations
COUNT_OFFSET = len(SIGNATURE) + 25  # of the number of frames, after the header


def write_png(file: BinaryIO, frames: Iterable[Frame], job: Job) -> Written:
    """Write `frames` to `file`: in the palette of the job if the first is opaque, else as RGBA.

    Raises ValueError if there are no frames.
    """
    written = Written()
    stream = counted(frames, written)
    first = next(stream, None)
    if first is None:
        raise ValueError("no frames to write")
    quantize, transparent = (job.palette.indices, len(job.palette.colors)) if is_opaque(first) else (_as_rgba, None)
    write_patches(file, patches(chain([first], stream), quantize, transparent), job, transparent)
    written.bytes = file.tell()
    return written


def write_patches(file: BinaryIO, parts: Iterable[Patch], job: Job, transparent: int | None) -> None:
    """Write an animation of palette indices, or of RGBA pixels if `transparent` is None."""
    file.write(_header(job, RGBA if transparent is None else INDEXED) + _animation_control(0, job.loop))
    file.write(_texts(job) + (b"" if transparent is None else _palette(job, has_transparency=True)))
    images = (image for part in parts for image in split_duration(part, MAX_DURATION))
    count = sequence = 0
    for count, image in enumerate(images, start=1):
        data = _compressed(image.pixels)
        file.write(_frame_control(sequence, image))
        file.write(_chunk(b"IDAT", data) if count == 1 else _chunk(b"fdAT", struct.pack(">I", sequence + 1) + data))
        sequence += 1 if count == 1 else 2
    file.write(_chunk(b"IEND", b""))
    end = file.tell()
    file.seek(COUNT_OFFSET)
    file.write(_animation_control(count, job.loop))
    file.seek(end)


def encode_still(frame: Frame, job: Job) -> bytes:
    """Return one frame as a PNG without animation."""
    if is_opaque(frame):
        header, colors = _header(job, INDEXED), _palette(job, has_transparency=False)
        pixels = job.palette.indices(packed(frame))
    else:
        header, colors, pixels = _header(job, RGBA), b"", frame.pixels
    return header + _texts(job) + colors + _chunk(b"IDAT", _compressed(pixels)) + _chunk(b"IEND", b"")


def _as_rgba(pixels: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return pixels


def _header(job: Job, color_type: int) -> bytes:
    return SIGNATURE + _chunk(b"IHDR", struct.pack(">IIBBBBB", *job.size, 8, color_type, 0, 0, 0))


def _animation_control(count: int, plays: int) -> bytes:
    return _chunk(b"acTL", struct.pack(">II", count, plays))


def _palette(job: Job, *, has_transparency: bool) -> bytes:
    """Return the chunk of the colours; with transparency, one more colour and the chunk that makes it transparent."""
    colors = job.palette.colors
    if not has_transparency:
        return _chunk(b"PLTE", colors.tobytes())
    return _chunk(b"PLTE", colors.tobytes() + bytes(3)) + _chunk(b"tRNS", b"\xff" * len(colors) + b"\0")


def _texts(job: Job) -> bytes:
    """Return the texts as chunks in UTF-8, with the keywords of the PNG specification."""
    texts = {b"Title": job.alt, b"Description": job.description, b"Comment": job.comment}
    return b"".join(
        _chunk(b"iTXt", key + b"\0\0\0\0\0" + remove_control_characters(text).encode())
        for key, text in texts.items()
        if text
    )


def _frame_control(sequence: int, patch: Patch) -> bytes:
    height, width = patch.pixels.shape
    place = struct.pack(">IIIII", sequence, width, height, patch.left, patch.top)
    blend = OVER if patch.has_transparency else REPLACE
    return _chunk(b"fcTL", place + struct.pack(">HHBB", patch.duration, 100, KEEP, blend))


def _compressed(pixels: NDArray[np.uint8] | NDArray[np.uint32]) -> bytes:
    """Return compressed lines of pixels, each after the byte 0, for no filter: flat colours compress better without."""
    lines = np.ascontiguousarray(pixels).view(np.uint8).reshape(len(pixels), -1)
    return zlib.compress(np.pad(lines, ((0, 0), (1, 0))).tobytes(), 9)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
