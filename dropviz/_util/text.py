"""Text made safe for where it goes: a picture, a file, a page, Markdown, LaTeX, PDF."""

import html
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# Unicode categories of characters that break a line, are invisible, or change the order of the characters around them.
INVISIBLE = ("Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp")
# Marks around words of another direction, so that they do not change the order of the words around them (UAX #9).
ISOLATE, END_ISOLATE = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
ISOLATED = re.compile("(\u2068[^\u2066-\u2069]*\u2069)")
LINE_BREAKS = "\t\n\r\x0b\x0c\x85\u2028\u2029"
# Control characters, surrogates and noncharacters, which neither XML nor HTML may hold.
NOT_IN_MARKUP = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Any punctuation stands for itself behind a backslash (Pandoc's manual, "Backslash escapes"). These must have one:
# wherever they are, where two would be joined to a dash, an ellipsis or a div, and where they would begin a list.
QUARTO_SIGNS = re.compile(r"""([\\`*_{}\[\]<>#~^$&"'@|])""")
QUARTO_JOINED = re.compile(r"([-.:])(?=\1)")
QUARTO_START = re.compile(r"^(\(?\w*)([-+:%=.)])")
TEX_IN_PDF = re.compile(r"([\\{}%#~()])")
TEX_SPECIAL = {
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
    "\N{MINUS SIGN}": r"\textminus{}",
    REPLACEMENT: "?",
    ISOLATE: "",
    END_ISOLATE: "",
}
# Letters of Latin-1 and Latin Extended-A that the T1 encoding has, and signs that textcomp has.
TEX_LETTERS = {chr(code) for code in range(0xA1, 0x180)} - set("ĦħĸĿŀŉŦŧſ\xad") | set(
    "\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u2022\u20ac\u2122"
)
TEX_JOINED = re.compile(r"([-,])(?=\1)")  # two in a row would be a dash, or a quotation mark
TEX_LONG_WORD = 12  # characters after which a word may be broken anywhere


def replace_invisible(text: str) -> str:
    """Replace each character that cannot be seen, such as NUL or a direction mark, by U+FFFD; leave out isolates."""
    if text.isascii() and text.isprintable():
        return text
    text = text.replace(ISOLATE, "").replace(END_ISOLATE, "")
    return "".join(REPLACEMENT if unicodedata.category(letter) in INVISIBLE else letter for letter in text)


def replace_unsafe(text: str) -> str:
    """Make `text` safe for any text file, on one line.

    Control characters, surrogates, noncharacters and marks that turn the direction of a sentence become U+FFFD; line
    breaks and tabs become spaces. Isolates that are closed turn nothing outside of them, and stay.
    """
    return "".join(
        f"{ISOLATE}{_replace_unsafe(part[1:-1])}{END_ISOLATE}" if ISOLATED.fullmatch(part) else _replace_unsafe(part)
        for part in ISOLATED.split(text)
    )


def _replace_unsafe(text: str) -> str:
    return "".join(map(_replace_unsafe_letter, text))


def _replace_unsafe_letter(letter: str) -> str:
    if letter in LINE_BREAKS:
        return " "
    turning = "\u202a" <= letter <= "\u202e" or "\u2066" <= letter <= "\u2069"
    noncharacter = (ord(letter) & 0xFFFE) == 0xFFFE or 0xFDD0 <= ord(letter) <= 0xFDEF
    return REPLACEMENT if turning or noncharacter or unicodedata.category(letter) in ("Cc", "Cs") else letter


def isolate(name: str) -> str:
    r"""Return a name with letters that run from right to left in isolates, so that numbers beside it stay in order.

    >>> isolate("dropout"), ascii(isolate("נשירה"))
    ('dropout', "'\\u2068\\u05e0\\u05e9\\u05d9\\u05e8\\u05d4\\u2069'")
    """
    if not any(map(is_right_to_left, name)):
        return name
    return ISOLATE + re.sub("[\u2066-\u2069]", REPLACEMENT, name) + END_ISOLATE


def is_right_to_left(letter: str) -> bool:
    """Return whether a letter is of a script that runs from right to left."""
    return unicodedata.bidirectional(letter) in ("R", "AL")


def find_alike(names: Iterable[str]) -> tuple[str, str] | None:
    """Return the first two names that cannot be told apart when they are drawn; None if all can.

    >>> find_alike(["dropout", "Dropout"]), find_alike(["dropout", "dropout "])
    (None, ('dropout', 'dropout '))
    """
    seen: dict[str, str] = {}
    for name in names:
        drawn = unicodedata.normalize("NFC", " ".join(replace_invisible(name).split()))
        if seen.setdefault(drawn, name) != name:
            return seen[drawn], name
    return None


def json_line(value: object) -> str:
    r"""Return `value` as JSON on one line, with what a terminal might follow or cannot encode written as \uXXXX.

    >>> json_line({"name": "暂退 \x9b31m\ud800"})
    '{"name": "暂退 \\u009b31m\\ud800"}'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return "".join(each if each.isprintable() else json.dumps(each)[1:-1] for each in text)


def remove_control_characters(text: str) -> str:
    """Remove control characters and surrogates."""
    return "".join(letter for letter in text if unicodedata.category(letter) not in ("Cc", "Cs"))


def collapse_whitespace(text: str) -> str:
    r"""Put `text` on one line with single spaces, without control characters.

    >>> collapse_whitespace("two\nlines ")
    'two lines'
    """
    spaced = (" " if letter.isspace() else letter for letter in text)
    return " ".join("".join(letter for letter in spaced if letter >= " " and letter != "\x7f").split())


def slug(text: str) -> str:
    """Return `text` as a part of a file name: letters, digits, dots and hyphens; "" if it has none.

    >>> slug("Dropout 0.5")
    'dropout-0.5'
    """
    return re.sub(r"[^\w.]+", "-", text.lower()).strip("-")


def quote_path(path: str) -> str:
    """Return a path on one line: as it is, or as a Python string where it has characters that a line cannot hold."""
    return path if path.isprintable() else repr(path)


def escape_markup(text: str) -> str:
    """Escape `text` for the content and the attributes of XML and HTML; what these may not hold becomes U+FFFD."""
    return html.escape(NOT_IN_MARKUP.sub(REPLACEMENT, text))


def escape_markup_line(text: str) -> str:
    """Escape `text` as `escape_markup` does, with line breaks and tabs too replaced by U+FFFD."""
    return escape_markup(re.sub("[\t\n\r]", REPLACEMENT, text))


def escape_markdown(text: str) -> str:
    """Escape each character that has a meaning in Markdown or its dialects (math, strikethrough, tables)."""
    return re.sub(r"([\\`*_\[\]<>&~$|])", r"\\\1", text)


def escape_quarto(text: str) -> str:
    """Escape `text` for Quarto's Markdown: no emphasis, link, TeX, shortcode, list or div begins in it."""
    return QUARTO_START.sub(r"\1\\\2", QUARTO_JOINED.sub(r"\\\1", QUARTO_SIGNS.sub(r"\\\1", text)))


def escape_pdf_string(text: str) -> str:
    r"""Escape `text` for a string inside a PDF that TeX writes.

    ``\string`` makes a backslash a character, and PDF ignores one before a character that needs none: so it protects
    what has a meaning in TeX or PDF. Other than ASCII is written as a string of UTF-16, each byte in octal.
    """
    if text.isascii():
        return TEX_IN_PDF.sub(r"\\string\\\1", text)
    return "".join(rf"\string\{byte:03o}" for byte in b"\xfe\xff" + text.encode("utf-16-be", "replace"))


class TexEscaper:
    """Escape text for pdflatex, and transliterate letters that its fonts lack.

    changed  the letters that were transliterated, with what was written instead
    """

    def __init__(self) -> None:
        self.changed: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        """Return `text` as TeX."""
        return " ".join(self._escape_word(word) for word in self._transliterate(text).split())

    def plain(self, text: str) -> str:
        """Return `text` as plain letters, for a string inside a PDF, which has neither accents nor macros."""
        from anyascii import anyascii

        letters = re.sub(r"[^\x20-\x7e]", "?", anyascii(text)).replace("%", " percent")
        return re.sub(r"[\\{}$&#^~_<>()\[\]\"]", " ", letters)

    def _transliterate(self, text: str) -> str:
        return "".join(self._letter(letter) for letter in text)

    def _letter(self, letter: str) -> str:
        if letter.isascii() or letter in TEX_LETTERS or letter in TEX_SPECIAL:
            return letter
        from anyascii import anyascii

        written = anyascii(letter) or "?"
        self.changed[letter] = written
        return written

    def _escape_word(self, word: str) -> str:
        return TEX_JOINED.sub(r"\1{}", "".join(self._parts(word)))

    def _parts(self, word: str) -> Iterator[str]:
        for place, letter in enumerate(word):
            if place >= TEX_LONG_WORD and len(word) > TEX_LONG_WORD:
                yield r"\allowbreak{}"
            yield TEX_SPECIAL.get(letter, letter)
