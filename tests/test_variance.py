"""The chart `variance` against the recorded arrays."""

from dataclasses import replace

import numpy as np
import pytest
from test_charts import arm, make

import dropviz
from dropviz.analysis.comparison import gather
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
    """Every line goes through the mean over seeds of each snapshot; the dashed one through what the formula says."""
    chart = make("variance", runs)
    for index, _ in chart.timeline:
        chart.show(index)
        for layer, panel in enumerate(chart.panels):
            axes = chart.figure.axes[layer]
            for shape, values in zip(panel.shapes, expected(runs), strict=True):
                drawn = axes.transData.inverted().transform(shape.path.vertices)
                np.testing.assert_allclose(drawn[:, 1], values[: index + 1, layer], rtol=1e-6, atol=1e-12)
                np.testing.assert_array_equal(np.round(drawn[:, 0]), chart.iterations[: index + 1])


def test_labels_say_the_last_values(runs):
    """The label of a line is the mean over seeds in the last snapshot."""
    chart = make("variance", runs)
    chart.show(chart.timeline.indices[-1])
    for layer, panel in enumerate(chart.panels):
        for label, values in zip(panel.labels, expected(runs), strict=False):
            assert label.get_text().startswith(f"{values[-1, layer]:.3f} ")
    assert [label.get_text().split(" ", 1)[1] for label in chart.panels[0].labels] == [
        "no dropout",
        "dropout 0.2/0.5, before",
        "dropout 0.2/0.5, after",
    ]


def test_answers_are_those_of_numpy(runs):
    """The ratio is over all snapshots, layers and seeds; its mean in each seed decides, at one percent."""
    ratio, ends = VarianceChart.answers(gather(runs), Labels("en"))
    noisy = "dropout 0.2/0.5"
    formula = of(runs, noisy, "variance before") + np.array([0.25, 1.0]) * of(runs, noisy, "square before")
    ratios = of(runs, noisy, "variance after") / formula
    assert f"{ratios.mean():.3f} ± {ratios.std(ddof=1):.3f} over" in ratio.words
    near = np.abs(ratios.mean(axis=(1, 2)) - 1) <= 0.01
    assert f"in {near.sum()} of {len(near)} seeds" in ratio.words
    assert ratio.holds is (None if 0 < near.sum() < len(near) else bool(near.all()))
    last = of(runs, noisy, "variance after")[:, -1, 1]
    assert f"{last.mean():.2f} ± {last.std(ddof=1):.2f} with {noisy}" in ends.words


def test_a_formula_that_fails_is_said_to(runs):
    """Had the noise added a tenth more than it does, the answer would be that the formula does not hold."""
    wrong = []
    for run in runs:
        after = run.probes["activations/variance after"] * 1.1
        wrong.append(replace(run, probes={**run.probes, "activations/variance after": after}))
    answer = VarianceChart.answers(gather(wrong), Labels("en"))[0]
    assert answer.holds is False
    assert "within 1% on average in 0 of 2 seeds" in answer.words


def test_layers_without_noise_do_not_count(tiny):
    """Where a layer drops nothing, the formula is no more than what was measured: its ratio proves nothing."""
    arms = (Arm("no dropout"), Arm("dropout", (0.0, 0.5)))
    runs = dropviz.train(tiny.replace(arms=arms, epochs=1, probes=("activations",)), device="cpu")
    noisy = of(runs, "dropout", "variance after")
    formula = of(runs, "dropout", "variance before") + of(runs, "dropout", "square before")
    ratios = (noisy / formula)[..., 1]
    words = VarianceChart.answers(gather(runs), Labels("en"))[0].words
    assert f"{ratios.mean():.3f} ± {ratios.std(ddof=1):.3f} over" in words


def test_more_layers_than_there_is_room_for_are_named(tiny):
    """Of five hidden layers three are drawn, and the picture says which are not."""
    deep = tiny.replace(hidden=(8,) * 5, arms=(Arm("no dropout"), Arm("dropout", 0.1)), epochs=1)
    runs = dropviz.train(deep.replace(probes=("activations",)), device="cpu")
    chart = make("variance", runs)
    assert len(chart.panels) == 3
    assert any("not drawn: hidden 4, hidden 5" in text.get_text() for text in chart.figure.texts)


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
