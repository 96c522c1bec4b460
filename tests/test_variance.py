"""The chart `variance` against the recorded arrays."""

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import sem, t
from test_charts import arm, make

import dropviz
from dropviz.analysis.comparison import gather
from dropviz.charts.base.artists import text_size
from dropviz.charts.variance.chart import VarianceChart
from dropviz.errors import RecordingError
from dropviz.experiments.arm import Arm
from dropviz.style.labels import Labels


@pytest.fixture
def runs(recordings_of):
    """Recordings of its preset, shrunk: dropout 0.2 and 0.5."""
    return recordings_of("variance")


def of(runs, name, quantity):
    """What the probe measured in the runs of an arm, float [runs, S, layers]."""
    return np.stack([run.probes[f"activations/{quantity}"] for run in arm(runs, name)])


def expected(runs):
    """The four lines, float [S, layers]: without, before, after, and what the formula says."""
    noisy = "dropout 0.2/0.5"
    before, square = of(runs, noisy, "variance before"), of(runs, noisy, "square before")
    formula = before + np.array([0.25, 1.0]) * square
    return [
        each.mean(axis=0)
        for each in (of(runs, "no dropout", "variance"), before, of(runs, noisy, "variance after"), formula)
    ]


def test_lines_are_the_recorded_variances_and_the_formula(runs):
    """Every line of the last layer goes through the mean over seeds; the dashed one through what the formula says."""
    chart = make("variance", runs)
    (axes,) = chart.figure.axes
    for index, _ in chart.timeline:
        chart.show(index)
        for shape, values in zip(chart.panel.shapes, expected(runs), strict=True):
            drawn = axes.transData.inverted().transform(shape.path.vertices)
            np.testing.assert_allclose(drawn[:, 1], values[: index + 1, 1], rtol=1e-6, atol=1e-12)
            np.testing.assert_array_equal(np.round(drawn[:, 0]), chart.iterations[: index + 1])
    said = [label.get_text() for label in chart.panel.labels]
    values = [f"{values[-1, 1]:.2f}" for values in expected(runs)]
    names = ("no dropout", "before the mask", "after the mask")
    assert said == [f"{value} {name}" for value, name in zip(values, names, strict=False)]


def test_numbers_of_runs_that_diverged_stay_in_the_picture(runs):
    """Variances as large as 1e21 are written with an exponent, and have the room."""
    large = [replace(run, probes={name: each * 1e21 for name, each in run.probes.items()}) for run in runs]
    chart = make("variance", large, size=(640, 360))
    chart.show(chart.timeline.indices[-1])
    for label in chart.panel.labels:
        assert re.fullmatch(r"\d\.\d\de\+\d\d .*", label.get_text())
        assert label.x + text_size(label.get_text(), label._font, label._dpi)[0] <= 640


def test_answers_are_those_of_numpy(runs):
    """The ratio is the mean over snapshots and layers; its interval over the seeds decides, at one percent."""
    raised, ends = VarianceChart.answers(gather(runs), Labels("en"))
    noisy = "dropout 0.2/0.5"
    before, after = of(runs, noisy, "variance before"), of(runs, noisy, "variance after")
    formula = before + np.array([0.25, 1.0]) * of(runs, noisy, "square before")
    ratios = (after / formula).mean(axis=(1, 2))
    low, high = t.interval(0.95, len(ratios) - 1, ratios.mean(), sem(ratios))
    assert f"measured / formula {ratios.mean():.3f}, 95% interval {low:.3f} to {high:.3f}, 2 seeds" in raised.evidence
    factor = after[:, -1, 1].mean() / before[:, -1, 1].mean()
    assert raised.headline == f"The mask makes the variance {factor:.1f} times as large"
    assert raised.holds is (True if max(abs(low - 1), abs(high - 1)) <= 0.01 else None)
    assert f"{after[:, -1, 1].mean():.2f}" in ends.headline


def test_a_formula_that_fails_is_said_to(runs):
    """If the noise added a tenth more than it does, the answer would be that the formula does not hold."""
    wrong = []
    for run in runs:
        added = np.array([0.25, 1.0]) * run.probes["activations/square before"]
        after = 1.1 * (run.probes["activations/variance before"] + added)
        wrong.append(replace(run, probes={**run.probes, "activations/variance after": after}))
    answer = VarianceChart.answers(gather(wrong), Labels("en"))[0]
    assert answer.holds is False
    assert answer.headline == "The variance is not what the formula says"


def test_layers_without_noise_do_not_count(tiny):
    """Where a layer drops nothing, the formula is no more than what was measured: its ratio proves nothing."""
    arms = (Arm("no dropout"), Arm("dropout", (0.0, 0.5)))
    runs = dropviz.train(tiny.replace(arms=arms, epochs=1, probes=("activations",)), device="cpu")
    noisy = of(runs, "dropout", "variance after")
    formula = of(runs, "dropout", "variance before") + of(runs, "dropout", "square before")
    ratios = (noisy / formula)[..., 1]
    assert f"formula {ratios.mean():.3f}, " in VarianceChart.answers(gather(runs), Labels("en"))[0].evidence


def test_what_the_formula_cannot_say_is_refused(tiny, runs):
    """Noise on the input alone, all units dropped, and a layer that is 0: one line each."""
    inputs = tiny.replace(
        arms=(Arm("no dropout"), Arm("dropout", 0.0, input_drop_prob=0.2)), epochs=1, probes=("activations",)
    )
    all_gone = inputs.replace(arms=(Arm("no dropout"), Arm("dropout", (0.5, 1.0))))
    for experiment in (inputs, all_gone):
        with pytest.raises(RecordingError, match="drops all of a hidden layer, or nothing"):
            make("variance", dropviz.train(experiment, device="cpu"))
    names = ("variance before", "square before")
    dead = [
        replace(
            run,
            probes={**run.probes, **{f"activations/{name}": 0 * run.probes[f"activations/{name}"] for name in names}},
        )
        for run in runs
    ]
    with pytest.raises(RecordingError, match="is 0 everywhere"):
        make("variance", dead)
