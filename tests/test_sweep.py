"""Sweeps: their plan, their files with any backend and in parts, lost workers, and charts while they go on."""

import os
from pathlib import Path

import joblib
import pytest
from conftest import TINY

import dropviz
from dropviz._util.progress import RunTimes
from dropviz.errors import DropvizError, UsageError
from dropviz.experiments.sweeps import parse_vary, plan_sweep
from dropviz.rendering.request import pick
from dropviz.training import joblib_backend
from dropviz.training.runs import load_all
from dropviz.training.sweep import part_of

SMALL = TINY.replace(hidden=(6,), epochs=1, recorded_iterations=1, arms=(dropviz.Arm("a"), dropviz.Arm("b", 0.5)))
VARY = {"drop_prob": [0, 0.2, 0.5]}


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """The files of a small sweep, trained in this process."""
    out = tmp_path_factory.mktemp("sweep")
    return dropviz.sweep(SMALL, VARY, out=out, device="cpu", progress=False)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("drop_prob=0:0.3:0.1", (0.0, 0.1, 0.2, 0.3)),
        ("train-size=500,2000", (500, 2000)),
        ("hidden=64,64/32", (64, (64, 32))),
        ("noise=gaussian", ("gaussian",)),
    ],
)
def test_values_as_they_are_written(text, values):
    """Ranges hold their end and decimal numbers; without it three times 0.1 is 0.30000000000000004."""
    assert parse_vary(text)[1] == values


@pytest.mark.parametrize("text", ["x", "x=", "=1", "x=0:1:0", "x=1:0:1", "x=0:1e12:1e-9", "x=1,,2"])
def test_values_that_are_none_are_refused(text):
    """Endless and empty ranges end in one line, before anything is allocated."""
    with pytest.raises(UsageError):
        parse_vary(text)


def test_plan():
    """Arms that become one are trained once, arms that differ keep their names; other fields have folders."""
    assert [run.arm.name for run in plan_sweep(SMALL.replace(seeds=(1,)), VARY)] == [
        "no dropout",
        "dropout 0.2",
        "dropout 0.5",
    ]
    sized = plan_sweep(SMALL.replace(seeds=(1,)), {"train_size": [100, 200], "label_noise": [0.0, 0.2]})
    assert [(run.arm.name, run.folder) for run in sized][:5] == [
        ("a, train_size 100", "label_noise=0/"),
        ("b, train_size 100", "label_noise=0/"),
        ("a, train_size 200", "label_noise=0/"),
        ("b, train_size 200", "label_noise=0/"),
        ("a, train_size 100", "label_noise=0.2/"),
    ]
    described = [
        ({"drop_prob": [0], "input_drop_prob": [0.2]}, "drop_prob 0, input dropout 0.2"),
        ({"drop_prob": [0.5], "noise": ["gaussian"]}, "drop_prob 0.5, noise gaussian"),
        ({"learning_rate": [0.12345678]}, "a, rate 0.12345678"),
    ]
    assert [plan_sweep(SMALL, vary)[0].arm.name for vary, _name in described] == [name for _vary, name in described]
    runs = plan_sweep(SMALL, {"hidden": [6, (64, 64)], "drop_prob": [0, 0.1, 0.2]})
    parts = [part_of(runs, number, 3) for number in (1, 2, 3)]
    assert sorted(run.file for part in parts for run in part) == sorted({run.file for run in runs})
    wide = [sum(run.arm.hidden == (64, 64) for run in part) for part in parts]
    assert max(wide) - min(wide) <= 1
    for vary in ({"epoch": [1]}, {"drop_prob": []}, {"drop_prob": [0.1, 0.1]}, {"epochs": range(10**6)}):
        with pytest.raises(UsageError):
            plan_sweep(SMALL, vary)


def test_files_are_the_same_in_parts_and_with_another_backend(swept, tmp_path, monkeypatch):
    """A run depends on no other; the backend is that of the user's parallel_config; runs that are there are skipped."""
    parts = [dropviz.sweep(SMALL, VARY, out=tmp_path, part=(1, 2), device="cpu", progress=False)]
    with joblib.parallel_config(backend="threading", n_jobs=2):  # threads of one process take turns
        parts += [dropviz.sweep(SMALL, VARY, out=tmp_path, part=(2, 2), device="cpu", progress=False)]
    files = sorted(file for part in parts for file in part)
    assert [file.name for file in files] == sorted(file.name for file in swept)
    assert [file.read_bytes() for file in files] == [file.read_bytes() for file in sorted(swept)]
    monkeypatch.setattr(joblib_backend, "train_one", None)
    assert len(dropviz.sweep(SMALL, VARY, out=tmp_path, device="cpu", progress=False)) == 6


