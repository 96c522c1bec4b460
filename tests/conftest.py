"""What the tests share: a small real experiment, trained once, and the program as a process of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dropviz
from dropviz.experiment import Arm, Experiment

TINY = Experiment(
    name="tiny",
    train_size=200,
    label_noise=0.2,
    hidden=(24, 9),
    learning_rate=0.2,
    batch_size=50,
    epochs=5,
    snapshot_every=3,
    kept_steps=12,
    followed_examples=3,
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
def recordings(tiny):
    """A recording for each arm and seed of the tiny experiment, from real training."""
    return dropviz.train(tiny, device="cpu")


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


@pytest.fixture
def run(tmp_path):
    """Run dropviz in a process of its own, in an empty folder."""

    def run(*args: object, **more) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "dropviz", *map(str, args)]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=300, check=False, **more)

    return run


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """Chromium, started once."""
    need_program("chromium")
    need_program("chromedriver")
    from browsing import Browser

    browser = Browser(tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.driver.quit()
