"""Mistakes made on purpose: what each does, what gives it away, and the chart that shows both."""

from dataclasses import replace
from math import erf

import numpy as np
import pytest
import torch
from conftest import shrunk

import dropviz
from dropviz.analysis.comparison import gather
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.timeline import Pace
from dropviz.charts.pitfall.chart import PitfallChart
from dropviz.charts.pitfall.pair import find_mistake_pair
from dropviz.errors import ExperimentError, RecordingError
from dropviz.experiments.arm import Arm
from dropviz.experiments.choices import MISTAKES
from dropviz.experiments.presets import PRESETS
from dropviz.publish.gallery.exhibits import EXHIBITS
from dropviz.style.labels import Labels
from dropviz.style.theme import find_theme
from dropviz.training.mistakes import MISTAKE_CLASSES, AlwaysOn, Dropout, Randn, Unscaled, find_mistake

HIDDEN = ("hidden 1", "hidden 2")


@pytest.fixture(scope="module")
def made():
    """For each mistake the recordings of its preset, shrunk, by arm; of seed 1."""

    def train(mistake):
        experiment = shrunk(PRESETS[f"pitfall-{mistake}"]).replace(seeds=(1,), hidden=(64, 64))
        return {each.arm: each for each in dropviz.train(experiment, device="cpu")}

    return {mistake: train(mistake) for mistake in MISTAKES}


def phi(value):
    """The distribution function of a standard normal number."""
    return (1 + erf(value / 2**0.5)) / 2


def figures(recording, quantity):
    """What the probe measured."""
    return recording.probes[f"giveaway/{quantity}"]


def equal(one, other):
    """Whether all snapshots are equal, bit for bit."""
    return all(np.array_equal(one.snapshots[name], other.snapshots[name]) for name in one.snapshots)


def test_every_mistake_has_words_presets_and_an_exhibit():
    """The tables name the same mistakes, in the same order; each has a preset, one at full size, and an exhibit."""
    assert list(MISTAKES) == list(MISTAKE_CLASSES)
    for mistake in MISTAKES:
        name = f"pitfall-{mistake}"
        assert [arm.mistake for arm in PRESETS[name].arms if arm.mistake] == [mistake]
        assert PRESETS[f"{name}-full"].data == "fashion-mnist"
        assert EXHIBITS[name].experiment == name


def test_a_mistake_needs_plain_dropout():
    """A wrong layer takes the place of dropviz's own, so that another noise beside it would be silently lost."""
    with pytest.raises(ExperimentError, match="noise of arm 'a' is 'gaussian': must be 'bernoulli' with a mistake"):
        Arm("a", 0.5, noise="gaussian", mistake="randn")
    with pytest.raises(ExperimentError, match="mistake of arm 'a' is 'typo'"):
        Arm("a", 0.5, mistake="typo")


@pytest.mark.parametrize("drop_prob", [0.2, 0.5])
def test_randn_drops_more(drop_prob):
    """A mask of normal numbers drops Φ(drop_prob): 0.579 for 0.2, 0.691 for 0.5; and scales by 1/(1 - drop_prob)."""
    torch.manual_seed(0)
    output = Randn(drop_prob)(torch.ones(1_000, 1_000))
    assert float((output == 0).double().mean()) == pytest.approx(phi(drop_prob), abs=0.002)
    assert float(output.max()) == pytest.approx(1 / (1 - drop_prob))


def test_unscaled_is_the_mask_of_the_right_layer():
    """From the same state it drops the same units; what is kept, it hands on as it was."""
    x = torch.rand(50, 40) + 1
    torch.manual_seed(1)
    right = Dropout(0.5)(x)
    torch.manual_seed(1)
    wrong = Unscaled(0.5)(x)
    assert torch.equal(wrong * 2, right)
    assert torch.equal(wrong[wrong != 0], x[wrong != 0])


def test_always_on_drops_in_evaluation_and_leaves_the_training_as_it_is():
    """In evaluation it draws from numbers of its own: those of the training go on as with a right layer."""
    layer, x = AlwaysOn(0.5).eval(), torch.ones(100, 100)
    before = torch.get_rng_state()
    one, other = layer(x), layer(x)
    assert torch.equal(before, torch.get_rng_state())
    assert not torch.equal(one, other)
    assert set(one.unique().tolist()) == {0.0, 2.0}
    assert float((one == 0).double().mean()) == pytest.approx(0.5, abs=0.02)


def test_always_on_drops_other_units_in_each_layer():
    """In evaluation the layers of one model draw apart: both keep 0.8 · 0.5 of the units, not 0.5."""
    layer = find_mistake("always-on").layer(Dropout)
    one, other = (layer(drop_prob).eval()(torch.ones(500, 256)) != 0 for drop_prob in (0.2, 0.5))
    assert float((one & other).double().mean()) == pytest.approx(0.4, abs=0.01)


