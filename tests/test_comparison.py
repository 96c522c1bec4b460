"""Comparisons: recordings that belong together, and what may be said of them."""

import dataclasses

import numpy as np
import pytest
from conftest import TINY

from dropviz.analysis.answers import verdicts
from dropviz.analysis.captions import best_snapshots, describe, facts
from dropviz.analysis.comparison import DIVERGED, gather
from dropviz.analysis.divergence import divergence, with_divergence
from dropviz.analysis.statistics import holm, interval
from dropviz.errors import RecordingError
from dropviz.experiments.experiment import Arm
from dropviz.recording import Layer, Recording
from dropviz.rendering.options import RenderOptions
from dropviz.rendering.source import ChartSource
from dropviz.style.labels import Labels

EN = Labels("en")
THREE = TINY.replace(arms=(*TINY.arms, Arm("more", 0.9)))


def make(arm, seed, *accuracy, experiment=TINY, drop_prob=None, iterations=None):
    """A recording of one arm with these test accuracies."""
    if drop_prob is None:
        drop_prob = 0.0 if arm == "no dropout" else 0.5
    accuracy = np.array(accuracy or (0.5,), float)
    return Recording(
        arm=arm,
        seed=seed,
        layers=(Layer("input", 4, "input"), Layer("hidden 1", 3, "hidden", drop_prob), Layer("output", 2, "output")),
        snapshots={
            "iteration": np.arange(1, len(accuracy) + 1) if iterations is None else np.array(iterations),
            "train_accuracy": accuracy,
            "test_accuracy": accuracy,
            "train_loss": accuracy,
            "test_loss": accuracy,
        },
        recorded_iterations=np.array([], np.int64),
        masks={},
        drop_rate={},
        experiment=experiment,
    )


def test_runs_that_diverged_are_named_with_their_iteration():
    """In the place of any verdict: two arms that both fell to chance would else be "level with no dropout"."""
    runs = [make(arm, seed, 0.1, 0.1, 0.1) for arm in ("no dropout", "dropout") for seed in (1, 2)]
    assert divergence(gather(runs), EN) == []
    runs[0].snapshots["train_loss"] = np.array([2.0, np.inf, np.inf])
    runs[3].snapshots["train_loss"] = np.array([1e9, 2.0, 1e9])  # finite, and far from the loss of a guess
    (answer,) = divergence(gather(runs), EN)
    assert answer.headline == "2 of 4 runs diverged, the first from iteration 2 on"
    assert answer.evidence == "no dropout: seed 1, from 2; dropout: seed 2, from 3; lower learning_rate"
    assert answer.holds is None
    source = ChartSource(gather(runs), "accuracy")
    assert source.answers(EN) == [answer]
    assert "diverged" in source.alt(RenderOptions())


def test_of_many_arms_that_diverged_some_are_named():
    """Five of them, and how many more."""
    runs = [make(f"dropout 0.{number}", 1, 0.1, 0.1, experiment=None) for number in range(1, 10)]
    for run in runs:
        run.snapshots["train_loss"] = np.array([np.inf, np.inf])
    (answer,) = divergence(gather(runs), EN)
    assert answer.headline == "All 9 runs diverged, the first from iteration 1 on"
    assert answer.evidence.endswith("dropout 0.5: seed 1, from 1; 4 more; lower learning_rate")


@pytest.mark.parametrize("end", [np.inf, 1e300])
@pytest.mark.parametrize("metric", ["train_loss", "test_loss"])
def test_runs_of_a_custom_loop_diverge_too(metric, end):
    """Without an experiment, whose loss has a scale, where a loss is no finite number, or as good as none."""
    runs = [make("dropout", 1, 0.1, 0.1, experiment=None)]
    runs[0].snapshots[metric] = np.array([1e9, 1e9])
    assert divergence(gather(runs), EN) == []
    runs[0].snapshots[metric] = np.array([2.0, end])
    assert [answer.headline for answer in divergence(gather(runs), EN)] == ["The run diverged from iteration 2 on"]


def test_runs_that_diverged_are_no_cause_of_other_errors():
    """What a chart misses is a sentence of its own, unless it is a number that is not finite."""
    runs = [make("dropout", 1, 0.1, 0.1)]
    runs[0].snapshots["train_loss"] = np.array([np.inf, np.inf])
    words = [
        str(with_divergence(RecordingError(each), gather(runs))) for each in ("no masks", f"not finite: {DIVERGED}")
    ]
    assert words[0].startswith("no masks. The run diverged from iteration 1 on (")
    assert words[1].startswith("not finite: The run diverged from iteration 1 on (")


