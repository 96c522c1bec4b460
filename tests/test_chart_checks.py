"""`Chart.check` raises exactly where drawing would, with the same message, and builds no figure."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from dropviz.analysis.comparison import gather
from dropviz.charts import CHARTS, find_chart
from dropviz.charts.base.canvas import Canvas
from dropviz.drawing.raster import default_style
from dropviz.errors import RecordingError
from dropviz.style.labels import Labels
from dropviz.style.theme import find_theme

MASKS = ("masks", "drop_rate", "noise", "mask_sizes", "edges", "edge_drop_rate", "weights", "activations")


def with_snapshots(run, change):
    """Return the run with changed snapshots, a mapping from name to array."""
    return replace(run, snapshots=change(dict(run.snapshots)))


def only(*names):
    """Return a change that keeps some metrics, of those that there are."""
    return lambda snapshots: {name: values for name, values in snapshots.items() if name in ("iteration", *names)}


def without_masks(run):
    """Return the run without masks and weights."""
    return replace(run, **{part: {} for part in MASKS}, shown_units={})


def first_iterations(run, count):
    """Return the run with the masks and weights of its first iterations."""
    parts = {part: {name: values[:count] for name, values in getattr(run, part).items()} for part in MASKS}
    examples = run.examples and replace(
        run.examples,
        **{name: getattr(run.examples, name)[:count] for name in ("index", "label", "prediction", "image")},
    )
    return replace(run, **parts, recorded_iterations=run.recorded_iterations[:count], examples=examples)


def without_examples(run):
    """Return the run with drop rates, but without tracked examples."""
    parts = {part: {name: each[:, :0] for name, each in getattr(run, part).items()} for part in ("masks", "noise")}
    sites = tuple(replace(site, shape=(0, *site.shape[1:])) if site.has_examples else site for site in run.sites)
    return replace(run, **parts, sites=sites, examples=None)


def with_probes(run, change):
    """Return the run with changed probes."""
    return replace(run, probes={name: change(values) for name, values in run.probes.items()})


def diverged(snapshots):
    """Return snapshots whose last losses are not finite."""
    return {
        name: np.append(values[:-1], np.inf) if name.endswith("loss") and len(values) else values
        for name, values in snapshots.items()
    }


def each(change):
    """Return a function that changes every run."""
    return lambda runs: [change(run) for run in runs]


def of_last_arm(change):
    """Return a function that changes the runs of the last arm."""
    return lambda runs: [change(run) if run.arm == runs[-1].arm else run for run in runs]


ODD = {
    "as they are": lambda runs: runs,
    "no snapshots": each(lambda run: with_snapshots(run, lambda each: {k: v[:0] for k, v in each.items()})),
    "no snapshots in one arm": of_last_arm(
        lambda run: with_snapshots(run, lambda each: {k: v[:0] for k, v in each.items()})
    ),
    "one snapshot": each(lambda run: with_snapshots(run, lambda each: {k: v[-1:] for k, v in each.items()})),
    "snapshots at other iterations": of_last_arm(
        lambda run: with_snapshots(run, lambda each: each | {"iteration": each["iteration"] + 1})
    ),
    "fewer snapshots in one arm": of_last_arm(
        lambda run: with_snapshots(run, lambda each: {k: v[1:] for k, v in each.items()})
    ),
    "losses alone": each(lambda run: with_snapshots(run, only("test_loss", "train_loss"))),
    "test accuracy alone": each(lambda run: with_snapshots(run, only("test_accuracy"))),
    "train accuracy alone": each(lambda run: with_snapshots(run, only("train_accuracy"))),
    "no metric in common": of_last_arm(
        lambda run: with_snapshots(run, lambda each: {"iteration": each["iteration"], "bleu": each["test_loss"]})
    ),
    "perplexity alone": each(
        lambda run: with_snapshots(run, lambda each: {"iteration": each["iteration"], "bleu": each["test_loss"]})
    ),
    "losses not finite": each(lambda run: with_snapshots(run, diverged)),
    "one loss, not finite": each(
        lambda run: with_snapshots(run, lambda each: only("train_loss")(diverged(each)))  # nothing else to draw
    ),
    "no masks": each(without_masks),
    "no masks in one arm": of_last_arm(without_masks),
    "masks of no iteration": each(lambda run: first_iterations(run, 0)),
    "masks of one iteration": each(lambda run: first_iterations(run, 1)),
    "masks of fewer iterations in one arm": of_last_arm(lambda run: first_iterations(run, 2)),
    "no examples": each(without_examples),
    "no examples, but masks": each(lambda run: replace(run, examples=None)),
    "no weights": each(
        lambda run: replace(run, weights={}, activations={}, edges={}, edge_drop_rate={}, shown_units={})
    ),
    "own loop": each(lambda run: replace(run, experiment=None)),
    "own loop without probes": each(lambda run: replace(run, experiment=None, probes={})),
    "first arm": lambda runs: [run for run in runs if run.arm == runs[0].arm],
    "last arm": lambda runs: [run for run in runs if run.arm == runs[-1].arm],
    "first two arms": lambda runs: [run for run in runs if run.arm in list(dict.fromkeys(r.arm for r in runs))[:2]],
    "all arms but the first": lambda runs: [run for run in runs if run.arm != runs[0].arm],
    "one seed": lambda runs: [run for run in runs if run.seed == runs[0].seed],
    "other seeds in one arm": lambda runs: runs[:-1],
    "no seed in common": of_last_arm(lambda run: replace(run, seed=run.seed + 100)),
    "no probes": each(lambda run: replace(run, probes={})),
    "no probes in one arm": of_last_arm(lambda run: replace(run, probes={})),
    "empty probes": each(lambda run: with_probes(run, lambda values: values[:0])),
    "probes of numbers": each(lambda run: with_probes(run, lambda values: np.zeros((), values.dtype))),
    "probes of zeros": each(lambda run: with_probes(run, np.zeros_like)),
    **{
        f"probes {value}": each(
            lambda run, value=value: with_probes(
                run, lambda values: np.full_like(values, value) if values.dtype.kind == "f" else values
            )
        )
        for value in (np.nan, np.inf)
    },
}


def raised(function, errors=RecordingError):
    """Return what a function raises of the kind `errors`, or None."""
    try:
        function()
    except errors as error:
        return error
    return None


def draw(chart, comparison, answers):
    """Build a chart that is not checked, of these answers."""
    unchecked = type("Unchecked", (chart,), {"check": classmethod(lambda _cls, _comparison: None)})
    with default_style():
        unchecked(comparison, Canvas((1280, 720), find_theme("light"), Labels("en")), 1, answers=answers)


def check(chart, comparison, monkeypatch):
    """Return the message of the error that a check raises, or None; no figure can be made meanwhile."""

    def refuse(*_args, **_more):
        raise AssertionError("a figure was made")

    with monkeypatch.context() as patch:
        patch.setattr(Figure, "__init__", refuse)
        error = raised(lambda: chart.check(comparison))
    return error and str(error)


def odd_comparisons(runs, others):
    """Yield comparisons of odd recordings by title, without those that no chart can compare."""
    for title, change in (ODD | {"of another experiment": lambda _runs: others}).items():
        try:
            yield title, gather(change(runs))
        except RecordingError:
            continue


@pytest.mark.parametrize("name", CHARTS)
def test_a_check_says_what_drawing_would_say(name, recordings_of, recordings, monkeypatch):
    """Of recordings with parts missing, of one arm, of other experiments, and with values that are not finite.

    Where a check says nothing, the chart is drawn. Where it raises, the chart cannot be drawn, for the same reason.
    """
    chart = find_chart(name)
    messages = {}
    for title, comparison in odd_comparisons(recordings_of(name), recordings):
        messages[title] = message = check(chart, comparison, monkeypatch)
        if message is None:
            if (len(messages) + list(CHARTS).index(name)) % 2 or len(messages) == 1:  # each in every other chart
                draw(chart, comparison, None)
            continue
        built = raised(lambda comparison=comparison: draw(chart, comparison, []), Exception)
        if built is None:
            built = raised(lambda comparison=comparison: chart.answers(comparison, Labels("en")), Exception)
        assert built is not None, f"{title}: can be drawn, but is refused: {message}"
        assert not isinstance(built, RecordingError) or str(built) == message, title
    assert messages["as they are"] is None
    assert any(messages.values())


def test_a_chart_checks_before_it_draws(recordings, monkeypatch):
    """A chart that is made says what its check says."""
    comparison = gather([with_snapshots(run, lambda each: {k: v[:0] for k, v in each.items()}) for run in recordings])
    chart = find_chart("accuracy")
    message = check(chart, comparison, monkeypatch)
    with pytest.raises(RecordingError) as caught:
        chart(comparison, Canvas((640, 360), find_theme("light"), Labels("en")))
    assert str(caught.value) == message == "the recordings hold no snapshots: there is no accuracy to draw"
