"""The chart `tikhonov` and the probe `weights`: the claim against its closed form, the picture against the arrays."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from test_charts import arm, make

import dropviz
from dropviz.analysis.comparison import gather
from dropviz.charts.base.weight_tones import STEPS
from dropviz.charts.tikhonov.chart import TikhonovChart
from dropviz.errors import RecordingError
from dropviz.experiments.experiment import Arm, Experiment
from dropviz.experiments.presets.tikhonov import DEVIATION
from dropviz.experiments.presets.tikhonov import PRESETS as OWN
from dropviz.style.labels import Labels
from dropviz.training.data import load_data, split
from dropviz.training.losses import mean_loss
from dropviz.training.model import build_mlp
from dropviz.training.regularizers import L2

PLAIN, NOISE, PENALTY = (each.name for each in OWN[0].arms)


@pytest.fixture
def runs(recordings_of):
    """Recordings of its preset, shrunk."""
    return recordings_of("tikhonov")


def weights_of(runs, name):
    """What the probe kept of the runs of an arm, float [runs, snapshots, classes, pixels]."""
    return np.stack([run.probes["weights/into first"] for run in arm(runs, name)]).astype(float)


def with_weights(run, weights):
    """The same recording with other weights."""
    return replace(run, probes={"weights/into first": weights})


def ridge(images, labels, strength):
    """The least squared error, mean over classes, plus strength · Σw²: weights [classes, pixels], biases free."""
    centred, wanted = images - images.mean(axis=0), np.eye(10)[labels]
    curvature = centred.T @ centred / len(images) + 10 * strength * np.eye(images.shape[1])
    return np.linalg.solve(curvature, centred.T @ (wanted - wanted.mean(axis=0)) / len(images)).T


# the claim


def test_expected_loss_with_noise_is_the_loss_with_the_penalty():
    """The mean loss over many draws of noise is the loss without plus σ²/K · Σw², within what chance allows."""
    parts = split(load_data("digits"), 200, 0.0, 1)
    torch.manual_seed(3)
    model = build_mlp(64, 10, OWN[0].of(OWN[0].arms[1]))
    model[-1].weight.data.normal_(0, 0.3)
    loss_of = mean_loss("squared")
    with torch.no_grad():
        penalty = float(L2(model, OWN[0].arms[2].l2).penalty())
        draws = torch.stack([loss_of(model.train()(parts.train_images), parts.train_labels) for _ in range(1_000)])
        without = loss_of(model.eval()(parts.train_images), parts.train_labels)
    error = float(draws.std()) / 1_000**0.5
    assert float(draws.mean() - without) == pytest.approx(penalty, abs=4 * error)
    assert penalty > 40 * error


def test_training_ends_at_the_closed_solution():
    """With whole batches, weights with the penalty end at the ridge solution, those with noise near it, others not."""
    experiment = OWN[0].replace(
        train_size=200, batch_size=200, epochs=4_000, snapshot_every=4_000, seeds=(1,), learning_rate=0.4
    )
    runs = dropviz.train(experiment, device="cpu", progress=False)
    parts = split(load_data("digits"), 200, 0.0, 1)
    best = ridge(parts.train_images.double().numpy(), parts.train_labels.numpy(), DEVIATION**2 / 10)
    plain, noise, penalty = (weights_of(runs, name)[0, -1] for name in (PLAIN, NOISE, PENALTY))
    far = [np.linalg.norm(each - best) / np.linalg.norm(best) for each in (penalty, noise, plain)]
    assert far[0] < 1e-3
    assert far[1] < 0.15
    assert far[2] > 1


def test_penalty_of_the_preset_is_that_of_its_noise():
    """l2 is σ²/K, the arms are named after what they have, and differ in nothing else."""
    for experiment in OWN:
        plain, noise, penalty = experiment.arms
        assert penalty.l2 == pytest.approx(noise.input_noise**2 / 10)
        assert noise.name == f"input noise {noise.input_noise:g}"
        assert penalty.name == f"L2 penalty {penalty.l2:g}"
        assert (plain.own_hyperparameters, set(noise.own_hyperparameters), set(penalty.own_hyperparameters)) == (
            {},
            {"input_noise"},
            {"l2"},
        )
        assert (experiment.hidden, experiment.loss) == ((), "squared")


def test_probe_keeps_the_weights_of_every_snapshot():
    """They are float32 [snapshots, shown units, inputs], and give the recorded accuracies of a linear model."""
    experiment = Experiment(
        "own",
        train_size=200,
        hidden=(),
        epochs=2,
        snapshot_every=3,
        batch_size=50,
        probes=("weights",),
        arms=(Arm("plain"),),
    )
    (run, *_) = dropviz.train(experiment.replace(seeds=(1,)), device="cpu", progress=False)
    weights, parts = run.probe("weights/into first", 3, 10, 64), split(load_data("digits"), 200, 0.0, 1)
    assert weights.dtype == np.float32
    scores = parts.test_images.numpy() @ weights[-1].T
    accuracy = (scores.argmax(axis=1) == parts.test_labels.numpy()).mean()
    assert abs(accuracy - run.snapshots["test_accuracy"][-1]) < 0.05  # but for the biases
    assert (np.abs(np.diff(weights, axis=0)).max(axis=(1, 2)) > 0).all()


def test_probe_keeps_a_sample_of_many_units():
    """Of a wide layer, those of the ten units that diagrams show."""
    experiment = Experiment(
        "own",
        train_size=200,
        hidden=(40,),
        epochs=1,
        snapshot_every=1,
        batch_size=50,
        probes=("weights",),
        recorded_iterations=4,
    )
    (run, *_) = dropviz.train(experiment.replace(seeds=(1,)), device="cpu", progress=False)
    weights = run.probe("weights/into first", 4, 10, 64)
    # Between the same units, the recorder keeps the weights as the pass of the next step used them.
    shown = [*range(5), *range(59, 64)]
    np.testing.assert_array_equal(weights[:-1][:, :, shown], run.weights["hidden 1"][1:])


# the chart


def test_images_are_the_recorded_weights(runs):
    """At each moment each image has the tones of the weights of its arm and class in the first run, 0 in the middle."""
    chart = make("tikhonov", runs)
    end = np.abs(weights_of(runs, PENALTY)[0, -1]).max()
    for index, _ in chart.timeline:
        chart.show(index)
        for column, name in zip(chart.templates.pictures, (PLAIN, NOISE, PENALTY), strict=True):
            for number, picture in enumerate(column):
                weights = weights_of(runs, name)[0, index, number].reshape(8, 8)
                drawn = (picture.grey.astype(float) / STEPS - 1) * end
                np.testing.assert_allclose(drawn, weights.clip(-end, end), atol=end / STEPS / 2 * 1.01)
    said = [text.get_text() for text in chart.figure.texts]
    assert f"+{end:.2g} weight of a pixel" in said
    assert f"\N{MINUS SIGN}{end:.2g}" in said
    assert all(len(block) == 10 for block in chart.templates.pictures)


def test_words_say_the_relative_distances(runs):
    """They are the mean over seeds of ‖W - W'‖/‖W'‖, W' with the penalty, at the snapshot that is written."""
    chart = make("tikhonov", runs)
    penalty = weights_of(runs, PENALTY)
    for index, _ in chart.timeline:
        chart.show(index)
        at = chart.text_index[index]
        for text, name in zip(chart.templates.values, (PLAIN, NOISE), strict=False):
            away = [
                np.linalg.norm(one[at] - other[at]) / np.linalg.norm(other[at])
                for one, other in zip(weights_of(runs, name), penalty, strict=True)
            ]
            assert text.get_text() == f"{100 * np.mean(away):.0f}% off the penalty’s weights"  # noqa: RUF001  # typeset
        assert not chart.templates.values[2].get_text()


