"""Themes: colours that can be read, and told apart with any common colour blindness."""

import re
from itertools import combinations

import pytest
from colour_vision import BLINDNESS, difference, lab
from hypothesis import given, settings
from hypothesis import strategies as st

from dropviz.errors import RecordingError, ThemeError, UsageError
from dropviz.experiments.presets import PRESETS
from dropviz.style.theme import STROKES, THEMES, TRANSPARENT, Theme, blend, contrast, find_theme, rgb
from dropviz.style.theme_file import choose_theme, from_toml, to_toml

colors = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


@pytest.fixture(params=THEMES)
def theme(request):
    """Each theme in turn."""
    return find_theme(request.param)


def test_the_measure_of_difference_is_right():
    """Lab of known colours, and greys that look the same with any colour blindness."""
    assert lab("#ffffff") == pytest.approx([100, 0, 0], abs=0.01)
    assert lab("#ff0000") == pytest.approx([53.24, 80.09, 67.20], abs=0.05)
    assert lab("#0000ff") == pytest.approx([32.30, 79.19, -107.86], abs=0.05)
    for blindness in BLINDNESS:
        assert difference("#808080", "#808080", blindness) == 0
        assert lab("#808080", blindness) == pytest.approx(lab("#808080"), abs=0.01)
    assert difference("#b54040", "#7b6b2f", "deuteranopia") < difference("#b54040", "#7b6b2f") / 2


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21),
        ("#777777", "#ffffff", 4.478),
        ("#767676", "#ffffff", 4.542),
        ("#ff0000", "#ffffff", 3.998),
        ("#00ff00", "#ffffff", 1.372),
        ("#0000ff", "#ffffff", 8.592),
        ("#0a0a0a", "#000000", 1.0607),
        ("#123456", "#123456", 1),
    ],
)
def test_contrast(one, other, ratio):
    """contrast() gives the ratios that WCAG's own formula gives, either way round."""
    assert contrast(one, other) == pytest.approx(ratio, abs=0.0005)
    assert contrast(other, one) == contrast(one, other)


@settings(deadline=None)
@given(colors, colors)
def test_contrast_is_from_1_to_21(one, other):
    """No two colours have a ratio outside the scale."""
    assert 1 <= contrast(one, other) <= 21 + 1e-9


def test_text_can_be_read(theme):
    """Every colour that text has stands out from the background by 4.5:1 or more."""
    for color in (theme.ink, theme.muted, theme.plain, *theme.noisy):
        for ground in theme.backgrounds:
            assert contrast(color, ground) >= 4.5, (color, ground)


def test_edges_can_be_seen(theme):
    """Edges, and the outlines of dropped units, stand out from the background by 3:1 or more (WCAG 1.4.11)."""
    for ground in theme.backgrounds:
        assert contrast(theme.outline, ground) >= 3


def test_what_has_no_background_reads_on_white_and_on_black():
    """The transparent theme is measured against both; what it is mixed with is as far from one as from the other."""
    theme = find_theme("transparent")
    assert theme.backgrounds == ("#ffffff", "#000000")
    assert contrast(TRANSPARENT, "#ffffff") == pytest.approx(contrast(TRANSPARENT, "#000000"), rel=0.05)
    assert contrast(theme.ink, "#0d1117") >= 4  # GitHub's night, which is not quite black


def test_paper_has_no_colour():
    """What is for a printer is grey throughout, and its arms differ in strokes, as well as in tone."""
    theme = find_theme("paper")
    for color in (theme.background, theme.ink, theme.muted, theme.faint, theme.plain, *theme.noisy):
        assert len(set(rgb(color))) == 1, color
    styles = theme.arm_styles([False, True, True, True])
    for what in ("test", "train", "marker", "hatch"):
        assert len({getattr(style.strokes, what) for style in styles}) == 4, what


