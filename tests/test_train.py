"""dropviz.train: one function for scripts, notebooks and the command line, with the same recordings."""

import re
import subprocess
import sys
from dataclasses import fields

import pytest

import dropviz
from dropviz.errors import ExperimentError, UsageError
from dropviz.experiments.fields import describe, option_help

SMALL = {"epochs": 2, "hidden": (8,), "train_size": 100, "batch_size": 50, "recorded_iterations": 2, "seeds": 1}
# No `if __name__ == "__main__"`: a worker that imported the script would train again, and fail.
SCRIPT = f"""
import sys, dropviz
runs = dropviz.train("digits", jobs=2, device="cpu", out=sys.argv[1], **{SMALL!r})
assert "torch" not in sys.modules
print([run.arm for run in runs], __file__)
"""
# Without a folder, and without a file: the recordings and the events come from the workers to this process.
PIPED = f"""
import sys, dropviz
from dropviz.training import SnapshotEvent
events = []
runs = dropviz.train("digits", jobs=2, device="cpu", progress=events.append, **{SMALL!r})
assert "torch" not in sys.modules
assert {{type(event) for event in events}} == {{SnapshotEvent}}
for number, run in enumerate(runs):
    assert {{type(value) for value in run.provenance.values()}} == {{str, int}}  # no torch to unpickle them
    own = [event for event in events if event.arm.name == run.arm]
    assert [event.iteration for event in own] == run.snapshots["iteration"].tolist()
    assert [event.metrics["test_accuracy"] for event in own] == run.snapshots["test_accuracy"].tolist()
    run.save(f"{{sys.argv[1]}}/{{number}}.npz")
print([run.arm for run in runs], __name__)
"""


@pytest.fixture(scope="module")
def alone():
    """Both arms, trained in this process."""
    return dropviz.train("digits", device="cpu", progress=False, **SMALL)


def same_bytes(runs, others, folder):
    """True if the runs are written as the same files."""
    return len(runs) == len(others) and all(
        one.save(folder / "a.npz").read_bytes() == other.save(folder / "b.npz").read_bytes()
        for one, other in zip(runs, others, strict=True)
    )


@pytest.mark.parametrize("way", ["file", "stdin"])
def test_a_plain_script_trains_in_workers(alone, tmp_path, way):
    """From a script without a guard and from stdin, workers give the recordings of this process, once.

    With a folder they are there as files, without one in memory; the snapshots of all runs reach the callback.
    """
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    how, code, name = {"file": (str(script), "", str(script)), "stdin": ("-", PIPED, "__main__")}[way]
    command = [sys.executable, how, str(tmp_path / "out")]
    result = subprocess.run(command, capture_output=True, text=True, check=False, input=code)
    assert re.sub(r"^training 2 runs, 8 iterations: .*\n", "", result.stderr, flags=re.MULTILINE) == ""  # after 10 s
    assert result.stdout == f"['no dropout', 'dropout 0.5'] {name}\n"
    stored = [dropviz.load(path) for path in (tmp_path / "out").glob("*.npz")]
    assert same_bytes(alone, sorted(stored, key=lambda run: run.arm, reverse=True), tmp_path)


def test_a_folder_keeps_recordings(alone, tmp_path):
    """Recorded runs are loaded and not trained again, unless `again`."""
    events = []
    for again, count in ((False, 2), (False, 0), (True, 2)):
        runs = dropviz.train(
            "digits", out=tmp_path / "out", device="cpu", again=again, progress=events.append, snapshot_every=5, **SMALL
        )
        assert len(events) == count
        events.clear()
        assert [run.arm for run in runs] == [run.arm for run in alone]
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_a_backend_of_joblib_gives_the_same(alone, tmp_path):
    """With a backend, recordings and snapshots are those of this process, in memory and in files."""
    for out in (None, tmp_path / "out"):
        events = []
        runs = dropviz.train(
            "digits", jobs=2, backend="threading", out=out, device="cpu", progress=events.append, **SMALL
        )
        assert same_bytes(alone, runs, tmp_path)
        assert len(events) == 2
        assert {event.iteration for event in events} == {4}


def test_an_error_of_the_callback_is_passed_on():
    """A callback can stop the training with an error of any kind."""

    def stop(_event):
        raise RuntimeError("enough")

    for jobs in (1, 2):
        with pytest.raises(RuntimeError, match="enough"):
            dropviz.train("digits", device="cpu", progress=stop, jobs=jobs, **SMALL)


def test_nothing_is_printed_where_nobody_watches(alone, capfd):
    """Without a terminal and a notebook, progress=True prints nothing."""
    dropviz.train("digits", device="cpu", **SMALL)
    assert capfd.readouterr() == ("", "")


def test_wrong_arguments():
    """Unknown fields and wrong numbers of jobs are refused in a line that says what is allowed."""
    with pytest.raises(ExperimentError, match="'epoch' is not a field of an experiment: must be one of name, data"):
        dropviz.train("digits", epoch=1)
    with pytest.raises(UsageError, match="jobs is 0: must be 1 or more"):
        dropviz.train("digits", jobs=0)
    with pytest.raises(UsageError, match="device 'nonsense' cannot be used here"):
        dropviz.train("digits", device="nonsense", jobs=1, **SMALL)


def test_old_positional_arguments_work_with_a_warning(tmp_path):
    """device and data_dir could be given by position."""
    more = {name: value for name, value in SMALL.items() if name != "seeds"}
    with pytest.warns(DeprecationWarning, match="takes 'device' by keyword only"):
        assert len(dropviz.train("digits", 1, "cpu", progress=False, **more)) == 2
    matches = "takes '(device|data_dir)' by keyword only"
    with pytest.warns(DeprecationWarning, match=matches), pytest.raises(UsageError, match="which need no folder"):
        dropviz.train("digits", 1, "cpu", tmp_path, progress=False, **more)


@pytest.mark.parametrize(
    "call",
    ["dropviz.train('digits', jobs=1)", "dropviz.train('digits', jobs=2)", "dropviz.Recorder", "dropviz.check"],
)
def test_a_broken_torch_is_one_line(tmp_path, call):
    """Where torch cannot be imported, in this process or in workers, the error says so."""
    (tmp_path / "torch.py").write_text("raise ImportError('libtorch.so is missing')")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import dropviz\ntry: {call}\n"
    code += "except dropviz.DropvizError as error: print(type(error).__name__, error)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == (
        "DependencyError cannot import torch (libtorch.so is missing): pip install torch torchvision\n"
    )


@pytest.mark.parametrize("cls", [dropviz.Experiment, dropviz.Arm])
def test_every_field_is_documented(cls):
    """The docstring of the class has each field with its meaning, allowed values and default, as they are checked."""
    text = " ".join(cls.__doc__.split())
    for item in fields(cls):
        assert f"{item.name} {describe(item)}" in text


def test_help_has_the_allowed_values(run):
    """The options of `dropviz train` are documented from the same fields."""
    text = " ".join(run("train", "--help").stdout.split())
    for item in fields(dropviz.Experiment):
        if item.name not in ("name", "seeds", "arms"):
            assert option_help(item) in text
