"""Conversion of file sizes to and from text.

1 KB is 1,000 bytes and 1 MB is 1,000,000, as on disks and in upload limits; 1 KiB is 1,024 bytes and 1 MiB 1,048,576.
"""

import re

from dropviz.errors import UsageError

FACTORS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}


def parse_bytes(size: str | int) -> int:
    """Return the number of bytes that a size such as ``10MB``, ``1.5 MiB`` or ``2000000`` stands for.

    Raises UsageError if `size` is not a size, or is less than one byte.

    >>> parse_bytes("10MB"), parse_bytes("1.5 MiB"), parse_bytes(300)
    (10000000, 1572864, 300)
    """
    match = re.fullmatch(r"([0-9]{1,15}(?:\.[0-9]{1,9})?) *([a-zA-Z]*)", str(size).strip())
    factor = FACTORS.get(match[2].lower()) if match else None
    count = int(float(match[1]) * factor) if match and factor else 0
    if count < 1:
        raise UsageError(
            f"{size!r} is no size of a file: write bytes, or a number with KB, MB, KiB or MiB, like 10MB "
            "(1 MB is 1,000,000 bytes, 1 MiB 1,048,576)"
        )
    return count


def format_bytes(size: int) -> str:
    """Return `size`, in bytes, as text with three significant digits, in bytes, KB or MB.

    >>> format_bytes(999), format_bytes(12_345), format_bytes(1_500_000)
    ('999 bytes', '12.3 KB', '1.5 MB')
    """
    if size < 1000:
        return f"{size} bytes"
    unit, factor = ("MB", 10**6) if size >= 999_500 else ("KB", 10**3)
    return f"{float(f'{size / factor:.3g}'):,.10g} {unit}"
