"""Every noise in the table against its formula: moments, gradients, evaluation, seeds and devices."""

import math
from typing import NamedTuple

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

import dropviz
from dropviz import Arm, Experiment, Recorder
from dropviz.capture.noise_layers import NOISE_LAYERS, Alpha, Channel, DropConnect, noisy_linear
from dropviz.errors import ExperimentError
from dropviz.experiments.choices import NOISES, NOISES_BELOW_ONE
from dropviz.training import trainer
from dropviz.training.data import load_data

CPU = torch.device("cpu")
DRAWS = 200_000
VALUES = (1.0, -0.7)  # what comes to the layer
WEIGHTS = torch.tensor([0.5, -1.0, 2.0, 0.25])  # into a unit behind DropConnect
LAYERS = sorted(set(NOISE_LAYERS) - {"none"})
UNITS = sorted(set(LAYERS) - {"dropconnect"})  # noises that lie on units


class Moments(NamedTuple):
    """What a formula says of one output: mean, variance, and fourth central moment over squared variance."""

    mean: float
    variance: float
    kurtosis: float


def formula(noise, drop_prob, x):
    """The moments of what comes of `x`, by hand from the definitions in the papers."""
    d, k = drop_prob, 1 - drop_prob
    two_valued = 1 / (d * k) - 3
    if noise == "alpha":
        alpha = 1.0507009873554805 * 1.6732632423543772  # SELU's scale and alpha
        a = 1 / math.sqrt(k + alpha**2 * d * k)
        return Moments(a * (k * x - alpha * d) + a * alpha * d, a**2 * d * k * (x + alpha) ** 2, two_valued)
    if noise == "dropconnect":
        terms = (WEIGHTS.double() * x) ** 2
        excess = (two_valued - 3) * float((terms**2).sum() / terms.sum() ** 2)
        return Moments(x * float(WEIGHTS.sum()), d / k * float(terms.sum()), 3 + excess)
    kurtosis = {"gaussian": 3.0, "uniform": 9 / 5}.get(noise, two_valued)
    return Moments(x, d / k * x**2, kurtosis)


def outputs(noise, drop_prob, x, seed=1):
    """What comes of `x`, drawn DRAWS times independently, float64 [DRAWS]."""
    torch.manual_seed(seed)
    if noise == "dropconnect":  # one mask a minibatch: so units behind it with the same weights
        layer = DropConnect(drop_prob, len(WEIGHTS), DRAWS).double()
        nn.init.zeros_(layer.bias)
        with torch.no_grad():
            layer.weight.copy_(WEIGHTS.expand(DRAWS, -1))
            return layer(torch.full((1, len(WEIGHTS)), x, dtype=torch.float64))[0]
    layer = NOISE_LAYERS[noise](drop_prob)
    return layer(torch.full((DRAWS, 8), x, dtype=torch.float64))[:, 3]  # neighbours may be dropped together


def test_the_tables_name_the_same_noises():
    """What an arm may ask for is what there is a layer for."""
    assert set(NOISE_LAYERS) == set(NOISES)
    assert set(NOISES_BELOW_ONE) < set(NOISES)


@pytest.mark.parametrize("x", VALUES)
@pytest.mark.parametrize("drop_prob", [0.1, 0.5, 0.8])
@pytest.mark.parametrize("noise", LAYERS)
def test_mean_and_variance_are_those_of_the_formula(noise, drop_prob, x):
    """Over 200,000 draws both lie within five standard errors, which follow from the formula too."""
    drawn, expected = outputs(noise, drop_prob, x), formula(noise, drop_prob, x)
    error = math.sqrt(expected.variance / DRAWS)
    assert abs(drawn.mean().item() - expected.mean) < 5 * error
    error = expected.variance * math.sqrt((expected.kurtosis - 1) / DRAWS)
    # At even odds all draws lie equally far from the mean: then the error is of higher order, of the mean squared.
    assert abs(drawn.var().item() - expected.variance) < 5 * error + 25 * expected.variance / DRAWS


