"""Regularisers side by side: rows against the recordings, strengths chosen by images held out, and what is claimed."""

from itertools import islice

import numpy as np
import pytest
import torch

import dropviz
from dropviz.analysis.comparison import ArmRuns, Comparison, gather
from dropviz.analysis.model_selection import arms_by_method, select_arm
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.rows import Row
from dropviz.charts.base.rows_chart import RowsChart, compare_rows
from dropviz.charts.regularizers import RegularizersChart
from dropviz.drawing.raster import default_style
from dropviz.errors import RecordingError
from dropviz.experiments.arm import Arm
from dropviz.experiments.presets import PRESETS
from dropviz.style.labels import Labels
from dropviz.style.theme import find_theme
from dropviz.training.data import load_data, split
from dropviz.training.model import build_mlp
from dropviz.training.regularizers import REGULARIZERS
from dropviz.training.trainer import minibatches

ARMS = (
    Arm("nothing"),
    Arm("L2 weak", l2=0.0001),
    Arm("L2 strong", l2=0.01),
    Arm("dropout", 0.5),
    Arm("dropout, L2", 0.5, l2=0.001),
    Arm("dropout, max-norm wide", 0.5, max_norm=4.0),
    Arm("dropout, max-norm narrow", 0.5, max_norm=0.5),
)
LABELS = Labels("en")


@pytest.fixture(scope="module")
def ranked(tiny):
    """Recordings of a few regularisers, two of them at two strengths."""
    experiment = tiny.replace(name="ranked", hidden=(12, 9), validation_size=50, recorded_iterations=0, arms=ARMS)
    return dropviz.train(experiment, device="cpu")


def make(recordings, chart=RegularizersChart, lang="en"):
    """The chart of these recordings."""
    with default_style():
        return chart(gather(recordings), Canvas((1280, 720), find_theme("light"), Labels(lang)), None, 1.0)


def errors_of(recordings, arm):
    """Test errors of an arm, float [runs, snapshots]."""
    return np.array([1 - each.snapshots["test_accuracy"] for each in recordings if each.arm == arm])


def held_out(recordings, arm):
    """Mean accuracy at the end on the images held out."""
    return np.mean([each.snapshots["validation_accuracy"][-1] for each in recordings if each.arm == arm])


def best_of(recordings, *arms):
    """The arm that the images held out choose; they tell these apart."""
    scores = [held_out(recordings, arm) for arm in arms]
    assert len(set(scores)) == len(arms)
    return arms[int(np.argmax(scores))]


def test_a_method_is_what_regularises_whatever_its_strength(ranked):
    """Arms are grouped by their settings, not by their names, in the order of the experiment."""
    found = {
        tuple(sorted(method)): [arm.name for arm in arms] for method, arms in arms_by_method(gather(ranked)).items()
    }
    assert found == {
        (): ["nothing"],
        ("l2",): ["L2 weak", "L2 strong"],
        ("dropout",): ["dropout"],
        ("dropout", "l2"): ["dropout, L2"],
        ("dropout", "max_norm"): ["dropout, max-norm wide", "dropout, max-norm narrow"],
    }


def test_strengths_are_chosen_by_images_held_out(ranked):
    """Of each method the row is of the arm with the best mean validation accuracy at the end, not of the best test."""
    rows = make(ranked).rows.rows
    wanted = [
        "nothing",
        best_of(ranked, "L2 weak", "L2 strong"),
        "dropout",
        "dropout, L2",
        best_of(ranked, "dropout, max-norm wide", "dropout, max-norm narrow"),
    ]
    assert [row.name for row in rows] == wanted
    for row in rows:
        np.testing.assert_array_equal(row.errors, errors_of(ranked, row.name))


def test_test_images_do_not_choose(ranked):
    """With other test accuracies, the same strengths are chosen; with other validation accuracies, others."""

    def changed(metric, arms):
        for each in ranked:
            turned = {metric: 1 - each.snapshots[metric]} if each.arm in arms else {}
            yield dropviz.Recording(**{**vars(each), "snapshots": {**each.snapshots, **turned}})

    names = [arm.name for arm in ARMS]
    before = [row.name for row in make(ranked).rows.rows]
    assert [row.name for row in make(list(changed("test_accuracy", names))).rows.rows] == before
    after = [row.name for row in make(list(changed("validation_accuracy", names))).rows.rows]
    assert after[1] != before[1]
    assert after[4] != before[4]


