"""Where pictures go: the table of targets, and what it decides where the user did not."""

import re

import pytest
from decoding import blocks
from hypothesis import given
from hypothesis import strategies as st

import dropviz
from dropviz._util.byte_sizes import format_bytes, parse_bytes
from dropviz.encoders import ENCODERS
from dropviz.errors import UsageError
from dropviz.publish.embedding.snippets import SNIPPETS
from dropviz.rendering.options import RenderOptions
from dropviz.rendering.targets import TARGETS, plan_output
from dropviz.style.theme import THEMES


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_has_an_encoder(name):
    """What a target asks for can be written."""
    assert TARGETS[name].format in ENCODERS


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_is_whole(name):
    """Its look is one that can be, its snippet and theme are there, and it says how sure its limit is."""
    target = TARGETS[name]
    RenderOptions(size=target.size, loop=target.loop, hold=target.hold, theme=target.theme)
    assert target.snippet in SNIPPETS
    assert target.theme in THEMES
    assert bool(target.source) == bool(target.max_bytes)
    assert target.source in ("", "documented", "stored text", "from memory", "our choice")


def test_target_decides_what_is_not_given():
    """Size, theme, name, limit and companions are the target's."""
    plan = plan_output("network", compare=True, target="discord")
    assert (plan.options.size, plan.options.theme, plan.max_bytes) == ((960, 540), "dark", 10_000_000)
    assert (str(plan.path), plan.still, plan.alt) == ("out/network-compare-dark.gif", False, True)
    assert str(plan_output("network", compare=False, target="beamer").path) == "out/network-%d.png"
    assert plan_output("network", compare=False, target="github").still


def test_what_is_given_wins():
    """Every explicit wish stands against the target, those that equal a default among them."""
    wishes = {"size": (1280, 720), "theme": "light", "loop": 0, "hold": 3.0, "frames": 7}
    plan = plan_output(
        "accuracy", target="discord", out="x.gif", max_size="3 KiB", still=True, alt_file=False, **wishes
    )
    assert plan.options == RenderOptions(**wishes)
    assert (str(plan.path), plan.max_bytes, plan.still, plan.alt) == ("x.gif", 3072, True, False)
    assert plan_output("accuracy", target="slides", seconds=4).options.hold is None  # else 5 s of 4


def test_without_a_target_nothing_changes():
    """No target: the defaults, no limit, nothing beside."""
    plan = plan_output("accuracy", compare=True)
    assert (plan.options, str(plan.path)) == (RenderOptions(), "out/accuracy-compare.gif")
    assert (plan.max_bytes, plan.still, plan.alt) == (None, False, False)


def test_unknown_target_names_all(run):
    """A target that is none is answered with those that are, on the command line and in Python."""
    with pytest.raises(UsageError, match="unknown target 'the moon': must be one of 'github', 'notion'"):
        plan_output("accuracy", compare=False, target="the moon")
    result = run("animate", "--for", "the moon")
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)


def test_the_command_line_knows_what_was_given(run, saved, tmp_path):
    """--size stands although it is the default; the theme, not given, is the target's; companions are printed."""
    command = ["animate", "network", saved / "dropout-1.npz", "--frames", "2", "--for", "discord", "--size", "1280x720"]
    result = run(*command, "--still", "-o", "a.gif")
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == ["a.gif", "a-still.png", "a.txt"]
    assert blocks(tmp_path / "a.gif").size == (1280, 720)
    dark = bytes.fromhex(THEMES["dark"].background[1:])
    assert (tmp_path / "a.gif").read_bytes()[13:16] == dark
    assert "Animated diagram" in (tmp_path / "a.txt").read_text()


def test_list_shows_targets(run):
    """Every target stands in the listing with its limit and how sure that is."""
    words = run("list", "targets").stdout
    assert all(re.search(rf"^{name} .*{re.escape(each.format)}", words, re.MULTILINE) for name, each in TARGETS.items())
    assert "up to 10 MB (stored text)" in words


def test_python_takes_a_target(noisy, tmp_path):
    """animate(target=…) makes what --for makes."""
    made = dropviz.animate(noisy, "network", out=tmp_path / "a.gif", frames=2, size=(320, 180), target="github")
    assert [path.name for path in made.beside] == ["a-still.png", "a.txt"]
    assert (tmp_path / "a.txt").read_text() == f"{made.alt}\n\n{made.description}\n"


@pytest.mark.parametrize(
    ("words", "size"),
    [
        ("10MB", 10**7),
        ("10 mb", 10**7),
        ("1.5MiB", 1_572_864),
        ("256KiB", 262_144),
        ("300 kb", 300_000),
        ("2000", 2000),
    ],
)
def test_sizes_are_read(words, size):
    """MB counts thousands, MiB 1,024s, a bare number bytes."""
    assert parse_bytes(words) == size


@pytest.mark.parametrize(
    "words", ["", "0", "0.2", "-1MB", "ten", "10XB", "1e6", "MB", "nan", "1,000", "10 MB big", "٣MB"]
)
def test_bad_sizes_are_refused(words):
    """What is no size is shown, with what 1 MB means."""
    with pytest.raises(UsageError, match=r"is no size of a file: .*1 MB is 1,000,000 bytes"):
        parse_bytes(words)


@given(st.integers(1, 10**13))
def test_said_sizes_are_right_to_three_digits(size):
    """A size in words reads back within half a percent."""
    assert abs(parse_bytes(format_bytes(size).replace(",", "").removesuffix("bytes")) - size) <= 0.005 * size
