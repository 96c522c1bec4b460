"""Dropout and weight decay, alone and together: cells, effects and interaction against the recordings."""

import numpy as np
import pytest

import dropviz
from dropviz.analysis.comparison import gather
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.timeline import Pace
from dropviz.charts.interaction.chart import InteractionChart
from dropviz.drawing.raster import default_style
from dropviz.errors import RecordingError
from dropviz.experiments.arm import Arm
from dropviz.experiments.presets import PRESETS
from dropviz.experiments.presets.methods import METHODS
from dropviz.style.labels import Labels
from dropviz.style.theme import find_theme

ARMS = (Arm("both", 0.5, weight_decay=0.02), Arm("neither"), Arm("drop", 0.5), Arm("decay", weight_decay=0.02))
GRID = ("neither", "decay", "drop", "both")
LABELS = Labels("en")


@pytest.fixture(scope="module")
def four(tiny):
    """Recordings of a grid, whose arms stand in no order."""
    return dropviz.train(tiny.replace(name="four", hidden=(12, 9), recorded_iterations=0, arms=ARMS), device="cpu")


def make(recordings, size=(1280, 720)):
    """The chart of these recordings."""
    with default_style():
        return InteractionChart(gather(recordings), Canvas(size, find_theme("light"), LABELS), None, Pace(1.0))


def accuracy_of(recordings, arm):
    """Test accuracy of an arm, float [runs, snapshots]."""
    return np.array([each.snapshots["test_accuracy"] for each in recordings if each.arm == arm])


def ended(recordings, values):
    """The same recordings, with these test accuracies at the end, by arm and seed."""
    for each in recordings:
        accuracy = each.snapshots["test_accuracy"].copy()
        accuracy[-1] = values[each.arm][each.seed - 1]
        yield dropviz.Recording(**{**vars(each), "snapshots": {**each.snapshots, "test_accuracy": accuracy}})


def test_rows_are_in_their_places_whatever_their_order(four):
    """Neither, weight decay, dropout, both, from top to bottom, at the errors of the last snapshot."""
    chart, theme = make(four), find_theme("light")
    assert tuple(row.name for row in chart.rows.rows) == GRID
    assert chart.rows.heights == sorted(chart.rows.heights, reverse=True)
    assert chart.rows.colors == [theme.plain, theme.plain, theme.noisy[0], theme.noisy[1]]
    for row in chart.rows.rows:
        np.testing.assert_array_equal(row.errors, 1 - accuracy_of(four, row.name)[:, -1])


@pytest.mark.parametrize(
    ("both", "holds", "headline"),
    [
        ((0.80, 0.80), False, "Together: no clear gain over either alone"),
        ((0.99, 0.99), True, "Together they gain 19 points more than either alone"),
        ((0.70, 0.71), False, "Together they do 9.5 points worse than the better alone"),
        ((0.80, 0.99), None, "Together: no clear gain over either alone"),
    ],
)
def test_interaction_is_what_is_missing_from_the_sum(four, both, holds, headline):
    """The headline is of both against the better one; it holds by (both - dropout) - (decay - neither)."""
    values = {"neither": (0.6, 0.64), "decay": (0.7, 0.74), "drop": (0.8, 0.8), "both": both}
    (answer,) = InteractionChart.answers(gather(list(ended(four, values))), LABELS)
    extra = 100 * np.mean([b - 0.8 - 0.1 for b in both])
    side = "below" if extra < 0 else "above"
    points = f"{abs(extra):.0f}" if abs(extra) >= 9.95 else f"{abs(extra):.1f}"
    assert answer.headline == headline
    assert answer.evidence.startswith("against drop alone: ")
    assert answer.evidence.endswith(f"; {points} points {side} the sum of both gains")
    assert answer.holds is holds


def test_one_seed_claims_nothing(four):
    """Of one run the difference is said, without an interval and without a claim."""
    (answer,) = InteractionChart.answers(gather([each for each in four if each.seed == 1]), LABELS)
    assert answer.headline.startswith("One run: ")
    assert answer.holds is None


@pytest.mark.parametrize("missing", GRID)
def test_a_grid_takes_four_arms(four, missing):
    """With an arm missing there is no grid, and one line says what it takes."""
    with pytest.raises(RecordingError, match="no 2x2 grid: it takes one with neither, one with a penalty"):
        make([each for each in four if each.arm != missing])


def test_preset_is_a_grid():
    """Four arms: one weight decay and one drop probability, each with and without the other."""
    seen = {(arm.has_noise, arm.weight_decay or 0) for arm in PRESETS["interaction"].arms}
    (strength,) = {decay for _, decay in seen if decay}
    assert seen == {(False, 0), (False, strength), (True, 0), (True, strength)}
    assert strength == 2 * METHODS["L2"][-1]["l2"]
