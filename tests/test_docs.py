"""The documentation is true: its commands run, its code runs, and it names everything that users can choose."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import need
from decoding import blocks

import dropviz
from dropviz.charts import CHARTS
from dropviz.cli import COMMANDS
from dropviz.encoders import ENCODERS
from dropviz.experiments.choices import DATASETS, NOISES, PROBES, SCHEDULES
from dropviz.experiments.presets import FULL, PRESETS
from dropviz.publish.decks import DECKS
from dropviz.publish.gallery.exhibits import EXHIBITS
from dropviz.rendering.targets import TARGETS
from dropviz.style.theme import THEMES
from dropviz.training.data import find_folder

SMALL = [name for name in PRESETS if not name.endswith(FULL)]
ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
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
PYTHON = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
(PLOT,) = (code for code in PYTHON if "def update_plot" in code)
PYTHON.remove(PLOT)


def quick_start():
    """The lines of the one sh block of the Quick start."""
    section = README.partition("## Quick start\n")[2].partition("\n## ")[0]
    found = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    assert len(found) == 1
    assert len(re.findall(r"```sh", README)) == 1
    return found[0].splitlines()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder as a user has it after a clone, without the package's source."""
    place = tmp_path_factory.mktemp("readme")
    for name in ("assets", "examples"):
        (place / name).symlink_to(ROOT / name)
    return place


def shell(command, folder):
    """Run a line as a user would, with this environment's dropviz."""
    line = re.sub(r"^dropviz\b", f"{shlex.quote(sys.executable)} -m dropviz", command)
    return subprocess.run(["/bin/bash", "-c", line], cwd=folder, capture_output=True, text=True, check=False)


def test_quick_start_is_two_lines():
    """One line installs and draws, one line installs what the tests need and runs them."""
    first, second = quick_start()
    assert first == "python -m pip install . && dropviz animate --compare"
    assert second == "python -m pip install -e '.[test]' && python -m pytest"


def test_quick_start_leaves_the_picture_that_it_names(folder):
    """The command of the first line leaves out/accuracy-compare.gif, from five seeds of each arm."""
    result = shell(quick_start()[0].partition("&& ")[2], folder)
    assert result.returncode == 0, result.stderr
    assert "out/accuracy-compare.gif" in README
    assert b"seeds 1, 2, 3, 4, 5" in blocks(folder / result.stdout.strip()).comment


@pytest.mark.parametrize("command", CONSOLE)
def test_printed_commands_run(folder, command):
    """Every command in the README and in docs/ runs as printed."""
    if "fashion-mnist" in command:
        need(find_folder("fashion-mnist"), "Fashion-MNIST (apt-get install dataset-fashion-mnist)")
    result = shell(command, folder)
    assert result.returncode == 0, result.stderr


def test_real_fashion_mnist_run_is_whole(folder):
    """The preset ran on all 60,000 images: 2,350 iterations, a snapshot every 100 and one at the last, well trained."""
    need(find_folder("fashion-mnist"), "Fashion-MNIST (apt-get install dataset-fashion-mnist)")
    runs = [dropviz.load(path) for path in (folder / "out/recordings").glob("fashion-mnist-*.npz")]
    assert sorted(run.arm for run in runs) == ["dropout 0.2/0.5", "no dropout"]
    for run in runs:
        assert run.snapshots["iteration"].tolist() == [*range(100, 2_301, 100), 2_350]
        assert run.snapshots["test_accuracy"][-1] > 0.8
        assert run.examples.class_names[9] == "Ankle boot"


def test_there_are_examples_of_python():
    """The README has two examples, the first of at most ten lines."""
    assert README.count("```python") == 2
    assert len([line for line in PYTHON[0].splitlines() if line.strip()]) <= 10


@pytest.mark.parametrize("code", PYTHON, ids=range(len(PYTHON)))
def test_printed_python_runs(folder, code):
    """The Python in the README and in docs/ runs, and prints what its comments say."""
    result = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    expected = [line.partition("  # ")[2] for line in code.splitlines() if line.startswith("print")]
    for line, words in zip(result.stdout.splitlines(), expected, strict=True):
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
    assert b"experiment digits" in found.comment


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
    assert re.findall(r'<a id="([^"]+)">', text) == list(EXHIBITS)
    for exhibit in EXHIBITS.values():
        path = folder / f"{exhibit.name}-light.gif"
        assert path.stat().st_size < 2_000_000
        assert (folder / f"{exhibit.name}-light-still.png").is_file()
        found = blocks(path)
        assert found.comment.decode().startswith(f"dropviz {dropviz.__version__}, chart {exhibit.chart}, ")
        assert f"experiment {exhibit.experiment} (" in found.comment.decode()
