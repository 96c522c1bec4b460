"""Training with and without a Recorder, of three models: recorded iterations, later ones, and a whole training."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from benchmarks.rows import Rows, row
from dropviz import Recorder

BLOCK, RECORDED, WHOLE = 20, 300, 3000


class ConvNet(nn.Module):
    """Two convolutions and two linear modules, as in PyTorch's MNIST example."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 16, 3, padding=1), nn.Conv2d(16, 32, 3, padding=1)
        self.drop_maps, self.drop = nn.Dropout2d(0.25), nn.Dropout(0.5)
        self.hidden, self.out = nn.Linear(32 * 7 * 7, 128), nn.Linear(128, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return scores [examples, 10] of images [examples, 1, 28, 28]."""
        x = F.max_pool2d(self.conv1(x).relu(), 2)
        x = F.max_pool2d(self.drop_maps(self.conv2(x)).relu(), 2).flatten(1)
        return self.out(self.drop(self.hidden(x).relu()))


class Transformer(nn.Module):
    """Two layers of an encoder, over the rows of an image."""

    def __init__(self) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(64, 4, 128, 0.1, batch_first=True)
        self.embed, self.encoder, self.out = nn.Linear(28, 64), nn.TransformerEncoder(layer, 2), nn.Linear(64, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return scores [examples, 10] of images [examples, 28, 28]."""
        return self.out(self.encoder(self.embed(x)).mean(1))


def _mlp() -> nn.Module:
    hidden = [nn.Linear(64, 256), nn.ReLU(), nn.Dropout(0.5), nn.Linear(256, 256), nn.ReLU(), nn.Dropout(0.5)]
    return nn.Sequential(*hidden, nn.Linear(256, 10))


MODELS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "digits MLP": (_mlp, (64, 64)),
    "small CNN": (ConvNet, (64, 1, 28, 28)),
    "two-layer Transformer": (Transformer, (64, 28, 28)),
}


def _train(model: nn.Module, x: torch.Tensor, iterations: int, recorder: Recorder | None) -> list[float]:
    """Train, and return the seconds of each iteration."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    seconds = []
    for _ in range(iterations):
        start = time.perf_counter()
        optimizer.zero_grad()
        model(x).square().mean().backward()
        optimizer.step()
        if recorder is not None:
            recorder.step()
        seconds.append(time.perf_counter() - start)
    return seconds


def capture(folder: Path, rounds: int) -> Rows:
    """Compare iterations with and without a Recorder; the whole training is computed from the medians of iterations."""
    torch.set_num_threads(1)
    return [each for name in MODELS for each in _measure(name, folder, rounds)]


def _measure(name: str, folder: Path, rounds: int) -> Rows:
    make, shape = MODELS[name]
    x = torch.randn(shape)
    models = {part: make().train() for part in ("bare", "recorded", "after")}
    recorders = {
        "bare": None,
        "recorded": Recorder(models["recorded"], iterations=10**6, max_bytes=1 << 40),
        "after": Recorder(models["after"], iterations=1),
    }
    for part, model in models.items():
        _train(model, x, 5, recorders[part])
    seconds: dict[str, list[float]] = {part: [] for part in models}
    for _ in range(4 * rounds):
        for part, model in models.items():
            seconds[part] += _train(model, x, BLOCK, recorders[part])
    bare, recorded, after = (statistics.median(each) for each in seconds.values())
    whole = (RECORDED * recorded + (WHOLE - RECORDED) * after) / (WHOLE * bare)
    return [
        row(f"{name}: recorded iteration / bare ({1000 * bare:.2f} ms)", f"{recorded / bare:.3f}", "2 or less"),
        row(f"{name}: iteration after recording / bare", f"{after / bare:.3f}", "1.02 or less"),
        row(f"{name}: {WHOLE} iterations, {RECORDED} of them recorded / bare", f"{whole:.3f}", "1.10 or less"),
        row(f"{name}: bytes of a file for each recorded iteration", f"{_bytes(make(), x, folder):,.0f}"),
    ]


def _bytes(model: nn.Module, x: torch.Tensor, folder: Path) -> float:
    """Return the bytes that an iteration adds to a file."""
    sizes = []
    for iterations in (20, 40):
        recorder = Recorder(model.train(), iterations=iterations)
        _train(model, x, iterations, recorder)
        sizes.append(recorder.recording().save(folder / "capture.npz").stat().st_size)
    return (sizes[1] - sizes[0]) / 20
