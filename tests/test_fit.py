"""Renderings within a number of bytes: they fit, little is left unused, and what goes first is what should."""

import itertools
import re

import pytest
from decoding import blocks, decode

import dropviz
from dropviz.analysis.comparison import gather
from dropviz.charts.base.canvas import SMOOTH
from dropviz.errors import OutputError, UsageError
from dropviz.rendering.options import RenderOptions
from dropviz.rendering.pipeline import render
from dropviz.rendering.size_budget import ENOUGH, MIN_FRAMES, Budget, TooLarge, fit, ladder
from dropviz.rendering.source import ChartSource
from dropviz.style.theme import TONES

FULL = RenderOptions((1280, 720), 300)


class Pretend:
    """A rendering that takes so many bytes; `cost` says them of a look."""

    def __init__(self, size):
        self.bytes = size


class Counted:
    """So many frames; a file into which each is written, 100 bytes long, when the next is asked for."""

    def __init__(self, total):
        self.total, self.drawn = total, 0

    def __iter__(self):
        for number in range(1, self.total + 1):
            self.drawn = number
            yield number

    def tell(self):
        """Bytes written so far."""
        return 100 * (self.drawn - 1)


def drawer(cost, tries, most):
    """What draws looks of which `cost` says the bytes; notes each in `tries`."""

    def attempt(options, budget):
        tries.append((options.frames, options.size, options.tones))
        if cost(options) > most:
            raise TooLarge(round(cost(options)), 300, sure=True)
        return Pretend(round(cost(options)))

    return attempt


def like_network(options):
    """Bytes as the network chart was measured to take them."""
    return (options.frames + 1.3) * 26_600 * (options.size[0] / 1280) ** 1.43 * (options.tones / 5) ** 0.19


def like_curves(options):
    """Bytes that a smaller number of frames hardly changes, and not evenly."""
    bump = 1 + 0.06 * (options.frames % 7) / 7
    return (90_000 + 600 * options.frames) * bump * (options.size[0] / 1280) ** 1.3 * (options.tones / 5) ** 0.1


def test_the_ladder_gives_up_frames_then_pixels_then_tones():
    """Each step gives up one thing, and nothing before what goes first is at its floor; sizes keep their shape."""
    rungs = ladder(FULL, 300)
    assert rungs[0] == (300, (1280, 720), SMOOTH)
    assert rungs[-1] == (MIN_FRAMES, (640, 360), 2)
    for one, other in itertools.pairwise(rungs):
        assert one.cost > other.cost
        changed = [name for name in ("frames", "size", "tones") if getattr(one, name) != getattr(other, name)]
        assert len(changed) == 1
        if changed != ["frames"]:
            assert one.frames == MIN_FRAMES
        if changed == ["tones"]:
            assert one.size == (640, 360)
        assert abs(other.size[0] / other.size[1] - 16 / 9) < 0.02
        assert not other.size[0] % 2
        assert not other.size[1] % 2


@pytest.mark.parametrize("size", [(640, 360), (320, 180), (700, 300)])
def test_small_pictures_are_not_made_smaller(size):
    """A size at or below the floor is kept; few frames are kept as well."""
    assert {(rung.frames, rung.size) for rung in ladder(RenderOptions(size), 5)} == {(5, size)}


@pytest.mark.parametrize("most", [9_000_000, 5_000_000, 2_000_000, 700_000, 400_000, 256_000, 225_000])
def test_a_predictable_chart_fits_in_three_tries(most):
    """Bytes in proportion to frames: the limit is kept, most of it is used, and it took three tries at most."""
    tries = []
    fitted = fit(FULL, most, drawer(like_network, tries, most))
    assert fitted.made.bytes <= most
    assert fitted.made.bytes == round(like_network(fitted.options))
    assert len(tries) <= 3
    lowest = (fitted.options.frames, fitted.options.size, fitted.options.tones) == ladder(FULL, 300)[-1]
    assert fitted.made.bytes >= 0.85 * most or lowest


