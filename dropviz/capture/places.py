"""Places in a model: the modules that run, and the lines of code that run them."""

import os
import sys
import sysconfig
import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from torch import nn
from torch.utils.hooks import RemovableHandle

STDLIB = sysconfig.get_paths()["stdlib"]
LIBRARIES = (f"{Path(torch.__file__).parent}{os.sep}", f"{Path(__file__).parents[1]}{os.sep}")
CALL = nn.Module._call_impl.__code__  # noqa: SLF001  # its frames are where one module calls another


@dataclass(frozen=True)
class Place:
    """Place of an operation.

    path    qualified name of the innermost module that ran; "" for the model itself
    module  that module
    lines   (file, line) of the code of the user, from the operation outwards to the first method of a module
    """

    path: str
    module: nn.Module
    lines: tuple[tuple[str, int], ...] = ()

    @property
    def name(self) -> str:
        """Path of the module; of the model itself, its class."""
        return self.path or type(self.module).__name__

    @property
    def file(self) -> str:
        """Name of the file of the line in that method, without its folder; "" if there is none."""
        return Path(self.lines[-1][0]).name if self.lines else ""

    @property
    def line(self) -> int:
        """Line in that method; 0 if there is none."""
        return self.lines[-1][1] if self.lines else 0


@dataclass(eq=False)
class Running:
    """A module that runs, and whether noise was drawn or applied in it since it began."""

    module: nn.Module
    path: str
    draws: int = 0


class Hook:
    """A hook of a module. In a deep copy or a pickled copy of the module it is a function that does nothing."""

    def __init__(self, call: Callable[..., None]) -> None:
        self.call = call

    def __call__(self, *args: Any) -> None:
        """Call the function, except while torch.compile reads the model."""
        if not torch.compiler.is_compiling():
            self.call(*args)

    def __reduce__(self) -> Any:
        return getattr, (nullcontext(), "__exit__")


class ModuleStack:
    """Stack of the modules of a model that are running, from the outermost to the innermost.

    begin  function that is called with the outermost module and its arguments before it runs
    end    function that is called after it ran, with True if it raised no error
    leave  function that is called when each module has run, with its entry, its arguments and its output
    """

    def __init__(
        self,
        model: nn.Module,
        begin: Callable[[nn.Module, Any, Any], None],
        end: Callable[[bool], None],
        leave: Callable[[Running, Any, Any], None],
    ) -> None:
        self.model = model
        self.paths = {module: name.replace("_orig_mod.", "") for name, module in model.named_modules()}
        self._running: list[Running] = []
        self._begin, self._end, self._leave = begin, end, leave
        self._thread = 0
        self.is_crossed = False  # True after two threads ran the model at once
        enter, exit_ = Hook(self._on_enter), Hook(self._on_exit)
        self._hooks: list[RemovableHandle] = []
        for module in self.paths:
            if isinstance(module, torch.jit.ScriptModule):  # takes no hooks: what it draws is that of the module around
                continue
            self._hooks.append(module.register_forward_pre_hook(enter, with_kwargs=True))
            self._hooks.append(module.register_forward_hook(exit_, with_kwargs=True, always_call=True))

    def _on_enter(self, module: nn.Module, args: Any, kwargs: Any) -> None:
        if self._running and threading.get_ident() != self._thread:
            self.is_crossed = True
            return
        if not self._running:
            self._thread = threading.get_ident()
            self._begin(module, args, kwargs)
        self._running.append(Running(module, self.paths.get(module, "")))

    def _on_exit(self, module: nn.Module, args: Any, kwargs: Any, output: Any) -> None:
        if threading.get_ident() != self._thread:
            return
        # A module whose pass raised an error may not have been left: entries above this one are dropped.
        position = next((k for k in reversed(range(len(self._running))) if self._running[k].module is module), None)
        if position is None:
            return
        del self._running[position + 1 :]
        if output is not None:
            self._leave(self._running[position], (*args, *kwargs.values()), output)
        self._running.pop()
        if not self._running:
            # A checkpointed module that runs once more stops early, by an error.
            self._end(output is not None or in_backward())

    def __len__(self) -> int:
        return len(self._running)

    @property
    def innermost(self) -> Running | None:
        """Entry of the innermost running module; None between passes."""
        return self._running[-1] if self._running else None

    def ancestors(self) -> list[nn.Module]:
        """Return the running modules, from the innermost outwards."""
        return [running.module for running in reversed(self._running)]

    def place(self) -> Place:
        """Return the place of the operation that runs now."""
        running = self.innermost
        lines = tuple(_lines(sys._getframe(1), len(self._running)))  # noqa: SLF001  # the way to the user's line
        return Place(running.path, running.module, lines) if running else Place("", self.model, lines)

    def keep_outermost_hooks(self) -> None:
        """Remove the hooks from all modules but the model itself."""
        for hook in self._hooks[2:]:
            hook.remove()
        del self._hooks[2:]

    def close(self) -> None:
        """Remove the hooks from the model."""
        for hook in self._hooks:
            hook.remove()
        self._hooks, self._running = [], []


def in_backward() -> bool:
    """Return whether autograd runs a backward pass now."""
    return bool(torch._C._current_graph_task_id() != -1)  # noqa: SLF001  # torch has no public name for it


def _lines(frame: FrameType | None, modules: int) -> list[tuple[str, int]]:
    """Return the user's lines from the operation outwards to the first method of a module, within the model."""
    lines: list[tuple[str, int]] = []
    while frame is not None:
        if frame.f_code is CALL:
            modules -= 1
            if lines or not modules:
                break
        elif is_user_code(frame.f_code.co_filename):
            lines.append((frame.f_code.co_filename, frame.f_lineno))
            first = frame.f_code.co_varnames[:1]
            if first and isinstance(frame.f_locals.get(first[0]), nn.Module):
                break
        frame = frame.f_back
    return lines


def is_user_code(file: str) -> bool:
    """Return whether a file is code of a user: neither of torch, of dropviz, nor of Python's own library."""
    if file.startswith(LIBRARIES) or file.startswith("<frozen"):
        return False
    return not file.startswith(STDLIB) or "-packages" in file
