"""Gradients in closed form, against those of autograd."""

import numpy as np
import pytest
import torch

import dropviz
from dropviz import Arm, Experiment
from dropviz.experiments.choices import NOISES
from dropviz.training import load_data, loop, trainer
from dropviz.training.evaluation import evaluate
from dropviz.training.gradients import Autograd, ClosedForm, make_gradients
from dropviz.training.losses import LOSS_GRADIENTS, cross_entropy, mean_loss
from dropviz.training.mistakes import Mistake, find_mistake
from dropviz.training.model import build_mlp
from dropviz.training.regularizers import REGULARIZERS, Regularizer, make_regularizers

PENALTIES = dict.fromkeys(REGULARIZERS, 0.01)
COVERED = sorted({*NOISES} - {"torch", "none"})
SETTINGS = [
    *({"arm": {"noise": noise, "drop_prob": 0.5, "input_drop_prob": 0.25}} for noise in COVERED),
    *({"arm": {"mistake": mistake, "drop_prob": 0.5}} for mistake in ("randn", "unscaled", "always-on", "zero")),
    {"loss": "squared", "arm": {"drop_prob": (1.0, 0.0)}},
    {"hidden": (), "arm": {}},
    {"hidden": (16, 12, 8), "arm": {"drop_prob": 0.5, "input_noise": 0.3, **PENALTIES}},
]


def made(settings, kind):
    """The outputs and gradients of one minibatch, and the network."""
    shared = {"hidden": (32, 16), **settings, "arms": (Arm("arm", **settings["arm"]),)}
    del shared["arm"]
    experiment = Experiment("mine", **shared)
    own = experiment.of(experiment.arms[0])
    torch.manual_seed(1)
    model = build_mlp(64, 10, own)
    regularizers = make_regularizers(own, model)
    if kind is ClosedForm:
        gradients = make_gradients(own, model, find_mistake(own.arms[0].mistake), regularizers)
        assert isinstance(gradients, ClosedForm), "covered, and yet left to autograd"
    else:
        gradients = Autograd(model, mean_loss(own.loss), regularizers)
    logits = gradients(torch.rand(20, 64), torch.arange(20) % 10)
    return [logits.detach(), *(each.grad for each in model.parameters())], model


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda settings: "-".join(map(str, settings["arm"].values())))
def test_closed_form_is_autograd(settings):
    """A wrong rule for a module, a loss or a penalty would train another network than the experiment names."""
    ours, model = made(settings, ClosedForm)
    theirs, _ = made(settings, Autograd)
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-7)
    images, labels = torch.rand(1_500, 64), torch.arange(1_500) % 10
    if settings["arm"].get("mistake") != "always-on":  # which draws other masks each time
        assert evaluate(model, images, labels, cross_entropy, is_watched=False) == evaluate(
            model, images, labels, cross_entropy
        )


def test_what_is_not_covered_is_left_to_autograd(tiny):
    """A layer, loss or penalty of which no rule is known has the gradient that autograd finds."""

    class Elsewhere(dropviz.Dropout):
        def _combine(self, x, noise):
            return x.square() * noise

    class Norm(Regularizer):
        def penalty(self):
            return self.layers[0].weight.norm()

    own = tiny.of(tiny.arms[1])
    model = build_mlp(64, 10, own)
    right = Mistake()
    assert isinstance(make_gradients(own, model, right, []), ClosedForm)
    assert isinstance(make_gradients(own, model, right, [Norm(model, 1.0)]), Autograd)
    assert isinstance(make_gradients(own, model, find_mistake("mean-twice"), []), Autograd)
    for layer in (Elsewhere(0.5), torch.nn.Dropout(0.5), torch.nn.Sequential(torch.nn.ReLU())):
        model[2] = layer
        assert isinstance(make_gradients(own, model, right, []), Autograd)
    assert set(LOSS_GRADIENTS) == {"cross-entropy", "squared"}


def test_recordings_do_not_depend_on_the_way_of_the_gradient(tiny, monkeypatch):
    """Masks, weights, activations, predictions, probes and snapshots are those that autograd's training records."""
    digits, arm = load_data("digits"), Arm("arm", 0.5, momentum=0.9)
    experiment = tiny.replace(arms=(arm,), probes=("gate", "giveaway", "weights"))
    ours = trainer.train_run(experiment, experiment.arms[0], 1, digits, torch.device("cpu"))

    def by_autograd(own, model, _mistake, regularizers):
        return Autograd(model, mean_loss(own.loss), regularizers)

    monkeypatch.setattr(loop, "make_gradients", by_autograd)
    theirs = trainer.train_run(experiment, experiment.arms[0], 1, digits, torch.device("cpu"))
    for name in ("snapshots", "masks", "weights", "activations", "probes"):
        one, other = getattr(ours, name), getattr(theirs, name)
        assert one.keys() == other.keys()
        for key in one:
            np.testing.assert_allclose(one[key], other[key], rtol=1e-3, atol=1e-5, err_msg=f"{name} {key}")
    np.testing.assert_allclose(ours.examples.prediction, theirs.examples.prediction, atol=1e-5)
