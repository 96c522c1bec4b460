"""Timelines: which moments are shown, and for how long."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dropviz.charts.base.timeline import (
    MIN_READING_TIME,
    Pace,
    Timeline,
    one_by_one,
    paced,
    readable,
    spread,
    spread_log,
    timed,
)

counts = st.integers(1, 2_000)


@settings(deadline=None)
@given(counts, counts)
def test_spread(available, wanted):
    """At most as many as wanted, in order and never twice, evenly spaced from the first to the last."""
    chosen = spread(available, wanted)
    assert len(chosen) == min(available, wanted)
    assert chosen[-1] == available - 1
    if len(chosen) > 1:
        assert chosen[0] == 0
        gaps = {after - before for before, after in pairwise(chosen)}
        assert min(gaps) >= 1
        assert max(gaps) - min(gaps) <= (2 if len(chosen) > 2 else 0)


@pytest.mark.parametrize(
    ("available", "wanted", "chosen"),
    [
        (5, 5, (0, 1, 2, 3, 4)),
        (5, 9, (0, 1, 2, 3, 4)),
        (5, 3, (0, 2, 4)),
        (101, 5, (0, 25, 50, 75, 100)),
        (5, 2, (0, 4)),
        (5, 1, (4,)),
        (1, 1, (0,)),
    ],
)
def test_spread_by_example(available, wanted, chosen):
    """All where there are enough frames, evenly spaced where not, and the last one where there is but one frame."""
    assert spread(available, wanted) == chosen


@settings(deadline=None)
@given(counts, st.floats(0.01, 600), st.floats(0, 600))
def test_timed(count, seconds, hold):
    """Shares differ by a hundredth at most and add up exactly, and only the last moment is held."""
    indices = tuple(range(count))
    timeline = timed(indices, seconds, hold)
    held = round(100 * hold)
    shares = [*timeline.durations[:-1], timeline.durations[-1] - held]
    assert timeline.indices == indices
    assert sum(shares) == round(100 * seconds)
    assert max(shares) - min(shares) <= 1
    assert min(shares) >= 0
    assert timeline.seconds == pytest.approx((round(100 * seconds) + held) / 100)


def test_timed_by_example():
    """A second in three parts, the last held for two more."""
    assert timed((4, 6, 9), 1.0, 2.0) == Timeline((4, 6, 9), (33, 34, 233))


@settings(deadline=None)
@given(st.integers(1, 300), st.integers(100, 60_000), st.integers(0, 500))
def test_a_given_length_drops_frames_rather_than_hurry(count, length, hold):
    """All take the seconds asked for; a mask is not shown for less than 0.4 s, and no frame for less than 0.02 s."""
    for place, least in ((one_by_one, 40), (paced, 2)):
        timeline = place(tuple(range(count)), Pace(hold / 100, length / 100))
        assert sum(timeline.durations) == length + hold
        assert min(timeline.durations) >= least
        assert timeline.indices[-1] == count - 1
        assert len(timeline) == min(count, length // least)


@settings(deadline=None)
@given(st.integers(1, 300), st.floats(0.1, 60))
def test_words_stay_long_enough_to_be_read(count, seconds):
    """Words are of a moment that has been shown, stay a quarter of a second at least, and end with the last moment."""
    timeline = timed(tuple(range(count)), seconds, 0)
    text_index = readable(timeline)
    assert list(text_index) == list(timeline.indices)
    assert all(said <= index for index, said in text_index.items())
    assert text_index[count - 1] == count - 1
    shown: dict[int, int] = {}
    for index, duration in timeline:
        shown[text_index[index]] = shown.get(text_index[index], 0) + duration
    *earlier, _cut_short, _last = [*shown.values(), 0] if count == 1 else shown.values()
    assert all(time >= MIN_READING_TIME for time in earlier)


def test_slow_pictures_speak_at_every_moment():
    """Where each moment lasts long enough to be read, it has words of its own."""
    assert readable(Timeline((0, 3, 5), (25, 40, 300))) == {0: 0, 3: 3, 5: 5}
    assert readable(Timeline((0, 1, 2, 3, 4), (10, 10, 10, 10, 10))) == {0: 0, 1: 0, 2: 0, 3: 3, 4: 4}


def test_a_timeline_is_a_series_of_moments_and_durations():
    """Its length is the number of frames, and each comes with its duration."""
    timeline = Timeline((0, 7), (10, 250))
    assert list(timeline) == [(0, 10), (7, 250)]
    assert len(timeline) == 2
    assert timeline.seconds == 2.6


@pytest.mark.parametrize("available", [1, 2, 7, 100, 400])
@pytest.mark.parametrize("wanted", [1, 2, 5, 24, 1_000])
def test_logarithmic_moments(available, wanted):
    """At most as many as wanted, rising, the last among them, and with two or more the first."""
    found = spread_log(available, wanted)
    assert 1 <= len(found) <= wanted
    assert list(found) == sorted(set(found))
    assert found[-1] == available - 1
    assert found[0] == 0 or wanted == 1
    assert spread_log(100, 3) == (0, 9, 99)