@pytest.mark.parametrize("noise", UNITS)
def test_gradient_of_noise_on_units(noise):
    """The gradient is the slope of the line on which each unit lies: output minus output at 0, over the input."""
    layer, x = NOISE_LAYERS[noise](0.4), torch.randn(30, 16, dtype=torch.float64, requires_grad=True)
    torch.manual_seed(2)
    layer(x).sum().backward()
    torch.manual_seed(2)
    at_zero = layer(torch.zeros_like(x))
    torch.manual_seed(2)
    slope = layer(torch.ones_like(x)) - at_zero
    torch.testing.assert_close(x.grad, slope)
    torch.manual_seed(2)
    torch.testing.assert_close(layer(x.detach()), at_zero + slope * x.detach())
    if layer.is_mask if noise != "torch" else True:
        assert len(slope.unique()) == 2
        assert (slope.unique()[0] == 0).item()


def test_gradients_of_dropconnect():
    """Kept weights carry the gradient, times 1/(1 - drop_prob), to input and weights; dropped ones carry none."""
    torch.manual_seed(3)
    layer, x = DropConnect(0.25, 6, 5).double(), torch.randn(7, 6, dtype=torch.float64, requires_grad=True)
    up = torch.randn(7, 5, dtype=torch.float64)
    y = layer(x)
    y.backward(up)
    kept = (layer.noise != 0).double()
    weights = layer.weight.detach() * kept / 0.75
    torch.testing.assert_close(y, x @ weights.T + layer.bias)
    torch.testing.assert_close(x.grad, up @ weights)
    torch.testing.assert_close(layer.weight.grad, up.T @ x.detach() * kept / 0.75)
    torch.testing.assert_close(layer.bias.grad, up.sum(dim=0))
    assert 0 < kept.mean() < 1


@pytest.mark.parametrize("noise", sorted(NOISE_LAYERS))
def test_off_in_evaluation(noise):
    """In evaluation the pass is that of the plain module, to the bit, and uses no random number."""
    drop_prob = 0.0 if noise == "none" else 0.5
    torch.manual_seed(4)
    model = nn.Sequential(*noisy_linear(NOISE_LAYERS[noise], drop_prob, 16, 4))
    torch.manual_seed(4)
    plain, x = nn.Linear(16, 4), torch.randn(9, 16)
    if drop_prob:
        assert not torch.equal(model(x), plain(x))
    model.eval()
    before = torch.get_rng_state()
    assert torch.equal(model(x), plain(x))
    assert torch.equal(before, torch.get_rng_state())
    assert getattr(model[0], "noise", None) is None


@pytest.mark.parametrize("noise", LAYERS)
def test_a_seed_gives_the_same_noise_again(noise):
    """The same seed draws the same, the next pass and another seed draw something else."""
    layer = noisy_linear(NOISE_LAYERS[noise], 0.5, 16, 12)[0]
    x, drawn = torch.randn(5, 16), []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        drawn += [layer(x), layer(x)]
    assert torch.equal(drawn[0], drawn[2])
    assert torch.equal(drawn[1], drawn[3])
    assert not torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[4])


@pytest.mark.parametrize("device", ["meta", *(["cuda"] if torch.cuda.is_available() else [])])
@pytest.mark.parametrize("noise", LAYERS)
def test_noise_is_drawn_where_the_input_is(noise, device):
    """What comes out, and what is kept of the noise, are on the device and of the dtype of the input."""
    model = nn.Sequential(*noisy_linear(NOISE_LAYERS[noise], 0.5, 16, 12)).to(device, torch.float16)
    out = model(torch.empty(5, 16, device=device, dtype=torch.float16))
    assert (out.device.type, out.dtype) == (device, torch.float16)
    if noise != "torch":
        assert (model[0].noise.device.type, model[0].noise.dtype) == (device, torch.float16)


@pytest.mark.parametrize("noise", LAYERS)
def test_no_noise_at_0_and_nothing_left_at_1(noise):
    """drop_prob 0 hands on the input; 1 hands on nothing but biases, or is refused where variance would be endless."""
    x = torch.randn(6, 16)
    torch.manual_seed(5)
    linear = nn.Linear(16, 12)
    for drop_prob, expected in ((0, linear(x)), (1, linear.bias.expand(6, -1))):
        torch.manual_seed(5)
        if drop_prob and noise in NOISES_BELOW_ONE:
            with pytest.raises(ValueError, match="drop_prob is 1: must be below 1, for "):
                NOISE_LAYERS[noise](1.0)
            continue
        parts = noisy_linear(NOISE_LAYERS[noise], 0.5, 16, 12)
        setattr(parts[0], "p" if noise == "torch" else "drop_prob", drop_prob)
        torch.testing.assert_close(nn.Sequential(*parts)(x), expected)


