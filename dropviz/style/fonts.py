"""Fonts that have the letters to be drawn: found, or missed, before anything is drawn.

matplotlib draws each letter in the first family of a list that has it, and a box where none has. Text that runs from
right to left is given to matplotlib as it is stored: 3.11 shapes and orders it, and with it the signs beside it; older
ones draw it letter by letter.
"""

import re
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from typing import Any

from dropviz._util.text import replace_invisible
from dropviz.errors import UsageError

OWN = "DejaVu Sans"  # comes with matplotlib, so that pictures are alike on every machine
CHINESE = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",  # the face that older matplotlibs see of the same file
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "PingFang SC",
    "Microsoft YaHei",
    "SimHei",
)
# Tried first, in this order, for letters that the font of a language lacks; then whatever else is installed.
FALLBACKS = (OWN, *CHINESE, "Noto Emoji", "Noto Sans Symbols", "Noto Sans Symbols 2", "Symbola", "Segoe UI Symbol")
# Pictures of letters, which matplotlib cannot draw; and a font whose every letter is a box.
NO_LETTERS = re.compile(r"Color Emoji|Last ?Resort", re.IGNORECASE)
# Debian's packages, by the first words of a letter's Unicode name.
PACKAGES = {
    "CJK": "fonts-noto-cjk",
    "HIRAGANA": "fonts-noto-cjk",
    "KATAKANA": "fonts-noto-cjk",
    "HANGUL": "fonts-noto-cjk",
    "FULLWIDTH": "fonts-noto-cjk",
    "IDEOGRAPHIC": "fonts-noto-cjk",
}
SYMBOLS, LETTERS = "fonts-symbola", "fonts-noto-core"


def families(first: Iterable[str], words: Iterable[str]) -> list[str]:
    """The families `first`, and after them such others that every letter of `words` has a glyph.

    Raises UsageError that names the letters which no installed font has, and fonts to install.
    """
    chosen = list(first)
    missing = {letter for each in words for letter in replace_invisible(each)} - {" "}
    for name in chosen:
        missing -= _letters(name)
    for name in _others(chosen) if missing else ():
        found = missing & _letters(name)
        chosen += [name] if found else []
        missing -= found
        if not missing:
            break
    if missing:
        raise UsageError(_advice(missing))
    return chosen


def _others(chosen: list[str]) -> list[str]:
    """Installed families beside the chosen ones: those known to be good first."""
    there = installed()
    return [
        name
        for name in dict.fromkeys([*(name for name in FALLBACKS if name in there), *sorted(there)])
        if name not in chosen and not NO_LETTERS.search(name)
    ]


def _advice(missing: set[str]) -> str:
    shown = ", ".join(f"{letter!r} (U+{ord(letter):04X})" for letter in sorted(missing)[:8])
    more = f" and {len(missing) - 8} more" if len(missing) > 8 else ""
    packages = sorted({_package(letter) for letter in missing})
    return (
        f"no installed font has the letters {shown}{more}: install one that has "
        f"(Debian: apt-get install {' '.join(packages)}), or use other names"
    )


def _package(letter: str) -> str:
    name = unicodedata.name(letter, "").split(" ")[0].split("-")[0]
    return PACKAGES.get(name, SYMBOLS if unicodedata.category(letter) in ("So", "Sm", "Sk") else LETTERS)


def _letters(family: str) -> set[str]:
    """The letters that a family has glyphs for; none if it is not installed or cannot be read."""
    path = next((font.fname for font in _entries() if font.name == family), None)
    return _glyphs(path) if path else set()


@lru_cache(maxsize=32)
def _glyphs(path: str) -> set[str]:
    from matplotlib.ft2font import FT2Font

    with suppress(RuntimeError, OSError, ValueError):  # a damaged font is not the user's question
        return {chr(code) for code in FT2Font(path).get_charmap()}
    return set()


def _entries() -> list[Any]:
    """The fonts that matplotlib knows, upright ones of usual weight first."""
    from matplotlib import font_manager

    return sorted(
        font_manager.fontManager.ttflist, key=lambda font: (font.style != "normal", str(font.weight) != "400")
    )


def installed() -> set[str]:
    """Names of the font families there are, those among them that came after matplotlib last looked."""
    from matplotlib import font_manager

    fonts = font_manager.fontManager
    known = {font.fname for font in fonts.ttflist}
    for path in font_manager.findSystemFonts():
        if path not in known:
            with suppress(RuntimeError, OSError, ValueError):  # a file that is no font is not the user's question
                fonts.addfont(path)
    return {font.name for font in fonts.ttflist}
