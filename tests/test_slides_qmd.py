"""The deck for Quarto, as pandoc, with which Quarto reads it, and a YAML parser see it."""

import json
import subprocess
from importlib.util import find_spec

import pytest
from conftest import need, need_chinese_font, need_program
from PIL import Image
from test_slides import BAD, BAD_TITLE, make, need_letters, odd_letters, renamed

from dropviz._util.text import escape_quarto, replace_unsafe


def pandoc(path, *arguments):
    """The deck as pandoc reads it, which is what Quarto reads it with."""
    command = [need_program("pandoc"), "--from=markdown", *arguments, path]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def read_yaml(path):
    """The header as a YAML parser reads it."""
    need(find_spec("yaml"), "PyYAML")
    import yaml

    return yaml.safe_load(path.read_text(encoding="utf-8").split("---\n")[1])


@pytest.mark.parametrize(("ratio", "theme", "lang"), [("16:9", "light", "en"), ("4:3", "dark", "zh")])
def test_quarto_deck_has_what_it_names(recordings, tmp_path, ratio, theme, lang):
    """The header parses; a GIF stands in what is for HTML alone, a still in all else; notes and table are there."""
    need_letters(lang)
    deck, made, _ = make(recordings, tmp_path / "my talk.qmd", ratio=ratio, theme=theme, lang=lang)
    assert made == [tmp_path / "my talk.qmd", tmp_path / "my-talk-files"]
    header = read_yaml(made[0])
    assert header["format"]["beamer"]["aspectratio"] == int(ratio.replace(":", ""))
    assert header["lang"] == lang
    tree = json.loads(pandoc(made[0], "--to=json"))
    divs = [block["c"] for block in tree["blocks"] if block["t"] == "Div"]
    shown = {}
    for attributes, blocks in divs:
        images = [
            part["c"]
            for block in blocks
            if block["t"] in ("Para", "Figure")
            for part in block["c"]
            if part["t"] == "Image"
        ]
        for about, _, (source, _) in images:
            shown[source, "still" in about[1]] = dict(attributes[2])
            assert dict(about[2])["fig-alt"] == deck.slides["accuracy" in source].alt
            with Image.open(tmp_path / source) as image:
                assert getattr(image, "n_frames", 1) == (3 if source.endswith("gif") else 1)
    html, other = {"when-format": "html"}, {"unless-format": "html"}
    kinds = (("gif", False, html), ("png", True, html), ("png", False, other))
    assert shown == {
        (f"my-talk-files/{chart}.{kind}", is_still): where
        for chart in ("accuracy", "network")
        for kind, is_still, where in kinds
    }
    assert sum("notes" in attributes[1] for attributes, _ in divs) == 3
    assert "Table" in [block["t"] for block in tree["blocks"]]


@odd_letters
def test_quarto_stands_bad_names(recordings, tmp_path):
    """Names that mean something to Markdown, YAML or Quarto come out as words, and no shortcode is left."""
    need_chinese_font()
    _, made, _ = make(renamed(recordings), tmp_path / "a.qmd", title=BAD_TITLE)
    assert "{{<" not in made[0].read_text(encoding="utf-8")
    page = pandoc(made[0], "--to=plain", "--wrap=none", "--standalone", "--columns=1000")
    assert " ".join(BAD_TITLE.split()) in page
    assert " ".join(replace_unsafe(BAD).split()) in " ".join(page.split())
    html = pandoc(made[0], "--to=html", "--wrap=none")
    assert "<b>" not in html
    assert "<script>" not in html


def test_markdown_escapes_say_the_same_words():
    """Every ASCII sign, alone, joined, and where a line begins, is read by pandoc as itself."""
    signs = "".join(map(chr, range(33, 127)))
    starts = [
        "1. x",
        "(a) x",
        "- x",
        "+ x",
        ": x",
        "% x",
        "::: x",
        "=== x",
        "i) x",
        "# x",
        "> x",
        "@a x",
        "--- x",
        "1) x",
    ]
    joined = ["a--b", "a...b", "x---", "a::b", "a**b**", "![a](b)", "<http://a.b>", "a@b.c", "H~2~O^2^", "&lt; $x$"]
    lines = [signs, *starts, *joined]
    command = [need_program("pandoc"), "--from=markdown", "--to=plain", "--wrap=none"]
    done = subprocess.run(
        command, input="\n\n".join(map(escape_quarto, lines)), capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().split("\n\n") == lines
