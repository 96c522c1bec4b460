"""Pictures of sweeps against the recordings: what is drawn where, what is answered, and what is refused."""

import re

import numpy as np
import pytest
from conftest import TINY
from test_every_chart import _letters, _look_for_overlaps, make

import dropviz
from dropviz.analysis.comparison import gather
from dropviz.analysis.statistics import decide, interval, mean_and_sd
from dropviz.charts import find_chart
from dropviz.charts.rates import close_to_best
from dropviz.errors import RecordingError
from dropviz.experiments.arm import Arm
from dropviz.experiments.presets import PRESETS
from dropviz.style.labels import Labels

SWEEPS = ("rates", "data-size", "architectures")


def changed(recording, **changes):
    """The same recording with some parts changed."""
    return dropviz.Recording(**{**vars(recording), **changes})


def ending(recordings, errors):
    """The same recordings, whose test error of the last snapshot is that of arm and number of the seed, in points."""
    made, seeds = [], sorted({each.seed for each in recordings})
    for each in recordings:
        accuracy = each.snapshots["test_accuracy"].copy()
        accuracy[-1] = 1 - errors(each.experiment.arm(each.arm), 1 + seeds.index(each.seed)) / 100
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
    """Each line goes through the mean errors at its drop probabilities; the band of the first is of one sd."""
    recordings, experiment = recordings_of("rates"), PRESETS["rates"]
    chart = make("rates", recordings)
    own = [arm.name for arm in experiment.arms if arm.hidden is None]
    wide = {arm.per_layer[0]: arm.name for arm in experiment.arms if arm.hidden is not None}
    wide[0.5] = "dropout 0.5"
    chart.show(chart.timeline.indices[-1])
    for line, arms in zip(chart.lines, (own, [wide[rate] for rate in sorted(wide)]), strict=True):
        errors = np.array([errors_of(recordings, arm, -1) for arm in arms])
        rates = [0, 0.1, 0.2, 0.4, 0.5, 0.6, 0.8, 0.9]
        dots = np.concatenate([dots.centres for dots in line.dots.values()])
        drawn_dots = chart.axes.transData.inverted().transform(dots)
        np.testing.assert_allclose(drawn_dots, np.column_stack([rates, errors.mean(axis=1)]), atol=1e-9)
        points = drawn(chart.axes, line.trace.line)
        at = [int(np.argmin(abs(points[:, 0] - rate))) for rate in rates]
        np.testing.assert_allclose(points[at], drawn_dots, atol=1e-9)
        if not line.line.is_context:
            band = drawn(chart.axes, line.trace.band).reshape(2, -1, 2)
            sd = (band[1, ::-1, 1] - band[0, :, 1]) / 2
            np.testing.assert_allclose(sd[at], errors.std(axis=1, ddof=1), atol=1e-9)


def test_lines_grow_along_the_drop_probability(recordings_of):
    """In each frame they end at a place on the axis, dots are those passed, and the words name the last of them."""
    chart = make("rates", recordings_of("rates"))
    for index, _ in chart.timeline:
        chart.show(index)
        (line, _), place = chart.lines, chart.places[index]
        assert drawn(chart.axes, line.trace.line)[-1, 0] == pytest.approx(place)
        passed = [rate for rate in chart.ends if rate <= place + 1e-9]
        assert sum(len(dots.centres) for dots in line.dots.values()) == len(passed)
        assert chart.counter(index) == f"drop_prob {passed[-1]:g}: test error {chart.ends[passed[-1]].mean():.1f}%"


def test_no_dropout_has_its_colour_on_the_line(recordings_of):
    """The first point is of the arm without dropout, and has its colour; wider networks are grey."""
    chart = make("rates", recordings_of("rates"))
    chart.show(chart.timeline.indices[-1])
    theme = chart.canvas.theme
    fixed, wider = ({color: len(dots.centres) for color, dots in line.dots.items()} for line in chart.lines)
    assert fixed == {theme.plain: 1, theme.noisy[0]: 7}
    assert wider == {theme.muted: 8}


