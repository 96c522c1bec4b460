"""Labels: the same words in every language, and fonts that can show them."""

import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from string import Formatter

import pytest
from conftest import need
from matplotlib import font_manager, get_data_path
from matplotlib.ft2font import FT2Font

from dropviz._util.text import replace_invisible
from dropviz.errors import UsageError
from dropviz.experiments.presets import PRESETS
from dropviz.style import labels
from dropviz.style.fonts import CHINESE, find_families, installed_families
from dropviz.style.labels import FOLDER, LANGUAGES, NAMES, Labels, names, percent, words

FILES = sorted(path for path in FOLDER.glob("*.toml") if path.name != NAMES)


def placeholders(words):
    """The names that stand in braces, each with its format."""
    return {(name, form) for _text, name, form, _conversion in Formatter().parse(words) if name is not None}


def install(monkeypatch, *names, files=()):
    """Play a machine where matplotlib knows fonts of these names, and the system has these font files."""
    fonts = [font_manager.FontEntry(fname=f"/fonts/{name}.ttf", name=name) for name in names]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", fonts)
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda *_args, **_more: [str(file) for file in files])


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages_say_the_same(language):
    """Every language has words for every key, with the same values in them."""
    assert set(words()[language]) == set(words()["en"])
    for key, said in words()[language].items():
        assert said.strip() or key == "between" or key.startswith("pitfall formula"), key  # not all have one
        assert placeholders(said) == placeholders(words()["en"][key]), key


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_is_whole(file):
    """Each file holds the same keys in every language, and nothing else."""
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    assert tuple(tables) == LANGUAGES
    assert len({frozenset(table) for table in tables.values()}) == 1


def test_no_key_stands_in_two_files():
    """A key has one place; within a file, TOML itself allows it once."""
    tables = [tomllib.loads(file.read_text(encoding="utf-8")) for file in FILES]
    keys = Counter(key for table in tables for key in table["en"])
    assert [key for key, count in keys.items() if count > 1] == []
    assert set(keys) == set(words()["en"])


def test_words_and_uses_meet():
    """Every key is used somewhere, and every key that is asked for by its full name is there."""
    found, asked, patterns = set(), set(), set()
    for path in FOLDER.parents[1].rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        found |= {node.value for node in nodes if isinstance(node, ast.Constant)}
        for call in (node for node in nodes if isinstance(node, ast.Call) and node.args):
            if ast.unparse(call.func).split(".")[-1] in ("labels", "_labels"):
                asked |= {call.args[0].value} if isinstance(call.args[0], ast.Constant) else set()
                patterns |= {pattern(node) for node in ast.walk(call.args[0]) if isinstance(node, ast.JoinedStr)}
    keys = set(words()["en"])
    assert asked
    assert asked - keys == set()
    assert {key for key in keys - found if not any(re.fullmatch(each, key) for each in patterns)} == set()


def pattern(template):
    """What keys an f-string such as f"alt {chart}" can name."""
    return "".join(re.escape(part.value) if isinstance(part, ast.Constant) else ".+" for part in template.values)


@pytest.mark.parametrize("command", [["animate", "--help"], ["slides", "--help"], ["list"]], ids=" ".join)
def test_words_are_not_read_without_need(command):
    """Help and `dropviz list` name the languages and read no words."""
    code = (
        "import sys; from click.testing import CliRunner; from dropviz.style import labels;"
        "from dropviz.cli import cli;"
        "print(CliRunner().invoke(cli, sys.argv[1:]).output, labels.words.cache_info().misses)"
    )
    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=True)
    assert "zh" in done.stdout
    assert done.stdout.split()[-1] == "0"


def test_chinese_calls_dropout_by_its_name():
    """Dropout is 暂退 in Chinese, and never 辍学, which is to leave school."""
    assert "辍学" not in "".join(words()["zh"].values())
    for key in ("question accuracy", "accuracy axis", "drop_prob"):
        assert "暂退" in words()["zh"][key]


def test_chinese_is_chinese():
    """No words were left in English."""
    same = {key for key in words()["en"] if words()["zh"][key] == words()["en"][key]}
    code = {key for key in same if key.startswith(("pitfall wrong ", "pitfall right ", "pitfall formula "))}
    assert same <= {"not shown", "test"} | code


def test_names_fit_their_patterns():
    """Names have words in languages that there are, and each pattern has the groups that its words put in."""
    assert set(names()) <= set(LANGUAGES)
    for table in names().values():
        for name, called in table.items():
            assert set(re.findall(r"\\(\d)", called)) <= set(map(str, range(1, re.compile(name).groups + 1)))


def test_words_with_values():
    """Values are put into the words, thousands with a comma."""
    assert Labels("en")("iteration now", now=1_200, last=23_450) == "iteration 1,200 of 23,450"
    assert Labels("zh")("iteration only", now=1_200) == "第 1,200 次迭代"


def test_english_needs_no_installed_font(monkeypatch):
    """English is drawn in the font that comes with dropviz, whatever else is installed."""
    install(monkeypatch)
    assert Labels("en").fonts == ["Source Sans Pro"]


def test_chinese_takes_the_best_fonts_that_are_there(monkeypatch):
    """Chinese fonts come in the order of preference, after that of English, for figures."""
    install(monkeypatch, "SimHei", "DejaVu Sans", "Noto Sans CJK SC", "Comic Sans")
    assert Labels("zh").fonts == ["Source Sans Pro", "Noto Sans CJK SC", "SimHei"]


