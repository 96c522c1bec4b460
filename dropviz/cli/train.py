"""dropviz train: recordings of an experiment."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from dropviz._util.deprecation import warn_renamed
from dropviz.cli.options import UserPath, choose_experiment, training_options
from dropviz.cli.progress import note_trained
from dropviz.errors import ExperimentError
from dropviz.experiments.experiment import OLD_FIELDS, Experiment
from dropviz.experiments.fields import option_help
from dropviz.training.idx_files import data_folder
from dropviz.training.runs import RECORDINGS, paths_of, train_missing

# The seeds have an option of their own; arms can only be given in a file.
OVERRIDES = {item.name: item for item in fields(Experiment) if item.name not in ("name", "seeds", "arms")}
METAVARS = {"hidden": "N,N,…", "probes": "NAME,NAME,…"}


def override_options(command: Any) -> Any:
    """Add an option for each field of an experiment that has none of its own."""
    for old in OLD_FIELDS:
        command = click.option(_flag(old), type=int, hidden=True)(command)
    for name, item in reversed(OVERRIDES.items()):
        kind: Any = {int: int, float: float, type(None): int}.get(type(item.default), str)
        metavar = METAVARS.get(name)
        command = click.option(_flag(name), type=kind, metavar=metavar, help=option_help(item))(command)
    return command


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


@click.command("train", epilog="Options not given are the experiment's own: see 'dropviz list digits'.")
@training_options
@click.option(
    "-o",
    "--out",
    type=UserPath(file_okay=False),
    default=RECORDINGS,
    show_default=True,
    help="Folder.",
)
@click.option("--again", is_flag=True, help="Train also the runs that are recorded already.")
@override_options
def train_command(
    experiment: str,
    seeds: int | None,
    data_dir: Path | None,
    device: str,
    jobs: int | None,
    out: Path,
    again: bool,
    **overrides: Any,
) -> None:
    """Train the arms of an experiment with every seed, record each run, and print the paths.

    Arms share initial weights, data and batch order, seed by seed; only the noise differs. A run that is recorded
    already is not trained again.

    \b
    dropviz train --experiment fashion-mnist
    dropviz train --train-size 500 --label-noise 0 --seeds 3
    """
    chosen = choose_experiment(experiment, seeds, **read_overrides(overrides))
    paths = paths_of(chosen, chosen.arms, out)
    train_missing(chosen, paths, data_folder(data_dir, [chosen]), device, jobs, again=again)
    note_trained(paths.values())


def read_overrides(overrides: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that were given as options, with their values as an experiment takes them."""
    for old, name in OLD_FIELDS.items():
        value = overrides.pop(old)
        if value is not None:
            warn_renamed(f"option {_flag(old)}", _flag(name))
            overrides[name] = value
    if overrides["hidden"] is not None:
        overrides["hidden"] = _numbers(overrides["hidden"])
    if overrides["probes"] is not None:
        overrides["probes"] = tuple(overrides["probes"].split(","))
    return overrides


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise ExperimentError(f"hidden is {text!r}: must be whole numbers with commas between, like 256,256") from None
