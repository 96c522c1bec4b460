"""Models for `dropviz check`: correct ones, and one with a mistake that its accuracy does not show."""

import torch
import torch.nn.functional as F
from torch import nn


def build():
    """Return an MLP with dropout after its hidden layers; `dropviz check examples/model.py:build` finds no mistake."""
    return nn.Sequential(
        nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Dropout(0.2), nn.Linear(256, 256), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(256, 10),
    )  # fmt: skip


class Attention(nn.Module):
    """Self-attention over sequences of different lengths, with dropout of its weights and of its result."""

    def __init__(self, size=32, drop_prob=0.1):
        super().__init__()
        self.drop_prob, self.projections, self.drop = drop_prob, nn.Linear(size, 3 * size), nn.Dropout(drop_prob)

    def forward(self, x, is_token):
        """Return `x` [examples, tokens, size] plus what each token reads from those where `is_token` is True."""
        query, key, value = self.projections(x).chunk(3, dim=-1)
        drop_prob = self.drop_prob if self.training else 0.0  # this function has no mode of its own
        seen = is_token[:, None, :]
        return x + self.drop(F.scaled_dot_product_attention(query, key, value, seen, dropout_p=drop_prob))


def build_attention():
    """Return a model and its inputs; `dropviz check examples/model.py:build_attention` runs it on them."""
    lengths = torch.tensor([6, 3, 5, 6])
    return Attention(), {"x": torch.randn(4, 6, 32), "is_token": torch.arange(6) < lengths[:, None]}


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
