"""Plots of one's own: the frames are those that `gif.frame` makes, and what goes wrong is said in one line."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import need, need_program
from decoding import blocks, decode, decode_by_gifsicle
from matplotlib import pyplot as plt

import dropviz
from dropviz.charts.base.timeline import POSTER
from dropviz.cli.plot import load_plot
from dropviz.encoders.palette import adaptive_palette
from dropviz.errors import DependencyError, PlotError, RecordingError, UsageError
from dropviz.rendering.options import RenderOptions
from dropviz.rendering.plots import PlotFrames

try:
    import gif
except ImportError:
    gif = None
ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def _gif_is_there():
    need(gif, "gif (pip install gif)")


def bars(recordings, frame):
    """The test accuracy of each recording at snapshot `frame`, as bars without antialiased edges."""
    fig, ax = plt.subplots(figsize=(2, 2), dpi=100)
    fig.subplots_adjust(0, 0, 1, 1)
    heights = [each.snapshots["test_accuracy"][min(frame, len(each.snapshots["iteration"])) - 1] for each in recordings]
    ax.bar(range(len(heights)), heights, color=["#aa0000", "#0000aa"] * len(heights), snap=True)
    ax.set(ylim=(0, 1))
    ax.axis("off")


def draw(recordings, plot, tmp_path, **more):
    """The frames of the GIF that `plot` becomes."""
    made = dropviz.animate(recordings, plot=plot, out=tmp_path / "a.gif", **more)
    return made, decode(made.path)


def numbers_of(recordings, frames):
    """The numbers that a function is called with."""
    return PlotFrames(bars, recordings, RenderOptions(frames=frames)).timeline.indices


@pytest.mark.parametrize("decorate", [lambda plot: plot, gif.frame if gif else None], ids=["bare", "decorated"])
def test_frames_are_those_of_gif_frame(recordings, tmp_path, decorate):
    """What a viewer sees is, pixel by pixel, the image that gif.frame makes of the function; decorated or not."""
    made, frames = draw(recordings, decorate(bars), tmp_path)
    count = len(recordings[0].snapshots["iteration"])
    assert made.frames == count
    expected = [np.asarray(gif.frame(bars)(recordings, number).convert("RGB")) for number in range(1, count + 1)]
    distinct = [
        each for before, each in zip([None, *expected], expected, strict=False) if not np.array_equal(each, before)
    ]
    assert len(distinct) > 5
    assert len(frames) == len(distinct)
    assert all(np.array_equal(frame, each) for frame, each in zip(frames, distinct, strict=True))


def test_another_decoder_sees_the_same(recordings, tmp_path):
    """gifsicle and Pillow agree on every frame."""
    made, frames = draw(recordings[0], bars, tmp_path, frames=4)
    for one, other in zip(frames, decode_by_gifsicle(made.path, need_program("gifsicle")), strict=True):
        assert np.array_equal(one, other)


def test_frame_is_the_number_of_a_snapshot(recordings):
    """From 1 to the number of snapshots; fewer frames are spread, the last among them; more are counted on."""
    count = len(recordings[0].snapshots["iteration"])
    assert numbers_of(recordings, None) == tuple(range(1, count + 1))
    fewer = numbers_of(recordings, 4)
    assert (len(fewer), fewer[0], fewer[-1]) == (4, 1, count)
    assert numbers_of(recordings, 1) == (count,)
    assert numbers_of(recordings, count + 5) == tuple(range(1, count + 6))


def test_without_snapshots_a_frame_is_a_recorded_minibatch(noisy):
    """A training loop that was never evaluated has its kept steps; one with neither needs a number."""
    empty = {name: values[:0] for name, values in noisy.snapshots.items()}
    assert numbers_of([replace(noisy, snapshots=empty)], None) == tuple(range(1, len(noisy.recorded_iterations) + 1))
    none = replace(
        noisy,
        snapshots=empty,
        recorded_iterations=noisy.recorded_iterations[:0],
        masks={name: mask[:0] for name, mask in noisy.masks.items()},
        drop_rate={name: rate[:0] for name, rate in noisy.drop_rate.items()},
        weights={},
        activations={},
        tracked_rows=None,
        examples=None,
    )
    with pytest.raises(PlotError, match="bars: the recordings hold no snapshots and no masks: say how many --frames"):
        numbers_of([none], None)
    assert numbers_of([none], 2) == (1, 2)


def test_pace_is_that_of_the_accuracy_chart(recordings, tmp_path):
    """As long in all as a chart of the same snapshots, and held like it; only the chart begins with its poster."""
    plotted = dropviz.animate(recordings, plot=bars, out=tmp_path / "a.gif", hold=1.5)
    chart = dropviz.animate(recordings, compare=True, out=tmp_path / "b.gif", hold=1.5, size=(320, 180))
    assert plotted.seconds == pytest.approx(chart.seconds - POSTER / 100) == sum(blocks(plotted.path).delays) / 100


@pytest.mark.parametrize(("size", "dpi"), [((161, 163), 72), ((333, 777), 100), ((641, 360), 137)])
def test_size_is_met_to_the_pixel(recordings, tmp_path, size, dpi):
    """With a size, figures are saved in just that many pixels, whatever their own; else in their own."""

    def plot(_recordings, _frame):
        plt.figure(figsize=(4, 3), dpi=dpi)
        plt.plot([0, 1])

    made, frames = draw(recordings, plot, tmp_path, size=size, frames=1)
    assert frames[0].shape == (size[1], size[0], 3)
    assert made.still().exists()
    assert draw(recordings, plot, tmp_path, frames=1)[1][0].shape == (3 * dpi, 4 * dpi, 3)
    assert gif.options.matplotlib == {}


def test_size_scales_the_letters_too(recordings, tmp_path):
    """At twice the size a plot is the same, twice as large: ink covers about the same share of it."""

    def plot(_recordings, frame):
        plt.subplots(figsize=(4, 3), dpi=100)
        plt.title("accuracy, dropout off")
        plt.xlabel("iteration")

    shares = [
        (draw(recordings, plot, tmp_path, frames=1, size=size)[1][0] < 128).mean() for size in ((400, 300), (800, 600))
    ]
    assert shares[0] == pytest.approx(shares[1], rel=0.25)


def test_image_of_ones_own_is_taken(recordings, tmp_path):
    """A function may return an image, as one does that calls a decorated function."""
    decorated = gif.frame(bars)

    def plot(runs, frame):
        return decorated(runs, frame)

    one = draw(recordings, plot, tmp_path, frames=3)[1]
    other = draw(recordings, bars, tmp_path, frames=3)[1]
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def fails(_recordings, frame):
    """Raise at the third frame."""
    plt.plot([1, 2])
    if frame == 3:
        {}["gone"]


def changes(_recordings, frame):
    """Draw larger from the second frame on."""
    plt.subplots(figsize=(2 + (frame > 1), 2))


def crops(_recordings, frame):
    """Crop to what is drawn."""
    plt.rcParams["savefig.bbox"] = "tight"
    plt.subplots(figsize=(4, 4))


WRONG = {
    "raises": (fails, {}, r"^fails, frame 3: line \d+: KeyError: 'gone'$"),
    "exits": (lambda _r, _f: sys.exit(3), {}, r"^<lambda>, frame 1: line \d+: SystemExit: 3$"),
    "no image": (lambda _r, _f: 7, {}, "frame 1: returned int, no image: draw with pyplot, return nothing"),
    "nothing": (lambda _r, _f: None, {}, "frame 1: drew nothing: draw with pyplot"),
    "closed": (lambda _r, _f: plt.close("all"), {}, "frame 1: drew nothing"),
    "size": (changes, {}, "^changes, frame 4: is 300x200 pixels, the first one 200x200: give all figures one figsize"),
    "cropped": (crops, {"size": (300, 300)}, "^crops, frame 1: was cropped to .*: set no bbox_inches='tight'$"),
    "small": (
        gif.frame(lambda _r, _f: plt.subplots(figsize=(1, 1))) if gif else None,
        {},
        "^<lambda>: size is 100x100: each side must be from 160",
    ),
    "arguments": (lambda _r: None, {}, "frame 1: .*TypeError: .*takes 1 positional argument but 2 were given"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_goes_wrong_is_said_in_a_line(recordings, tmp_path, what):
    """The line names function and frame; the file that was there stays, alone, and no figure is left open."""
    plot, more, words = WRONG[what]
    place = tmp_path / "a.gif"
    place.write_bytes(b"before")
    with plt.rc_context(), pytest.raises(PlotError, match=words) as caught:
        dropviz.animate(recordings, plot=plot, out=place, **{"frames": 7, **more})
    assert "\n" not in str(caught.value)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.gif", b"before")]
    assert not plt.get_fignums()


def test_figures_of_the_user_are_left_alone(recordings, tmp_path):
    """A figure that is open before is neither drawn on nor closed; those that a function opens are closed."""
    mine, ax = plt.subplots()

    def plot(_recordings, frame):
        plt.figure()
        plt.figure(figsize=(2, 2), dpi=100)
        plt.plot([0, frame])

    try:
        draw(recordings, plot, tmp_path, frames=3)
        draw(recordings, gif.frame(lambda _r, frame: plt.plot([0, frame])), tmp_path, frames=3)
        assert plt.get_fignums() == [mine.number]
        assert not ax.lines
    finally:
        plt.close(mine)


def test_without_gif_the_package_is_named(recordings, tmp_path, monkeypatch):
    """Where gif is not installed, the line says how to install it; charts need it not."""
    monkeypatch.setitem(sys.modules, "gif", None)
    with pytest.raises(DependencyError, match=r"pip install gif$"):
        dropviz.animate(recordings, plot=bars, out=tmp_path / "a.gif")
    dropviz.animate(recordings, compare=True, out=tmp_path / "b.gif", size=(320, 180), frames=2)


def test_plot_is_told_what_only_charts_can_do(recordings, tmp_path):
    """A chart beside a plot, a theme, a language: refused; so is a comparison of one arm."""
    for more, words in (
        ({"chart": "accuracy"}, "chart 'accuracy' and a plot of your own: name one of them"),
        ({"theme": "dark"}, "theme does not reach a plot"),
        ({"lang": "zh"}, "lang does not reach a plot"),
        ({"large": True}, "large does not reach a plot"),
        ({"out": tmp_path / "a.svg"}, "a plot of your own is a series of images"),
    ):
        with pytest.raises(UsageError, match=words):
            dropviz.animate(recordings, plot=bars, **({"out": tmp_path / "a.gif"} | more))
    assert dropviz.animate(recordings, plot=bars, target="discord", out=tmp_path / "a.gif", frames=2).frames == 2
    with pytest.raises(RecordingError, match="nothing to compare"):
        dropviz.animate(recordings[0], plot=bars, out=tmp_path / "a.gif", compare=True)
    with pytest.raises(RecordingError, match="no recordings to draw"):
        dropviz.animate([], plot=bars, out=tmp_path / "a.gif")


def test_file_and_alt_text_say_what_was_drawn(recordings, tmp_path):
    """The figures are those of the recordings; of other experiments together, the arms are named and no more."""
    made = dropviz.animate(recordings, plot=bars, out=tmp_path / "a.gif", frames=2)
    last = np.mean([run.snapshots["test_accuracy"][-1] for run in recordings if run.arm == "dropout"])
    assert made.alt.startswith("Animated plot, drawn by a function of the user's own: no dropout, dropout.")
    assert f"dropout: {100 * last:.1f}" in made.description
    assert b"chart bars, experiment tiny" in blocks(made.path).comment
    strange = replace(recordings[0], experiment=replace(recordings[0].experiment, batch_size=51))
    made = dropviz.animate([strange, recordings[1]], plot=bars, out=tmp_path / "a.gif", frames=2)
    assert made.alt == f"Animated plot, drawn by a function of the user's own: no dropout, {recordings[1].arm}."
    assert made.description == ""


def test_palette_of_few_colours_is_exact_and_of_many_is_near():
    """Up to 254 colours are kept; of more, frequent ones are kept, and the others become the nearest of the palette."""
    few = np.random.default_rng(0).integers(0, 6, (40, 40, 4)).astype(np.uint8) * 50
    palette = adaptive_palette([few])
    assert np.array_equal(palette.colors[palette.indices(few.view("<u4")[..., 0])], few[..., :3])
    ramp = np.zeros((256, 256, 4), np.uint8)
    ramp[..., 0], ramp[..., 1] = np.meshgrid(np.arange(256), np.arange(256))
    ramp[:20] = (10, 200, 30, 255)
    palette = adaptive_palette([ramp])
    assert len(palette.colors) <= 254
    got = palette.colors[palette.indices(ramp.view("<u4")[..., 0])].astype(int)
    assert (got[0, 0] == (10, 200, 30)).all()
    assert np.abs(got - ramp[..., :3]).max() < 64
    values = ramp[::9, ::9].reshape(-1, 4)
    nearest = ((values[:, None, :3].astype(int) - palette.colors.astype(int)) ** 2).sum(-1).min(1)
    chosen = palette.colors[palette.indices(values.copy().view("<u4")[:, 0])].astype(int)
    assert (((values[:, :3].astype(int) - chosen) ** 2).sum(-1) == nearest).all()


def program(words, folder, **more):
    """Run dropviz in a folder."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]  # an empty one is the current folder
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-m", "dropviz", "animate", *words]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False, **more)


