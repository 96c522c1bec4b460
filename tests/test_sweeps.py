"""Pictures of sweeps against the recordings: what is drawn where, what is answered, and what is refused."""

import re

import numpy as np
import pytest
from conftest import TINY
from test_every_chart import make

import dropviz
from dropviz.analysis.comparison import gather
from dropviz.analysis.statistics import decided, mean_and_sd
from dropviz.charts import find_chart
from dropviz.errors import RecordingError
from dropviz.experiments.arm import Arm
from dropviz.experiments.presets import PRESETS
from dropviz.style.labels import Labels

SWEEPS = ("rates", "data-size", "architectures")


def changed(recording, **changes):
    """The same recording with some parts changed."""
    return dropviz.Recording(**{**vars(recording), **changes})


def ending(recordings, errors):
    """The same recordings, in which the test error of the last snapshot is that of arm and seed, in points."""
    made = []
    for each in recordings:
        accuracy = each.snapshots["test_accuracy"].copy()
        accuracy[-1] = 1 - errors(each.experiment.arm(each.arm), each.seed) / 100
        made.append(changed(each, snapshots={**each.snapshots, "test_accuracy": accuracy}))
    return made


def answers(chart, recordings, lang="en"):
    """What a chart answers of recordings."""
    return find_chart(chart).answers(gather(recordings), Labels(lang))


def errors_of(recordings, name, index, metric="test_accuracy"):
    """The errors of an arm at a snapshot, one for each seed."""
    return np.array([1 - each.snapshots[metric][index] for each in recordings if each.arm == name])


def drawn(axes, mark, shift=0.0):
    """The vertices of a mark in the numbers of the axes."""
    return axes.transData.inverted().transform(mark.path.vertices - (shift, 0))


def test_points_of_rates_are_the_recorded_errors(recordings_of):
    """Each line goes through the mean errors at its drop probabilities, with bars of one sd, at every moment."""
    recordings, experiment = recordings_of("rates"), PRESETS["rates"]
    chart = make("rates", recordings)
    own = [arm.name for arm in experiment.arms if arm.hidden is None]
    wide = {arm.per_layer[0]: arm.name for arm in experiment.arms if arm.hidden is not None}
    wide[0.5] = "dropout 0.5"
    panels = [own, [wide[rate] for rate in sorted(wide)]]
    for index in chart.timeline.indices:
        chart.show(index)
        lines = iter(chart.lines)
        for axes, arms in zip(chart.axes, panels, strict=True):
            for metric in ("train_accuracy", "test_accuracy"):
                line = next(lines)
                errors = np.array([errors_of(recordings, arm, index, metric) for arm in arms])
                points = drawn(axes, line.line)
                np.testing.assert_allclose(points[:, 0], [0, 0.1, 0.2, 0.4, 0.5, 0.6, 0.8, 0.9], atol=1e-9)
                np.testing.assert_allclose(points[:, 1], errors.mean(axis=1))
                bars = np.concatenate([drawn(axes, bar).reshape(-1, 2, 2) for bar in line.bars.values()])
                np.testing.assert_allclose(bars[:, 1, 1] - bars[:, 0, 1], 2 * errors.std(axis=1, ddof=1), atol=1e-9)
    assert [f"{rate:g}" for rate in sorted(wide)] == ["0", "0.1", "0.2", "0.4", "0.5", "0.6", "0.8", "0.9"]


