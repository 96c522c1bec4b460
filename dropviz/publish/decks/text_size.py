"""Estimates of how much room text takes on a slide."""

import math
import unicodedata


def width(words: str) -> float:
    """About how wide `words` come out in a usual sans serif, in units of the font size."""
    return sum(1.0 if unicodedata.east_asian_width(letter) in "WF" else 0.55 for letter in words)


def lines_of(words: str, size: float, room: float) -> int:
    """About how many lines of `room` points `words` take; one breaks between words, and an eighth stays empty."""
    wide = width(words) * size
    return 1 if wide <= room else math.ceil(wide / (0.88 * room))


def fit(words: str, room: float, lines: int, largest: float, smallest: float) -> float:
    """The largest font size, in steps of a point, at which `words` take at most `lines` lines of `room` points."""
    size = largest
    while size > smallest and lines_of(words, size, room) > lines:
        size -= 1
    return size
