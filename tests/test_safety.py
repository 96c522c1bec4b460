"""What flashes in a way that can cause seizures is found, by each clause of WCAG 2.2, 2.3.1, and refused."""

import itertools
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from decoding import frames_of
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import RendererAgg

import dropviz
from dropviz._util.registry import Entry
from dropviz.charts import CHARTS
from dropviz.charts.accuracy.chart import AccuracyChart
from dropviz.charts.base.timeline import Timeline
from dropviz.drawing.raster import Frame
from dropviz.errors import FlashError
from dropviz.flashing import FlashMeter, cannot_flash, check
from dropviz.flashing.transitions import chromaticity

ASSETS = Path(__file__).parents[1] / "assets"
SIZE = (320, 180)  # every pixel of it is sampled; its field of view is 106.6 x 80 pixels, a quarter of that 2,131
SMALL = (96, 54)
BLACK, WHITE, RED = (0, 0, 0), (255, 255, 255), (255, 0, 0)


def full(color, size=SIZE):
    """A picture of one colour, RGB or RGBA."""
    return np.full((size[1], size[0], 4), (*color, 255)[:4], np.uint8)


def patched(color, *boxes, on=BLACK, size=SIZE):
    """A picture with boxes (left, top, width, height) of a colour."""
    pixels = full(on, size)
    for left, top, width, height in boxes:
        pixels[top : top + height, left : left + width] = full(color, (width, height))
    return pixels


