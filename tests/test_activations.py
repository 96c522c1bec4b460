"""The probes of hidden units against torch, numpy and formulas."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

import dropviz
from dropviz.errors import ExperimentError
from dropviz.experiments.arm import Arm
from dropviz.training.data import load_data, split
from dropviz.training.model import build_mlp
from dropviz.training.probes import Subject
from dropviz.training.probes.activations import BINS, WIDTH, Activations, edges, histogram
from dropviz.training.probes.features import Features, kurtosis


@pytest.fixture
def subject(tiny):
    """A network that nobody trained, with dropout 0.2 and 0.5, and 0.1 on the input."""
    own = tiny.of(tiny.arms[1])
    torch.manual_seed(3)
    return Subject(own, 1, build_mlp(64, 10, own), split(load_data("digits"), 200, 0.0, 1))


def test_figures_with_dropout_off_are_those_of_torch(subject):
    """Mean, variance, share of zeros and histogram are of the ReLUs' outputs on the first 256 test images."""
    seen = Activations(subject).at_snapshot(1)
    linear = [module for module in subject.model if isinstance(module, nn.Linear)]
    h = subject.parts.test_images[:256]
    for layer in range(2):
        h = torch.relu(linear[layer](h)).detach()
        values = h.double().numpy()
        assert seen["mean"][layer] == pytest.approx(values.mean(), rel=1e-9)
        assert seen["variance"][layer] == pytest.approx(values.var(), rel=1e-9)
        assert seen["zeros"][layer] == np.mean(values == 0)
        assert seen["counts"][layer].sum() == values.size
        expected = np.bincount(np.minimum(values / WIDTH, BINS - 1).astype(int).ravel(), minlength=BINS)
        assert np.abs(seen["counts"][layer] - expected).sum() <= 2  # of a float on an edge


def test_variance_around_the_noise_is_that_of_a_pass_in_training(subject):
    """It is measured on what the very same noise, drawn once more from the same state, makes of the images."""
    torch.manual_seed(11)
    seen = Activations(subject).at_snapshot(1)
    torch.manual_seed(11)
    noise = [0.1, 0.2, 0.5]
    drop = [nn.Dropout(each) for each in noise]
    linear = [module for module in subject.model if isinstance(module, nn.Linear)]
    h = drop[0](subject.parts.test_images[:256])
    for layer in range(2):
        before = torch.relu(linear[layer](h)).detach()
        h = drop[layer + 1](before)
        assert seen["variance before"][layer] == pytest.approx(before.double().numpy().var(), rel=1e-9)
        assert seen["square before"][layer] == pytest.approx((before.double().numpy() ** 2).mean(), rel=1e-9)
        assert seen["variance after"][layer] == pytest.approx(h.double().numpy().var(), rel=1e-9)


def test_variance_after_the_noise_follows_the_law_of_total_variance(subject):
    """On average over many passes, Var[h'] = Var[h] + drop_prob / (1 - drop_prob) E[h²], to a percent."""
    torch.manual_seed(5)
    probe = Activations(subject)
    passes = [probe.at_snapshot(1) for _ in range(40)]
    before, after, square = (
        np.mean([each[name] for each in passes], axis=0)
        for name in ("variance before", "variance after", "square before")
    )
    np.testing.assert_allclose(after, before + np.array([0.2 / 0.8, 0.5 / 0.5]) * square, rtol=0.01)


def test_the_last_bin_has_no_end():
    """Zeros are in the first bin, a value on an edge in the bin that begins there, the largest in the last one."""
    counts = histogram(torch.tensor([0.0, 0.05, float(edges()[3]), 1e6], dtype=torch.float64))
    assert counts[[0, 3, BINS - 1]].tolist() == [2, 1, 1]
    assert counts.sum() == 4


def test_probes_leave_the_training_as_it_was(tiny):
    """With the probes and without them, the same run has the same masks and the same accuracies."""
    short = tiny.replace(seeds=(1,), epochs=2)
    plain = dropviz.train(short, device="cpu")
    probed = dropviz.train(short.replace(probes=("activations", "features")), device="cpu")
    for one, other in zip(plain, probed, strict=True):
        np.testing.assert_array_equal(one.snapshots["test_loss"], other.snapshots["test_loss"])
        for layer, masks in one.masks.items():
            np.testing.assert_array_equal(masks, other.masks[layer])


