"""Fixtures that the tests share: recordings of small experiments, trained once; the command line; a browser."""

import contextlib
import dataclasses
import hashlib
import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import dropviz
from dropviz.charts import find_chart
from dropviz.experiments.experiment import Arm, Experiment
from dropviz.experiments.presets import PRESETS

# There is a worker for each core: torch, not imported yet, and the processes that the tests start take one thread each.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

# The charts in which formats, player and vectors are tested in depth; of every chart, test_every_chart holds the rest.
CORE = ("accuracy", "network")
# A shell that starts the tests in the background has Ctrl-C ignored, and the programs that they start would inherit it.
signal.signal(signal.SIGINT, signal.default_int_handler)

TINY = Experiment(
    name="tiny",
    train_size=200,
    label_noise=0.2,
    hidden=(24, 9),
    learning_rate=0.2,
    batch_size=50,
    epochs=5,
    snapshot_every=3,
    recorded_iterations=12,
    tracked_examples=3,
    seeds=(1, 2),
    arms=(Arm("no dropout"), Arm("dropout", (0.2, 0.5), input_drop_prob=0.1)),
)


def need(there: object, what: str) -> None:
    """Skip where `what` is not installed; in CI everything is, and a test that cannot run has failed."""
    if there:
        return
    if os.environ.get("CI"):
        pytest.fail(f"{what} is not installed, and CI must have it")
    pytest.skip(f"{what} is not installed")


def need_chinese_font() -> None:
    """Skip where no font has Chinese letters."""
    from dropviz.style.fonts import CHINESE, installed_families

    need(set(CHINESE) & installed_families(), "a Chinese font")


def need_program(name: str) -> str:
    """The path of a program, or a skip."""
    found = shutil.which(name)
    need(found, name)
    assert found
    return found


@pytest.fixture(scope="session")
def tiny() -> Experiment:
    """A comparison small enough to train in a second."""
    return TINY


@pytest.fixture(scope="session")
def train_once(tmp_path_factory, request):
    """Return a function that trains an experiment on the CPU, once for all workers, and loads its recordings."""
    folder, kept = tmp_path_factory.getbasetemp(), {}
    folder = (folder.parent if hasattr(request.config, "workerinput") else folder) / "trained"
    folder.mkdir(exist_ok=True)

    def train_once(experiment: Experiment) -> list[dropviz.Recording]:
        key = hashlib.sha256(experiment.to_toml().encode()).hexdigest()[:16]
        place = folder / key
        if not place.exists():
            with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as new:
                for number, each in enumerate(dropviz.train(experiment, device="cpu", progress=False)):
                    each.save(Path(new) / f"{number:02}.npz")
                with contextlib.suppress(OSError):  # another worker was first
                    Path(new).replace(place)
        if key not in kept:
            kept[key] = [dropviz.load(path) for path in sorted(place.iterdir())]
        return list(kept[key])

    return train_once


@pytest.fixture(scope="session")
def recordings(tiny, train_once):
    """A recording for each arm and seed of the tiny experiment, from real training."""
    return train_once(tiny)


# No larger than this is an experiment that is trained to test the drawing of it; arms keep their proportions.
MOST = {"train_size": 200, "epochs": 3, "hidden": 24}
LEAST = {"train_size": 4, "epochs": 1, "hidden": 2}


def shrunk(experiment: Experiment) -> Experiment:
    """The same experiment, small enough to train in a second or two; noise, arms and probes as they are."""
    arms = tuple(dataclasses.replace(arm, **_smaller(arm, experiment)) for arm in experiment.arms)
    changes = {"train_size": MOST["train_size"]} | _smaller(experiment, experiment)
    sizes = [changes["train_size"], *(size for arm in arms for size in _values(arm, "train_size"))]
    return dataclasses.replace(
        experiment,
        arms=arms,
        seeds=experiment.seeds[:2],
        batch_size=min(experiment.batch_size, 50, *sizes),
        snapshot_every=min(experiment.snapshot_every, 3),
        recorded_iterations=min(experiment.recorded_iterations, 12),
        tracked_examples=min(experiment.tracked_examples, 3),
        **changes,
    )


def _smaller(settings, experiment):
    """Those settings of an arm, or of the experiment itself, that it has of its own, scaled down."""
    changes = {}
    for name, most in MOST.items():
        every = [value for each in (experiment, *experiment.arms) for value in _values(each, name)]
        share = min(1, most / max(every, default=most))
        values = tuple(max(int(share * value), min(value, LEAST[name])) for value in _values(settings, name))
        if values:
            changes[name] = values if name == "hidden" else values[0]
    return changes


def _values(settings, name):
    value = getattr(settings, name, None)
    return value if isinstance(value, tuple) else () if value is None else (value,)


@pytest.fixture(scope="session")
def recordings_of(train_once):
    """Return a function that gives the recordings of a chart's own experiment, shrunk, and really trained."""

    def recordings_of(chart):
        return train_once(shrunk(PRESETS[find_chart(chart).experiment]).replace(data="digits"))

    return recordings_of


@pytest.fixture(scope="session")
def models(tmp_path_factory, request):
    """Recordings of small models of many kinds by name, see `models.py`; trained once for all workers."""
    folder = tmp_path_factory.getbasetemp()
    folder = (folder.parent if hasattr(request.config, "workerinput") else folder) / "models"
    if not folder.exists():
        from models import record_all

        with tempfile.TemporaryDirectory(dir=folder.parent, ignore_cleanup_errors=True) as new:
            for recording in record_all():
                recording.save(Path(new) / f"{recording.arm}.npz")
            with contextlib.suppress(OSError):  # another worker was first
                Path(new).replace(folder)
    return {path.stem: dropviz.load(path) for path in sorted(folder.iterdir())}


@pytest.fixture(scope="session")
def noisy(recordings):
    """The recording with dropout of seed 1."""
    return next(each for each in recordings if each.arm == "dropout" and each.seed == 1)


@pytest.fixture(scope="session")
def saved(recordings, tmp_path_factory) -> Path:
    """A folder with the recordings as files."""
    folder = tmp_path_factory.mktemp("recordings")
    for each in recordings:
        each.save(folder / f"{each.arm.replace(' ', '-')}-{each.seed}.npz")
    return folder


def dropviz_here(*args: object) -> subprocess.CompletedProcess[str]:
    """Run the command line in this process and folder: what is not about processes needs none."""
    from dropviz._util.signals import ENDING
    from dropviz.cli import main

    out, err, status = io.StringIO(), io.StringIO(), 0
    before = {number: signal.getsignal(number) for number in ENDING}
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main([*map(str, args)])
    except SystemExit as end:
        status = end.code or 0
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return subprocess.CompletedProcess(args, status, out.getvalue(), err.getvalue())


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run dropviz in an empty folder, in this process."""
    monkeypatch.chdir(tmp_path)
    return dropviz_here


@pytest.fixture
def run_process(tmp_path):
    """Run dropviz in a process of its own, in an empty folder."""

    def run_process(*args: object, **more) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "dropviz", *map(str, args)]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=300, check=False, **more)

    return run_process


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """Chromium, started once."""
    need_program("chromium")
    need_program("chromedriver")
    from browsing import Browser

    browser = Browser(tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.driver.quit()
