"""Training one arm of fashion-mnist: `python -m benchmarks.seed dropviz EPOCHS ARM`, or `… usual EPOCHS FOLDER`.

`usual` is the way of many blog posts: a DataLoader over single images, flattened one by one in Python, and an
evaluation that does the same with all 70,000 images every 100 iterations. `dropviz` trains the same network on as many
minibatches with as many snapshots. Prints seconds, iterations and snapshots.
"""

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from dropviz.experiments.presets import PRESETS


def usual(root: Path, epochs: int) -> tuple[float, int, int]:
    """Per-sample Python, both in training and in evaluation."""
    import torch
    from torch import nn
    from torch.utils.data import DataLoader
    from torchvision import datasets, transforms

    train = datasets.FashionMNIST(str(root), train=True, transform=transforms.ToTensor())
    test = datasets.FashionMNIST(str(root), train=False, transform=transforms.ToTensor())
    model = nn.Sequential(
        *(nn.Linear(784, 256), nn.ReLU(), nn.Dropout(0.2), nn.Linear(256, 256), nn.ReLU(), nn.Dropout(0.5)),
        nn.Linear(256, 10),
    )

    def flat(images: Any) -> Any:
        return torch.tensor(np.array([image.reshape(784) for image in images]))

    def accuracy(data: Any) -> float:
        model.eval()
        with torch.no_grad():
            guesses = model(flat(data.data.float() / 255)).argmax(dim=1)
        model.train()
        return float((guesses == data.targets).float().mean())

    optimizer = torch.optim.SGD(model.parameters(), 0.5)
    start = time.perf_counter()
    iterations = snapshots = 0
    for _epoch in range(epochs):
        for images, labels in DataLoader(train, batch_size=256, shuffle=True):
            loss = nn.functional.cross_entropy(model(flat(images)), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            iterations += 1
            if iterations % 100 == 0:
                accuracy(train), accuracy(test)
                snapshots += 1
    return time.perf_counter() - start, iterations, snapshots


def ours(epochs: int, arm: int) -> tuple[float, int, int]:
    """dropviz's trainer, in this process, on one thread."""
    import torch

    from dropviz.training import load_data, train_run

    experiment = PRESETS["fashion-mnist"].replace(epochs=epochs)
    dataset = load_data("fashion-mnist")
    start = time.perf_counter()
    recording = train_run(experiment, experiment.arms[arm], 1, dataset, torch.device("cpu"))
    return time.perf_counter() - start, epochs * 235, len(recording.snapshots["iteration"])


def flops(iterations: int, snapshots: int) -> float:
    """Multiplications and additions of the linear layers of 784-256-256-10: twice a weight for each pass over it."""
    first, rest = 784 * 256, 256 * 256 + 256 * 10
    # Forward, and the gradients of weights and of inputs; the first layer's inputs need none.
    training = iterations * 256 * 2 * (2 * first + 3 * rest)
    return training + snapshots * 70_000 * 2 * (first + rest)


def main() -> None:
    """Train in one way, and print seconds, iterations and snapshots; reading the data set is no one's work."""
    way, epochs = sys.argv[1], int(sys.argv[2])
    print(*(ours(epochs, int(sys.argv[3])) if way == "dropviz" else usual(Path(sys.argv[3]), epochs)))


if __name__ == "__main__":
    main()
