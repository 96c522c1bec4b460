"""GIF encoder: one global palette, and of each frame only the rectangle that changed (GIF89a, CompuServe 1990).

Frames are read as a stream, one at a time. Pillow compresses the pixels; the container is written here, since Pillow's
GIF writer uses codes for 256 colours, however few there are.
"""

import struct
from collections.abc import Iterable
from typing import BinaryIO

import numpy as np
from PIL import Image

from dropviz.drawing.raster import Frame
from dropviz.encoders.job import Job, Written, counted
from dropviz.encoders.patches import Patch, Values, patches, split_duration
from dropviz.encoders.transparent import transparent_patches

MAX_DURATION = 65_535  # of one frame, in 1/100 s
DO_NOT_DISPOSE = 1 << 2
HAS_TRANSPARENT = 1
GLOBAL_PALETTE = 1 << 7
TO_BACKGROUND = 2 << 2  # make the rectangle of this frame transparent before the next one is drawn
ALT, DESCRIPTION = "alt text: ", "description: "  # prefixes of the comments with the two texts


def write_gif(file: BinaryIO, frames: Iterable[Frame], job: Job) -> Written:
    """Write `frames` to `file` in the palette of the job. Raises ValueError if there are no frames."""
    written, palette = Written(), job.palette
    bits = max(len(palette.colors).bit_length(), 2)  # one index more than colours, for transparent
    transparent = len(palette.colors)
    file.write(_header(job, bits))
    make_patches = transparent_patches if palette.is_transparent else patches
    for patch in make_patches(counted(frames, written), palette.indices, transparent):
        file.writelines(_image(part, bits, transparent) for part in split_duration(patch, MAX_DURATION))
    file.write(b";")
    written.bytes = file.tell()
    return written


def _header(job: Job, bits: int) -> bytes:
    colors = job.palette.colors.tobytes().ljust(3 << bits, b"\0")
    screen = struct.pack("<HHBBB", *job.size, GLOBAL_PALETTE | (bits - 1) << 4 | (bits - 1), 0, 0)
    comments = _comment(job.comment.encode("ascii", "backslashreplace"))
    # The specification only recommends ASCII; these texts are in the language of the picture.
    for prefix, text in ((ALT, job.alt), (DESCRIPTION, job.description)):
        comments += _comment((prefix + text).encode(errors="replace")) if text else b""
    return b"GIF89a" + screen + colors + _loop(job.loop) + comments


def _loop(plays: int) -> bytes:
    """Return the Netscape extension, which counts repeats after the first play; without it, a GIF plays once."""
    if plays == 1:
        return b""
    return b"!\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<H", max(plays - 1, 0)) + b"\0"


def _comment(data: bytes) -> bytes:
    if not data:
        return b""
    blocks = (data[start : start + 255] for start in range(0, len(data), 255))
    return b"!\xfe" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"


def _image(patch: Patch, bits: int, transparent: int) -> bytes:
    height, width = patch.pixels.shape
    flags, index = TO_BACKGROUND if patch.clear_after else DO_NOT_DISPOSE, 0
    if patch.has_transparency:
        flags, index = flags | HAS_TRANSPARENT, transparent
    control = b"!\xf9\x04" + struct.pack("<BHB", flags, patch.duration, index) + b"\0"
    place = b"," + struct.pack("<HHHHB", patch.left, patch.top, width, height, 0)
    return control + place + bytes([bits]) + _lzw(patch.pixels, bits) + b"\0"


def _lzw(indices: Values, bits: int) -> bytes:
    """Return LZW-compressed indices in sub-blocks of up to 255 bytes, from the encoder of Pillow's GIF plugin."""
    return Image.fromarray(np.ascontiguousarray(indices)).tobytes("gif", "L", bits, 0)
