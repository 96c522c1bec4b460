"""A function that the user names, from a file of the user's own."""

import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dropviz.errors import DependencyError, DropvizError, PlotError, UsageError, reason


def load_plot(words: str) -> Callable[..., Any]:
    """The function that --plot names."""
    return load_function(words, "plot", "my_plots.py:update_plot", PlotError)


def load_function(words: str, what: str, example: str, failure: type[DropvizError]) -> Callable[..., Any]:
    """The function or class that ``FILE.py:NAME`` names. The file is run, as any Python file is that is imported.

    `failure` is raised if that fails; UsageError if there is no such file, or nothing of that name in it.
    """
    file, _, name = words.rpartition(":")
    if not file.endswith(".py") or not name.isidentifier():
        raise UsageError(f"{what} is {words!r}: write file and function, like {example}")
    if not os.path.isfile(file):
        raise UsageError(f"{what} {words!r}: there is no file {file}")
    found = getattr(_run_file(Path(file), failure), name, None)
    if not callable(found):
        raise UsageError(f"{what} {words!r}: {file} has no function {name!r}")
    plot: Callable[..., Any] = found
    return plot


def _run_file(path: Path, failure: type[DropvizError]) -> Any:
    import matplotlib as mpl

    from dropviz.rendering.plots import where

    mpl.use("Agg")  # no windows, whatever the user's settings
    sys.path.insert(0, str(path.parent.resolve()))  # files beside it can be imported, as if it were run
    name = f"_plot_{path.stem}"  # of no other module
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
