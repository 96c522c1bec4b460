"""dropviz check on small models in many styles: right ones pass, and the mistake of each wrong one is named."""

# ruff: noqa: D102, D103, ARG005, S311, RET504  # models are written as users write, and their names describe them

import math
import random
from dataclasses import dataclass

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.checkpoint import checkpoint
from torchvision.ops import StochasticDepth

from dropviz.diagnosis import check
from dropviz.diagnosis.results import KINDS

RIGHT, WRONG = {}, {}


def right(build):
    """Note a builder of a model without mistakes."""
    RIGHT[build.__name__] = build
    return build


def wrong(kind):
    """Return a decorator that notes a builder of a model with one mistake."""

    def note(build):
        WRONG[build.__name__] = (build, kind)
        return build

    return note


def images(*shape):
    return torch.randn(8, *shape)


class Body(nn.Module):
    """Network of two linear layers; subclasses drop between them."""

    def __init__(self):
        super().__init__()
        self.hidden, self.output = nn.Linear(12, 64), nn.Linear(64, 5)

    def drop(self, h):
        return h

    def forward(self, x):
        return self.output(self.drop(torch.relu(self.hidden(x))))


def function_body(drop):
    """Return a Body whose `drop` is a function of the module and its activations."""
    return type("Function", (Body,), {"drop": drop})


# Right models


@right
def sequential():
    return nn.Sequential(nn.Linear(12, 64), nn.Tanh(), nn.Dropout(0.25), nn.Linear(64, 5), nn.Softmax(1))


@right
def without_nonlinearity():
    return nn.Sequential(nn.Linear(12, 64), nn.Dropout(0.25), nn.Linear(64, 5))


@right
def two_rates_in_one_function():
    def own_dropout(h, share):
        keep = torch.rand_like(h).ge(share)
        return h.mul(keep).div(1 - share)

    class Net(Body):
        def __init__(self):
            super().__init__()
            self.middle = nn.Linear(64, 64)

        def forward(self, x):
            h = F.elu(self.hidden(x))
            h = own_dropout(h, 0.1) if self.training else h
            h = F.elu(self.middle(h))
            return self.output(own_dropout(h, 0.4) if self.training else h)

    return Net()


@right
def rates_in_a_loop():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers, self.rates = nn.ModuleList(nn.Linear(32, 32) for _ in range(3)), (0.1, 0.3, 0.5)
            self.head = nn.Linear(32, 2)

        def forward(self, x):
            for layer, rate in zip(self.layers, self.rates, strict=True):
                x = F.dropout(layer(x).relu(), rate, self.training)
            return self.head(x)

    return Net()


@dataclass
class Config:
    """Sizes and drop probability of a transformer."""

    width: int = 16
    heads: int = 4
    layers: int = 2
    drop_prob: float = 0.2


class Attention(nn.Module):
    """Self-attention, with dropout of its weights."""

    def __init__(self, config):
        super().__init__()
        self.config, self.all, self.out = config, nn.Linear(16, 48), nn.Linear(16, 16)

    def weights(self, weights):
        return F.dropout(weights, self.config.drop_prob, self.training)

    def forward(self, x):
        split = [each.unflatten(-1, (self.config.heads, -1)).transpose(1, 2) for each in self.all(x).chunk(3, -1)]
        q, k, v = split
        weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(-1)
        return self.out((self.weights(weights) @ v).transpose(1, 2).flatten(2))


class EncoderBlock(nn.Module):
    """Block of a transformer with norms before its branches."""

    def __init__(self, config, attention=Attention):
        super().__init__()
        self.attention, self.norm1, self.norm2 = attention(config), nn.LayerNorm(16), nn.LayerNorm(16)
        self.feed = nn.Sequential(nn.Linear(16, 32), nn.GELU(), nn.Dropout(0.2), nn.Linear(32, 16))
        self.drop = nn.Dropout(config.drop_prob)

    def forward(self, x):
        x = x + self.drop(self.attention(self.norm1(x)))
        return x + self.drop(self.feed(self.norm2(x)))


