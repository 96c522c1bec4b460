"""Names of numbered files: %d, or %03d and the like, is the place of the number, and %% is a percent sign."""

import os
import re
from pathlib import Path

from dropviz._util.paths import user_path
from dropviz.errors import UsageError

# A letter behind it makes it a part of a word, such as the name 50%dropout.png.
PIECES = re.compile(r"%%|%(0[1-9])?d(?![A-Za-z])")
# Other forms of C and Python, such as %5d, %i, %s, %1$d and %(n)d.
OTHER_FORMS = re.compile(r"%(\d+\$|\(\w*\))?[-+ #0-9.*]*[A-Za-z]")


def output_path(path: str | Path) -> Path:
    """Return the path of a file to write, or the pattern of numbered files; in a path, %% becomes a percent sign.

    Raises UsageError for other forms of a number, for more than one, and for one in the name of a new folder.

    >>> output_path("100%%.gif").name, output_path("100%.gif").name, output_path("f-%03d.png").name
    ('100%.gif', '100%.gif', 'f-%03d.png')
    """
    path = user_path(path)
    if any(map(_numbers, path.parent.parts)) and not os.path.isdir(path.parent):
        raise UsageError(
            f"cannot write {str(path)!r}: the number of a frame must be in the file's name, not a folder's"
        )
    if "%" not in path.name:
        return path
    numbers = _numbers(path.name)
    plain = path.with_name(path.name.replace("%%", "%"))
    if len(numbers) > 1 or OTHER_FORMS.search(PIECES.sub("_", path.stem)) or (not numbers and is_numbered(plain)):
        raise UsageError(
            f"cannot write {str(path)!r}: write %% for a percent sign, and once %d, or %04d for 4 digits, for the "
            "number of a frame, with no letter after it"
        )
    return path if numbers else plain


def single_path(path: str | Path) -> Path:
    """Return the path of a file to write that has no frames, by the same rule: a number in it is refused too.

    >>> single_path("100%%.html").name
    '100%.html'
    """
    written = output_path(path)
    if is_numbered(written):
        raise UsageError(f"cannot write {str(path)!r}: it is one file, without a number: write %% for a percent sign")
    return written


def is_numbered(path: Path) -> bool:
    """Return whether the name of `path` holds a place for a number."""
    return bool(_numbers(path.name))


def numbered(name: str, number: int) -> str:
    """Return the name of the file `number` of the pattern `name`.

    >>> numbered("f-%03d.png", 7), numbered("50%%-%d.png", 7)
    ('f-007.png', '50%-7.png')
    """
    before, digits, after = split_name(name)
    return f"{before}{number:0{digits}d}{after}"


def split_name(name: str) -> tuple[str, int, str]:
    """Return the part of a pattern before its number, the minimum number of digits, and the part after it."""
    *_, place = _numbers(name)
    before, after = (part.replace("%%", "%") for part in (name[: place.start()], name[place.end() :]))
    return before, int(place[1] or 0), after


def numbers_of(pattern: Path) -> list[int]:
    """Return the numbers of the files of `pattern` that exist, in order."""
    before, _digits, after = split_name(pattern.name)
    name = re.compile(f"{re.escape(before)}([0-9]{{1,9}}){re.escape(after)}")
    matches = [name.fullmatch(each.name) for each in pattern.parent.iterdir()]
    return sorted(int(match[1]) for match in matches if match and match[0] == numbered(pattern.name, int(match[1])))


def beside(path: Path, suffix: str) -> Path:
    """Return the path of a file that belongs to the picture `path`, in the same folder.

    >>> beside(Path("a.gif"), ".txt").name, beside(Path("f-%d.png"), "-still.png").name
    ('a.txt', 'f-still.png')
    """
    if not is_numbered(path):
        return path.with_name(path.stem + suffix)
    before, _digits, after = split_name(path.stem)
    return path.with_name((before.removesuffix("-") + after or "frames") + suffix)


def _numbers(name: str) -> list[re.Match[str]]:
    return [piece for piece in PIECES.finditer(name) if piece[0] != "%%"]