def turns(one, other, transitions, duration=10, hold=200):
    """Frames that go to and fro between two pictures so many times, the last of them staying."""
    pictures = [one, other] * (transitions // 2 + 1)
    return [Frame(p, duration) for p in pictures[:transitions]] + [Frame(pictures[transitions], hold)]


def light(color):
    """R, G and B, linear, of 8-bit sRGB: the formula of WCAG 2.2, written anew."""
    shares = [value / 255 for value in color]
    return [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]


def luminance(color):
    """Relative luminance."""
    red, green, blue = light(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def red_share(color):
    """How much of a colour's light is red."""
    return light(color)[0] / sum(light(color))


def apart(one, other):
    """Distance of two colours in the CIE 1976 UCS diagram, by CIE 15's formula from x and y."""
    places = []
    for red, green, blue in (light(one), light(other)):
        x = 0.4124 * red + 0.3576 * green + 0.1805 * blue
        y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        total = x + y + 0.0193 * red + 0.1192 * green + 0.9505 * blue
        x, y = x / total, y / total
        places.append((4 * x / (-2 * x + 12 * y + 3), 9 * y / (-2 * x + 12 * y + 3)))
    return np.hypot(places[0][0] - places[1][0], places[0][1] - places[1][1])


@pytest.mark.parametrize("transitions", [2, 4, 6])
def test_up_to_three_flashes_in_a_second_pass(transitions):
    """Three flashes, six transitions, are not more than three, however strong."""
    assert check(turns(full(BLACK), full(WHITE), transitions), loop=1) is None


@pytest.mark.parametrize("transitions", [7, 8, 20])
def test_more_than_three_flashes_in_a_second_fail(transitions):
    """Four flashes fail, and so does half of the fourth: seven transitions are more than three flashes."""
    flash = check(turns(full(BLACK), full(WHITE), transitions), loop=1)
    assert (flash.kind, flash.share) == ("general", 1.0)


@pytest.mark.parametrize("start", [0, 1, 37, 99, 100, 101, 250, 999])
def test_any_second_counts_wherever_it_begins(start):
    """Seven transitions within 0.96 s fail, within 1.02 s pass, whenever the first one comes; the second is named."""
    still = [Frame(full(BLACK), start)]
    assert check([*still, *turns(full(BLACK), full(WHITE), 7, 17)], loop=1) is None
    flash = check([*still, *turns(full(BLACK), full(WHITE), 7, 16)], loop=1)
    assert flash.second == pytest.approx((start + 16) / 100)


def test_flashes_spread_over_two_seconds_pass():
    """Four flashes in one second and none in the next fail; the same four over two seconds pass."""
    slow = [full(BLACK, SMALL), full(WHITE, SMALL)] * 10
    assert check([Frame(picture, 25) for picture in slow]) is None
    assert check([Frame(picture, 12) for picture in slow])


@pytest.mark.parametrize(("wanted", "harm"), [(0.099, False), (0.101, True)])
def test_a_tenth_of_the_greatest_luminance_is_a_transition(wanted, harm):
    """A change of 9.9 % passes, one of 10.1 % fails."""
    dark = (90, 90, 90)
    other = min(
        itertools.product(range(90, 170, 2), repeat=3), key=lambda c: abs(luminance(c) - luminance(dark) - wanted)
    )
    assert luminance(other) - luminance(dark) == pytest.approx(wanted, abs=2e-4)
    assert bool(check(turns(full(dark), full(other), 8), loop=1)) is harm


@pytest.mark.parametrize(("grey", "harm"), [(230, True), (232, False)])
def test_a_flash_of_two_bright_pictures_is_none(grey, harm):
    """With the darker picture at 0.79 it is a flash, at 0.81 none, though 19 % lie between it and white."""
    assert luminance((grey,) * 3) == pytest.approx(0.79 if harm else 0.81, abs=5e-3)
    assert bool(check(turns(full((grey,) * 3), full(WHITE), 8), loop=1)) is harm


@pytest.mark.parametrize(("box", "harm"), [((150, 60, 46, 46), False), ((150, 60, 46, 47), True)])
@pytest.mark.parametrize("at", [(0, 0), (17, 101)])
def test_a_quarter_of_a_field_is_allowed(box, harm, at):
    """2,116 pixels of a field of which a quarter is 2,131.25 pass, 2,162 fail, wherever they are."""
    box = (at[0], at[1], *box[2:])
    assert bool(check(turns(full(BLACK), patched(WHITE, box), 8), loop=1)) is harm


@pytest.mark.parametrize(("left", "harm"), [(0, True), (53, True), (54, False), (250, False)])
def test_areas_add_up_within_one_field(left, harm):
    """Two areas of 0.15 of a field each fail where one field holds enough of them; a pixel further apart they pass."""
    pictures = full(BLACK), patched(WHITE, (0, 20, 32, 40), (left + 32, 20, 32, 40))
    assert bool(check(turns(*pictures, 8), loop=1)) is harm


@pytest.mark.parametrize(
    "size", [(160, 160), (161, 307), (640, 360), (1280, 720), (1920, 1080), (200, 1500), (2000, 200)]
)
@pytest.mark.parametrize(("share", "harm"), [(0.22, False), (0.29, True)])
def test_a_field_grows_with_the_picture(size, share, harm):
    """Shown as wide as a screen of 1024 pixels, a field is 341 of them wide, whatever the picture's size is."""
    height = min(size[1], round(size[0] / 4))
    width = round(share * size[0] / 1024 * 341 * size[0] / 1024 * 256 / height)
    picture = patched(WHITE, (size[0] // 3, 0, width, height), size=size)
    assert bool(check(turns(full(BLACK, size), picture, 8), loop=1)) is harm


def test_other_pixels_in_turn_are_flashes_of_their_field():
    """Each half flashes only twice in a second, but together they flash four times; far apart they do not."""

    def quarters(left):
        one, other = (0, 50, 40, 80), (left, 50, 40, 80)
        cycle = [patched(WHITE, one), full(BLACK), patched(WHITE, other), full(BLACK)]
        return [Frame(picture, 12) for picture in cycle * 2] + [Frame(full(BLACK), 200)]

    assert check([Frame(full(BLACK), 50), *quarters(41)], loop=1).kind == "general"
    assert check([Frame(full(BLACK), 50), *quarters(240)], loop=1) is None


@pytest.mark.parametrize(("areas", "harm"), [(1, False), (3, True)])
def test_areas_that_flash_out_of_step_add_up(areas, harm):
    """Areas of 0.15 of a field, each flashing four times in a second, but no two at the same moment."""
    frames = []
    for index in range(8 * 3):
        lit = [(32 * area, 0, 32, 40) for area in range(areas) if (index - area) // 3 % 2]
        frames.append(Frame(patched(WHITE, *lit), 4))
    assert bool(check(frames, loop=1)) is harm


def test_red_flashes_at_equal_luminance():
    """Red and a grey as light as it: no general flash, but a red one."""
    grey = (127, 127, 127)
    assert abs(luminance(grey) - luminance(RED)) < 0.01
    flash = check(turns(full(grey), full(RED), 7), loop=1)
    assert flash.kind == "red"
    assert "flashes red more than 3 times" in str(flash)
    assert check(turns(full(grey), full(RED), 6), loop=1) is None


@pytest.mark.parametrize(("share", "harm"), [(0.79, False), (0.81, True)])
def test_four_fifths_of_red_are_saturated(share, harm):
    """Crimson against cyan of its luminance, 0.2 and more apart: a flash only if red is 0.8 of crimson's light."""
    crimson = min(((255, 0, blue) for blue in range(256)), key=lambda color: abs(red_share(color) - share))
    cyan = min(((0, c, c) for c in range(256)), key=lambda color: abs(luminance(color) - luminance(crimson)))
    assert red_share(crimson) == pytest.approx(share, abs=3e-3)
    assert apart(crimson, cyan) > 0.23
    assert bool(check(turns(full(crimson), full(cyan), 8), loop=1)) is harm


@pytest.mark.parametrize(("distance", "harm"), [(0.195, False), (0.205, True)])
def test_a_change_of_red_is_more_than_a_fifth_of_the_diagram(distance, harm):
    """Red against a dull red of nearly its luminance: a flash only if they are more than 0.2 apart."""
    dull = min(
        ((red, other, other) for red in range(100, 200) for other in range(100)),
        key=lambda color: abs(apart(color, RED) - distance) + (abs(luminance(color) - luminance(RED)) > 0.09),
    )
    assert apart(dull, RED) == pytest.approx(distance, abs=2e-3)
    assert bool(check(turns(full(RED), full(dull), 8), loop=1)) is harm


def test_chromaticity_of_the_primaries():
    """The places of sRGB's primaries and of D65 in the CIE 1976 diagram, as published; black stands with white."""
    known = [0.4507 + 0.5229j, 0.1250 + 0.5625j, 0.1754 + 0.1579j, 0.1978 + 0.4683j, 0.1978 + 0.4683j]
    found = chromaticity(np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1], [0, 0, 0]], float))
    np.testing.assert_allclose(found, known, atol=1e-4)


def test_red_that_comes_slowly_is_one_change():
    """Red that fades in and out in small steps, each far below 0.2, flashes as red that jumps does."""
    there = np.linspace(0, 1, 9)[:, None]
    fade = np.rint(127 + there * (np.array(RED) - 127)).astype(int).tolist()
    frames = [Frame(full(color, SMALL), 1) for color in (fade + fade[::-1]) * 6]
    assert check(frames, loop=1).kind == "red"


def ramp(steps, duration):
    """One fade from black to white and back."""
    there = [(round(255 * step / steps),) * 3 for step in range(steps + 1)]
    return [Frame(full(color, SMALL), duration) for color in there + there[::-1]]


def test_a_fade_is_one_change_however_many_steps_it_has():
    """Twenty steps, each below 10 %, twice a second pass; eight times a second they fail."""
    assert check(ramp(20, 1) * 2, loop=0) is None
    assert check([Frame(f.pixels, 1) for f in ramp(20, 1)[::4]] * 10, loop=1)
    assert check(ramp(40, 2) * 6, loop=0) is None


def test_a_small_step_back_does_not_break_a_fade():
    """Light that trembles by a few per cent while it rises makes no flashes."""
    greys = [(40 + 4 * step + 6 * (step % 2),) * 3 for step in range(50)]
    assert check([Frame(full(grey, SMALL), 2) for grey in greys], loop=1) is None


@pytest.mark.parametrize("loop", [0, 1, 5])
def test_frames_of_170_ms_need_no_look(loop):
    """Inverted at every frame, frames of 170 ms pass and of 160 ms fail: so the former need not be looked at."""
    for duration, harmless in ((17, True), (16, False)):
        frames = [Frame(full(color), duration) for color in [BLACK, WHITE] * 10]
        assert cannot_flash([frame.duration for frame in frames]) is harmless
        assert (check(frames, loop) is None) is harmless
    assert not cannot_flash([500, 16, 500])


def test_the_result_of_a_meter_stays_the_same():
    """A flash that begins between the last frame and the first is reported at 0 s, however often the result is read."""
    frames = [Frame(full(WHITE if number % 2 else BLACK), 10) for number in range(6)]
    meter = FlashMeter()
    for frame in [*frames, Frame(full(BLACK), 200), Frame(full(WHITE), 200)]:
        meter.add(frame)
    assert [meter.result().second for _ in range(3)] == [0, 0, 0]


def test_a_meter_that_skips_does_nothing():
    """With skip=True, frames pass through unchanged and are not measured."""
    meter = FlashMeter(skip=True)
    frames = turns(full(BLACK), full(WHITE), 30)
    assert list(meter.measure(frames)) == frames
    assert meter.result() is None


def test_the_seam_counts_where_there_is_one():
    """Two pictures flash only if they are shown again and again: a play alone makes one transition of them."""
    frames = [Frame(full(BLACK), 10), Frame(full(WHITE), 10)]
    assert [bool(check(frames, loop)) for loop in (1, 2, 3, 4, 0)] == [False, False, False, True, True]


def test_a_short_play_is_repeated_as_it_is():
    """Three plays of one flash and a seam make six transitions, which pass; a fourth play is too much."""
    one, other = patched(WHITE, (0, 0, 50, 50)), patched(WHITE, (50, 0, 50, 50))
    frames = [Frame(picture, 3) for picture in (one, full(BLACK), other)]
    assert [bool(check(frames, loop)) for loop in (1, 2, 3, 4)] == [False, False, False, True]


def test_the_end_and_the_start_make_a_second_together():
    """Four transitions in the last half second and three in the first pass alone, and fail in a loop."""
    start = turns(full(WHITE), full(BLACK), 3, 10, hold=200)
    frames = [*start, *turns(full(WHITE), full(BLACK), 3, 10, hold=10)]
    assert check(frames, loop=1) is None
    flash = check(frames, loop=0)
    assert 2.3 <= flash.second < 2.7
    assert check([*frames[:-1], Frame(frames[-1].pixels, 100)], loop=0) is None


@pytest.mark.parametrize(("color", "harm"), [((*BLACK, 255), True), ((*WHITE, 255), True), ((*RED, 0), False)])
def test_transparent_pixels_are_judged_over_white_and_over_black(color, harm):
    """Black that comes and goes flashes over white, white over black; what is wholly transparent cannot flash."""
    assert bool(check(turns(full((0, 0, 0, 0)), full(color), 8), loop=1)) is harm


def test_the_second_background_is_seen_late():
    """Opaque pictures first, then white over transparency: over black it flashes from its first change on."""
    quiet = [Frame(full((grey,) * 3), 30) for grey in (250, 255, 250)]
    assert check([*quiet, *turns(full((255, 255, 255, 0)), full(WHITE), 7)], loop=1)


@pytest.mark.parametrize(("alpha", "harm"), [(80, False), (90, True)])
def test_a_faint_veil_is_no_flash(alpha, harm):
    """White over nothing is, over black, 0.08 as light as white at an alpha of 80, and 0.103 at 90."""
    assert bool(check(turns(full((*WHITE, 0)), full((*WHITE, alpha)), 8), loop=1)) is harm


LEVELS = [(0, 0, 0), (124, 124, 124), (188, 188, 188), (255, 255, 255)]  # luminance 0, 0.2, 0.5, 1


def oracle(rows, durations):
    """The same rules for stripes over the whole height, pixel column by pixel column, without any cleverness."""
    times = [0, *itertools.accumulate(durations)]
    columns, quarter = 54, 341 * 256 * (160 / 1024) ** 2 / 4 / 40
    signs, last = [], [0] * 16
    for before, after in itertools.pairwise(rows):
        change = [int(np.sign(b - a)) for a, b in zip(before, after, strict=True)]
        signs.append([c if c != was else 0 for c, was in zip(change, last, strict=True)])
        last = [c or was for c, was in zip(change, last, strict=True)]
    wide = [np.repeat(row, 10) for row in signs]
    lighter, darker = ([_in_fields(w == sign, columns) > quarter for w in wide] for sign in (1, -1))
    changes = list(zip(times[1:], wide, lighter, darker, strict=False))
    for begin in times:
        inside = [change for time, *change in changes if begin <= time < begin + 100]
        often = np.sum([w != 0 for w, _, _ in inside], axis=0) >= 7 if inside else np.zeros(160, bool)
        if (_in_fields(often, columns) > quarter).any():
            return True
        for left in range(160 - columns + 1):
            if _alternations([(up[left], down[left]) for _, up, down in inside]) >= 7:
                return True
    return False


def _in_fields(where, columns):
    """How many columns are true in each field of view, from the leftmost to the rightmost."""
    return np.convolve(where, np.ones(columns, int), "valid")


def _alternations(changes):
    best = 0
    for first in (0, 1):
        wanted, count = first, 0
        for change in changes:
            if change[wanted]:
                wanted, count = 1 - wanted, count + 1
        best = max(best, count)
    return best


def stripes(row):
    """Sixteen stripes, 10 pixels wide and a little higher than the field of view, each of a level."""
    colors = np.repeat(np.array([(*LEVELS[level], 255) for level in row], np.uint8), 10, axis=0)
    return np.broadcast_to(colors, (44, 160, 4)).copy()


def flicker(seed):
    """Stripes that change now and then, each between tones of its own: about half of such sequences are harmful."""
    rng = np.random.default_rng(seed)
    tones = rng.integers(0, 4, (3, 16))
    often = rng.uniform(0.1, 0.8)
    count, longest = int(rng.uniform(2, 12) / often), 3 + int(rng.uniform(3, 24) * often)
    steps = np.cumsum(rng.random((count, 16)) < often, axis=0)
    return tones[steps % 3, np.arange(16)].tolist(), rng.integers(1, longest, count).tolist()


SEQUENCES = st.integers(0, 2**32 - 1).map(flicker)


def test_the_sequences_are_telling():
    """Of the sequences that the meter is tried on, many are harmful and many are not."""
    assert 0.3 < np.mean([oracle(*flicker(seed)) for seed in range(30)]) < 0.7


@settings(max_examples=40, deadline=None)
@given(SEQUENCES)
def test_the_meter_agrees_with_a_plain_count(sequence):
    """Stripes in four tones, in any order and time: the meter says what a count by hand says."""
    rows, durations = sequence
    frames = [Frame(stripes(row), duration) for row, duration in zip(rows, durations, strict=True)]
    assert bool(check(frames, loop=1)) is oracle(rows, durations)


@settings(max_examples=30, deadline=None)
@given(SEQUENCES, st.data())
def test_equal_frames_may_be_split(sequence, data):
    """A frame shown as several equal ones, of the same time together, changes nothing in the verdict."""
    whole, split = [], []
    for row, duration in zip(*sequence, strict=True):
        whole.append(Frame(stripes(row), duration))
        cut = data.draw(st.integers(0, duration))
        split += [Frame(stripes(row), part) for part in (cut, duration - cut)]
    for loop in (0, 1):
        assert check(split, loop) == check(whole, loop)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from([0, 3]), min_size=16, max_size=16), st.integers(3, 40)),
        max_size=7,
        min_size=1,
    )
)
def test_a_loop_is_as_harmful_as_its_plays_in_a_row(sequence):
    """Played for ever, frames are judged as the same frames written out many times; played n times, n times."""
    frames = [Frame(stripes(row), duration) for row, duration in sequence]
    enough = 2 + 300 // sum(duration for _row, duration in sequence)
    assert bool(check(frames, 0)) is bool(check(frames * enough, 1))
    assert bool(check(frames, 3)) is bool(check(frames * 3, 1))