class Transformer(nn.Module):
    """Classifier of sequences of tokens."""

    def __init__(self, config=None, block=EncoderBlock, attention=Attention):
        super().__init__()
        config = config or Config()
        self.words, self.position = nn.Embedding(50, 16), nn.Parameter(torch.zeros(1, 32, 16))
        self.drop = nn.Dropout(config.drop_prob)
        self.blocks = nn.Sequential(*(block(config, attention) for _ in range(config.layers)))
        self.norm, self.head = nn.LayerNorm(16), nn.Linear(16, 3)

    def forward(self, ids):
        x = self.drop(self.words(ids) + self.position[:, : ids.shape[1]])
        return self.head(self.norm(self.blocks(x)).mean(1))


@right
def dataclass_transformer():
    return Transformer()


@right
def fused_attention():
    class Fused(Attention):
        def forward(self, x):
            q, k, v = (each.unflatten(-1, (4, -1)).transpose(1, 2) for each in self.all(x).chunk(3, -1))
            share = self.config.drop_prob if self.training else 0.0
            return self.out(F.scaled_dot_product_attention(q, k, v, dropout_p=share).transpose(1, 2).flatten(2))

    return Transformer(attention=Fused)


@right
def causal_mask_as_attribute():
    class Causal(Attention):
        def __init__(self, config):
            super().__init__(config)
            self.later = torch.triu(torch.ones(32, 32), 1).bool()  # no buffer
            self.register_buffer("seen", torch.tril(torch.ones(32, 32)))

        def forward(self, x):
            q, k, v = (each.unflatten(-1, (4, -1)).transpose(1, 2) for each in self.all(x).chunk(3, -1))
            n = x.shape[1]
            scores = (q @ k.mT / 2).masked_fill(self.later[:n, :n], -torch.inf)
            weights = scores.masked_fill(self.seen[:n, :n] == 0, -torch.inf).softmax(-1)
            return self.out((self.weights(weights) @ v).transpose(1, 2).flatten(2))

    return Transformer(attention=Causal)


@right
def gru_encoder():
    class Encoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.drop = nn.Embedding(40, 12), nn.Dropout(0.3)
            self.rnn = nn.GRU(12, 16, num_layers=2, dropout=0.2, bidirectional=True, batch_first=True)

        def forward(self, tokens, lengths):
            x = self.drop(self.embed(tokens))
            packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
            return self.rnn(packed)[1][-2:].transpose(0, 1).flatten(1)

    return Encoder(), (torch.randint(0, 40, (8, 9)), torch.tensor([9, 3, 5, 6, 9, 2, 4, 8]))


@right
def decoder_loop():
    class Decoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.cell, self.drop, self.out = nn.GRUCell(12, 64), nn.Dropout(0.3), nn.Linear(64, 5)

        def forward(self, x):
            state, outputs = x.new_zeros(len(x), 64), []
            for step in x.unbind(1):
                state = self.cell(step, state)
                outputs.append(self.out(self.drop(state)))
            return torch.stack(outputs, 1)

    return Decoder(), images(6, 12)


@right
def locked_dropout():
    class Locked(nn.Module):
        def __init__(self, dropout=0.4):
            super().__init__()
            self.dropout = dropout

        def forward(self, x):
            if not self.training or not self.dropout:
                return x
            mask = x.new_empty(1, x.size(1), x.size(2)).bernoulli_(1 - self.dropout)
            return x * mask.expand_as(x) / (1 - self.dropout)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn, self.locked, self.out = nn.LSTM(12, 32), Locked(), nn.Linear(32, 5)

        def forward(self, x):
            return self.out(self.locked(self.rnn(x)[0]))

    return Net(), torch.randn(6, 8, 12)


@right
def wide_resnet():
    class Block(nn.Module):
        def __init__(self, channels=8):
            super().__init__()
            self.norm1, self.norm2 = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)
            self.conv1, self.conv2 = (nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2))

        def forward(self, x):
            h = self.conv1(F.relu(self.norm1(x)))
            return x + self.conv2(F.dropout(F.relu(self.norm2(h)), 0.3, training=self.training))

    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1), Block(), Block(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 4)
    ), images(3, 8, 8)


