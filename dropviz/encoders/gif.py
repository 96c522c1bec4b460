"""GIF: one global palette, and of each frame only the rectangle that changed. GIF89a specification, W3C 1990.

The frames are a stream: one is held at a time. LZW compression is Pillow's; the container is written here, since
Pillow's own writer compresses with codes for 256 colours, however few there are.
"""

import struct
from collections.abc import Iterable
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dropviz.drawing.raster import Frame
from dropviz.encoders.job import Job, Written, counted
from dropviz.encoders.patches import Patch, patches, split_duration
from dropviz.encoders.unbacked import unbacked_patches

LONGEST = 65_535  # hundredths of a second that one frame can last
DO_NOT_DISPOSE = 1 << 2
HAS_TRANSPARENT = 1
GLOBAL_PALETTE = 1 << 7
TO_BACKGROUND = 2 << 2  # clear the box of this frame, to transparent, before the next one is drawn
ALT = "alt text: "  # how the comment with the alt text begins


def write_gif(file: BinaryIO, frames: Iterable[Frame], job: Job) -> Written:
    """Write `frames` to `file`, with a palette for all of them."""
    written, palette = Written(), job.palette
    bits = max(len(palette.colors).bit_length(), 2)  # one index more than there are colours: transparent
    transparent = len(palette.colors)
    file.write(_header(job, bits))
    make_patches = unbacked_patches if palette.see_through else patches
    for patch in make_patches(counted(frames, written), palette.indices, transparent):
        file.writelines(_image(part, bits, transparent) for part in split_duration(patch, LONGEST))
    file.write(b";")
    written.bytes = file.tell()
    return written


def _header(job: Job, bits: int) -> bytes:
    colors = job.palette.colors.tobytes().ljust(3 << bits, b"\0")
    screen = struct.pack("<HHBBB", *job.size, GLOBAL_PALETTE | (bits - 1) << 4 | (bits - 1), 0, 0)
    comments = _comment(job.comment.encode("ascii", "backslashreplace"))
    if job.alt:
        # The specification only recommends ASCII, and alt texts are in the language of the picture.
        comments += _comment((ALT + job.alt).encode(errors="replace"))
    return b"GIF89a" + screen + colors + _loop(job.loop) + comments


def _loop(plays: int) -> bytes:
    """The Netscape extension counts repeats after the first play; without it a GIF plays once."""
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
    flags = (TO_BACKGROUND if patch.then_cleared else DO_NOT_DISPOSE) | (HAS_TRANSPARENT if patch.see_through else 0)
    control = b"!\xf9\x04" + struct.pack("<BHB", flags, patch.duration, transparent if patch.see_through else 0) + b"\0"
    place = b"," + struct.pack("<HHHHB", patch.left, patch.top, width, height, 0)
    return control + place + bytes([bits]) + _lzw(patch.pixels, bits) + b"\0"


def _lzw(indices: NDArray[np.uint8], bits: int) -> bytes:
    """Pillow's encoder of its own GIF plugin: variable-length codes, in sub-blocks of up to 255 bytes."""
    return Image.fromarray(np.ascontiguousarray(indices)).tobytes("gif", "L", bits, 0)