@pytest.mark.parametrize(("noise", "holds"), [((0.1, 0.11), True), ((0.9, 0.88), False), ((0.1, 0.6), None)])
def test_answer_is_the_figure_by_hand(runs, noise, holds):
    """Plain weights end 100% away, those with noise as far as said: decidedly less than half of it, more, or open."""
    ones = np.ones_like(runs[0].probes["weights/into first"])
    made = [with_weights(run, 2 * ones) for run in arm(runs, PLAIN)]
    made += [with_weights(run, (1 + far) * ones) for run, far in zip(arm(runs, NOISE), np.float32(noise), strict=True)]
    made += [with_weights(run, ones) for run in arm(runs, PENALTY)]
    (answer,) = TikhonovChart.answers(gather(made), Labels("en"))
    mean = 100 * np.mean(noise)
    assert answer.evidence.startswith(f"{mean:.0f}% from the penalty’s weights, without noise 100%: ")  # noqa: RUF001
    assert answer.holds is holds


def test_what_cannot_be_drawn_is_refused(runs, recordings):
    """Other arms, other seeds, no probe, weights that are not finite, all 0, or no square: one line each."""
    ones = np.ones_like(runs[0].probes["weights/into first"])
    bad = {
        "needs three arms": recordings,
        "one with l2": [run for run in runs if run.arm != PENALTY],
        "have other seeds": runs[:-1],
        "holds no 'weights/into first'": [replace(run, probes={}) for run in runs],
        "does not fit": [with_weights(run, ones[:-1]) for run in runs],
        "not all finite": [with_weights(run, ones * np.float32(np.inf)) for run in runs],
        "all 0": [with_weights(run, 0 * ones) for run in runs],
        "no square images": [with_weights(run, ones[:, :, :63]) for run in runs],
    }
    for words, given in bad.items():
        with pytest.raises(RecordingError, match=words) as caught:
            make("tikhonov", given)
        assert "\n" not in str(caught.value)
