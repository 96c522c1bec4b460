"""The chart `features` against the recorded weights."""

from dataclasses import replace

import numpy as np
import pytest
from decoding import decode
from test_charts import arm, make

import dropviz
from dropviz.analysis.comparison import gather
from dropviz.charts.features.chart import FeaturesChart
from dropviz.charts.features.grid import GREYS, MINUS, shades
from dropviz.errors import RecordingError
from dropviz.experiments.arm import Arm
from dropviz.style.labels import Labels
from dropviz.style.theme import rgb


@pytest.fixture
def runs(recordings_of):
    """Recordings of its preset, shrunk to 24 units."""
    return recordings_of("features")


def changed(run, name, values):
    """The same recording with one array of the probe changed."""
    return replace(run, probes={**run.probes, f"features/{name}": values})


def test_pixels_are_the_recorded_weights(runs, tmp_path):
    """In the decoded GIF, the middle of each pixel of each unit has the grey of its weight at that snapshot."""
    made = dropviz.animate(runs, "features", compare=True, out=tmp_path / "a.gif", frames=3)
    chart, frames = make("features", runs, frames=3), decode(made.path)
    assert len(frames) == 3
    for (index, _), frame in zip(chart.timeline, frames, strict=True):
        for grid, name in zip(chart.grids, ("no dropout", "dropout 0.5"), strict=True):
            weights = arm(runs, name)[0].probes["features/weights"][index].astype(float)
            assert len(grid.pictures) == 24
            for unit, picture in enumerate(grid.pictures):
                (x, y), side = picture._corner, picture._side
                centres = (np.arange(8) + 0.5) * side / 8
                seen = frame[(720 - y - side + centres).astype(int)[:, None], (x + centres).astype(int)]
                number = np.round((np.clip(weights[unit] / chart.limit, -1, 1) + 1) / 2 * (len(GREYS) - 1)).astype(int)
                expected = np.array([rgb(GREYS[each]) for each in number]).reshape(8, 8, 3)
                np.testing.assert_array_equal(seen, expected)


def test_scale_is_one_for_all_and_symmetric(runs):
    """It does not change with time or arm, 0 is the middle grey, and few weights lie beyond, as many as are said to."""
    chart = make("features", runs)
    weights = np.stack([arm(runs, name)[0].probes["features/weights"] for name in ("no dropout", "dropout 0.5")])
    assert chart.limit == pytest.approx(np.percentile(np.abs(weights.astype(float)), 99.5))
    beyond = (np.abs(weights.astype(float)) > chart.limit).mean(axis=(2, 3)).max()
    said = " ".join(text.get_text() for text in chart.figure.texts)
    assert f"at most {100 * beyond:.1f}% lie beyond" in said
    assert f"+{chart.limit:.2f}" in said
    assert shades(np.array([-9.0, -1, 0, 1, 9]), 1.0).tolist() == [0, 0, 8, 16, 16]


def test_units_are_the_first_ones_whatever_they_look_like(tiny):
    """Of 60 units the first 48 are drawn, in their order."""
    arms = (Arm("no dropout"), Arm("dropout", 0.5))
    wide = tiny.replace(hidden=(60,), arms=arms, epochs=1, seeds=(4,), probes=("features",))
    runs = dropviz.train(wide, device="cpu")
    chart = make("features", runs)
    assert [len(grid.pictures) for grid in chart.grids] == [48, 48]
    weights = runs[0].probes["features/weights"].astype(float)
    np.testing.assert_array_equal(chart.grids[0].grey[:, 47].reshape(-1, 64), shades(weights[:, 47], chart.limit))


def test_answer_is_the_paired_difference_of_the_mean_kurtosis(runs):
    """Over all units, in the last snapshot; and above each grid stands that of the run that is drawn."""
    (answer,) = FeaturesChart.answers(gather(runs), Labels("en"))
    of = {
        name: np.array([np.nanmean(run.probes["features/kurtosis"][-1]) for run in arm(runs, name)])
        for name in ("no dropout", "dropout 0.5")
    }
    for values in of.values():
        assert f"{values.mean():.2f} ± {values.std(ddof=1):.2f}".replace("-", MINUS) in answer.words
    gaps = of["dropout 0.5"] - of["no dropout"]
    decided = (gaps > 0).all() or (gaps < 0).all()
    assert answer.holds is (bool((gaps > 0).all()) if decided else None)
    chart = make("features", runs)
    chart.show(chart.timeline.indices[-1])
    for grid, values in zip(chart.grids, of.values(), strict=True):
        assert grid.kurtosis.get_text() == f"kurtosis of what was learned {values[0]:.2f}".replace("-", MINUS)


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
