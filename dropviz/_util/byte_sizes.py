"""Sizes of files in words. 1 MB is 1,000,000 bytes, as on disks and in upload limits; 1 MiB is 1,048,576."""

import re

from dropviz.errors import UsageError

FACTORS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}


def parse_bytes(words: str | int) -> int:
    """How many bytes ``10MB``, ``1.5 MiB``, ``300 KB`` or ``2000000`` are; UsageError if they are none."""
    match = re.fullmatch(r"([0-9]{1,15}(?:\.[0-9]{1,9})?) *([a-zA-Z]*)", str(words).strip())
    factor = FACTORS.get(match[2].lower()) if match else None
    size = int(float(match[1]) * factor) if match and factor else 0
    if size < 1:
        raise UsageError(
            f"{words!r} is no size of a file: write bytes, or a number with KB, MB, KiB or MiB, like 10MB "
            "(1 MB is 1,000,000 bytes, 1 MiB 1,048,576)"
        )
    return size


def say_bytes(size: int) -> str:
    """A size as people say it, in KB and MB of a thousand, to three digits."""
    if size < 1000:
        return f"{size} bytes"
    unit, factor = ("MB", 10**6) if size >= 999_500 else ("KB", 10**3)
    return f"{float(f'{size / factor:.3g}'):,.10g} {unit}"