def test_arrays_have_a_row_for_each_snapshot(tiny, tmp_path):
    """Saved and loaded, they are of the shapes that charts ask for; without noise, after is before."""
    short = tiny.replace(seeds=(1,), epochs=2, probes=("activations", "features"))
    for run in dropviz.train(short, device="cpu"):
        loaded = dropviz.load(run.save(tmp_path / "run.npz"))
        snapshots = len(loaded.snapshots["iteration"])
        for name in ("mean", "variance", "zeros", "variance before", "variance after", "square before"):
            assert loaded.probe(f"activations/{name}", snapshots, 2).dtype == np.float64
        assert loaded.probe("activations/counts", snapshots, 2, BINS).dtype.kind == "i"
        assert loaded.probe("activations/edges", BINS)[1] == pytest.approx(WIDTH)
        weights = loaded.probe("features/weights", snapshots, 24, 64)  # all 24 units: there are no 48
        assert weights.dtype == np.float16
        assert loaded.probe("features/kurtosis", snapshots, 24).dtype == np.float64
        same = loaded.probes["activations/variance before"] == loaded.probes["activations/variance after"]
        assert same.all() == (run.arm == "no dropout")


def test_features_are_the_weights_of_the_first_units(subject):
    """Image after image, the weights of the first 48 units, to the precision of half a float."""
    wide = replace(subject, model=nn.Sequential(nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 10)))
    seen = Features(wide).at_snapshot(1)
    assert seen["weights"].shape == (48, 64)
    np.testing.assert_allclose(seen["weights"], wide.model[0].weight.detach()[:48], atol=1e-3)
    assert seen["kurtosis"].shape == (100,)


def test_kurtosis_is_of_what_training_added(subject):
    """Not of the weights themselves: of their change since the probe was made; nan of a unit that did not move."""
    linear = nn.Linear(64, 24)
    probe = Features(replace(subject, model=nn.Sequential(linear, nn.ReLU(), nn.Linear(24, 10))))
    added = np.random.default_rng(2).laplace(0, 0.1, (24, 64)).astype(np.float32)
    added[3] = 0
    linear.weight.data += torch.from_numpy(added)
    seen = probe.at_snapshot(1)["kurtosis"].numpy()
    wide = added.astype(float) - added.mean(axis=1, keepdims=True, dtype=float)
    with np.errstate(invalid="ignore"):
        expected = (wide**4).mean(axis=1) / (wide**2).mean(axis=1) ** 2 - 3
    np.testing.assert_allclose(seen, expected, atol=1e-3)
    assert np.isnan(seen[3])


def test_kurtosis_is_that_of_the_textbook():
    """0 for normal numbers, -1.2 for uniform ones, 3 for Laplace's; -2 for a coin, and so whatever the scale."""
    random = np.random.default_rng(1)
    rows = np.stack([random.normal(5, 2, 200_000), random.uniform(0, 9, 200_000), random.laplace(0, 1, 200_000)])
    np.testing.assert_allclose(kurtosis(torch.from_numpy(rows)), [0, -1.2, 3], atol=0.15)
    assert float(kurtosis(torch.tensor([[-1.0, 1.0, 1.0, -1.0]]))[0]) == -2


def test_features_need_a_hidden_layer(tiny):
    """A linear network has no features of units: said in a line, not in a traceback."""
    linear = tiny.replace(hidden=(), arms=(Arm("no dropout"),), probes=("features",))
    with pytest.raises(ExperimentError, match="needs a hidden layer"):
        dropviz.train(linear, device="cpu")


def test_activations_need_a_hidden_layer(tiny):
    """Nor has it activations of hidden units."""
    linear = tiny.replace(hidden=(), arms=(Arm("no dropout"),), probes=("activations",))
    with pytest.raises(ExperimentError, match="needs a hidden layer"):
        dropviz.train(linear, device="cpu")
