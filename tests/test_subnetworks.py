"""How many thinned networks there were, and what two share: against counting by hand, and against the recordings."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

import dropviz
from dropviz.analysis.comparison import gather
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.timeline import Pace
from dropviz.charts.subnetworks.chart import SubnetworksChart
from dropviz.charts.subnetworks.overlap import MAX_PAIRED, Overlap
from dropviz.errors import RecordingError
from dropviz.style.labels import Labels
from dropviz.style.theme import find_theme

LAYERS = ("input", "hidden 1", "hidden 2")


@pytest.fixture(scope="module")
def runs(recordings):
    """The runs with dropout of the tiny experiment."""
    return [each for each in recordings if each.arm == "dropout"]


def make(runs, frames=None):
    """The chart of some runs."""
    return SubnetworksChart(gather(runs), Canvas((640, 360), find_theme("light"), Labels("en")), frames, Pace(1.0))


def masks_of(run):
    """The masks of all layers side by side, as they were drawn, bool [steps · examples, units]."""
    whole = np.concatenate([run.masks[name] for name in LAYERS], axis=2)
    return whole.reshape(-1, whole.shape[2])


def test_distinct_masks_are_counted_exactly():
    """Masks seen before are not counted again, whichever bit it is that differs; against a set of tuples."""
    generator = np.random.default_rng(1)
    masks = generator.random((300, 11)) < 0.3
    masks[::7] = masks[0]
    distinct = Overlap(masks, np.full(11, 0.3)).distinct
    seen = set()
    for mask, count in zip(masks, distinct, strict=True):
        seen.add(tuple(mask.tolist()))
        assert count == len(seen)
    assert distinct[-1] < 300


def test_what_two_masks_share_is_counted_exactly():
    """The share of each pair, among the first ones or all, against counting pair by pair."""
    generator = np.random.default_rng(2)
    masks = generator.random((20, 30)) < 0.6
    overlap = Overlap(masks, np.full(30, 0.6))
    for draws in (2, 9, 20):
        counts = [int((one & other).sum()) for one, other in combinations(masks[:draws], 2)]
        assert sorted(overlap.pairs(draws).tolist()) == sorted(counts)
        np.testing.assert_allclose(sorted(overlap.shares(draws)), np.sort(counts) / 30)


def test_independent_masks_share_as_the_formulas_say():
    """Mean, spread over pairs, and spread of the mean, of many sets of masks from a generator, with two drop rates."""
    generator = np.random.default_rng(3)
    keep = np.r_[np.full(40, 0.5), np.full(20, 0.8)]
    made = [Overlap(generator.random((60, 60)) < keep, keep) for _ in range(200)]
    means = np.array([each.shares().mean() for each in made])
    assert abs(means.mean() - made[0].expected) < 4 * made[0].error / 200**0.5
    assert np.mean([each.shares().std() for each in made]) == pytest.approx(made[0].expected_sd, rel=0.03)
    assert means.std() == pytest.approx(made[0].error, rel=0.15)


def test_pairs_are_taken_of_the_first_masks_only():
    """However many masks a recording holds, pairs are bounded, and all masks are still counted."""
    masks = np.random.default_rng(4).random((MAX_PAIRED + 500, 16)) < 0.5
    overlap = Overlap(masks, np.full(16, 0.5))
    assert len(overlap.shares()) == MAX_PAIRED * (MAX_PAIRED - 1) // 2
    assert overlap.distinct[-1] == len({mask.tobytes() for mask in masks})


def test_cells_show_two_masks_of_the_recording(runs):
    """Dark where this mask and the one before both keep a unit, light where one does, faint where neither."""
    chart = make(runs)
    masks = np.concatenate([runs[0].masks[name] for name in LAYERS], axis=2)[:, 0]
    assert chart.timeline.indices == tuple(range(1, 12))
    for index, _ in chart.timeline:
        chart.show(index)
        kept = masks[index].astype(int) + masks[index - 1]
        for dots, count in zip(chart.cells.kinds, (2, 1, 0), strict=True):
            np.testing.assert_array_equal(dots.centres, chart.cells.centres[kept == count])


def test_numbers_are_of_the_masks_until_now(runs):
    """Beside the cells stand the number of masks drawn, how many are distinct, and the mean share of units of pairs."""
    chart, masks = make(runs), masks_of(runs[0])
    for index, _ in chart.timeline:
        chart.show(index)
        drawn = 3 * (index + 1)
        assert len({mask.tobytes() for mask in masks[:drawn]}) == drawn
        assert chart.count.number.get_text() == f"{drawn}"
        assert " ".join(line.get_text() for line in chart.count.lines).strip() == "masks so far, no two alike"
        shares = [(one & other).mean() for one, other in combinations(masks[:drawn], 2)]
        assert chart.share.number.get_text() == f"{100 * np.mean(shares):.0f}%"


def test_the_answer_is_measured(runs):
    """Distinct masks and shared units over all runs, by hand."""
    count, shared = SubnetworksChart.answers(gather(runs), Labels("en"))
    distinct = sum(len({mask.tobytes() for mask in masks_of(run)}) for run in runs)
    assert distinct == 72
    assert count.headline == "36 masks, no two alike"
    assert count.evidence == "counted in each of 2 runs, out of 2⁹⁷ possible masks"
    assert count.holds is True
    shares = [np.array([(one & other).mean() for one, other in combinations(masks_of(run), 2)]) for run in runs]
    mean, sd = np.mean([each.mean() for each in shares]), np.mean([each.std() for each in shares])
    assert shared.headline == f"Two masks share {100 * mean:.0f}% of the units, as chance has it"
    assert f"{100 * mean:.1f}% ± {100 * sd:.1f}% over pairs" in shared.evidence
    keep = (64 * 0.81 + 24 * 0.64 + 9 * 0.25) / 97
    assert f"keep² = {100 * keep:.1f}%" in shared.evidence
    assert shared.holds is True


def test_masks_that_repeat_or_agree_too_much_do_not_hold(runs):
    """Had every example drawn the mask of the first one, that would be said; one run decides nothing."""
    wrong = []
    for run in runs:
        masks = {name: np.repeat(mask[:, :1], 3, axis=1) for name, mask in run.masks.items()}
        masks = {name: np.repeat(mask[:1], 12, axis=0) for name, mask in masks.items()}
        wrong.append(dropviz.Recording(**{**vars(run), "masks": masks}))
    count, shared = SubnetworksChart.answers(gather(wrong), Labels("en"))
    assert count.headline == "2 of 72 masks are different"
    assert count.holds is shared.holds is False
    assert [each.holds for each in SubnetworksChart.answers(gather(wrong[:1]), Labels("en"))] == [None, None]
    make(wrong).show(11)


def test_recordings_without_dropped_units_are_refused(recordings):
    """An arm that drops nothing has no thinned networks."""
    with pytest.raises(RecordingError, match="no masks to count: name recordings of an arm with dropout"):
        make([each for each in recordings if each.arm == "no dropout"])


def test_layers_without_chance_are_refused(runs):
    """Masks of layers that drop every unit or none, by their drop_prob, have no overlap to expect."""
    for drop_prob in (0.0, 1.0):
        layers = tuple(replace(layer, drop_prob=drop_prob) for layer in runs[0].layers)
        certain = [replace(run, layers=layers) for run in runs]
        with pytest.raises(RecordingError, match="no masks to count"):
            SubnetworksChart.check(gather(certain))
