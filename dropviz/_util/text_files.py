"""Text files as editors and shells write them."""

import codecs
from pathlib import Path

# Longer marks first: that of UTF-32 begins with that of UTF-16.
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# Without a mark, which of the first four bytes are 0 (RFC 4627, section 3): these texts begin with letters of ASCII.
ZEROS: dict[tuple[bool, ...], str] = {
    (False, True, True, True): "utf-32-le",
    (True, True, True, False): "utf-32-be",
    (False, True, False, True): "utf-16-le",
    (True, False, True, False): "utf-16-be",
}


def read_text(path: Path, errors: str = "strict") -> str:
    """Return the text of a file in UTF-8, or in the encoding that its byte order mark or its first letters show.

    Windows PowerShell writes UTF-16, other editors of Windows a mark before UTF-8. Raises OSError if the file cannot be
    read, and UnicodeDecodeError if it is in another encoding, unless `errors` is another of Python's error handlers.
    """
    return decode(path.read_bytes(), errors)


def decode(data: bytes, errors: str = "strict") -> str:
    r"""Return the text of the bytes of a file; see `read_text`.

    >>> decode("a = 1".encode("utf-16")), decode("a = 1".encode("utf-16-le")), decode(b"\xef\xbb\xbfa = 1")
    ('a = 1', 'a = 1', 'a = 1')
    """
    unmarked = ZEROS.get(tuple(byte == 0 for byte in data[:4]), "utf-8")
    encoding = next((name for mark, name in MARKS.items() if data.startswith(mark)), unmarked)
    return data.decode(encoding, errors).lstrip("\ufeff")  # joined files may have two marks
