"""Make everything in this folder anew: `python assets/make.py`. Trains the default experiment: about half a minute."""

from pathlib import Path

import dropviz
from dropviz.presets import PRESETS

HERE = Path(__file__).parent


def main() -> None:
    """Train, keep the two runs of seed 1 as sample recordings, and draw the pictures of the README from all runs."""
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
