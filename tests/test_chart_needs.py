"""What a chart says of itself decides its experiment, its file, its arms, and its slide. And axes and closing lines."""

from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import TINY

import dropviz
from dropviz._util.registry import Entry
from dropviz.analysis.answers import Answer
from dropviz.analysis.comparison import gather
from dropviz.charts import CHARTS
from dropviz.charts.accuracy.chart import AccuracyChart
from dropviz.charts.base.axes import make_axes
from dropviz.charts.base.canvas import MIN_TYPE_SIZE, Canvas, PictureWords
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.header import Header
from dropviz.cli.animate import animate_command
from dropviz.drawing.raster import default_style
from dropviz.errors import ExperimentError, RecordingError
from dropviz.experiments.experiment import Arm
from dropviz.experiments.presets import PRESETS
from dropviz.publish.decks.deck import make_deck
from dropviz.rendering.options import RenderOptions
from dropviz.style.labels import Labels
from dropviz.style.theme import find_theme


class OwnChart(AccuracyChart):
    """Accuracy again, but of all arms, of an experiment of its own."""

    experiment, together = "tiny", True


class ProbingChart(AccuracyChart):
    """One that draws what the experiment does not measure."""

    probes = ("features", "norms")


@pytest.fixture
def own(monkeypatch):
    """The charts as `own` and `probing`, the experiment as a preset; words of theirs are those of accuracy."""
    monkeypatch.setitem(CHARTS, "own", Entry("of its own", "test_chart_needs:OwnChart"))
    monkeypatch.setitem(CHARTS, "probing", Entry("of probes", "test_chart_needs:ProbingChart"))
    monkeypatch.setitem(PRESETS, "tiny", TINY)
    said = Labels.__call__

    def say(self, key, **values):
        return said(self, key.replace(" own", " accuracy") if key == "alt own" else key, **values)

    monkeypatch.setattr(Labels, "__call__", say)


@pytest.fixture
def trained(monkeypatch, saved):
    """The experiment and arms that `dropviz animate` asks for; it gets recordings that are there."""
    asked = []

    def recorded(experiment, arms, *_):
        asked.append((experiment.name, [arm.name for arm in arms]))
        names = {arm.name.replace(" ", "-") for arm in arms}
        return sorted(path for path in saved.iterdir() if path.stem.rpartition("-")[0] in names)

    monkeypatch.setattr("dropviz.cli.animate.recorded", recorded)
    return asked


def animate(*args):
    """Run the command; what it printed."""
    return CliRunner().invoke(animate_command, [*args, "--size", "320x180", "--frames", "2"], catch_exceptions=False)


@pytest.mark.parametrize("compare", [[], ["--compare"]])
def test_a_chart_of_all_arms_is_one_file(own, trained, tmp_path, monkeypatch, compare):
    """Without --experiment it is drawn of its own; of all arms and in one file, whether --compare is given or not."""
    monkeypatch.chdir(tmp_path)
    assert "out/own.gif" in animate("own", *compare).output
    assert trained == [("tiny", ["no dropout", "dropout"])]


def test_named_experiments_win(own, trained, tmp_path, monkeypatch):
    """--experiment is what is drawn; charts of no experiment of their own are drawn of digits."""
    monkeypatch.chdir(tmp_path)
    for words in (["own", "--experiment", "digits"], ["accuracy"]):
        with pytest.raises(RecordingError):  # digits calls its arms otherwise: nothing is there
            animate(*words)
    animate("accuracy", "--experiment", "tiny")
    assert [name for name, _ in trained] == ["digits", "digits", "tiny"]


