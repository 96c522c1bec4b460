"""Themes: colours that can be read, and told apart with any common colour blindness."""

import math
import re
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dropviz.errors import UsageError
from dropviz.theme import THEMES, blend, contrast, find_theme, rgb

# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
# IEC 61966-2-1, and its white, D65.
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = TO_XYZ @ np.ones(3)

colors = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


def lab(color, blindness="none"):
    """CIE L*a*b* of a colour as somebody with that colour blindness sees it."""
    c = np.array(rgb(color)) / 255
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    x, y, z = TO_XYZ @ (BLINDNESS[blindness] @ linear).clip(0, 1) / WHITE
    f = [math.cbrt(t) if t > (6 / 29) ** 3 else t / (3 * (6 / 29) ** 2) + 4 / 29 for t in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def difference(one, other, blindness="none"):
    """The difference of two colours, CIE 1976; about 2.3 can just be seen."""
    return float(np.linalg.norm(lab(one, blindness) - lab(other, blindness)))


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
        assert contrast(color, theme.background) >= 4.5, color


def test_colours_are_well_formed(theme):
    """Colours are written #rrggbb, in small letters."""
    for color in (theme.background, theme.ink, theme.muted, theme.faint, theme.plain, *theme.noisy):
        assert re.fullmatch("#[0-9a-f]{6}", color)


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_arms_can_be_told_apart(theme, blindness):
    """With and without dropout look different to everyone, whatever the colour blindness."""
    assert difference(theme.plain, theme.noisy[0], blindness) > 20


def test_more_arms_can_be_told_apart(theme):
    """All colours of arms look different where colours are seen as most people see them."""
    for one, other in combinations((theme.plain, *theme.noisy), 2):
        assert difference(one, other) > 20, (one, other)


def test_arm_colors(theme):
    """An arm without noise is `plain` wherever it stands; the others take the `noisy` colours in turn."""
    first, second, third = theme.noisy
    assert theme.arm_colors([False, True]) == [theme.plain, first]
    assert theme.arm_colors([True, False, True, True]) == [first, theme.plain, second, third]
    assert theme.arm_colors([False, False]) == [theme.plain, theme.plain]
    assert theme.arm_colors([True] * 8) == [first, second, third] * 2 + [first, second]
    assert theme.arm_colors([]) == []


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
