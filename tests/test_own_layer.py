"""The masks of two layers beside each other: what is drawn, what is counted, and what is found where they differ."""

from dataclasses import replace

import numpy as np
import pytest

import dropviz
from dropviz.analysis.comparison import gather
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.timeline import Pace
from dropviz.charts.own_layer.chart import OwnLayerChart
from dropviz.errors import RecordingError
from dropviz.experiments.presets import PRESETS
from dropviz.style.labels import Labels
from dropviz.style.theme import find_theme

SMALL = PRESETS["own-layer"].replace(
    train_size=100, hidden=(20, 9), epochs=6, batch_size=50, snapshot_every=3, recorded_iterations=10, seeds=(1, 2)
)


@pytest.fixture(scope="module")
def runs():
    """Recordings of a smaller version of the preset, from real training on the CPU."""
    return dropviz.train(SMALL, device="cpu")


@pytest.fixture(scope="module")
def torn(runs):
    """The same, of which in each seed one bit was turned over, and one snapshot moved."""
    changed = []
    for run in runs:
        masks = {name: mask.copy() for name, mask in run.masks.items()}
        masks[run.layers[2].site][4, 0, 3] ^= run.arm == "nn.Dropout"
        loss = run.snapshots["test_loss"] + 0.25 * (run.arm == "nn.Dropout") * (np.arange(4) == 2)
        snapshots = {**run.snapshots, "test_loss": loss}
        changed.append(dropviz.Recording(**{**vars(run), "masks": masks, "snapshots": snapshots}))
    return changed


def make(runs, frames=None):
    """The chart of some runs."""
    return OwnLayerChart(gather(runs), Canvas((640, 360), find_theme("light"), Labels("en")), frames, Pace(1.0))


def test_the_two_layers_train_alike_bit_for_bit(runs):
    """On the CPU every recorded bit, accuracy and loss is the same, in each seed, and the answer says so."""
    for one, other in zip(runs[::2], runs[1::2], strict=True):
        assert {one.arm, other.arm} == {"own layer", "nn.Dropout"}
        assert all(np.array_equal(one.masks[name], other.masks[name]) for name in ("hidden 1", "hidden 2"))
        assert np.array_equal(one.snapshots["test_loss"], other.snapshots["test_loss"])
    bits = 2 * 10 * 4 * 29
    (answer,) = OwnLayerChart.answers(gather(runs), Labels("en"))
    assert answer.headline == "Bit for bit the same: own layer and nn.Dropout"
    assert answer.evidence == (
        f"{bits:,} of {bits:,} bits are equal; test accuracy differs by 0, loss by 0; trained on CPU"
    )
    assert answer.holds is True


def test_cells_are_the_recorded_masks(torn):
    """Left and right, filled are the units kept by the first example; marked are those in which the two differ."""
    chart = make(torn)
    for index, _ in chart.timeline:
        chart.show(index)
        masks = [
            np.concatenate([run.masks[name][index, 0] for name in ("hidden 1", "hidden 2")])
            for run in (next(run for run in torn if run.arm == name) for name in ("own layer", "nn.Dropout"))
        ]
        for grid, mask in zip(chart.grids, masks, strict=True):
            kept, dropped, odd = grid.kinds
            np.testing.assert_array_equal(kept.centres, grid.centres[mask])
            np.testing.assert_array_equal(dropped.centres, grid.centres[~mask])
            np.testing.assert_array_equal(odd.centres, grid.centres[masks[0] != masks[1]])
        assert len(chart.grids[0].kinds[2].centres) == (index == 4)


def test_bits_are_counted_so_far(torn):
    """The count is of the minibatches until now."""
    chart = make(torn)
    said = {}
    for index, _ in chart.timeline:
        chart.show(index)
        said[index] = chart.count.get_text()
    assert said[3] == "464 of 464 bits are equal so far"
    assert said[4] == "579 of 580 bits are equal so far"


def test_layers_that_differ_are_said_to(torn, runs):
    """Differences in all seeds do not hold; in one of them, nothing is decided, and of one run neither."""
    (answer,) = OwnLayerChart.answers(gather(torn), Labels("en"))
    assert answer.headline == "Not the same: own layer and nn.Dropout"
    assert answer.evidence.startswith("2,318 of 2,320 bits are equal; test accuracy differs by 0, loss by 0.25")
    assert answer.holds is False
    mixed = [new if new.seed == 2 else old for new, old in zip(torn, runs, strict=True)]
    assert OwnLayerChart.answers(gather(mixed), Labels("en"))[0].holds is None
    single = [run for run in runs if run.seed == 1]
    assert OwnLayerChart.answers(gather(single), Labels("en"))[0].holds is None


def test_the_device_is_the_recorded_one(runs):
    """The evidence names what the runs were trained on, as their provenance has it."""
    foreign = [dropviz.Recording(**{**vars(run), "provenance": {**run.provenance, "device": "a GPU"}}) for run in runs]
    assert OwnLayerChart.answers(gather(foreign), Labels("en"))[0].evidence.endswith("trained on a GPU")


def test_what_cannot_be_compared_is_refused(runs):
    """One layer alone, other seeds, or other minibatches end in one line."""
    one = [run for run in runs if run.arm == "own layer"]
    with pytest.raises(RecordingError, match="no two layers to compare"):
        make(one)
    strange = [replace(run, seed=run.seed + 7) if run.arm == "nn.Dropout" else run for run in runs]
    with pytest.raises(RecordingError, match=r"'own layer' and 'nn.Dropout' have no seed in common"):
        make(strange)
    moved = [replace(run, recorded_iterations=run.recorded_iterations + (run.arm == "nn.Dropout")) for run in runs]
    with pytest.raises(RecordingError, match="kept different minibatches or snapshots"):
        make(moved)
    gone = [replace(run, masks={}, drop_rate={}, examples=None) if run.seed == runs[0].seed else run for run in runs]
    with pytest.raises(RecordingError, match="no two layers to compare"):
        make(gone)
    late = [run for run in runs if run.seed != runs[0].seed]
    bare = [replace(run, masks={}, drop_rate={}, examples=None) for run in late]
    with pytest.raises(RecordingError, match="kept no masks with seed"):
        make([run for run in runs if run.seed == runs[0].seed] + bare)
