"""The probe `expectation` against the model's own layer, and its picture against the formula."""

import numpy as np
import pytest

import dropviz
from dropviz.analysis.comparison import gather
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.timeline import Pace
from dropviz.charts.expectation.chart import ExpectationChart
from dropviz.errors import RecordingError
from dropviz.experiments.experiment import Arm, Experiment
from dropviz.style.labels import Labels
from dropviz.style.theme import find_theme

SMALL = Experiment(
    name="small-expectation",
    train_size=100,
    hidden=(24, 9),
    learning_rate=0.2,
    batch_size=50,
    epochs=4,
    probes=("expectation",),
    seeds=(1, 2),
    arms=(Arm("dropout 0.2", 0.2, input_drop_prob=0.4), Arm("nn.Dropout", 0.2, noise="torch"), Arm("no dropout")),
)


@pytest.fixture(scope="module")
def drawn():
    """Recordings of the small experiment, from real training."""
    return dropviz.train(SMALL, device="cpu")


@pytest.fixture(scope="module")
def runs(drawn):
    """Those of the first arm."""
    return [run for run in drawn if run.arm == "dropout 0.2"]


def make(runs, frames=None):
    """The chart of some runs."""
    return ExpectationChart(gather(runs), Canvas((640, 360), find_theme("light"), Labels("en")), frames, Pace(1.0))


def test_each_draw_is_nothing_or_the_activation_scaled(drawn):
    """h' is 0 or h / 0.8, in the first hidden layer, of the 8 largest activations; an arm without noise has none."""
    for run in drawn:
        if run.arm == "no dropout":
            assert not run.probes
            continue
        off, units, masks = (run.probes[f"expectation/{name}"] for name in ("off", "unit", "drawn"))
        assert masks.shape == (1_000, 8)
        assert off.dtype == masks.dtype == np.float32
        assert (off > 0).all()
        assert len(set(units.tolist())) == 8
        assert units.max() < 24
        scaled = off * (np.float32(1) / np.float32(0.8))
        assert ((masks == 0) | (masks == scaled)).all()
        assert abs((masks != 0).mean() - 0.8) < 4 * (0.16 / 8_000) ** 0.5


def test_masks_are_those_of_the_models_own_layer():
    """The probe multiplies by what the layer draws: with a layer that doubles, all is doubled."""
    import torch
    from torch import nn

    from dropviz.capture.noise_layers import Dropout
    from dropviz.training.data import load_data, split
    from dropviz.training.probes import Subject
    from dropviz.training.probes.expectation import Expectation

    class Doubles(Dropout):
        def _draw(self, x):
            return torch.full_like(x, 2)

    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(64, 20), nn.ReLU(), Doubles(0.5), nn.Linear(20, 10))
    parts = split(load_data("digits"), 100, 0.0, 1)
    found = Expectation(Subject(SMALL.of(SMALL.arms[0]), 1, model, parts)).at_end()
    with torch.no_grad():
        h = model[1](model[0](parts.test_images[:1]))[0]
    assert torch.equal(found["off"], h[found["unit"]])
    assert torch.equal(found["off"].sort().values, h.sort().values[-len(found["off"]) :])
    assert torch.equal(found["drawn"], 2 * found["off"].expand(1_000, -1))


def test_lines_are_the_running_means(runs):
    """Each line goes through the mean of h'/h over the first masks; the one unscaled, through the share kept so far."""
    chart = make(runs)
    ratios = runs[0].probes["expectation/drawn"].astype(float) / runs[0].probes["expectation/off"]
    count = np.arange(1, 1_001)
    expected = [(ratios != 0).mean(axis=1).cumsum() / count, *(ratios.cumsum(axis=0) / count[:, None]).T]
    inverse = chart.figure.axes[0].transData.inverted()
    for index in (chart.timeline.indices[0], chart.timeline.indices[20], 999):
        chart.show(index)
        for line, means in zip(chart.lines, expected, strict=True):
            drawn = inverse.transform(line.path.vertices)
            np.testing.assert_allclose(drawn[:, 0], count[: index + 1])
            np.testing.assert_allclose(drawn[:, 1], means[: index + 1], atol=1e-9)
    off = np.abs(ratios.mean(axis=0) - 1).mean()
    assert chart.counter(999) == f"1,000 masks: off by {100 * off:.1f}% on average"


def test_moments_are_numbers_of_masks_on_a_logarithmic_axis(runs):
    """From 1 mask to all, each more than the last by about the same factor, at whatever number of frames."""
    for frames in (None, 5, 1):
        indices = np.array(make(runs, frames).timeline.indices) + 1
        assert indices[-1] == 1_000
        assert len(indices) <= (frames or 80)
    assert list(np.array(make(runs, 4).timeline.indices) + 1) == [1, 10, 100, 1_000]


def test_the_answer_is_measured(runs):
    """Deviations, units within two standard deviations of the formula, and what chance gives, by hand."""
    (answer,) = ExpectationChart.answers(gather(runs), Labels("en"))
    sd = (0.2 / 0.8 / 1_000) ** 0.5
    off = [np.abs((run.probes["expectation/drawn"] / run.probes["expectation/off"]).mean(axis=0) - 1) for run in runs]
    means = [each.mean() for each in off]
    near = sum((each <= 2 * sd).sum() for each in off)
    assert answer.headline == f"The mean stays: {100 * np.mean(means):.1f}% off after 1,000 masks"
    chance = 100 * sd * (2 / np.pi) ** 0.5
    assert answer.evidence == f"chance gives {chance:.1f}%; {near} of 16 units are within 2 sd; 2 runs"
    assert answer.holds is True


def test_a_layer_that_does_not_scale_is_found_out(runs):
    """Had the layer forgotten to divide by keep, the answer would say that the mean does not hold, in two runs."""
    wrong = [
        dropviz.Recording(
            **{**vars(run), "probes": {**run.probes, "expectation/drawn": run.probes["expectation/drawn"] * 0.8}}
        )
        for run in runs
    ]
    assert ExpectationChart.answers(gather(wrong), Labels("en"))[0].holds is False
    assert ExpectationChart.answers(gather(wrong[:1]), Labels("en"))[0].holds is None


def test_recordings_without_draws_are_refused(drawn, runs):
    """Without the probe, without dropout, or with activations that are not active, one line says what is missing."""
    with pytest.raises(RecordingError, match="holds no 'expectation/off': train with that probe"):
        make([run for run in drawn if run.arm == "no dropout"])
    silent = {**runs[0].probes, "expectation/off": np.zeros(8, np.float32)}
    with pytest.raises(RecordingError, match="drew no masks on active units"):
        make([dropviz.Recording(**{**vars(runs[0]), "probes": silent})])
