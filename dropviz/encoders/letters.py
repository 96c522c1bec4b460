"""Fonts of vector pictures, cut down to their letters, as rules of a style sheet with the fonts inside.

A picture then has the same letters wherever it is shown. Fonts whose licence forbids embedding are left out: viewers
take another one.
"""

import base64
import string
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from io import BytesIO

from dropviz.drawing.scene import Scene

FORBIDDEN = 0x0002 | 0x0100 | 0x0200  # fsType of OS/2: restricted licence, no subsetting, bitmaps only
WEIGHTS = {False: 400, True: 700}
PRINTABLE = string.digits + string.ascii_letters + string.punctuation + " "


def font_faces(scene: Scene, families: Sequence[str], page: Iterable[str] = ()) -> str:
    """Return @font-face rules for the letters of a scene, and for those of texts of the `page` around it.

    families  font families in order of preference; a letter is taken from the first one that has it
    """
    around = set("".join(page))
    rules = []
    for bold, weight in WEIGHTS.items():
        missing = {letter for words, is_bold in _texts(scene) if is_bold == bold for letter in words} | around
        for family in families if missing - {" "} else ():
            data, found = _subset(family, weight, "".join(sorted(missing)))
            missing -= set(found)
            if data:
                source = f"url(data:font/woff;base64,{data})"
                rules.append(f'@font-face{{font-family:"{family}";font-weight:{weight};src:{source}}}')
    return "\n".join(rules)


def _texts(scene: Scene) -> Iterable[tuple[str, bool]]:
    """Yield the words of all marks, and whether they are bold."""
    moving = (mark for marks in scene.moving for mark, _ in marks)
    for mark in (*scene.still, *scene.trail, *moving):
        if mark.words:
            yield mark.words, 'font-weight="bold"' in mark.style


@lru_cache(maxsize=64)
def _subset(family: str, weight: int, letters: str) -> tuple[str, str]:
    """Return a font with those of the `letters` that it has, as WOFF in base64, and these letters.

    The font is empty if it has none of them, is not installed or must not be embedded.
    """
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont
    from matplotlib.font_manager import FontProperties, findfont

    try:
        path = findfont(FontProperties(family=[family], weight=weight), fallback_to_default=False)
    except ValueError:  # not installed
        return "", ""
    number = getattr(path, "face_index", 0)  # in a collection; before 3.11 matplotlib knew its first font only
    with TTFont(path, fontNumber=number, lazy=True, recalcTimestamp=False) as font:
        has = font.getBestCmap()
        found = "".join(letter for letter in letters if ord(letter) in has)
        if not found or font["OS/2"].fsType & FORBIDDEN:
            return "", found
        # Kerning and no ligatures, as in matplotlib; no hints, which screens of today do not need.
        options = Options(hinting=False, notdef_outline=True)
        options.layout_features = options.layout_features if any(map(_is_joined, found)) else ["kern"]
        options.drop_tables += ["FFTM"]  # of FontForge; else a warning is printed that it is dropped
        subsetter = Subsetter(options)
        subsetter.populate(text=found)
        subsetter.subset(font)
        font.flavor = "woff"
        file = BytesIO()
        font.save(file, reorderTables=False)
    return base64.b64encode(file.getvalue()).decode(), found


def _is_joined(letter: str) -> bool:
    """Return whether the shape or the place of a letter depends on those beside it, as in Arabic, or of an accent."""
    return unicodedata.category(letter) in ("Mn", "Mc") or unicodedata.bidirectional(letter) == "AL"
