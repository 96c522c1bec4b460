"""Callbacks for other training loops, and pictures handed to trackers; with the real libraries where installed."""

import re
import sys
from importlib import import_module
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
import torch
from torch import nn

import dropviz
from dropviz.capture.adapters import recorded_run
from dropviz.capture.adapters.recorded_run import RecordedRun
from dropviz.errors import DependencyError, UsageError

BATCHES, EVERY, EPOCHS = 8, 3, 2
LIBRARIES = ("lightning.pytorch", "transformers import", "skorch", "log_animation")


def network():
    """A model with one noise layer."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 2))


def examples(count=8 * BATCHES):
    """Inputs and classes that can be learned."""
    inputs = torch.randn(count, 6, generator=torch.Generator().manual_seed(1))
    return inputs, (inputs[:, 0] > 0).long()


PAGE = (Path(__file__).parents[1] / "docs/adapters.md").read_text()
PRINTED = {name: code for code in re.findall(r"```py\n(.*?)```", PAGE, re.DOTALL) for name in LIBRARIES if name in code}


class FakeRecorder:
    """The public interface of a Recorder, which counts steps; it sees no model."""

    def __init__(self, _model, **_numbers):
        self.iteration, self.is_closed = 0, False

    def step(self):
        """Count."""
        self.iteration += 1

    def snapshot(self, **metrics):
        """Hear nothing."""

    def close(self):
        """Note it."""
        self.is_closed = True

    def recording(self, **_run):
        """Return the count, for a recording."""
        return self.iteration


def test_metrics_of_a_run_have_common_names(tmp_path):
    """Each is recorded once an iteration; times are left out; percentages are no accuracies; the file is written."""
    model, run = network(), RecordedRun(tmp_path / "a.npz", "mine", 3, examples=2, iterations=10)
    run.snapshot({"loss": 1.0})  # before it begins, nothing is recorded
    run.begin(model)
    run.snapshot({"loss": 1.0})  # nor before the first iteration
    for _ in range(2):
        model(torch.randn(4, 6))
        run.step()
        run.snapshot({"train/loss": 0.5, "eval_acc": 75.0, "epoch": 1.0, "x" * 50: 1.0})
        run.snapshot({"train/loss": 0.25, "val_acc": 0.5})
    run.end()
    run.end()
    recording = dropviz.load(tmp_path / "a.npz")
    assert (recording.arm, recording.seed) == ("mine", 3)
    assert set(recording.metrics) == {"train_loss", "validation_accuracy_percent", "validation_accuracy"}
    assert recording.snapshots["train_loss"].tolist() == [0.5, 0.5]
    assert recording.masks["hidden 1"].shape == (2, 2, 16)
    assert not model[2]._forward_hooks


@pytest.fixture
def lightning(monkeypatch):
    """The package, without its notes on the machine."""
    module = pytest.importorskip("lightning.pytorch", reason="lightning is not installed")
    monkeypatch.setattr("warnings.warn", lambda *_args, **_more: None)  # about workers, cores and versions
    return module


@pytest.fixture
def fit(lightning, tmp_path):
    """Return a function that trains with Lightning, with the callback and a CSVLogger."""

    class Module(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.net = network()

        def training_step(self, batch, _index):
            loss = nn.functional.cross_entropy(self.net(batch[0]), batch[1])
            self.log("train_loss", loss, on_step=True, on_epoch=True)
            self.log("norm", loss * 2, on_step=False, on_epoch=True)
            self.log("now", loss * 3)
            return loss

        def validation_step(self, batch, _index):
            output = self.net(batch[0])
            self.log("val_loss", nn.functional.cross_entropy(output, batch[1]))
            self.log("val_acc", (output.argmax(dim=1) == batch[1]).float().mean())

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), 0.1)

    def fit(callback, **more):
        data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*examples()), batch_size=8)
        logger = lightning.loggers.CSVLogger(tmp_path, name="logs", version=0)
        logger.log_hyperparams({"dropout": 0.5})
        quiet = {"enable_progress_bar": False, "enable_model_summary": False, "enable_checkpointing": False}
        trainer = lightning.Trainer(
            accelerator="cpu",
            max_epochs=EPOCHS,
            logger=logger,
            callbacks=[callback],
            log_every_n_steps=EVERY,
            **quiet,
            **more,
        )
        trainer.fit(Module(), data, data)

    fit.module = Module
    return fit


def test_lightning_records_what_its_log_has(fit, tmp_path):
    """Metrics and their iterations are those that the CSVLogger wrote; masks are of each step of the optimizer."""
    from dropviz.capture.adapters.lightning import RecorderCallback

    callback = RecorderCallback(tmp_path / "a.npz", arm="dropout 0.5", seed=7, iterations=5)
    fit(callback)
    mine, log = dropviz.load(tmp_path / "a.npz"), dropviz.import_log(tmp_path / "logs/version_0")
    assert (mine.arm, mine.seed, log.arm) == ("dropout 0.5", 7, "dropout 0.5")
    assert mine.recorded_iterations.tolist() == [1, 2, 3, 4, 5]
    assert mine.masks["hidden 1"].shape == (5, 4, 16)
    assert set(mine.metrics) == set(log.metrics)
    assert mine.snapshots["iteration"].tolist() == log.snapshots["iteration"].tolist()
    for name in mine.metrics:
        assert np.allclose(mine.snapshots[name], log.snapshots[name], equal_nan=True), name


def test_printed_lightning(lightning, fit, tmp_path, monkeypatch):
    """The example of the page records three epochs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").mkdir()
    data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*examples()), batch_size=8)
    exec(PRINTED["lightning.pytorch"], {"model": fit.module(), "loader": data})  # noqa: S102  # our own
    assert len(dropviz.load("out/lightning.npz").recorded_iterations) == 3 * BATCHES
    tracker = Mock(spec=["log_artifact"])
    exec(PRINTED["log_animation"], {"tracker": tracker})  # noqa: S102  # our own
    tracker.log_artifact.assert_called_once_with("out/lightning.gif", artifact_path="dropviz")


