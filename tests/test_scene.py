"""Charts as vectors: what is read off the artists is what they draw."""

import itertools

import numpy as np
import pytest
from conftest import CORE
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from matplotlib.figure import Figure
from test_charts import make

from dropviz.drawing.marks import MAX_RECTANGLES, MarkRenderer, format_number
from dropviz.drawing.raster import default_style
from dropviz.drawing.rectangles import to_rectangles
from dropviz.drawing.scene import read_scene, to_intervals


@given(st.sets(st.integers(0, 60)))
def test_runs_hold_the_frames_that_went_in(frames):
    """Runs name each frame once, in order, and never touch each other."""
    runs = to_intervals(sorted(frames))
    assert [frame for start, end in runs for frame in range(start, end)] == sorted(frames)
    assert all(one[1] < two[0] for one, two in itertools.pairwise(runs))


@given(st.floats(-1e5, 1e5))
def test_numbers_are_short_and_near(value):
    """A number is written to a hundredth, without an exponent and without zeros that say nothing."""
    words = format_number(value)
    assert abs(float(words) - value) <= 0.0051
    assert "e" not in words
    assert words != "-0"
    assert not ("." in words and words.endswith("0"))


@pytest.mark.parametrize("name", CORE)
def test_each_frame_shows_the_marks_of_its_moment(recordings, name):
    """The marks that a scene shows in a frame are those that a chart of its own draws at that moment, and no other."""
    with default_style():
        scene = read_scene(make(name, recordings, frames=5), "")
        chart = make(name, recordings, frames=5)
        renderer = MarkRenderer(chart.canvas.size, scene.prefix)
        for frame, index in enumerate(chart.timeline.indices):
            chart.show(index)
            for artist, marks in zip(chart.moving, scene.moving, strict=True):
                seen = {mark for mark, runs in marks if any(start <= frame < end for start, end in runs)}
                assert seen == set(renderer.marks_of(artist))


@pytest.mark.parametrize("name", CORE)
def test_equal_marks_are_kept_once(recordings, name):
    """A mark of several moments stands in the scene once."""
    with default_style():
        scene = read_scene(make(name, recordings, frames=5), "")
    for marks in scene.moving:
        assert len({mark for mark, _ in marks}) == len(marks)


def test_trail_is_uncovered_up_to_the_snapshot_shown(recordings):
    """The front is at the iteration of each moment, on the scale of the axis; at the end all is seen."""
    with default_style():
        chart = make("accuracy", recordings)
        scene = read_scene(chart, "")
    at = chart.axes.transData.transform([(iteration, 0.5) for iteration in (3, 6, 9, 12, 15, 18)])[:, 0]
    np.testing.assert_allclose(scene.fronts, [*at, 1280])


@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=7), elements=st.integers(0, 2)))
def test_rectangles_paint_the_image(cells):
    """Painted one after another, the rectangles of an image give its pixels back; what shows through stays bare."""
    table = np.array([[9, 0, 200, 255], [255, 255, 255, 255], [0, 0, 0, 0]], np.uint8)
    pixels = np.repeat(np.repeat(table[cells], 3, axis=0), 2, axis=1)
    painted = np.zeros_like(pixels)
    for color, boxes in to_rectangles(pixels).items():
        for left, top, width, height in boxes:
            painted[top : top + height, left : left + width] = (*bytes.fromhex(color[1:]), 255)[:4]
    assert np.array_equal(painted, pixels)


def test_images_too_large_for_vectors_are_left_out():
    """Noise of more rectangles than a picture can bear is not drawn; a plain image of the same size is."""
    renderer = MarkRenderer((200, 200), "")
    noise = np.random.default_rng(1).integers(0, 256, (100, 100, 4), np.uint8)
    renderer.draw_image(renderer.new_gc(), 0, 0, noise)
    assert noise.size > MAX_RECTANGLES
    assert renderer.marks == []
    renderer.draw_image(renderer.new_gc(), 10, 20, np.full((100, 100, 4), 255, np.uint8))
    assert [mark.place for mark in renderer.marks] == ["M10 80h100v100h-100z"]


def test_any_artist_of_matplotlib_is_read(noisy):
    """Lines, scattered points, bars and an image of a plain figure become paths with their colours."""
    with default_style():
        figure = Figure((4, 3), dpi=72)
        axes = figure.add_axes((0.1, 0.1, 0.8, 0.8))
        axes.plot([0, 1, 2], [0, 9, 1], color="#123456")
        axes.scatter([1, 2], [2, 2], color="#654321")
        axes.bar([0, 1], [1, 2], color="#abcdef")
        axes.imshow([[0, 1], [2, 3]], cmap="gray")
        marks = MarkRenderer((288, 216), "x").marks_of(figure)
    styles = " ".join(mark.style for mark in marks)
    assert all(color in styles for color in ("#123456", "#654321", "#abcdef", "#ffffff"))
    assert 'clip-path="url(#xc0)"' in styles
