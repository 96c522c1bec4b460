"""The chart `story`: network and curves of one picture are at the same recorded iteration."""

from dataclasses import replace

import numpy as np
import pytest
from decoding import decode
from test_every_chart import changed, make

import dropviz
from dropviz.errors import RecordingError
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


def row_of(run, iteration):
    """Which of the kept masks is that of an iteration."""
    (row,) = np.flatnonzero(run.recorded_iterations == iteration)
    return int(row)


def test_crossed_units_are_those_of_the_iteration_at_which_the_curves_end(chart, noisy):
    """In every frame: the units that the mask of that very iteration keeps are full, the others crossed."""
    seen = set()
    for index, _ in chart.timeline:
        chart.show(index)
        iterations = {round(float(x)) for x, _ in ends_of(chart)}
        assert len(iterations) == 1
        (iteration,) = iterations
        row, panel = row_of(noisy, iteration), chart.panel
        for positions, layer, column in zip(panel.positions, noisy.layers, panel.layout.columns, strict=True):
            mask = noisy.masks.get(layer.name, np.ones((len(noisy.recorded_iterations), 1, layer.units), bool))[row, 0]
            for unit, place in zip(column.units, positions, strict=True):
                crossed = (panel.dropped.centres == place).all(axis=1).any()
                assert crossed == (not mask[unit])
                assert crossed != (panel.kept.centres == place).all(axis=1).any()
        assert chart.counter.get_text() == f"iteration {iteration} of 12"
        assert panel.rates["hidden 1"].get_text() == f"{100 * noisy.drop_rate['hidden 1'][row]:.1f}%"
        assert panel.example.lines[1].get_text() == f"says: {noisy.examples.prediction[row, 0].argmax()}"
        seen.add(iteration)
    assert seen == {3, 6, 9, 12}


def test_crosses_are_seen_in_the_decoded_frames(runs, noisy, chart, tmp_path):
    """The pixel at the middle of each shown hidden unit has the colour of its arm, or that of a cross."""
    dropviz.animate(runs, "story", out=tmp_path / "a.gif", size=WIDE)
    theme, frames = find_theme("light"), decode(tmp_path / "a.gif")
    assert len(frames) == len(chart.timeline)
    colours = {True: rgb(chart.panel.color), False: rgb(theme.muted)}
    met = set()
    for frame, (index, _) in zip(frames, chart.timeline, strict=True):
        row = row_of(noisy, noisy.snapshots["iteration"][index])
        for layer, positions, column in zip(
            noisy.layers[1:3], chart.panel.positions[1:3], chart.panel.layout.columns[1:3], strict=True
        ):
            for unit, (x, y) in zip(column.units, positions, strict=True):
                kept = bool(noisy.masks[layer.name][row, 0, unit])
                assert tuple(frame[round(720 - y - 0.5), round(x - 0.5)]) == colours[kept]
                met.add(kept)
    assert met == {True, False}


def test_curves_end_at_the_recorded_means(chart, runs):
    """Each line ends at the mean over the runs of its arm; the label says so at the last frame."""
    for index, _ in chart.timeline:
        chart.show(index)
        expected = [
            np.mean([run.snapshots[metric][index] for run in runs if run.arm == arm])
            for arm in ("no dropout", "dropout 0.5")
            for metric in ("test_accuracy", "train_accuracy")
        ]
        np.testing.assert_allclose([y for _, y in ends_of(chart)], expected)
    labels = [curve.label.get_text() for curve in chart.growing.curves]
    assert [words.split()[0] for words in labels] == [f"{100 * mean:.1f}%" for mean in expected]


def test_answer_comes_with_the_last_frame(chart, runs):
    """It holds the mean difference of the pairs of runs, and is seen at the end alone."""
    chart.show(chart.timeline.indices[-2])
    assert not any(words.get_visible() for words in chart.answer_lines.words)
    chart.show(chart.timeline.indices[-1])
    final = {(run.arm, run.seed): run.snapshots["test_accuracy"][-1] for run in runs}
    points = 100 * np.array([final["dropout 0.5", seed] - final["no dropout", seed] for seed in (1, 2)])
    sd, points = points.std(ddof=1), points.mean()
    assert all(words.get_visible() for words in chart.answer_lines.words)
    assert (
        f" {abs(points):.1f} ± {sd:.1f} points {'above' if points > 0 else 'below'}"
        in chart.answer_lines.words[0].get_text()
    )


def test_masks_are_shown_long_enough(chart):
    """2.5 masks a second at most."""
    assert min(chart.timeline.durations) >= 40


def test_weights_are_those_of_the_iterations_shown(chart, noisy):
    """What is said of an edge at a frame is its weight in the pass of that frame's iteration."""
    values = chart.annotations()["dropout 0.5/hidden 1/0 - dropout 0.5/hidden 2/1"].values
    rows = [row_of(noisy, noisy.snapshots["iteration"][index]) for index in chart.timeline.indices]
    np.testing.assert_array_equal(values, noisy.weights["hidden 2"][rows, 1, 0])


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
        for name in ("masks", "drop_rate", "weights")
    }
    return changed(
        run, recorded_iterations=run.recorded_iterations[:count], examples=replace(run.examples, **examples), **parts
    )


@pytest.mark.parametrize("name", [each.name for each in OWN])
def test_presets_keep_the_masks_of_all_iterations(name):
    """So that no snapshot is without one."""
    experiment = PRESETS[name]
    assert experiment.recorded_iterations >= experiment.epochs * -(-experiment.train_size // experiment.batch_size)
