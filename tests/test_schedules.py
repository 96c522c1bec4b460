"""Schedules: the strength of the noise in each iteration, and what a recording shows of it."""

import numpy as np
import pytest
import torch
from torch import nn

import dropviz
from dropviz import Arm
from dropviz.experiments.choices import SCHEDULES as NAMES
from dropviz.training.model import build_mlp
from dropviz.training.schedules import SCHEDULES, make_scheduler

# Of ten iterations, those with noise in full, and with a turn at three tenths.
EXPECTED = {
    "constant": [1.0] * 10,
    "early": [1.0] * 3 + [0.0] * 7,
    "late": [0.0] * 3 + [1.0] * 7,
    "decay": [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1],
}


def test_the_tables_name_the_same_schedules():
    """What an arm may ask for is what there is a function for, and is tested here."""
    assert set(SCHEDULES) == set(NAMES) == set(EXPECTED)


@pytest.mark.parametrize("schedule", sorted(SCHEDULES))
def test_share_of_the_strength_at_each_iteration(schedule):
    """Against a list written by hand."""
    shares = [SCHEDULES[schedule]((iteration - 1) / 10, 0.3) for iteration in range(1, 11)]
    assert shares == pytest.approx(EXPECTED[schedule])


@pytest.mark.parametrize("schedule", ["early", "late"])
@pytest.mark.parametrize(("turn", "full"), [(0, {"early": 0, "late": 7}), (1, {"early": 7, "late": 0})])
def test_turns_at_the_very_start_and_end(schedule, turn, full):
    """A turn at 0 or 1 leaves one of the two parts empty."""
    assert sum(SCHEDULES[schedule](done / 7, turn) for done in range(7)) == full[schedule]


@pytest.mark.parametrize("noise", ["bernoulli", "torch", "gaussian", "dropconnect"])
def test_each_layer_has_its_share_of_its_own_strength(tiny, noise):
    """Before an iteration every noise layer is set to that share of what it was made with."""
    arm = Arm("x", (0.2, 0.5), input_drop_prob=0.1, noise=noise, schedule="decay")
    model = build_mlp(64, 10, tiny.replace(arms=(arm,)))
    name = "p" if noise == "torch" else "drop_prob"
    before = make_scheduler(arm, model, 20)
    for iteration, share in ((1, 1), (11, 0.5), (20, 0.05)):
        before(iteration)
        strengths = [getattr(module, name) for module in model if hasattr(module, name)]
        assert strengths == pytest.approx([share * 0.1, share * 0.2, share * 0.5])


def test_nothing_is_called_where_nothing_changes(tiny):
    """The usual training has no schedule to ask."""
    for arm in (Arm("x", 0.5), Arm("y", schedule="early")):
        assert make_scheduler(arm, build_mlp(64, 10, tiny.replace(arms=(arm,))), 10) is None


@pytest.mark.parametrize("noise", ["bernoulli", "torch"])
def test_recorded_drop_rate_follows_the_schedule(tiny, noise):
    """All 20 iterations: half of them without noise, or less in each; the recorded layer names the full strength."""
    arms = tuple(Arm(schedule, 0.5, noise=noise, schedule=schedule) for schedule in SCHEDULES)
    runs = dropviz.train(tiny.replace(hidden=(200, 9), recorded_iterations=20, seeds=(1,), arms=arms))
    rates = {run.arm: run.drop_rate["hidden 1"] for run in runs}
    assert all(len(rate) == 20 for rate in rates.values())
    error = 0.5 / np.sqrt(50 * 200)
    full = {"constant": np.ones(20), "early": np.arange(20) < 10, "late": np.arange(20) >= 10}
    for name, share in full.items():
        assert (np.abs(rates[name] - 0.5 * share) <= 5 * error * share).all()
    assert np.abs(rates["decay"] - 0.5 * (1 - np.arange(20) / 20)).max() < 5 * error
    assert {run.layers[1].drop_prob for run in runs} == {0.5}


def test_early_is_the_constant_run_up_to_its_turn(tiny):
    """Until the turn both draw the same masks and have the same accuracy."""
    arms = (Arm("constant", 0.5), Arm("early", 0.5, schedule="early", turn=0.45))
    constant, early = dropviz.train(tiny.replace(seeds=(1,), arms=arms))
    assert np.array_equal(constant.masks["hidden 1"][:9], early.masks["hidden 1"][:9])
    assert early.masks["hidden 1"][9:].all()
    for metric in ("iteration", "test_loss"):
        assert np.array_equal(constant.snapshots[metric][:3], early.snapshots[metric][:3])
    assert constant.snapshots["test_loss"][-1] != early.snapshots["test_loss"][-1]


def test_strength_is_set_on_modules_of_torch_too():
    """torch.nn.Dropout calls it p."""
    model = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.4))
    make_scheduler(Arm("x", 0.4, schedule="late"), model, 2)(1)
    assert model[1].p == 0
    assert torch.equal(model[1](torch.ones(3)), torch.ones(3))
