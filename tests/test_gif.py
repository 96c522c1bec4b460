"""The GIF encoder, judged by other decoders."""

import io

import numpy as np
import pytest
from conftest import need_program
from decoding import blocks, decode, decode_by_gifsicle
from hypothesis import given, settings
from hypothesis import strategies as st

from dropviz.drawing.raster import Frame
from dropviz.encoders.gif import write_gif
from dropviz.encoders.job import Job
from dropviz.encoders.palette import Palette, ramp_palette
from dropviz.style.theme import TRANSPARENT

COLORS = [(0, 0, 0), (255, 255, 255), (200, 30, 30), (30, 30, 200), (30, 160, 60)]


def frames_of(indices, durations):
    """Frames whose pixels are the colours of these palette indices, drawn into one buffer as the rasteriser does."""
    table = np.array([(*color, 255) for color in COLORS], np.uint8)
    buffer = np.empty((*indices[0].shape, 4), np.uint8)
    for each, duration in zip(indices, durations, strict=True):
        buffer[:] = table[each]
        yield Frame(buffer, duration)


def job_of(indices, loop=0, comment=""):
    """The job of writing frames of this size in these colours."""
    height, width = indices[0].shape
    return Job((width, height), Palette(COLORS), len(indices), loop, comment, alt="")


def write(path, indices, durations, **more):
    """Write a GIF of palette indices."""
    with path.open("wb") as file:
        return write_gif(file, frames_of(indices, durations), job_of(indices, **more))


@st.composite
def animations(draw):
    """A few small frames, each changed from the last in a rectangle, or not at all."""
    height, width = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    frame = random.integers(0, len(COLORS), (height, width))
    result = [frame]
    for _ in range(draw(st.integers(0, 6))):
        frame = frame.copy()
        top, left = draw(st.integers(0, height)), draw(st.integers(0, width))
        part = frame[top : draw(st.integers(top, height)), left : draw(st.integers(left, width))]
        part[:] = random.integers(0, len(COLORS), part.shape)
        result.append(frame)
    return result, draw(st.lists(st.integers(2, 300), min_size=len(result), max_size=len(result)))


def merged(indices, durations):
    """Frames that a viewer can tell apart, with the time that each is seen."""
    seen = []
    for frame, duration in zip(indices, durations, strict=True):
        if seen and np.array_equal(seen[-1][0], frame):
            seen[-1][1] += duration
        else:
            seen.append([frame, duration])
    return seen


@settings(max_examples=150, deadline=None)
@given(animations())
def test_decoded_frames_are_those_that_went_in(tmp_path_factory, animation):
    """Any animation decodes to the same pixels and times; frames that are alike are one frame that lasts longer."""
    indices, durations = animation
    path = tmp_path_factory.mktemp("gif") / "a.gif"
    written = write(path, indices, durations)
    expected = merged(indices, durations)
    shown = decode(path)
    assert len(shown) == len(expected)
    for frame, (index, _) in zip(shown, expected, strict=True):
        assert np.array_equal(frame, np.array(COLORS, np.uint8)[index])
    assert blocks(path).delays == [duration for _, duration in expected]
    assert (written.frames, written.duration, written.bytes) == (len(indices), sum(durations), path.stat().st_size)


def test_a_second_decoder_agrees(tmp_path):
    """gifsicle composes the frames as Pillow does."""
    program = need_program("gifsicle")
    random = np.random.default_rng(4)
    indices = [random.integers(0, 5, (60, 80)) for _ in range(3)]
    indices += [np.where(random.random((60, 80)) < 0.1, 1, indices[-1]) for _ in range(3)]
    path = tmp_path / "a.gif"
    write(path, indices, [5] * 6)
    ours, theirs = decode(path), decode_by_gifsicle(path, program)
    assert len(ours) == len(theirs) == 6
    assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))


# no background


CLEAR = len(COLORS)  # stands for a transparent pixel in the indices of these tests
TABLE = np.array([*((*color, 255) for color in COLORS), (9, 9, 9, 0)], np.uint8)


def write_clear(path, indices, durations):
    """Write a GIF of palette indices of which CLEAR is transparent."""
    buffer = np.empty((*indices[0].shape, 4), np.uint8)

    def frames():
        for each, duration in zip(indices, durations, strict=True):
            buffer[:] = TABLE[each]
            yield Frame(buffer, duration)

    height, width = indices[0].shape
    with path.open("wb") as file:
        palette = Palette(COLORS, is_transparent=True)
        return write_gif(file, frames(), Job((width, height), palette, len(indices), 0, "", alt=""))


