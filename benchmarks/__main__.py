"""`python -m benchmarks [CASE …] [--rounds N] [--json]`: one table of medians, ratios, bytes and memory."""

import json
import platform
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from benchmarks import cases, pictures
from benchmarks.capture import capture

CASES: dict[str, Callable[[Path, int], list[dict[str, Any]]]] = {
    "accuracy": cases.accuracy,
    "network": cases.network,
    "scaling": cases.scaling,
    "start": cases.start,
    "training": cases.training,
    "recording": cases.recording,
    "capture": capture,
    "pictures": pictures.network,
    "charts": pictures.charts,
    "limits": cases.limits,
}


@click.command()
@click.argument("names", nargs=-1, metavar="[CASE]...")
@click.option("--rounds", default=5, show_default=True, help="Rounds of each measurement, taken in turn.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a row.")
def main(names: tuple[str, ...], rounds: int, as_json: bool) -> None:
    """Measure dropviz and its peers in one run, in turn, on the same work.

    Cases: accuracy network scaling start training recording capture pictures charts limits. A peer that is not
    installed is listed as missing. Seconds of two machines compare by the rate of matrix products, measured first.
    """
    for name in names or CASES:
        if name not in CASES:
            raise click.UsageError(f"unknown case {name!r}: must be one of {', '.join(CASES)}")
    rate = round(cases.matrix_rate(1) / 1e9)
    machine = f"{platform.machine()}, {len(cases.cores())} cores, matrix products at {rate} GFLOP/s on one of them"
    click.echo(f"{machine}, {cases.versions()}", err=True)
    with tempfile.TemporaryDirectory() as folder:
        for name in names or CASES:
            for row in CASES[name](Path(folder), rounds):
                line = f"| {row['what']} | {row['value']} | {row.get('target', '')} |"
                click.echo(json.dumps(row | {"gflops": rate}) if as_json else line)


if __name__ == "__main__":
    main()