def test_equal_accuracy_is_decided_by_the_loss(ranked):
    """Of arms that are level on the images held out, the one with less loss there is chosen."""

    def level(each, loss):
        ends = {
            "validation_accuracy": np.full_like(each.snapshots["validation_accuracy"], 0.5),
            "validation_loss": np.full_like(each.snapshots["validation_loss"], loss),
        }
        return dropviz.Recording(**{**vars(each), "snapshots": {**each.snapshots, **ends}})

    for weak, strong, wanted in ((1.0, 2.0, "L2 weak"), (2.0, 1.0, "L2 strong")):
        losses = {"L2 weak": weak, "L2 strong": strong}
        arms = gather([level(each, losses[each.arm]) for each in ranked if each.arm in losses]).arms
        assert select_arm(list(arms)).name == wanted


def test_marks_stand_at_the_recorded_errors(ranked):
    """At every moment: dots at the error of each seed, ticks at the mean, bars from mean - sd to mean + sd."""
    chart = make(ranked)
    rows, to_error = chart.rows, chart.rows.axes.transData.inverted()
    for index, _ in chart.timeline:
        chart.show(index)
        for color in rows.bars:
            own = [row for row, its in zip(rows.rows, rows.colors, strict=True) if its == color]
            dots = to_error.transform(rows.dots[color].centres)[:, 0]
            np.testing.assert_allclose(dots, np.concatenate([row.errors[:, index] for row in own]))
            ticks = to_error.transform(rows.means[color].path.vertices)[::2, 0]
            np.testing.assert_allclose(ticks, [row.errors[:, index].mean() for row in own])
            corners = to_error.transform(rows.bars[color].path.vertices).reshape(-1, 5, 2)[..., 0]
            for row, xs in zip(own, corners, strict=True):
                mean, sd = row.errors[:, index].mean(), row.errors[:, index].std(ddof=1)
                low, high = rows.axes.get_xlim()
                np.testing.assert_allclose([xs.min(), xs.max()], np.clip([mean - sd, mean + sd], low, high))


def test_strengths_that_lost_are_grey(ranked):
    """Each of them is a hollow dot at its mean error, below the row of its method; none of the chosen ones is."""
    chart = make(ranked)
    last = chart.timeline.indices[-1]
    chart.show(last)
    names = {row.name for row in chart.rows.rows}
    lost = [arm.name for arm in ARMS if arm.name not in names]
    seen = chart.rows.axes.transData.inverted().transform(chart.rows.companions.centres)[:, 0]
    wanted = [errors_of(ranked, name)[:, last].mean() for name in lost]
    low, high = chart.rows.axes.get_xlim()
    np.testing.assert_allclose(seen, [each for each in wanted if low <= each <= high])
    assert len(lost) == 2


def test_dashed_line_is_the_mean_of_the_first_row(ranked):
    """It stands at the error without regularisation, and moves with it."""
    chart = make(ranked)
    for index in chart.timeline.indices[::3]:
        chart.show(index)
        (x, _), (again, _) = chart.rows.axes.transData.inverted().transform(chart.rows.reference.path.vertices)
        assert x == pytest.approx(again)
        assert x == pytest.approx(errors_of(ranked, "nothing")[:, index].mean())


def test_figures_say_mean_and_spread_at_the_end(ranked):
    """At the last moment each row says mean ± sd of its test error over the seeds."""
    chart = make(ranked)
    chart.show(chart.timeline.indices[-1])
    for row, words in zip(chart.rows.rows, chart.rows.values, strict=True):
        end = 100 * errors_of(ranked, row.name)[:, -1]
        assert words.get_text() == f"{end.mean():.1f} ± {end.std(ddof=1):.1f}%"