@right
def drop_path():
    class DropPath(nn.Module):
        def __init__(self, drop_prob):
            super().__init__()
            self.drop_prob = drop_prob

        def forward(self, x):
            if self.drop_prob == 0 or not self.training:
                return x
            keep = 1 - self.drop_prob
            shape = (x.shape[0],) + (1,) * (x.ndim - 1)
            return x.div(keep) * (keep + torch.rand(shape)).floor_()

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.mlp, self.path = (
                nn.Sequential(nn.Linear(12, 24), nn.ReLU(), nn.Linear(24, 12), nn.Dropout(0.2)),
                DropPath(0.2),
            )

        def forward(self, x):
            return x + self.path(self.mlp(x))

    return nn.Sequential(Block(), Block(), nn.Linear(12, 3))


@right
def rare_paths():
    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear, self.path = nn.Linear(12, 12), StochasticDepth(0.012, "row")

        def forward(self, x):
            return x + self.path(self.linear(x))

    return nn.Sequential(*(Block() for _ in range(8)), nn.Linear(12, 2)), torch.randn(1, 12)


@right
def layer_drop():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers, self.head = nn.ModuleList(nn.Linear(12, 12) for _ in range(4)), nn.Linear(12, 3)

        def forward(self, x):
            for layer in self.layers:
                if self.training and random.random() < 0.2:
                    continue
                x = x + layer(x).relu()
            return self.head(x)

    return Net()


@right
def word_dropout():
    class Tagger(nn.Module):
        def __init__(self, unknown=1, share=0.15):
            super().__init__()
            self.unknown, self.share, self.words, self.out = unknown, share, nn.Embedding(30, 16), nn.Linear(16, 4)

        def forward(self, ids):
            if self.training:
                ids = torch.where(torch.rand(ids.shape) < self.share, self.unknown, ids)
            return self.out(self.words(ids))

    return Tagger(), torch.randint(0, 30, (8, 12))


@right
def monte_carlo_on_purpose():
    def drop(self, h):
        return F.dropout(h, 0.5)  # dropviz: on purpose

    return function_body(drop)()


@right
def monte_carlo_module_on_purpose():
    class AlwaysDropout(nn.Dropout):
        def forward(self, x):
            return F.dropout(x, self.p, training=True)

    class Net(Body):
        def __init__(self):
            super().__init__()
            self.mc = AlwaysDropout(0.2)  # dropviz: on purpose

        def drop(self, h):
            return self.mc(h)

    return Net()


@right
def numpy_mask():
    def drop(self, h):
        if not self.training:
            return h
        kept = np.random.rand(*h.shape) >= 0.3  # noqa: NPY002  # as users draw
        return h * torch.from_numpy(kept.astype(np.float32)) / 0.7

    return function_body(drop)()


@right
def masked_fill_after_scale():
    return function_body(
        lambda self, h: (h / 0.6).masked_fill(torch.rand(h.shape) < 0.4, 0.0) if self.training else h
    )()


@right
def indexing():
    def drop(self, h):
        if self.training:
            h = h.clone()
            h[torch.rand(h.shape) < 0.25] = 0
            h = h * (1 / 0.75)
        return h

    return function_body(drop)()


@right
def scaled_in_evaluation():
    def drop(self, h):
        return h * torch.bernoulli(torch.full_like(h, 0.7)) if self.training else h * 0.7

    return function_body(drop)()


@right
def scaled_in_place_before():
    def drop(self, h):
        if self.training:
            kept = torch.empty(len(h), 1).bernoulli_(0.7)
            h.div_(0.7).mul_(kept)
        return h

    return function_body(drop)()


@right
def probabilities_of_units():
    class Standout(Body):
        def __init__(self):
            super().__init__()
            self.keep = nn.Linear(12, 64)

        def forward(self, x):
            h, keep = self.hidden(x).relu(), self.keep(x).sigmoid()
            return self.output(h * torch.bernoulli(keep) if self.training else h * keep)

    return Standout()


