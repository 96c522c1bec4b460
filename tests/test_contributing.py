"""CONTRIBUTING describes the code: its map is the folder listing, and the stops that it names exist."""

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text()
ROOMS = re.findall(r"^  (\w+)/? +\w", TEXT.partition("```\ndropviz/\n")[2].partition("```")[0], re.MULTILINE)


def test_the_map_is_the_folder_listing():
    """Every folder of the package is in the map, in the order in which import-linter lets them import each other."""
    folders = {path.parent.name for path in (ROOT / "dropviz").glob("*/__init__.py")}
    assert folders == set(ROOMS) - {"errors"}
    layers = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]["layers"]
    ordered = [name for layer in reversed(layers) for name in layer.split(" : ") if name in ROOMS]
    assert ordered == ROOMS


def test_only_the_named_modules_stand_at_the_root():
    """Everything else is in a folder."""
    names = sorted(path.name for path in (ROOT / "dropviz").iterdir() if path.is_file())
    assert names == ["__init__.py", "__main__.py", "_version.py", "errors.py", "py.typed"]


def test_the_stops_of_masks_and_accuracies_exist():
    """Each stop names a file and a function or class in it; there are eight stops at most on either way."""
    ways = TEXT.partition("## From a model to a file")[2].partition("## Rules")[0]
    named = re.findall(r"`([\w/]+\.py)`\s+`([\w.]+)`", ways)
    assert len(named) >= 15
    for file, name in named:
        assert name in names_in(ROOT / "dropviz" / file), f"{file} has no {name}"
    assert max(int(number) for number in re.findall(r"^(\d+)\. ", ways, re.MULTILINE)) <= 8


def names_in(path):
    """Return the functions, classes and methods of a module."""
    found = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{each.name}" for each in node.body if isinstance(each, ast.FunctionDef)}
    return found