def test_no_dropout_has_its_colour_on_the_line(recordings_of):
    """The first point is of the arms without dropout, and has their colour."""
    chart = make("rates", recordings_of("rates"))
    chart.show(chart.timeline.indices[-1])
    theme = chart.canvas.theme
    for line in chart.lines:
        counts = {color: len(bar.path.vertices) // 2 for color, bar in line.bars.items()}
        assert counts == {theme.plain: 1, theme.noisy[0]: 7}


def test_rates_answer_by_hand(recordings_of):
    """How flat, how much higher at the end, and whether less so where the network is wider: from the last snapshots."""

    def errors(arm, seed):
        rate = arm.per_layer[0]
        high = rate == 0.9
        return 10 + rate + (high * (20 + 2 * seed) if arm.hidden is None else high * 5)

    one, two = answers("rates", ending(recordings_of("rates"), errors))
    # At 0.9, seeds 1 and 2 are 22.4 and 24.4 points above those at 0.5; the wider ones, 5.4 both.
    assert "within 0.4 points from drop_prob 0.2 to 0.6" in one.words
    assert "+23.4 ± 1.4 points at 0.9 against 0.5, higher in 2 of 2 seeds" in one.words
    assert "+5.4 ± 0.0 points, a smaller rise than that in 2 of 2 seeds" in two.words
    assert (one.holds, two.holds) == (True, True)


def test_rates_that_do_not_rise_say_so(recordings_of):
    """The opposite in every seed is False; seeds that do not agree are no answer, and the words begin with that."""
    falling, _ = answers("rates", ending(recordings_of("rates"), lambda arm, _seed: 50 - arm.per_layer[0]))
    assert falling.holds is False
    mixed, _ = answers(
        "rates", ending(recordings_of("rates"), lambda arm, seed: 50 + (seed - 1.5) * (arm.per_layer[0] == 0.9))
    )
    assert mixed.holds is None
    assert mixed.words.startswith("No clear answer. ")


def test_rates_that_rise_less_than_they_waver_decide_nothing(recordings_of):
    """Where errors differ more between drop probabilities of the middle than at the end, there is no flat range."""
    wavering = ending(recordings_of("rates"), lambda arm, _seed: 10 + {0.2: 9, 0.9: 5}.get(arm.per_layer[0], 0))
    rise, _ = answers("rates", wavering)
    assert "within 9.0 points from drop_prob 0.2 to 0.6; +5.0 ± 0.0 points" in rise.words
    assert rise.holds is None


def test_wider_networks_keep_as_many(recordings_of):
    """In the preset, keep · n is that of the others within a unit, and of the shared arm just that."""
    for preset, kept in (("rates", 64), ("rates-full", 512)):
        for arm in PRESETS[preset].arms:
            if arm.hidden is not None:
                assert all(abs((1 - arm.per_layer[0]) * width - kept) < 0.5 for width in arm.hidden)
    assert len(make("rates", recordings_of("rates")).panels) == 2


def test_points_of_sizes_are_the_recorded_errors(recordings_of):
    """Each line goes through the mean errors of its arms at their sizes; the gains above are their differences."""
    recordings = recordings_of("data-size")
    chart = make("data-size", recordings)
    experiment = recordings[0].experiment
    names = {(arm.train_size, arm.has_noise): arm.name for arm in experiment.arms}
    sizes = sorted({size for size, _ in names})
    last = chart.timeline.indices[-1]
    chart.show(last)
    for line, noise, shift in zip(chart.lines, (True, False), (5, -5), strict=True):
        points = drawn(chart.axes[0], line.line, shift * chart.canvas.scale)
        np.testing.assert_allclose(points[:, 0], sizes)
        means = [errors_of(recordings, names[size, noise], -1).mean() for size in sizes]
        np.testing.assert_allclose(points[:, 1], means)
    for size in sizes:
        gain = 100 * (errors_of(recordings, names[size, False], -1) - errors_of(recordings, names[size, True], -1))
        clear, unclear, sd = (words.get_text() for words in chart.gains[size])
        assert (clear or unclear) == f"{gain.mean():+.1f}".replace("-", "\N{MINUS SIGN}")
        assert bool(clear) == (len(set(np.sign(gain))) == 1 and gain[0] != 0)
        assert sd == f"± {gain.std(ddof=1):.1f}"


def test_runs_of_other_lengths_show_their_latest_snapshot(recordings_of):
    """A run that has ended stays as it ended; nothing is shown before every run has a snapshot."""
    recordings = recordings_of("data-size")
    chart = make("data-size", recordings)
    lengths = {len(each.snapshots["iteration"]) for each in recordings}
    assert len(lengths) > 1
    firsts = max(each.snapshots["iteration"][0] for each in recordings)
    assert chart.iterations[0] >= firsts
    short = min(recordings, key=lambda each: each.snapshots["iteration"][-1])
    metric = next(each for each in chart.panels[0].lines if (each.name == "no dropout") != ("dropout" in short.arm[:7]))
    size = short.experiment.arm(short.arm).train_size
    place = list(metric.x).index(size)
    np.testing.assert_allclose(metric.mean[place, -1], errors_of(recordings, short.arm, -1).mean())


def test_sizes_answer_by_hand(recordings_of):
    """The gain on the smallest set, the largest, the last, and whether a size in the middle beats both ends."""
    recordings = recordings_of("data-size")
    sizes = sorted({arm.train_size for arm in recordings[0].experiment.arms})
    gains = dict(zip(sizes, (-1, 0, 3, 2, 1), strict=True))

    def errors(arm, seed):
        return 20 - (gains[arm.train_size] + 0.2 * seed) * arm.has_noise

    one, two = answers("data-size", ending(recordings, errors))
    assert "gains \N{MINUS SIGN}0.7 ± 0.1 points, above 0 in 0 of 2 seeds" in one.words
    assert one.holds is True
    assert f"+3.3 ± 0.1 with {sizes[2]} images; +1.3 ± 0.1 with {sizes[4]}" in two.words
    assert two.words.endswith("in 2 of 2 seeds")
    assert two.holds is True
    rising, other = answers(
        "data-size", ending(recordings, lambda arm, _seed: 20 - arm.train_size / 50 * arm.has_noise)
    )
    assert (rising.holds, other.holds) == (False, False)


@pytest.mark.parametrize("preset", ["data-size", "data-size-full"])
def test_all_sizes_have_as_many_updates(preset):
    """Epochs are so many that runs on all sizes take as many iterations, each size with and without dropout."""
    experiment = PRESETS[preset]
    updates = {arm.epochs * -(-arm.train_size // experiment.batch_size) for arm in experiment.arms}
    assert len(updates) == 1
    assert len({(arm.train_size, arm.has_noise) for arm in experiment.arms}) == len(experiment.arms)


def test_architecture_lines_are_the_recorded_errors(recordings_of):
    """Each thin line is the mean error of one arm, and ends at a label that says it."""
    recordings = recordings_of("architectures")
    chart = make("architectures", recordings)
    chart.show(chart.timeline.indices[-1])
    experiment = recordings[0].experiment
    names = {("-".join(map(str, arm.hidden)), arm.has_noise): arm.name for arm in experiment.arms}
    plain = chart.canvas.theme.plain
    said = {words.get_text() for words in chart.names}
    assert len(chart.lines) == len(experiment.arms)
    for line in chart.lines:
        name = names[line.name, line.color != plain]
        means = [errors_of(recordings, name, index).mean() for index in range(len(chart.iterations))]
        np.testing.assert_allclose(drawn(chart.axes, line.line), np.column_stack([chart.iterations, means]))
        assert f"{100 * means[-1]:.1f}% {line.name}" in said


def test_architectures_answer_by_hand(recordings_of):
    """Pairs of one architecture and one seed are counted; the mean is over architectures, its spread over seeds."""
    recordings = recordings_of("architectures")
    all_lower = answers("architectures", ending(recordings, lambda arm, seed: 20 - (4 + seed) * arm.has_noise))
    assert "in 12 of 12 pairs (6 architectures, 2 seeds): by 5.5 ± 0.7 points" in all_lower[0].words
    assert all_lower[0].holds is True
    shape = recordings[0].experiment.arms[0].hidden
    but_one = answers(
        "architectures", ending(recordings, lambda arm, _seed: 20 + (6 if arm.hidden == shape else -6) * arm.has_noise)
    )
    assert "in 10 of 12 pairs" in but_one[0].words
    assert but_one[0].holds is None


@pytest.fixture(scope="module")
def swapped():
    """Two arms with dropout that differ in nothing but order, and one without."""
    arms = (Arm("no dropout"), Arm("falling", (0.5, 0.2)), Arm("rising", (0.2, 0.5)))
    return dropviz.train(TINY.replace(arms=arms, epochs=1), device="cpu")


def test_order_is_answered_where_arms_differ_in_nothing_else(swapped):
    """The arm that drops less near the input is held against the other; with one of them, that against none."""

    def errors(arm, seed):
        return {"no dropout": 30, "rising": 10 + seed, "falling": 12}[arm.name]

    (answer,) = answers("accuracy", ending(swapped, errors))
    assert answer.words.startswith("No clear answer. rising against falling: +0.5 ± 0.7 points")
    assert answer.words.endswith("above in 1 of 2 seeds")
    (answer,) = answers("accuracy", ending(swapped, lambda arm, seed: errors(arm, seed) - 5 * (arm.name == "falling")))
    assert answer.holds is False
    assert "0 of 2 seeds" in answer.words
    without_falling = [each for each in swapped if each.arm != "falling"]
    (answer,) = answers("accuracy", without_falling)
    assert "no dropout" in answer.words


def test_late_losses_by_hand(recordings_of):
    """How far each run ends below its own best snapshot, and in how many seeds that is less with dropout."""
    recordings = recordings_of("epochs")
    late, _ = answers("epochs", recordings)
    lost = {}
    for each in recordings:
        accuracy = each.snapshots["test_accuracy"]
        lost.setdefault(each.arm, []).append(100 * (accuracy.max() - accuracy[-1]))
    base, other = (np.array(lost[name]) for name in ("no dropout", "dropout 0.5"))
    assert f"no dropout ends {base.mean():.1f} ± {base.std(ddof=1):.1f} points below its best" in late.words
    assert f"dropout 0.5 {other.mean():.1f} ± {other.std(ddof=1):.1f}" in late.words
    assert f"in {(base > other).sum()} of 2 seeds" in late.words


@pytest.mark.parametrize("chart", SWEEPS)
def test_recordings_of_ones_own_loop_have_no_settings(recordings_of, chart):
    """Without an experiment there is nothing to put on the axis: one line that says so."""
    bare = [changed(each, experiment=None) for each in recordings_of(chart)]
    with pytest.raises(RecordingError, match="no settings to draw"):
        make(chart, bare)


@pytest.mark.parametrize(
    ("chart", "words"),
    [
        ("rates", "both have drop_prob 0.5|other shares in other layers|no sweep"),
        ("data-size", "both have train_size|two or more values"),
        ("architectures", "both have hidden|two or more values"),
    ],
)
def test_what_is_no_sweep_is_refused(recordings, chart, words):
    """Arms that differ in something else have no place on the axis."""
    with pytest.raises(RecordingError, match=words):
        make(chart, recordings)


def test_a_seed_that_one_arm_lacks_is_named(recordings_of):
    """A mean over other seeds would not be a fair comparison."""
    recordings = recordings_of("rates")
    with pytest.raises(RecordingError, match="train what is missing"):
        make("rates", recordings[1:])


@pytest.mark.parametrize(
    ("differences", "holds"),
    [
        ([1.0, 2.0], True),
        ([-1.0, -2.0], False),
        ([1.0, -1.0], None),
        ([1.0, 0.0], None),
        ([0.0, 0.0], None),
        ([3.0], None),
    ],
)
def test_decided_only_where_all_seeds_agree(differences, holds):
    """All above, all below, or undecided; one run decides nothing."""
    assert decided(np.array(differences)) is holds


def test_mean_and_sd_in_words():
    """Sample standard deviation, a real minus sign, and one run without a spread."""
    assert mean_and_sd(np.array([1.0, 3.0])) == "2.0 ± 1.4"
    assert mean_and_sd(np.array([-1.0, -3.0]), sign=True) == "\N{MINUS SIGN}2.0 ± 1.4"
    assert mean_and_sd(np.array([1.25]), sign=True) == "+1.2"


@pytest.mark.parametrize("name", [*SWEEPS, "swap", "epochs"])
def test_presets_of_sweeps_survive_their_files(name):
    """Each is the same after TOML, and arms share seeds and settings but for what is swept."""
    experiment = PRESETS[name]
    assert type(experiment).from_toml(experiment.to_toml()) == experiment
    assert len(experiment.seeds) >= 3
    assert re.fullmatch(r"[a-z-]+", experiment.name)
