"""The chart `sparsity`, and what it shares with others that compare two arms, against the recorded arrays."""

from dataclasses import replace

import numpy as np
import pytest
from test_charts import arm, make

from dropviz.analysis.comparison import gather
from dropviz.analysis.statistics import interval
from dropviz.charts.base.arm_pair import compare_ends, find_arm_pair
from dropviz.charts.sparsity.activity import MAX_BEYOND
from dropviz.charts.sparsity.chart import SparsityChart, mean_answer
from dropviz.errors import RecordingError
from dropviz.style.labels import Labels


@pytest.fixture
def runs(recordings_of):
    """Recordings of its preset, shrunk."""
    return recordings_of("sparsity")


def probed(run, **arrays):
    """The same recording with some of what the probe measured changed."""
    changes = {f"activations/{name}": values for name, values in arrays.items()}
    return replace(run, probes={**run.probes, **changes})


def heights(path, axes):
    """Left edge and height of each bar of a path, in the units of the axes."""
    corners = axes.transData.inverted().transform(path.vertices).reshape(-1, 5, 2)
    return corners[:, 0, 0], corners[:, 2, 1]


def test_bars_are_the_recorded_shares(runs):
    """At each moment each bar is as high as the share of its bin, over all runs of the arm, to half a pixel."""
    chart = make("sparsity", runs)
    pixel = 1 / chart.axes[0].bbox.height * abs(np.diff(chart.axes[0].get_ylim())[0])
    for index, _ in chart.timeline:
        chart.show(index)
        for number, name in enumerate(("no dropout", "dropout 0.5")):
            counts = sum(run.probes["activations/counts"][index, 0] for run in arm(runs, name)).astype(float)
            zeros = np.mean([run.probes["activations/zeros"][index, 0] for run in arm(runs, name)])
            shares = counts / counts.sum()
            shares[0] -= zeros
            lefts, tops = heights(chart.bars[number].path, chart.axes[number])
            there = np.flatnonzero(shares)
            assert len(tops) == len(there)
            np.testing.assert_allclose(tops, shares[there], atol=pixel)
            np.testing.assert_allclose(lefts, 0.1 * there, atol=0.01)


def test_mean_stands_where_it_was_measured(runs):
    """The dashed line crosses the axis at the mean activation over all runs, and its words say it."""
    chart = make("sparsity", runs)
    last = chart.timeline.indices[-1]
    chart.show(last)
    for number, name in enumerate(("no dropout", "dropout 0.5")):
        mean = np.mean([run.probes["activations/mean"][last, 0] for run in arm(runs, name)])
        drawn = chart.axes[number].transData.inverted().transform(chart.lines[number].path.vertices)
        np.testing.assert_allclose(drawn[:, 0], mean)
        assert chart.means[number].get_text() == f"mean {mean:.2f}"


def test_hardly_anything_lies_beyond_the_axis(runs):
    """At no moment more than a thousandth of the activations of an arm."""
    chart = make("sparsity", runs)
    right, beyond = chart.axes[0].get_xlim()[1], []
    for name in ("no dropout", "dropout 0.5"):
        counts = sum(run.probes["activations/counts"][:, 0] for run in arm(runs, name))
        outside = counts[:, round(right / 0.1) :].sum(axis=1) / counts.sum(axis=1)
        beyond.append(outside.max())
    assert max(beyond) <= MAX_BEYOND
    assert chart.beyond == pytest.approx(max(beyond))


def test_answers_are_paired_differences(runs):
    """Means and intervals are those of the last snapshots."""
    mean, zeros = SparsityChart.answers(gather(runs), Labels("en"))

    def ends(name, metric):
        return np.array([run.probes[f"activations/{metric}"][-1, 0] for run in arm(runs, name)])

    plain, noisy = ends("no dropout", "mean"), ends("dropout 0.5", "mean")
    assert mean.evidence.startswith(f"{noisy.mean():.2f} against {plain.mean():.2f}; ")
    found = interval(noisy - plain)
    assert f"{found.low:+.2f} to {found.high:+.2f}".replace("-", "\N{MINUS SIGN}") in mean.evidence
    assert mean.holds is interval(plain - noisy).holds
    found = interval(100 * (ends("dropout 0.5", "zeros") - ends("no dropout", "zeros")))
    assert f"{found.low:+.1f} to {found.high:+.1f} points".replace("-", "\N{MINUS SIGN}") in zeros.evidence
    assert zeros.holds is found.holds


@pytest.mark.parametrize(
    ("plain", "noisy", "holds", "headline"),
    [
        ([1.0, 2.0, 3.0], [0.5, 1.0, 1.5], None, "The mean activation is about the same with dropout"),
        ([1.0, 1.1, 1.2], [0.5, 0.55, 0.6], True, "Dropout halves the mean activation"),
        ([1.0, 1.1, 1.2], [0.7, 0.77, 0.84], True, "Dropout lowers the mean activation by 30%"),
        ([1.0, 1.1, 1.2], [1.4, 1.54, 1.68], False, "Dropout raises the mean activation by 40%"),
        ([1.0], [0.5], None, "One run: the mean activation differs by 50%"),
    ],
)
def test_a_mean_is_lower_if_the_interval_says_so(plain, noisy, holds, headline):
    """The share is of the means; the interval of the paired difference decides."""
    answer = mean_answer([np.array(plain), np.array(noisy)], Labels("en"))
    assert answer.holds is holds
    assert answer.headline == headline


def test_values_of_a_pair_are_compared_at_the_end(runs):
    """A claim that a value falls holds where the interval of the paired difference is below 0."""
    ends = [np.array([1.0, 2.0, 3.0]), np.array([0.5, 1.4, 2.5])]
    answer = compare_ends(find_arm_pair(gather(runs), "x"), "sparsity zeros", ends, rises=False, labels=Labels("en"))
    assert answer.holds is True
    assert answer.headline == "0.5 points more of the activations are 0"


def test_what_is_no_pair_is_refused(runs):
    """One arm alone, arms of different seeds, and recordings without the probe: one line that says what to do."""
    for given, words in (
        (arm(runs, "dropout 0.5"), "compares one arm without dropout and one with"),
        (runs[:-1], "different seeds: train what is missing"),
        ([replace(run, probes={}) for run in runs], "train with that probe"),
    ):
        with pytest.raises(RecordingError, match=words):
            make("sparsity", given)


def test_arrays_that_do_not_fit_are_refused(runs):
    """Recordings are not trusted: counts, edges and figures of other shapes or values end in a line."""
    counts, edges = runs[0].probes["activations/counts"], runs[0].probes["activations/edges"]
    mean = runs[0].probes["activations/mean"]
    for arrays, words in (
        ({"counts": counts[:-1]}, "does not fit"),
        ({"counts": counts[..., :-1]}, "does not fit"),
        ({"counts": 0 * counts}, "not counted in ascending bins"),
        ({"edges": edges[::-1].copy()}, "not counted in ascending bins"),
        ({"edges": edges * 2}, "different bins"),
        ({"mean": mean * np.nan}, "not finite"),
    ):
        with pytest.raises(RecordingError, match=words):
            make("sparsity", [probed(run, **arrays) if run.arm == "no dropout" else run for run in runs])
    for other, words in ((edges[:-1], "does not fit"), (edges + 1, "all alike")):
        with pytest.raises(RecordingError, match=words):
            make("sparsity", [*runs[:-1], probed(runs[-1], edges=other)])