def compare(plain, noisy):
    """A comparison of runs that end with these test accuracies, by seed."""
    arms = {"no dropout": plain, "dropout": noisy}
    return gather([make(arm, seed, 0.1, last) for arm, runs in arms.items() for seed, last in runs.items()])


# What belongs together


def test_arms_come_in_the_order_of_the_experiment():
    """Whatever the order of the files, arms stand as the experiment lists them, and runs by seed."""
    runs = [make(arm, seed, experiment=THREE) for seed in (3, 1, 2) for arm in ("more", "dropout", "no dropout")]
    comparison = gather(runs)
    assert [arm.name for arm in comparison.arms] == ["no dropout", "dropout", "more"]
    assert [arm.seeds for arm in comparison.arms] == [(1, 2, 3)] * 3
    assert comparison.experiment == THREE


def test_arms_that_the_experiment_does_not_list_come_last():
    """An arm of a later version of the same experiment may be drawn with those of the first one."""
    comparison = gather([make("dropout", 1), make("more", 1, experiment=THREE), make("no dropout", 1)])
    assert [arm.name for arm in comparison.arms] == ["no dropout", "dropout", "more"]


def test_recordings_of_ones_own_come_in_their_own_order():
    """Without an experiment, arms stand in the order in which they are given."""
    comparison = gather([make(arm, seed, experiment=None) for seed in (2, 1) for arm in ("b", "a")])
    assert [arm.name for arm in comparison.arms] == ["b", "a"]
    assert comparison.experiment is None


def test_nothing_to_gather():
    """No recordings make no comparison."""
    with pytest.raises(RecordingError, match="no recordings"):
        gather([])


@pytest.mark.parametrize(
    ("field", "value"),
    [("label_noise", 0.3), ("hidden", (24, 10)), ("epochs", 6), ("train_size", None), ("data", "mnist")],
)
def test_different_experiments(field, value):
    """Recordings of different experiments are refused, and the field in which they differ is named with both values."""
    other = TINY.replace(**{field: value})
    with pytest.raises(RecordingError) as caught:
        gather([make("no dropout", 1), make("dropout", 1, experiment=other)])
    had = getattr(TINY, field)
    assert f"{field} is {had!r} in one and {value!r} in another" in str(caught.value)


def test_a_training_loop_of_ones_own_beside_an_experiment():
    """A recording without an experiment is not compared with one that has one."""
    with pytest.raises(RecordingError, match="arm 'mine', comes from a custom training loop"):
        gather([make("no dropout", 1), make("mine", 1, experiment=None)])


def test_names_arms_and_seeds_may_differ():
    """What does not change a run may differ between recordings that are drawn together."""
    other = THREE.replace(name="another", seeds=(7,))
    assert len(gather([make("no dropout", 1), make("dropout", 7, experiment=other)]).arms) == 2


def test_a_run_that_is_there_twice():
    """The same arm and seed twice is refused, and named."""
    with pytest.raises(RecordingError, match="two recordings are of arm 'dropout' with seed 2"):
        gather([make("dropout", 2), make("no dropout", 2), make("dropout", 1), make("dropout", 2)])


def test_runs_of_one_arm_that_differ():
    """Runs of one arm with other drop probabilities, noise or snapshots are refused, and the arm is named."""
    torch_noise = TINY.replace(arms=(TINY.arms[0], dataclasses.replace(TINY.arms[1], noise="torch")))
    one = make("dropout", 1, 0.5, 0.6)
    for other in (
        make("dropout", 2, 0.5, 0.6, drop_prob=0.4),
        make("dropout", 2, 0.5, 0.6, iterations=(1, 3)),
        make("dropout", 2, 0.5, 0.6, experiment=torch_noise),
    ):
        with pytest.raises(RecordingError, match="recordings of arm 'dropout'"):
            gather([one, other])


def test_values_of_all_runs():
    """An arm's series has a row for each run, by seed, and shared iterations."""
    (one,) = gather([make("dropout", 1, 0.1, 0.2, 0.3)]).arms
    assert one.iterations.tolist() == [1, 2, 3]
    (arm,) = gather([make("dropout", 2, 0.3, 0.4), make("dropout", 1, 0.1, 0.2)]).arms
    assert arm.values("test_accuracy").tolist() == [[0.1, 0.2], [0.3, 0.4]]
    assert arm.iterations.tolist() == [1, 2]
    assert arm.has_noise


