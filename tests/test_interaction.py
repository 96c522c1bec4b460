"""Dropout and weight decay, alone and together: cells, effects and interaction against the recordings."""

import numpy as np
import pytest

import dropviz
from dropviz.analysis.comparison import gather
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.interaction.chart import InteractionChart
from dropviz.charts.interaction.grid import PAIRS
from dropviz.drawing.raster import default_style
from dropviz.errors import RecordingError
from dropviz.experiments.arm import Arm
from dropviz.experiments.presets import PRESETS
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
        return InteractionChart(gather(recordings), Canvas(size, find_theme("light"), LABELS), None, 1.0)


def accuracy_of(recordings, arm):
    """Test accuracy of an arm, float [runs, snapshots]."""
    return np.array([each.snapshots["test_accuracy"] for each in recordings if each.arm == arm])


def ended(recordings, values):
    """The same recordings, with these test accuracies at the end, by arm and seed."""
    for each in recordings:
        accuracy = each.snapshots["test_accuracy"].copy()
        accuracy[-1] = values[each.arm][each.seed - 1]
        yield dropviz.Recording(**{**vars(each), "snapshots": {**each.snapshots, "test_accuracy": accuracy}})


def signed(points):
    """As the picture writes percentage points: a sign, and ± sd."""
    sign = "+" if points.mean() >= 0 else "\N{MINUS SIGN}"
    return f"{sign}{abs(points.mean()):.1f} ± {points.std(ddof=1):.1f}"


def test_cells_are_in_their_places_whatever_their_order(four):
    """Left without and right with weight decay, above without and below with dropout; colours say the same."""
    chart, theme = make(four), find_theme("light")
    assert tuple(arm.name for arm in chart.grid) == GRID
    boxes = [cell.box for cell in chart.cells]
    assert boxes[0].left == boxes[2].left < boxes[1].left == boxes[3].left
    assert boxes[0].bottom == boxes[1].bottom > boxes[2].bottom == boxes[3].bottom
    assert [cell.color for cell in chart.cells] == [theme.plain, theme.plain, theme.noisy[0], theme.noisy[0]]


def test_lines_and_bands_are_the_recorded_accuracy(four):
    """At every moment each line goes through the means so far, and its band through mean ± sd, within the axis."""
    chart = make(four)
    for index, _ in chart.timeline:
        chart.show(index)
        for cell, name in zip(chart.cells, GRID, strict=True):
            values, to_data = accuracy_of(four, name)[:, : index + 1], cell.axes.transData.inverted()
            limits = cell.axes.get_ylim()
            mean, sd = values.mean(axis=0), values.std(axis=0, ddof=1)
            drawn = to_data.transform(cell.line.path.vertices)
            np.testing.assert_allclose(drawn[:, 0], [3, 6, 9, 12, 15, 18, 20][: index + 1])
            np.testing.assert_allclose(drawn[:, 1], np.clip(mean, *limits))
            band = to_data.transform(cell.band.path.vertices)[:, 1]
            np.testing.assert_allclose(band, np.clip(np.concatenate([mean - sd, (mean + sd)[::-1]]), *limits))


def test_all_cells_have_one_scale(four):
    """Heights in one cell mean what they mean in the others."""
    assert len({cell.axes.get_ylim() for cell in make(four).cells}) == 1


def test_arrows_say_the_paired_differences(four):
    """At the end: mean ± sd over seeds of what weight decay adds in each row, and dropout in each column."""
    chart = make(four)
    chart.show(chart.timeline.indices[-1])
    for words, (one, other) in zip(chart.effects, PAIRS, strict=True):
        points = 100 * (accuracy_of(four, GRID[other]) - accuracy_of(four, GRID[one]))[:, -1]
        assert words.get_text() == signed(points)


@pytest.mark.parametrize(
    ("both", "holds", "key"),
    [
        ((0.80, 0.82), False, "Together less than their sum: interaction \N{MINUS SIGN}9.0 ± 1.4 points"),
        ((0.99, 0.98), True, "Together more than their sum: interaction +8.5 ± 0.7 points, above 0 in 2 of 2"),
        ((0.80, 0.99), None, "No clear interaction: \N{MINUS SIGN}0.5 ± 13.4 points, below 0 in 1 of 2 seeds"),
    ],
)
def test_interaction_is_what_is_missing_from_the_sum(four, both, holds, key):
    """(both - dropout) - (decay - neither), seed by seed: its sign decides only where all seeds have it."""
    values = {"neither": (0.6, 0.64), "decay": (0.7, 0.74), "drop": (0.8, 0.8), "both": both}
    runs = list(ended(four, values))
    recordings = gather(runs)
    gains, answer = InteractionChart.answers(recordings, LABELS)
    assert gains.words.startswith("decay: +10.0 ± 0.0 points of test accuracy alone, ")
    assert gains.words.endswith(" on top of drop")
    assert gains.holds is None
    wanted = 100 * np.array([b - 0.8 - 0.1 for b in both])
    assert signed(wanted) in answer.words
    assert answer.words.startswith(key)
    assert answer.holds is holds
    chart = make(runs)
    chart.show(chart.timeline.indices[-1])
    assert chart.crossing.get_text() == signed(wanted)


def test_one_seed_claims_nothing(four):
    """Of one run the figure is said, without a spread and without a claim."""
    answer = InteractionChart.answers(gather([each for each in four if each.seed == 1]), LABELS)[1]
    assert answer.words.startswith("One run, no claim: interaction")
    assert answer.holds is None
    assert "±" not in answer.words


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
    chosen = PRESETS["regularizers"].arm("L2 0.003")
    assert strength == 2 * chosen.l2