def test_rates_answer_by_hand(recordings_of):
    """The range next to the best, the rise to the highest, and how much less where the network is wider."""

    def errors(arm, seed):
        rate = arm.per_layer[0]
        close = {0.5: 0, 0.4: 0.5, 0.6: 0.8, 0.2: 3, 0.1: 4, 0.0: 5, 0.8: 2}
        if rate == 0.9:
            return 10 + (20 + 0.2 * seed if arm.hidden is None else 5)
        return 10 + close[rate] + 0.01 * seed

    one, two = answers("rates", ending(recordings_of("rates"), errors))
    assert one.headline == "Anything from 0.4 to 0.6 does about as well"
    assert one.evidence.startswith("test error 10.0 to 10.8%; at 0.9 against 0.5: 95% interval +19.1 to +21.5 points")
    assert two.headline == "At drop_prob 0.9, wider networks lose 15 points less"
    assert (one.holds, two.holds) == (True, True)


@pytest.mark.parametrize(
    ("of_rate", "holds", "headline"),
    [
        (lambda rate, _: 50 - 5 * rate, False, "Anything from 0.8 to 0.9 does about as well"),
        (lambda rate, _: 20 + 9 * (rate != 0.4) + 20 * (rate == 0.9), False, "A drop_prob of 0.4 does best"),
        (lambda _, seed: 50 + seed, None, "Anything from 0 to 0.9 does about as well"),
    ],
)
def test_rates_that_have_no_wide_flat_range(recordings_of, of_rate, holds, headline):
    """Where the highest does as well, or only one does best, the claim fails; where all are equal, nothing is said."""
    found, _ = answers("rates", ending(recordings_of("rates"), lambda arm, seed: of_rate(arm.per_layer[0], seed)))
    assert found.headline == headline
    assert found.holds is holds


@pytest.mark.parametrize("size", [(1280, 720), (720, 720), (480, 270)])
def test_labels_of_many_rates_have_room(recordings_of, size):
    """With 16 of them: on the axis, at both ends of the line, and over the bracket, which is below the evidence."""
    runs = [each for each in recordings_of("rates") if each.arm == "dropout 0.5"]
    arms = tuple(Arm(f"arm {number}", number / 20) for number in range(16))
    experiment = runs[0].experiment.replace(arms=arms)
    many = [changed(run, arm=arm.name, experiment=experiment) for arm in arms for run in runs]
    spread = ending(many, lambda arm, seed: 20 + arm.per_layer[0] % 0.1 + 15 * seed)
    _look_for_overlaps(_letters(make("rates", spread, size)))


@pytest.mark.parametrize("name", SWEEPS)
def test_equal_lines_of_a_sweep_are_both_seen(recordings_of, name):
    """The upper one leaves gaps; of lines that differ, none does."""
    recordings = recordings_of(name)
    level = [each.snapshots | {"test_accuracy": np.full(len(each.snapshots["iteration"]), 0.5)} for each in recordings]
    equal = [changed(each, snapshots=snapshots) for each, snapshots in zip(recordings, level, strict=True)]
    lines = [getattr(line, "trace", line).line for line in make(name, equal).lines]
    assert any(line._dash for line in lines)
    assert not lines[0 if name != "rates" else 1]._dash


def test_the_range_ends_at_the_first_that_does_worse():
    """A drop probability that is close again, beyond one that is not, is none of the range; undecided ones are."""
    ends = {0.1: [10.1, 10.2], 0.2: [15, 15.1], 0.4: [9, 16], 0.5: [10, 10.1], 0.6: [10.9, 11], 0.8: [12, 12.1]}
    assert close_to_best({rate: np.array(errors) for rate, errors in ends.items()}) == [0.4, 0.5, 0.6]


def test_wider_networks_keep_as_many(recordings_of):
    """In the preset, keep · n is that of the others within a unit, and of the shared arm just that."""
    for preset, kept in (("rates", 64), ("rates-full", 512)):
        for arm in PRESETS[preset].arms:
            if arm.hidden is not None:
                assert all(abs((1 - arm.per_layer[0]) * width - kept) < 0.5 for width in arm.hidden)
    assert len(make("rates", recordings_of("rates")).sweep) == 2


