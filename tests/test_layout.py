"""Layout: which units are shown, and where."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dropviz.charts.base import geometry
from dropviz.charts.base.canvas import SMALL, Canvas
from dropviz.charts.base.geometry import Box, halves, spread_apart, steady
from dropviz.recording.shown import SHOWN, sample_units
from dropviz.style.labels import Labels
from dropviz.style.theme import find_theme

TINY = 1e-6
HALF = 0.5 + TINY  # units stand on whole points
lengths = st.floats(10, 2_000)
boxes = st.builds(Box, st.floats(-500, 500), st.floats(-500, 500), lengths, lengths)
networks = st.lists(st.integers(1, 12) | st.integers(1, 70_000), min_size=1, max_size=8).map(tuple)


def place(sizes, box):
    """Layers of these sizes, a sample of each shown."""
    return geometry.place_network(sizes, [sample_units(size) for size in sizes], box)


heights = st.lists(st.floats(-100, 900), min_size=1, max_size=10)


@settings(deadline=None)
@given(st.integers(1, 70_000))
def test_sample_units(units):
    """Units are shown in order, all of a small layer, and the first and the last few of a large one."""
    shown = sample_units(units)
    assert len(shown) == min(units, SHOWN)
    assert shown == tuple(sorted(set(shown)))
    assert (shown[0], shown[-1]) == (0, units - 1)
    assert shown[: len(shown) // 2] == tuple(range(len(shown) // 2))


@pytest.mark.parametrize(("units", "shown"), [(1, (0,)), (10, tuple(range(10))), (11, (0, 1, 2, 3, 4, 6, 7, 8, 9, 10))])
def test_sample_by_example(units, shown):
    """Ten units are all shown, of eleven the one in the middle is not."""
    assert sample_units(units) == shown


@settings(deadline=None)
@given(networks, boxes)
def test_place(sizes, box):
    """Every unit stands within the box, no two touch, the first is on top, and each layer is centred."""
    layout = place(sizes, box)
    assert len(layout.columns) == len(sizes)
    assert 0 < layout.radius <= 24
    for size, column in zip(sizes, layout.columns, strict=True):
        assert len(column.units) == len(column.ys)
        assert column.hidden == size - len(column.units) >= 0
        assert all(upper - lower >= 2 * layout.radius - TINY for upper, lower in pairwise(column.ys))
        assert max(column.ys) <= box.bottom + box.height + HALF
        assert min(column.ys) >= box.bottom - HALF
        assert (column.ys[0] + column.ys[-1]) / 2 == pytest.approx(box.bottom + box.height / 2, abs=HALF)


@settings(deadline=None)
@given(networks, boxes)
def test_columns(sizes, box):
    """Layers stand from left to right in the middle of the box, evenly, no two touch, and little room is lost."""
    layout = place(sizes, box)
    xs = [column.x for column in layout.columns]
    if len(xs) > 1:
        assert (xs[0] + xs[-1]) / 2 == pytest.approx(box.left + box.width / 2, abs=HALF)
        assert xs[-1] - xs[0] <= box.width + TINY
        steps = [right - left for left, right in pairwise(xs)]
        assert steps == pytest.approx([steps[0]] * len(steps))
        assert min(steps) > 2 * layout.radius
        tallest = max(min(size, SHOWN + 1) for size in sizes)
        pitch = max((column.ys[0] - column.ys[-1]) / (tallest - 1) for column in layout.columns) if tallest > 1 else 0
        assert tallest == 1 or steps[0] * pitch >= 0.5 * box.width / (len(xs) - 1) * box.height / tallest


@pytest.mark.parametrize("size", range(2, SHOWN + 1))
def test_a_small_layer_has_no_gap(size):
    """Where all units are shown they stand evenly, as tall as the layer that is tallest."""
    (column,) = place((size,), Box(0, 0, 10, 600)).columns
    assert [upper - lower for upper, lower in pairwise(column.ys)] == pytest.approx([600 / size] * (size - 1))


@settings(deadline=None)
@given(st.integers(SHOWN + 1, 70_000), boxes)
def test_the_gap_of_a_large_layer(size, box):
    """The sign for units that are not shown has a place of its own, between the halves that are."""
    layout = place((size,), box)
    (column,) = layout.columns
    middle = SHOWN // 2
    assert column.ys[middle - 1] - column.gap_y >= 2 * layout.radius - TINY
    assert column.gap_y - column.ys[middle] >= 2 * layout.radius - TINY


@settings(deadline=None)
@given(heights, st.floats(0, 50), st.floats(-50, 50), st.floats(500, 900))
def test_spread_apart(wanted, gap, low, high):
    """Labels keep their order, stand at least `gap` apart, and within the bounds, where ten of them always fit."""
    placed = spread_apart(wanted, gap, low, high)
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    assert all(placed[after] - placed[before] >= gap - TINY for before, after in pairwise(order))
    assert min(placed) >= low - TINY
    assert max(placed) <= high + TINY


@settings(deadline=None)
@given(heights)
def test_spread_apart_moves_nothing_without_need(wanted):
    """Positions that are apart already stay where they are."""
    apart = [height + 40 * index for index, height in enumerate(sorted(wanted))]
    assert spread_apart(apart, 40 - TINY, -100, 2_000) == apart


def test_spread_apart_by_example():
    """Two labels that meet part; those that would leave at the top push the others down."""
    assert spread_apart([50, 50], 20, 0, 100) == [50, 70]
    assert spread_apart([95, 99, 10], 20, 0, 100) == [80, 100, 10]
    assert spread_apart([-5, 0], 20, 0, 100) == [0, 20]


@settings(deadline=None)
@given(heights, st.floats(0, 100))
def test_calm(wanted, tolerance):
    """A held position is never off by more than the tolerance, ends exactly, and moves no more often than need be."""
    held = steady(wanted, tolerance)
    assert len(held) == len(wanted)
    assert all(abs(is_at - want) <= tolerance + TINY for is_at, want in zip(held, wanted, strict=True))
    assert held[-1] == wanted[-1]
    moves = [i for i in range(1, len(held) - 1) if held[i] != held[i - 1]]
    for start, end in zip([0, *moves], moves, strict=False):
        stretch = wanted[start : end + 1]
        assert max(stretch) - min(stretch) > 2 * tolerance - TINY


def test_calm_by_example():
    """Small moves are held back until they add up, and a tolerance of 0 holds nothing."""
    assert steady([0, 3, 5, 6, 7], 3) == [3, 3, 3, 3, 7]
    assert steady([0, 4, 10, 10, 40, 41], 5) == [5, 5, 5, 5, 40.5, 41]
    assert steady([0, 3, 5, 6, 7], 0) == [0, 3, 5, 6, 7]


def test_halves_fill_a_box_but_for_the_gap():
    """Side by side in a wide box, the first above the second in a high one; of the shares that are asked for."""
    left, right = halves(Box(10, 20, 410, 100), 0.25, 10)
    assert (left, right) == (Box(10, 20, 100, 100), Box(120, 20, 300, 100))
    upper, lower = halves(Box(10, 20, 100, 410), 0.25, 10)
    assert (upper, lower) == (Box(10, 330, 100, 100), Box(10, 20, 100, 300))


def test_lines_are_about_as_long_as_each_other():
    """Words that need two lines leave no single word in the second one."""
    canvas, words = Canvas((640, 540), find_theme("light"), Labels("en")), "one two three four five six seven eight"
    width = canvas.width_of(words.removesuffix(" eight"), SMALL)
    first, second = canvas.lines(words, SMALL, width, 2)
    assert f"{first} {second}" == words
    assert len(second.split()) > 2
