"""Names of arms that have no room, cut in the middle so that no two of them become alike."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import product

ELLIPSIS = "…"
LONGEST = 80  # letters of a name that is tried whole
LEAST = 5  # letters of a name that is cut, the ellipsis among them


@lru_cache(maxsize=512)
def shorten_names(names: tuple[str, ...], length: int) -> dict[str, str]:
    """Return each name in up to `length` letters, by name: what its beginning and its end leave room for.

    Names that would be alike keep the part in which they differ, if there is a length and a place at which all do;
    otherwise they are numbered.

    >>> shorten_names(("dropout of everything 0.1", "dropout of everything 0.2"), 12)
    {'dropout of everything 0.1': 'dropou…g 0.1', 'dropout of everything 0.2': 'dropou…g 0.2'}
    """
    every = list(dict.fromkeys(names))
    middle = length // 2
    heads = sorted(range(length), key=lambda head: abs(head - middle))
    for start, head in product((False, True), heads):
        long = [name for name in every if len(name) > length]
        short = [_cut(name, length, head, _differs(long) if start else 0) for name in every]
        if len(set(short)) == len(every):
            return dict(zip(every, short, strict=True))
    numbered = {name: f"{_cut(name, max(length - 4, 2), 1, 0)} #{number}" for number, name in enumerate(every, 1)}
    return {name: name if len(name) <= length else numbered[name] for name in every}


def _cut(name: str, length: int, head: int, start: int) -> str:
    """Return the letters of a name from `start` on, with an ellipsis behind the first `head` of them."""
    if len(name) <= length:
        return name
    if start:
        return f"{ELLIPSIS}{name[start : start + length - 2]}{ELLIPSIS}"
    tail = length - 1 - head
    return f"{name[:head].rstrip()}{ELLIPSIS}{name[len(name) - tail :].lstrip() if tail else ''}"


def _differs(names: Sequence[str]) -> int:
    """Return the place of the first letter in which two names differ."""
    return next((i for i, letters in enumerate(zip(*names, strict=False)) if len(set(letters)) > 1), 0)