def test_one_arm_is_nothing_to_compare(own, trained, noisy, tmp_path, monkeypatch):
    """A chart of all arms needs two: of an experiment, before training; and of recordings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(PRESETS, "tiny", TINY.replace(arms=(Arm("one", 0.5),)))
    with pytest.raises(ExperimentError, match="arms of experiment 'tiny' has one"):
        animate("own")
    with pytest.raises(RecordingError, match="nothing to compare"):
        dropviz.animate(noisy, "own")
    assert not trained


def test_from_python_too(own, recordings, tmp_path, monkeypatch):
    """dropviz.animate needs no compare=True for it, and gives the file the same name with it."""
    monkeypatch.chdir(tmp_path)
    for compare in (False, True):
        assert (
            dropviz.animate(recordings, "own", compare=compare, size=(320, 180), frames=2).path.as_posix()
            == "out/own.gif"
        )


def test_missing_probes_are_found_before_training(own, trained, tmp_path, monkeypatch):
    """One line says which probe is missing, and what to write."""
    monkeypatch.chdir(tmp_path)
    words = (
        r"experiment 'digits' has no probe 'features', which chart 'probing' draws: give it probes = \[\"features\", "
    )
    with pytest.raises(ExperimentError, match=words + r"\"norms\"\]$"):
        animate("probing")
    assert not trained


def test_the_deck_of_an_experiment_has_its_chart(own, recordings):
    """Its own chart comes after those in teaching order; charts of other experiments are not spoken of."""
    deck = make_deck(gather(recordings), RenderOptions(large=True, frames=2))
    assert [slide.chart for slide in deck.slides] == ["network", "accuracy", "own"]
    assert deck.left_out == ()
    assert any("dropviz animate own --experiment" in note for note in deck.slides[2].notes)
    loop = [dropviz.Recording(**{**vars(each), "experiment": None}) for each in recordings]
    slides = make_deck(gather(loop), RenderOptions(frames=2)).slides
    assert [slide.chart for slide in slides] == ["network", "accuracy", "metrics"]


def test_an_own_chart_that_cannot_be_drawn_is_spoken_of(own, noisy):
    """Of some of its recordings, the deck says why there is no slide."""
    plain = dropviz.Recording(**{**vars(noisy), "snapshots": {k: v[:0] for k, v in noisy.snapshots.items()}})
    deck = make_deck(gather([plain]), RenderOptions(large=True, frames=2))
    assert [slide.chart for slide in deck.slides] == ["network"]
    assert [words.partition(":")[0] for words in deck.left_out] == ["no slide for accuracy", "no slide for own"]


def test_help_and_list_stand_in_columns(run):
    """The words begin in one column, in lines of less than 100 characters."""
    for words in (run("animate", "--help").stdout, run("list", "charts").stdout):
        lines = [line for line in words.splitlines() for name, entry in CHARTS.items() if line.endswith(entry.help)]
        assert len(lines) == len(CHARTS)
        starts = {line.index(entry.help) for line, entry in zip(lines, CHARTS.values(), strict=True)}
        assert len(starts) == 1
        assert max(map(len, lines)) < 100


def canvas(size=(1280, 720), theme="light", lang="en"):
    """A stage to put things on."""
    return Canvas(size, find_theme(theme), Labels(lang))


@pytest.mark.parametrize(
    ("kind", "limits", "words"),
    [
        ("count", (0, 12_000), {"0", "4,000", "12,000"}),
        ("percent", (0.9, 0.95), {"90%", "92%", "95%"}),
        ("plain", (-0.5, 0.5), {"\N{MINUS SIGN}0.2", "0", "0.4"}),
        ("log", (1e-3, 1e4), {"0.01", "1", "100", "10,000"}),
    ],
)
def test_numbers_at_the_axes(kind, limits, words):
    """Ticks are few, lie in the box, and say counts, percentages, numbers and powers as they are read."""
    with default_style():
        place = canvas()
        axes = make_axes(place, Box(100, 80, 600, 400), "x", "y", (kind, kind))
        axes.set(xlim=limits, ylim=limits)
        place.figure.canvas.draw()
        for axis in (axes.xaxis, axes.yaxis):
            said = {callback.label1.get_text() for callback in axis._update_ticks()}
            assert len(said & words) >= 2, said
            assert 2 <= len(said) <= 9
    corners = axes.bbox.extents / place.scale
    np.testing.assert_allclose(corners, [100, 80, 700, 480])


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (1080, 1080)])
def test_long_headlines_and_evidence_are_whole(size):
    """A headline of 60 letters and evidence of 110 are drawn whole, in at most two lines each, within the picture."""
    answer = Answer(
        "Dropout in both hidden layers ends thirty-three points higher", True, "some words 12.5 points, " * 4
    )
    with default_style():
        place = canvas(size)
        header = Header(place, "Does dropout help here?", answer, "digits · 5 seeds")
        header.show("iteration 1", is_last=True)
        shown = [text for text in header.moving if text.get_visible()]
        said = " ".join(text.get_text() for text in shown)
        assert said == f"{answer.headline} {answer.evidence.strip()}"
        assert all(text.get_window_extent().x1 <= size[0] for text in shown)
        assert min(text._font.get_size() for text in shown) >= MIN_TYPE_SIZE
        header.show("iteration 1", is_last=False)
        assert [text.get_text() for text in header.moving if text.get_visible()] == [
            "Does dropout help here?",
            "iteration 1",
        ]


def test_own_words_and_no_header():
    """A title stands in all frames, a credit beside the settings; without a header all is the chart's."""
    answer = Answer("An answer", True, "its evidence")
    with default_style():
        place = Canvas((1280, 720), find_theme("light"), Labels("en"), words=PictureWords("My title", "My name"))
        header = Header(place, "A question?", answer, "settings")
        for is_last in (False, True):
            header.show("", is_last=is_last)
            assert "My title" in [text.get_text() for text in header.moving if text.get_visible()]
        assert {"settings", "My name"} <= {text.get_text() for text in place.figure.texts}
        bare = Header(replace(place, words=PictureWords(has_header=False)), "A question?", answer, "settings")
    assert not bare.moving
    assert bare.content.height > header.content.height + 60
