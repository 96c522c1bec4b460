"""The documentation is true: its commands run, its code runs, and it names everything that users can choose."""

import contextlib
import io
import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from click.core import ParameterSource
from conftest import dropviz_here, need, shrunk
from decoding import blocks

import dropviz
from dropviz.charts import CHARTS, find_chart
from dropviz.cli import COMMANDS
from dropviz.encoders import ENCODERS
from dropviz.experiments.choices import DATASETS, NOISES, PROBES, SCHEDULES
from dropviz.experiments.presets import FULL, PRESETS
from dropviz.publish.decks import DECKS
from dropviz.publish.gallery.exhibits import EXHIBITS, LECTURER, ORDERS
from dropviz.rendering.targets import TARGETS
from dropviz.style.theme import THEMES
from dropviz.training import runs
from dropviz.training.idx_files import find_folder
from dropviz.training.workers import train_here

SMALL = [name for name in PRESETS if not name.endswith(FULL)]
# Experiments that the commands draw; the rest, which the commands train, is small.
RECORDED = (
    "digits",
    "story",
    "gate",
    "own-layer",
    "swap",
    "explore",
    "dropconnect",
    "gaussian",
    "pitfall-unscaled",
    "interaction",
    "fashion-mnist",
)
ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
MODELS = (ROOT / "docs/own-models.md").read_text()  # its code is run by test_own_models.py
PAGES = [README, *(path.read_text() for path in sorted((ROOT / "docs").glob("**/*.md")))]
TEXT = "\n".join(PAGES)
API = "\n".join(path.read_text() for path in (ROOT / "docs/api").glob("*.md"))
CONSOLE = list(
    dict.fromkeys(
        line.removeprefix("$ ").partition("  #")[0].strip()
        for block in re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL)
        for line in block.splitlines()
    )
)
PYTHON = re.findall(r"```python\n(.*?)```", "\n".join(PAGES).replace(MODELS, ""), re.DOTALL)
(PLOT,) = (code for code in PYTHON if "def update_plot" in code)
PYTHON.remove(PLOT)


def quick_start():
    """The lines of the one sh block of the Quick start."""
    section = README.partition("## Quick start\n")[2].partition("\n## ")[0]
    found = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    assert len(found) == 1
    assert len(re.findall(r"```sh", README)) == 1
    return found[0].splitlines()


@pytest.fixture
def folder(tmp_path, monkeypatch, train_once):
    """A folder as a user has it after a clone, without the source; experiments are shrunk, and most are recorded."""
    for name in ("assets", "examples"):
        (tmp_path / name).symlink_to(ROOT / name)
    for name in SMALL:
        small = shrunk(PRESETS[name])
        monkeypatch.setitem(PRESETS, name, small.replace(seeds=PRESETS[name].seeds) if name == "digits" else small)
    for name in RECORDED if find_folder("fashion-mnist") else RECORDED[:-1]:
        for each in train_once(PRESETS[name]):
            each.save(tmp_path / "out/recordings" / each.experiment.run_name(each.experiment.arm(each.arm), each.seed))
    monkeypatch.setattr(runs, "train_in_workers", train_here_instead)
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")  # a sweep is trained in this process
    monkeypatch.chdir(tmp_path)
    return tmp_path


def train_here_instead(experiment, runs, _jobs, *more):
    """Train in this process: test_train and test_cli hold what is about workers."""
    return train_here(experiment, runs, *more)


def shorten_samples(folder):
    """Put samples of 4 snapshots and 12 recorded iterations in the place of those of assets/."""
    (folder / "assets").unlink()
    for path in ROOT.glob("assets/sample-*.npz"):
        sample = dropviz.load(path)
        short = {"snapshots": {name: values[:4] for name, values in sample.snapshots.items()}}
        short["recorded_iterations"] = sample.recorded_iterations[:12]
        short["tracked_rows"] = None if sample.tracked_rows is None else sample.tracked_rows[:12]
        for part in ("masks", "drop_rate", "weights", "activations"):
            short[part] = {name: values[:12] for name, values in getattr(sample, part).items()}
        arrays = {name: getattr(sample.examples, name)[:12] for name in ("index", "label", "prediction", "image")}
        replace(sample, **short, examples=replace(sample.examples, **arrays)).save(folder / "assets" / path.name)


def shell(command):
    """Run a line as a shell would: words after # are a comment, and > names a file for stdout."""
    name, *args = shlex.split(command, comments=True)
    assert name == "dropviz"
    *args, file = [*args[:-2], args[-1]] if ">" in args else [*args, None]
    result = dropviz_here(*args)
    if file:
        Path(file).write_text(result.stdout)
    return result


def test_quick_start_is_two_lines():
    """One line installs and draws, one line installs what the tests need and runs them."""
    first, second = quick_start()
    assert first == "python -m pip install . && dropviz animate --compare"
    assert second == "python -m pip install -e '.[test]' && python -m pytest"


def test_quick_start_draws_the_default_experiment():
    """The command of the first line compares both arms of the digits, five seeds each, in the picture named there."""
    from dropviz.cli.animate import animate_command

    command = quick_start()[0].partition("&& ")[2]
    context = animate_command.make_context("animate", shlex.split(command)[2:])
    given = {key for key in context.params if context.get_parameter_source(key) is not ParameterSource.DEFAULT}
    assert given == {"compare"}
    digits = PRESETS[find_chart("accuracy").experiment]
    assert (digits.name, len(digits.seeds), len(digits.arms)) == ("digits", 5, 2)
    assert "out/accuracy-compare.gif" in README