@pytest.mark.parametrize("drop_prob", [0.0, 0.3, 0.5, 0.9, 1.0])
def test_channel_is_dropout1d_of_torch_bit_for_bit(drop_prob):
    """Groups of 8 neighbours are what torch calls channels."""
    x = torch.randn(50, 24)
    torch.manual_seed(6)
    mine = Channel(drop_prob)(x)
    torch.manual_seed(6)
    assert torch.equal(mine, F.dropout1d(x.view(50, 3, 8), drop_prob).view(50, 24))


@pytest.mark.parametrize("drop_prob", [0.0, 0.3, 0.5, 0.9])
def test_alpha_is_alpha_dropout_of_torch_bit_for_bit(drop_prob):
    """Also what is kept of it is true: 0 where a unit got the fixed value, though its output is not 0."""
    x, layer = torch.randn(50, 24), Alpha(drop_prob)
    torch.manual_seed(7)
    mine = layer(x)
    torch.manual_seed(7)
    assert torch.equal(mine, nn.AlphaDropout(drop_prob)(x))
    assert len(mine[~layer.mask].unique()) == (1 if drop_prob else 0)
    assert not (mine[~layer.mask] == 0).any()


def test_alpha_keeps_mean_0_and_variance_1():
    """Of a standard normal input, within five standard errors (variance: with the largest fourth moment there is)."""
    torch.manual_seed(8)
    out = Alpha(0.5)(torch.randn(DRAWS, dtype=torch.float64))
    assert abs(out.mean().item()) < 5 / math.sqrt(DRAWS)
    assert abs(out.var().item() - 1) < 5 * math.sqrt(((out**4).mean().item() - 1) / DRAWS)


def test_dropconnect_starts_from_the_weights_of_a_linear_module():
    """Arms with and without it share their weights, and draw the same afterwards."""
    torch.manual_seed(9)
    plain, after = nn.Linear(6, 5), torch.rand(3)
    torch.manual_seed(9)
    mine = DropConnect(0.5, 6, 5)
    assert torch.equal(torch.rand(3), after)
    assert torch.equal(plain.weight, mine.weight)
    assert torch.equal(plain.bias, mine.bias)


def test_dropconnect_draws_one_mask_a_minibatch():
    """Equal examples of one pass give equal outputs, those of the next pass other ones."""
    layer, x = DropConnect(0.5, 20, 20), torch.ones(3, 20)
    first, second = layer(x), layer(x)
    assert torch.equal(first[0], first[2])
    assert not torch.equal(first[0], second[0])


@pytest.mark.parametrize("noise", NOISES_BELOW_ONE)
@pytest.mark.parametrize("settings", [{"drop_prob": 1}, {"drop_prob": (0.5, 1)}, {"input_drop_prob": 1}])
def test_arm_refuses_what_its_noise_cannot_do(noise, settings):
    """The line names the arm, the value and the noise."""
    with pytest.raises(ExperimentError, match=f"drop_prob of arm 'x' is 1: must be below 1 with noise '{noise}'"):
        Arm("x", noise=noise, **settings)


def test_arm_without_noise_drops_nothing():
    """A strength of no noise is a mistake."""
    with pytest.raises(ExperimentError, match=r"drop_prob of arm 'x' is 0\.5: must be 0 with noise 'none'"):
        Arm("x", 0.5, noise="none")
    assert not Arm("x", noise="none").has_noise