@right
def zoneout():
    class Zoneout(nn.Module):
        def __init__(self):
            super().__init__()
            self.cell, self.out = nn.GRUCell(12, 32), nn.Linear(32, 2)

        def forward(self, x):
            state = x.new_zeros(len(x), 32)
            for step in x.unbind(1):
                new = self.cell(step, state)
                old = torch.bernoulli(torch.full_like(state, 0.2)) if self.training else 0.2
                state = old * state + (1 - old) * new
            return self.out(state)

    return Zoneout(), images(6, 12)


@right
def gaussian_noise():
    class GaussianDropout(nn.Module):
        def __init__(self, p=0.2):
            super().__init__()
            self.p = p

        def forward(self, x):
            deviation = (self.p / (1 - self.p)) ** 0.5
            return x * (1 + deviation * torch.randn_like(x)) if self.training else x

    return nn.Sequential(nn.Linear(12, 32), nn.ReLU(), GaussianDropout(), nn.Linear(32, 2))


@right
def variational_autoencoder():
    class Autoencoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.encode = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Dropout(0.1))
            self.mean, self.log_variance, self.decode = nn.Linear(32, 4), nn.Linear(32, 4), nn.Linear(4, 12)

        def forward(self, x):
            h = self.encode(x)
            mean, deviation = self.mean(h), (0.5 * self.log_variance(h)).exp()
            return {"image": self.decode(mean + deviation * torch.randn_like(deviation)), "mean": mean}

    return Autoencoder()


@right
def feature_extractor():
    return nn.Sequential(nn.Linear(12, 64), nn.ReLU(), nn.Dropout(0.5))


@right
def graph_network():
    class Layer(nn.Module):
        def __init__(self, size, out):
            super().__init__()
            self.own, self.near = nn.Linear(size, out), nn.Linear(size, out, bias=False)

        def forward(self, x, edge_index):
            source, target = edge_index
            total = torch.zeros_like(x).index_add_(0, target, x[source])
            return self.own(x) + self.near(total)

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.two = Layer(12, 32), Layer(32, 3)

        def forward(self, x, edge_index):
            h = F.dropout(self.one(x, edge_index).relu(), p=0.4, training=self.training)
            return F.log_softmax(self.two(h, edge_index), dim=-1)

    return Network()


@right
def siamese():
    class Siamese(nn.Module):
        def __init__(self):
            super().__init__()
            self.tower = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 8))

        def forward(self, left, right):
            return (self.tower(left) - self.tower(right)).square().sum(1)

    return Siamese()


@right
def several_samples_of_dropout():
    class Net(Body):
        def __init__(self):
            super().__init__()
            self.drops = nn.ModuleList(nn.Dropout(0.1 * (k + 1)) for k in range(4))

        def forward(self, x):
            h = self.hidden(x).relu()
            return torch.stack([self.output(drop(h)) for drop in self.drops]).mean(0)

    return Net()


@right
def checkpointed():
    class Net(Body):
        def __init__(self):
            super().__init__()
            self.block = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.5))

        def forward(self, x):
            h = self.hidden(x)
            h = checkpoint(self.block, h, use_reentrant=False)
            return self.output(checkpoint(self.block, h, use_reentrant=True))

    return Net()


@right
def drop_block():
    class DropBlock(nn.Module):
        def __init__(self, drop_prob=0.2, size=3):
            super().__init__()
            self.drop_prob, self.size = drop_prob, size

        def forward(self, x):
            if not self.training:
                return x
            seeds = (torch.rand(len(x), *x.shape[2:]) < self.drop_prob / self.size**2).float()
            kept = 1 - F.max_pool2d(seeds[:, None], self.size, 1, self.size // 2)
            return x * kept * kept.numel() / kept.sum()

    return nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), DropBlock(), nn.Flatten(), nn.LazyLinear(3)
    ), images(1, 10, 10)


@right
def weights_dropped():
    class Connect(Body):
        def forward(self, x):
            weight = F.dropout(self.output.weight, 0.3, self.training)
            return F.linear(self.hidden(x).relu(), weight, self.output.bias)

    return Connect()


