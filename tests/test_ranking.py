"""Regularisers side by side: rows against the recordings, strengths chosen by images held out, and what is claimed."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

import dropviz
from dropviz.analysis.comparison import ArmRuns, Comparison, gather
from dropviz.analysis.model_selection import arms_by_method, select_arm
from dropviz.analysis.statistics import interval
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.rows import Row
from dropviz.charts.base.rows_chart import RowsChart, compare_rows, rank_answer
from dropviz.charts.base.timeline import Pace
from dropviz.charts.regularizers import RegularizersChart
from dropviz.drawing.raster import default_style
from dropviz.errors import RecordingError
from dropviz.experiments.arm import Arm
from dropviz.experiments.presets import PRESETS
from dropviz.experiments.presets.core import EXPLORATION
from dropviz.experiments.presets.methods import METHODS
from dropviz.style.labels import Labels
from dropviz.style.theme import find_theme
from dropviz.training.data import load_data, split
from dropviz.training.loop import minibatches
from dropviz.training.model import build_mlp
from dropviz.training.regularizers import REGULARIZERS

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
        return chart(gather(recordings), Canvas((1280, 720), find_theme("light"), Labels(lang)), None, Pace(1.0))


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
    rows = RegularizersChart.rows_of(gather(ranked), LABELS)
    wanted = [
        "nothing",
        best_of(ranked, "L2 weak", "L2 strong"),
        "dropout",
        "dropout, L2",
        best_of(ranked, "dropout, max-norm wide", "dropout, max-norm narrow"),
    ]
    assert [row.name for row in rows] == wanted
    for row in rows:
        np.testing.assert_array_equal(row.errors, errors_of(ranked, row.name)[:, -1])


def test_test_images_do_not_choose(ranked):
    """With other test accuracies, the same strengths are chosen; with other validation accuracies, others."""

    def changed(metric, arms):
        for each in ranked:
            turned = {metric: 1 - each.snapshots[metric]} if each.arm in arms else {}
            yield dropviz.Recording(**{**vars(each), "snapshots": {**each.snapshots, **turned}})

    names = [arm.name for arm in ARMS]

    def chosen(recordings):
        return [row.name for row in RegularizersChart.rows_of(gather(recordings), LABELS)]

    before = chosen(ranked)
    assert chosen(list(changed("test_accuracy", names))) == before
    after = chosen(list(changed("validation_accuracy", names)))
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


def test_rows_are_ranked_by_their_mean_errors(ranked):
    """The lowest error is on top; the base comes first, then the others from the highest error to the lowest."""
    chart = make(ranked)
    means = [row.mean for row in chart.rows.rows]
    assert means == sorted(means)
    seen = []
    for index, _ in chart.timeline:
        chart.show(index)
        seen += [row.name for row, text in zip(chart.rows.rows, chart.rows.values, strict=True) if text.get_text()]
    order = list(dict.fromkeys(seen))
    assert order[0] == "nothing"
    left = [row.mean for name in order[1:] for row in chart.rows.rows if row.name == name]
    assert left == sorted(left, reverse=True)
    assert len(order) == len(means)


def test_marks_end_at_the_recorded_errors(ranked):
    """At the end: a dot at the error of each seed, a tick at the mean, and a bar from the mean of the base to it."""
    chart = make(ranked)
    chart.show(chart.timeline.indices[-1])
    rows, to_error = chart.rows, chart.rows.axes.transData.inverted()
    base = errors_of(ranked, "nothing")[:, -1].mean()
    for row, dots, tick, bar, words in zip(rows.rows, rows.dots, rows.means, rows.bars, rows.values, strict=True):
        errors = errors_of(ranked, row.name)[:, -1]
        np.testing.assert_allclose(to_error.transform(dots.centres)[:, 0], errors)
        np.testing.assert_allclose(to_error.transform(tick.path.vertices)[:, 0], errors.mean())
        np.testing.assert_allclose(to_error.transform(bar.path.vertices)[:, 0], [base, errors.mean()])
        assert words.get_text() == f"{100 * errors.mean():.1f}%"
    (x, _), (again, _) = to_error.transform(rows.reference.path.vertices)
    assert x == pytest.approx(base)
    assert again == pytest.approx(base)


def test_answers_are_paired_differences(ranked):
    """Dropout against L2 with the number of methods that help, and dropout with max-norm against dropout with L2."""
    pairs = (
        ("dropout", best_of(ranked, "L2 weak", "L2 strong")),
        (best_of(ranked, "dropout, max-norm wide", "dropout, max-norm narrow"), "dropout, L2"),
    )
    answers = RegularizersChart.answers(gather(ranked), LABELS)
    assert " of 4 methods " in answers[0].headline or "All 4 methods help" in answers[0].headline
    for answer, (one, other) in zip(answers, pairs, strict=True):
        found = interval(100 * (errors_of(ranked, other)[:, -1] - errors_of(ranked, one)[:, -1]))
        assert f"{found.low:+.1f} to {found.high:+.1f} points".replace("-", "\N{MINUS SIGN}") in answer.evidence
        assert answer.holds is found.holds
        assert answer.p_value == pytest.approx(found.p_value)


@pytest.mark.parametrize(
    ("one", "other", "holds", "says"),
    [
        ([0.10, 0.11, 0.10], [0.15, 0.15, 0.14], True, "A beats b by 4.3 points"),
        ([0.15, 0.15, 0.14], [0.10, 0.11, 0.10], False, "B beats a by 4.3 points"),
        ([0.10, 0.16, 0.15], [0.15, 0.15, 0.15], None, "A and b differ by at most 9.4 points"),
        ([0.10], [0.15], None, "One run: a is 5.0 points off b"),
    ],
)
def test_no_claim_without_an_interval_on_one_side(one, other, holds, says):
    """A difference is one where its interval does not hold 0; one seed decides nothing."""
    rows = [Row(name, np.array(ends), has_noise=False) for name, ends in zip("ab", (one, other), strict=True)]
    answer = compare_rows(*rows, LABELS)
    assert answer.holds is holds
    assert answer.headline == says


@pytest.mark.parametrize(
    ("ends", "headline"),
    [
        ((20, 9, 5), "All 2 methods help; dropout beats L2 by 4.0 points"),
        ((20, 20, 5), "1 of 2 methods help; dropout beats L2 by 15 points"),
        ((5, 20, 20.1), "None of 2 methods clearly helps"),
    ],
)
def test_the_headline_counts_what_helps(ends, headline):
    """Rows that end decidedly below the first without noise are counted."""
    rows = [Row(name, 0.01 * (np.arange(3) / 50 + end), has_noise=False) for name, end in zip("abc", ends, strict=True)]
    assert rank_answer("regularizers", rows, rows[2], rows[1], LABELS).headline == headline


def test_without_max_norm_penalties_are_set_against_nothing(ranked):
    """As in the exhibit of penalties: after dropout against L2, the paired difference of each."""
    few = [each for each in ranked if "max-norm" not in each.arm and each.arm != "dropout, L2"]
    first, second = RegularizersChart.answers(gather(few), LABELS)
    l2 = best_of(ranked, "L2 weak", "L2 strong")
    found = interval(100 * (errors_of(ranked, "nothing")[:, -1] - errors_of(ranked, l2)[:, -1]))
    ends = f"{found.low:+.1f} to {found.high:+.1f} points".replace("-", "\N{MINUS SIGN}")
    assert second.evidence == f"{l2}: 95% interval {ends}, 2 seeds"
    assert second.holds is found.holds
    assert first.evidence.startswith(f"dropout against {l2}: ")


def test_penalties_on_activations_are_answered_for_apart(ranked):
    """What holds of penalties on weights need not hold of those on activations: each kind has an answer of its own."""
    experiment = ranked[0].experiment
    runs = {arm.name: tuple(each for each in ranked if each.arm == arm.name) for arm in ARMS}
    arms = (Arm("nothing"), Arm("L2 weak", l2=0.0001), Arm("L2 strong", activation_l2=0.01))
    few = Comparison(experiment.replace(arms=arms), tuple(ArmRuns(arm.name, runs[arm.name]) for arm in arms))
    weights, activations = RegularizersChart.answers(few, LABELS)
    assert "L2 weak: " in weights.evidence
    assert "L2 strong" not in weights.evidence
    assert "L2 strong: " in activations.evidence


def test_without_validation_no_strength_is_chosen(tiny):
    """Several strengths of a method, and no images held out to choose by: one line that says what to do."""
    experiment = tiny.replace(name="unheld", hidden=(6,), epochs=1, seeds=(1,), arms=ARMS[:3])
    recordings = dropviz.train(experiment, device="cpu")
    with pytest.raises(RecordingError, match="train with validation_size"):
        make(recordings)
    one = [each for each in recordings if each.arm != "L2 strong"]
    assert {row.name for row in make(one).rows.rows} == {"nothing", "L2 weak"}


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
    rows = make(ranked).rows
    assert rows.colors == [theme.noisy[0] if "dropout" in row.name else theme.plain for row in rows.rows]


def test_methods_have_the_strengths_that_the_page_has():
    """Each arm is the best of the page's row: strength and learning rate, on seeds that no preset trains."""
    page = (Path(__file__).parent.parent / "docs" / "strengths.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("| ")]
    best = {row[1]: row[2] for row in rows[2:]}
    assert len(best) == len(METHODS)
    for name in ("regularizers", "penalties", "noises"):
        for arm in PRESETS[name].arms:
            assert best["none" if arm.name.startswith("no ") else arm.name] == f"{arm.learning_rate:g}"
        assert not set(EXPLORATION) & set(PRESETS[name].seeds)
        full = PRESETS[f"{name}-full"]
        assert len(full.arms) == 3 * len(PRESETS[name].arms) - 2  # all strengths, to be chosen by held-out images
        assert full.validation_size == 10_000


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