def test_printed_commands_run(folder):
    """Every command of the README runs as printed, one after the other, on shrunk experiments."""
    has_fashion = find_folder("fashion-mnist") is not None
    shorten_samples(folder)
    for command in [quick_start()[0].partition("&& ")[2], *CONSOLE]:
        if "fashion-mnist" in command and not has_fashion:
            continue
        result = shell(command)
        assert result.returncode == 0, (command, result.stderr)
        if command == "dropviz animate --compare":
            assert result.stdout == "out/accuracy-compare.gif\n"
            assert (
                f"seeds {', '.join(map(str, PRESETS['digits'].seeds))}".encode()
                in blocks(folder / "out/accuracy-compare.gif").comment
            )
    need(has_fashion, "Fashion-MNIST (apt-get install dataset-fashion-mnist)")


def test_real_fashion_mnist_is_learned():
    """The preset takes all 60,000 images, 2,350 iterations of 256; of 2,000 of them, most is learned within seconds."""
    preset = PRESETS["fashion-mnist"]
    assert (preset.train_size, preset.batch_size, preset.epochs, preset.snapshot_every) == (None, 256, 10, 100)
    need(find_folder("fashion-mnist"), "Fashion-MNIST (apt-get install dataset-fashion-mnist)")
    small = preset.replace(
        train_size=4_000, batch_size=50, epochs=5, learning_rate=0.1, seeds=(1,), arms=preset.arms[:1]
    )
    (run,) = dropviz.train(small, device="cpu")
    assert run.snapshots["test_accuracy"][-1] > 0.7
    assert run.examples.class_names[9] == "Ankle boot"


def test_there_are_examples_of_python():
    """The README has two examples, the first of at most ten lines."""
    assert README.count("```python") == 2
    assert len([line for line in PYTHON[0].splitlines() if line.strip()]) <= 10


@pytest.mark.usefixtures("folder")
def test_printed_python_runs():
    """The Python in the README runs, and prints what its comments say."""
    for code in PYTHON:
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(code, {})  # noqa: S102  # our own
        expected = [line.partition("  # ")[2] for line in code.splitlines() if line.startswith("print")]
        for line, words in zip(printed.getvalue().splitlines(), expected, strict=True):
            assert line in words or not words.startswith(("(", "Layer"))
            if words.startswith(("(", "Layer")):
                assert words.startswith(line)


def test_printed_plot_is_the_example():
    """The plot function in docs/ is that of examples/, which a command runs, in at most eleven lines."""
    example = (ROOT / "examples/my_plots.py").read_text()
    assert PLOT.strip() == re.sub(r'^ *""".*?"""\n', "", example, flags=re.MULTILINE).strip()
    assert len([line for line in PLOT.splitlines() if line.strip()]) <= 11


def test_everything_is_documented():
    """Commands, charts, experiments, choices, formats, decks, themes and targets are named in the documentation."""
    chosen = [*COMMANDS, *CHARTS, *SMALL, *ENCODERS, *DECKS, *THEMES, *TARGETS, *NOISES, *SCHEDULES, *PROBES, *DATASETS]
    for name in chosen:
        assert f"`{name}`" in TEXT or f"dropviz {name}" in TEXT, name


def test_every_public_name_has_a_reference():
    """The pages of the API list every public name of the package; `dropviz.errors` is a page of its own."""
    members = set(re.findall(r"\w+", " ".join(re.findall(r"members: \[(.*)\]", API))))
    errors = {name for name in dropviz.__all__ if name.endswith("Error")}
    assert set(dropviz.__all__) - {"__version__"} <= members | errors


@pytest.mark.parametrize("name", sorted(set(re.findall(r"assets/[\w.-]+\.gif", README))))
def test_pictures_of_the_readme_are_there(name):
    """Each is a GIF of 1280x720 under 2 MB, drawn by this version from the default experiment."""
    path = ROOT / name
    assert path.stat().st_size < 2_000_000
    found = blocks(path)
    assert found.size == (1280, 720)
    assert found.comment.decode().startswith(f"dropviz {dropviz.__version__}, chart {path.stem.partition('-')[0]}")
    assert b"experiment digits" in found.comment or name.startswith("assets/sites")


def test_sample_pictures_are_drawn_from_the_sample_recording(tmp_path):
    """The sample recording gives, mask by mask, the frames of the network picture in assets/."""
    samples = [dropviz.load(path) for path in sorted((ROOT / "assets").glob("sample-*.npz"))]
    made = dropviz.animate(samples, "network", compare=True, out=tmp_path / "a.gif")
    there = blocks(ROOT / "assets/network-light.gif")
    again = blocks(made.path)
    assert (again.delays, again.boxes) == (there.delays, there.boxes)


def test_changelog_knows_this_version():
    """The version of the package has an entry."""
    assert f"## {dropviz.__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_no_word_of_the_wrong_kind():
    """A drop probability is never called by a bare p in the package's signatures."""
    for path in (ROOT / "dropviz").rglob("*.py"):
        assert not re.search(r"\bp\s*[:=]\s*(float|0\.\d)", path.read_text()), path


def test_the_gallery_in_assets_is_whole():
    """It shows every exhibit, each with pictures of this version, under 2 MB, and of the experiment that it names."""
    folder = ROOT / "assets/gallery"
    text = (folder / "README.md").read_text()
    assert re.findall(r'<a id="([^"]+)">', text) == list(ORDERS[LECTURER])
    for exhibit in EXHIBITS.values():
        path = folder / f"{exhibit.name}-light.gif"
        assert path.stat().st_size < 2_000_000
        assert (folder / f"{exhibit.name}-light-still.png").is_file()
        found = blocks(path)
        assert found.comment.decode().startswith(f"dropviz {dropviz.__version__}, chart {exhibit.chart}, ")
        assert f"experiment {exhibit.experiment} (" in found.comment.decode()