def test_points_of_sizes_are_the_recorded_errors(recordings_of):
    """Dots are at the mean errors of the arms at their sizes; the gains above are their differences."""
    recordings = recordings_of("data-size")
    chart = make("data-size", recordings)
    experiment = recordings[0].experiment
    names = {(arm.train_size, arm.has_noise): arm.name for arm in experiment.arms}
    sizes = sorted({size for size, _ in names})
    chart.show(chart.timeline.indices[-1])
    for line, noise in zip(chart.lines, (False, True), strict=True):
        (dots,) = line.dots.values()
        means = [errors_of(recordings, names[size, noise], -1).mean() for size in sizes]
        points = chart.axes.transData.inverted().transform(dots.centres)
        np.testing.assert_allclose(points, np.column_stack([sizes, means]))
    for size in sizes:
        gain = 100 * (errors_of(recordings, names[size, False], -1) - errors_of(recordings, names[size, True], -1))
        assert chart.texts[size].get_text() == f"{gain.mean():+.1f}".replace("-", "\N{MINUS SIGN}")


def test_gains_appear_as_the_lines_pass(recordings_of):
    """A size that the lines have not reached has no gain yet, and the words name the one that they have."""
    chart = make("data-size", recordings_of("data-size"))
    sizes = sorted(chart.gains)
    for index, _ in chart.timeline:
        chart.show(index)
        passed = [size for size in sizes if size <= chart.places[index] + 1e-9]
        assert [size for size in sizes if chart.texts[size].get_text()] == passed
        assert chart.counter(index) == f"{passed[-1]:,} training images"


def with_gains(recordings, gains, noise=0.05):
    """The same recordings, in which dropout gains so many points by size, up to a little by seed."""

    def errors(arm, seed):
        return 20 - (gains[arm.train_size] + noise * seed) * arm.has_noise

    return ending(recordings, errors)


def test_sizes_answer_by_hand(recordings_of):
    """Where dropout gains most, and if that is above both ends; and the gain on the smallest set."""
    recordings = recordings_of("data-size")
    sizes = sorted({arm.train_size for arm in recordings[0].experiment.arms})
    peak = [-3, 0, *[9] * (len(sizes) - 4), 6, 4]
    one, two = answers("data-size", with_gains(recordings, dict(zip(sizes, peak, strict=True))))
    assert one.headline == f"Dropout gains most with {sizes[2]:,} images: 9.1 points"
    assert one.evidence.startswith(f"{sizes[2]:,} images: 95% interval +8.8 to +9.4 points, 2 seeds")
    assert one.holds is True
    assert two.headline == f"With {sizes[0]} images dropout loses 2.9 points"
    assert two.holds is True
    rising, other = answers(
        "data-size", with_gains(recordings, {size: 5 + number for number, size in enumerate(sizes)})
    )
    assert rising.headline.startswith(f"Dropout gains most with {sizes[-1]:,} images")
    assert (rising.holds, other.holds) == (None if rising.holds is None else False, False)


def test_sizes_without_gain_say_where_it_is_worse(recordings_of):
    """Losses are named; of gains that no interval decides, the largest that is possible."""
    recordings = recordings_of("data-size")
    sizes = sorted({arm.train_size for arm in recordings[0].experiment.arms})
    losing = {size: -9 * (size in sizes[-2:]) - 0.075 for size in sizes}
    found, _ = answers("data-size", with_gains(recordings, losing))
    assert found.headline == f"No clear gain at any size; worse with {sizes[-2]:,} and {sizes[-1]:,} images"
    level, _ = answers("data-size", with_gains(recordings, dict.fromkeys(sizes, -0.075)))
    assert level.headline == "At every size dropout changes error by at most 0.3 points"
    single, _ = answers("data-size", [each for each in recordings if each.seed == recordings[0].seed])
    assert single.headline.startswith("One run: ")
    assert single.holds is None


