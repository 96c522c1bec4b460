"""dropviz inspect: the contents of a recording."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from dropviz.recording import Recording, load


@click.command("inspect")
@click.argument("recording", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def inspect_command(recording: Path, as_json: bool) -> None:
    """Check a recording, and print what it holds."""
    summary = summarise(load(recording))
    click.echo(json.dumps(summary, ensure_ascii=False, allow_nan=False) if as_json else "\n".join(_lines(summary)))


def _lines(summary: dict[str, Any]) -> Iterator[str]:
    for key, value in summary.items():
        if isinstance(value, dict):
            yield key
            yield from (f"  {name:18} {_text(item)}" for name, item in value.items())
        elif isinstance(value, list):
            yield key
            yield from ("  " + ", ".join(f"{name} {item}" for name, item in row.items()) for row in value)
        else:
            yield f"{key:20} {value}"


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_text(item) for item in value)
    return str(value["name"]) if isinstance(value, dict) else str(value)


def summarise(recording: Recording) -> dict[str, Any]:
    """Return the recording as plain data, with the last snapshot and the measured drop rates."""
    snapshots, iterations = recording.snapshots, recording.recorded_iterations
    layers = [
        {"name": layer.name, "units": layer.units, "drop_prob": layer.drop_prob}
        | (
            {"realised": round(float(recording.drop_rate[layer.name].mean()), 6)}
            if layer.name in recording.drop_rate
            else {}
        )
        for layer in recording.layers
    ]
    return {
        "arm": recording.arm,
        "seed": recording.seed,
        "snapshots": len(snapshots["iteration"]),
        "last": {name: _number(values[-1].item()) for name, values in snapshots.items() if len(values)},
        "layers": layers,
        "masks": {
            "iterations": len(iterations),
            "first": int(iterations[0]),
            "last": int(iterations[-1]),
            "examples": recording.tracked,
        }
        if len(iterations)
        else {"iterations": 0},
        "experiment": recording.experiment.to_mapping() if recording.experiment else {},
        "provenance": dict(recording.provenance),
    }


def _number(value: float) -> float | None:
    """Return the number; None for NaN and infinity, which JSON cannot write."""
    return value if math.isfinite(value) else None
