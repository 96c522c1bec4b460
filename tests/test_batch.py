"""Runs trained as one batch, as on a GPU, against the same runs alone. The code is the same on a CPU."""

import numpy as np
import pytest
import torch
from conftest import TINY
from test_resume import Killed, killed_after

import dropviz
from dropviz import Arm
from dropviz.training import batch, checkpoint
from dropviz.training.one_run import train_batch, train_one, trains_in_batches
from dropviz.training.runs import runs_of
from dropviz.training.workers import train_here, train_in_workers

NOISES = ("bernoulli", "gaussian", "uniform", "channel", "alpha", "dropconnect", "torch")
KINDS = {
    "noises": TINY.replace(
        hidden=(16, 16),
        momentum=0.9,
        l2=0.01,
        max_norm=1.0,
        recorded_iterations=8,
        arms=(Arm("none"), Arm("randn", 0.3, mistake="randn"), *(Arm(kind, 0.5, noise=kind) for kind in NOISES)),
    ),
    "adam": TINY.replace(
        optimizer="adam",
        learning_rate=0.01,
        loss="squared",
        activation_l1=0.001,
        activation_l2=0.001,
        input_noise=0.1,
        recorded_iterations=0,
        probes=("features", "weights"),
        arms=(Arm("none"), Arm("input", 0.2, 0.2), Arm("decay", 0.5, schedule="decay"), Arm("l1", 0.5, l1=0.001)),
    ),
    "some alone": TINY.replace(
        probes=("giveaway",), arms=(Arm("none"), Arm("twice", 0.5, mistake="mean-twice"), Arm("short", 0.5, epochs=1))
    ),
}


def in_batch(experiment, device="cpu", folder=None, **callbacks):
    """The recordings of a batch, in the order of `runs_of`."""
    runs = {run: None if folder is None else folder / experiment.run_name(*run) for run in runs_of(experiment)}
    on_iterations = callbacks.get("on_iterations", dict.fromkeys(runs, lambda _count, _total: None))
    trained = dict(train_batch(experiment, runs, device, None, on_iterations, lambda _event: None))
    return [trained[run] or dropviz.load(path) for run, path in runs.items()]


def assert_alike(ours, theirs):
    """The same masks bit for bit, and the same numbers but for rounding."""
    assert (ours.arm, ours.seed) == (theirs.arm, theirs.seed)
    assert ours.masks.keys() == theirs.masks.keys()
    for name, mask in ours.masks.items():
        assert np.array_equal(mask, theirs.masks[name])
    for name in ("snapshots", "weights", "activations", "probes"):
        one, other = getattr(ours, name), getattr(theirs, name)
        assert one.keys() == other.keys()
        for key in one:
            np.testing.assert_allclose(one[key], other[key], rtol=1e-3, atol=1e-4, err_msg=f"{ours.arm} {name} {key}")


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_trains_each_run_as_alone(kind):
    """A run that drew the noise of another, or lost its momentum, would have other losses."""
    experiment = KINDS[kind]
    for run, recording in zip(runs_of(experiment), in_batch(experiment), strict=True):
        assert_alike(recording, train_one(experiment, *run, device="cpu"))


def test_runs_of_one_shape_are_one_batch(monkeypatch):
    """Noise of seven kinds in three networks is one product; torch's own layer and a run of another length are not."""
    sizes, made = [], batch._Batch

    def counted(group):
        sizes.append(len(group))
        return made(group)

    monkeypatch.setattr(batch, "_Batch", counted)
    for experiment in KINDS.values():
        in_batch(experiment.replace(seeds=(1, 2)))
    assert sizes == [2 * 8, 2 * 3, 2]


def test_a_killed_batch_goes_on(tmp_path, monkeypatch):
    """Weights, optimiser and random streams of all runs, with checkpoints of different iterations too."""
    monkeypatch.setattr(checkpoint, "INTERVAL", 0.0)
    monkeypatch.setattr(checkpoint, "SHARE", 1e9)
    experiment = TINY.replace(momentum=0.9)
    runs = runs_of(experiment)
    quiet = dict.fromkeys(runs, lambda _count, _total: None)
    for run, iteration in ((3, 15), (1, 17)):  # a checkpoint is written after each iteration from the 13th on
        with pytest.raises(Killed):
            in_batch(experiment, folder=tmp_path, on_iterations=quiet | {runs[run]: killed_after(iteration)})
    saved = [np.load(file)["checkpoint/iteration"].item() for file in tmp_path.glob("*.checkpoint")]
    assert sorted(saved) == [14, 16, 16, 17]
    went_on = []
    counts = quiet | {runs[0]: lambda count, _total: went_on.append(count)}
    for run, recording in zip(runs, in_batch(experiment, folder=tmp_path, on_iterations=counts), strict=True):
        assert_alike(recording, train_one(experiment, *run, device="cpu"))
    assert went_on[0] > 12
    assert sum(went_on) == 20
    assert len({*tmp_path.iterdir()}) == len(runs)


def test_runs_that_are_mostly_recorded_are_no_batch(monkeypatch):
    """Recorded iterations are done run by run: processes are faster then. The CPU trains no batches."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    ways = [trains_in_batches(TINY.replace(recorded_iterations=kept), "auto") for kept in (10, 11)]
    assert [*ways, trains_in_batches(TINY.replace(recorded_iterations=0), "cpu")] == [True, False, False]


def test_the_number_of_runs_at_once_is_kept(monkeypatch):
    """Runs that do not fit into memory at the same time follow one another."""
    monkeypatch.setattr("dropviz.training.batch.runs_at_once", lambda _dataset, _device: 3)
    assert [(each.arm, each.seed) for each in in_batch(TINY)] == [(arm.name, seed) for arm, seed in runs_of(TINY)]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_on_a_gpu_trains_each_run_as_alone(kind):
    """So it does on a GPU, in this process and in another."""
    experiment = KINDS[kind]
    runs = runs_of(experiment)
    alone = {run: train_one(experiment, *run, device="cuda") for run in runs}
    for jobs in (0, None, 2):
        train = train_here if jobs == 0 else train_in_workers
        more = () if jobs == 0 else (jobs,)
        trained = dict(train(experiment, dict.fromkeys(runs), *more, "auto", None, lambda _done, _total: None))
        for run in runs:
            assert_alike(trained[run], alone[run])
