"""The fuzz target of the charts: odd recordings are drawn, or refused in one line."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import dropviz
from dropviz.charts import CHARTS, find_chart
from dropviz.recording import Recording

from .odd import odd_recordings, pick

FORMATS = ("a.gif", "a.gif", "a.gif", "a.svg", "p-%d.pdf", "a.html", "f-%d.png")
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  # a folder in memory, for speed
SIZES = ((160, 160), (320, 180), (180, 320))


def groups_by_experiment(recordings: Sequence[Recording]) -> list[list[Recording]]:
    """Recordings of one experiment together, those of own loops by name of the arm."""
    groups: dict[str, list[Recording]] = {}
    for run in recordings:
        groups.setdefault(run.experiment.name if run.experiment else f"own {run.arm}", []).append(run)
    return [*groups.values()]


def chart_target(recordings: Sequence[Recording]):
    """Return a function that makes odd recordings, and returns a function that draws them with a random chart."""
    groups = groups_by_experiment(recordings)
    named = {group[0].experiment.name: group for group in groups if group[0].experiment}

    def prepare(rng: np.random.Generator):
        names = [*CHARTS]
        chart = names[rng.integers(len(names))]
        own = named.get(find_chart(chart).experiment)
        runs = odd_recordings([own] if own and rng.random() < 0.85 else groups, rng)
        prepare.about = chart
        if not find_chart(chart).together and rng.random() < 0.5:
            runs = [run for run in runs if run.arm == runs[-1].arm]
        compare = len({run.arm for run in runs}) > 1
        name, size = FORMATS[rng.integers(len(FORMATS))], SIZES[rng.integers(len(SIZES))]
        options = {
            "frames": int(rng.integers(1, 5)),
            "lang": ("en", "zh")[rng.integers(2)],
            "theme": ("light", "dark", "print")[rng.integers(3)],
            "title": pick(rng)[:60] if rng.random() < 0.1 else None,
        }

        def draw() -> None:
            with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
                dropviz.animate(
                    runs, chart, compare=compare, out=Path(folder) / name, size=size, allow_flashing=True, **options
                )

        return draw

    prepare.about = ""
    return prepare
