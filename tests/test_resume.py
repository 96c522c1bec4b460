"""Runs that are killed go on where they stopped, with the recordings of runs that were not."""

import numpy as np
import pytest
from conftest import TINY

import dropviz
from dropviz.errors import RecordingError
from dropviz.training import checkpoint
from dropviz.training.one_run import train_one

KINDS = {
    "momentum": TINY.replace(momentum=0.9, arms=TINY.arms[1:]),
    "adam, all probes between snapshots": TINY.replace(
        optimizer="adam",
        recorded_iterations=3,
        probes=("activations", "giveaway", "features", "weights"),
        arms=TINY.arms[1:],
    ),
    "no checkpoint": TINY.replace(arms=(dropviz.Arm("wrong", 0.5, mistake="always-on"),)),  # its generator is not saved
    "schedule, normal noise": TINY.replace(
        recorded_iterations=0, input_noise=0.1, arms=(dropviz.Arm("decay", 0.5, noise="gaussian", schedule="decay"),)
    ),
}


class Killed(BaseException):
    """The end of a process."""


def killed_after(iterations):
    """Return a callback that kills the run at the end of an iteration."""
    left = [iterations]

    def kill(count, _total):
        left[0] -= count
        if left[0] <= 0:
            raise Killed

    return kill


@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_run_equals_one_that_was_not(kind, tmp_path, monkeypatch):
    """Weights, optimiser, generators, snapshots, probes and masks go on; each file has the same bytes."""
    monkeypatch.setattr(checkpoint, "INTERVAL", 0.0)
    monkeypatch.setattr(checkpoint, "SHARE", 1e9)
    experiment, whole, path = KINDS[kind], tmp_path / "whole.npz", tmp_path / "run.npz"
    (arm,) = experiment.arms
    train_one(experiment, arm, 1, whole, "cpu")
    assert [file.name for file in tmp_path.iterdir()] == ["whole.npz"]
    went_on = []
    for iteration in (2, 5, 13, 14, 19):  # of 20, the first ones within the recorded iterations
        with pytest.raises(Killed):
            train_one(experiment, arm, 1, path, "cpu", on_iterations=killed_after(iteration))
    seen = []
    train_one(experiment, arm, 1, path, "cpu", None, lambda count, _total: went_on.append(count), seen.append)
    assert went_on[0] > 12 or kind == "no checkpoint"
    assert sum(went_on) == 20
    assert path.read_bytes() == whole.read_bytes()
    assert [event.iteration for event in seen] == dropviz.load(path).snapshots["iteration"].tolist()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["run.npz", "whole.npz"]


@pytest.mark.parametrize("damage", ["cut", "other data", "pickle", "number missing"])
def test_what_is_no_checkpoint_of_the_run_is_not_used(damage, tmp_path, monkeypatch):
    """A damaged one, one of another seed, and one that would run code: the run starts again."""
    monkeypatch.setattr(checkpoint, "INTERVAL", 0.0)
    monkeypatch.setattr(checkpoint, "SHARE", 1e9)
    path, other = tmp_path / "run.npz", tmp_path / "run.checkpoint"
    arm = TINY.arms[1]
    with pytest.raises(Killed):
        train_one(TINY, arm, 2 if damage == "other data" else 1, path, "cpu", on_iterations=killed_after(15))
    if damage == "cut":
        other.write_bytes(other.read_bytes()[:-100])
    if damage in ("pickle", "number missing"):
        arrays = dict(np.load(other))
        del arrays["checkpoint/calls"]
        _write(other, arrays | ({"checkpoint/calls": np.array([print], object)} if damage == "pickle" else {}))
    went_on = []
    train_one(TINY, arm, 1, path, "cpu", None, lambda count, _total: went_on.append(count))
    assert went_on == [1] * 20
    assert not other.exists()


def test_a_state_that_does_not_fit_is_an_error_of_one_line(tmp_path, monkeypatch):
    """Adam reads its state in a later step: without a check before, that ends in a traceback."""
    monkeypatch.setattr(checkpoint, "INTERVAL", 0.0)
    monkeypatch.setattr(checkpoint, "SHARE", 1e9)
    experiment, path, saved = TINY.replace(optimizer="adam"), tmp_path / "run.npz", tmp_path / "run.checkpoint"
    with pytest.raises(Killed):
        train_one(experiment, TINY.arms[1], 1, path, "cpu", on_iterations=killed_after(15))
    _write(saved, {name: values for name, values in np.load(saved).items() if not name.endswith("0/exp_avg")})
    with pytest.raises(RecordingError, match="checkpoint is damaged"):
        train_one(experiment, TINY.arms[1], 1, path, "cpu")


def _write(path, arrays):
    with path.open("wb") as file:
        np.savez(file, **arrays)


def test_a_checkpoint_of_a_saved_run_is_removed(tmp_path):
    """A process that was killed between saving a run and removing its checkpoint leaves nothing for good."""
    paths = dropviz.sweep(TINY, {"drop_prob": [0.5]}, out=tmp_path, jobs=1)
    left = paths[0].with_suffix(".checkpoint")
    left.write_bytes(b"")
    dropviz.sweep(TINY, {"drop_prob": [0.5]}, out=tmp_path, jobs=1)
    assert not left.exists()
