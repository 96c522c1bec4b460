"""Make everything in this folder anew: `python assets/make.py`. Trains every small experiment: about a quarter hour.

Recordings in out/recordings are used again, and pictures of the gallery that are there already stay.
"""

from pathlib import Path

import dropviz
from dropviz.cli import cli
from dropviz.experiments.presets import PRESETS

HERE = Path(__file__).parent
SIZE = "960x540"  # of the gallery: many pictures on one page


def main() -> None:
    """The gallery; two runs of seed 1 as sample recordings; and the pictures of the README, from all runs."""
    cli(["gallery", "-o", str(HERE / "gallery"), "--size", SIZE, "--theme", "light"], standalone_mode=False)
    recordings = dropviz.train("digits", device="cpu")
    experiment = PRESETS["digits"]
    for recording in recordings:
        if recording.seed == 1:
            arm = experiment.arm(recording.arm)
            recording.save(HERE / f"sample-{arm.slug}.npz")
    for chart in ("accuracy", "network"):
        for theme in ("light", "dark"):
            made = dropviz.animate(recordings, chart, compare=True, out=HERE / f"{chart}-{theme}.gif", theme=theme)
            print(f"{made.path.name}: {made.frames} frames, {made.seconds:g} s, {made.bytes:,} bytes")


if __name__ == "__main__":
    main()
