"""The chart `sparsity`, and what it shares with others that compare two arms, against the recorded arrays."""

from dataclasses import replace

import numpy as np
import pytest
from test_charts import arm, make

from dropviz.analysis.captions import Answer
from dropviz.analysis.comparison import gather
from dropviz.charts.base.arm_pair import compare_ends, find_arm_pair
from dropviz.charts.sparsity.activity import MAX_BEYOND
from dropviz.charts.sparsity.chart import SparsityChart
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
            _, zero = heights(chart.zero_bars[number].path, chart.zeros_axes)
            assert zero[0] == pytest.approx(zeros, abs=0.01)
            assert chart.zeros[number].get_text() == f"{100 * zeros:.0f}%" or chart.text_index[index] != index


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
    """At no moment more than a thousandth of the activations of an arm, and the picture says how many."""
    chart = make("sparsity", runs)
    right, beyond = chart.axes[0].get_xlim()[1], []
    for name in ("no dropout", "dropout 0.5"):
        counts = sum(run.probes["activations/counts"][:, 0] for run in arm(runs, name))
        outside = counts[:, round(right / 0.1) :].sum(axis=1) / counts.sum(axis=1)
        beyond.append(outside.max())
    assert max(beyond) <= MAX_BEYOND
    said = [text.get_text() for text in chart.figure.texts]
    assert any(f"at most {100 * max(beyond):.2f}% lie beyond" in words for words in said)


def test_answers_are_paired_differences(runs):
    """Means, deviations and the count of seeds are those that numpy finds in the last snapshots."""
    mean, zeros = SparsityChart.answers(gather(runs), Labels("en"))
    of = {
        name: np.array([run.probes["activations/mean"][-1, 0] for run in arm(runs, name)])
        for name in ("no dropout", "dropout 0.5")
    }
    for values in of.values():
        assert f"{values.mean():.2f} ± {values.std(ddof=1):.2f}" in mean.words
    gaps = of["dropout 0.5"] - of["no dropout"]
    if (gaps < 0).all() or (gaps > 0).all():
        assert f"by {abs(gaps.mean()):.2f} ± {gaps.std(ddof=1):.2f}, in 2 of 2 seeds" in mean.words
        assert mean.holds is bool((gaps < 0).all())
    else:
        assert mean.holds is None
    share = 100 * np.mean([run.probes["activations/zeros"][-1, 0] for run in arm(runs, "no dropout")])
    assert f"{share:.1f} ± " in zeros.words


@pytest.mark.parametrize(
    ("plain", "noisy", "holds", "words"),
    [
        ([1.0, 2.0, 3.0], [0.5, 1.0, 2.9], True, "lower by 0.53 ± 0.45, in 3 of 3 seeds"),
        ([1.0, 2.0, 3.0], [1.5, 3.0, 3.1], False, "higher by 0.53 ± 0.45, in 3 of 3 seeds"),
        ([1.0, 2.0, 3.0], [0.0, 1.0, 3.5], None, "no clear difference, lower in 2 of 3 seeds"),
        ([1.0, 2.0], [1.0, 2.0], None, "no clear difference, lower in 0 of 2 seeds"),
        ([1.0], [0.5], None, "one run, no claim"),
    ],
)
def test_a_claim_holds_only_if_all_seeds_agree(runs, plain, noisy, holds, words):
    """A paired difference decides where it has one sign in every one of several seeds; else nothing is claimed."""
    ends = [np.array(plain), np.array(noisy)]
    answer = compare_ends(find_arm_pair(gather(runs), "x"), "Mean", ends, rises=False, labels=Labels("en"))
    assert isinstance(answer, Answer)
    assert answer.holds is holds
    assert answer.words.endswith(words)


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
