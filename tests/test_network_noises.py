"""The diagram of noises other than dropout: edges that come and go, and units whose size is their strength."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import dropviz
from dropviz import Arm
from dropviz.analysis.comparison import gather
from dropviz.charts import find_chart
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.noise_effects import noise_effect, unit_radius
from dropviz.charts.base.timeline import Pace
from dropviz.drawing.marks import MarkRenderer
from dropviz.errors import RecordingError
from dropviz.style.labels import Labels
from dropviz.style.theme import find_theme


def make(*recordings, size=(1280, 720), lang="en"):
    """A diagram of recordings."""
    return find_chart("network")(gather(recordings), Canvas(size, find_theme("light"), Labels(lang)), None, Pace(1.0))


@pytest.fixture(scope="module")
def runs(tiny):
    """A run without noise, and one of each kind that looks different."""
    noises = ("none", "dropconnect", "gaussian", "uniform")
    arms = tuple(Arm(noise, 0.0 if noise == "none" else (0.3, 0.5), noise=noise) for noise in noises)
    return {run.arm: run for run in dropviz.train(tiny.replace(seeds=(1,), arms=arms))}


def texts(chart):
    """All words that stand still."""
    return " ".join(text.get_text() for text in chart.figure.texts)


def changed(run, **parts):
    """The same recording with other arrays of one of its layers."""
    return replace(run, **{part: {**getattr(run, part), **values} for part, values in parts.items()})


def test_what_is_to_be_seen_of_a_noise(runs, noisy):
    """A recording says by its arrays which kind of noise it is of."""
    found = {name: noise_effect(run) for name, run in runs.items()}
    assert found == {"none": "", "dropconnect": "edges", "gaussian": "strength", "uniform": "strength"}
    assert noise_effect(noisy) == "units"


def test_edges_are_the_recorded_ones(runs):
    """Of DropConnect, in every frame the edges drawn are those that the pass kept, and all units are there."""
    run = runs["dropconnect"]
    chart = make(run)
    (panel,) = chart.panels
    columns = panel.layout.columns
    drawn = 0
    for index in chart.timeline.indices:
        chart.show(index)
        if index < 0:
            continue
        expected = set()
        for edges, (one, left), (other, right) in zip(
            panel.edges.drawn, *zip(*pairwise(zip(run.layers, columns, strict=True)), strict=True), strict=True
        ):
            kept = run.edges.get(other.name)
            for i, j in np.argwhere(edges):
                place = run.units_shown(other).index(right.units[j]), run.units_shown(one).index(left.units[i])
                if kept is None or kept[index][place]:
                    expected.add(f"{run.arm}/{one.name}/{left.units[i]} - {run.arm}/{other.name}/{right.units[j]}")
        shapes = [shape for shapes in panel.edges.signed for shape in shapes]
        assert {name for shape in shapes for name in shape.names()} == expected
        assert not any(len(dots.centres) for dots in panel.units.dropped)
        drawn += len(expected)
    assert 0 < drawn < len(chart.timeline) * sum(int(edges.sum()) for edges in panel.edges.drawn)
    rates = {name: words.get_text() for name, words in panel.rates.items()}
    last = chart.timeline.indices[-1]
    assert rates == {
        before.name: f"{100 * run.edge_drop_rate[after.name][last]:.0f}%"
        for before, after in pairwise(run.layers)
        if before.drop_prob
    }


@pytest.mark.parametrize("noise", ["gaussian", "uniform"])
def test_area_is_the_recorded_strength(runs, noise):
    """Circles as vectors: radius² is in proportion to the strength, up to 2; hollow below 0; others stand for 1."""
    run = runs[noise]
    chart = make(run)
    (panel,) = chart.panels
    renderer = MarkRenderer(chart.canvas.size, "x-")
    hollow = 0
    for index in chart.timeline.indices[::2]:
        chart.show(index)
        drawn = {}
        for artist in panel.moving:
            for mark in renderer.marks_of(artist):
                if mark.tag == "circle":
                    drawn[mark.name] = (mark.place, mark.style)
        for layer, names in enumerate(panel.names):
            largest = panel.layout.columns[layer].radius * panel.canvas.scale
            for unit, name in zip(panel.layout.columns[layer].units, names, strict=True):
                place, style = drawn[str(name)]
                drawn_radius = float(place.split(' r="')[1].rstrip('"'))
                recorded = run.noise.get(run.layers[layer].name)
                strength = 1.0 if recorded is None else float(recorded[index, 0, unit])
                assert drawn_radius == pytest.approx(largest * min(abs(strength) / 2, 1) ** 0.5, abs=0.06)
                assert recorded is None or ("#ffffff" in style.lower()) == (strength < 0)
                hollow += strength < 0
    assert hollow > 0


def test_legend_and_title_say_what_is_seen(runs, noisy):
    """No diagram speaks of crossed units where there are none."""
    edges, strength, units = (texts(make(run)) for run in (runs["dropconnect"], runs["gaussian"], noisy))
    assert "kept edge" in edges
    assert "2 or more" in strength
    assert "silent dropped weight" in units
    assert "silent" not in strength
    for other in (edges, strength):
        assert "thinned" not in other.lower()


@pytest.mark.parametrize("noise", ["dropconnect", "gaussian"])
def test_beside_a_network_without_noise(runs, noise):
    """Two panels of the same minibatch; units of strength 1 are alike in both."""
    chart = make(runs["none"], runs[noise])
    plain, noisy = chart.panels
    sizes = [panel.units.filled[1][0]._size.get_matrix()[0, 0] for panel in (plain, noisy)]
    assert sizes[0] == pytest.approx(sizes[1], rel=0.15)
    chart.show(chart.timeline.indices[0])
    drawn = [name for shapes in plain.edges.signed for shape in shapes for name in shape.names()]
    assert len(drawn) == sum(int(edges.sum()) for edges in plain.edges.drawn)


def test_radius_of_strengths():
    """Area in proportion: twice the strength is √2 of the radius; no more than the largest."""
    assert unit_radius(np.array([0.0, 0.5, 1, -1, 2, 9]), 10) == pytest.approx([0, 5, 50**0.5, 50**0.5, 10, 10])


@pytest.mark.parametrize(
    ("noise", "part", "values"),
    [
        ("dropconnect", "edges", {"hidden 2": np.ones((12, 9, 9), bool)}),
        ("dropconnect", "edge_drop_rate", {"hidden 2": np.ones(11)}),
        ("gaussian", "noise", {"hidden 1": np.ones((12, 3, 23), np.float32)}),
    ],
)
def test_arrays_that_do_not_fit_are_refused(runs, noise, part, values):
    """No recording is made of arrays that do not fit: one line names them."""
    with pytest.raises(RecordingError, match="do not fit"):
        changed(runs[noise], **{part: values})


def test_strengths_that_are_no_numbers_are_drawn_as_none(runs):
    """NaN has no area."""
    run = changed(runs["gaussian"], noise={"hidden 1": np.full((12, 3, 24), np.nan, np.float32)})
    chart = make(run)
    chart.show(chart.timeline.indices[0])
    assert chart.panels[0].sized[1]._full[0]._size.get_matrix()[0, 0] == 0


def test_alt_text_lists_no_drop_rate_of_strengths(runs):
    """A multiplied unit is not a dropped one."""
    from dropviz.analysis.captions import describe

    alt = describe(gather([runs["gaussian"]]), "network", Labels("en"), [])
    assert "dropped over" not in alt