def test_memory_is_bounded():
    """A thousand frames with 3,600 changed pixels each, which take 43 MB to keep, need less than half of that."""
    pictures = [full(BLACK), patched(WHITE, (0, 0, 60, 60))]
    meter = FlashMeter()
    tracemalloc.start()
    for number in range(1_000):
        meter.add(Frame(pictures[number % 2], 30))
    assert meter.result() is None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6


@pytest.mark.parametrize("path", sorted(ASSETS.glob("*.gif")), ids=lambda path: path.stem)
def test_the_pictures_of_the_readme_are_safe(path):
    """As Pillow decodes them, for ever, none of them flashes."""
    assert check(frames_of(path)) is None


class _Inverter(Artist):
    """Inverts what was drawn, in each second frame."""

    on = False

    def draw(self, renderer):
        if self.on and isinstance(renderer, RendererAgg):
            np.asarray(renderer.buffer_rgba())[..., :3] ^= 255


class StrobeChart(AccuracyChart):
    """The accuracy chart, inverted in each second frame of 50 ms."""

    def __init__(self, *args):
        super().__init__(*args)
        self.timeline = Timeline(self.timeline.indices, (5,) * len(self.timeline))
        self.inverter = _Inverter()
        self.moving = [*self.moving, self.inverter]

    def show(self, index, before=None):
        """Invert what was not inverted."""
        super().show(index, before)
        self.inverter.on = not self.inverter.on


