"""Progress: the time left is known before it is shown, follows the last seconds, and weighs runs by their work."""

import numpy as np
import pytest
from click.testing import CliRunner

import dropviz
from dropviz._util import progress as module
from dropviz._util.progress import TimeLeft, duration, progress
from dropviz.experiments import Arm, Experiment
from dropviz.experiments.presets import PRESETS
from dropviz.training.data import load_data, split
from dropviz.training.runs import runs_of
from dropviz.training.workload import SIZES, iterations_of, longest_first, run_iterations, run_work


class Clock:
    """A clock that is set by hand."""

    def __init__(self, monkeypatch):
        self.now = 1_000.0
        monkeypatch.setattr(module.time, "monotonic", lambda: self.now)


@pytest.mark.parametrize("wait", [0.0, 100.0], ids=["at once", "after a long start"])
def test_no_time_left_until_it_is_known(wait):
    """The first report starts the clock: the seconds that torch takes to start are not part of the rate."""
    left = TimeLeft()
    assert left.seconds(0.0, 100.0) is None
    left.add(wait, 1.0)
    assert left.seconds(wait + 1.0, 100.0) is None
    left.add(wait + 1.9, 2.9)
    assert left.seconds(wait + 1.9, 100.0) is None
    left.add(wait + 2.0, 3.0)
    assert left.seconds(wait + 2.0, 100.0) == pytest.approx(97.0)


def test_the_time_left_is_that_of_the_last_seconds():
    """After a slow minute at 1 a second, 10 a second count within WINDOW; the time runs on between reports."""
    left = TimeLeft()
    for second in range(60):
        left.add(float(second), float(second))
    for second in range(60, 70):
        left.add(float(second), 59.0 + 10 * (second - 59))
    assert left.seconds(69.0, 1_159.0) == pytest.approx(100.0)
    assert left.seconds(72.0, 1_159.0) == pytest.approx(97.0)
    assert left.seconds(500.0, 1_159.0) == 0.0


def test_a_line_every_ten_seconds_without_a_terminal(monkeypatch, capsys):
    """Nothing for what ends sooner; then the share done and the time left."""
    clock = Clock(monkeypatch)
    with progress("training 2 runs") as callback:
        for _second in range(35):
            clock.now += 1
            callback(1, 40)
    assert capsys.readouterr().err.splitlines() == [
        "training 2 runs: 25% done, 30 s left",
        "training 2 runs: 50% done, 20 s left",
        "training 2 runs: 75% done, 10 s left",
    ]
    with progress("short") as callback:
        for _second in range(12):
            clock.now += 1
            callback(1, 10)
    with progress("hidden", show=False) as callback:
        clock.now += 60
        callback(1, 40)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("seconds", "words"), [(0.1, "1 s"), (59.6, "1 min 0 s"), (3_599.7, "1 h 0 min")])
def test_durations_are_rounded_before_they_are_split(seconds, words):
    """There are no 60 seconds, and no 60 minutes."""
    assert duration(seconds) == words


def test_the_work_of_a_run_follows_its_iterations_size_and_snapshots():
    """Arms of a sweep differ in epochs, hidden units and training images."""
    arms = {arm.name: arm for arm in PRESETS["data-size"].arms}
    assert run_iterations(PRESETS["data-size"], arms["no dropout, 1000 images"]) == 2_000
    shape = PRESETS["architectures"]
    works = [run_work(shape, arm) for arm in shape.arms if not arm.has_noise]
    assert max(works) > 2 * min(works)
    plain, noisy = PRESETS["digits"].arms
    assert run_work(PRESETS["digits"], noisy) > run_work(PRESETS["digits"], plain)
    often = PRESETS["digits"].replace(snapshot_every=1)
    assert run_work(often, plain) > 2 * run_work(PRESETS["digits"], plain)


def test_of_each_seed_the_longest_run_is_taken_first():
    """Else the last worker trains the longest run alone."""
    digits = PRESETS["digits"].replace(seeds=(1, 2))
    plain, noisy = digits.arms
    assert longest_first(digits, runs_of(digits)) == [(noisy, 1), (plain, 1), (noisy, 2), (plain, 2)]


@pytest.mark.parametrize("validation", [0, 200])
def test_the_sizes_of_digits_are_those_of_its_split(validation):
    """Iterations counted before training are those of the run."""
    experiment = Experiment("x", validation_size=validation, arms=(Arm("plain"),))
    dataset = load_data("digits")
    rows = len(split(dataset, None, 0.0, 1, validation).train_labels)
    assert run_iterations(experiment, experiment.arms[0]) == iterations_of(experiment, rows)
    assert SIZES["digits"][0] == np.prod(dataset.train_images.shape[1:])


def test_training_reports_all_of_the_work(monkeypatch):
    """The shares of runs of unequal length add up to the whole, in this process and in workers."""
    from dropviz.training import runs

    done = []

    class Bar:
        def __enter__(self):
            return lambda work, total: done.append(work / total)

        def __exit__(self, *_exception):
            return None

    labels = []
    monkeypatch.setattr(runs, "progress", lambda label, **_show: labels.append(label) or Bar())
    arms = (Arm("short", train_size=50), Arm("long", 0.5, train_size=300, epochs=2))
    experiment = Experiment("unequal", batch_size=50, hidden=(8,), epochs=1, seeds=(1,), arms=arms)
    assert len(dropviz.train(experiment, device="cpu", jobs=1)) == 2
    assert labels == ["training 2 runs, 13 iterations"]
    assert sum(done) == pytest.approx(1.0)


def test_a_bar_on_a_terminal(monkeypatch):
    """The bar has the time left once it is known, in the words of the lines."""
    clock = Clock(monkeypatch)

    import click

    @click.command()
    def command():
        module.sys.stderr.isatty = lambda: True
        with progress("drawing") as callback:
            for _second in range(4):
                clock.now += 1
                callback(1, 10)

    monkeypatch.setattr("click._termui_impl.isatty", lambda _stream: True)
    shown = CliRunner().invoke(command, color=True).output
    assert "drawing" in shown
    assert "40%" in shown
    assert "6 s left" in shown
    assert "9 s left" not in shown


def test_a_stall_is_not_taken_for_the_rate():
    """Seconds in which a long evaluation lets nearly nothing be finished give no estimate, rather than one of hours."""
    left = TimeLeft()
    for second in range(20):
        left.add(float(second), 10.0 * second)
    assert left.seconds(19.0, 400.0) == pytest.approx(21.0)
    left.add(60.0, 190.5)
    assert left.seconds(60.0, 400.0) is None
