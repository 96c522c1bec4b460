"""Selection of installed fonts that have all letters of a picture.

matplotlib draws each letter in the first family of a list that has it, and a box if none has. Text that runs from right
to left is passed to matplotlib as it is stored: matplotlib 3.11 shapes and orders it, older versions do not.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Any

from dropviz._util.text import replace_invisible
from dropviz.errors import UsageError

# Designed by Adobe for screens, with tabular figures, Greek letters and signs of mathematics. The package
# font-source-sans-pro brings it, so that pictures are the same on every machine.
DEFAULT = "Source Sans Pro"
MATPLOTLIB = "DejaVu Sans"  # comes with matplotlib, for letters that others lack
FACES = ("SourceSansPro", "SourceSansProBold")
CHINESE = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",  # the only face of the same file that older versions of matplotlib find
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "PingFang SC",
    "Microsoft YaHei",
    "SimHei",
)
# Tried first, in this order, for letters that the font of a language lacks; then all other installed families.
FALLBACKS = (
    DEFAULT,
    MATPLOTLIB,
    *CHINESE,
    "Noto Emoji",
    "Noto Sans Symbols",
    "Noto Sans Symbols 2",
    "Symbola",
    "Segoe UI Symbol",
)
# Colour fonts, which matplotlib cannot draw, and a font whose every glyph is a box.
UNUSABLE = re.compile(r"Color Emoji|Last ?Resort", re.IGNORECASE)
# Debian packages, by the first word of the Unicode name of a letter.
PACKAGES = {
    "CJK": "fonts-noto-cjk",
    "HIRAGANA": "fonts-noto-cjk",
    "KATAKANA": "fonts-noto-cjk",
    "HANGUL": "fonts-noto-cjk",
    "FULLWIDTH": "fonts-noto-cjk",
    "IDEOGRAPHIC": "fonts-noto-cjk",
}
SYMBOLS_PACKAGE, LETTERS_PACKAGE = "fonts-symbola", "fonts-noto-core"
MAX_LISTED = 8  # letters that an error message lists


def add_default() -> str:
    """Make matplotlib find the default family, and return its name."""
    from font_source_sans_pro import font_files_ttf
    from matplotlib import font_manager

    fonts = font_manager.fontManager
    known = {font.fname for font in fonts.ttflist}
    for path in map(font_files_ttf.__getitem__, FACES):
        if path not in known:
            fonts.addfont(path)
    return DEFAULT


def find_families(preferred: Iterable[str], texts: Iterable[str]) -> list[str]:
    """Return the `preferred` families, followed by the others that the letters of `texts` need.

    Raises UsageError if no installed font has a letter; the message lists such letters and the packages to install.
    """
    chosen = list(preferred)
    missing = {letter for text in texts for letter in replace_invisible(text)} - {" "}
    for name in chosen:
        missing -= _letters(name)
    candidates = _candidates(list(chosen))
    while missing and (name := next(candidates, "")):
        found = missing & _letters(name)
        chosen += [name] if found else []
        missing -= found
    if missing:
        raise UsageError(_missing_message(missing))
    return chosen


def installed_families() -> set[str]:
    """Return the names of all installed font families, including fonts installed since matplotlib's last scan."""
    from matplotlib import font_manager

    fonts = font_manager.fontManager
    known = {font.fname for font in fonts.ttflist}
    for path in font_manager.findSystemFonts():
        if path not in known:
            with suppress(RuntimeError, OSError, ValueError):  # files that are not fonts are skipped
                fonts.addfont(path)
    return {font.name for font in fonts.ttflist}


def _candidates(chosen: list[str]) -> Iterator[str]:
    """Yield other families: matplotlib's own, then all installed ones, the tested ones of FALLBACKS first."""
    tried = {*chosen, MATPLOTLIB}
    if MATPLOTLIB not in chosen:
        yield MATPLOTLIB
    available = installed_families()
    for name in dict.fromkeys([*(name for name in FALLBACKS if name in available), *sorted(available)]):
        if name not in tried and not UNUSABLE.search(name):
            yield name


def _missing_message(missing: set[str]) -> str:
    letters = ", ".join(f"{letter!r} (U+{ord(letter):04X})" for letter in sorted(missing)[:MAX_LISTED])
    more = f" and {len(missing) - MAX_LISTED} more" if len(missing) > MAX_LISTED else ""
    packages = sorted({_package(letter) for letter in missing})
    return (
        f"no installed font has the letters {letters}{more}: install one that has "
        f"(Debian: apt-get install {' '.join(packages)}), or use other names"
    )


def _package(letter: str) -> str:
    name = unicodedata.name(letter, "").split(" ")[0].split("-")[0]
    is_symbol = unicodedata.category(letter) in ("So", "Sm", "Sk")
    return PACKAGES.get(name, SYMBOLS_PACKAGE if is_symbol else LETTERS_PACKAGE)


def _letters(family: str) -> set[str]:
    """Return the letters for which `family` has glyphs; an empty set if it is not installed or cannot be read."""
    path = next((font.fname for font in _entries() if font.name == family), None)
    return _glyphs(path) if path else set()


@lru_cache(maxsize=32)
def _glyphs(path: str) -> set[str]:
    from matplotlib.ft2font import FT2Font

    with suppress(RuntimeError, OSError, ValueError):  # damaged fonts are skipped
        return {chr(code) for code in FT2Font(path).get_charmap()}
    return set()


def _entries() -> list[Any]:
    """Return the fonts that matplotlib lists, upright faces of normal weight first."""
    from matplotlib import font_manager

    return sorted(
        font_manager.fontManager.ttflist, key=lambda font: (font.style != "normal", str(font.weight) != "400")
    )
