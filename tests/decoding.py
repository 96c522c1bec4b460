"""GIFs as other programs read them: Pillow's decoder, gifsicle's, and the bare blocks of the file."""

import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image, ImageSequence

from dropviz.drawing.raster import Frame


@dataclass
class Blocks:
    """What the blocks of a GIF say, read straight from the specification."""

    size: tuple[int, int] = (0, 0)
    palettes: int = 0
    loop: int | None = None
    comment: bytes = b""
    delays: list[int] = field(default_factory=list)
    boxes: list[tuple[int, int, int, int]] = field(default_factory=list)


def decode(path: Path, mode: str = "RGB") -> list[np.ndarray]:
    """Every stored frame, composed by Pillow, as arrays of RGB or RGBA."""
    with Image.open(path) as image:
        return [np.asarray(frame.convert(mode)) for frame in ImageSequence.Iterator(image)]


def frames_of(path: Path) -> Iterator[Frame]:
    """Every stored frame, composed by Pillow, and how long it is shown, as the pipeline's own frames."""
    with Image.open(path) as image:
        for frame in ImageSequence.Iterator(image):
            yield Frame(np.array(frame.convert("RGBA")), frame.info["duration"] // 10)


def decode_by_gifsicle(path: Path, program: str, mode: str = "RGB") -> list[np.ndarray]:
    """Every stored frame, composed by gifsicle and written out whole."""
    whole = path.with_suffix(".whole.gif")
    subprocess.run([program, "--unoptimize", "--no-warnings", str(path), "-o", str(whole)], check=True)
    return decode(whole, mode)


def blocks(path: Path) -> Blocks:
    """Walk through the blocks of a GIF89a file."""
    data, found = path.read_bytes(), Blocks()
    assert data[:6] == b"GIF89a"
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    found.size, at = (width, height), 13
    if flags & 0x80:
        found.palettes, at = 1, at + (3 << (flags & 7) + 1)
    while data[at : at + 1] != b";":
        at = _block(data, at, found)
    assert at == len(data) - 1, "bytes after the end of the file"
    return found


def _block(data: bytes, at: int, found: Blocks) -> int:
    kind = data[at : at + 2]
    if kind[:1] == b",":
        found.boxes.append(struct.unpack_from("<HHHH", data, at + 1))
        found.palettes += data[at + 9] >> 7
        return _chain(data, at + 11)[1]
    body, end = _chain(data, at + 2)
    if kind == b"!\xf9":
        found.delays.append(struct.unpack_from("<H", body, 1)[0])
    elif kind == b"!\xfe":
        found.comment += body
    elif body.startswith(b"NETSCAPE2.0"):
        found.loop = struct.unpack_from("<H", body, 12)[0]
    return end


def _chain(data: bytes, at: int) -> tuple[bytes, int]:
    """The contents of a chain of sub-blocks, and where it ends."""
    parts = []
    while size := data[at]:
        parts.append(data[at + 1 : at + 1 + size])
        at += size + 1
    return b"".join(parts), at + 1
