"""Recordings of any metrics: what `accuracy`, decks and `inspect` make of them."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from conftest import need_chinese_font
from decoding import decode
from torch import nn

import dropviz
from dropviz.analysis.answers import verdicts
from dropviz.analysis.captions import best_snapshots
from dropviz.analysis.comparison import gather
from dropviz.analysis.metrics import curve_metrics, number_format
from dropviz.charts import find_chart
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.timeline import Pace
from dropviz.cli.inspect import inspect_command
from dropviz.drawing.raster import default_style
from dropviz.errors import RecordingError
from dropviz.publish.decks.deck import make_deck
from dropviz.rendering.options import RenderOptions
from dropviz.style.labels import Labels
from dropviz.style.theme import find_theme, rgb

ITERATIONS, EVERY = 24, 3


def record(arm, seed, measure, drop_prob=0.5):
    """A recording of a small model that is trained; `measure` turns its test loss into metrics."""
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    inputs, targets = torch.randn(64, 8, generator=generator), torch.randn(64, 2, generator=generator)
    model = nn.Sequential(nn.Linear(8, 12), nn.Tanh(), nn.Dropout(drop_prob), nn.Linear(12, 2))
    optimizer, recorder = torch.optim.SGD(model.parameters(), 0.2), dropviz.Recorder(model, examples=2)
    for iteration in range(1, ITERATIONS + 1):
        model.train()
        loss = nn.functional.mse_loss(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        recorder.step()
        if iteration % EVERY == 0:
            model.eval()
            with torch.no_grad():
                recorder.snapshot(**measure(float(nn.functional.mse_loss(model(inputs), targets)), iteration))
    return recorder.recording(arm=arm, seed=seed)


def both_losses(loss, iteration):
    """Train and test loss."""
    return {"train_loss": 0.8 * loss, "test_loss": loss}


def perplexity(loss, iteration):
    """A metric of large numbers, and of no known part of the data."""
    return {"perplexity": float(np.exp(5 * loss))}


def two_arms(measure):
    """Recordings of an arm without dropout and one with it, of two seeds each."""
    return [record("plain", seed, measure, 0.0) for seed in (1, 2)] + [
        record("dropout", seed, measure) for seed in (1, 2)
    ]


def make(runs, lang="en", size=(1280, 720), chart="accuracy"):
    """A chart of runs."""
    labels = Labels(lang)
    labels.add_fonts_for(gather(runs).names)
    with default_style():
        return find_chart(chart)(gather(runs), Canvas(size, find_theme("light"), labels), None, Pace(1.0))


def texts(chart):
    """All texts of a chart at its end."""
    chart.show(chart.timeline.indices[-1])
    chart.figure.canvas.draw()
    axes = [chart.axes.get_ylabel(), *(tick.get_text() for tick in chart.axes.get_yticklabels())]
    labels = [curve.label.get_text() for curve in chart.curves]
    header = [text.get_text() for text in chart.header.moving]
    return [text.get_text() for text in chart.figure.texts] + header + axes + labels


CASES = {
    "test_loss": (lambda loss, _: {"test_loss": loss}, ["test_loss"]),
    "perplexity": (perplexity, ["perplexity"]),
    "both": (both_losses, ["test_loss", "train_loss"]),
}


@pytest.mark.parametrize("case", CASES)
def test_the_decoded_pixels_are_at_the_recorded_values(case, tmp_path):
    """In every frame, the pixel at the mean over seeds of the last snapshot has the colour of its arm."""
    measure, metrics = CASES[case]
    runs = two_arms(measure)
    dropviz.animate(runs, "accuracy", compare=True, out=tmp_path / "a.gif")
    frames, chart = decode(tmp_path / "a.gif")[1:], make(runs)  # after the poster
    (left, right), (low, high), box = chart.axes.get_xlim(), chart.axes.get_ylim(), chart.axes.bbox
    assert len(chart.curves) == 2 * len(metrics)
    checked = 0
    for (index, _), frame in zip(chart.timeline, frames, strict=True):
        for number, curve in enumerate(chart.curves):
            arm, metric = ("plain", "dropout")[number // len(metrics)], metrics[number % len(metrics)]
            mean = np.mean([run.snapshots[metric][index] for run in runs if run.arm == arm])
            assert curve.mean[index] == pytest.approx(mean)
            x = box.x0 + (EVERY * (index + 1) - left) / (right - left) * box.width
            y = box.y0 + (mean - low) / (high - low) * box.height
            covered = any(
                np.hypot(*(other.points[index] - (x, y))) < 10 for other in chart.curves if other is not curve
            )
            if box.y0 < y < box.y1 and not covered:
                assert tuple(frame[round(720 - y - 0.5), round(x - 0.5)]) == rgb(curve.color), (index, arm, metric)
                checked += 1
    assert checked >= 5


def test_words_name_the_metric_in_both_languages():
    """Title, axis, labels of lines and alt text are of the metric, none of them of accuracy; numbers are no shares."""
    need_chinese_font()
    runs = two_arms(both_losses)
    ends = [run.snapshots["test_loss"][-1] for run in runs if run.arm == "dropout"]
    decimals = 2 if max(run.snapshots["test_loss"][-1] for run in runs) >= 1 else 3
    english, chinese = texts(make(runs)), texts(make(runs, "zh"))
    assert "Does dropout change the loss?" in english
    assert "loss" in english  # how a loop of one's own measures it is not known
    assert f"{np.mean(ends):.{decimals}f} dropout" in english
    assert not any("accuracy" in text or "%" in text for text in english)
    assert "暂退法会改变损失吗？" in chinese  # noqa: RUF001  # Chinese
    assert "损失" in chinese
    assert not any("准确率" in text or "%" in text for text in chinese)


def test_alt_text_names_the_metric_and_its_values(tmp_path):
    """The values at the end are the recorded ones; nothing is claimed of accuracy."""
    need_chinese_font()
    runs = two_arms(perplexity)
    ends = {arm: [run.snapshots["perplexity"][-1] for run in runs if run.arm == arm] for arm in ("plain", "dropout")}
    made = dropviz.animate(runs, "accuracy", compare=True, out=tmp_path / "a.gif", frames=2, size=(320, 180))
    assert made.alt.startswith("Animated line chart of perplexity against iteration: plain, dropout.")
    alt = made.description
    assert alt.startswith("Animated line chart of perplexity against iteration: plain, dropout.")
    for arm, values in ends.items():
        assert f"{arm}: {np.mean(values):.0f} ± {np.std(values, ddof=1):.0f}" in alt
    assert "accuracy" not in alt
    chinese = dropviz.animate(
        runs, "accuracy", compare=True, out=tmp_path / "b.gif", frames=2, size=(320, 180), lang="zh"
    ).description
    assert chinese.startswith("动画折线图，perplexity随迭代的变化：")  # noqa: RUF001  # Chinese
    assert "准确率" not in chinese


def test_nothing_is_claimed_without_test_accuracy():
    """There is no verdict and no best snapshot; the chart has no answers."""
    comparison = gather(two_arms(both_losses))
    assert verdicts(comparison, Labels("en")) == []
    assert best_snapshots(comparison, Labels("en")) == ""
    assert make([run for arm in comparison.arms for run in arm.runs]).answered == []


def test_test_accuracy_alone_is_drawn_as_accuracy():
    """Percentages, the title of accuracy and the verdict stay; there is one line for each arm."""
    chart = make(two_arms(lambda loss, _: {"test_accuracy": 1 / (1 + loss)}))
    words = texts(chart)
    assert [curve.name for curve in chart.curves] == ["plain", "dropout"]
    assert "Does dropout help here?" in words
    assert any("%" in text for text in words)
    assert len(chart.answered) == 1


@pytest.mark.parametrize(
    ("available", "drawn"),
    [
        (("test_accuracy", "train_accuracy", "test_loss", "validation_accuracy"), ("test_accuracy", "train_accuracy")),
        (("train_loss", "val_loss"), ("val_loss", "train_loss")),
        (("bleu", "perplexity"), ("bleu",)),
        (("train_bleu", "test_loss"), ("test_loss",)),
        (("train_accuracy",), ("train_accuracy",)),
        (("loss",), ("loss",)),
        ((), ()),
    ],
)
def test_metrics_of_one_quantity_are_drawn(available, drawn):
    """Accuracy before loss before others; of data held out, and of training."""
    assert curve_metrics(available) == drawn


@pytest.mark.parametrize(
    ("metric", "values", "words"),
    [
        ("test_accuracy", [0.5], "50.0%"),
        ("test_loss", [0.12345], "0.123"),
        ("test_loss", [2.0], "2.00"),
        ("perplexity", [123.4], "123"),
        ("perplexity", [1234.5], "1,234"),
        ("elbo", [-12.34], "\N{MINUS SIGN}12.3"),
        ("error", [0.00012345], "0.000123"),
        ("flops", [3.2e9], "3.20e+09"),
        ("zero", [0.0], "0"),
        ("test_loss", [float("nan")], "nan"),
        ("test_loss", [2.0, float("inf")], "\N{INFINITY}"),
    ],
)
def test_numbers_have_three_significant_digits(metric, values, words):
    """Shares are percentages; other numbers have as many decimals as their size leaves."""
    assert number_format(metric, np.array(values)).mean_sd(np.array(values)) == words


@pytest.mark.parametrize(("low", "high"), [(-3.0, -1.0), (2e-6, 9e-6), (1e8, 5e8), (7.0, 7.0), (0.0, 0.0)])
def test_values_of_any_size_lie_within_the_axes(low, high):
    """Negative, tiny, huge and constant values are within the limits, and ticks say different numbers."""
    values = iter(np.linspace(low, high, ITERATIONS // EVERY))
    chart = make([record("run", 1, lambda _loss, _iteration: {"metric_x": float(next(values))})])
    bottom, top = chart.axes.get_ylim()
    assert bottom <= low <= high <= top
    assert bottom < top
    chart.figure.canvas.draw()
    ticks = [tick.label1.get_text() for tick in chart.axes.yaxis.get_major_ticks()]
    assert len(set(ticks)) == len(ticks)
    assert "metric x" in texts(chart)


def test_values_that_are_not_finite_are_refused():
    """One line names metric, arm and iteration."""
    runs = [record("mine", 1, lambda loss, i: {"test_loss": float("nan") if i > 12 else loss})]
    with pytest.raises(RecordingError, match=r"^test_loss of arm 'mine' is not finite at iteration 15: "):
        make(runs)


def two_rates(loss, iteration):
    """Train loss at each snapshot; test accuracy and a rate at every other one; a norm that is infinite once."""
    rare = {"test_accuracy": 1 / (1 + loss), "lr": 1e-4 / iteration} if iteration % (2 * EVERY) == 0 else {}
    return {"train_loss": loss, "norm": float("inf") if iteration == 12 else loss} | rare


def test_metrics_are_drawn_where_they_were_measured(tmp_path):
    """In the file NaN stands between; `accuracy` has a point for each value, and its label the latest one."""
    run = dropviz.load(record("mine", 1, two_rates).save(tmp_path / "a.npz"))
    accuracy = run.snapshots["test_accuracy"]
    assert np.isnan(accuracy).tolist() == [True, False] * 4
    assert np.isinf(run.snapshots["norm"]).sum() == 1
    chart = make([run])
    (curve,) = chart.curves
    assert curve.x.tolist() == [6, 12, 18, 24]
    assert curve.mean.tolist() == accuracy[1::2].tolist()
    chart.show(chart.timeline.indices[-2])
    assert curve.label.get_text() == f"{accuracy[5]:.0%} mine"
    assert len(curve.line.path.vertices) == 3
    last = chart.readings().lines[0]
    assert last.words[0] == "– mine"  # noqa: RUF001  # a dash
    assert last.words[2] == f"{accuracy[1]:.1%} mine (at 6)"
    assert np.isnan(last.points[::2, 1]).all()


def test_the_chart_of_metrics_has_a_plot_for_each_quantity():
    """Accuracy and loss first; lines of the same values as recorded; what is not finite is counted, not drawn."""
    runs = [record(arm, 1, two_rates, drop_prob) for arm, drop_prob in (("plain", 0.0), ("dropout", 0.5))]
    chart = make(runs, chart="metrics")
    assert list(chart.plots) == ["accuracy", "loss", "lr", "norm"]
    for plot, metric in zip(chart.plots.values(), ("test_accuracy", "train_loss", "lr", "norm"), strict=True):
        for curve, run in zip(plot.curves, runs, strict=True):
            values = run.snapshots[metric]
            assert curve.mean.tolist() == values[np.isfinite(values)].tolist()
            assert curve.x.tolist() == run.snapshots["iteration"][np.isfinite(values)].tolist()
    words = [text.get_text() for text in chart.figure.texts]
    assert {"Accuracy", "Loss", "Lr", "Norm", "not finite: 2", "plain", "dropout"} <= set(words)
    chart.show(chart.timeline.indices[-1])
    ends = [curve.label.get_text() for curve in chart.plots["loss"].curves]
    assert ends == [f"{run.snapshots['train_loss'][-1]:.3f} train" for run in runs]
    rates = [curve.label.get_text() for curve in chart.plots["lr"].curves]
    assert rates == ["4.17e−06"] * 2  # noqa: RUF001  # a minus sign


def test_metrics_without_a_finite_value_are_named():
    """A loss that was never finite has no plot, and is not left out in silence."""
    chart = make([record("mine", 1, lambda loss, _: {"train_loss": loss * np.inf, "norm": loss})], chart="metrics")
    assert list(chart.plots) == ["norm"]
    assert "Not drawn: loss." in [text.get_text() for text in chart.figure.texts]


def test_what_has_no_room_is_named():
    """Nine plots at most are drawn, and the others are named."""
    run = record("mine", 1, lambda loss, _: {f"metric_{letter}": loss for letter in "abcdefghijk"})
    chart = make([run], chart="metrics")
    assert len(chart.plots) == 9
    assert "Not drawn: metric j, metric k." in [text.get_text() for text in chart.figure.texts]


def test_arms_of_other_iterations_are_drawn_together(tmp_path):
    """Each line ends where its arm ends."""
    runs = [record("plain", 1, both_losses, 0.0), record("dropout", 1, both_losses)]
    short = {name: values[1::3] for name, values in runs[1].snapshots.items()}
    chart = make([runs[0], replace(runs[1], snapshots=short)])
    assert chart.curves[2].x.tolist() == [6, 15, 24]
    for name in ("accuracy", "metrics"):
        dropviz.animate(
            [runs[0], replace(runs[1], snapshots=short)], name, compare=True, out=tmp_path / "a.html", frames=3
        )


def test_what_is_missing_is_named():
    """A chart that needs a metric says which arm does not have it, and what it has; so does one without any."""
    runs = two_arms(both_losses)
    with pytest.raises(
        RecordingError, match=r"arm 'plain' has no test_accuracy: its snapshots hold train_loss, test_loss"
    ):
        find_chart("epochs").check(gather(runs))
    with pytest.raises(RecordingError, match="has no test_accuracy"):
        gather(runs).arms[0].values("test_accuracy")
    mixed = [run for run in runs if run.arm == "plain"] + [record("dropout", seed, perplexity) for seed in (1, 2)]
    with pytest.raises(RecordingError) as caught:
        make(mixed)
    assert str(caught.value) == (
        "the arms have no metric in common: arm 'plain' has test_loss, train_loss; 'dropout' has perplexity"
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_decks_have_the_metric_in_title_and_table(lang):
    """The slide names it, the table has a row for it at the end, and no row or foot on best accuracy."""
    if lang == "zh":
        need_chinese_font()
    runs = two_arms(both_losses)
    deck = make_deck(gather(runs), RenderOptions(frames=2, lang=lang))
    assert [slide.chart for slide in deck.slides] == ["network", "accuracy"]
    assert deck.slides[1].title == {"en": "Does dropout change the loss?", "zh": "暂退法会改变损失吗？"}[lang]  # noqa: RUF001  # Chinese punctuation
    assert deck.foot == ""
    assert all(deck.slides[1].notes)
    names = [row[0][0] for row in deck.tables[0].rows]
    if lang == "en":
        assert names == ["Test loss, at the end", "Train loss, at the end", "units dropped"]
    ends = np.array([run.snapshots["test_loss"][-1] for run in runs if run.arm == "plain"])
    assert deck.tables[0].rows[0][1] == (f"{ends.mean():.3f} ± {ends.std(ddof=1):.3f}",)


def test_inspect_prints_the_metrics_there_are(tmp_path):
    """As text and as JSON, also of a recording that went through a file, or has no snapshots."""
    run = record("mine", 1, perplexity)
    path = run.save(tmp_path / "a.npz")
    last = json.loads(CliRunner().invoke(inspect_command, [str(path), "--json"]).output)["last"]
    assert last == {"iteration": ITERATIONS, "perplexity": run.snapshots["perplexity"][-1]}
    assert "perplexity" in CliRunner().invoke(inspect_command, [str(path)]).output
    empty = replace(run, snapshots={"iteration": run.snapshots["iteration"][:0]})
    assert json.loads(CliRunner().invoke(inspect_command, [str(empty.save(path)), "--json"]).output)["last"] == {}
