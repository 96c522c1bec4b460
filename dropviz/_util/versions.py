"""Versions of installed packages against those that dropviz needs."""

from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement


def find_outdated() -> str:
    """Return which installed packages are older than dropviz needs, and what to do; "" if none is.

    Installers let that happen, with a warning at most, where another package is installed later.
    """
    old = [need for need in _needs() if (found := _version(need.name)) and not need.specifier.contains(found, True)]
    if not old:
        return ""
    names = ", ".join(f"{need.name} {_version(need.name)}" for need in old)
    needed = " ".join(f"'{need.name}{need.specifier}'" for need in old)
    return f"{names} {'is' if len(old) == 1 else 'are'} too old: pip install {needed}"


def _needs() -> list[Requirement]:
    """Return what dropviz needs without any extra; nothing if it is a folder of source code that is not installed."""
    try:
        needs = [Requirement(line) for line in requires("dropviz") or []]
    except PackageNotFoundError:
        return []
    return [need for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