def same(shown, index):
    """Whether a decoded frame, RGBA, shows these indices: the colour of a transparent pixel does not matter."""
    wanted = TABLE[index]
    opaque = wanted[..., 3] == 255
    return np.array_equal(shown[..., 3] == 255, opaque) and np.array_equal(shown[opaque], wanted[opaque])


@st.composite
def clear_animations(draw):
    """Animations in which some pixels are transparent, and become so."""
    indices, durations = draw(animations())
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return [np.where(random.random(each.shape) < 0.3, CLEAR, each) for each in indices], durations


@settings(max_examples=150, deadline=None)
@given(clear_animations())
def test_frames_without_background_are_those_that_went_in(tmp_path_factory, animation):
    """Pixels appear, change, and are taken off again: each decoded frame shows those of its own, and no others."""
    indices, durations = animation
    path = tmp_path_factory.mktemp("gif") / "a.gif"
    write_clear(path, indices, durations)
    expected = merged(indices, durations)
    shown = decode(path, "RGBA")
    assert len(shown) == len(expected)
    assert all(same(frame, index) for frame, (index, _) in zip(shown, expected, strict=True))
    assert blocks(path).delays == [duration for _, duration in expected]


def test_a_second_decoder_agrees_without_background(tmp_path):
    """gifsicle takes the boxes off as Pillow does."""
    program = need_program("gifsicle")
    random = np.random.default_rng(5)
    indices = [random.integers(0, CLEAR + 1, (60, 80)) for _ in range(3)]
    for _ in range(4):
        moved = indices[-1].copy()
        moved[random.integers(0, 40) :, random.integers(0, 60) :][:9, :9] = CLEAR
        indices.append(moved)
    write_clear(tmp_path / "a.gif", indices, [5] * 7)
    theirs = decode_by_gifsicle(tmp_path / "a.gif", program, "RGBA")
    assert len(theirs) == 7
    assert all(same(frame, index) for frame, index in zip(theirs, indices, strict=True))


def test_what_only_appears_clears_nothing(tmp_path):
    """A box is as large as what changes in it, and what the next frame takes off; after the last, all is taken off."""
    indices = [np.full((50, 70), CLEAR) for _ in range(3)]
    indices[0][3, 3] = 1
    for each in indices[1:]:
        each[[3, 20], [3, 33]] = 1
    indices[2][20, 33] = CLEAR
    indices[2][30, 44] = 2
    write_clear(tmp_path / "a.gif", indices, [10] * 3)
    assert blocks(tmp_path / "a.gif").boxes == [(3, 3, 1, 1), (33, 20, 1, 1), (3, 3, 42, 28)]


@pytest.mark.parametrize(("alpha", "shows"), [(127, False), (128, True)])
def test_half_seen_through_is_the_line(tmp_path, alpha, shows):
    """A pixel is either there, in its own colour, or not: there is nothing to mix it with."""
    pixels = np.full((4, 4, 4), (200, 30, 30, alpha), np.uint8)
    with (tmp_path / "a.gif").open("wb") as file:
        write_gif(file, [Frame(pixels, 10)], Job((4, 4), Palette(COLORS, is_transparent=True), 1, 0, "", alt=""))
    frame = decode(tmp_path / "a.gif", "RGBA")[0]
    assert (frame[..., 3] == 255 * shows).all()
    assert not shows or (frame[..., :3] == (200, 30, 30)).all()


def test_a_long_frame_is_cleared_once(tmp_path):
    """A hold that is longer than a GIF can say is shown whole to its end, without a blink."""
    still = np.full((5, 5), CLEAR)
    still[2, 2] = 1
    moved = np.full((5, 5), CLEAR)
    moved[4, 4] = 2
    write_clear(tmp_path / "a.gif", [still, moved], [200_000, 70_000])
    shown = decode(tmp_path / "a.gif", "RGBA")
    assert sum(blocks(tmp_path / "a.gif").delays) == 270_000
    assert len(shown) == 6
    assert all(same(frame, still) for frame in shown[:4])
    assert all(same(frame, moved) for frame in shown[4:])