@right
def schedule_of_rates():
    class Scheduled(Body):
        def __init__(self):
            super().__init__()
            self.passes = 0

        def drop(self, h):
            self.passes += self.training
            return F.dropout(h, min(0.5, 0.01 * self.passes), self.training)

    return Scheduled()


@right
def dropout_after_batch_norm():
    return nn.Sequential(
        nn.Conv2d(1, 6, 3), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout2d(0.2), nn.Flatten(),
        nn.Linear(54, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.4), nn.Linear(32, 3),
    ), images(1, 8, 8)  # fmt: skip


@right
def frozen_trunk():
    class Frozen(nn.Module):
        def __init__(self):
            super().__init__()
            self.trunk = nn.Sequential(nn.Linear(12, 32), nn.BatchNorm1d(32), nn.ReLU()).requires_grad_(False)
            self.head = nn.Sequential(nn.Dropout(0.5), nn.Linear(32, 2))

        def train(self, mode=True):
            super().train(mode)
            self.trunk.eval()
            return self

        def forward(self, x):
            return self.head(self.trunk(x))

    return Frozen()


@dataclass
class Prediction:
    """Output of `classifier_with_outputs`."""

    logits: torch.Tensor
    features: torch.Tensor


@right
def classifier_with_outputs():
    class Net(Body):
        def __init__(self):
            super().__init__()
            self.dropout = nn.Dropout(0.3)

        def forward(self, x, mask):
            h = self.dropout(self.hidden(x).relu()) * mask
            return Prediction(self.output(h), h)

    return Net(), {"x": images(12), "mask": (torch.rand(8, 64) > 0.5).float()}


# Wrong models


@wrong("on-in-evaluation")
def spatial_dropout_always_on():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.out = nn.Conv2d(1, 8, 3), nn.Linear(8, 3)

        def forward(self, x):
            return self.out(F.dropout2d(self.conv(x).relu(), 0.3).mean((2, 3)))

    return Net(), images(1, 8, 8)


@wrong("on-in-evaluation")
def flag_upside_down():
    return function_body(lambda self, h: F.dropout(h, 0.2, training=not self.training))()


@wrong("on-in-evaluation")
def made_in_forward():
    return function_body(lambda self, h: nn.Dropout(0.3)(h))()


@wrong("on-in-evaluation")
def eval_of_ones_own():
    class Net(Body):
        def __init__(self):
            super().__init__()
            self.inner = nn.Dropout(0.4)

        def drop(self, h):
            return self.inner(h)

        def eval(self):
            self.training = False
            return self

    return Net()


@wrong("on-in-evaluation")
def numpy_always_on():
    def drop(self, h):
        return h * torch.tensor(np.random.binomial(1, 0.5, h.shape), dtype=h.dtype) * 2  # noqa: NPY002  # as users draw

    return function_body(drop)()


@wrong("on-in-evaluation")
def second_output_random():
    class Net(Body):
        def forward(self, x):
            h = self.hidden(x).relu()
            return {"logits": self.output(h), "attention": F.dropout(h.softmax(-1), 0.2)}

    return Net()


@wrong("flag-as-probability")
def flag_as_probability():
    return function_body(lambda self, h: F.dropout(h, self.training))()


@wrong("flag-as-probability")
def flag_to_module():
    return nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Dropout(True), nn.Linear(32, 3))


@wrong("certain")
def percent():
    return nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Dropout(1), nn.Linear(32, 3))


@wrong("keep-probability")
def keep_from_a_config():
    @dataclass
    class Settings:
        keep_prob: float = 0.75

    class Net(Body):
        def __init__(self, settings):
            super().__init__()
            self.dropout = nn.Dropout(p=settings.keep_prob)

        def drop(self, h):
            return self.dropout(h)

    return Net(Settings())


@wrong("keep-probability")
def keep_in_function():
    class Net(Body):
        def __init__(self):
            super().__init__()
            self.keep_rate = 0.9

        def drop(self, h):
            return F.dropout(h, self.keep_rate, self.training)

    return Net()


