"""The chart `features` against the recorded weights."""

from dataclasses import replace

import numpy as np
import pytest
from decoding import decode
from scipy.stats import ttest_1samp
from test_charts import arm, make

import dropviz
from dropviz.analysis.comparison import gather
from dropviz.charts.base.weight_tones import MINUS, STEPS, tones, weight_tones
from dropviz.charts.features.chart import FeaturesChart
from dropviz.errors import RecordingError
from dropviz.style.labels import Labels
from dropviz.style.theme import find_theme, rgb


@pytest.fixture
def runs(recordings_of):
    """Recordings of its preset, shrunk to 24 units."""
    return recordings_of("features")


def changed(run, name, values):
    """The same recording with one array of the probe changed."""
    return replace(run, probes={**run.probes, f"features/{name}": values})


def most_local(run):
    """The numbers of the units that are drawn: those with the highest kurtosis at the end, the highest first."""
    kurtosis = run.probes["features/kurtosis"][-1, : run.probes["features/weights"].shape[1]].astype(float)
    return np.argsort(-np.nan_to_num(kurtosis, nan=-np.inf), kind="stable")[:24]


def test_pixels_are_the_recorded_weights(runs, tmp_path):
    """In the decoded GIF, the middle of each pixel of each unit has the tone of its weight at that snapshot."""
    made = dropviz.animate(runs, "features", compare=True, out=tmp_path / "a.gif", frames=4)
    colors = weight_tones(find_theme("light"))
    chart, frames = make("features", runs, frames=3), decode(made.path)[1:]  # after the poster
    for (index, _), frame in zip(chart.timeline, frames, strict=True):
        for grid, name in zip(chart.grids, ("no dropout", "dropout 0.5"), strict=True):
            run = arm(runs, name)[0]
            weights = run.probes["features/weights"][index, most_local(run)].astype(float)
            assert len(grid.pictures) == 24
            for unit, picture in enumerate(grid.pictures):
                (x, y), side = picture._corner, picture._side
                centres = (np.arange(8) + 0.5) * side / 8
                seen = frame[(720 - y - side + centres).astype(int)[:, None], (x + centres).astype(int)]
                number = np.round((np.clip(weights[unit] / chart.limit, -1, 1) + 1) * STEPS).astype(int)
                expected = np.array([rgb(colors[each]) for each in number]).reshape(8, 8, 3)
                np.testing.assert_array_equal(seen, expected)


def test_scale_is_one_for_all_and_symmetric(runs):
    """It does not change with time or arm, and a weight of 0 has the colour of the background."""
    chart = make("features", runs)
    both = [arm(runs, name)[0] for name in ("no dropout", "dropout 0.5")]
    weights = np.stack([run.probes["features/weights"][:, most_local(run)] for run in both]).astype(float)
    assert chart.limit == pytest.approx(np.percentile(np.abs(weights), 99.5))
    assert any(f"+{chart.limit:.2g} weight" in text.get_text() for text in chart.figure.texts)
    assert tones(np.array([-9.0, -1, 0, 1, 9]), 1.0).tolist() == [0, 0, STEPS, 2 * STEPS, 2 * STEPS]
    assert weight_tones(find_theme("light"))[STEPS] == "#ffffff"


def test_images_of_any_size_are_drawn(runs):
    """Of more units those with the highest kurtosis are drawn; images may be larger."""
    one = runs[0].probes["features/weights"]
    wide = [replace(run, layers=(replace(run.layers[0], units=256), *run.layers[1:])) for run in runs]
    wide = [changed(run, "weights", np.tile(one, (1, 1, 4))) for run in wide]
    chart = make("features", wide)
    assert chart.grids[0].tone.shape[1:] == (24, 16, 16)


def test_answer_is_the_paired_difference_of_the_mean_kurtosis(runs):
    """Over all units, in the last snapshot; and above each grid stands that of the run that is drawn."""
    (answer,) = FeaturesChart.answers(gather(runs), Labels("en"))
    of = {
        name: np.array([np.nanmean(run.probes["features/kurtosis"][-1]) for run in arm(runs, name)])
        for name in ("no dropout", "dropout 0.5")
    }
    plain, noisy = of.values()
    assert f"{noisy.mean():.2f} against {plain.mean():.2f}, 95% interval".replace("-", MINUS) in answer.evidence
    found = ttest_1samp(noisy - plain, 0).confidence_interval(0.95)
    assert answer.holds is (None if found.low <= 0 <= found.high else bool(found.low > 0))
    chart = make("features", runs)
    chart.show(chart.timeline.indices[-1])
    for grid, values in zip(chart.grids, of.values(), strict=True):
        assert grid.kurtosis.get_text() == f"this run: kurtosis {values[0]:.2f}".replace("-", MINUS)


def test_weights_that_are_no_images_are_refused(runs):
    """Weights of other shapes, that are not finite, or of inputs that make no square: one line each."""
    weights = runs[0].probes["features/weights"]
    cases = [
        (weights[:-1], "does not fit"),
        (weights[..., :-1], "does not fit"),
        (weights[:, :0], "no square images of finite numbers"),
        (weights * np.float16(np.inf), "no square images of finite numbers"),
    ]
    for values, words in cases:
        with pytest.raises(RecordingError, match=words):
            make("features", [changed(run, "weights", values) for run in runs])
    still = [changed(run, "kurtosis", run.probes["features/kurtosis"] * np.nan) for run in runs]
    with pytest.raises(RecordingError, match="no unit of arm 'no dropout' has moved"):
        make("features", still)
    short = [changed(run, "kurtosis", run.probes["features/kurtosis"][:, :-1]) for run in runs]
    with pytest.raises(RecordingError, match="does not fit"):
        make("features", short)
    fewer = [changed(run, "weights", weights[:, : -1 - (run.arm == "no dropout")]) for run in runs]
    with pytest.raises(RecordingError, match="weights of different shapes"):
        make("features", fewer)