@pytest.mark.parametrize("most", range(60_000, 280_000, 10_000))
def test_an_uneven_chart_fits_in_few_tries(most):
    """Where fewer frames hardly help, and not evenly, it takes seven tries at most."""
    tries = []
    fitted = fit(FULL, most, drawer(like_curves, tries, most))
    assert 0.7 * most <= fitted.made.bytes <= most
    assert len(tries) <= 7


def test_the_last_that_is_made_is_the_one_that_is_told_of():
    """Whatever was tried, what lies in the file at the end is the rendering that is returned."""
    for most in range(50_000, 290_000, 5_000):
        made = []

        def attempt(options, budget, most=most, made=made):
            result = drawer(like_curves, [], most)(options, budget)
            made.append(options)
            return result

        assert fit(FULL, most, attempt).options == made[-1]


def test_what_fits_is_left_alone():
    """One try, and nothing given up."""
    fitted = fit(FULL, 10**9, drawer(like_network, [], 10**9))
    assert fitted.options == FULL
    assert fitted.words.startswith("fits 1,000 MB: all frames, 1280x720 (1 try, ")


def test_a_wrong_expectation_is_not_held_against_a_rendering():
    """A try that ended on an expectation alone can be tried again, and is then drawn to its end."""
    tries = []

    def attempt(options, budget):
        tries.append(options.frames)
        if options.frames > 280 and not budget.patient:
            raise TooLarge(1_300_000, 300, sure=False)
        return Pretend(3300 * options.frames)

    assert fit(FULL, 1_000_000, attempt).options.frames == tries[-1]
    assert tries[-1] > 280
    assert tries.count(tries[-1]) == 2


def test_budget_stops_as_soon_as_the_file_is_too_large():
    """Of a thousand frames only those are drawn that the limit has room for; the rest is predicted."""
    frames = Counted(1000)
    with pytest.raises(TooLarge) as caught:
        list(Budget(5_000).limit(frames, 1000, frames.tell))
    assert frames.drawn == 52
    assert caught.value.sure
    assert caught.value.size == 100_000


def test_budget_gives_up_early_on_what_is_expected():
    """A quarter of the frames is enough to know; a patient budget goes on to the end."""
    frames = Counted(100)
    with pytest.raises(TooLarge) as caught:
        list(Budget(6_000).limit(frames, 100, frames.tell))
    assert (frames.drawn, caught.value.sure, caught.value.size) == (25, False, 10_000)
    with pytest.raises(TooLarge) as caught:
        list(Budget(6_000, patient=True).limit(frames, 100, frames.tell))
    assert (frames.drawn, caught.value.sure) == (62, True)
    assert len(list(Budget(6_000, whole=True).limit(frames, 100, frames.tell))) == 100


@pytest.fixture(scope="module")
def many(tiny):
    """A recording with masks of 40 iterations."""
    return next(
        run
        for run in dropviz.train(tiny.replace(recorded_iterations=40, epochs=10, seeds=(1,)), device="cpu")
        if run.masks
    )


@pytest.fixture(scope="module")
def whole(many, tmp_path_factory):
    """A GIF of that recording without a limit."""
    out = tmp_path_factory.mktemp("whole") / "whole.gif"
    return render(ChartSource(gather([many]), "network"), RenderOptions((800, 450), 40), out)


@pytest.mark.parametrize("share", [0.9, 0.5])
def test_real_files_fit(many, whole, tmp_path, share):
    """A real GIF keeps the limit, by another reader's count of bytes, frames and pixels, and uses most of it."""
    most = int(share * whole.bytes)
    made = dropviz.animate(many, "network", out=tmp_path / "a.gif", size=(800, 450), frames=40, max_size=most)
    assert ENOUGH * most - 4_000 <= (tmp_path / "a.gif").stat().st_size <= most or share == 0.5
    assert (tmp_path / "a.gif").stat().st_size == made.bytes <= most
    assert len(decode(tmp_path / "a.gif")) == made.frames
    size = blocks(tmp_path / "a.gif").size
    assert f"{size[0]}x{size[1]}" in made.fit
    assert (made.frames == 40) == (share == 1.0)
    assert size == (800, 450) or made.frames == MIN_FRAMES
    assert len(list(tmp_path.iterdir())) == 1


