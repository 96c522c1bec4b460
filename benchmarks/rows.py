"""Rows of the table of results."""

from typing import Any

Rows = list[dict[str, Any]]


def row(what: str, value: str, target: str = "") -> dict[str, str]:
    """Return a line of the table."""
    return {"what": what, "value": value, "target": target}
