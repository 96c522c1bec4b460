"""The examples in docstrings run, and every public name has one."""

import doctest
import importlib
import importlib.util
import inspect
import pkgutil
from pathlib import Path

import dropviz

ROOT = Path(__file__).parents[1]
RETURNED = ("Animation", "Examples")  # made by functions whose examples show them


def examples_of(module):
    """Yield the docstrings with examples that a module defines."""
    for test in doctest.DocTestFinder().find(module, module.__name__):
        if test.examples:
            yield test


def modules():
    """Yield the names of all modules of the package."""
    yield "dropviz"
    for info in pkgutil.walk_packages(dropviz.__path__, "dropviz."):
        needed = info.name.removeprefix("dropviz.capture.adapters.")  # each adapter is named after its package
        is_there = needed == info.name or importlib.util.find_spec(needed) is not None
        if is_there and not info.name.endswith("__main__"):
            yield info.name


def test_examples_run(tmp_path, monkeypatch):
    """Each example prints what its docstring shows, in a folder with the sample recordings."""
    (tmp_path / "assets").symlink_to(ROOT / "assets")
    monkeypatch.chdir(tmp_path)
    runner, report = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE), []
    for name in modules():
        for test in examples_of(importlib.import_module(name)):
            runner.run(test, out=report.append)
    assert not report, "".join(report)
    assert runner.summarize(verbose=False).attempted > 70


def test_public_names_have_an_example():
    """help() of every function and class that users call shows how; errors are documented."""
    for name in dropviz.__all__:
        value = getattr(dropviz, name)
        if inspect.isclass(value) and issubclass(value, Exception):
            assert value.__doc__, name
        elif callable(value) and name not in RETURNED:
            assert ">>> " in (value.__doc__ or ""), name
