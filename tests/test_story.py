"""The chart `story`: network and curves of one picture are at the same recorded iteration."""

from dataclasses import replace

import numpy as np
import pytest
from decoding import blocks, decode
from test_every_chart import changed, make

import dropviz
from dropviz.analysis.statistics import interval
from dropviz.charts.base.network_units import fills_of
from dropviz.charts.base.timeline import POSTER, without_fade
from dropviz.errors import RecordingError, UsageError
from dropviz.experiments.presets import PRESETS
from dropviz.experiments.presets.story import PRESETS as OWN
from dropviz.style.theme import find_theme, rgb

WIDE = (1280, 720)


@pytest.fixture(scope="module")
def runs(recordings_of):
    """Recordings of the preset, shrunk; the first run with masks is the one whose network is drawn."""
    return recordings_of("story")


@pytest.fixture(scope="module")
def noisy(runs):
    """The run whose network is drawn."""
    return next(each for each in runs if each.masks)


@pytest.fixture(scope="module")
def chart(runs):
    """The chart in full size."""
    return make("story", runs, WIDE)


def ends_of(chart):
    """Iteration and accuracy at which each line ends, by arm and series."""
    to_data = chart.growing.axes.transData.inverted()
    return [to_data.transform(curve.line.path.vertices[-1]) for curve in chart.growing.curves]


def seen_words(chart):
    """The words of the header that are seen."""
    return " ".join(text.get_text() for text in chart.header.moving if text.get_visible())


def pass_of(run, iteration):
    """The latest kept mask of the followed image up to an iteration."""
    same = run.examples.index[:, 0] == run.examples.index[0, 0]
    return int(np.flatnonzero(same & (run.recorded_iterations <= iteration))[-1])


def test_crossed_units_are_those_of_the_latest_pass_of_one_image(chart, noisy):
    """In every frame: units that the mask of that very pass keeps are filled, the others crossed."""
    seen = set()
    for index, _ in chart.timeline:
        chart.show(index)
        iterations = {round(float(x)) for x, _ in ends_of(chart)}
        assert len(iterations) == 1
        (iteration,) = iterations
        row, panel = pass_of(noisy, iteration), chart.panel
        parts = zip(panel.positions, noisy.layers, panel.layout.columns, panel.units.dropped, strict=True)
        for positions, layer, column, dropped in parts:
            mask = noisy.masks.get(layer.name, np.ones((len(noisy.recorded_iterations), 1, layer.units), bool))[row, 0]
            for unit, place in zip(column.units, positions, strict=True):
                assert (dropped.centres == place).all(axis=1).any() == (not mask[unit])
        assert chart.counter(index).startswith(f"iteration {iteration} of 12")
        shown = noisy.recorded_iterations[row]
        assert shown == iteration or chart.counter(index).endswith(f"network: iteration {shown}")
        assert panel.rates["hidden 1"].get_text() == f"{100 * noisy.drop_rate['hidden 1'][row]:.0f}%"
        said = panel.answer.right.get_text() + panel.answer.wrong.get_text()
        assert not said or f"{noisy.examples.prediction[row, 0].argmax()}  " in said
        seen.add(iteration)
    assert seen == {3, 6, 9, 12}


def test_crosses_are_seen_in_the_decoded_frames(runs, noisy, chart, tmp_path):
    """The pixel at the middle of each shown hidden unit has the colour of its activation, or that of a cross."""
    dropviz.animate(runs, "story", out=tmp_path / "a.gif", size=WIDE)
    theme, frames = find_theme("light"), decode(tmp_path / "a.gif")
    ends = np.cumsum(blocks(tmp_path / "a.gif").delays)  # equal frames are one
    times = POSTER + np.cumsum((0, *chart.timeline.durations[:-1]))
    shown = [frames[number] for number in np.searchsorted(ends, times, side="right")]
    fills = fills_of(theme)
    met = set()
    panel = chart.panel
    for frame, (index, _) in zip(shown, chart.timeline, strict=True):
        row = pass_of(noisy, noisy.snapshots["iteration"][without_fade(index)])
        for number in (1, 2):
            layer, column, levels = noisy.layers[number], panel.layout.columns[number], panel.units.levels[number]
            for place, (unit, (x, y)) in enumerate(zip(column.units, panel.positions[number], strict=True)):
                kept = bool(noisy.masks[layer.name][row, 0, unit])
                color = fills[levels[row, place]] if kept else theme.muted
                assert tuple(frame[round(720 - y - 0.5), round(x - 0.5)]) == rgb(color)
                met.add(kept)
    assert met == {True, False}


