"""Appearance of pictures: themes, fonts, and texts in each language.

In: the name of a theme or the path of its file; a language. Out: a Theme, and Labels with the fonts to draw them.
"""

from dropviz.style.labels import LANGUAGES, Labels, percent
from dropviz.style.theme import LARGE_TYPE, THEMES, ArmStyle, Strokes, Theme, blend, contrast, find_theme, rgb
from dropviz.style.theme_file import choose_theme, to_toml

__all__ = [
    "LANGUAGES",
    "LARGE_TYPE",
    "THEMES",
    "ArmStyle",
    "Labels",
    "Strokes",
    "Theme",
    "blend",
    "choose_theme",
    "contrast",
    "find_theme",
    "percent",
    "rgb",
    "to_toml",
]
