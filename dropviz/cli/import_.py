"""Command `dropviz import`: the log of a run that is over, as a recording."""

from pathlib import Path

import click

from dropviz._util.text import slug
from dropviz.cli.options import UserPath
from dropviz.cli.progress import note
from dropviz.errors import UsageError
from dropviz.recording.logs import import_log

FOLDER = Path("out/imported")


def _parse_names(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """Return the pairs of --map as a mapping."""
    for pair in given:
        if "=" not in pair:
            raise UsageError(f"--map is {pair!r}: write the column and its new name, like --map Value=test_loss")
    return {theirs.strip(): ours.strip() for theirs, _, ours in (pair.rpartition("=") for pair in given)}


@click.command("import")
@click.argument("log", type=UserPath())
@click.option("-o", "--out", type=UserPath(), metavar="PATH", help="[default: out/imported/ARM-seedSEED.npz]")
@click.option(
    "--arm", metavar="NAME", help="Name of the arm. [default: the dropout in hparams.yaml, or the log's name]"
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, metavar="N", help="Seed of the run.")
@click.option(
    "--map",
    "names",
    multiple=True,
    callback=_parse_names,
    metavar="THEIRS=OURS",
    help="Name of a column in the recording; 'iteration' for the one that counts, nothing to leave it out. Repeatable.",
)
@click.option(
    "--epoch-iterations",
    type=click.IntRange(1),
    metavar="N",
    help="Iterations in an epoch, if the log has only epochs.",
)
@click.option("--nan-is-empty", is_flag=True, help="NaN stands for 'not measured', not for a value that is not finite.")
def import_command(
    log: Path,
    out: Path | None,
    arm: str | None,
    seed: int,
    names: dict[str, str],
    epoch_iterations: int | None,
    nan_is_empty: bool,
) -> None:
    """Import the log of a run that is over as a recording, and print its path.

    LOG is a CSV file, an event file of TensorBoard, a trainer_state.json of Transformers, or a folder with one, such as
    that of Lightning's CSVLogger. The recording holds metrics, no masks: charts 'accuracy' and 'metrics' draw it.

    \b
    dropviz import history.csv --map Step=iteration --map Value=test_loss -o out/run.npz
    dropviz import lightning_logs/version_3 --arm "dropout 0.5"
    dropviz animate metrics --compare out/imported
    """
    recording = import_log(
        log,
        arm=arm,
        seed=seed,
        names=names,
        epoch_iterations=epoch_iterations,
        nan_is_empty=nan_is_empty,
        callback=note,
    )
    path = recording.save(out or FOLDER / f"{slug(recording.arm) or 'arm'}-seed{recording.seed}.npz")
    metrics = ", ".join(recording.metrics)
    note(f"{len(recording.snapshots['iteration']):,} snapshots of arm {recording.arm!r}: {metrics}")
    click.echo(path)
