"""Lines of a user's code: their text, and where modules were made."""

import inspect
import linecache
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import FrameType
from typing import Any

from torch import nn

from dropviz.capture.places import is_user_code

ON_PURPOSE = re.compile(r"#.*\bdropviz:\s*on purpose\b")
CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)
Line = tuple[str, int]


def text_of(line: Line | None) -> str:
    """Return the text of a line, without its comment; "" if the file cannot be read."""
    return linecache.getline(*line).split("#")[0].strip() if line else ""


def is_meant(lines: Iterable[Line]) -> bool:
    """Return whether one of some lines ends with the comment ``# dropviz: on purpose``."""
    return any(ON_PURPOSE.search(linecache.getline(*line)) for line in lines)


@contextmanager
def construction_lines() -> Iterator[dict[nn.Module, Line]]:
    """Return a context manager that notes, for each module made in its block, the line that made it."""
    lines: dict[nn.Module, Line] = {}
    original = nn.Module.__init__

    def noted(module: nn.Module, *args: Any, **kwargs: Any) -> None:
        line = _construction_line(module, sys._getframe(1))  # noqa: SLF001  # the way to the user's line
        original(module, *args, **kwargs)
        if line is not None:
            lines[module] = line

    nn.Module.__init__ = noted  # type: ignore[method-assign, assignment]  # put back below
    try:
        yield lines
    finally:
        nn.Module.__init__ = original  # type: ignore[method-assign]


def _construction_line(module: nn.Module, frame: FrameType | None) -> Line | None:
    while frame is not None:
        code = frame.f_code
        own = code.co_name == "__init__" and frame.f_locals.get(code.co_varnames[0]) is module
        if not own and is_user_code(code.co_filename):
            return code.co_filename, frame.f_lineno
        frame = frame.f_back
    return None


class ModuleLines:
    """Lines that made the modules of a model.

    noted  lines of modules, from `construction_lines`; others are looked for in the code of the class around them
    """

    def __init__(self, model: nn.Module, noted: dict[nn.Module, Line] | None = None) -> None:
        self._parts = dict(model.named_modules())
        self._paths = {module: path for path, module in self._parts.items()}
        self._noted = noted or {}
        linecache.checkcache()

    def of(self, module: nn.Module) -> Line | None:
        """Return the line that made a module; None if it is not known."""
        if module in self._noted:
            return self._noted[module]
        for name, file, number, text in self._code_around(module):
            if re.search(rf"\bself\.{re.escape(name)}\b[^=]*=[^=]", text):
                return file, number
        return None

    def is_meant(self, module: nn.Module) -> bool:
        """Return whether the line that made a module ends with the comment ``# dropviz: on purpose``."""
        line = self.of(module)
        return line is not None and is_meant([line])

    def parent(self, module: nn.Module) -> nn.Module | None:
        """Return the module around a module that is no container such as Sequential; None if there is none."""
        around = (parent for parent, _ in self._around(module))
        return next((parent for parent in around if not isinstance(parent, CONTAINERS)), None)

    def is_of_library(self, module: nn.Module) -> bool:
        """Return whether a module is part of a model of an installed package, whose code is not the user's."""
        parent = self.parent(module)
        file = getattr(sys.modules.get(type(parent).__module__), "__file__", None) if parent is not None else None
        return "-packages" in (file or "")

    def has_attribute_read(self, module: nn.Module) -> bool:
        """Return whether the code of the classes around a module reads its drop probability, as in ``self.drop.p``."""
        return any(
            re.search(rf"\b{re.escape(name)}\.(p|drop_prob)\b", text) for name, *_, text in self._code_around(module)
        )

    def _code_around(self, module: nn.Module) -> Iterator[tuple[str, str, int, str]]:
        """Yield the lines of the classes around a module: the name of its part there, file, number and text."""
        for parent, name in self._around(module):
            lines = _source(type(parent))  # type: ignore[arg-type]  # a class can be hashed
            yield from ((name, *line) for line in lines)

    def _around(self, module: nn.Module) -> Iterator[tuple[nn.Module, str]]:
        """Yield the modules around a module from the innermost, each with the name of its part."""
        path = self._paths.get(module, "")
        while path:
            above, _, name = path.rpartition(".")
            yield self._parts[above], name
            path = above


@lru_cache(maxsize=256)
def _source(kind: type) -> list[tuple[str, int, str]]:
    """Return file, number and text of each line of a class of the user and of those that it inherits from."""
    found = []
    for each in kind.__mro__:
        try:
            file = inspect.getsourcefile(each)
            lines, start = inspect.getsourcelines(each) if file and is_user_code(file) else ([], 0)
        except (OSError, TypeError):
            continue
        found += [(str(file), start + number, text) for number, text in enumerate(lines)]
    return found
