"""The pictures that commands draw by default: processor time, frames and bytes of each chart."""

import time
from pathlib import Path
from statistics import median

import dropviz
from benchmarks.rows import Rows, row
from dropviz.charts import CHARTS, find_chart
from dropviz.experiments.presets import PRESETS
from dropviz.recording import Recording

SAMPLE = Path(__file__).parents[1] / "assets" / "sample-dropout-0.5.npz"
LONG = 120  # frames of the network, whose start takes little of the time
SEEDS = (101,)  # of the recordings that charts are drawn of


def network(folder: Path, rounds: int) -> Rows:
    """Measure the network of 10-10-10-10 shown units: frames a second, and bytes a mask, which two frames lead to."""
    recordings = [dropviz.load(SAMPLE)]
    rows = []
    for frames in (None, LONG):
        out, seconds = folder / "default.gif", []
        for _round in range(rounds + 1):
            begin = time.process_time()
            animation = dropviz.animate(recordings, "network", out=out, frames=frames)
            seconds.append(time.process_time() - begin)
        name = f"network 10-10-10-10, {animation.frames} frames"
        rate, each = animation.frames / median(seconds[1:]), 2 * animation.bytes / animation.frames
        rows.append(row(f"{name}: frames a second of processor time", f"{rate:.0f}", "70 or more"))
        rows.append(row(f"{name}: bytes a mask", f"{each:,.0f}", "25,000 or less"))
    return rows


def charts(folder: Path, rounds: int) -> Rows:
    """Measure the default picture of every chart of the runs of its preset."""
    kept: dict[str, list[Recording]] = {}
    rows = []
    for name in CHARTS:
        preset = find_chart(name).experiment
        if preset not in kept:
            kept[preset] = dropviz.train(PRESETS[preset].replace(seeds=SEEDS), device="cpu", progress=False)
        rows.append(_measure(name, kept[preset], folder / f"{name}.gif", rounds))
    return rows


def _measure(name: str, recordings: list[Recording], out: Path, rounds: int) -> dict[str, str]:
    compare = len({each.arm for each in recordings}) > 1
    seconds = []
    try:
        for _round in range(rounds):
            begin = time.process_time()
            animation = dropviz.animate(recordings, name, compare=compare, out=out)
            seconds.append(time.process_time() - begin)
    except dropviz.DropvizError as error:
        return row(f"chart {name}", f"not drawn: {error}")
    return row(
        f"chart {name}, of preset {find_chart(name).experiment}",
        f"{median(seconds):.2f} s of processor time, {animation.frames} frames, {animation.bytes:,} bytes",
    )
