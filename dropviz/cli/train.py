"""dropviz train: an experiment to recordings."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from dropviz.cli.options import choose_experiment, training_options
from dropviz.errors import ExperimentError
from dropviz.experiments.experiment import Experiment
from dropviz.training.runs import RECORDINGS, paths_of, train_missing

# Seeds and arms have options of their own; the name comes with the experiment.
OVERRIDES = {item.name: item for item in fields(Experiment) if item.name not in ("name", "seeds", "arms")}


def _override_options(command: Any) -> Any:
    for name, item in reversed(OVERRIDES.items()):
        flag = "--" + name.replace("_", "-")
        kind: Any = {int: int, float: float, type(None): int}.get(type(item.default), str)
        metavar = "N,N,…" if name == "hidden" else None
        command = click.option(flag, type=kind, metavar=metavar, help=_sentence(item.metadata["help"]))(command)
    return command


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


@click.command("train", epilog="Options not given are the experiment's own: see 'dropviz list digits'.")
@training_options
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=RECORDINGS,
    show_default=True,
    help="Folder.",
)
@click.option("--again", is_flag=True, help="Train also what is recorded already.")
@_override_options
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
    if overrides["hidden"] is not None:
        overrides["hidden"] = _numbers(overrides["hidden"])
    chosen = choose_experiment(experiment, seeds, **overrides)
    paths = paths_of(chosen, chosen.arms, out)
    train_missing(chosen, paths, data_dir, device, jobs, again=again)
    for path in paths.values():
        click.echo(path)


def _numbers(words: str) -> tuple[int, ...]:
    try:
        return tuple(int(word) for word in words.split(","))
    except ValueError:
        raise ExperimentError(f"hidden is {words!r}: must be whole numbers with commas between, like 256,256") from None
