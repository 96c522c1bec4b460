"""The probe `gate` against the masks of the same recording, and its picture against both."""

from dataclasses import replace

import numpy as np
import pytest

import dropviz
from dropviz.analysis.comparison import gather
from dropviz.charts.base.canvas import TEXT, Canvas
from dropviz.charts.base.timeline import Pace
from dropviz.charts.gate.chart import GateChart
from dropviz.errors import RecordingError
from dropviz.experiments.experiment import Arm, Experiment
from dropviz.recording.shown import sample_units
from dropviz.rendering.source import ChartSource
from dropviz.style.labels import Labels
from dropviz.style.theme import find_theme

SMALL = Experiment(
    name="small-gate",
    train_size=150,
    hidden=(24, 9),
    learning_rate=0.2,
    batch_size=50,
    epochs=6,
    snapshot_every=6,
    recorded_iterations=14,
    tracked_examples=3,
    probes=("gate",),
    seeds=(1, 2),
    arms=(Arm("dropout 0.3", 0.3), Arm("nn.Dropout 0.3", 0.3, noise="torch", input_drop_prob=0.2)),
)


@pytest.fixture(scope="module")
def gated():
    """Recordings of the small experiment, from real training."""
    return dropviz.train(SMALL, device="cpu")


# the probe


def test_what_leaves_a_noise_layer_is_the_gate_times_what_came(gated):
    """after = before · mask / (1 - drop_prob), bit for bit, in each layer with noise, in both kinds of layer."""
    for run in gated:
        masked = [layer for layer in run.layers if layer.drop_prob]
        assert [layer.name for layer in masked] == ["input", "hidden 1", "hidden 2"][-2 - ("nn." in run.arm) :]
        for layer in masked:
            shown = list(sample_units(layer.units))
            gate = run.masks[layer.name][:, :, shown].astype(np.float32) / np.float32(1 - layer.drop_prob)
            before, after = (run.probes[f"gate/{layer.name} {when}"] for when in ("before", "after"))
            assert before.shape == (14, 3, len(shown))
            assert before.dtype == np.float32
            assert np.array_equal(after, before * gate)
            assert (after[gate == 0] == 0).all()
            assert (before[gate == 0] > 0).any()


def test_before_is_what_the_followed_images_give(gated):
    """What comes to noise on the input are the pixels of the followed images themselves, and at test they leave so."""
    run = next(run for run in gated if "nn." in run.arm)
    pixels = run.examples.image.reshape(14, 3, 64)[:, :, list(sample_units(64))].astype(np.float32) / run.examples.white
    np.testing.assert_allclose(run.probes["gate/input before"], pixels, rtol=1e-6)
    np.testing.assert_allclose(run.probes["gate/input test"], pixels, rtol=1e-6)


def test_activations_at_test_are_those_of_the_weights_recorded_next(gated):
    """With dropout off, hidden 2 is reached by all of hidden 1: what thinning takes away is there again."""
    run = gated[0]
    before, test = (run.probes[f"gate/hidden 1 {when}"] for when in ("before", "test"))
    assert (test >= 0).all()
    assert np.corrcoef(before.ravel(), test.ravel())[0, 1] > 0.9  # one update lies between them


# the picture


def make(runs, frames=None, size=(640, 360)):
    """The chart of some runs."""
    labels = Labels("en")
    return GateChart(gather(runs), Canvas(size, find_theme("light"), labels), frames, Pace(1.0))


@pytest.fixture(scope="module")
def plain(gated):
    """The runs of the arm with dropviz's own layer."""
    return [run for run in gated if "nn." not in run.arm]


def test_bars_and_gates_are_the_recorded_ones(plain):
    """In each frame, bars are as long as the recorded activations, on one scale, and gates as the recorded mask."""
    chart, run = make(plain), plain[0]
    often = (run.probes["gate/hidden 2 before"][:, 0] > 0).mean(axis=0)
    units = sorted(np.argsort(-often, kind="stable")[:4])
    for index, _ in chart.timeline:
        chart.show(index)
        gates, scale = chart.gates, chart.canvas.scale
        for shape, when, sign in ((gates.before, "before", -1), (gates.after, "after", 1)):
            recorded = run.probes[f"gate/hidden 2 {when}"]
            y = np.append(recorded[index, 0, units], recorded[: index + 1].mean(dtype=float))
            corners = shape.path.vertices.reshape(-1, 5, 2) if shape.path is not None else np.empty((0, 5, 2))
            lengths = (corners[:, 1, 0] - corners[:, 0, 0]) / scale
            np.testing.assert_allclose(lengths, sign * y[y != 0] * gates.unit, rtol=1e-6)
            middles = (corners[:, 0, 1] + corners[:, 2, 1]) / 2 / scale
            np.testing.assert_allclose(middles, gates.ys[y != 0])
        mask = run.masks["hidden 2"][index, 0, units]
        np.testing.assert_allclose(gates.open.centres[:, 1], gates.ys[:4][mask] * scale)
        np.testing.assert_allclose(gates.shut.centres[:, 1], gates.ys[:4][~mask] * scale)
        assert [words.get_text() for words in gates.numbers[1]] == [f"{value:.2f}" if value else "0" for value in y]


