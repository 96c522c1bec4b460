"""Make every file in this folder: `python assets/make.py`. Trains every small experiment, in about a quarter hour.

Recordings in out/recordings and pictures of the gallery that exist are not made again; in a new clone, remove the
folder `gallery` first.
"""

import re
from pathlib import Path
from typing import Any

import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torchvision.ops import StochasticDepth

import dropviz

FOLDER = Path(__file__).parent
SIZE = (960, 540)  # of the pictures in the gallery: they share one page


def main() -> None:
    """Write the gallery, two runs of seed 1 as sample recordings, and the pictures of the README, from all runs."""
    dropviz.gallery(out=FOLDER / "gallery", size=SIZE, theme="light", device="cpu")
    samples = dropviz.train("digits", seeds=1, out="out/recordings", device="cpu")
    for recording in samples:
        if recording.experiment is not None:
            arm = recording.experiment.arm(recording.arm)
            recording.save(FOLDER / f"sample-{arm.slug}.npz")
    recordings = dropviz.train("digits", out="out/recordings", device="cpu")
    for chart, drawn in (("accuracy", recordings), ("network", samples)):
        for theme in ("light", "dark"):
            out = FOLDER / f"{chart}-{theme}.gif"
            animation = dropviz.animate(drawn, chart, compare=True, out=out, theme=theme)
            print(f"{out.name}: {animation.frames} frames, {animation.seconds:g} s, {animation.bytes:,} bytes")
    draw_sites()
    draw_models()


class Residual(nn.Module):
    """A residual network for images of 8 x 8 pixels, with dropout of paths, of channels and of units."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 16, 3, padding=1)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(), nn.Dropout2d(0.2), StochasticDepth(share, "row"))
            for share in (0.2, 0.4)
        )
        self.units = nn.Sequential(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 64), nn.ReLU(), nn.Dropout(0.5))
        self.out = nn.Linear(64, 10)

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits of images [examples, 1, 8, 8]."""
        x = self.stem(images)
        for block in self.blocks:
            x = x + block(x)
        logits: Tensor = self.out(self.units(x))
        return logits


def record_residual() -> dropviz.Recording:
    """Train the residual network on the digits, and return what it drew in its first 60 iterations."""
    torch.manual_seed(1)
    pixels, digits = load_digits(return_X_y=True)
    images, labels = torch.tensor(pixels / 16).float().reshape(-1, 1, 8, 8), torch.tensor(digits)
    train, test, model = slice(0, 1200), slice(1200, None), Residual()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    with dropviz.Recorder(model, examples=4, iterations=60) as recorder:
        for _epoch in range(10):
            for rows in torch.randperm(1200).split(50):
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(images[train][rows]), labels[train][rows]).backward()
                optimizer.step()
                recorder.step()
            with torch.no_grad():
                correct = model.eval()(images[test]).argmax(dim=1) == labels[test]
            model.train()
            recorder.snapshot(test_accuracy=float(correct.float().mean()))
    return recorder.recording(arm="residual network")


def draw_sites() -> None:
    """Write the pictures of a model that is no chain."""
    recording = record_residual()
    for theme in ("light", "dark"):
        animation = dropviz.animate(recording, "sites", out=FOLDER / f"sites-{theme}.gif", theme=theme)
        print(f"{animation.path.name}: {animation.frames} frames, {animation.bytes:,} bytes")
        print(animation.alt)


def draw_models() -> None:
    """Write the pictures of docs/own-models.md, by running its code."""
    page = (FOLDER.parent / "docs/own-models.md").read_text()
    loop, *models = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    pictures = re.findall(r"\.\./assets/(models/\w+\.gif)", page)
    for code, picture in zip(models, pictures, strict=True):
        torch.manual_seed(1)
        names: dict[str, Any] = {}
        exec(loop + code, names)  # noqa: S102  # our own
        animation = dropviz.animate(names["recording"], "sites", out=FOLDER / picture, size=SIZE)
        print(f"{picture}: {animation.frames} frames, {animation.bytes:,} bytes")


if __name__ == "__main__":
    main()