@pytest.mark.parametrize("mistake", ["always-on", "unscaled-inputs", "relu-zeros"])
def test_what_does_not_change_the_training(made, mistake):
    """The minibatches, masks and losses of the training are those of the right arm; only what is looked at differs."""
    wrong, right = made[mistake]["wrong"], made[mistake]["right"]
    assert np.array_equal(figures(wrong, "true"), figures(right, "true"))
    assert equal(wrong, right) == (mistake == "relu-zeros")


def test_zero_is_no_dropout(made):
    """An arm whose layers have probability 0 is the one without layers, bit for bit, and not the right one."""
    arms = made["zero"]
    assert equal(arms["wrong"], arms["no dropout"])
    assert not equal(arms["wrong"], arms["right"])
    assert all(not arms["wrong"].drop_rate[layer].any() for layer in HIDDEN)


def test_ratio_gives_missing_scale_away(made):
    """Mean activations are 1 - drop_prob of what they are with dropout off; in the right arm, 1."""
    for arm, expected in (("wrong", (0.8, 0.5)), ("right", (1, 1))):
        assert figures(made["unscaled"][arm], "ratio").mean(axis=0) == pytest.approx(expected, abs=0.03)
    # as the gap of normal numbers: 1/0.526 = 1.90 and 1/0.617 = 1.62 times larger with dropout off
    expected = [(1 - phi(0.2)) / 0.8, (1 - phi(0.5)) / 0.5]
    assert figures(made["randn"]["wrong"], "ratio").mean(axis=0) == pytest.approx(expected, abs=0.03)


def test_two_evaluations_give_dropout_that_is_on_away(made):
    """Only where dropout is on in evaluation, some test images change their class."""
    assert (figures(made["always-on"]["wrong"], "changed") > 0).any()
    assert not figures(made["always-on"]["right"], "changed").any()


def test_pixels_give_unscaled_inputs_away(made):
    """What the evaluation was given is 16 times as bright as the training images, the white of the digits."""
    wrong, right = made["unscaled-inputs"]["wrong"], made["unscaled-inputs"]["right"]
    assert figures(wrong, "inputs") == pytest.approx(16 * figures(right, "inputs"), rel=1e-6)
    assert figures(right, "inputs") == pytest.approx(1, abs=0.05)


def test_loss_gives_a_mean_of_a_mean_away(made):
    """What is printed is too small by the batch size; the first true loss is near that of guessing, ln 10."""
    wrong = made["mean-twice"]["wrong"]
    batch = wrong.experiment.batch_size
    assert figures(wrong, "printed") * batch == pytest.approx(figures(wrong, "true"), rel=1e-5)
    assert figures(wrong, "true")[0] == pytest.approx(np.log(10), abs=0.2)
    assert wrong.snapshots["train_loss"][-1] > made["mean-twice"]["right"].snapshots["train_loss"][-1]


def test_zeros_of_relu_are_taken_for_dropped(made):
    """Zeros of the output are far more than drop_prob; the recorded masks drop drop_prob, as those of the right arm."""
    wrong, right = made["relu-zeros"]["wrong"], made["relu-zeros"]["right"]
    for place, (layer, drop_prob) in enumerate(zip(HIDDEN, (0.2, 0.5), strict=True)):
        zeros, dropped = (figures(wrong, name)[:, place] for name in ("zeros", "dropped"))
        assert dropped.mean() == pytest.approx(drop_prob, abs=0.03)
        assert np.array_equal(wrong.drop_rate[layer], right.drop_rate[layer])
        assert right.drop_rate[layer].mean() == pytest.approx(drop_prob, abs=0.02)
        assert (1 - (1 - dropped) * (1 - zeros)).mean() > drop_prob + 0.1


def chart_of(recordings, size=(1280, 720)):
    """The chart, in the light theme."""
    labels, comparison = Labels("en"), gather(recordings)
    labels.add_fonts_for(comparison.names)
    return PitfallChart(comparison, Canvas(size, find_theme("light"), labels), None, Pace(1.0))