def test_fewer_masks_are_those_of_fewer_frames(many, tmp_path):
    """What is left of the network is what is drawn with so many --frames, to the last pixel."""
    whole = dropviz.animate(many, "network", out=tmp_path / "whole.gif", size=(480, 270), frames=40)
    made = dropviz.animate(
        many, "network", out=tmp_path / "a.gif", size=(480, 270), frames=40, max_size=int(0.8 * whole.bytes)
    )
    assert made.frames < 40
    dropviz.animate(many, "network", out=tmp_path / "few.gif", size=(480, 270), frames=made.frames)
    pairs = zip(decode(tmp_path / "a.gif"), decode(tmp_path / "few.gif"), strict=True)
    assert all((one == other).all() for one, other in pairs)


def test_the_same_limit_gives_the_same_file(many, tmp_path):
    """Nothing depends on time: two runs write the same bytes."""
    for name in ("a.gif", "b.gif"):
        dropviz.animate(many, "network", out=tmp_path / name, size=(480, 270), frames=40, max_size="200KB")
    assert (tmp_path / "a.gif").read_bytes() == (tmp_path / "b.gif").read_bytes()


def test_fewer_tones_are_fewer_colours(many, tmp_path):
    """Two tones make a smaller palette, a smaller file, and the same picture where it is solid."""
    five, two = (
        render(
            ChartSource(gather([many]), "network"), RenderOptions((480, 270), 4, tones=tones), tmp_path / f"{tones}.gif"
        )
        for tones in (5, 2)
    )
    assert two.bytes < five.bytes
    counts = [len({tuple(pixel) for pixel in decode(made.path)[0].reshape(-1, 3)}) for made in (five, two)]
    assert counts[1] < counts[0]
    with pytest.raises(UsageError, match="tones is 1: must be from 2 to 6"):
        RenderOptions(tones=1)


def test_nothing_fits(many, tmp_path, run, saved):
    """One line says what the least rendering takes; the old file stays, with nothing beside it."""
    old = tmp_path / "a.gif"
    old.write_bytes(b"old")
    with pytest.raises(OutputError, match=r"nothing fits 5 KB: .*24 frames, 480x270, 2 tones\) takes [\d,]+ bytes"):
        dropviz.animate(many, "network", out=old, size=(480, 270), max_size="5KB", still=True, alt_file=True)
    assert old.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [old]
    result = run("animate", saved / "dropout-1.npz", "-o", "a.gif", "--max-size", "1KB", "--size", "320x180")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    assert old.read_bytes() == b"old"


def test_the_least_rendering_takes_what_is_said(many, tmp_path):
    """The bytes in the message are those of that very rendering."""
    least = render(
        ChartSource(gather([many]), "network"), RenderOptions((480, 270), 24, tones=2), tmp_path / "least.gif"
    ).bytes
    with pytest.raises(OutputError, match=f"takes {least:,} bytes"):
        dropviz.animate(many, "network", out=tmp_path / "a.gif", size=(480, 270), frames=40, max_size="9KB")


def test_the_note_says_what_was_given_up(run, saved, tmp_path):
    """stderr tells the limit, frames, pixels, tries and seconds; stdout is the path alone."""
    command = ["animate", "network", saved / "dropout-1.npz", "--size", "800x450", "--frames", "12", "-o", "a.gif"]
    result = run(*command, "--max-size", "100KB")
    assert result.returncode == 0, result.stderr
    assert result.stdout == "a.gif\n"
    pattern = r"fits 100 KB: all 12 frames, \d+x\d+ instead of 800x450(, \d of 6 tones)? \(\d tries, \d+\.\d s\)\n"
    assert re.search(pattern, result.stderr), result.stderr
    assert (tmp_path / "a.gif").stat().st_size <= 100_000


def test_vectors_give_up_frames_alone(many, tmp_path):
    """Fewer pixels or tones would not make an SVG smaller: they stay, and where frames do not suffice, it says so."""
    looks = [(rung.size, rung.tones) for rung in ladder(RenderOptions((1280, 720)), 60, pixels=False, tones=False)]
    assert set(looks) == {((1280, 720), TONES)}
    with pytest.raises(OutputError, match="1280x720, 6 tones"):
        dropviz.animate(many, "network", out=tmp_path / "a.svg", max_size="5KB")