def test_real_recordings(recordings):
    """The runs of a trained experiment make a comparison of its arms."""
    comparison = gather(recordings)
    assert [arm.name for arm in comparison.arms] == ["no dropout", "dropout"]
    assert [arm.has_noise for arm in comparison.arms] == [False, True]
    (gap,) = comparison.gaps()
    last = {(run.arm, run.seed): run.snapshots["test_accuracy"][-1] for run in recordings}
    assert gap.differences.tolist() == [last["dropout", seed] - last["no dropout", seed] for seed in (1, 2)]


# Gaps


def test_gaps_pair_runs_of_one_seed():
    """Differences are taken between last snapshots of equal seeds; seeds that one side lacks do not count."""
    (gap,) = compare({1: 0.5, 2: 0.6, 4: 0.9}, {2: 0.7, 1: 0.25, 3: 0.1}).gaps()
    assert gap.differences.tolist() == [0.25 - 0.5, 0.7 - 0.6]
    assert gap.mean == pytest.approx(-0.075)
    assert (gap.arm.name, gap.base.name) == ("dropout", "no dropout")


def test_gaps_that_there_are_not():
    """Without an arm without noise, without one that has it, or without a common seed there is no gap."""
    assert gather([make("dropout", 1), make("more", 1, experiment=THREE)]).gaps() == []
    assert gather([make("no dropout", 1)]).gaps() == []
    assert compare({1: 0.5}, {2: 0.5}).gaps() == []


def test_each_arm_with_noise_has_a_gap():
    """Every arm with noise is set against the first without."""
    runs = [
        make(arm, 1, last, experiment=THREE) for arm, last in (("no dropout", 0.5), ("dropout", 0.6), ("more", 0.2))
    ]
    assert [(gap.arm.name, gap.base.name) for gap in gather(runs).gaps()] == [
        ("dropout", "no dropout"),
        ("more", "no dropout"),
    ]


# Captions

VERDICTS = {
    "ahead": ({1: 0.5, 2: 0.5, 3: 0.5}, {1: 0.7, 2: 0.71, 3: 0.69}),
    "behind": ({1: 0.5, 2: 0.5, 3: 0.5}, {1: 0.47, 2: 0.48, 3: 0.46}),
    "mixed": ({1: 0.5, 2: 0.5, 3: 0.5}, {1: 0.6, 2: 0.45, 3: 0.6}),
    "all ahead, but few": ({1: 0.5, 2: 0.5}, {1: 0.6, 2: 0.52}),
    "level": ({1: 0.5, 2: 0.25}, {1: 0.5, 2: 0.25}),
    "one": ({1: 0.5}, {1: 0.625}),
    "one behind": ({1: 0.5}, {1: 0.25}),
    "one level": ({1: 0.5}, {1: 0.5}),
}


@pytest.mark.parametrize(
    ("case", "headline", "evidence"),
    [
        ("ahead", "Dropout ends 20 points higher", "95% interval +17.5 to +22.5 points, 3 seeds"),
        (
            "behind",
            "Dropout ends 3.0 points lower",
            "95% interval \N{MINUS SIGN}5.5 to \N{MINUS SIGN}0.5 points, 3 seeds",
        ),
        ("mixed", "Dropout changes accuracy by at most 27 points", "to +26.5 points, 3 seeds"),
        ("all ahead, but few", "Dropout changes accuracy by at most 57 points", "to +56.8 points, 2 seeds"),
        ("level", "Dropout changes accuracy by at most 0.0 points", "+0.0 to +0.0 points"),
        ("one", "One run: dropout ends 12 points higher", "one run, which decides nothing"),
        ("one behind", "One run: dropout ends 25 points lower", "one run, which decides nothing"),
        ("one level", "One run: dropout ends level", "one run, which decides nothing"),
    ],
)
def test_verdicts(case, headline, evidence):
    """A difference is claimed only where its interval lies on one side of 0, and never of a single run."""
    (answer,) = verdicts(compare(*VERDICTS[case]), EN)
    assert (answer.headline, answer.holds) == (headline, {"ahead": True, "behind": False}.get(case))
    assert evidence in answer.evidence


