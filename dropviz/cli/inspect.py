"""dropviz inspect: the contents of a recording."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import numpy as np

from dropviz._util.text import json_line, replace_unsafe
from dropviz.analysis.divergence import diverged_from
from dropviz.cli.options import UserPath
from dropviz.recording import Recording, Site, Verification, load


@click.command("inspect")
@click.argument("recording", type=UserPath())
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def inspect_command(recording: Path, as_json: bool) -> None:
    """Check a recording, and print what it holds."""
    summary = summarise(load(recording))
    click.echo(json_line(summary) if as_json else "\n".join(map(replace_unsafe, _lines(summary))))


def _lines(summary: dict[str, Any]) -> Iterator[str]:
    for key, value in summary.items():
        if isinstance(value, dict):
            yield key
            yield from (f"  {name:18} {_text(item)}" for name, item in value.items())
        elif isinstance(value, list):
            yield key
            yield from (f"  {row}" for row in _rows(value))
        elif value is not None:
            yield f"{key:20} {value}"


def _rows(values: list[Any]) -> Iterator[str]:
    """Yield the lines of a table, with a column for each key; sentences as they are."""
    tables = [row for row in values if isinstance(row, dict)]
    names = list(dict.fromkeys(name for row in tables for name in row))
    cells = [names, *[["" if row.get(name) is None else str(row[name]) for name in names] for row in tables]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(names))]
    for row in cells if tables else []:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    yield from (row for row in values if isinstance(row, str))


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_text(item) for item in value)
    return str(value["name"]) if isinstance(value, dict) else str(value)


def summarise(recording: Recording) -> dict[str, Any]:
    """Return the recording as plain data, with the last snapshot and the measured drop rates."""
    snapshots, iterations = recording.snapshots, recording.recorded_iterations
    layers = [
        {"name": layer.name, "units": layer.units, "drop_prob": layer.drop_prob} | _realised(recording, layer.name)
        for layer in recording.layers
    ]
    return {
        "arm": recording.arm,
        "seed": recording.seed,
        "snapshots": len(snapshots["iteration"]),
        "diverged_from": diverged_from(recording),
        "last": {name: _number(values[-1].item()) for name, values in snapshots.items() if len(values)},
        "layers": layers,
        "sites": [_site(recording, site) for site in recording.sites],
        "unseen": list(recording.unseen),
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


def _site(recording: Recording, site: Site) -> dict[str, Any]:
    """Return a site as plain data, with the share that it dropped and the verification of its outputs."""
    line = {"line": f"{site.file}:{site.line}"} if site.line else {}
    return {
        "name": site.name,
        **line,
        "kind": site.kind,
        "axes": " x ".join(f"{axis} {size}" for axis, size in zip(site.axes, site.shape, strict=True)),
        "drop_prob": site.drop_prob,
        **_realised(recording, site.name),
        "output": Verification(site).result,
    }


def _realised(recording: Recording, name: str) -> dict[str, float]:
    """Return the mean share that a site or layer dropped, where it drew anything."""
    rates = np.asarray(recording.drop_rate.get(name, ()))
    return {"realised": round(float(np.nanmean(rates)), 6)} if np.isfinite(rates).any() else {}


def _number(value: float) -> float | None:
    """Return the number; None for NaN and infinity, which JSON cannot write."""
    return value if math.isfinite(value) else None
