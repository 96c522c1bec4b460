"""Masks of every construct that draws noise, against raw draws copied by a plain dispatch mode."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
import torchvision
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

import dropviz

B, ITERATIONS, EXAMPLES = 6, 100, 3


class Raw(TorchDispatchMode):
    """Copies of what each random operation of a block gives, in order."""

    def __init__(self):
        super().__init__()
        self.draws = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        """Run an operation; copy its result if it is random."""
        out = func(*args, **(kwargs or {}))
        if torch.Tag.nondeterministic_seeded in func.tags:
            self.draws.append((out[1] if isinstance(out, tuple) else out).detach().clone())
        return out


class Do(nn.Module):
    """A model whose pass is a function of the module and its input."""

    def __init__(self, run, **parts):
        super().__init__()
        for name, part in parts.items():
            setattr(self, name, part)
        self.run = run

    def forward(self, x):
        """Run the function."""
        return self.run(self, x)


def whole(draw):
    """Return a draw of 0 and 1 as the mask of each example."""
    return draw != 0


def swap(draw):
    """Return a draw [time, example, unit] as [example, time, unit]."""
    return (draw != 0).transpose(0, 1)


def heads(draw):
    """Return a draw over joint heads as [example, head, query, key]."""
    return (draw != 0).reshape(-1, 2, *draw.shape[1:])


def blocks(draw):
    """Return the blocks around the seeds of DropBlock, of 3 x 3 pixels, as torchvision grows them."""
    return F.max_pool2d(F.pad(draw, [1] * 4), 3, stride=1, padding=1) == 0


class OwnSubclass(nn.Dropout):
    """A subclass of torch's module that draws in its own way."""

    def forward(self, x):
        """Fill with 0 where uniform numbers are below p."""
        return x.masked_fill(torch.rand_like(x) < self.p, 0).div(1 - self.p) if self.training else x


def chapter(x, drop_prob):
    """Return x with dropout, written by hand."""
    mask = (torch.rand(x.shape) > drop_prob).float()
    return mask * x / (1.0 - drop_prob)


def weight_drop(model, x):
    """Run a linear map whose weights are dropped."""
    return F.linear(x, F.dropout(model.fc.weight, 0.4, model.training), model.fc.bias)


def drop_path(_model, x):
    """Drop the whole branch of an example, as timm wrote it at first."""
    noise = 0.8 + torch.rand((x.shape[0], 1, 1), dtype=x.dtype)
    return x + x.div(0.8) * noise.floor_()


def locked(_model, x):
    """Drop units for all times."""
    mask = x.new_empty(x.size(0), 1, x.size(2)).bernoulli_(0.7) / 0.7
    return x * mask


def word_drop(model, ids):
    """Replace words by word 0."""
    return model.embed(ids.masked_fill(torch.rand(ids.shape) < 0.3, 0))


def put_zero(_model, x):
    """Drop by indexing."""
    y = x.clone()
    y[torch.rand(y.shape) < 0.3] = 0
    return y


def put_zeros(_model, x):
    """Select a tensor of zeros, or the input."""
    return torch.where(torch.rand(x.shape) < 0.3, torch.zeros_like(x), x)


def replace_by_noise(x):
    """Select noise, or the input."""
    return torch.where(torch.rand(x.shape) < 0.3, torch.randn_like(x), x)


def put_token(model, x):
    """Replace tokens by a parameter."""
    return torch.where((torch.rand(x.shape[:2]) < 0.3)[..., None], model.fc.bias, x)


def attend(model, x):
    """Attend with torch's function."""
    return F.scaled_dot_product_attention(x, x, x, dropout_p=0.3 if model.training else 0.0)


MHA = nn.MultiheadAttention(8, 2, dropout=0.3, batch_first=True)
LSTM, GRU = nn.LSTM(8, 6, 3, dropout=0.4, batch_first=True), nn.GRU(8, 6, 2, dropout=0.4)
FLAT, SEQUENCE, TIMES, IMAGE, WORDS = (B, 8), (B, 5, 8), (5, B, 8), (B, 4, 9, 9), (B, 7)
depth, encoder = torchvision.ops.StochasticDepth, nn.TransformerEncoderLayer


def maps(draw):
    """Return a draw [example, channel, 1, …] as [example, channel]."""
    return (draw != 0).flatten(1)


def same(draw):
    """Return a draw as it is."""
    return draw


def above(threshold):
    """Return the function that keeps numbers above a threshold."""
    return lambda numbers: numbers > threshold


def below(threshold):
    """Return the function that drops numbers below a threshold."""
    return lambda numbers: ~(numbers < threshold)


def on(function, *arguments):
    """Return a model that calls a function on its input, in training mode."""
    return Do(lambda model, x: function(x, *arguments, model.training))


