"""Small models with noise of many kinds, and recordings of a few iterations of each."""

import torch
import torch.nn.functional as F
from torch import nn

import dropviz

BATCH, ITERATIONS, EXAMPLES = 8, 8, 2


class Do(nn.Module):
    """A model whose pass is a function of the module, its input, and the number of the iteration."""

    def __init__(self, run, **parts):
        super().__init__()
        for name, part in parts.items():
            setattr(self, name, part)
        self.run, self.iteration = run, 0

    def forward(self, x):
        """Run the function."""
        return self.run(self, x)


def drop_path(x, drop_prob):
    """Drop the path of each example."""
    keep = torch.empty(len(x), *[1] * (x.dim() - 1)).bernoulli_(1 - drop_prob)
    return x * keep / (1 - drop_prob)


def residual(m, x):
    """Two blocks that can be skipped, then dropout of pixels of maps and of units."""
    x = m.stem(x)
    x = x + drop_path(m.one(x), 0.5)
    x = x + drop_path(m.two(x), 0.3)
    return m.out(m.units(m.pixels(x).flatten(1)))


def attention(m, x):
    """Self-attention with dropout of its weights, within a sum."""
    return m.out(x + m.drop(m.attention(x, x, x)[0]))


def drop_connect(m, x):
    """Dropout of the weights of a linear module."""
    return m.out(F.linear(x, F.dropout(m.hidden.weight, 0.5), m.hidden.bias))


def branches(m, x):
    """Two branches of a model, put side by side."""
    return m.out(torch.cat([m.drop_a(m.a(x)), m.drop_b(m.b(x))], dim=1))


def noise(m, x):
    """Noise that is added, and noise that multiplies."""
    x = m.hidden(x + 0.2 * torch.randn_like(x))
    return m.out(x * (1 + 0.5 * torch.randn_like(x)))


def shared(m, x):
    """A mask that all examples of a minibatch share."""
    x = m.hidden(x)
    return m.out(x * torch.empty(x.shape[1]).bernoulli_(0.5) * 2)


def deep(m, x):
    """Many sites, one after another."""
    for linear in m.hidden:
        x = x + F.dropout(linear(x), 0.2)
    return x


def models():
    """Return models and the shape of an example, by name; a shape of None stands for lengths that differ."""
    return {
        "cnn": (nn.Sequential(nn.Conv2d(1, 6, 3), nn.Dropout2d(0.4), nn.Flatten(), nn.Linear(216, 4)), (1, 8, 8)),
        "residual": (
            Do(
                residual,
                stem=nn.Conv2d(1, 4, 3, padding=1),
                one=nn.Conv2d(4, 4, 3, padding=1),
                two=nn.Conv2d(4, 4, 3, padding=1),
                pixels=nn.Dropout(0.3),
                units=nn.Dropout(0.5),
                out=nn.Linear(64, 4),
            ),
            (1, 4, 4),
        ),
        "attention": (
            Do(
                attention,
                attention=nn.MultiheadAttention(8, 2, 0.3, batch_first=True),
                drop=nn.Dropout(0.2),
                out=nn.Linear(8, 4),
            ),
            (5, 8),
        ),
        "weights": (Do(drop_connect, hidden=nn.Linear(12, 9), out=nn.Linear(9, 4)), (12,)),
        "branches": (
            Do(
                branches,
                a=nn.Linear(6, 10),
                b=nn.Linear(6, 5),
                drop_a=nn.Dropout(0.5),
                drop_b=nn.Dropout(0.3),
                out=nn.Linear(15, 4),
            ),
            (6,),
        ),
        "noise": (Do(noise, hidden=nn.Linear(8, 6), out=nn.Linear(6, 4)), (8,)),
        "shared": (Do(shared, hidden=nn.Linear(8, 12), out=nn.Linear(12, 4)), (8,)),
        "lengths": (nn.Sequential(nn.Linear(6, 7), nn.Dropout(0.3), nn.LayerNorm(7)), None),
        "deep": (Do(deep, hidden=nn.ModuleList([nn.Linear(16, 16) for _ in range(30)])), (16,)),
        "wide": (nn.Sequential(nn.Linear(4, 30_000), nn.Dropout(0.5), nn.LayerNorm(30_000)), (4,)),
    }


def record(name, model, shape):
    """Return the recording of some iterations of a model."""
    recorder = dropviz.Recorder(model, examples=EXAMPLES, iterations=ITERATIONS)
    for iteration in range(ITERATIONS):
        size = (3 + iteration % 3, 6) if shape is None else shape
        model(torch.randn(BATCH, *size)).square().mean().backward()
        recorder.step()
    return recorder.recording(arm=name)


def record_all():
    """Yield a recording of each model."""
    torch.manual_seed(1)
    for name, (model, shape) in models().items():
        yield record(name, model, shape)
