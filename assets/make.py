"""Make every file in this folder: `python assets/make.py`. Trains every small experiment, in about a quarter hour.

Recordings in out/recordings and pictures of the gallery that exist are not made again; in a new clone, remove the
folder `gallery` first.
"""

from pathlib import Path

import dropviz

FOLDER = Path(__file__).parent
SIZE = (960, 540)  # of the pictures in the gallery: they share one page


def main() -> None:
    """Write the gallery, two runs of seed 1 as sample recordings, and the pictures of the README, from all runs."""
    dropviz.gallery(out=FOLDER / "gallery", size=SIZE, theme="light", device="cpu")
    recordings = dropviz.train("digits", out="out/recordings", device="cpu")
    for recording in recordings:
        if recording.seed == 1 and recording.experiment is not None:
            arm = recording.experiment.arm(recording.arm)
            recording.save(FOLDER / f"sample-{arm.slug}.npz")
    for chart in ("accuracy", "network"):
        for theme in ("light", "dark"):
            out = FOLDER / f"{chart}-{theme}.gif"
            animation = dropviz.animate(recordings, chart, compare=True, out=out, theme=theme)
            print(f"{out.name}: {animation.frames} frames, {animation.seconds:g} s, {animation.bytes:,} bytes")


if __name__ == "__main__":
    main()