def test_intervals_are_those_of_a_formula():
    """The ends are mean ± t · sd / √n with the quantile of a table; p-values are corrected as Holm's paper has it."""
    differences = np.array([1.0, 4.0, 2.0, 5.0, 3.0])
    found = interval(differences)
    half = 2.776445 * differences.std(ddof=1) / np.sqrt(5)
    assert (found.low, found.high) == pytest.approx((3 - half, 3 + half), abs=1e-5)
    assert interval(-differences).holds is False
    assert interval(np.array([0.25])).holds is interval(np.array([-1.0, 1.0])).holds is None
    infinite = interval(np.array([np.inf, -np.inf, 1.0]))
    assert (infinite.holds, infinite.p_value) == (None, 1.0)
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def test_verdicts_in_chinese():
    """The same verdicts, in Chinese."""
    for case, side in (("ahead", "高 20"), ("behind", "低 3.0"), ("mixed", "不超过 27"), ("one behind", "低 25")):
        ((headline, *_),) = verdicts(compare(*VERDICTS[case]), Labels("zh"))
        assert side in headline


def test_no_verdict_without_a_gap():
    """Where nothing is compared, nothing is said."""
    assert verdicts(gather([make("dropout", 1)]), EN) == []


def test_facts():
    """The line of settings holds data, size, label noise, layers, optimiser and seeds."""
    assert facts(TINY, (1, 2), EN) == (
        "digits · 200 images · 20% of labels redrawn · 24-9 ReLU · SGD 0.2 · 2 seeds, mean ± sd"
    )
    other = TINY.replace(train_size=None, label_noise=0, momentum=0.9, weight_decay=1e-4)
    assert facts(other, [7], EN) == (
        "digits · all images · 24-9 ReLU · SGD 0.2, momentum 0.9, weight decay 0.0001 · seed 7"
    )
    assert "Adam 0.001" in facts(TINY.replace(optimizer="adam", learning_rate=0.001), [1], EN)
    assert "1,000 images" in facts(TINY.replace(train_size=1_000), [1], EN)
    assert "custom training loop" in facts(None, [1], EN)


@pytest.mark.parametrize(("share", "words"), [(0.3, "30%"), (0.125, "12.5%"), (0.005, "0.5%"), (1, "100%")])
def test_label_noise_is_said_as_it_is(share, words):
    """The share of redrawn labels is not rounded away."""
    assert f" · {words} of labels" in facts(TINY.replace(label_noise=share), [1], EN)


def test_no_label_noise_is_not_spoken_of():
    """Without label noise the line does not mention labels."""
    assert "labels" not in facts(TINY.replace(label_noise=0), [1], EN)


def test_best_snapshots():
    """The value at the best snapshot of each run, with the sample standard deviation over several runs."""
    runs = [make("dropout", 1, 0.75, 0.5), make("dropout", 2, 0.25, 0.625), make("no dropout", 1, 0.1, 0.875)]
    comparison = gather(runs)
    assert best_snapshots(comparison, EN).endswith("no dropout: 87.5%; dropout: 68.8 ± 8.8%")


def described(recordings, chart):
    """The alt text of a chart that answers what accuracy does."""
    comparison = gather(recordings)
    return describe(comparison, chart, EN, verdicts(comparison, EN))


def test_description_is_made_of_recorded_figures(recordings, noisy):
    """The text for those who do not see a picture says which arms, their final accuracies, and realised drop rates."""
    words = described(recordings, "accuracy")
    ends = [run.snapshots["test_accuracy"][-1] for run in recordings if run.arm == "dropout"]
    assert "no dropout, dropout." in words
    assert f"dropout: {100 * np.mean(ends):.1f} ± {100 * np.std(ends, ddof=1):.1f}%" in words
    assert f"hidden 2 {100 * noisy.drop_rate['hidden 2'].mean():.1f}%" in described([noisy], "network")
    assert ".." not in words


def test_description_of_masks_alone_claims_no_accuracy(noisy):
    """A recording without snapshots is described without them."""
    empty = {name: values[:0] for name, values in noisy.snapshots.items()}
    bare = Recording(**{**vars(noisy), "snapshots": empty})
    assert "accuracy" not in described([bare], "network").lower()


def test_description_of_many_arms_is_short(recordings):
    """Of more than four arms, what was answered is said, and not every arm's own figures."""
    dropout = [each for each in recordings if each.arm == "dropout"]
    copies = [
        Recording(**{**vars(each), "arm": f"dropout {number}", "experiment": None})
        for number in range(4)
        for each in dropout
    ]
    plain = [Recording(**{**vars(each), "experiment": None}) for each in recordings if each.arm == "no dropout"]
    few, many = described([*plain, *copies[:4]], "accuracy"), described([*plain, *copies], "accuracy")
    assert "at the end" in few
    assert "Units dropped by dropout 1: " in few
    assert "at the end" not in many
    assert "Units dropped by" not in many
    assert "Dropout 3 changes accuracy" in many
