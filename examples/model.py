"""Two models for `dropviz check`: a correct one, and one with a mistake that its accuracy does not show."""

import torch
from torch import nn


def build():
    """Return an MLP with dropout after its hidden layers; `dropviz check examples/model.py:build` finds no mistake."""
    return nn.Sequential(
        nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Dropout(0.2), nn.Linear(256, 256), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(256, 10),
    )  # fmt: skip


class Wrong(nn.Module):
    """MLP with a mask from normal numbers; `dropviz check examples/model.py:Wrong` prints the share dropped."""

    def __init__(self, drop_prob=0.2):
        super().__init__()
        self.drop_prob = drop_prob
        self.hidden, self.output = nn.Linear(784, 256), nn.Linear(256, 10)

    def forward(self, x):
        """Drop hidden units in training, but with another probability than `drop_prob`."""
        h = torch.relu(self.hidden(x.flatten(1)))
        if self.training:
            h = h * (torch.randn_like(h) > self.drop_prob) / (1 - self.drop_prob)
        return self.output(h)
