"""Tables of objects that users select by name; the code of an entry is imported when it is first used."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One line of help, and the location of the object as "module:name".

    >>> Entry("square root", "math:sqrt").load()(16)
    4.0
    """

    help: str
    location: str

    def load(self) -> Any:
        """Import the module and return the object. Raises ImportError or AttributeError if it does not exist."""
        module, name = self.location.split(":")
        return getattr(import_module(module), name)
