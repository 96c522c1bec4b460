"""The same work for everyone: recordings that are drawn, and the frames that are encoded."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from dropviz.analysis.comparison import gather
from dropviz.charts import find_chart
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.timeline import Pace
from dropviz.drawing.raster import default_style, rasterise
from dropviz.recording import Recording, load
from dropviz.style.labels import Labels
from dropviz.style.theme import find_theme

SIZE = (1280, 720)
HOLD = 3.0
PLAY = 120  # frames of the accuracy chart
MASKS = 60  # frames of the network


def network_recording(steps: int = MASKS) -> Recording:
    """Masks of a 5-5-5-5 network with dropout 0.5 on both hidden layers, drawn by torch."""
    import torch
    from torch import nn

    from dropviz import Recorder

    torch.manual_seed(1)
    hidden = [module for _ in range(2) for module in (nn.Linear(5, 5), nn.ReLU(), nn.Dropout(0.5))]
    model = nn.Sequential(*hidden, nn.Linear(5, 5))
    recorder = Recorder(model, examples=1, iterations=steps)
    for _step in range(steps):
        model(torch.randn(32, 5))
        recorder.step()
    return recorder.recording(arm="dropout 0.5")


def long_recordings(recordings: list[Recording], snapshots: int) -> list[Recording]:
    """Recordings with as many snapshots as wanted: those there are, again and again, at later iterations."""
    longer = []
    for recording in recordings:
        metric = {name: np.resize(values, snapshots) for name, values in recording.snapshots.items()}
        metric["iteration"] = np.arange(1, snapshots + 1)
        longer.append(Recording(**{**vars(recording), "snapshots": metric, "experiment": None}))
    return longer


@contextmanager
def chart(name: str, recordings: list[Recording], frames: int) -> Iterator[Any]:
    """A chart of recordings, in matplotlib's default style."""
    with default_style():
        yield find_chart(name)(gather(recordings), Canvas(SIZE, find_theme("light"), Labels("en")), frames, Pace(HOLD))


def load_all(folder: Path) -> list[Recording]:
    """The recordings in a folder."""
    return [load(path) for path in sorted(folder.glob("*.npz"))]


def write_frames(name: str, recordings: list[Recording], frames: int, folder: Path) -> None:
    """The frames as PNG files, for programs that read those."""
    folder.mkdir(parents=True, exist_ok=True)
    with chart(name, recordings, frames) as drawn:
        for number, frame in enumerate(rasterise(drawn)):
            Image.fromarray(frame.pixels[..., :3]).save(folder / f"{number:05}.png")