def test_colours_are_well_formed(theme):
    """Colours are written #rrggbb, in small letters; only the background can be none."""
    for color in (theme.background, theme.ink, theme.muted, theme.faint, theme.plain, *theme.noisy):
        assert re.fullmatch("#[0-9a-f]{6}", color) or (color == theme.background == TRANSPARENT)


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_arms_can_be_told_apart(theme, blindness):
    """Each two colours of arms look different to everyone, whatever the colour blindness.

    2.3 can just be seen, side by side. Two thin lines far from each other need more; 20 is about what lies between
    neighbours among ten hues of one lightness, which is as close as palettes for charts go.
    """
    for one, other in combinations((theme.plain, *theme.noisy), 2):
        assert difference(one, other, blindness) >= 20, (one, other)


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_kept_and_dropped_can_be_told_apart(theme, blindness):
    """A kept unit is filled with the colour of its arm; a dropped one shows what is behind it."""
    for color in (theme.plain, *theme.noisy):
        for ground in theme.backgrounds:
            assert difference(color, ground, blindness) >= 20, (color, ground)


def test_arm_colors():
    """An arm without noise is `plain` wherever it stands; the others take the `noisy` colours in turn."""
    theme = find_theme("light")
    first, second, third = theme.noisy
    assert theme.arm_colors([False, True]) == [theme.plain, first]
    assert theme.arm_colors([True, False, True, True]) == [first, theme.plain, second, third]
    assert theme.arm_colors([False, False]) == [theme.plain, theme.plain]
    assert theme.arm_colors([True] * 8) == [first, second, third] * 2 + [first, second]
    assert theme.arm_colors([]) == []


@pytest.mark.parametrize("noisy", [1, 3, 6])
def test_no_two_arms_look_alike(theme, noisy):
    """Where colours are used again, strokes are others."""
    styles = theme.arm_styles([False, False, *[True] * noisy])
    assert len(set(styles)) == len(styles)
    first = styles[2]
    assert first.color == theme.noisy[0]
    assert first.strokes == STROKES[0]


def test_two_arms_differ_in_strokes_only_where_patterns_are_wanted(theme):
    """One arm with noise and one without have the same strokes in colour, other ones where colour is not enough."""
    plain, noisy = theme.arm_styles([False, True])
    assert (plain.strokes != noisy.strokes) == theme.patterns
    assert plain.color != noisy.color


def test_too_many_arms_are_refused(theme):
    """More arms than can be told apart are an error that says how many can."""
    with pytest.raises(RecordingError, match=r"99 arms with dropout: theme '\w+' tells at most \d+ apart; draw fewer"):
        theme.arm_styles([True] * 99)
    with pytest.raises(RecordingError, match="6 arms without dropout"):
        theme.arm_styles([False] * 6)


@settings(deadline=None)
@given(colors, colors, st.floats(0, 1))
def test_blend(color, background, share):
    """A blend lies between its two colours, and at the ends is one of them."""
    assert blend(color, background, 0) == background
    assert blend(color, background, 1) == color
    for mixed, one, other in zip(rgb(blend(color, background, share)), rgb(color), rgb(background), strict=True):
        assert mixed == pytest.approx(other + (one - other) * share, abs=0.5)


def test_an_unknown_theme():
    """An unknown theme is refused with the names of those there are."""
    with pytest.raises(UsageError, match="unknown theme 'sepia': must be one of 'light', 'dark'"):
        find_theme("sepia")


# themes of one's own


def test_a_theme_can_be_written_and_read_again(theme):
    """What `dropviz list THEME` prints is a file of that theme."""
    again = from_toml(to_toml(theme), theme.name)
    assert Theme(**{**vars(again), "about": theme.about}) == theme


