"""dropviz check: mistakes with dropout in a user's model."""

import dataclasses
import json
import re
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

import click

from dropviz.cli.plot import hidden_packages_named, load_function
from dropviz.diagnosis.results import KINDS
from dropviz.errors import ModelError, UsageError

if TYPE_CHECKING:
    from dropviz.diagnosis import Checkup

EPILOG = "\b\nMistakes:\n" + "\n".join(f"  {kind:<20} {words}" for kind, words in KINDS.items())


@click.command("check", epilog=EPILOG)
@click.argument("model", metavar="FILE.py:NAME")
@click.option(
    "--input", "shape", metavar="1x28x28", help="Shape of one example; guessed from the first layer if not given."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check_command(model: str, shape: str | None, as_json: bool) -> None:
    """Look for mistakes with dropout in a model of your own, and print one line for each.

    NAME is a function or a class that makes a torch.nn.Module when it is called without arguments. A function may
    return (model, inputs): inputs are a tensor, a tuple of arguments, or a dict of arguments by name. This runs your
    code: the file, and the model, many times in training mode and a few times in evaluation mode, on random examples
    unless there are inputs.

    A line names the file and line of your code, the module, and what was measured. Lines of code that end with the
    comment "# dropviz: on purpose" have no findings: lines that call dropout, and lines that make a module.

    Exit status: 0 if nothing is found, or only warnings; 1 if a mistake is found, or if the model cannot be run.

    \b
    dropviz check model.py:build
    dropviz check model.py:Net --input 1x28x28
    """
    sizes = _sizes(shape) if shape else None
    with redirect_stdout(sys.stderr):  # for prints in the user's code
        source = load_function(model, "model", "model.py:build", ModelError)
        from dropviz.diagnosis import check

        try:
            with hidden_packages_named(model):
                result = check(source, shape=sizes)
        except ModelError as error:
            raise ModelError(f"cannot check {model}: {error}") from error
    click.echo(json.dumps(dataclasses.asdict(result)) if as_json else "\n".join(_lines(result)))
    if result.errors:
        sys.exit(1)


def _sizes(text: str) -> tuple[int, ...]:
    if not re.fullmatch(r"[1-9]\d{0,6}(x[1-9]\d{0,6})*", text):
        raise UsageError(f"input is {text!r}: write the shape of one example, like 1x28x28")
    return tuple(int(part) for part in text.split("x"))


def _lines(result: "Checkup") -> Iterator[str]:
    yield from map(str, result.findings)
    looked = ", ".join(result.noise) or "no dropout seen in it"
    shape = "x".join(map(str, result.shape))
    begin = "" if result.findings else "nothing found: "
    yield f"{begin}looked at {result.model}: {looked}; input {shape}, {result.passes} training passes"
