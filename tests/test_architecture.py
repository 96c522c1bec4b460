"""The order of the house: imports go one way, and what is heavy comes when it is needed."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import dropviz

ROOT = Path(dropviz.__file__).parent
# A room may import rooms of its own row and of the rows above it.
ORDER = [
    ["errors", "registry"],
    ["kinds", "files", "settings", "theme", "fonts", "layout", "timeline", "units"],
    ["themefile", "labels", "tunables"],
    ["arm", "experiment", "archive", "look", "display"],
    ["presets", "exhibits", "recording", "validity", "targets", "fit"],
    ["comparison"],
    ["selection"],
    ["captions"],
    ["paired"],
    ["charts"],
    ["raster", "vector", "pen", "scene", "transitions"],
    ["tally"],
    ["safety"],
    ["encoders"],
    ["plots", "source"],
    ["animation"],
    ["pipeline"],
    ["publish"],
    ["training"],
    ["notebook"],
    ["cli"],
]
LEVEL = {room: level for level, rooms in enumerate(ORDER) for room in rooms}


def modules():
    """Every module of the package with the rooms that it imports, anywhere in it."""
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).with_suffix("").as_posix()
        if name in ("__init__", "__main__"):
            continue
        found = set()
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            found |= {each.split(".")[1] for each in names if each.startswith("dropviz.")}
        yield name, found


@pytest.mark.parametrize(("name", "imports"), list(modules()))
def test_imports_go_one_way(name, imports):
    """A module imports only rooms that stand before its own."""
    room = name.split("/")[0]
    for other in imports - {room}:
        assert LEVEL[other] <= LEVEL[room], f"{name} imports {other}"
        if room in ("pipeline", "charts", "encoders", "raster"):
            assert other != "training", f"{name} draws, and training is not its business"


def test_training_knows_nothing_of_pictures():
    """The rooms that train import experiment and recording, and nothing that draws."""
    for name, imports in modules():
        if name.startswith("training"):
            assert not imports & {"charts", "raster", "encoders", "pipeline", "captions", "theme", "cli"}, name


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
