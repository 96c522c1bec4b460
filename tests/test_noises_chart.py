"""The charts `noises` and `schedules`: which strength is shown, which are grey, and what is answered."""

import numpy as np
import pytest

import dropviz
from dropviz import Arm
from dropviz.analysis.comparison import gather
from dropviz.analysis.statistics import interval
from dropviz.charts import find_chart
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.timeline import Pace
from dropviz.errors import RecordingError
from dropviz.style.labels import Labels
from dropviz.style.theme import find_theme

EN = Labels("en")


def make(name, recordings):
    """A chart of recordings."""
    return find_chart(name)(gather(recordings), Canvas((1280, 720), find_theme("light"), EN), None, Pace(1.0))


@pytest.fixture(scope="module")
def noisy_runs(tiny):
    """Three noises, two strengths each of two of them, and none."""
    arms = (
        Arm("none", noise="none"),
        *(Arm(f"{noise} {d}", d, noise=noise) for noise in ("bernoulli", "gaussian") for d in (0.2, 0.8)),
        Arm("alpha 0.2", 0.2, noise="alpha"),
    )
    return dropviz.train(tiny.replace(recorded_iterations=0, validation_size=100, arms=arms))


def ends(runs, arm, metric):
    """The last value of a series, of each seed."""
    return np.array([run.snapshots[metric][-1] for run in sorted(runs, key=lambda run: run.seed) if run.arm == arm])


def intervals(differences):
    """An interval as an answer has it."""
    found = interval(differences)
    return f"{found.low:+.1f} to {found.high:+.1f} points".replace("-", "\N{MINUS SIGN}")


def best(runs, *arms):
    """The arm with the highest mean validation accuracy at the end."""
    return max(
        arms,
        key=lambda arm: (ends(runs, arm, "validation_accuracy").mean(), -ends(runs, arm, "validation_loss").mean()),
    )


def test_each_noise_is_shown_at_the_strength_that_images_held_out_chose(noisy_runs):
    """Never by test accuracy; the errors are those of that arm. Other noises have a colour of their own."""
    rows = find_chart("noises").rows_of(gather(noisy_runs), EN)
    expected = [best(noisy_runs, f"{noise} 0.2", f"{noise} 0.8") for noise in ("bernoulli", "gaussian")]
    expected = ["none", *expected, "alpha 0.2"]
    assert [row.name for row in rows] == [EN.name(name) for name in expected]
    for row, name in zip(rows, expected, strict=True):
        assert np.array_equal(row.errors, 1 - ends(noisy_runs, name, "test_accuracy"))
    assert [row.has_noise for row in rows] == [False, True, True, True]
    assert [row.is_third for row in rows] == [False, False, True, True]


def test_the_answer_is_of_the_noise_that_images_held_out_chose(noisy_runs):
    """Paired by seed against dropout; and dropout against none."""
    other = best(noisy_runs, "alpha 0.2", "gaussian 0.2", "gaussian 0.8")
    dropout = best(noisy_runs, "bernoulli 0.2", "bernoulli 0.8")
    first, second = find_chart("noises").answers(gather(noisy_runs), EN)
    for answer, (one, base) in ((first, (other, dropout)), (second, (dropout, "none"))):
        gaps = 100 * (ends(noisy_runs, base, "test_accuracy") - ends(noisy_runs, one, "test_accuracy"))
        assert answer.holds is interval(-gaps).holds
        assert intervals(-gaps) in answer.evidence
    assert first.evidence.startswith(f"{EN.name(other)} against {EN.name(dropout)}: ")
    assert " noises " in first.headline


def test_strengths_need_images_held_out(tiny):
    """Without them there is nothing to choose by but the test images, and that would not be fair."""
    arms = (Arm("a", 0.2, noise="gaussian"), Arm("b", 0.5, noise="gaussian"))
    runs = dropviz.train(tiny.replace(seeds=(1,), epochs=1, arms=arms))
    with pytest.raises(RecordingError, match="no images were held out to choose by: train with validation_size"):
        make("noises", runs)


def test_own_loops_have_no_noise_to_name(noisy):
    """A recording without an experiment does not say what noise it had."""
    with pytest.raises(RecordingError, match="nothing says what noise its arms have"):
        find_chart("noises").rows_of(gather([dropviz.Recording(**{**vars(noisy), "experiment": None})]), EN)


def test_schedules_are_compared_with_dropout_all_the_time(tiny):
    """Late and early against constant, paired by seed; without a constant arm nothing is said."""
    arms = (Arm("none"), Arm("constant", 0.5), *(Arm(name, 0.5, schedule=name) for name in ("early", "late", "decay")))
    runs = dropviz.train(tiny.replace(recorded_iterations=0, arms=arms))
    answers = find_chart("schedules").answers(gather(runs), EN)
    assert len(answers) == 2
    for answer, name in zip(answers, ("late", "early"), strict=True):
        gaps = 100 * (ends(runs, name, "test_accuracy") - ends(runs, "constant", "test_accuracy"))
        assert answer.evidence.startswith(f"{name} against constant: ")
        assert intervals(gaps) in answer.evidence
        assert answer.holds is interval(gaps).holds
    assert "; " in answers[0].headline
    assert not find_chart("schedules").answers(gather([run for run in runs if run.arm != "constant"]), EN)
    rows = find_chart("schedules").rows_of(gather(runs), EN)
    assert [row.name for row in rows] == [arm.name for arm in arms]
    assert [row.remark for row in rows] == ["", "all the time", "first half", "second half", "falls to 0"]