def test_printed_skorch(tmp_path, monkeypatch):
    """The callback of the page records every batch and epoch."""
    skorch = pytest.importorskip("skorch", reason="skorch is not installed")
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(PRINTED["skorch"], names)  # noqa: S102  # our own
    inputs, classes = examples()
    net = skorch.NeuralNetClassifier(
        network(), criterion=nn.CrossEntropyLoss, max_epochs=2, batch_size=8, callbacks=[names["Record"]()], verbose=0
    )
    net.fit(inputs.numpy(), classes.numpy())
    recording = dropviz.load("out/skorch.npz")
    assert recording.snapshots["train_loss"].tolist() == net.history[:, "train_loss"]
    assert recording.snapshots["iteration"].tolist() == [7, 14]
    assert len(recording.recorded_iterations) == 12  # the last batch of an epoch has fewer rows


def test_lightning_ends_an_iteration_with_each_step_of_the_optimizer(fit, monkeypatch):
    """With accumulated gradients there are fewer iterations than batches; a failed training is saved too."""
    from dropviz.capture.adapters.lightning import RecorderCallback

    monkeypatch.setattr(recorded_run, "Recorder", FakeRecorder)
    callback = RecorderCallback()
    fit(callback, accumulate_grad_batches=4)
    assert callback.recording == EPOCHS * BATCHES // 4
    stopped = RecorderCallback()
    monkeypatch.setattr(stopped, "on_validation_end", lambda trainer, _module: trainer.sanity_checking or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        fit(stopped)
    assert stopped.recording == BATCHES


@pytest.fixture
def train(tmp_path, monkeypatch):
    """Return a function that trains with Transformers' Trainer, with the callback."""
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    pytest.importorskip("accelerate", reason="accelerate is not installed")
    monkeypatch.setattr("warnings.warn", lambda *_args, **_more: None)  # about pinned memory

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = network()

        def forward(self, inputs, labels):
            output = self.net(inputs)
            return {"loss": nn.functional.cross_entropy(output, labels), "logits": output}

    def train(callback, **more):
        rows = [{"inputs": one, "labels": label} for one, label in zip(*examples(), strict=True)]
        settings = transformers.TrainingArguments(
            tmp_path / "out",
            num_train_epochs=EPOCHS,
            per_device_train_batch_size=8,
            logging_steps=EVERY,
            eval_strategy="epoch",
            save_strategy="epoch",
            report_to="none",
            use_cpu=True,
            disable_tqdm=True,
            seed=5,
            **more,
        )
        trainer = transformers.Trainer(
            Model(),
            settings,
            train_dataset=rows,
            eval_dataset=rows,
            callbacks=[callback],
            compute_metrics=lambda predicted: {
                "accuracy": float((predicted.predictions.argmax(axis=1) == predicted.label_ids).mean())
            },
        )
        trainer.train()

    train.names = {
        "model": Model(),
        "arguments": transformers.TrainingArguments(
            tmp_path / "out", report_to="none", use_cpu=True, disable_tqdm=True, per_device_train_batch_size=8
        ),
        "rows": [{"inputs": one, "labels": label} for one, label in zip(*examples(), strict=True)],
    }
    return train


def test_transformers_records_what_its_log_has(train, tmp_path):
    """Metrics and their iterations are those of trainer_state.json; masks are of each step of the optimizer."""
    from dropviz.capture.adapters.transformers import RecorderCallback

    train(RecorderCallback(tmp_path / "a.npz", arm="dropout 0.5", iterations=5))
    mine, log = dropviz.load(tmp_path / "a.npz"), dropviz.import_log(tmp_path / "out")
    assert mine.seed == 5
    assert mine.recorded_iterations.tolist() == [1, 2, 3, 4, 5]
    assert {"train_loss", "validation_loss", "validation_accuracy", "learning_rate"} <= set(mine.metrics)
    assert set(mine.metrics) == set(log.metrics)
    assert mine.snapshots["iteration"].tolist() == log.snapshots["iteration"].tolist()
    for name in mine.metrics:
        assert np.allclose(mine.snapshots[name], log.snapshots[name], equal_nan=True), name


def test_printed_transformers(train, tmp_path, monkeypatch):
    """The example of the page records a run."""
    monkeypatch.chdir(tmp_path)
    exec(PRINTED["transformers import"], train.names)  # noqa: S102  # our own
    assert len(dropviz.load("out/transformers.npz").recorded_iterations) == 3 * BATCHES


def test_transformers_ends_an_iteration_with_each_step_of_the_optimizer(train, monkeypatch):
    """With accumulated gradients there are fewer iterations than batches."""
    from dropviz.capture.adapters.transformers import RecorderCallback

    monkeypatch.setattr(recorded_run, "Recorder", FakeRecorder)
    callback = RecorderCallback()
    train(callback, gradient_accumulation_steps=4)
    assert callback.recording == EPOCHS * BATCHES // 4


@pytest.mark.parametrize("name", ["lightning", "transformers"])
def test_a_missing_library_is_named(name, monkeypatch):
    """Without the library, the import of its module is a DependencyError that names the extra."""
    for missing in ("lightning", "lightning.pytorch", "pytorch_lightning", "transformers"):
        monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.delitem(sys.modules, f"dropviz.capture.adapters.{name}", raising=False)
    with pytest.raises(DependencyError, match=rf"^{name} is not installed: pip install 'dropviz\[{name}\]'$"):
        import_module(f"dropviz.capture.adapters.{name}")


@pytest.fixture(scope="module")
def picture(noisy, tmp_path_factory):
    """A small animation."""
    return dropviz.animate(noisy, out=tmp_path_factory.mktemp("a") / "a.gif", frames=2, size=(160, 160))


def test_tensorboard_has_the_file_as_it_is(picture, tmp_path):
    """The image of the event file is the GIF, byte for byte, at its step."""
    pytest.importorskip("tensorboard", reason="tensorboard is not installed")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(tmp_path) as writer:
        dropviz.log_animation(picture, to=writer, name="accuracy", step=7)
        with pytest.raises(UsageError, match=r"TensorBoard does not show .*a.svg: must be one of .gif, .png"):
            dropviz.log_animation(picture.save(tmp_path / "a.svg"), to=writer)
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    (event,) = events.Images("accuracy")
    assert (event.step, event.width, event.height) == (7, 160, 160)
    assert event.encoded_image_string == picture.path.read_bytes()


# wandb leaves the file of an image open.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_wandb_has_the_file(picture, tmp_path, monkeypatch):
    """A GIF is a video, a PNG an image, a page HTML; each file lies in the folder of an offline run."""
    wandb = pytest.importorskip("wandb", reason="wandb is not installed")
    monkeypatch.setenv("WANDB_SILENT", "true")
    with wandb.init(mode="offline", dir=tmp_path, project="dropviz") as run:
        for suffix in (".gif", ".png", ".html"):
            dropviz.log_animation(picture.save(tmp_path / f"a{suffix}"), to=run, name=suffix[1:], step=3)
        with pytest.raises(UsageError, match="does not show"):
            dropviz.log_animation(picture.save(tmp_path / "a.svg"), to=run)
    kept = {path.suffix: path for path in tmp_path.glob("wandb/*/files/media/**/*") if path.is_file()}
    assert set(kept) == {".gif", ".png", ".html"}
    assert kept[".gif"].read_bytes() == (tmp_path / "a.gif").read_bytes()


def test_mlflow_has_the_file(picture, tmp_path, monkeypatch):
    """The file is an artifact of the active run."""
    mlflow = pytest.importorskip("mlflow", reason="mlflow is not installed")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    mlflow.set_tracking_uri((tmp_path / "runs").as_uri())
    with mlflow.start_run():
        dropviz.log_animation(picture.path, to=mlflow, name="pictures")
    (kept,) = tmp_path.glob("runs/**/pictures/a.gif")
    assert kept.read_bytes() == picture.path.read_bytes()


def test_what_is_no_tracker_or_no_file(picture, tmp_path):
    """One line says what is expected."""
    with pytest.raises(UsageError, match="to is of int: must be a run of wandb"):
        dropviz.log_animation(picture, to=3)
    with pytest.raises(UsageError, match="is no file"):
        dropviz.log_animation(tmp_path / "f-%d.png", to=3)
