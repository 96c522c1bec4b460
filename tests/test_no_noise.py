"""Noise of drop probability 0 is none: not in titles, not in colours, not in comparisons."""

from dataclasses import replace

import numpy as np
import pytest

import dropviz
from dropviz.analysis.captions import describe
from dropviz.analysis.comparison import gather
from dropviz.charts.base.noise_effects import noise_effect
from dropviz.experiments.presets import PRESETS
from dropviz.recording import Site
from dropviz.style.labels import Labels


@pytest.fixture(scope="module")
def zero():
    """The preset `pitfall-zero`, cut short: its wrong arm records masks that drop nothing."""
    experiment = PRESETS["pitfall-zero"].replace(
        seeds=(1,), epochs=1, train_size=100, hidden=(8, 8), recorded_iterations=2, tracked_examples=1
    )
    return {run.arm: run for run in dropviz.train(experiment, device="cpu", progress=False)}


def test_an_arm_that_drops_nothing_has_no_noise(zero):
    """Its masks are there, and all True; the arm with masks that drop has noise."""
    wrong = zero["wrong"]
    assert wrong.masks
    assert all(mask.all() for mask in wrong.masks.values())
    assert {name: (run.has_noise, noise_effect(run)) for name, run in zero.items()} == {
        "no dropout": (False, ""),
        "wrong": (False, ""),
        "right": (True, "units"),
    }
    assert gather([*zero.values()]).has_noise == [False, False, True]


def test_it_is_no_thinned_network_in_words(zero):
    """The alternative text of the arm alone says nothing of dropped units."""
    words = describe(gather([zero["wrong"]]), "accuracy", Labels("en"), [])
    assert "dropped" not in words


def test_sites_of_other_models_follow_the_same_rule(noisy):
    """A site of drop probability 0 is no noise; one of unknown probability is."""
    quiet = Site("drop", "drop", drop_prob=0.0, axes=("example", "unit"), shape=(1, 4))
    run = replace(
        noisy,
        experiment=None,
        layers=(),
        sites=(quiet,),
        masks={"drop": np.ones((len(noisy.recorded_iterations), 1, 4), bool)},
        drop_rate={"drop": np.zeros(len(noisy.recorded_iterations))},
        shown_units={},
        weights={},
        activations={},
        tracked_rows=None,
        examples=None,
        probes={},
    )
    assert not run.has_noise
    assert replace(run, sites=(replace(quiet, drop_prob=None),)).has_noise
    some = np.zeros(len(noisy.recorded_iterations))
    some[0] = 0.25
    assert replace(run, drop_rate={"drop": some}).has_noise
