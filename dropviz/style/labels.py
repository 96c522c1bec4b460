"""Texts of pictures in each language, and the fonts to draw them with."""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from dropviz._util.text import isolate
from dropviz.errors import UsageError, one_of
from dropviz.style.fonts import CHINESE, add_default, find_families, installed_families

LANGUAGES = ("en", "zh")
FOLDER = Path(__file__).parent / "locales"
SCIENTIFIC = 1e7  # from this size on, numbers have an exponent
WHOLE = 1e3  # from this size on, decimals of a picture's numbers say nothing
NAMES = "names.toml"  # translations of names; all other files hold the texts of pictures


@cache
def words() -> dict[str, dict[str, str]]:
    """Return the texts of each language by key, from all files in the folder `locales`."""
    result: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
    for file in FOLDER.iterdir():
        if file.suffix == ".toml" and file.name != NAMES:
            for language, entries in tomllib.loads(file.read_text(encoding="utf-8")).items():
                result[language] |= entries
    return result


@cache
def names() -> dict[str, dict[str, str]]:
    """Return, for each language, translations of the names in built-in experiments, by regular expression."""
    return tomllib.loads((FOLDER / NAMES).read_text(encoding="utf-8"))


class Labels:
    """Texts of one language. Raises UsageError if the language is unknown.

    >>> Labels("en")("iteration now", now=3, last=10)
    'iteration 3 of 10'
    """

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise UsageError(one_of("language", language, LANGUAGES))
        self.language = language
        self._fonts: list[str] = []

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of `key`, formatted with `values`. Raises KeyError if there is no such text."""
        return words()[self.language][key].format(**values)

    def name(self, name: str) -> str:
        """Return the translation of the name of an arm, a class or a data set, or `name` if it has none.

        A name from right to left is in isolates.
        """
        for pattern, translation in names().get(self.language, {}).items():
            if match := re.fullmatch(pattern, name):
                return match.expand(translation)
        return isolate(name)

    @property
    def fonts(self) -> list[str]:
        """Font families in order of preference, for matplotlib's `fontfamily`."""
        if not self._fonts:
            self._fonts = self.find_fonts()
        return self._fonts

    def add_fonts_for(self, names: Iterable[str]) -> None:
        """Add the families that the letters of `names`, once translated, need.

        Raises UsageError if no installed font has one of the letters.
        """
        self._fonts = find_families(self.fonts, [self.name(name) for name in names])

    def find_fonts(self) -> list[str]:
        """Return the installed families of the language. Raises UsageError if there is none."""
        default = add_default()
        if self.language == "en":
            return [default]
        available = installed_families()
        found = [name for name in CHINESE if name in available]
        if not found:
            raise UsageError(
                f"no font for language {self.language!r} is installed: install one of {', '.join(CHINESE)} "
                "(Debian: apt-get install fonts-noto-cjk), or draw with --lang en"
            )
        return [default, *found]


def decimal(value: float) -> str:
    """Return a number with two decimals; without them from 1,000 on, and with an exponent from SCIENTIFIC on.

    >>> decimal(0.5), decimal(4044.93), decimal(9.1e21)
    ('0.50', '4,045', '9.10e+21')
    """
    if abs(value) >= SCIENTIFIC:
        return f"{value:.2e}"
    return f"{value:,.0f}" if abs(value) >= WHOLE else f"{value:.2f}"


def percent(share: float, digits: int = 1) -> str:
    """Return a share from 0 to 1 as a percentage with `digits` decimals.

    >>> percent(0.123)
    '12.3%'
    """
    return f"{100 * share:.{digits}f}%"