def test_a_file_says_only_what_is_different(tmp_path):
    """What a file does not say is as in the theme that it is based on; colours may have capitals."""
    path = tmp_path / "mine.toml"
    path.write_text('based_on = "dark"\nink = "#FFEEDD"\ntype_size = 1.5\n', encoding="utf-8")
    mine = choose_theme(str(path))
    assert (mine.name, mine.ink, mine.type_size) == ("mine", "#ffeedd", 1.5)
    assert mine.background == find_theme("dark").background
    assert from_toml("", "empty").background == find_theme("light").background


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ('paper = "#ffffff"', "'paper' is not a field of a theme: must be one of based_on, background, ink"),
        ('name = "x"', "'name' is not a field of a theme"),
        ('based_on = "sepia"', "based_on: unknown theme 'sepia': must be one of 'light'"),
        ("based_on = 3", "based_on: unknown theme '3'"),
        ('ink = "black"', "ink has the colour 'black': write it as six hex digits, like '#0969b8'"),
        ('ink = "transparent"', "ink has the colour 'transparent': write it as six hex digits"),
        ('background = "#fff"', "background has the colour '#fff': write it as six hex digits, like '#0969b8', or"),
        ("noisy = []", r"noisy is \[\]: must be a list of 1 to 8 colours"),
        ('noisy = "#000000"', "noisy is '#000000': must be a list"),
        ("noisy = [1]", "noisy has the colour 1"),
        ("patterns = 1", "patterns is 1: must be true or false"),
        ("type_size = true", "type_size is True: must be a number from 0.75 to 2"),
        ("type_size = nan", "type_size is nan: must be a number"),
        ("type_size = 3", "type_size is 3: must be a number from 0.75 to 2"),
        ("ink = ", "not TOML: "),
        ('ink = "#999999"', r"ink #999999 stands out from the background #ffffff by 2\.84:1: text must by 4\.5:1"),
        ('plain = "#767677"\nnoisy = ["#000000", "#777777"]', r"noisy\[1\] #777777 stands out .* by 4\.47:1"),
        ('background = "transparent"', "ink #1b1f24 stands out from white and from black by 1.26:1"),
        ('muted = "#727272"', r"edges, #9c9c9c made of muted #727272, stand out .* by 2\.7\d:1: they must by 3:1"),
    ],
)
def test_a_wrong_theme_is_one_line(words, message):
    """What cannot be is refused in one line that says which field, what it holds, and what it may."""
    with pytest.raises(ThemeError, match=message) as caught:
        from_toml(words, "mine")
    assert "\n" not in str(caught.value)


def test_a_theme_file_that_is_none(tmp_path):
    """A missing file, a folder and a file of bytes each say so, with the path."""
    with pytest.raises(ThemeError, match=r"cannot read .*none\.toml: No such file"):
        choose_theme(str(tmp_path / "none.toml"))
    (tmp_path / "bytes.toml").write_bytes(b"\xff")
    with pytest.raises(ThemeError, match=r"bytes\.toml is not text in UTF-8"):
        choose_theme(str(tmp_path / "bytes.toml"))
    with pytest.raises(UsageError, match=r"unknown theme 'sepia': must be one of 'light', .* or the path of a \.toml"):
        choose_theme("sepia")


def test_names_of_themes_and_experiments_differ():
    """`dropviz list NAME` knows which is meant."""
    assert not set(THEMES) & set(PRESETS)


def test_the_program_lists_a_theme_and_takes_it_back(run, saved, tmp_path):
    """What is printed, changed in one colour, draws a picture; what cannot be read is one line and status 1."""
    (tmp_path / "mine.toml").write_text(run("list", "dark").stdout.replace("#f0f3f6", "#ffffff"), encoding="utf-8")
    made = run("animate", saved, "--compare", "--theme", "mine.toml", "--frames", 1, "--size", "320x180", "-o", "a.gif")
    assert (made.returncode, made.stdout) == (0, "a.gif\n")
    (tmp_path / "mine.toml").write_text('ink = "#eeeeee"\n', encoding="utf-8")
    refused = run("animate", saved, "--compare", "--theme", "mine.toml")
    assert refused.returncode == 1
    assert refused.stderr == (
        "dropviz: mine.toml: ink #eeeeee stands out from the background #ffffff by 1.16:1: text must by 4.5:1\n"
    )


def test_light_and_dark_are_told_by_the_background():
    """Whatever its name, a theme is dark where white stands out from its background more than black."""
    assert [name for name in THEMES if find_theme(name).is_dark] == ["dark"]
