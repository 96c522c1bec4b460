"""Tables of things that users choose by name: a line of help each, and where the code is, imported only when used."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class Entry:
    """`home` is "module:name"."""

    help: str
    home: str

    def load(self) -> Any:
        """Import the module and return what it calls by that name."""
        module, name = self.home.split(":")
        return getattr(import_module(module), name)
