"""Versions of installed packages against those that dropviz needs."""

import re
from importlib.metadata import PackageNotFoundError, requires, version

LOWER_BOUND = re.compile(r"([\w.-]+)>=([\d.]+?)(?:\.0)*")  # of a package that no extra names


def find_outdated(package: str = "dropviz") -> str:
    """Return which installed packages are older than `package` needs, and what to do; "" if none is.

    Installers let that happen, with a warning at most, where another package is installed later.
    """
    matches = [match for line in _requires(package) if (match := LOWER_BOUND.fullmatch(line))]
    there = [(match, _version(match[1])) for match in matches]
    old = [(match, found) for match, found in there if found and _is_below(found, match[2])]
    names = ", ".join(f"{match[1]} {found}" for match, found in old)
    needed = " ".join(f"'{match[0]}'" for match, _found in old)
    return f"{names} {'is' if len(old) == 1 else 'are'} too old: pip install {needed}" if old else ""


def _requires(package: str) -> list[str]:
    try:
        return requires(package) or []
    except PackageNotFoundError:  # a folder of source code that is not installed
        return []


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _is_below(found: str, least: str) -> bool:
    """Return whether a version is below another, by the numbers before any letter."""
    numbers = [[int(part) for part in re.findall(r"\d+", re.split(r"[a-z+]", each)[0])] for each in (found, least)]
    return numbers[0] < numbers[1]
