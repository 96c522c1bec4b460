"""The chart `monte-carlo` and the probe `samples`, against the recorded arrays and against passes of a model."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from test_charts import make

import dropviz
from dropviz.analysis.comparison import gather
from dropviz.capture.rng import stream_seed
from dropviz.charts.monte_carlo.chart import MonteCarloChart
from dropviz.errors import RecordingError
from dropviz.experiments.experiment import Arm, Experiment
from dropviz.style.labels import Labels
from dropviz.training.data import load_data, split
from dropviz.training.model import build_mlp
from dropviz.training.probes import STREAM, Probes, Subject, samples
from dropviz.training.probes.samples import DISPUTED, GROUPS, NETWORKS, most_disputed

SMALL = Experiment(
    "own", train_size=200, hidden=(16,), epochs=1, batch_size=50, probes=("samples",), arms=(Arm("dropout 0.5", 0.5),)
)


@pytest.fixture
def runs(recordings_of):
    """Recordings of its preset, shrunk."""
    return recordings_of("monte-carlo")


@pytest.fixture
def sampled(runs):
    """Errors float [runs, groups, networks], and with dropout off [runs]."""
    errors = np.stack([run.probes["samples/average error"] for run in runs]).astype(float)
    return errors, np.array([run.probes["samples/scaled error"][0] for run in runs], float)


def probed(run, **arrays):
    """The same recording with some of what the probe measured changed."""
    changes = {f"samples/{name.replace('_', ' ')}": values for name, values in arrays.items()}
    return replace(run, probes={**run.probes, **changes})


def with_errors(run, errors, scaled):
    """The same recording with other errors of averages."""
    return probed(run, average_error=np.array(errors, np.float32), scaled_error=np.array([scaled], np.float32))


# the probe


def asked(arm=SMALL.arms[0]):
    """A subject with a model that is not trained, and what the probe measures of it."""
    experiment = replace(SMALL, arms=(arm,))
    parts = split(load_data("digits"), 200, 0.0, 1)
    torch.manual_seed(1)
    model = build_mlp(64, 10, experiment)
    probes = Probes(Subject(experiment, 1, model, parts))
    probes.end()
    return model, parts, {name.removeprefix("samples/"): values for name, values in probes.arrays().items()}


@pytest.fixture(scope="module")
def untrained():
    """Of a model that is not trained: the model, its data, and what was measured."""
    return asked()


def test_errors_are_those_of_the_passes_and_of_their_means(untrained):
    """Passes in training mode, drawn again from the same seed, give the first group, one by one and averaged."""
    model, parts, found = untrained
    labels = parts.test_labels.numpy()
    model.train()
    torch.manual_seed(stream_seed(1, STREAM, 1))
    with torch.no_grad():
        passes = np.stack([model(parts.test_images).softmax(1).numpy() for _ in range(NETWORKS)])
    assert found["average error"].shape == found["single error"].shape == (GROUPS, NETWORKS)
    for k in (1, 2, 10, 100):
        average = (passes[:k].astype(float).mean(axis=0).argmax(axis=1) != labels).mean()
        assert found["average error"][0, k - 1] == pytest.approx(average, abs=1.5 / len(labels))  # of a tie, perhaps
        assert found["single error"][0, k - 1] == pytest.approx((passes[k - 1].argmax(axis=1) != labels).mean())
    rows = _rows(parts, found)
    np.testing.assert_array_equal(found["prediction"], passes[:, rows])
    votes = [np.bincount(passes[:, row].argmax(axis=1)).max() for row in range(len(labels))]
    assert [votes[row] for row in rows] == sorted(votes)[:DISPUTED]


def _rows(parts, found):
    """Which test images were followed."""
    pixels = 255 * parts.test_images
    return [int((pixels - torch.tensor(image).flatten()).abs().sum(dim=1).argmin()) for image in found["image"]]


def test_every_network_and_every_group_is_drawn_afresh(untrained):
    """No two sampled networks predict alike, and no two groups have the same errors."""
    _, _, found = untrained
    assert len(np.unique(found["prediction"].reshape(NETWORKS, -1), axis=0)) == NETWORKS
    assert len(np.unique(found["single error"], axis=0)) == GROUPS


def test_weight_scaling_is_the_pass_with_dropout_off(untrained):
    """What it predicts and how often it is wrong are those of the model in evaluation."""
    model, parts, found = untrained
    with torch.no_grad():
        shares = model.eval()(parts.test_images).softmax(1)
    assert found["scaled error"][0] == pytest.approx(float((shares.argmax(1) != parts.test_labels).float().mean()))
    rows = [
        int((parts.test_images * 255 - torch.tensor(image).flatten()).abs().sum(1).argmin()) for image in found["image"]
    ]
    np.testing.assert_allclose(found["scaled prediction"], shares[rows], rtol=1e-4)
    np.testing.assert_array_equal(found["label"], parts.test_labels[rows])


@pytest.fixture
def few(monkeypatch):
    """Draw few networks."""
    monkeypatch.setattr(samples, "NETWORKS", 4)
    monkeypatch.setattr(samples, "GROUPS", 2)


@pytest.mark.usefixtures("few")
def test_without_noise_all_networks_are_one():
    """Of an arm that drops nothing every sampled network is the network, and so is every average."""
    _, _, found = asked(Arm("no dropout"))
    assert np.unique(found["single error"]).size == 1
    np.testing.assert_allclose(found["average error"], found["scaled error"][0], atol=2 / 797)


def test_most_disputed_images_come_first():
    """Of four images with 4, 2, 3 and 4 votes of four networks for one class, the one with 2 is first, then 3."""
    votes = torch.tensor([[0, 1, 2, 2], [0, 1, 2, 2], [0, 0, 2, 2], [0, 2, 1, 2]])
    predictions = torch.nn.functional.one_hot(votes, 3).float()
    assert most_disputed(predictions).tolist() == [1, 2, 0][:DISPUTED]


@pytest.mark.usefixtures("few")
def test_training_goes_on_as_without_the_probe():
    """The same run without the probe has the same snapshots and masks."""
    with_it, without = (
        dropviz.train(replace(SMALL, probes=probes, seeds=(1,), recorded_iterations=2), device="cpu", progress=False)[0]
        for probes in (("samples",), ())
    )
    for name, values in with_it.snapshots.items():
        np.testing.assert_array_equal(values, without.snapshots[name])
    np.testing.assert_array_equal(with_it.masks["hidden 1"], without.masks["hidden 1"])


# the chart


def test_line_is_the_mean_error_and_the_band_its_spread(runs, sampled):
    """At each moment the line goes through the mean over seeds and groups of each k, the band one sd to each side."""
    errors, _ = sampled
    chart = make("monte-carlo", runs)
    to_data = chart.axes.transData.inverted()
    sd = np.sqrt(errors.var(axis=1, ddof=1).mean(axis=0))
    for index, _ in chart.timeline:
        chart.show(index)
        drawn = to_data.transform(chart.trace.line.path.vertices)
        np.testing.assert_allclose(drawn[:, 0], np.arange(1, index + 2), rtol=1e-9)
        np.testing.assert_allclose(drawn[:, 1], errors.mean(axis=(0, 1))[: index + 1], rtol=1e-9)
        band = to_data.transform(chart.trace.band.path.vertices)[:, 1]
        np.testing.assert_allclose(band[::-1][: index + 1] - band[: index + 1], 2 * sd[: index + 1], atol=1e-12)
        words = f"{index + 1} masks: {100 * errors.mean(axis=(0, 1))[index]:.1f}% wrong"
        assert chart.value.get_text() == (words if index else "")


def test_line_across_is_the_error_with_dropout_off(runs, sampled):
    """It lies at the mean over seeds, and the words below it say so."""
    chart = make("monte-carlo", runs)
    (line,) = chart.axes.lines
    assert set(line.get_ydata()) == {sampled[1].mean()}
    assert any(f"dropout off: {100 * sampled[1].mean():.1f}% wrong" == text.get_text() for text in chart.figure.texts)


def lengths(path):
    """How long each bar of a path is, in pixels."""
    corners = path.vertices.reshape(-1, 5, 2)
    return corners[:, 1, 0] - corners[:, 0, 0]


def test_bars_are_the_recorded_predictions(runs):
    """The wide bars are as long as the shares of the network of the moment, the thin ones as their mean so far."""
    chart = make("monte-carlo", runs)
    shares, scaled = runs[0].probes["samples/prediction"][:, 0], runs[0].probes["samples/scaled prediction"][0]
    likely = np.sort(np.argsort(-np.maximum(shares.mean(axis=0), scaled), kind="stable")[:6])
    np.testing.assert_array_equal(chart.predictions.shown, likely)
    shares = shares[:, likely]
    per_share = chart.predictions.per_share * chart.canvas.scale
    assert len({index for index, _ in chart.timeline}) > 10
    for index, _ in chart.timeline:
        chart.show(index)
        np.testing.assert_allclose(lengths(chart.predictions.sampled.path) / per_share, shares[index], atol=1e-6)
        np.testing.assert_allclose(
            lengths(chart.predictions.average.path) / per_share, shares[: index + 1].mean(axis=0), atol=1e-6
        )
        assert chart.predictions.texts[0].get_text() == f"mask {index + 1} alone"
    ticks = chart.predictions.off.path.vertices[::2, 0] - chart.predictions.left * chart.canvas.scale
    np.testing.assert_allclose(ticks / per_share, scaled[likely], atol=1e-6)
    grey = chart.predictions.image.grey / chart.predictions.image.grey.max()
    np.testing.assert_allclose(grey, runs[0].probes["samples/image"][0] / 255, atol=1 / 16)


def test_moments_are_even_on_the_axis(runs):
    """The first frame is of one network, the last of all; distances on the logarithmic axis hardly grow."""
    indices = make("monte-carlo", runs).timeline.indices
    assert indices[0] == 0
    assert indices[-1] == NETWORKS - 1
    steps = np.diff(np.log([index + 1 for index in indices]))
    assert steps[-1] < steps[0]
    assert make("monte-carlo", runs, frames=1).timeline.indices == (NETWORKS - 1,)


def test_answers_are_the_figures_by_hand(runs, sampled):
    """Mean error of 1, 10 and 100 networks and of dropout off, and the first k that is level."""
    errors, off = sampled
    one, many = (answer.evidence for answer in MonteCarloChart.answers(gather(runs), Labels("en")))
    means = errors.mean(axis=1)
    ends = " / ".join(f"{100 * means[:, count - 1].mean():.1f}%" for count in (1, 10, 100))
    assert f"1 / 10 / 100 masks: {ends} wrong, no mask: {100 * off.mean():.1f}%" in one
    mean, sd = errors.mean(axis=(0, 1)), np.sqrt(errors.var(axis=1, ddof=1).mean(axis=0))
    inside = [k for k in range(1, 101) if abs(mean[k - 1] - off.mean()) <= sd[k - 1]]
    assert (f"within one sd from {inside[0]} masks on," in many) if inside else ("within one sd at no number" in many)


@pytest.mark.parametrize(
    ("firsts", "lasts", "holds"),
    [
        ((0.5, 0.5), (0.1, 0.1), (True, True)),
        ((0.05, 0.05), (0.3, 0.3), (False, False)),
        ((0.5, 0.05), (0.1, 0.3), (None, None)),
    ],
)
def test_claims_hold_only_where_all_seeds_agree(runs, firsts, lasts, holds):
    """One mask is worse, and the average within one sd: true or false in every seed, else undecided."""
    made = [
        with_errors(run, [[one, last - 0.01], [one, last + 0.01]], 0.1)
        for run, one, last in zip(runs, firsts, lasts, strict=True)
    ]
    answers = MonteCarloChart.answers(gather(made), Labels("en"))
    assert tuple(answer.holds for answer in answers) == holds


def test_known_errors_are_told(runs):
    """Three averages of error 30, 12 and 9% against 10%, sd 2%: within one sd from none but the third, as low there."""
    made = [with_errors(run, [[0.3, 0.14, 0.09], [0.3, 0.14, 0.11], [0.3, 0.14, 0.07]], 0.1) for run in runs]
    _, many = MonteCarloChart.answers(gather(made), Labels("en"))
    assert many.headline == "The average of 3 masks is level with dropout off"
    assert many.evidence == (
        "within one sd from 3 masks on, as low from 3 masks on; 3 masks 9.0% wrong, dropout off 10.0%"
    )


def test_what_cannot_be_drawn_is_refused(runs, recordings):
    """Runs of two arms, without the probe, of one group, with errors or shares that are none: one line each."""
    bad = {
        "holds no 'samples/average error'": [replace(run, probes={}) for run in runs],
        "two groups": [with_errors(run, [[0.5, 0.4]], 0.3) for run in runs],
        "not within 0 and 1": [with_errors(run, [[0.5, np.nan]] * 2, 0.3) for run in runs],
        "does not fit": [probed(run, prediction=np.zeros((3, 1, 10), np.float32)) for run in runs],
        "no shares": [probed(run, prediction=run.probes["samples/prediction"] * np.float32(np.nan)) for run in runs],
        "one arm": recordings,
    }
    for words, given in bad.items():
        with pytest.raises(RecordingError, match=words) as caught:
            make("monte-carlo", given)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("label", [-1, 10])
def test_a_label_that_no_class_has_is_refused(runs, label):
    """Recordings are untrusted."""
    given = [probed(run, label=np.array([label] * DISPUTED)) for run in runs]
    with pytest.raises(RecordingError, match=re.escape("no shares of an image of one of its classes")):
        make("monte-carlo", given)
