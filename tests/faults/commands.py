"""The commands under test, as small as they can be, and the files that they write when nothing goes wrong."""

import importlib
import pkgutil
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import dropviz
from dropviz.errors import DependencyError
from dropviz.experiments.experiment import Arm, Experiment
from dropviz.experiments.presets import PRESETS

from .checks import Files, check_whole, files
from .processes import Process

SMALL = Experiment(
    "small",
    train_size=40,
    hidden=(6, 5),
    epochs=2,
    batch_size=20,
    snapshot_every=1,
    recorded_iterations=4,
    tracked_examples=2,
    seeds=(1, 2),
    arms=(Arm("no dropout"), Arm("dropout", 0.5)),
)
TRAIN = ("train", "--experiment", "small", "--device", "cpu", "-o", "made")
SWEEP = ("sweep", "small", "--vary", "drop_prob=0,0.5", "--device", "cpu", "-o", "made")
ANIMATE = ("animate", "network", "out/recordings", "--compare", "--size", "160x160", "--frames", "2")
GALLERY = ("gallery", "network", "--device", "cpu", "-o", "made", "--size")
SLIDES = ("slides", "out/recordings", "--frames", "2")
INPUTS = ("train", "--experiment", "digits", "--device", "cpu", "--jobs", "1")  # the recordings that are drawn
EXTERNAL = ("torch", "joblib", "pptx", "sklearn.datasets", "PIL.GifImagePlugin", "PIL.PngImagePlugin")


def small_presets() -> None:
    """Replace the presets of a copied process."""
    PRESETS.update(small=SMALL, digits=SMALL.replace(name="digits"))


def earlier_version() -> None:
    """Make a copied process one of an earlier version, which recordings name."""
    small_presets()
    importlib.import_module("dropviz.training.trainer").__version__ = "0"


def many_checkpoints() -> None:
    """Have a copied process train for longer, and write a checkpoint after each iteration."""
    PRESETS.update(small=SMALL.replace(epochs=15))
    checkpoint = importlib.import_module("dropviz.training.checkpoint")
    checkpoint.INTERVAL, checkpoint.SHARE = 0.0, 1e9


@dataclass(frozen=True)
class Command:
    """A command that writes into the folder `made`.

    old       further arguments of the run that wrote the files that are there before; None if there are none
    together  all its files are of one run
    cleans    a failure leaves nothing; else joblib kills workers then, and the next run deletes what they leave
    prepare   called in the copied process before the command
    """

    name: str
    argv: tuple[str, ...]
    old: tuple[str, ...] | None = None
    together: bool = False
    cleans: bool = True
    prepare: Callable[[], None] = small_presets

    @property
    def takes_turns(self) -> bool:
        """True if the files are of one run after two at once."""
        return self.together or "%d" in self.name


COMMANDS = (
    Command("train", (*TRAIN, "--jobs", "1", "--again"), ()),
    Command("animate .gif", (*ANIMATE, "--still", "--alt-file", "-o", "made/a.gif"), ("--size", "180x160")),
    Command("gallery", (*GALLERY, "160x160"), ("--size", "180x160")),
    Command("slides .tex", (*SLIDES, "-o", "made/d.tex"), ("--theme", "dark"), together=True),
    Command("sweep", (*SWEEP, "--jobs", "1")),
    Command("animate %d.png", (*ANIMATE, "-o", "made/f-%d.png"), ("--frames", "4", "--size", "180x160")),
    Command("slides .pptx", (*SLIDES, "-o", "made/d.pptx"), ("--theme", "dark"), together=True),
    Command("slides .html", (*SLIDES, "-o", "made/d.html"), ("--theme", "dark"), together=True),
    Command("train, 2 workers", (*TRAIN, "--jobs", "2")),
    Command("sweep, 2 workers", (*SWEEP, "--jobs", "2"), cleans=False),
)
TRAININGS = (
    Command("train", (*TRAIN, "--jobs", "1"), prepare=many_checkpoints),
    Command("sweep", (*SWEEP, "--jobs", "1"), prepare=many_checkpoints),
)


@dataclass(frozen=True)
class Known:
    """What a command writes in an earlier version or with other options, what it writes now, and how long it takes."""

    old: Files
    new: Files
    seconds: float


def import_all() -> None:
    """Import what commands import, so that a copy of this process is killed at its work."""
    for module in pkgutil.walk_packages(dropviz.__path__, "dropviz."):
        with suppress(DependencyError):  # adapters of packages that are not installed
            importlib.import_module(module.name)
    for name in EXTERNAL:
        importlib.import_module(name)


def new_folder(root: Path, before: Files | None = None) -> Path:
    """Return a new folder for a run, with the recordings that are drawn in `out`, and files from before in `made`."""
    folder = root / "run"
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("made", "tmp"):
        (folder / name).mkdir(parents=True)
    (folder / "out").symlink_to(root / "inputs/out")
    for name, data in (before or {}).items():
        path = folder / "made" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    return folder


def write_inputs(root: Path) -> None:
    """Train the recordings that are drawn."""
    (root / "inputs/tmp").mkdir(parents=True)
    _succeed(INPUTS, root / "inputs", small_presets)


def measure(command: Command, root: Path) -> Known:
    """Run a command whole, with other options and as it is."""
    folder, old = new_folder(root), {}
    if command.old is not None:
        _succeed((*command.argv, *command.old), folder, earlier_version)
        old = files(folder)
        folder = new_folder(root)
    start = time.monotonic()
    _succeed(command.argv, folder, command.prepare)
    seconds, new = time.monotonic() - start, files(folder)
    for name, data in (old | new).items():
        check_whole(name, data)
    assert old != new
    return Known(old, new, seconds)


def _succeed(argv: Sequence[str], folder: Path, prepare: Callable[[], None]) -> None:
    status, words = Process(argv, folder, prepare).finish()
    assert status == 0, f"{argv} failed: {words}"