def test_groups_must_fit_the_layer(monkeypatch):
    """A width that is no multiple of 8 is refused before training, unless the layer has no noise."""
    channel = Arm("by eights", 0.5, noise="channel")
    words = "hidden has 12 units: must be a multiple of 8 with noise 'channel' of arm 'by eights'"
    with pytest.raises(ExperimentError, match=words):
        Experiment("x", hidden=(16, 12), arms=(channel,))
    with pytest.raises(ExperimentError, match=words):
        Experiment("x", hidden=(16, 16), arms=(Arm("by eights", 0.5, noise="channel", hidden=(12,)),))
    Experiment("x", hidden=(16, 12), arms=(Arm("one", (0.5, 0), noise="channel"),))
    dataset = load_data("digits")
    monkeypatch.setattr(trainer, "Recorder", None)  # nothing may get as far as training
    monkeypatch.setattr("dropviz.training.model.noisy_linear", None)
    arm = Arm("in", input_drop_prob=0.1, noise="channel")
    experiment = Experiment("x", hidden=(16,), arms=(arm,))
    narrow = dataset.__class__(**{**vars(dataset), "train_images": dataset.train_images[:, :7, :7]})
    with pytest.raises(ExperimentError, match="the input has 49 units: must be a multiple of 8"):
        trainer.train_run(experiment, arm, 1, narrow, CPU)


@pytest.fixture(scope="module")
def of_noise(tiny):
    """A short run of each noise."""
    runs = dropviz.train(
        tiny.replace(
            hidden=(24, 16),
            epochs=2,
            seeds=(1,),
            arms=tuple(Arm(noise, 0.0 if noise == "none" else 0.5, noise=noise) for noise in NOISES),
        )
    )
    return {run.arm: run for run in runs}


@pytest.mark.parametrize("noise", sorted(NOISES))
def test_every_noise_trains_and_is_recorded(of_noise, noise):
    """Layers carry the strength; masks are there where units are dropped, the strength where it is a number."""
    run = of_noise[noise]
    drops = 0.0 if noise == "none" else 0.5
    assert [layer.drop_prob for layer in run.layers] == [0, drops, drops, 0]
    assert np.isfinite(run.snapshots["train_loss"]).all()
    if noise in UNITS:
        rates = run.drop_rate["hidden 1"]
        assert (abs(rates - 0.5) < 0.2).all() if noise not in ("gaussian", "uniform") else (rates == 0).all()
    assert ("hidden 1" in run.noise) == (noise in ("gaussian", "uniform"))
    assert ("hidden 2" in run.edges) == (noise == "dropconnect")


def test_recorded_strength_is_what_the_layer_drew(of_noise):
    """Mean 1 and variance v, over all recorded numbers of followed examples, within five standard errors."""
    for noise, kurtosis in (("gaussian", 3), ("uniform", 9 / 5)):
        drawn = of_noise[noise].noise["hidden 1"].astype(float)
        assert drawn.shape == (8, 3, 24)
        assert abs(drawn.mean() - 1) < 5 / math.sqrt(drawn.size)
        assert abs(drawn.var() - 1) < 5 * math.sqrt((kurtosis - 1) / drawn.size)


def test_recorded_edges_are_those_that_the_pass_used():
    """Weights, kept edges and their rate, of shown units, against what hooks of our own saw."""
    torch.manual_seed(10)
    model = nn.Sequential(nn.Linear(6, 30), nn.ReLU(), DropConnect(0.5, 30, 12), nn.ReLU(), DropConnect(0.25, 12, 4))
    recorder, seen = Recorder(model), []
    for _ in range(3):
        model(torch.randn(5, 6))
        seen.append([(model[place].noise, model[place].weight.detach().clone()) for place in (2, 4)])
        with torch.no_grad():
            model[2].weight.add_(1)  # an update before the step
        recorder.step()
    run = recorder.recording()
    assert [(layer.name, layer.drop_prob) for layer in run.layers] == [
        ("input", 0), ("hidden 1", 0.5), ("hidden 2", 0.25), ("output", 0)
    ]  # fmt: skip
    first, last = [0, 1, 2, 3, 4, 25, 26, 27, 28, 29], [0, 1, 2, 3, 4, 7, 8, 9, 10, 11]
    for row, ((hidden, weight), (output, _)) in enumerate(seen):
        assert np.array_equal(run.edges["hidden 2"][row], (hidden != 0).numpy()[np.ix_(last, first)])
        assert np.array_equal(run.weights["hidden 2"][row], weight.numpy()[np.ix_(last, first)])
        assert run.edge_drop_rate["hidden 2"][row] == pytest.approx(float((hidden == 0).double().mean()), abs=1e-12)
        assert np.array_equal(run.edges["output"][row], (output != 0).numpy()[:, last])
    assert run.edges["output"].dtype == bool
    assert run.masks["2"].shape == (3, 12, 30)
    assert run.tracked == 0