def test_answers_are_paired_differences(ranked):
    """Dropout with max-norm against dropout with L2, and dropout against L2: mean ± sd over seeds."""
    pairs = (
        (best_of(ranked, "dropout, max-norm wide", "dropout, max-norm narrow"), "dropout, L2"),
        ("dropout", best_of(ranked, "L2 weak", "L2 strong")),
    )
    answers = RegularizersChart.answers(gather(ranked), LABELS)
    for answer, (one, other) in zip(answers, pairs, strict=True):
        points = 100 * (errors_of(ranked, one)[:, -1] - errors_of(ranked, other)[:, -1])
        side = "above" if points.mean() > 0 else "below"
        assert f"{one} ends {abs(points.mean()):.1f} ± {points.std(ddof=1):.1f} points {side} {other}" in answer.words
        assert answer.holds == (True if (points < 0).all() else False if (points > 0).all() else None)


@pytest.mark.parametrize(
    ("one", "other", "holds", "says"),
    [
        ([0.10, 0.11], [0.15, 0.14], True, "a ends 4.0 ± 1.4 points below b, in 2 of 2 seeds"),
        ([0.15, 0.14], [0.10, 0.11], False, "a ends 4.0 ± 1.4 points above b, in 2 of 2 seeds"),
        ([0.10, 0.16], [0.15, 0.15], None, "No clear difference: a ends 2.0 ± 4.2 points below b, below in 1 of 2"),
        ([0.10, 0.15], [0.15, 0.15], None, "No clear difference: a ends 2.5 ± 3.5 points below b, below in 1 of 2"),
        ([0.10], [0.15], None, "One run, no claim: a ends 5.0 points below b"),
    ],
)
def test_no_claim_without_a_difference_in_every_seed(one, other, holds, says):
    """A difference is one where all seeds have it, level ones not counted; one seed decides nothing."""
    rows = [Row(name, np.array(ends)[:, None], has_noise=False) for name, ends in zip("ab", (one, other), strict=True)]
    answer = compare_rows(*rows, LABELS)
    assert answer.holds is holds
    assert answer.words.startswith(says)


def test_without_max_norm_penalties_are_set_against_nothing(ranked):
    """As in the exhibit of penalties: the paired difference of each; and then dropout against L2."""
    few = [each for each in ranked if "max-norm" not in each.arm and each.arm != "dropout, L2"]
    first, second = RegularizersChart.answers(gather(few), LABELS)
    l2 = best_of(ranked, "L2 weak", "L2 strong")
    points = 100 * (errors_of(ranked, l2)[:, -1] - errors_of(ranked, "nothing")[:, -1])
    sign = "+" if points.mean() >= 0 else "\N{MINUS SIGN}"
    said = f"{l2}: {sign}{abs(points.mean()):.1f} ± {points.std(ddof=1):.1f}"
    assert first.words == f"Points of error against nothing: {said}"
    assert first.holds == (True if (points < 0).all() else False if (points > 0).all() else None)
    assert "dropout ends" in second.words
    assert l2 in second.words


def test_penalties_on_activations_are_answered_for_apart(ranked):
    """What holds of penalties on weights need not hold of those on activations: each kind has an answer of its own."""
    experiment = ranked[0].experiment
    runs = {arm.name: tuple(each for each in ranked if each.arm == arm.name) for arm in ARMS}
    arms = (Arm("nothing"), Arm("L2 weak", l2=0.0001), Arm("L2 strong", activation_l2=0.01))
    few = Comparison(experiment.replace(arms=arms), tuple(ArmRuns(arm.name, runs[arm.name]) for arm in arms))
    weights, activations = RegularizersChart.answers(few, LABELS)
    assert "L2 weak: " in weights.words
    assert "L2 strong" not in weights.words
    assert "L2 strong: " in activations.words


def test_remarks_say_how_many_activations_are_zero(tiny):
    """Where the recordings have the probe, each row says it of its own runs: mean over seeds and layers."""
    experiment = tiny.replace(
        name="zeros",
        hidden=(12, 9),
        epochs=2,
        recorded_iterations=0,
        probes=("activations",),
        arms=(ARMS[0], ARMS[2], ARMS[3]),
    )
    recordings = dropviz.train(experiment, device="cpu")
    chart = make(recordings)
    for index in chart.timeline.indices:
        chart.show(index)
        for row, words in zip(chart.rows.rows, chart.rows.remarks, strict=True):
            own = [
                each.probes["activations/zeros"][chart.text_index[index]] for each in recordings if each.arm == row.name
            ]
            assert words.get_text() == f"{100 * np.mean(own):.0f}% of activations 0"


