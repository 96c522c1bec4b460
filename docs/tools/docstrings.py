"""Extension of griffe: columns and examples of plain docstrings as Markdown, and the defaults of experiments."""

import dataclasses
import re
from typing import Any

import griffe

from dropviz import Arm, Experiment

ROW = re.compile(r"([^\s:]\S*)  +(\S.*)")
PROMPT = ">>> "
FIELDS = {"dropviz.experiments.experiment.Experiment": Experiment, "dropviz.experiments.arm.Arm": Arm}


class Columns(griffe.Extension):
    """Columns of names and their meanings become definition lists, examples become blocks of code."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of an object, if it has one."""
        if obj.docstring is not None:
            obj.docstring.value = "\n".join(to_markdown(obj.docstring.value.splitlines()))

    def on_package(self, *, pkg: griffe.Module, **_: Any) -> None:
        """Show defaults of experiments, and remove the docstring of the package: pages introduce themselves."""
        pkg.docstring = None
        for path, described in FIELDS.items():
            show_defaults(pkg[path.removeprefix("dropviz.")], described)


def show_defaults(found: Any, described: type) -> None:
    """Replace the fields of a dataclass by their default values."""
    for field in dataclasses.fields(described):
        default = "..." if field.name == "arms" else repr(field.default)
        found[field.name].value = None if field.default is dataclasses.MISSING else default


def to_markdown(lines: list[str]) -> list[str]:
    """Return the lines of a docstring as lines of Markdown."""
    result: list[str] = []
    inside = ""  # the kind of block that the line before belongs to
    for line in [*lines, ""]:
        row = ROW.fullmatch(line)
        if inside == "code" and not line.strip():
            result.append("```")
            inside = ""
        if line.startswith(PROMPT) and inside != "code":
            result += ["", "```pycon"]
            inside = "code"
        if inside != "code" and row:
            result += ["", f"`{row[1]}`", f":   {row[2]}"]
            inside = "row"
        elif inside == "row" and line.startswith(" "):
            result[-1] += f" {line.strip()}"
        else:
            inside = inside if inside == "code" else ""
            result.append(line)
    return result
