"""The order of the house: imports go one way, and what is heavy comes when it is needed."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import dropviz

ROOT = Path(dropviz.__file__).parent


def test_torch_is_named_in_training_alone():
    """No module outside training imports torch, not even inside a function."""
    for path in ROOT.rglob("*.py"):
        if "training" not in path.relative_to(ROOT).parts:
            for node in ast.walk(ast.parse(path.read_text())):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                assert not [name for name in names if name.split(".")[0] in ("torch", "torchvision")], path


def test_only_the_command_line_prints_or_exits():
    """print, click.echo and sys.exit stand in cli alone."""
    for path in ROOT.rglob("*.py"):
        if "cli" not in path.relative_to(ROOT).parts:
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call):
                    assert ast.unparse(node.func) not in ("print", "sys.exit", "exit", "click.echo"), path


def test_modules_are_short():
    """A module that grows beyond a screenful of screenfuls wants a wall."""
    assert max(len(path.read_text().splitlines()) for path in ROOT.rglob("*.py")) <= 300


def test_import_is_light():
    """`import dropviz` brings neither torch nor matplotlib nor numpy; every public name resolves."""
    code = (
        "import sys, dropviz;"
        "assert not {'torch', 'matplotlib', 'numpy', 'sklearn'} & set(sys.modules);"
        "[getattr(dropviz, name) for name in dropviz.__all__];"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_unknown_name_is_an_attribute_error():
    """A misspelt public name fails as in any module."""
    with pytest.raises(AttributeError, match="has no attribute 'trian'"):
        dropviz.trian  # noqa: B018
