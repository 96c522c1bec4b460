"""Labels: the same words in every language, and fonts that can show them."""

from pathlib import Path
from string import Formatter

import pytest
from matplotlib import font_manager, get_data_path

from dropviz.errors import UsageError
from dropviz.labels import FONTS, WORDS, Labels, percent


def placeholders(words):
    """The names that stand in braces, each with its format."""
    return {(name, form) for _text, name, form, _conversion in Formatter().parse(words) if name is not None}


def install(monkeypatch, *names, files=()):
    """Play a machine where matplotlib knows fonts of these names, and the system has these font files."""
    fonts = [font_manager.FontEntry(fname=f"/fonts/{name}.ttf", name=name) for name in names]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", fonts)
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda *_args, **_more: [str(file) for file in files])


@pytest.mark.parametrize("language", WORDS)
def test_languages_say_the_same(language):
    """Every language has words for every key, with the same values in them."""
    assert set(WORDS[language]) == set(WORDS["en"])
    for key, words in WORDS[language].items():
        assert words.strip(), key
        assert placeholders(words) == placeholders(WORDS["en"][key]), key


def test_chinese_calls_dropout_by_its_name():
    """Dropout is 暂退 in Chinese, and never 辍学, which is to leave school."""
    words = "".join(WORDS["zh"].values())
    assert "辍学" not in words
    for key in ("accuracy title", "accuracy axis", "drop_prob"):
        assert "暂退" in WORDS["zh"][key]


def test_chinese_is_chinese():
    """No words were left in English."""
    same = {key for key in WORDS["en"] if WORDS["zh"][key] == WORDS["en"][key]}
    assert same <= {"not shown"}


def test_words_with_values():
    """Values are put into the words, thousands with a comma."""
    assert Labels("en")("iteration now", now=1_200, last=23_450) == "iteration 1,200 of 23,450"
    assert Labels("zh")("iteration only", now=1_200) == "第 1,200 次迭代"


def test_every_language_has_fonts():
    """For each language of words there are fonts to look for."""
    assert set(FONTS) == set(WORDS)


def test_english_needs_no_font_but_matplotlibs_own(monkeypatch):
    """English is drawn in the font that comes with matplotlib, whatever else is installed."""
    install(monkeypatch)
    assert Labels("en").fonts == ["DejaVu Sans"]


def test_chinese_takes_the_best_fonts_that_are_there(monkeypatch):
    """Chinese fonts come in the order of preference, and DejaVu Sans last for what they lack."""
    install(monkeypatch, "SimHei", "DejaVu Sans", "Noto Sans CJK SC", "Comic Sans")
    assert Labels("zh").fonts == ["Noto Sans CJK SC", "SimHei", "DejaVu Sans"]


def test_fonts_that_came_after_matplotlib_last_looked(monkeypatch, tmp_path):
    """A font file that matplotlib does not know yet is found, and a broken one beside it does no harm."""
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    monkeypatch.setitem(FONTS, "zh", ("DejaVu Sans Mono",))
    install(monkeypatch, files=[broken, Path(get_data_path(), "fonts", "ttf", "DejaVuSansMono.ttf")])
    assert Labels("zh").fonts == ["DejaVu Sans Mono", "DejaVu Sans"]


def test_chinese_without_a_font(monkeypatch):
    """Where no font has Chinese glyphs, the message names fonts to install, and how."""
    install(monkeypatch, "DejaVu Sans")
    with pytest.raises(UsageError, match="language 'zh'") as caught:
        _ = Labels("zh").fonts
    words = str(caught.value)
    for name in (*FONTS["zh"], "fonts-noto-cjk", "--lang en"):
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