@wrong("one-layer")
def gru_with_one_layer():
    class Encoder(nn.Module):
        def __init__(self):
            super().__init__()
            with pytest.warns(UserWarning, match="num_layers"):
                self.rnn = nn.GRU(12, 16, dropout=0.3, batch_first=True)
            self.out = nn.Linear(16, 2)

        def forward(self, x):
            return self.out(self.rnn(x)[1][-1])

    return Encoder()


@wrong("never-called")
def forgotten():
    class Net(Body):
        def __init__(self):
            super().__init__()
            self.dropout = nn.Dropout(0.5)

    return Net()


@wrong("unused-result")
def result_thrown_away():
    class Net(Body):
        def __init__(self):
            super().__init__()
            self.dropout = nn.Dropout(0.5)

        def drop(self, h):
            self.dropout(h)
            return h

    return Net()


@wrong("unused-result")
def result_overwritten():
    def drop(self, h):
        dropped = F.dropout(h, 0.5, self.training)
        dropped = h.tanh()
        return dropped

    return function_body(drop)()


@wrong("nothing-dropped")
def never_in_training():
    class Net(Body):
        def __init__(self):
            super().__init__()
            self.dropout = nn.Dropout(0.3)

        def drop(self, h):
            return self.dropout(h)

        def train(self, mode=True):
            super().train(mode)
            self.dropout.train(False)
            return self

    return Net()


@wrong("left-in-evaluation")
def validation_in_forward():
    class Net(Body):
        def __init__(self):
            super().__init__()
            self.dropout = nn.Dropout(0.3)

        def drop(self, h):
            return self.dropout(h)

        def forward(self, x):
            result = super().forward(x)
            self.eval()
            self.last = super().forward(x[:2])
            return result

    return Net()


@wrong("after-output")
def before_log_softmax():
    class Net(Body):
        def forward(self, x):
            return F.log_softmax(F.dropout(self.output(self.hidden(x).relu()), 0.3, self.training), dim=1)

    return Net()


@wrong("after-output")
def logits_in_a_dict():
    class Net(Body):
        def __init__(self):
            super().__init__()
            self.dropout = nn.Dropout(0.1)

        def forward(self, x):
            h = self.hidden(x).relu()
            return {"features": h, "logits": self.dropout(self.output(h))}

    return Net()


@wrong("doubled")
def around_the_activation():
    return nn.Sequential(nn.Linear(12, 64), nn.Dropout(0.2), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 3))


@wrong("doubled")
def at_the_end_and_the_beginning():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.features = nn.Sequential(nn.Linear(12, 64), nn.ReLU(), nn.Dropout(0.3))
            self.head = nn.Linear(64, 3)

        def forward(self, x):
            return self.head(F.dropout(self.features(x).view(len(x), -1), 0.4, self.training))

    return Net()


@wrong("residual-stream")
def sum_dropped():
    class Block(EncoderBlock):
        def forward(self, x):
            x = self.drop(x + self.attention(self.norm1(x)))
            return self.drop(x + self.feed(self.norm2(x)))

    return Transformer(block=Block)


@wrong("before-batch-norm")
def dropout_before_batch_norm():
    return nn.Sequential(
        nn.Conv2d(1, 6, 3), nn.Dropout(0.4), nn.BatchNorm2d(6), nn.ReLU(), nn.Flatten(), nn.Linear(216, 3)
    ), images(1, 8, 8)


@wrong("wrong-rate")
def normal_numbers():
    return function_body(lambda self, h: h.masked_fill(torch.randn_like(h) < 0.2, 0) / 0.8 if self.training else h)()


@wrong("wrong-rate")
def kept_and_dropped_swapped():
    class OwnDropout(nn.Module):
        def __init__(self, p):
            super().__init__()
            self.p = p

        def forward(self, x):
            return x * torch.bernoulli(torch.full_like(x, self.p)) / (1 - self.p) if self.training else x

    return nn.Sequential(nn.Linear(12, 64), nn.ReLU(), OwnDropout(0.2), nn.Linear(64, 3))


@wrong("wrong-scale")
def where_without_scale():
    return function_body(
        lambda self, h: torch.where(torch.rand_like(h) > 0.3, h, torch.zeros_like(h)) if self.training else h
    )()


