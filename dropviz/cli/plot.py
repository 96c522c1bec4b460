"""Functions and classes from a user's file."""

import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dropviz.errors import DependencyError, DropvizError, PlotError, UsageError, reason


def load_plot(text: str) -> Callable[..., Any]:
    """Return the function that --plot names."""
    return load_function(text, "plot", "my_plots.py:update_plot", PlotError)


def load_function(text: str, what: str, example: str, failure: type[DropvizError]) -> Callable[..., Any]:
    """Import the file of ``FILE.py:NAME``, and return its function or class of that name.

    Raises `failure` if the import fails, and UsageError if there is no such file or name.
    """
    file, _, name = text.rpartition(":")
    if not file.endswith(".py") or not name.isidentifier():
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
    sys.path.insert(0, str(path.parent.resolve()))  # so that it can import files beside it
    name = f"_plot_{path.stem}"  # a name that no other module has
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or spec.origin is None:
        raise failure(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except ModuleNotFoundError as error:
        if error.name == "gif":
            raise DependencyError(f"{path} needs gif, which is not installed: pip install gif") from None
        raise failure(f"cannot import {path}: {where(error, spec.origin)}{reason(error)}") from error
    except (Exception, SystemExit) as error:
        raise failure(
            f"cannot import {path}: {where(error, spec.origin)}{type(error).__name__}: {reason(error)}"
        ) from error
    return module