def test_example_is_ten_lines_and_runs(tmp_path):
    """The example in examples/ makes a GIF of the sample recordings by one command; stdout is its path alone."""
    code = (ROOT / "examples/my_plots.py").read_text()
    lines = [line for line in code.splitlines() if line.strip() and '"""' not in line]
    assert len(lines) <= 10
    (tmp_path / "my_plots.py").write_text(code.replace("_, ax", 'print("drawing")\n    _, ax'))
    samples = sorted(map(str, (ROOT / "assets").glob("sample-*.npz")))
    result = program(["--plot", "my_plots.py:update_plot", *samples, "--frames", "3"], tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout == "out/update_plot.gif\n"
    assert "drawing" in result.stderr
    first, _, last = decode(tmp_path / "out/update_plot.gif")
    assert first.shape == (450, 800, 3)
    for color in ((31, 119, 180), (255, 127, 14)):  # matplotlib's first two: a line of each arm grows
        inked = [(np.abs(frame.astype(int) - color).max(axis=2) < 9).sum() for frame in (first, last)]
        assert inked[1] > inked[0] + 200


@pytest.mark.parametrize(
    ("code", "name", "error", "words"),
    [
        (
            "import gif\n\nimport missing_one\n",
            "f",
            PlotError,
            "cannot import plots.py: line 3: No module named 'missing_one'",
        ),
        ("x = 1\ny = x +\n", "f", PlotError, "cannot import plots.py: line 2: SyntaxError: invalid syntax"),
        ("\n\nraise ValueError('no\\nway')\n", "f", PlotError, "cannot import plots.py: line 3: ValueError: no"),
        ("f\0=\0003\0", "f", PlotError, "cannot import plots.py: it is not text in UTF-8: save it as UTF-8"),
        ("f = 3\n", "f", UsageError, "plot 'plots.py:f': plots.py has no function 'f'"),
        ("", "g", UsageError, "plot 'plots.py:g': plots.py has no function 'g'"),
        (None, "f", UsageError, "plot 'plots.py:f': there is no file plots.py"),
        ("", "", UsageError, "plot is 'plots.py:': write file and function, like my_plots.py:update_plot"),
    ],
)
def test_file_that_cannot_be_used_is_named(tmp_path, monkeypatch, code, name, error, words):
    """A missing file or function, and what goes wrong in importing it, with its line."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    if code is not None:
        Path("plots.py").write_text(code)
    with pytest.raises(error) as caught:
        load_plot(f"plots.py:{name}")
    assert str(caught.value).startswith(words)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("hiding", "name"), [("gif.py", "gif.py"), ("gif.py", "mine.py"), ("gif.pyc", "mine.py")])
def test_a_file_that_hides_a_package_is_named(tmp_path, monkeypatch, hiding, name):
    """A plot, or a file beside it, called gif.py: "most likely a circular import" would not say what to do."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    for module in [each for each in sys.modules if each == "gif"]:
        monkeypatch.delitem(sys.modules, module)
    for file in (hiding, name):
        Path(file).write_text("import gif\n@gif.frame\ndef f(*_): pass\n")
    with pytest.raises(PlotError, match=rf"rename {hiding}: it hides the package gif$"):
        load_plot(f"{name}:f")
    sys.modules.pop("gif", None)


@pytest.mark.parametrize(
    ("file", "imports", "words"),
    [
        ("colorsys.py", "import colorsys", "rename colorsys.py: it hides the package colorsys"),
        ("mine.py", "import colorsys", "rename colorsys.py: it hides the package colorsys"),
        ("not_installed.py", "import not_installed as colorsys", "rename not_installed.py: it imports itself"),
        ("mine.py", "import json as colorsys", "f, frame 1: line 3: AttributeError: module 'json' has no attribute"),
    ],
)
def test_a_file_that_hides_a_package_is_named_when_it_is_drawn(tmp_path, file, imports, words):
    """It is missed only then, if the function uses it. A file that came second, and hides nothing, is not named."""
    for name in ("colorsys.py", "json.py", file):
        (tmp_path / name).write_text(f"{imports}\ndef f(recordings, frame):\n    colorsys.hsv_to_rgb(0, 0, 0)\n")
    result = program(["--plot", f"{file}:f", str(ROOT / "assets/sample-no-dropout.npz")], tmp_path)
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)
    assert words in result.stderr
    assert ("rename" in result.stderr) == ("rename" in words)