class SlowStrobeChart(StrobeChart):
    """Inverted in each second frame of 200 ms: safe, unless somebody plays it faster."""

    def __init__(self, *args):
        super().__init__(*args)
        self.timeline = Timeline(self.timeline.indices, (20,) * len(self.timeline))


STROBE = Entry("flashing", "test_safety:StrobeChart")


@pytest.fixture
def strobe(run, saved, monkeypatch):
    """Run `dropviz animate` with an accuracy chart that flashes."""
    monkeypatch.setitem(CHARTS, "accuracy", STROBE)
    return lambda *args: run("animate", saved / "dropout-1.npz", "--size", "320x180", *args)


def test_a_flashing_picture_is_refused(strobe, tmp_path):
    """Exit status 1, one line that names the second, the area and the way out, and nothing is written."""
    done = strobe("-o", "a.gif")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "a.gif is not written: it flashes more than 3 times in the second from 0.30 s on, over 100%" in done.stderr
    assert "--allow-flashing" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_flashing_picture_is_written_if_it_must_be(strobe, tmp_path):
    """With --allow-flashing there is a file, its path on stdout, and on stderr a note; the file does flash."""
    done = strobe("-o", "a.gif", "--allow-flashing")
    assert (done.returncode, done.stdout) == (0, "a.gif\n")
    assert "a.gif can cause seizures: it flashes" in done.stderr
    assert check(frames_of(tmp_path / "a.gif"))