def of(function):
    """Return a model that calls a function of its input alone."""
    return Do(lambda _model, x: function(x))


# Construct: model, shape of its input, kind, drop_prob, mask from each raw draw.
CONSTRUCTS = {
    "nn.Dropout": (nn.Dropout(0.5), FLAT, "units", 0.5, [whole]),
    "nn.Dropout in place": (Do(lambda m, x: m.d(x * 1), d=nn.Dropout(0.5, inplace=True)), FLAT, "units", 0.5, [whole]),
    "nn.Dropout1d": (nn.Dropout1d(0.4), SEQUENCE, "channels", 0.4, [maps]),
    "nn.Dropout2d": (nn.Dropout2d(0.4), IMAGE, "channels", 0.4, [maps]),
    "nn.Dropout3d": (nn.Dropout3d(0.4), (B, 4, 2, 3, 3), "channels", 0.4, [maps]),
    "nn.AlphaDropout": (nn.AlphaDropout(0.3), FLAT, "units", 0.3, [whole]),
    "nn.FeatureAlphaDropout": (nn.FeatureAlphaDropout(0.3), IMAGE, "channels", 0.3, [maps]),
    "F.dropout": (on(F.dropout, 0.2), FLAT, "units", 0.2, [whole]),
    "F.dropout2d": (on(F.dropout2d, 0.2), IMAGE, "channels", 0.2, [maps]),
    "F.alpha_dropout": (on(F.alpha_dropout, 0.2), FLAT, "units", 0.2, [whole]),
    "F.feature_alpha_dropout": (on(F.feature_alpha_dropout, 0.2), IMAGE, "channels", 0.2, [maps]),
    "dropviz.Dropout": (dropviz.Dropout(0.5), FLAT, "units", 0.5, [lambda d: (d < 0.5).numpy()]),
    "nn.MultiheadAttention": (Do(lambda m, x: m.a(x, x, x)[0], a=MHA), SEQUENCE, "attention", 0.3, [heads]),
    "scaled_dot_product_attention": (Do(attend), (B, 2, 5, 4), "attention", 0.3, [whole]),
    "nn.TransformerEncoderLayer": (encoder(8, 2, 16, 0.2, batch_first=True), SEQUENCE, None, 0.2, [whole] * 4),
    "nn.TransformerEncoderLayer, time first": (encoder(8, 2, 16, 0.2), TIMES, None, 0.2, [whole, swap, swap, swap]),
    "nn.LSTM": (Do(lambda m, x: m.r(x)[0], r=LSTM), SEQUENCE, "units", 0.4, [swap] * 2),
    "nn.GRU": (Do(lambda m, x: m.r(x)[0], r=GRU), TIMES, "units", 0.4, [swap]),
    "StochasticDepth": (depth(0.3, "row"), IMAGE, "paths", 0.3, [lambda d: whole(d)[:, 0, 0, 0]]),
    "StochasticDepth of a batch": (depth(0.3, "batch"), IMAGE, "paths", 0.3, [lambda d: whole(d)[0, 0, 0, 0]]),
    "drop_block2d": (torchvision.ops.DropBlock2d(0.1, 3), IMAGE, "blocks", 0.1, [blocks]),
    "DropPath": (Do(drop_path), SEQUENCE, "paths", 0.2, [lambda u: (0.8 + u).floor()[:, 0, 0] != 0]),
    "locked dropout": (Do(locked), SEQUENCE, "time-locked", 0.3, [lambda d: whole(d)[:, 0]]),
    "weight dropout": (Do(weight_drop, fc=nn.Linear(8, 5)), FLAT, "weights", 0.4, [whole]),
    "word dropout": (Do(word_drop, embed=nn.Embedding(9, 4)), WORDS, "tokens", 0.3, [below(0.3)]),
    "rand > p": (of(lambda x: chapter(x, 0.2)), FLAT, "units", 0.2, [above(0.2)]),
    "one's own subclass": (OwnSubclass(0.25), FLAT, "units", 0.25, [below(0.25)]),
    "where": (of(lambda x: torch.where(torch.rand_like(x) < 0.3, 0.0, x)), FLAT, "units", 0.3, [below(0.3)]),
    "where, with a tensor of zeros": (Do(put_zeros), FLAT, "units", 0.3, [below(0.3)]),
    "where, with noise": (of(replace_by_noise), FLAT, "units", 0.3, [below(0.3)]),
    "a filling of noise": (of(lambda x: torch.where(x > 3, x, torch.randn_like(x))), FLAT, "other", None, [same]),
    "mask token": (Do(put_token, fc=nn.Linear(8, 8)), SEQUENCE, "tokens", 0.3, [below(0.3)]),
    "a mask that is copied": (
        of(lambda x: x * x[0].clone().copy_(torch.rand(8) > 0.5)),
        FLAT,
        "units",
        0.5,
        [above(0.5)],
    ),
    "ranks": (
        of(lambda x: x * (torch.rand(x.shape).argsort(1) < 4)),
        FLAT,
        "units",
        None,
        [lambda u: u.argsort(1) < 4],
    ),
    "randn > 0": (of(lambda x: x * (torch.randn(x.shape) > 0)), FLAT, "units", None, [above(0)]),
    "a constant below rand": (of(lambda x: x * (torch.tensor(0.3) < torch.rand(8))), FLAT, "units", None, [above(0.3)]),
    "dropout2d of sequences": (of(lambda x: F.dropout2d(x.mT[:, :, None], 0.2)), SEQUENCE, "channels", 0.2, [maps]),
    "inference mode": (of(torch.inference_mode()(lambda x: F.dropout(x, 0.3))), FLAT, "units", 0.3, None),
    "index": (Do(put_zero), FLAT, "units", 0.3, [below(0.3)]),
    "bernoulli of a tensor": (of(lambda x: x * torch.full_like(x, 0.75).bernoulli()), FLAT, "units", 0.25, [whole]),
    "a mask of the minibatch": (of(lambda x: x * (torch.rand(8) > 0.5)), FLAT, "units", 0.5, [above(0.5)]),
    "uniform_": (of(lambda x: x * (torch.empty(x.shape).uniform_(0, 1) > 0.4)), FLAT, "units", 0.4, [above(0.4)]),
    "rrelu": (nn.RReLU(), FLAT, "multiplicative", None, None),
    "added noise": (of(lambda x: x + 0.1 * torch.randn_like(x)), FLAT, "additive", None, [lambda n: 0.1 * n]),
    "added noise, by its factor": (
        of(lambda x: x.add(torch.randn_like(x), alpha=0.1)),
        FLAT,
        "additive",
        None,
        [lambda n: 0.1 * n],
    ),
    "multiplied noise": (
        of(lambda x: x * (1 + 0.5 * torch.randn_like(x))),
        FLAT,
        "multiplicative",
        None,
        [lambda n: 1 + 0.5 * n],
    ),
}