def test_numbers_of_a_run_that_diverged_stay_in_the_picture(plain):
    """Activations as large as 1e15 take more room than others; bars leave it."""
    probes = {name: values * np.float32(1e15) for name, values in plain[0].probes.items()}
    chart = make([replace(plain[0], probes=probes)])
    chart.show(chart.timeline.indices[-1])
    gates = chart.gates
    left, right = ([each for each in numbers if each.get_text() != "0"] for numbers in gates.numbers)
    assert any("e+" in text.get_text() for text in right)
    widths = [gates.canvas.width_of(text.get_text(), TEXT, "bold") * gates.canvas.scale for text in right]
    ends = [text.x + width for text, width in zip(right, widths, strict=True)]
    assert max(ends) <= (gates.box.left + gates.box.width) * gates.canvas.scale + 1
    assert min(text.x for text in left) > max(widths)


def test_frames_show_iterations_with_the_most_active_units(plain):
    """No iteration that is left out has more active units than one that is shown; each is held 0.34 s or longer."""
    chart = make(plain, frames=3)
    assert len(chart.timeline) == 3
    active = (chart.before > 0).sum(axis=1)
    least = min(active[list(chart.timeline.indices)])
    assert (active > least).sum() < 3
    assert min(chart.timeline.durations) >= 34


def test_the_answer_is_measured(plain):
    """Share kept, its spread over units and that of a binomial count, and the means against test, by hand."""
    kept, mean = GateChart.answers(gather(plain), Labels("en"))
    shares = np.array([run.masks["hidden 2"].reshape(-1, 9).mean(axis=0) for run in plain])
    spread, chance = shares.std(axis=1).mean(), (0.3 * 0.7 / 42) ** 0.5
    assert kept.headline == "Open 70% of the time, each gate passes 1.43 times as much"
    assert kept.evidence == (
        f"open in {100 * shares.mean():.1f}% ± {100 * spread:.1f}% of 42 passes; "
        f"chance gives 70.0% ± {100 * chance:.1f}%"
    )
    assert kept.holds is True
    for layer in ("hidden 1", "hidden 2"):
        ratios = [
            run.probes[f"gate/{layer} after"].sum(dtype=float) / run.probes[f"gate/{layer} test"].sum(dtype=float)
            for run in plain
        ]
        assert f"{layer} {100 * np.mean(ratios):.1f} ± {100 * np.std(ratios, ddof=1):.1f}%" in mean.evidence


def test_what_chance_cannot_explain_is_said(plain):
    """Masks that keep too many, or means that are off in each run, do not hold; one run decides nothing."""
    wrong = []
    for run in plain:
        test = {name: 2 * values if name.endswith("test") else values for name, values in run.probes.items()}
        masks = {name: np.ones_like(mask) for name, mask in run.masks.items()}
        wrong.append(dropviz.Recording(**{**vars(run), "probes": test, "masks": masks}))
    kept, mean = GateChart.answers(gather(wrong), Labels("en"))
    assert kept.holds is mean.holds is False
    assert kept.headline == "Gates are open 100% of the time, not 70%"
    assert mean.headline == "What leaves on average is not what leaves at test"
    assert [answer.holds for answer in GateChart.answers(gather(wrong[:1]), Labels("en"))] == [None, None]


def test_recordings_without_gates_are_refused(plain, recordings):
    """Without masks, or without the probe, one line says what is missing."""
    bare = dropviz.Recording(**{**vars(plain[0]), "masks": {}, "drop_rate": {}})
    with pytest.raises(RecordingError, match="no gates to draw: no arm with dropout kept its masks"):
        make([bare])
    with pytest.raises(RecordingError, match="holds no 'gate/hidden 2 before': train with that probe"):
        make([run for run in recordings if run.arm == "dropout"])


def test_activations_that_are_not_finite_are_refused(plain):
    """One line names probe and arm; where losses say more, the runs that diverged, and from when on."""
    probes = {name: values * np.float32(np.nan) for name, values in plain[0].probes.items()}
    diverged = dropviz.Recording(**{**vars(plain[0]), "probes": probes})
    refused = r"^'gate/hidden 2 before' of arm 'dropout 0.3' is not finite: "
    with pytest.raises(RecordingError, match=f"{refused}the run has diverged; lower learning_rate$"):
        ChartSource(gather([diverged]), "gate")
    diverged.snapshots["train_loss"] = np.full(len(diverged.snapshots["iteration"]), np.inf)
    with pytest.raises(RecordingError, match=rf"{refused}The run diverged from iteration \d+ on \(.*; lower \w+\)$"):
        ChartSource(gather([diverged]), "gate")
