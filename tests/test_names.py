"""Names: of files that were given none, of exhibits on the command line, and similar ones in messages."""

from pathlib import Path

import pytest
from click.testing import CliRunner

import dropviz
from dropviz._util.numbering import beside, is_numbered, numbered, output_path
from dropviz.charts import CHARTS, find_chart
from dropviz.cli.animate import animate_command
from dropviz.errors import DropvizError, UsageError
from dropviz.experiments.presets import PRESETS
from dropviz.publish.gallery.exhibits import EXHIBITS, find_exhibit
from dropviz.rendering.request import request_animation


def path_of(exhibit, **options):
    """The default file of an exhibit."""
    request = request_animation(exhibit.chart, compare=exhibit.compare, experiment=exhibit.experiment, **options)
    return request.output.path.as_posix()


def test_no_two_exhibits_share_a_file():
    """Nor do presets without an exhibit; only two exhibits of one picture have one file."""
    pictures = {}
    for name in {*EXHIBITS, *PRESETS}:
        exhibit = find_exhibit(name)
        compare = exhibit.compare or find_chart(exhibit.chart).together
        pictures.setdefault(path_of(exhibit), set()).add((exhibit.chart, exhibit.experiment, compare))
    assert [name for name, drawn in pictures.items() if len(drawn) > 1] == []


@pytest.mark.parametrize(
    ("name", "options", "path"),
    [
        ("accuracy", {}, "out/accuracy-compare.gif"),
        ("swap", {}, "out/accuracy-swap-compare.gif"),
        ("swap", {"theme": "dark"}, "out/accuracy-swap-compare-dark.gif"),
        ("pitfall-zero", {}, "out/pitfall-zero.gif"),
        ("rates-full", {}, "out/rates-full.gif"),
        ("penalties", {}, "out/regularizers-penalties.gif"),
        ("dropconnect", {"target": "beamer"}, "out/story-dropconnect-%d.png"),
        ("fashion-mnist", {"target": "discord"}, "out/accuracy-fashion-mnist-compare-dark.gif"),
    ],
)
def test_default_names_follow_one_rule(name, options, path):
    """Chart, experiment where it is not the chart's own, compare, theme."""
    assert path_of(find_exhibit(name), **options) == path


@pytest.mark.parametrize("name", sorted({*EXHIBITS, *PRESETS}))
def test_every_exhibit_and_preset_is_drawn_by_its_name(name):
    """Its chart suits its experiment."""
    exhibit = find_exhibit(name)
    assert exhibit.chart in CHARTS
    request_animation(exhibit.chart, compare=exhibit.compare).check_experiment(PRESETS[exhibit.experiment])


@pytest.mark.parametrize(
    ("written", "files"),
    [
        ("50%%-f-%d.png", ["50%-f-0.png", "50%-f-12.png"]),
        ("100%.gif", ["100%.gif"]),
        ("50%%dropout.png", ["50%dropout.png"]),
        ("f-%04d.png", ["f-0000.png", "f-0012.png"]),
        *(
            (f"{name}.png", [])
            for name in ("50%dropout", "f-%5d", "f-%i", "f%1$d", "f%(n)d", "%*d", "%d-%d", "50% dropout")
        ),
        ("a%%d.png", []),
        ("f-%d/a.png", []),
    ],
)
def test_a_percent_sign_has_one_meaning_in_every_module(written, files):
    """%d and %04d are the number, %% is a percent sign, other forms of C are refused: else 50%dropout.png counts."""
    if not files:
        with pytest.raises(UsageError, match=r"write %% for a percent sign|must be in the file's name"):
            output_path(written)
        return
    path = output_path(written)
    is_pattern = len(files) > 1
    assert is_numbered(path) == is_pattern
    assert ([numbered(path.name, number) for number in (0, 12)] if is_pattern else [path.name]) == files
    assert "%%" not in beside(path, "-still.png").name


@pytest.mark.parametrize("write", ["slides", "explore", "still"])
def test_a_deck_a_page_and_a_still_follow_that_rule(write, recordings, tmp_path):
    """They have no frames to count: `%%` is a percent sign, and a number is refused before anything is drawn."""
    suffix = {"slides": ".html", "explore": ".html", "still": ".png"}[write]

    def written(name):
        if write == "still":
            return dropviz.animate(recordings, compare=True, out=tmp_path / "a.gif", frames=1).still(tmp_path / name)
        return getattr(dropviz, write)(recordings, out=tmp_path / name)

    for name in ("talk-%d", "50%dropout", "50%s"):
        with pytest.raises(UsageError, match="write %% for a percent sign"):
            written(name + suffix)
    assert not list(tmp_path.glob("*%*"))
    if write == "still":
        assert written("50%%dropout.png").name == "50%dropout.png"


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Experiments and numbers of arms that `dropviz animate` asks for; nothing is trained."""
    calls = []

    def recorded(experiment, arms, *_):
        calls.append((experiment.name, len(arms)))
        raise DropvizError("nothing is trained here")

    monkeypatch.setattr("dropviz.cli.animate.recorded", recorded)
    monkeypatch.chdir(tmp_path)
    return calls


def test_animate_takes_the_name_of_an_exhibit(asked):
    """`animate swap` draws the curves of its three arms; a chart of that name comes first; --experiment wins."""
    for words in (["swap"], ["gate"], ["digits"], ["penalties"], ["swap", "--experiment", "d2l"]):
        result = CliRunner().invoke(animate_command, words)
        assert str(result.exception) == "nothing is trained here"
    assert asked == [("swap", 3), ("gate", 1), ("digits", 2), ("penalties", len(PRESETS["penalties"].arms)), ("d2l", 3)]


def test_a_folder_of_that_name_comes_first(asked):
    """Recordings can lie in a folder named like an experiment."""
    Path("swap").mkdir()
    assert "no recordings" in str(CliRunner().invoke(animate_command, ["swap"]).exception)
    assert asked == []


def test_an_unknown_chart_is_answered_with_similar_names(asked):
    """Exhibits and experiments among them."""
    message = str(CliRunner().invoke(animate_command, ["swop"]).exception)
    assert message.startswith("unknown chart 'swop', similar to 'swap': must be one of 'accuracy'")
    assert message.endswith("an exhibit or an experiment (see 'dropviz list'), or the path of a recording")
    assert "similar" not in str(CliRunner().invoke(animate_command, ["pie"]).exception)