def test_runs_of_a_lost_worker_are_trained_again(swept, tmp_path, monkeypatch):
    """Any error of a backend is a lost worker, until it comes again and again; one of dropviz is passed on."""
    train, lost = joblib_backend.train_one, []

    def lose(*arguments):
        if len(lost) in (1, 2):
            lost.append(1)
            if len(lost) == 3:  # lost after the file was saved: not trained again
                train(*arguments)
            raise EOFError("lost")
        lost.append(0)
        return train(*arguments)

    monkeypatch.setattr(joblib_backend, "train_one", lose)
    files = dropviz.sweep(SMALL, VARY, out=tmp_path, device="cpu", progress=False)
    assert (sum(lost), len(lost)) == (2, 7)
    assert [file.read_bytes() for file in files] == [file.read_bytes() for file in swept]
    monkeypatch.setattr(joblib_backend, "LATE", 0.0)
    for fail, words in (
        (lambda *_: {}["lost"], "training failed 3 times: KeyError"),
        (lambda *_: os.stat("/nowhere"), "training failed: .*No such file"),  # noqa: PTH116  # for its error
        (lambda *_: None, "which is not here"),
    ):
        monkeypatch.setattr(joblib_backend, "train_one", fail)
        with pytest.raises(DropvizError, match=words):
            dropviz.sweep(SMALL, VARY, out=tmp_path / "other", device="cpu", progress=False)


def test_joblib_creates_no_folder(monkeypatch):
    """Without `temp_folder`, joblib creates one in /dev/shm at once, and nothing deletes it when all are killed."""
    monkeypatch.setattr(joblib_backend, "_train", max)
    with joblib_backend.use_backend("loky"):
        for number in joblib_backend._train_all([(1, 2), (3, 4)], 2):
            assert number in (2, 4)
            assert not [*Path("/dev/shm").glob(f"joblib_memmapping_folder_{os.getpid()}_*")]  # noqa: S108


def test_charts_draw_what_is_there(swept, tmp_path):
    """Of an unfinished sweep, the seeds that all arms have are drawn, arms in the order of their values."""
    for file in swept[:-1]:
        (tmp_path / file.name).write_bytes(file.read_bytes())
    words = []
    comparison = pick(load_all([tmp_path], words.append), compare=True, chart="rates")
    assert words == [f"{tmp_path}: 2 of 5 recordings are of seeds that not all arms have yet: left out"]
    assert [arm.name for arm in comparison.arms] == ["no dropout", "dropout 0.2", "dropout 0.5"]
    assert [arm.name for arm in comparison.experiment.arms] == [arm.name for arm in comparison.arms]
    assert comparison.seeds == (1,)


def test_command(run, swept):
    """The command line has the same files, and says in one line what cannot be."""
    toml = swept[0].parent / "small.toml"
    toml.write_text(SMALL.to_toml())
    done = run("sweep", toml, "--vary", "drop_prob=0,0.2,0.5", "-o", swept[0].parent)
    assert done.stdout.split() == [str(file) for file in swept]
    for options, words in (
        (("--part", "3/2"), "part is 3/2"),
        (("--part", "x"), "is not a part"),
        (("--data-dir", "."), "need no folder"),
        (("--vary", "drop_prob=1"), "names a field twice"),
        (("--backend", "nonsense", "-o", "new"), "unknown backend 'nonsense'"),
        (("--scheduler", "tcp://a:1", "-o", "new"), "needs backend 'dask' or 'ray'"),
    ):
        failed = run("sweep", toml, "--vary", "drop_prob=0,0.2", *options)
        assert (failed.returncode, words in failed.stderr, failed.stderr.count("\n")) == (2, True, 1), failed.stderr


def test_time_left_of_runs():
    """Two runs at a time of 30 s each: reports in pairs say the same time left; a mean over reports would jump."""
    times, seen = RunTimes(2), []
    for number in range(10):
        now = 30.0 * (number // 2 + 1) + number % 2 * 0.4
        times.finish(now, 1.0, 30.0)
        seen.append(times.seconds(now, 40.0))
    truth = [30 * (20 - number // 2 - 1) for number in range(10)]
    assert all(abs(left - true) < 16 for left, true in zip(seen, truth, strict=True)), seen