def test_from_python_flashing_is_refused_and_allowed(monkeypatch, noisy, tmp_path):
    """A FlashError, unless allow_flashing=True: then the animation says how it flashes. An old file is left alone."""
    monkeypatch.setitem(CHARTS, "accuracy", STROBE)
    out = tmp_path / "a.gif"
    out.write_bytes(b"old")
    with pytest.raises(FlashError, match="flashes more than 3 times"):
        dropviz.animate(noisy, out=out, size=(320, 180))
    assert out.read_bytes() == b"old"
    made = dropviz.animate(noisy, out=out, size=(320, 180), allow_flashing=True)
    assert made.flash.share > 0.99  # all but the letters
    assert [path.name for path in tmp_path.iterdir()] == ["a.gif"]


def test_a_page_is_judged_at_its_fastest_speed(monkeypatch, recordings, tmp_path):
    """What passes as a GIF is refused as a page, on which it can be played at twice the speed."""
    monkeypatch.setitem(CHARTS, "accuracy", Entry("flashing", "test_safety:SlowStrobeChart"))
    assert dropviz.animate(recordings, compare=True, out=tmp_path / "a.gif", size=(320, 180)).flash is None
    with pytest.raises(FlashError, match="flashes more than 3 times"):
        dropviz.animate(recordings, compare=True, out=tmp_path / "a.html", size=(320, 180))
