"""IDX files: their claims are checked before anything is unpacked or read by others."""

from math import prod
from typing import IO

MAX_BYTES = {1: 2 << 20, 3: 64 << 20}  # by number of axes: of labels, and of images; Fashion-MNIST has 60 kB and 47 MB
UBYTE = 8


def read_idx(file: IO[bytes]) -> bytes:
    """Return an IDX file of labels or images, uint8, whole.

    Raises ValueError, before more than its header is read, if it claims more than MAX_BYTES; and if it is not as long
    as it says.
    """
    magic = file.read(4)
    axes = magic[3] if len(magic) == 4 and magic[:3] == bytes([0, 0, UBYTE]) else 0
    if axes not in MAX_BYTES:
        raise ValueError("it is no IDX file of labels or images")
    sizes = file.read(4 * axes)
    length = prod(int.from_bytes(sizes[at : at + 4], "big") for at in range(0, 4 * axes, 4))
    if length > MAX_BYTES[axes]:
        raise ValueError(f"it claims {length:,} bytes: must have up to {MAX_BYTES[axes]:,}")
    values = file.read(length + 1)
    if len(values) != length:
        raise ValueError("it is not as long as it says")
    return magic + sizes + values
