"""Runs that another experiment has recorded are not trained again, and are what training would have recorded."""

import zipfile

import numpy as np
import pytest

import dropviz
from dropviz.experiments import Arm, Experiment
from dropviz.experiments.presets import PRESETS
from dropviz.recording.recording import to_arrays
from dropviz.training import runs as module
from dropviz.training.reuse import _suffices, _training

SHORT = {"train_size": 100, "batch_size": 50, "hidden": (8,), "epochs": 2, "snapshot_every": 1, "seeds": (1,)}
FIRST = Experiment(
    "first", recorded_iterations=2, probes=("activations",), arms=(Arm("plain"), Arm("half", 0.5)), **SHORT
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the recordings of `first`."""
    place = tmp_path_factory.mktemp("recordings")
    dropviz.train(FIRST, out=place, device="cpu", progress=False)
    return place


@pytest.fixture
def trained(monkeypatch):
    """The arms that are trained."""
    arms = []
    train = module._train

    def count(experiment, runs, *more):
        arms.extend(arm.name for arm, _seed in runs)
        return train(experiment, runs, *more)

    monkeypatch.setattr(module, "_train", count)
    return arms


def differing(one, other):
    """Names of arrays of two recordings that differ, and of those that one lacks."""
    a, b = to_arrays(one), to_arrays(other)
    return sorted(name for name in a.keys() | b.keys() if not np.array_equal(a.get(name), b.get(name)))


def test_a_run_of_another_experiment_is_what_training_gives(folder, trained):
    """Names, fewer snapshots and no probes: only the header differs, in where the recording is from."""
    arms = (Arm("none"), Arm("dropout", 0.5), Arm("more", 0.8))
    second = FIRST.replace(name="second", probes=(), snapshot_every=3, arms=arms)
    reused = dropviz.train(second, out=folder, device="cpu", progress=False)
    assert trained == ["more"]
    fresh = dropviz.train(second, device="cpu", progress=False)
    for one, other in zip(reused, fresh, strict=True):
        assert (one.arm, one.seed, one.experiment) == (other.arm, other.seed, second)
        assert differing(one, other) in ([], ["header"])
    assert [run.provenance.get("copied_from", "")[:5] for run in reused] == ["first", "first", ""]
    trained.clear()
    dropviz.train(second, out=folder, device="cpu", progress=False, again=True)
    assert trained == ["none", "dropout", "more"]


@pytest.mark.parametrize(
    "changes",
    [
        {"epochs": 3},
        {"recorded_iterations": 3},
        {"tracked_examples": 2},
        {"probes": ("weights",)},
        {"learning_rate": 0.2},
        {"probes": ("activations",), "snapshot_every": 2},
        {"arms": (Arm("plain", momentum=0.5),)},
    ],
)
def test_what_another_recording_lacks_is_trained(folder, trained, tmp_path, changes):
    """Another training, more masks, other probes, or probes at other snapshots."""
    for path in folder.glob("first-*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    third = FIRST.replace(**{"name": "third", "arms": (Arm("plain"),), **changes})
    dropviz.train(third, out=tmp_path, device="cpu", progress=False)
    assert trained == ["plain"]


def test_a_damaged_recording_is_passed_over(folder, trained, tmp_path):
    """A file that is none, and one whose arrays are damaged."""
    (tmp_path / "a.npz").write_bytes(b"no archive")
    (path,) = folder.glob("first-plain-*")
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        weights = archive.getinfo("weights/0.npy")
    data[weights.header_offset + weights.compress_size // 2] ^= 255
    (tmp_path / path.name).write_bytes(data)
    fourth = FIRST.replace(name="fourth", arms=(Arm("plain"),))
    dropviz.train(fourth, out=tmp_path, device="cpu", progress=False)
    assert trained == ["plain"]


def test_an_arm_with_a_hyperparameter_is_the_experiment_with_it(folder, trained):
    """A hyperparameter of the experiment, and one of the arm, train alike."""
    fifth = FIRST.replace(name="fifth", epochs=1, probes=(), arms=(Arm("plain", epochs=2),))
    dropviz.train(fifth, out=folder, device="cpu", progress=False)
    assert trained == []


@pytest.mark.parametrize(("chart", "other"), [("story", "digits"), ("digits", "story"), ("swap", "digits")])
def test_presets_share_runs(chart, other):
    """`story` draws the runs of `accuracy`, whichever comes first."""
    wanted, found = PRESETS[chart], PRESETS[other]
    assert _suffices(found, wanted)
    assert _training(wanted, wanted.arms[0]) == _training(found, found.arms[0])
