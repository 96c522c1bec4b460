"""Words from recordings made safe for any file, and how much room they take."""

import math
import unicodedata


def clean(words: str) -> str:
    """`words` without what no text file can hold: control characters and halves of surrogate pairs.

    Nor may a name turn the direction of the sentence that it stands in. Each such letter becomes U+FFFD, so that it is
    seen that something stood there; tabs and ends of lines become spaces.
    """
    return "".join(_clean(letter) for letter in words)


def _clean(letter: str) -> str:
    if letter in "\t\n\r\x0b\x0c\x85\u2028\u2029":
        return " "
    turning = "\u202a" <= letter <= "\u202e" or "\u2066" <= letter <= "\u2069"
    noncharacter = (ord(letter) & 0xFFFE) == 0xFFFE or 0xFDD0 <= ord(letter) <= 0xFDEF
    return "\ufffd" if turning or noncharacter or unicodedata.category(letter) in ("Cc", "Cs") else letter


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
