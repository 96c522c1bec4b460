"""Functions and classes from a user's file."""

import importlib.util
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.machinery import PathFinder, SourceFileLoader
from pathlib import Path
from traceback import walk_tb
from typing import Any

from dropviz._util.paths import user_path
from dropviz.errors import DependencyError, DropvizError, PlotError, UsageError, reason

NEEDED = ("gif", "matplotlib", "numpy", "PIL", "torch", "torchvision")  # packages that dropviz imports later


def load_plot(text: str) -> Callable[..., Any]:
    """Return the function that --plot names."""
    return load_function(text, "plot", "my_plots.py:update_plot", PlotError)


def load_function(text: str, what: str, example: str, failure: type[DropvizError]) -> Callable[..., Any]:
    """Import the file of ``FILE.py:NAME``, and return its function or class of that name.

    Raises `failure` if the import fails, and UsageError if there is no such file or name.
    """
    file, _, name = str(user_path(text)).rpartition(":")
    if not file.lower().endswith(".py") or not name.isidentifier():
        raise UsageError(f"{what} is {text!r}: write file and function, like {example}")
    if not os.path.isfile(file):
        raise UsageError(f"{what} {text!r}: there is no file {file}")
    found = getattr(_run_file(Path(file), failure), name, None)
    if not callable(found):
        raise UsageError(f"{what} {text!r}: {file} has no function {name!r}")
    plot: Callable[..., Any] = found
    return plot


def _run_file(path: Path, failure: type[DropvizError]) -> Any:
    import matplotlib as mpl

    from dropviz.rendering.plots import where

    mpl.use("Agg")  # opens no windows
    name = f"_plot_{path.stem}"  # a name that no other module has
    loader = SourceFileLoader(name, str(path.absolute()))  # whatever the suffix is
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    if spec is None or spec.origin is None:
        raise failure(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with _importing_from(path.parent.resolve()):
            loader.exec_module(module)
    except (Exception, SystemExit) as error:
        if words := _hidden(_modules_of(error), path.parent.resolve()) or _imports_itself(error, path):
            raise failure(f"cannot import {path}: {words}") from error
        if isinstance(error, ModuleNotFoundError) and error.name == "gif":
            raise DependencyError(f"{path} needs gif, which is not installed: pip install gif") from None
        if "null bytes" in str(error):  # Python reads no UTF-16
            raise failure(f"cannot import {path}: it is not text in UTF-8: save it as UTF-8") from None
        kind = "" if isinstance(error, ModuleNotFoundError) else f"{type(error).__name__}: "
        raise failure(f"cannot import {path}: {where(error, spec.origin)}{kind}{reason(error)}") from error
    mpl.use("Agg")  # whatever the file has chosen
    if hidden := _hidden(NEEDED, path.parent.resolve(), loaded=True):
        raise failure(f"cannot import {path}: {hidden}")
    return module


@contextmanager
def _importing_from(folder: Path) -> Iterator[None]:
    """Look for modules in `folder` first, as Python does beside a script; afterwards last.

    What dropviz itself imports later, such as torch, is then not hidden by a file of that name.
    """
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        sys.path.append(str(folder))


@contextmanager
def hidden_packages_named(text: str) -> Iterator[None]:
    """Add to an error that code of the file of ``FILE.py:NAME`` raises in the block which file hides a package."""
    path = Path(str(user_path(text)).rpartition(":")[0])
    try:
        yield
    except DropvizError as error:
        cause = error.__cause__ or error
        words = _hidden(_modules_of(cause), path.parent.resolve(), loaded=True) or _imports_itself(cause, path)
        if not words:
            raise
        raise type(error)(f"{error}: {words}") from error


def _modules_of(error: BaseException) -> list[str]:
    """Return the modules that `error` is about: without an attribute or a part that was wanted, or running."""
    running = [frame.f_globals.get("__name__") for frame, _line in walk_tb(error.__traceback__)]
    return [str(name).partition(".")[0] for name in (*_wanted(error), *running) if name]


def _wanted(error: BaseException) -> list[str]:
    """Return the modules that lack the attribute or the part that `error` is about."""
    owner = getattr(getattr(error, "obj", None), "__name__", None)
    missing = error.name if isinstance(error, ImportError) else None
    return [str(name).partition(".")[0] for name in (owner, missing) if name]


def _hidden(modules: Iterable[str], folder: Path, *, loaded: bool = False) -> str:
    """Return what to rename if a file in `folder` hides a package among `modules`; "" if none does.

    loaded  count only files that were imported in the place of the package
    """
    elsewhere = [place for place in sys.path if Path(place or ".").resolve() != folder]
    for name in modules:
        spec, module = PathFinder.find_spec(name, [str(folder)]), sys.modules.get(name)
        if spec is None or spec.origin is None:
            continue
        taken = getattr(module, "__file__", None) == spec.origin
        if (taken or (module is None and not loaded)) and PathFinder.find_spec(name, elsewhere):
            return f"rename {Path(spec.origin).relative_to(folder).parts[0]}: it hides the package {name}"
    return ""


def _imports_itself(error: BaseException, path: Path) -> str:
    """Return what to rename if the file at `path` wants a package of its own name, which is not installed."""
    return f"rename {path.name}: it imports itself" if path.stem in _wanted(error) else ""
