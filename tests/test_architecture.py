"""Structure of the package: modules are short, and heavy packages are imported when they are needed."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import dropviz

ROOT = Path(dropviz.__file__).parent


def test_only_the_command_line_prints_or_exits():
    """print and click.echo stand in cli alone, sys.exit there and in the worker processes."""
    for path in ROOT.rglob("*.py"):
        if "cli" not in path.relative_to(ROOT).parts:
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call):
                    name = ast.unparse(node.func)
                    assert name not in ("print", "exit", "click.echo"), path
                    assert name != "sys.exit" or path.stem == "workers", path


def test_modules_are_short():
    """No module is longer than 300 lines."""
    assert max(len(path.read_text().splitlines()) for path in ROOT.rglob("*.py")) <= 300


def test_import_is_light():
    """`import dropviz` brings neither torch nor matplotlib nor numpy, and what the command line imports no torch.

    Every public name resolves; those of training and capture then import torch, and none imports pyplot.
    """
    code = (
        "import sys, dropviz;"
        "assert not {'torch', 'matplotlib', 'numpy', 'sklearn'} & set(sys.modules);"
        "import dropviz.training, dropviz.training.runs, dropviz.notebook, dropviz.capture, dropviz.diagnosis;"
        "assert 'torch' not in sys.modules;"
        "[getattr(dropviz, name) for name in dropviz.__all__];"
        "assert dropviz.training.train_run and 'torch' in sys.modules;"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_unknown_name_is_an_attribute_error():
    """A misspelt public name fails as in any module."""
    with pytest.raises(AttributeError, match="has no attribute 'trian'"):
        dropviz.trian  # noqa: B018