def test_curves_end_at_the_recorded_means(chart, runs):
    """Each line ends at the mean over the runs of its arm; the label says so at the last frame."""
    for index, _ in chart.timeline:
        chart.show(index)
        expected = [
            np.mean([run.snapshots[metric][without_fade(index)] for run in runs if run.arm == arm])
            for arm in ("no dropout", "dropout 0.5")
            for metric in ("test_accuracy", "train_accuracy")
        ]
        np.testing.assert_allclose([y for _, y in ends_of(chart)], expected)
    labels = [curve.label.get_text() for curve in chart.growing.curves]
    assert [words.split()[0] for words in labels] == [f"{100 * mean:.1f}%" for mean in expected]


def test_answer_comes_with_the_last_frame(chart, runs):
    """It holds the mean difference of the pairs of runs, and is seen at the end alone."""
    chart.show(chart.timeline.indices[-2])
    assert "does it help" in seen_words(chart)
    chart.show(chart.timeline.indices[-1])
    final = {(run.arm, run.seed): run.snapshots["test_accuracy"][-1] for run in runs}
    points = 100 * np.array(
        [final["dropout 0.5", seed] - final["no dropout", seed] for seed in sorted({run.seed for run in runs})]
    )
    low, high = interval(points).low, interval(points).high
    assert "does it help" not in seen_words(chart)
    assert f"{low:+.1f} to {high:+.1f} points".replace("-", "\N{MINUS SIGN}") in seen_words(chart)


def test_masks_are_shown_long_enough(chart):
    """2 masks a second at most."""
    assert min(a + b for a, b in zip(chart.timeline.durations[1::2], chart.timeline.durations[2::2], strict=True)) >= 50


def test_weights_are_those_of_the_iterations_shown(chart, noisy):
    """What is said of an edge at a frame is its weight in the pass of that frame's iteration."""
    left, right = (column.units for column in chart.panel.layout.columns[1:3])
    values = chart.annotations()[f"dropout 0.5/hidden 1/{left[1]} - dropout 0.5/hidden 2/{right[2]}"].values
    rows = [pass_of(noisy, noisy.snapshots["iteration"][without_fade(index)]) for index in chart.timeline.indices]
    places = [
        noisy.units_shown(layer).index(unit)
        for layer, unit in ((noisy.layers[2], right[2]), (noisy.layers[1], left[1]))
    ]
    np.testing.assert_array_equal(values, noisy.weights["hidden 2"][rows, places[0], places[1]])


def test_missing_masks_are_refused(runs):
    """Where the mask of a snapshot's iteration was not kept, one line says how many to keep."""
    with pytest.raises(RecordingError) as caught:
        make("story", [cut(each, 7) for each in runs])
    assert str(caught.value) == (
        "iteration 9 has a snapshot, but its mask of arm 'dropout 0.5' was not kept: "
        "train with recorded_iterations = 12"
    )


def test_no_masks_at_all_are_refused(runs):
    """Nor is there a story of arms that drop nothing."""
    with pytest.raises(RecordingError, match="no masks to draw"):
        make("story", [changed(each, masks={}, drop_rate={}) for each in runs])


def cut(run, count):
    """A recording of which only the first masks were kept."""
    examples = {name: getattr(run.examples, name)[:count] for name in ("index", "label", "prediction", "image")}
    parts = {
        name: {key: values[:count] for key, values in getattr(run, name).items()}
        for name in ("masks", "drop_rate", "weights", "activations")
    }
    return changed(
        run,
        tracked_rows=run.tracked_rows[:count],
        recorded_iterations=run.recorded_iterations[:count],
        examples=replace(run.examples, **examples),
        **parts,
    )


@pytest.mark.parametrize("name", [each.name for each in OWN])
def test_presets_keep_the_masks_of_all_iterations(name):
    """So that no snapshot is without one."""
    experiment = PRESETS[name]
    assert experiment.recorded_iterations >= experiment.epochs * -(-experiment.train_size // experiment.batch_size)


def test_a_small_picture_has_axes(recordings_of, tmp_path):
    """Labels of curves leave room for the axes, however small the picture is."""
    made = dropviz.animate(
        recordings_of("story"), "story", compare=True, out=tmp_path / "a.gif", size=(320, 180), frames=2
    )
    assert made.frames == 2


def test_a_network_without_any_height_is_refused(runs):
    """Words and image would lie upon each other."""
    with pytest.raises(UsageError, match="no room for its network: draw a larger one, with --size"):
        make("story", runs, (160, 160))