@pytest.mark.parametrize("mistake", MISTAKES)
def test_bars_are_as_long_as_what_was_recorded(made, mistake):
    """At each snapshot a bar is as long as the mean over what was recorded until then; its number says so.

    No mark crosses the number.
    """
    chart = chart_of(list(made[mistake].values()))
    indicator = chart.pair.indicator
    for index in chart.timeline.indices:
        chart.show(index)
        for bar, arm in zip(chart.bars.bars, ("wrong", "right"), strict=True):
            expected = by_hand(made[mistake][arm], mistake, chart.iterations[index])
            length = np.ptp(bar.path.vertices[:, 0]) / chart.canvas.scale
            assert length == pytest.approx(max(expected * chart.bars.unit, 2), rel=1e-6)
        for number in chart.bars.numbers:
            mark = (chart.bars.box.left + chart.bars.mark) * chart.canvas.scale
            assert not number.x < mark < number.get_window_extent().x1
    assert chart.bars.numbers[1].get_text() == indicator.rounded(expected)
    assert bool(chart.curves) == (mistake in ("always-on", "unscaled-inputs", "zero", "mean-twice"))


def by_hand(run, mistake, iteration):
    """What is to be shown at an iteration, of the arrays of a recording."""
    steps = run.recorded_iterations <= iteration
    if mistake == "relu-zeros" and run.arm == "wrong":
        zeros, dropped = (figures(run, name)[steps, 0].astype(float) for name in ("zeros", "dropped"))
        return (1 - (1 - dropped) * (1 - zeros)).mean()
    if mistake in ("randn", "zero", "relu-zeros"):
        return run.drop_rate["hidden 1"][steps].mean()
    if mistake == "unscaled":
        return figures(run, "ratio")[steps, 0].mean()
    if mistake == "mean-twice":
        return figures(run, "printed")[steps].astype(float).sum() / figures(run, "true")[steps].astype(float).sum()
    seen = run.snapshots["iteration"] <= iteration
    return figures(run, "changed" if mistake == "always-on" else "inputs")[seen].mean()


def test_answers_are_numpys(recordings_of):
    """Both layers' means over the runs, the value of the formula, and the ends of accuracy and loss."""
    recordings = recordings_of("pitfall")
    first, second = PitfallChart.answers(gather(recordings), Labels("en"))
    wrong = [each for each in recordings if each.arm == "wrong"]
    means = [np.mean([run.drop_rate[layer].mean() for run in wrong]) for layer in HIDDEN]
    assert first.headline == f"randn drops {100 * means[0]:.0f}%, not the 20% asked for"
    assert " / ".join(f"{100 * mean:.1f}%" for mean in means) + "; Φ(drop_prob) = 57.9% / 69.1%" in first.evidence
    assert first.holds is False
    loss = np.mean([run.snapshots["train_loss"][-1] for run in wrong])
    accuracy = np.mean([run.snapshots["test_accuracy"][-1] for run in wrong])
    assert f"loss on the training set {loss:.2f} against" in second.evidence
    assert f"test accuracy {100 * accuracy:.1f}% against" in second.evidence
    assert second.holds is None


def test_equal_runs_are_said_to_be_equal(made):
    """Only where all snapshots are equal to the bit: with probability 0, those without dropout."""
    said = {name: PitfallChart.answers(gather(list(arms.values())), Labels("en"))[1] for name, arms in made.items()}
    same = {name: answer.headline for name, answer in said.items() if "Bit for bit" in answer.headline}
    assert same == {
        "zero": "Bit for bit the same training as “no dropout”",
        "relu-zeros": "Bit for bit the same training as “right”",
    }


def test_what_cannot_be_drawn(made, recordings):
    """Without a mistake, without its probe, or with a probe of another shape: one line."""
    with pytest.raises(RecordingError, match="no arm makes a mistake"):
        find_mistake_pair(gather(recordings))
    arms = list(made["unscaled"].values())
    bare = [replace(each, probes={}) for each in arms]
    with pytest.raises(RecordingError, match="train with that probe"):
        chart_of(bare)
    crooked = [replace(each, probes={"giveaway/ratio": np.ones((2, 2, 2))}) for each in arms]
    with pytest.raises(RecordingError, match="does not fit"):
        chart_of(crooked)
    diverged = [
        replace(each, snapshots={**each.snapshots, "train_loss": each.snapshots["train_loss"] * np.inf})
        for each in arms
    ]
    with pytest.raises(RecordingError, match="is not finite at iteration 3: the run has diverged"):
        chart_of(diverged)


def test_losses_that_are_not_finite_are_refused(made):
    """One line, and no warning of NumPy's, where a loss was infinite."""
    arms = list(made["mean-twice"].values())
    endless = [
        replace(run, probes={name: np.full_like(each, np.inf) for name, each in run.probes.items()}) for run in arms
    ]
    with pytest.raises(RecordingError, match="is not finite"):
        chart_of(endless)


def test_list_names_mistakes(run):
    """`dropviz list` says what each does."""
    said = run("list", "mistakes").stdout
    for name, words in MISTAKES.items():
        assert name in said
        assert words in said
