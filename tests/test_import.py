"""Import of logs: each format as its own program writes it, and what cannot be imported."""

import json
import math
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dropviz
from dropviz.analysis.comparison import gather
from dropviz.charts import CHARTS, find_chart
from dropviz.errors import DependencyError, LogError, RecordingError
from dropviz.recording.logs import log as log_module
from dropviz.recording.logs.names import common_name, common_names

STEPS = "step,train/loss,val_loss,val_acc,note\n10,0.9,,,\n20,0.7,0.8,61.5,\n30,0.6,,,late\n40,0.5,0.7,70,\n"


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a file and returns its path."""

    def write(text, name="log.csv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def plain(recording):
    """The snapshots as lists, with None where nothing was measured."""
    return {
        name: [None if isinstance(value, float) and math.isnan(value) else value for value in values.tolist()]
        for name, values in recording.snapshots.items()
    }


def test_csv_of_two_rates(write):
    """Each metric has its own iterations; names are those of dropviz; what was converted or left out is noted."""
    notes = []
    recording = dropviz.import_log(write(STEPS), arm="mine", seed=3, callback=notes.append)
    assert plain(recording) == {
        "iteration": [10, 20, 30, 40],
        "train_loss": [0.9, 0.7, 0.6, 0.5],
        "validation_loss": [None, 0.8, None, 0.7],
        "validation_accuracy": [None, 0.615, None, 0.7],
    }
    assert notes == ["left out 'note': not numbers", "validation_accuracy is taken as percentages, since it exceeds 1"]
    assert (recording.arm, recording.seed, recording.layers, recording.masks) == ("mine", 3, (), {})
    assert recording.log == "log.csv"


def test_a_file_of_it_is_read_again(write, tmp_path):
    """A recording without layers, with values that are not measured, is saved and loaded."""
    recording = dropviz.import_log(write(STEPS))
    assert plain(dropviz.load(recording.save(tmp_path / "a.npz"))) == plain(recording)


def windows(encoding):
    """The log as Windows has it: in `encoding`, with the first line of Export-Csv."""
    return ("#TYPE Log\r\n" + STEPS.replace("\n", "\r\n")).encode(encoding)


@pytest.mark.parametrize(
    "content",
    [
        *map(windows, ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be")),
        "sep=;\n" + STEPS.replace(",", ";").replace("61.5", "61,5").replace("0.", "0,"),
        STEPS.replace(",", "\t"),
    ],
)
def test_tables_as_other_systems_write_them(write, content):
    """The same numbers from PowerShell's UTF-16, with a mark or without, and from Excel's semicolons and commas."""
    assert plain(dropviz.import_log(write(content))) == plain(dropviz.import_log(write(STEPS)))


def test_command_and_function_do_the_same(write, run):
    """`dropviz import` prints the path alone, and the notes on stderr."""
    path = write(STEPS)
    result = run("import", path, "--map", "train/loss=loss_now", "--map", "val_acc=", "--arm", "a", "-o", "a.npz")
    assert (result.returncode, result.stdout) == (0, "a.npz\n")
    assert "4 snapshots of arm 'a': loss_now, validation_loss" in result.stderr
    names = {"train/loss": "loss_now", "val_acc": ""}
    assert plain(dropviz.load("a.npz")) == plain(dropviz.import_log(path, names=names))
    assert run("import", path, "--arm", "Dropout 0.5").stdout == "out/imported/dropout-0.5-seed0.npz\n"
    wrong = run("import", path, "--map", "loss")
    assert (wrong.returncode, wrong.stderr[:14]) == (2, "dropviz: --map")


@pytest.mark.parametrize(
    ("text", "counts"),
    [("epoch,loss\n1,0.5\n2,0.4\n", [1, 2]), ("epoch,loss\n0,0.5\n1,0.4\n", [1, 2])],
)
def test_epochs_alone_are_iterations(write, text, counts):
    """Without iterations, epochs count, from 1, and the recording and a note say so; or they are multiplied."""
    notes = []
    recording = dropviz.import_log(write(text), callback=notes.append)
    assert recording.counts_epochs
    assert recording.snapshots["iteration"].tolist() == counts
    assert "the log has epochs only: an iteration of the recording is an epoch" in notes
    longer = dropviz.import_log(write(text), arm="other", epoch_iterations=50)
    assert not longer.counts_epochs
    assert longer.snapshots["iteration"].tolist() == [50, 100]
    with pytest.raises(RecordingError, match="counts epochs, others iterations"):
        gather([recording, longer])


def test_values_that_are_not_finite(write):
    """NaN in a cell is a value that is not finite, unless it is said to stand for an empty cell."""
    path, notes = write("step,loss\n1,0.5\n2,nan\n3,inf\n4,0.25\n"), []
    assert plain(dropviz.import_log(path, callback=notes.append))["loss"] == [0.5, math.inf, math.inf, 0.25]
    assert notes == ["loss is not finite 2 times, first at 2"]
    assert plain(dropviz.import_log(path, nan_is_empty=True))["loss"] == [0.5, math.inf, 0.25]


def test_repeated_iterations(write):
    """The later row counts, as a run that was resumed writes it; a count that begins anew each epoch is refused."""
    notes = []
    recording = dropviz.import_log(write("step,loss\n1,5\n2,4\n2,3\n"), callback=notes.append)
    assert plain(recording)["loss"] == [5, 3]
    assert notes == ["1 values repeat an iteration: the later one counts"]
    with pytest.raises(LogError, match=r"1 is counted in epoch 0 and in epoch 1: .*within an epoch"):
        dropviz.import_log(write("epoch,step,loss\n0,1,5\n1,1,4\n"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty"),
        (" \n\n", "is empty"),
        ("loss,acc\n1,2\n", r"no column of iterations, only 'loss', 'acc': name it, like --map loss=iteration"),
        ("1,2\n3,4\n", "numbers in its first row"),
        ("step,loss\n", "has no metric"),
        ("step\n1\n", "has no metric"),
        ("step,loss\n1,\n", "has no metric"),
        ("step,loss\n1,0.5\n2,low\n", r"row 3: loss is 'low': must be a number"),
        ("step,loss\n1.5,0.5\n", r"row 2: step is '1.5': must be a whole number"),
        ("step,loss\n-1,0.5\n", "step is '-1'"),
        ("step,loss\n1e300,0.5\n", "must be a whole number"),
        ("step,loss\nnan,0.5\n", "must be a whole number"),
        ("step,loss\n1,0.5,7\n", "3 cells for 2 columns"),
        ("step,loss,loss\n1,2,3\n", "two columns called 'loss'"),
        ("step,val_loss,valid_loss\n1,2,3\n", "would both be called 'validation_loss'"),
        ("step,accuracy\n1,250\n", "neither from 0 to 1 nor a percentage"),
        (b"step,loss\n1,\xff\n", "is not UTF-8 text, from byte 12 on"),
        ('step,loss\n1,"' + "9" * 200_000 + '"\n', "is no CSV file"),
    ],
)
def test_a_table_that_cannot_be_imported_is_one_line(write, content, words):
    """The line names the file, and what does not fit."""
    path = write(content)
    with pytest.raises(LogError, match=words) as caught:
        dropviz.import_log(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_paths_that_hold_no_log(write, tmp_path, monkeypatch):
    """A missing path, a folder without a log or with several, an enormous file, and a name that cannot be given."""
    with pytest.raises(LogError, match="no log at"):
        dropviz.import_log(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(LogError, match="holds no log"):
        dropviz.import_log(tmp_path / "empty")
    for version in (0, 1):
        write("epoch,step,loss\n0,9,1\n", f"logs/version_{version}/metrics.csv")
    with pytest.raises(LogError, match=r"holds 2 logs: name one of .*version_0, .*version_1"):
        dropviz.import_log(tmp_path / "logs")
    for names, words in (({"nothing": "loss"}, "no numbers called 'nothing'"), ({"x": "iteration"}, "no column 'x'")):
        with pytest.raises(LogError, match=words):
            dropviz.import_log(write(STEPS), names=names)
    with pytest.raises(LogError, match="a metric cannot be called 'a/b'"):
        dropviz.import_log(write(STEPS), names={"val_loss": "a/b"})
    monkeypatch.setattr(log_module, "MAX_BYTES", 10)
    with pytest.raises(LogError, match=r"has \d+ bytes: logs of up to 10"):
        dropviz.import_log(write(STEPS))


@given(st.binary(max_size=200) | st.text(alphabet='0123456789.,;-\t\n" stepan', max_size=120).map(str.encode))
def test_whatever_is_in_a_file_it_is_imported_or_refused(tmp_path_factory, content):
    """No content makes another error than LogError."""
    path = tmp_path_factory.mktemp("any") / "log.csv"
    path.write_bytes(content)
    for start in (b"", b"step,loss\n"):
        path.write_bytes(start + content)
        try:
            recording = dropviz.import_log(path)
        except LogError as error:
            assert "\n" not in str(error)  # noqa: PT017  # either is right, and this is how it must read
        else:
            assert len(recording.snapshots["iteration"])


def test_transformers_state(write):
    """The log_history in its documented form: loss is of training, the summary and rates are left out."""
    history = [
        {"epoch": 0.5, "step": 10, "loss": 2.5, "grad_norm": float("nan"), "learning_rate": 5e-5},
        {"epoch": 1.0, "step": 20, "eval_loss": 2.0, "eval_accuracy": 0.4, "eval_runtime": 1.2},
        {"epoch": 1.0, "step": 20, "loss": 2.25, "grad_norm": 1.5, "learning_rate": 4e-5},
        {"epoch": 1.0, "step": 20, "train_loss": 2.4, "train_runtime": 9.0, "total_flos": 1e9},
    ]
    path = write(json.dumps({"log_history": history}), "out/checkpoint-20/trainer_state.json")
    write(json.dumps({"log_history": history[:1]}), "out/checkpoint-10/trainer_state.json")
    recording = dropviz.import_log(path.parents[1])
    assert plain(recording) == {
        "iteration": [10, 20],
        "train_loss": [2.5, 2.25],
        "grad_norm": [math.inf, 1.5],
        "learning_rate": [5e-5, 4e-5],
        "validation_loss": [None, 2.0],
        "validation_accuracy": [None, 0.4],
    }
    assert recording.log == "checkpoint-20/trainer_state.json"


@pytest.mark.parametrize(
    "text", ["[[[", "[]", "{}", '{"log_history": []}', '{"log_history": [{}]}', '{"log_history": [1]}', "[" * 99_999]
)
def test_json_that_is_no_trainer_state(write, text):
    """Other JSON is refused in a line."""
    with pytest.raises(LogError, match=r"no JSON file|log_history"):
        dropviz.import_log(write(text, "trainer_state.json"))


def test_lightning_folder(write):
    """A metrics.csv beside hparams.yaml counts from 0; the dropout in it names the arm; YAML is not executed."""
    write(
        "dropout: 0.5\nbatch_size: 8\nevil: !!python/object/apply:os.system ['exit']\nnet:\n  depth: 3\n",
        "v/hparams.yaml",
    )
    path = write(
        "epoch,step,train_loss_epoch,train_loss_step,val_loss\n0,4,,0.5,\n0,9,,,0.7\n0,9,0.6,,\n", "v/metrics.csv"
    )
    recording = dropviz.import_log(path.parent)
    assert recording.arm == "dropout 0.5"
    assert recording.provenance["setting batch_size"] == "8"
    assert plain(recording) == {
        "iteration": [5, 10],
        "train_loss_step": [0.5, None],
        "validation_loss": [None, 0.7],
        "train_loss": [None, 0.6],
    }


def test_real_lightning_logs(tmp_path):
    """What Lightning's CSVLogger and TensorBoardLogger write of one run is imported alike."""
    pytest.importorskip("tensorboard", reason="tensorboard is not installed")
    logs = pytest.importorskip("lightning.pytorch.loggers", reason="lightning is not installed")
    for logger in (logs.CSVLogger(tmp_path / "csv"), logs.TensorBoardLogger(tmp_path / "tb")):
        logger.log_hyperparams({"dropout": 0.25})
        for step in (1, 3, 5):
            logger.log_metrics({"train_loss": 1 / (step + 1), "epoch": step // 2}, step)
        logger.log_metrics({"val_acc": 0.5, "epoch": 0}, 5)
        logger.finalize("success")
    one, other = (dropviz.import_log(tmp_path / name) for name in ("csv", "tb"))
    assert one.snapshots["iteration"].tolist() == other.snapshots["iteration"].tolist() == [2, 4, 6]
    assert (one.arm, other.arm) == ("dropout 0.25", "dropout 0.25")
    for name in ("train_loss", "validation_accuracy"):
        assert np.allclose(one.snapshots[name], other.snapshots[name], equal_nan=True)


def test_real_tensorboard_events(tmp_path):
    """Scalars of torch's SummaryWriter, and a file that is no event file."""
    pytest.importorskip("tensorboard", reason="tensorboard is not installed")
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(tmp_path / "run") as writer:
        for step in range(4):
            writer.add_scalar("Loss/train", 1 / (step + 1), step)
        writer.add_scalar("Accuracy/test", 0.75, 3)
        writer.add_text("words", "none", 0)
    notes = []
    recording = dropviz.import_log(tmp_path / "run", callback=notes.append)
    assert recording.arm == "run"
    assert notes == ["the log counts iterations from 0: 1 is added"]
    assert recording.snapshots["iteration"].tolist() == [1, 2, 3, 4]
    assert np.allclose(recording.snapshots["train_loss"], [1, 1 / 2, 1 / 3, 1 / 4])
    assert plain(recording)["test_accuracy"] == [None, None, None, 0.75]
    (tmp_path / "x.tfevents").write_bytes(bytes(range(256)) * 9)
    with pytest.raises(LogError, match="holds no scalars"):
        dropviz.import_log(tmp_path / "x.tfevents")


def test_event_files_without_tensorboard(write, monkeypatch):
    """The extra is named."""
    monkeypatch.setitem(sys.modules, "tensorboard.backend.event_processing", None)
    with pytest.raises(DependencyError, match=r"pip install 'dropviz\[tensorboard\]'"):
        dropviz.import_log(write(b"", "events.out.tfevents.1"))


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("Loss/train", "train_loss"),
        ("val_acc", "validation_accuracy"),
        ("eval/f1", "validation_f1"),
        ("train_loss_step", "train_loss_step"),
        ("BLEU", "BLEU"),
        ("test", "test"),
        ("top 5 acc", "top_5_acc"),
    ],
)
def test_names_of_other_logs(theirs, ours):
    """The part of the data stands in front, in one word; the rest is theirs."""
    assert common_name(theirs) == ours


def test_a_loss_beside_another_is_of_training():
    """As Keras and Transformers name it; alone, it keeps its name."""
    assert common_names(["loss", "val_loss"])["loss"] == "train_loss"
    assert common_names(["loss"])["loss"] == "loss"
    assert common_names(["loss", "train_loss", "val_loss"])["loss"] == "loss"


def test_charts_of_imported_logs(write, tmp_path):
    """`accuracy` and `metrics` draw one and two of them, in different colours; charts of masks refuse in a line."""
    runs = [dropviz.import_log(write(STEPS), arm=arm) for arm in ("none", "dropout")]
    for chart in ("accuracy", "metrics"):
        made = dropviz.animate(runs, chart, compare=True, out=tmp_path / "a.gif", size=(320, 180), frames=2)
        assert "Imported from log.csv" in made.description
        dropviz.animate(runs[0], chart, out=tmp_path / "a.gif", size=(320, 180), frames=2)
    assert gather(runs).has_noise == [False, True]
    for name in CHARTS:
        if find_chart(name).needs_masks:
            with pytest.raises(RecordingError, match=r"mask|gate|dropout"):
                find_chart(name).check(gather(runs))
