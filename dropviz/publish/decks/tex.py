"""Words for pdflatex: letters that TeX would obey are escaped, those that its fonts lack are written in Latin ones."""

import re
from collections.abc import Iterator

SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "\N{REPLACEMENT CHARACTER}": "?",
}
# Letters of Latin-1 and Latin Extended-A that the T1 encoding has, and signs that textcomp has.
KNOWN = {chr(code) for code in range(0xA1, 0x180)} - set("ĦħĸĿŀŉŦŧſ\xad") | set(
    "\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u2022\u20ac\u2122"
)
JOINED = re.compile(r"([-,])(?=\1)")  # two in a row would be a dash, or a quotation mark
LONG = 12  # letters without a space, after which a word may be broken anywhere


class TexEscaper:
    """Escapes words, and remembers what it had to write otherwise."""

    def __init__(self) -> None:
        self.changed: dict[str, str] = {}

    def __call__(self, words: str) -> str:
        """`words` as TeX."""
        return " ".join(self._word(word) for word in self._latin(words).split())

    def plain(self, words: str) -> str:
        """`words` as a string inside a PDF, which knows neither accents nor macros: plain letters."""
        from anyascii import anyascii

        text = re.sub(r"[^\x20-\x7e]", "?", anyascii(words)).replace("%", " percent")
        return re.sub(r"[\\{}$&#^~_<>()\[\]\"]", " ", text)

    def _latin(self, words: str) -> str:
        return "".join(self._letter(letter) for letter in words)

    def _letter(self, letter: str) -> str:
        if letter.isascii() or letter in KNOWN or letter in SPECIAL:
            return letter
        from anyascii import anyascii

        written = anyascii(letter) or "?"
        self.changed[letter] = written
        return written

    def _word(self, word: str) -> str:
        return JOINED.sub(r"\1{}", "".join(self._parts(word)))

    def _parts(self, word: str) -> Iterator[str]:
        for place, letter in enumerate(word):
            if place >= LONG and len(word) > LONG:
                yield r"\allowbreak{}"
            yield SPECIAL.get(letter, letter)