def test_no_frames_without_background_is_an_error():
    """An empty stream is refused here too."""
    with pytest.raises(ValueError, match="no frames"):
        write_gif(io.BytesIO(), iter(()), Job((1, 1), Palette(COLORS, is_transparent=True), 0, 0, "", alt=""))


def test_a_palette_without_background_holds_inks_alone():
    """Towards nothing, colours are not mixed: an ink with any background in it would be a fringe on another one."""
    palette = ramp_palette(TRANSPARENT, {"#bc4c00": 8, "#0969b8": 1})
    assert palette.is_transparent
    assert palette.colors.tolist() == [[0xBC, 0x4C, 0x00], [0x09, 0x69, 0xB8]]


# the file


def test_only_what_changed_is_stored(tmp_path):
    """A frame in which one pixel changes is stored as that pixel."""
    first = np.zeros((50, 70), int)
    second = first.copy()
    second[20, 33] = 2
    write(tmp_path / "a.gif", [first, second], [10, 10])
    assert blocks(tmp_path / "a.gif").boxes == [(0, 0, 70, 50), (33, 20, 1, 1)]


def test_there_is_one_palette(tmp_path):
    """All frames share the global palette: colours cannot flicker."""
    write(tmp_path / "a.gif", [np.full((4, 4), i) for i in range(5)], [10] * 5)
    assert blocks(tmp_path / "a.gif").palettes == 1


@pytest.mark.parametrize(("loop", "stored"), [(0, 0), (1, None), (2, 1), (65_535, 65_534)])
def test_loop_counts_plays(tmp_path, loop, stored):
    """0 plays for ever, 1 plays once (no extension), N plays N times: the extension counts repeats."""
    write(tmp_path / "a.gif", [np.zeros((3, 3), int)], [10], loop=loop)
    assert blocks(tmp_path / "a.gif").loop == stored


def test_comment_is_stored(tmp_path):
    """A comment longer than a sub-block comes back whole, what is not ASCII as an escape."""
    words = "drawn from " + 300 * "x" + " \u2013 end"
    write(tmp_path / "a.gif", [np.zeros((3, 3), int)], [10], comment=words)
    assert blocks(tmp_path / "a.gif").comment.decode() == words.replace("\u2013", "\\u2013")


def test_frame_longer_than_a_gif_can_say(tmp_path):
    """A hold of an hour is split over frames that look alike, and the total is exact."""
    still = np.zeros((3, 3), int)
    moved = still.copy()
    moved[1, 1] = 1
    write(tmp_path / "a.gif", [still, moved], [360_000, 70_000])
    assert sum(blocks(tmp_path / "a.gif").delays) == 430_000
    assert all((frame == 0).all() for frame in decode(tmp_path / "a.gif")[:6])


def test_no_frames_is_an_error():
    """An empty stream is refused, not written as an empty file."""
    with pytest.raises(ValueError, match="no frames"):
        write_gif(io.BytesIO(), iter(()), job_of([np.zeros((1, 1))]))


@given(st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=60))
def test_palette_finds_the_nearest_colour(pixels):
    """Every RGB value is given the closest palette colour, by brute force over all of them."""
    palette = ramp_palette("#ffffff", {"#1b1f24": 8, "#0969b8": 3})
    packed = np.array([r | g << 8 | b << 16 | 0xFF << 24 for r, g, b in pixels], np.uint32)
    chosen = palette.colors[palette.indices(packed)].astype(int)
    distance = ((np.array(pixels)[:, None] - palette.colors.astype(int)) ** 2).sum(axis=2)
    assert (((np.array(pixels) - chosen) ** 2).sum(axis=1) == distance.min(axis=1)).all()


def test_palette_holds_the_inks_exactly():
    """Background and inks are palette colours themselves: what is drawn solid comes out as drawn."""
    colors = ramp_palette("#ffffff", {"#bc4c00": 8, "#0969b8": 1}).colors.tolist()
    assert [255, 255, 255] in colors
    assert [0xBC, 0x4C, 0x00] in colors
    assert [0x09, 0x69, 0xB8] in colors


def test_palette_has_a_limit():
    """More colours than an index can hold are refused."""
    with pytest.raises(ValueError, match="a palette holds 1 to 254"):
        Palette([(i, j, 0) for i in range(20) for j in range(20)])