def test_program_says_it_in_one_line(tmp_path):
    """Exit status 1 and a line without a traceback for a plot that fails; nothing is written."""
    (tmp_path / "plots.py").write_text("import helper\ndef f(recordings, frame):\n    return helper.value[frame]\n")
    (tmp_path / "helper.py").write_text("value = {}\n")
    result = program(["--plot", "plots.py:f", str(ROOT / "assets/sample-no-dropout.npz")], tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "dropviz: f, frame 1: line 3: KeyError: 1\n"
    assert not (tmp_path / "out/f.gif").exists()


def test_what_fails_only_when_it_is_drawn_is_named_too(recordings, tmp_path):
    """Letters that matplotlib cannot set fail when the figure becomes an image: one line, with function and frame."""

    def unset(_recordings, _frame):
        plt.figure(figsize=(3, 2))
        plt.gca().set_title(r"$\frac{$")

    with pytest.raises(PlotError, match="unset, frame 1: "):
        dropviz.animate(recordings, plot=unset, out=tmp_path / "a.gif")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("backend", ["TkAgg", "module://of_nothing", "nbagg"])
def test_a_backend_that_the_file_chooses_opens_no_window(saved, run_process, tmp_path, backend):
    """A file that is also run as a script, or was exported from a notebook, is drawn as any other."""
    (tmp_path / "mine.py").write_text(
        f"import matplotlib\nmatplotlib.use({backend!r})\nfrom matplotlib import pyplot as plt\n"
        "def draw(recordings, frame):\n    plt.plot([frame, 2])\n"
    )
    result = run_process("animate", "--plot", "mine.py:draw", saved / "dropout-1.npz", "--frames", 1, "-o", "a.gif")
    assert (result.returncode, result.stdout) == (0, "a.gif\n"), result.stderr