def test_without_validation_no_strength_is_chosen(tiny):
    """Several strengths of a method, and no images held out to choose by: one line that says what to do."""
    experiment = tiny.replace(name="unheld", hidden=(6,), epochs=1, seeds=(1,), arms=ARMS[:3])
    recordings = dropviz.train(experiment, device="cpu")
    with pytest.raises(RecordingError, match="train with validation_size"):
        make(recordings)
    one = [each for each in recordings if each.arm != "L2 strong"]
    assert [row.name for row in make(one).rows.rows] == ["nothing", "L2 weak"]


def test_loops_of_ones_own_are_refused(recordings):
    """Nothing says what regularises an arm that comes from no experiment."""
    own = [dropviz.Recording(**{**vars(each), "experiment": None}) for each in recordings]
    with pytest.raises(RecordingError, match="custom training loop"):
        make(own)


def test_too_many_rows_are_refused(ranked):
    """Rows that would lie over each other are not drawn."""

    class Many(RowsChart):
        key = "regularizers"

        @classmethod
        def answers(cls, _comparison, _labels):
            return []

        @classmethod
        def rows_of(cls, comparison, labels):
            return 20 * super().rows_of(comparison, labels)

    with pytest.raises(RecordingError, match="140 rows do not fit"):
        make(ranked, Many)


def test_rows_of_arms_have_the_colours_of_arms(ranked):
    """Without noise in the plain colour, with noise in the first noisy one."""
    theme = find_theme("light")
    wanted = [theme.plain, theme.plain, theme.noisy[0], theme.noisy[0], theme.noisy[0]]
    assert make(ranked).rows.colors == wanted


@pytest.mark.parametrize("name", ["regularizers", "penalties"])
def test_presets_give_each_method_the_same_number_of_strengths(name):
    """Three each, and the images to choose by; nothing, and in `penalties` dropout, have no strength to choose."""
    preset = PRESETS[name]
    groups = {}
    for arm in preset.arms:
        own = {key for key, value in arm.own_hyperparameters.items() if value} | (
            {"dropout"} if arm.has_noise else set()
        )
        groups.setdefault(frozenset(own), []).append(arm)
    del groups[frozenset()]
    if name == "penalties":
        assert len(groups.pop(frozenset(["dropout"]))) == 1
    assert {len(arms) for arms in groups.values()} == {3}
    assert preset.validation_size == 200


@pytest.mark.parametrize("name", ["l1", "l2", "activation_l1", "activation_l2"])
def test_gradients_are_numbers_where_a_norm_has_none(name):
    """With all weights at 0, every penalty has a gradient, and it is 0; that of an L2 norm not squared is no number."""
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
    for parameter in model.parameters():
        torch.nn.init.zeros_(parameter)
    penalty = REGULARIZERS[name](model, 0.5)
    model(torch.ones(5, 3))
    penalty.penalty().backward()
    seen = [each.grad for each in model.parameters() if each.grad is not None]
    assert seen
    assert all((each == 0).all() for each in seen)
    model.zero_grad()
    torch.sqrt(model[0].weight.square().sum()).backward()
    assert model[0].weight.grad.isnan().all()


def test_a_model_made_anew_in_every_iteration_learns_nothing(tiny):
    """The same minibatches and penalty: the loss of a model that is kept falls, of one that is rebuilt it does not."""
    parts = split(load_data("digits"), 200, 0.0, seed=1)

    def losses(*, rebuild):
        torch.manual_seed(1)
        found, model = [], None
        for rows in islice(minibatches(tiny, 200, 1, torch.device("cpu")), 100):
            if model is None or rebuild:
                model = build_mlp(64, 10, tiny.of(tiny.arms[0]))
                optimizer = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
                penalty = REGULARIZERS["l2"](model, 0.0001)
            loss = torch.nn.functional.cross_entropy(model(parts.train_images[rows]), parts.train_labels[rows])
            optimizer.zero_grad()
            (loss + penalty.penalty()).backward()
            optimizer.step()
            found.append(loss.item())
        return np.array(found)

    kept, rebuilt = losses(rebuild=False), losses(rebuild=True)
    assert kept[-10:].mean() < 0.5 < kept[0]
    assert rebuilt[-10:].mean() > 0.98 * np.log(10)