@pytest.mark.parametrize("preset", ["data-size", "data-size-full"])
def test_all_sizes_have_as_many_updates(preset):
    """Epochs are so many that runs on all sizes take as many iterations, each size with and without dropout."""
    experiment = PRESETS[preset]
    updates = {arm.epochs * -(-arm.train_size // experiment.batch_size) for arm in experiment.arms}
    assert len(updates) == 1
    assert len({(arm.train_size, arm.has_noise) for arm in experiment.arms}) == len(experiment.arms)


def test_architecture_lines_are_the_recorded_errors(recordings_of):
    """Each thin line is the mean error of one arm; the two groups say the lowest and the highest of their ends."""
    recordings = recordings_of("architectures")
    chart = make("architectures", recordings)
    chart.show(chart.timeline.indices[-1])
    experiment = recordings[0].experiment
    names = {("-".join(map(str, arm.hidden)), arm.has_noise): arm.name for arm in experiment.arms}
    plain = chart.canvas.theme.plain
    ends = {False: [], True: []}
    assert len(chart.lines) == len(experiment.arms)
    for line in chart.lines:
        has_noise = line.color != plain
        name = names[line.name, has_noise]
        means = [errors_of(recordings, name, index).mean() for index in range(len(chart.iterations))]
        np.testing.assert_allclose(drawn(chart.axes, line.line), np.column_stack([chart.iterations, means]))
        ends[has_noise].append(100 * means[-1])
    for text, has_noise in zip(chart.ends, (False, True), strict=True):
        assert text.get_text() == f"{min(ends[has_noise]):.0f} to {max(ends[has_noise]):.0f}%"


def test_architectures_answer_by_hand(recordings_of):
    """All hold if each does; otherwise the number of those that are decided is said."""
    recordings = recordings_of("architectures")
    (all_lower,) = answers(
        "architectures", ending(recordings, lambda arm, seed: 20 - (9 + 0.01 * seed) * arm.has_noise)
    )
    assert all_lower.headline == "With dropout, all 6 networks end with fewer errors"
    assert "95% interval +9.0 to +9.1 points, 2 seeds" in all_lower.evidence
    assert all_lower.holds is True
    shape = recordings[0].experiment.arms[0].hidden
    (but_one,) = answers(
        "architectures", ending(recordings, lambda arm, _seed: 20 + (6 if arm.hidden == shape else -6) * arm.has_noise)
    )
    assert but_one.headline == "With dropout, 5 of 6 networks end with fewer errors"
    assert but_one.holds is False


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
    assert answer.headline == "The order changes accuracy by at most 6.9 points"
    assert answer.evidence.endswith("95% interval \N{MINUS SIGN}5.9 to +6.9 points, 2 seeds; rising against falling")
    (answer,) = answers(
        "accuracy", ending(swapped, lambda arm, seed: errors(arm, seed / 9) - 5 * (arm.name == "falling"))
    )
    assert answer.holds is False
    assert answer.headline == "Drop more near the input: 3.2 points higher"
    without_falling = [each for each in swapped if each.arm != "falling"]
    (answer,) = answers("accuracy", without_falling)
    assert "changes accuracy" in answer.headline or "ends" in answer.headline


def test_late_losses_by_hand(recordings_of):
    """How far each run ends below its own best snapshot, and by how much less that is with dropout."""
    recordings = recordings_of("epochs")
    late, _ = answers("epochs", recordings)
    lost = {}
    for each in recordings:
        accuracy = each.snapshots["test_accuracy"]
        lost.setdefault(each.arm, []).append(100 * (accuracy.max() - accuracy[-1]))
    less = interval(np.array(lost["no dropout"]) - np.array(lost["dropout 0.5"]))
    assert f"{less.low:+.1f} to {less.high:+.1f} points".replace("-", "\N{MINUS SIGN}") in late.evidence
    assert late.holds is less.holds


@pytest.mark.parametrize("chart", SWEEPS)
def test_recordings_of_ones_own_loop_have_no_settings(recordings_of, chart):
    """Without an experiment there is nothing to put on the axis: one line that says so."""
    bare = [changed(each, experiment=None) for each in recordings_of(chart)]
    with pytest.raises(RecordingError, match="no settings to draw"):
        make(chart, bare)


@pytest.mark.parametrize(
    ("chart", "words"),
    [
        ("rates", "both have drop_prob 0.5|other shares in other layers|no sweep|needs 3 values or more"),
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
        ([[1.0, 1.1, 1.2]], [True]),
        ([[-1.0, -1.1, -1.2]], [False]),
        ([[1.0, -1.0, 2.0]], [None]),
        ([[3.0]], [None]),
        ([[0.0, 0.0]], [None]),
        # p = 0.0082, 0.032 and 0.032: three claims take 0.0167 of the smallest, and 0.025 of the next.
        ([[1.0, 1.3, 1.2], [1.0, 1.5, 0.8], [1.0, 1.5, 0.8]], [True, None, None]),
    ],
)
def test_several_claims_are_corrected_for_their_number(differences, holds):
    """One run decides nothing; what is decided alone may be undecided among others."""
    assert decide([np.array(each) for each in differences]) == holds


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
