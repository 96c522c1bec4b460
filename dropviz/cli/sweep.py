"""dropviz sweep: recordings of an experiment over values of its fields."""

import re
from pathlib import Path
from typing import Any

import click

from dropviz.cli.options import UserPath, choose_experiment, machine_options
from dropviz.cli.progress import note_trained
from dropviz.cli.train import override_options, read_overrides
from dropviz.errors import UsageError
from dropviz.experiments.sweeps import parse_vary
from dropviz.training.sweep import SWEEPS, sweep


class Part(click.ParamType):  # type: ignore[type-arg]  # generic only from click 8.3 on
    """Part of a sweep as I/N."""

    name = "I/N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Convert text to two numbers; a default is a tuple already."""
        if isinstance(value, tuple):
            return value
        match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", str(value))
        if not match:
            self.fail(f"{value!r} is not a part: write I/N, like 1/8", param, ctx)
        return int(match[1]), int(match[2])


@click.command("sweep", epilog="Options not given are the experiment's own: see 'dropviz list digits'.")
@click.argument("experiment", metavar="EXPERIMENT")
@click.option(
    "--vary",
    multiple=True,
    required=True,
    metavar="FIELD=VALUES",
    help="A field, and its values with commas between; START:STOP:STEP is a range. Repeat it for all combinations.",
)
@click.option(
    "-o",
    "--out",
    type=UserPath(file_okay=False),
    metavar="DIR",
    help=f"Folder, which all machines share. [default: {SWEEPS}/EXPERIMENT-FIELD-…]",
)
@click.option(
    "--part", type=Part(), default=(1, 1), show_default="1/1", help="Train part I of N, as one of an array of jobs."
)
@click.option(
    "--backend",
    default="loky",
    show_default=True,
    metavar="NAME",
    help="Backend of joblib: 'loky' for processes of this machine, 'dask', 'ray', or another.",
)
@click.option("--scheduler", metavar="ADDRESS", help="Cluster of Dask or Ray, like tcp://host:8786.")
@machine_options
@override_options
def sweep_command(
    experiment: str,
    vary: tuple[str, ...],
    seeds: int | None,
    data_dir: Path | None,
    device: str,
    jobs: int | None,
    out: Path | None,
    part: tuple[int, int],
    backend: str,
    scheduler: str | None,
    **overrides: Any,
) -> None:
    """Train EXPERIMENT with all combinations of values and every seed, record each run, and print the paths.

    Each run writes a file of its own, named by its settings. Runs that are there are not trained again. Charts draw
    what is there, also while the sweep goes on.

    \b
    dropviz sweep digits --vary drop_prob=0:0.9:0.1 --seeds 20 -o out/sweep
    dropviz animate rates out/sweep
    dropviz sweep digits --vary train_size=100,200,500 --part $SLURM_ARRAY_TASK_ID/8
    """
    fields = [parse_vary(text) for text in vary]
    values = dict(fields)
    if len(values) < len(fields):
        raise UsageError("--vary names a field twice: give all its values at once")
    chosen = choose_experiment(experiment, seeds, **read_overrides(overrides))
    paths = sweep(
        chosen,
        values,
        out=out,
        jobs=jobs,
        backend=backend,
        scheduler=scheduler,
        part=part,
        device=device,
        data_dir=data_dir,
    )
    note_trained(paths)
