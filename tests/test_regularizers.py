"""Penalties, limits and the optimiser's own settings, each against its closed formula and gradient."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

import dropviz
from dropviz import Arm
from dropviz.capture.noise_layers import DropConnect
from dropviz.experiments.hyperparameters import HYPERPARAMETERS
from dropviz.training import loop, trainer
from dropviz.training.data import split
from dropviz.training.model import InputNoise, build_mlp
from dropviz.training.optimizers import make_optimizer
from dropviz.training.regularizers import REGULARIZERS, make_regularizers

STRENGTH = 0.3
PENALTIES = ("activation_l1", "activation_l2", "l1", "l2")


def model():
    """Two hidden layers, with dropout, in double precision."""
    torch.manual_seed(1)
    parts = [nn.Linear(6, 8), nn.ReLU(), dropviz.Dropout(0.5), nn.Linear(8, 5), nn.ReLU(), nn.Linear(5, 3)]
    return nn.Sequential(*parts).double()


def hidden(net, x, dropout=None):
    """The activations of both hidden layers, before any noise."""
    first = (x @ net[0].weight.T + net[0].bias).clamp(min=0)
    after = first if dropout is None else first * dropout
    return first, (after @ net[3].weight.T + net[3].bias).clamp(min=0)


def test_every_regulariser_is_a_setting():
    """What there is a class for, an arm may ask for."""
    assert set(REGULARIZERS) == {*PENALTIES, "max_norm"}
    assert set(REGULARIZERS) < set(HYPERPARAMETERS)


@pytest.mark.parametrize(
    ("name", "value", "gradient"),
    [
        ("l1", lambda w: w.abs().sum(), torch.sign),
        ("l2", lambda w: (w**2).sum(), lambda w: 2 * w),
    ],
)
def test_penalties_on_weights(name, value, gradient):
    """Sums over all weights, not biases, with their gradients."""
    net = model()
    penalty = REGULARIZERS[name](net, STRENGTH).penalty()
    weights = [net[place].weight for place in (0, 3, 5)]
    torch.testing.assert_close(penalty, STRENGTH * sum(value(w.detach()) for w in weights))
    penalty.backward()
    for weight in weights:
        torch.testing.assert_close(weight.grad, STRENGTH * gradient(weight.detach()))
    assert all(net[place].bias.grad is None for place in (0, 3, 5))


@pytest.mark.parametrize(
    ("name", "value", "gradient"),
    [
        ("activation_l1", torch.abs, lambda h: (h > 0).double()),
        ("activation_l2", torch.square, lambda h: 2 * h),
    ],
)
def test_penalties_on_activations(name, value, gradient):
    """Sums over hidden units before their noise, mean over examples; gradients by the chain rule, written out."""
    net, x = model(), torch.randn(7, 6, dtype=torch.float64)
    watching = REGULARIZERS[name](net, STRENGTH)
    net(x)
    noise = net[2].noise
    first, second = hidden(net, x, noise)
    penalty = watching.penalty()
    expected = STRENGTH * (value(first).sum() + value(second).sum()) / 7
    torch.testing.assert_close(penalty, expected)
    penalty.backward()
    onto_second = STRENGTH / 7 * gradient(second) * (second > 0)
    torch.testing.assert_close(net[3].weight.grad, onto_second.T @ (first * noise))
    onto_first = (onto_second @ net[3].weight) * noise + STRENGTH / 7 * gradient(first)
    torch.testing.assert_close(net[0].weight.grad, (onto_first * (first > 0)).T @ x)
    assert net[5].weight.grad is None


@pytest.mark.parametrize("name", ["activation_l1", "activation_l2"])
def test_an_evaluation_is_no_pass_to_penalise(name):
    """The penalty stays that of the last pass in training."""
    net = model()
    watching = REGULARIZERS[name](net, STRENGTH)
    net(torch.randn(7, 6, dtype=torch.float64))
    before = watching.penalty()
    net.eval()
    net(torch.randn(70, 6, dtype=torch.float64))
    assert torch.equal(watching.penalty(), before)


def test_max_norm_shortens_long_rows_alone():
    """Weights into each hidden unit are scaled to the norm where they are longer; the output layer stays."""
    net = model()
    with torch.no_grad():
        net[0].weight[2] *= 0.01
        net[0].weight[3] *= 100
    before = [net[place].weight.detach().clone() for place in (0, 3, 5)]
    REGULARIZERS["max_norm"](net, 0.6).limit()
    longer = 0
    for place, weights in zip((0, 3), before[:2], strict=True):
        for unit, row in enumerate(weights):
            norm = math.sqrt(sum(value**2 for value in row.tolist()))
            longer += norm > 0.6
            torch.testing.assert_close(net[place].weight[unit], row * min(1, 0.6 / norm), rtol=1e-6, atol=0)
    assert 0 < longer < 13
    assert torch.equal(net[5].weight, before[2])
    assert torch.equal(net[0].weight[2], before[0][2])


def test_max_norm_holds_for_dropconnect():
    """It limits the weights of the whole module, not those of a pass."""
    net = nn.Sequential(DropConnect(0.5, 4, 6), nn.ReLU(), nn.Linear(6, 2))
    with torch.no_grad():
        net[0].weight.fill_(3)
    REGULARIZERS["max_norm"](net, 2.0).limit()
    torch.testing.assert_close(net[0].weight.norm(dim=1), torch.full((6,), 2.0))


def one_update(tiny, monkeypatch, **settings):
    """The parameters before and after one whole training step of an arm, and its minibatch."""
    caught = {}
    build, draw = trainer.build_mlp, loop.minibatches

    def built(*args):
        caught["net"] = build(*args)
        caught["before"] = [each.detach().clone() for each in caught["net"].parameters()]
        return caught["net"]

    def drawn(*args):
        for rows in draw(*args):
            caught["rows"] = rows
            yield rows

    monkeypatch.setattr(trainer, "build_mlp", built)
    monkeypatch.setattr(loop, "minibatches", drawn)
    experiment = tiny.replace(train_size=50, epochs=1, arms=(Arm("x", **settings),))
    dataset = trainer_data()
    trainer.train_run(experiment, experiment.arms[0], 1, dataset, torch.device("cpu"))
    parts = split(dataset, 50, tiny.label_noise, 1)
    return caught["before"], list(caught["net"].parameters()), parts.train_images, parts.train_labels


def trainer_data():
    """The embedded data set."""
    return dropviz.training.load_data("digits")


@pytest.mark.parametrize("name", [*PENALTIES, "weight_decay"])
def test_penalty_reaches_the_update(tiny, monkeypatch, name):
    """One step of SGD goes against the gradient of loss plus penalty; that of weight decay is λ·w, biases too."""
    before, after, x, labels = one_update(tiny, monkeypatch, **{name: 0.01})
    parameters = [each.requires_grad_() for each in before]
    weights = parameters[::2]
    first = F.relu(F.linear(x, *parameters[:2]))
    second = F.relu(F.linear(first, *parameters[2:4]))
    terms = {
        "l1": lambda: sum(w.abs().sum() for w in weights),
        "l2": lambda: sum((w**2).sum() for w in weights),
        "activation_l1": lambda: (first.sum() + second.sum()) / 50,
        "activation_l2": lambda: ((first**2).sum() + (second**2).sum()) / 50,
        "weight_decay": lambda: sum((each**2).sum() for each in parameters) / 2,
    }
    loss = F.cross_entropy(F.linear(second, *parameters[4:]), labels) + 0.01 * terms[name]()
    for old, new, slope in zip(parameters, after, torch.autograd.grad(loss, parameters), strict=True):
        torch.testing.assert_close(new, old - 0.2 * slope, rtol=1e-4, atol=1e-6)


def test_momentum_and_weight_decay_are_those_that_torch_documents(tiny):
    """b ← momentum·b + g + weight_decay·w, w ← w - learning_rate·b, over three updates."""
    layer = nn.Linear(3, 2).double()
    experiment = tiny.replace(momentum=0.7, weight_decay=0.05, learning_rate=0.3)
    optimizer = make_optimizer(experiment, layer)
    expected = [each.detach().clone() for each in layer.parameters()]
    speed = [torch.zeros_like(each) for each in expected]
    for seed in range(3):
        x = torch.randn(4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
        layer.zero_grad()
        layer(x).square().sum().backward()
        for place, each in enumerate(layer.parameters()):
            speed[place] = 0.7 * speed[place] + each.grad + 0.05 * expected[place]
            expected[place] = expected[place] - 0.3 * speed[place]
        optimizer.step()
        for each, wanted in zip(layer.parameters(), expected, strict=True):
            torch.testing.assert_close(each.detach(), wanted)


def test_input_noise_has_mean_0_and_its_deviation():
    """Within five standard errors; in evaluation the input itself is handed on, and no random number used."""
    torch.manual_seed(2)
    layer, x = InputNoise(0.4), torch.full((400, 500), 0.7, dtype=torch.float64)
    added = layer(x) - 0.7
    assert abs(added.mean().item()) < 5 * 0.4 / math.sqrt(x.numel())
    assert abs(added.var().item() - 0.16) < 5 * 0.16 * math.sqrt(2 / x.numel())
    layer.eval()
    before = torch.get_rng_state()
    assert layer(x) is x
    assert torch.equal(before, torch.get_rng_state())


def test_only_what_is_asked_for_is_there(tiny):
    """An arm without penalties has none; noise on the input stands before the network."""
    plain = tiny.of(tiny.arms[0])
    assert not make_regularizers(plain, build_mlp(64, 10, plain))
    noisy = plain.replace(input_noise=0.1, l1=0.1, max_norm=1.0)
    net = build_mlp(64, 10, noisy)
    assert [type(each).__name__ for each in make_regularizers(noisy, net)] == ["L1", "MaxNorm"]
    assert isinstance(net[0], InputNoise)


def test_recordings_of_arms_with_regularisers(tiny):
    """Layers, masks and weights are recorded as ever; under max-norm no recorded row is longer than the norm."""
    common = {"drop_prob": (0.2, 0.5)}
    arms = (Arm("plain", **common), Arm("short", max_norm=0.3, **common), Arm("blurred", input_noise=0.3, **common))
    plain, short, blurred = dropviz.train(tiny.replace(seeds=(1,), arms=arms))
    assert plain.layers == short.layers == blurred.layers
    assert np.array_equal(plain.masks["hidden 1"], short.masks["hidden 1"])
    norms = np.linalg.norm(short.weights["hidden 2"], axis=2)
    assert (norms[0] > 0.3).any(), "the first pass is before any limit"
    assert (norms[1:] <= 0.3 + 1e-6).all()
    assert np.array_equal(plain.weights["hidden 2"][0], blurred.weights["hidden 2"][0])
    assert not np.array_equal(plain.weights["hidden 2"][1], blurred.weights["hidden 2"][1])