def inputs_of(shape, iteration):
    """Return the input of an iteration."""
    rng = torch.Generator().manual_seed(iteration)
    return torch.randint(0, 9, shape, generator=rng) if shape is WORDS else torch.randn(shape, generator=rng) + 3


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_masks_are_those_that_were_drawn(name):
    """Each site of a construct has, in 100 iterations, the masks of the raw draws; not one bit differs."""
    model, shape, kind, drop_prob, expected = CONSTRUCTS[name]
    dropviz.Dropout(0.5)(torch.ones(2))  # its first pass in a process tries how torch draws masks
    recorder, raw = dropviz.Recorder(model, examples=EXAMPLES, iterations=ITERATIONS), []
    torch.manual_seed(0)
    for iteration in range(ITERATIONS):
        x = inputs_of(shape, iteration)
        with Raw() as mode:
            model(x)
        recorder.step()
        raw.append(mode.draws)
    recording = recorder.recording()
    assert recording.unseen == ()
    if expected is None:
        assert [(site.kind, site.drop_prob) for site in recording.sites] == [(kind, drop_prob)]
        return
    assert len(recording.sites) == len(expected) <= len(raw[0])
    for number, (site, read) in enumerate(zip(recording.sites, expected, strict=True)):
        values = recording.noise.get(site.name, recording.masks.get(site.name))
        truth = np.stack([np.asarray(read(draws[number])) for draws in raw])
        truth = truth[:, :EXAMPLES] if site.axes[:1] == ("example",) else truth
        assert values.shape == truth.shape == (ITERATIONS, *site.shape)
        assert np.array_equal(values, truth)
        assert (site.kind, site.drop_prob) == (kind or site.kind, drop_prob)
        assert site.compared or site.kind in ("other", "tokens") or "noise" in name
        assert site.error <= 4


def test_blocks_read_what_they_read():
    """Queries, keys and values read the same block; a sum around a module reads what the module read."""
    parts = {name: nn.Linear(8, 8) for name in ("query", "key", "out")}
    model = Do(lambda m, x: m.out(x + F.dropout(m.query(x) * m.key(x), 0.5, m.training)), **parts)
    recorder = dropviz.Recorder(model, examples=1, iterations=1)
    model(torch.randn(4, 5, 8)).mean().backward()
    recorder.step()
    blocks = recorder.recording(arm="a").blocks
    read = {block.label: [blocks[each].label for each in block.inputs] for block in blocks if block.kind != "module"}
    assert read == {"input": [], "multiply": ["Linear", "Linear"], "units": ["multiply"], "add": ["input", "units"]}
    assert [block.inputs for block in blocks if block.name in ("query", "key")] == [(0,), (0,)]
