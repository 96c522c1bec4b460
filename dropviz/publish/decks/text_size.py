"""Estimates of the space that text needs on a slide."""

import math
import unicodedata

LATIN_WIDTH = 0.55  # mean width of a letter of a common sans serif, in units of the font size
FILLED = 0.88  # share of a line that is filled, since lines break between words


def width(text: str) -> float:
    """Return the approximate width of `text`, in units of the font size."""
    return sum(1.0 if unicodedata.east_asian_width(letter) in "WF" else LATIN_WIDTH for letter in text)


def lines_of(text: str, size: float, room: float) -> int:
    """Return the approximate number of lines of `text` at font size `size` in lines of `room` points."""
    needed = width(text) * size
    return 1 if needed <= room else math.ceil(needed / (FILLED * room))


def fit(text: str, room: float, lines: int, largest: float, smallest: float) -> float:
    """Return the largest font size, in steps of a point, at which `text` needs at most `lines` lines of `room` points.

    The result is between `smallest` and `largest`; `smallest` even if the text needs more lines.
    """
    size = largest
    while size > smallest and lines_of(text, size, room) > lines:
        size -= 1
    return size