@wrong("wrong-scale")
def indexing_without_scale():
    def drop(self, h):
        if self.training:
            h = h.clone()
            h[torch.rand(h.shape) < 0.4] = 0
        return h

    return function_body(drop)()


@wrong("wrong-scale")
def numpy_without_scale():
    def drop(self, h):
        if not self.training:
            return h
        return h * torch.from_numpy((np.random.random_sample(h.shape) > 0.5).astype("float32"))  # noqa: NPY002  # so

    return function_body(drop)()


@wrong("wrong-scale")
def scaled_the_other_way():
    return function_body(lambda self, h: h * (torch.rand(h.shape) > 0.2) * (1 - 0.2) if self.training else h)()


@wrong("scaled-twice")
def scaled_by_torch_and_by_hand():
    return function_body(lambda self, h: F.dropout(h, 0.2) / (1 - 0.2) if self.training else h)()


@wrong("scaled-twice")
def scaled_in_both_modes():
    return function_body(lambda self, h: F.dropout(h, 0.3, True) if self.training else h * (1 - 0.3))()


@wrong("scaled-twice")
def mask_scaled_twice():
    def drop(self, h):
        mask = (torch.rand(h.shape) < 0.7).float() / 0.7
        return h * mask / 0.7 if self.training else h

    return function_body(drop)()


@wrong("shared-mask")
def mask_of_one_example():
    return function_body(lambda self, h: h * (torch.rand(h.shape[1]) > 0.5) / 0.5 if self.training else h)()


@wrong("shared-mask")
def channels_of_a_minibatch():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.out = nn.Conv2d(1, 16, 3), nn.Linear(16, 3)

        def forward(self, x):
            h = self.conv(x).relu()
            if self.training:
                h = h * (torch.rand(1, 16, 1, 1) < 0.75) / 0.75
            return self.out(h.amax((2, 3)))

    return Net(), images(1, 8, 8)


@wrong("shared-mask")
def as_many_units_each_time():
    def drop(self, h):
        if self.training:
            h = h * (64 / 48)
            h[:, torch.randperm(64)[:16]] = 0
        return h

    return function_body(drop)()


@wrong("same-mask")
def seeded_in_forward():
    class Net(Body):
        def forward(self, x):
            torch.manual_seed(0)
            return self.output(F.dropout(self.hidden(x).relu(), 0.5, self.training))

    return Net()


@wrong("same-mask")
def mask_as_buffer():
    class Net(Body):
        def __init__(self):
            super().__init__()
            self.register_buffer("mask", (torch.rand(64) > 0.5).float() / 0.5)

        def drop(self, h):
            return h * self.mask if self.training else h

    return Net()


@wrong("same-mask")
def mask_kept():
    class Net(Body):
        mask = None

        def drop(self, h):
            if not self.training:
                return h
            if self.mask is None:
                self.mask = torch.empty_like(h).bernoulli_(0.5)
            return h * self.mask * 2

    return Net()


@wrong("redrawn-mask")
def checkpoint_without_state():
    class Net(Body):
        def drop(self, h):
            return checkpoint(self.inner, h, use_reentrant=False, preserve_rng_state=False)

        def inner(self, h):
            return F.dropout(h.tanh(), 0.5, self.training)

    return Net()


# Tests


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_model_has_no_finding(name):
    """Neither an error nor a warning."""
    result = check(RIGHT[name])
    assert [str(finding) for finding in result.findings] == []
    assert result.passes >= 10


@pytest.mark.parametrize("name", WRONG)
def test_the_mistake_of_a_wrong_model_is_found(name):
    """Its kind is the one expected, and alone, with a line of this file."""
    build, kind = WRONG[name]
    findings = check(build).findings
    assert {finding.kind for finding in findings} == {kind}, [str(finding) for finding in findings]
    assert all(finding.file == __file__ and finding.line for finding in findings)


def test_every_kind_has_a_wrong_model():
    """Each kind of finding that the documentation lists is tested."""
    assert {kind for _, kind in WRONG.values()} == set(KINDS)