def test_fonts_that_came_after_matplotlib_last_looked(monkeypatch, tmp_path):
    """A font file that matplotlib does not know yet is found, and a broken one beside it does no harm."""
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    monkeypatch.setattr(labels, "CHINESE", ("DejaVu Sans Mono",))
    install(monkeypatch, files=[broken, Path(get_data_path(), "fonts", "ttf", "DejaVuSansMono.ttf")])
    assert Labels("zh").fonts == ["Source Sans Pro", "DejaVu Sans Mono"]


def test_chinese_without_a_font(monkeypatch):
    """Where no font has Chinese glyphs, the message names fonts to install, and how."""
    install(monkeypatch, "DejaVu Sans")
    with pytest.raises(UsageError, match="language 'zh'") as caught:
        _ = Labels("zh").fonts
    words = str(caught.value)
    for name in (*CHINESE, "fonts-noto-cjk", "--lang en"):
        assert name in words
    assert "\n" not in words


def test_an_unknown_language():
    """An unknown language is refused with the names of those there are."""
    with pytest.raises(UsageError, match="unknown language 'fr': must be one of 'en', 'zh'"):
        Labels("fr")


@pytest.mark.parametrize(
    ("share", "digits", "words"), [(0.8766, 1, "87.7%"), (1, 1, "100.0%"), (0, 1, "0.0%"), (0.3, 0, "30%")]
)
def test_percent(share, digits, words):
    """A share as a percentage, rounded."""
    assert percent(share, digits) == words
    assert digits != 1 or percent(share) == words


# names


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no dropout", "不用暂退法"),
        ("dropout 0.5", "暂退法 0.5"),
        ("dropout 0.2/0.5", "暂退法 0.2/0.5"),
        ("nn.Dropout 0.2/0.5", "nn.Dropout 0.2/0.5"),
        ("my dropout", "my dropout"),
        ("Ankle boot", "短靴"),
        ("", ""),
    ],
)
def test_names_that_experiments_come_with(name, words):
    """They are Chinese in Chinese, and as they are in English; other names are as their users gave them."""
    assert Labels("zh").name(name) == words
    assert Labels("en").name(name) == name


def test_all_names_of_presets_have_chinese_ones():
    """No arm of a preset keeps an English name, but for names of functions."""
    for preset in PRESETS.values():
        for arm in preset.arms:
            assert Labels("zh").name(arm.name) != arm.name or arm.name.startswith("nn.")


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("dropout 0.5", "dropout 0.5"),
        ("a\0b", "a\ufffdb"),
        ("two\nlines\r\t", "two\ufffdlines\ufffd\ufffd"),
        ("\u202egnirts", "\ufffdgnirts"),
        ("\u2028\u200b\ud800", "\ufffd\ufffd\ufffd"),
        ("暂退法 שלום", "暂退法 שלום"),
        ("\u2068שם\u2069", "שם"),
    ],
)
def test_what_cannot_be_seen_is_shown(words, shown):
    """A sign stands for letters that break lines, turn the order, or are not there at all; others stay."""
    assert replace_invisible(words) == shown


# fonts for names


def test_no_other_font_is_looked_at_without_need(monkeypatch):
    """Common letters are drawn in two fonts that come with dropviz: a picture does not depend on what is installed."""
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda *_: pytest.fail("looked"))
    labels = Labels("en")
    labels.add_fonts_for(["dropout 0.5", "größer ≥ ½", "Ошибка", "a\0b"])
    assert labels.fonts == ["Source Sans Pro", "DejaVu Sans"]


def test_a_font_that_has_the_letters_is_added():
    """Chinese names under English words are drawn in a font that has them, after DejaVu Sans."""
    need("Noto Sans CJK JP" in installed_families(), "a CJK font")
    labels = Labels("en")
    labels.add_fonts_for(["暂退法", "plain"])
    assert labels.fonts[0] == "Source Sans Pro"
    assert len(labels.fonts) == 2
    path = next(font.fname for font in font_manager.fontManager.ttflist if font.name == labels.fonts[1])
    assert {ord(letter) for letter in "暂退法"} <= set(FT2Font(path).get_charmap())


def test_letters_without_a_font(monkeypatch):
    """Letters that no installed font has are named, with what to install, in one line."""
    install(monkeypatch, "DejaVu Sans")
    own = Path(get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
    entries = [font_manager.FontEntry(fname=str(own), name="DejaVu Sans")]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", entries)
    with pytest.raises(UsageError) as caught:
        Labels("en").add_fonts_for(["暂 drop", "\U0001f9e0"])
    words = str(caught.value)
    assert "'暂' (U+6682), '\U0001f9e0' (U+1F9E0)" in words
    assert "apt-get install fonts-noto-cjk fonts-symbola" in words
    assert "\n" not in words
    with pytest.raises(UsageError, match=r"and 2 more: install"):
        find_families(["DejaVu Sans"], ["一二三四五六七八九十"])


def test_boxes_and_pictures_are_no_letters(monkeypatch):
    """A font whose every letter is a box, or a picture, is not taken for one that has the letters."""
    own = Path(get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
    names = ("Last Resort", "Noto Color Emoji")
    entries = [font_manager.FontEntry(fname=str(own), name=name) for name in names]
    install(monkeypatch)
    monkeypatch.setattr(font_manager.fontManager, "ttflist", entries)
    with pytest.raises(UsageError, match="no installed font has the letters 'a'"):
        find_families([], ["a"])


def test_a_damaged_font_has_no_letters(monkeypatch, tmp_path):
    """A font file that cannot be read is passed over."""
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    install(monkeypatch)
    entries = [font_manager.FontEntry(fname=str(tmp_path / "broken.ttf"), name="Symbola")]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", entries)
    with pytest.raises(UsageError, match="no installed font"):
        find_families([], ["a"])
