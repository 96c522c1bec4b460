"""The words on pictures, by language."""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from dropviz.errors import UsageError, one_of
from dropviz.style.fonts import CHINESE, OWN, families, installed

LANGUAGES = ("en", "zh")
FOLDER = Path(__file__).parent / "locales"
NAMES = "names.toml"  # the one file that holds names, not words
FONTS: dict[str, tuple[str, ...]] = {"en": (OWN,), "zh": CHINESE}


@cache
def words() -> dict[str, dict[str, str]]:
    """The words of each language by key, from all files of the folder `locales`: a new chart brings a file of its own."""
    found: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
    for file in FOLDER.iterdir():
        if file.suffix == ".toml" and file.name != NAMES:
            for language, entries in tomllib.loads(file.read_text(encoding="utf-8")).items():
                found[language] |= entries
    return found


@cache
def names() -> dict[str, dict[str, str]]:
    """For each language, patterns of names that experiments come with, and what these are called."""
    return tomllib.loads((FOLDER / NAMES).read_text(encoding="utf-8"))


class Labels:
    """The words of one language: `labels("iteration now", now=3, last=10)`."""

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise UsageError(one_of("language", language, LANGUAGES))
        self.language = language
        self._fonts: list[str] = []

    def __call__(self, key: str, **values: object) -> str:
        """The words of `key`, with `values` put in."""
        return words()[self.language][key].format(**values)

    def name(self, name: str) -> str:
        """What an arm, a class or a data set is called: names that experiments come with are translated."""
        for pattern, called in names().get(self.language, {}).items():
            if match := re.fullmatch(pattern, name):
                return match.expand(called)
        return name

    @property
    def fonts(self) -> list[str]:
        """Font families to draw with, the best first."""
        if not self._fonts:
            self._fonts = self.find_fonts()
        return self._fonts

    def check(self, names: Iterable[str]) -> None:
        """See to it that `names`, as they are called, can be drawn; UsageError that says which letters cannot."""
        self._fonts = families(self.fonts, [self.name(name) for name in names])

    def find_fonts(self) -> list[str]:
        """Look for the families; UsageError if none that has the glyphs of the language is installed."""
        wanted = FONTS[self.language]
        if self.language == "en":
            return list(wanted)
        there = installed()
        found = [name for name in wanted if name in there]
        if not found:
            raise UsageError(
                f"no font for language {self.language!r} is installed: install one of {', '.join(wanted)} "
                "(Debian: apt-get install fonts-noto-cjk), or draw with --lang en"
            )
        return [OWN, *found]  # figures in the wider one: at 6 pixels, a decimal point must still be seen


def percent(share: float, digits: int = 1) -> str:
    """A share from 0 to 1 as a percentage."""
    return f"{100 * share:.{digits}f}%"
