"""The pictures against the recordings: artists' data, and pixels of the decoded GIF."""

import re
from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from conftest import CORE, need
from decoding import decode
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties

import dropviz
from dropviz._util.text import isolate
from dropviz.analysis.comparison import gather
from dropviz.charts import find_chart
from dropviz.charts.base.artists import MovingText, text_size
from dropviz.charts.base.canvas import MIN_TYPE_SIZE, Canvas
from dropviz.charts.base.network_units import fills_of, levels_of
from dropviz.charts.base.timeline import Pace, without_fade
from dropviz.drawing.raster import default_style, rasterise
from dropviz.errors import RecordingError, UsageError
from dropviz.style.fonts import installed_families
from dropviz.style.labels import Labels
from dropviz.style.theme import THEMES, TRANSPARENT, find_theme, rgb


def make(name, recordings, size=(1280, 720), theme="light", frames=None, lang="en"):
    """A chart of recordings."""
    labels, comparison = Labels(lang), gather(recordings)
    labels.add_fonts_for(comparison.names)
    with default_style():
        canvas = Canvas(size, find_theme(theme), labels)
        return find_chart(name)(comparison, canvas, frames, Pace(1.0))


def renamed(recordings, arms=None, classes=None):
    """The same recordings from a custom training loop, with other names of arms and of classes."""
    changed = []
    for each in recordings:
        examples = replace(each.examples, class_names=classes) if classes else each.examples
        new = {"arm": (arms or {}).get(each.arm, each.arm), "experiment": None, "examples": examples}
        changed.append(dropviz.Recording(**{**vars(each), **new}))
    return changed


def texts_of(chart):
    """Every text of a chart, at its last moment, that says something."""
    chart.show(chart.timeline.indices[-1])
    chart.figure.canvas.draw()
    marks = [mark for mark in chart.moving if isinstance(mark, MovingText)]
    return [text for text in [*chart.figure.texts, *marks] if text.get_text()]


def box_of(text, chart):
    """The box of a text, in pixels."""
    return text.get_window_extent(chart.figure.canvas.get_renderer())


def arm(recordings, name):
    """The recordings of one arm."""
    return [each for each in recordings if each.arm == name]


def near(pixel, color):
    """Whether a decoded pixel, RGBA, has just this colour, or is transparent where there is no background."""
    return pixel[3] == 0 if color == TRANSPARENT else np.array_equal(pixel, (*rgb(color), 255))


# accuracy


def test_lines_are_the_mean_of_the_recorded_snapshots(recordings):
    """Every line goes through the mean over seeds of each snapshot, at its iteration, and no further than shown."""
    chart = make("accuracy", recordings)
    to_data = chart.axes.transData.inverted()
    runs = [arm(recordings, name) for name in ("no dropout", "dropout")]
    for index, _ in chart.timeline:
        chart.show(index)
        for number, metric in enumerate(("test_accuracy", "train_accuracy")):
            for which, group in enumerate(runs):
                drawn = to_data.transform(chart.curves[2 * which + number].line.path.vertices)
                np.testing.assert_allclose(drawn[:, 0], [3, 6, 9, 12, 15, 18, 20][: index + 1])
                expected = np.mean([run.snapshots[metric] for run in group], axis=0)[: index + 1]
                np.testing.assert_allclose(drawn[:, 1], expected, rtol=1e-9)


def test_hatches_need_no_newer_matplotlib(recordings, monkeypatch):
    """The lowest matplotlib allowed, 3.8, sets the width of their lines for all artists only."""
    monkeypatch.delattr(GraphicsContextBase, "set_hatch_linewidth", raising=False)
    chart = make("accuracy", recordings, theme="paper")
    with default_style():
        assert [*rasterise(chart)]


@pytest.mark.parametrize("theme", THEMES)
def test_head_of_every_line_is_where_the_recording_says(recordings, tmp_path, theme):
    """In each frame of the decoded GIF, the pixel at the last mean accuracy has the colour of its arm."""
    dropviz.animate(recordings, "accuracy", compare=True, out=tmp_path / "a.gif", theme=theme)
    poster, *frames = decode(tmp_path / "a.gif", "RGBA")
    chart = make("accuracy", recordings, theme=theme)
    left, right = chart.axes.get_xlim()
    low, high = chart.axes.get_ylim()
    box = chart.axes.bbox
    assert len(frames) == 7
    assert (poster == frames[-1]).all(axis=2).mean() > 0.99
    for index, frame in enumerate(frames):
        for curve, name, metric in ((0, "no dropout", "test_accuracy"), (2, "dropout", "test_accuracy")):
            runs = arm(recordings, name)
            accuracy = np.mean([run.snapshots[metric][index] for run in runs])
            x = box.x0 + (runs[0].snapshots["iteration"][index] - left) / (right - left) * box.width
            y = box.y0 + (accuracy - low) / (high - low) * box.height
            if box.y0 < y < box.y1:
                seen = frame[round(720 - y - 0.5), round(x - 0.5)]
                others = [other.color for other in chart.curves]
                assert any(near(seen, color) for color in others), (index, name)
                hidden = any(
                    np.hypot(*(o.points[index] - (x, y))) < 9
                    for o in chart.curves
                    if o.color != chart.curves[curve].color
                )
                assert hidden or near(seen, chart.curves[curve].color)


def test_band_is_one_standard_deviation_to_each_side(recordings):
    """The band of a line spans mean ± sample standard deviation over seeds; with one seed it has no height."""
    chart = make("accuracy", recordings)
    values = np.stack([run.snapshots["test_accuracy"] for run in arm(recordings, "dropout")])
    curve = chart.curves[2]
    np.testing.assert_allclose(curve.high - curve.low, 2 * values.std(axis=0, ddof=1))
    single = make("accuracy", arm(recordings, "dropout")[:1])
    assert np.array_equal(single.curves[0].high, single.curves[0].low)


def test_labels_say_the_value_at_the_end_of_their_line(recordings):
    """The label of a line is the last mean that it shows, as a percentage, and the arm."""
    chart = make("accuracy", recordings)
    chart.show(6)
    mean = np.mean([run.snapshots["test_accuracy"][-1] for run in arm(recordings, "dropout")])
    assert chart.curves[2].label.get_text() == f"{100 * mean:.1f}% dropout"
    assert chart.curves[3].label.get_text().endswith("train, noisy labels")
    assert chart.counter(6) == "iteration 20 of 20"


def test_labels_never_overlap(recordings):
    """At every moment the labels at the ends of the lines are a line of text apart."""
    chart = make("accuracy", recordings)
    for heights in chart.label_heights.values():
        assert np.diff(sorted(heights)).min() > 20


def test_equal_lines_are_both_seen_on_an_axis_of_whole_points(recordings):
    """Of arms with the same constant accuracy, the upper line leaves gaps; ticks do not zoom into nothing."""
    flat = {"train_accuracy": 0.3, "test_accuracy": 0.5}
    level = [
        replace(run, snapshots={k: np.full(len(v), flat[k]) if k in flat else v for k, v in run.snapshots.items()})
        for run in recordings
    ]
    chart = make("accuracy", level)
    upper, lower = (curve for curve in chart.curves if curve.is_test)
    assert (bool(upper.line._dash), bool(lower.line._dash)) == (True, False)
    assert np.diff(chart.axes.get_yticks()).min() >= 0.01 - 1e-9


@pytest.mark.parametrize("names", [("a" * 30 + " lr=0.1", "a" * 30 + " lr=0.2"), ("b" * 20 + "1" + "b" * 20, "b" * 41)])
def test_long_names_never_become_alike(recordings, names):
    """Names that differ at their end, or in the middle, differ in the picture too."""
    chart = make("accuracy", renamed(recordings, dict(zip(("no dropout", "dropout"), names, strict=True))), (400, 400))
    shown = [curve.name for curve in chart.curves if curve.is_test]
    assert len(set(shown)) == 2
    assert all("…" in name or "#" in name for name in shown)


@pytest.mark.parametrize("names", [("dropout", "dropout "), ("caf\u00e9", "cafe\u0301"), ("a\tb", "a\0b"), ("", " ")])
def test_names_that_look_the_same_are_refused(recordings, names):
    """No reader can tell which line is whose; the message shows in what they differ."""
    with pytest.raises(RecordingError, match="look the same: give each a name of its own") as caught:
        make("accuracy", renamed(recordings, dict(zip(("no dropout", "dropout"), names, strict=True))))
    assert ascii(names[1]) in str(caught.value)


def test_a_number_before_words_from_right_to_left_stays_a_number():
    """Hebrew and Arabic are drawn apart: drawn with the number, they would change the order of its digits."""
    text = Canvas((400, 300), THEMES["light"], Labels("en")).moving_text(0, 0, 12)
    text.set_text("79.8% נשירה 0.5 ends 3 points higher")
    assert text._line[:6] == ["7", "9", ".", "8", "% ", "נשירה 0.5"]
    text.set_text("79.8% נשירה (חצי) ends")  # with its brackets, or the last would be behind the first word
    assert text._line[5:7] == ["נשירה (חצי)", " ends"]
    text.set_text("79.8% dropout (חצי) ends")
    assert text._line[-2:] == ["חצי", ") ends"]


@pytest.mark.parametrize("name", ["נשירה 0.5", "נשירה dropout 0.5", "إسقاط 0.5"])
def test_words_behind_a_name_from_right_to_left_stay_behind_it(name):
    """A text that begins with such a name runs from left to right: its last word is drawn last, in pixels."""

    def draw(words):
        canvas = Canvas((700, 300), THEMES["light"], Labels("en"))
        canvas.labels.add_fonts_for([name])
        assert "\u2068" not in canvas.text(20, 100, isolate(name) + words).get_text()
        canvas.figure.canvas.draw()
        return np.asarray(canvas.figure.canvas.buffer_rgba())[..., 0].min(axis=0)

    short, long = draw(": once"), draw(": once ....")
    width = np.flatnonzero(short < 255).max()
    np.testing.assert_array_equal(long[:width], short[:width])


def test_labels_of_many_arms_stay_in_the_picture(recordings):
    """Labels of training give way to those of data held out, and those without room are counted."""
    runs = arm(recordings, "dropout")
    many = [replace(run, arm=f"dropout {number}", experiment=None) for number in range(14) for run in runs]
    chart = make("accuracy", many)
    labelled = chart.growing.labelled
    assert all(curve.is_test for curve in labelled)
    left_out = f"{14 - len(labelled)} more"
    assert len(labelled) == 14 or left_out in [text.get_text() for text in chart.figure.texts]
    low, high = chart.axes.bbox.y0 / chart.canvas.scale, chart.axes.bbox.y1 / chart.canvas.scale
    assert all(low < min(heights) < max(heights) <= high + 1 for heights in chart.label_heights.values())
    for size in ((1280, 720), (720, 720), (720, 1280)):
        said = {text.get_text() for text in texts_of(make("metrics", many, size))}
        names = [words for words in said if words.startswith("dro") and len(words) <= len("dropout 13")]
        assert len(names) == 14
        assert min(map(len, names)) >= 8


def test_range_of_the_axis_is_fitted_to_the_data(recordings):
    """Every settled value lies within the axis, which does not waste more than a quarter of its height."""
    chart = make("accuracy", recordings)
    low, high = chart.axes.get_ylim()
    settled = np.concatenate([np.r_[c.low, c.high] for c in chart.curves])
    assert low <= settled.min()
    assert settled.max() <= high
    assert settled.max() - settled.min() > 0.75 * (high - low)


def test_gap_is_drawn_between_the_two_test_lines(recordings):
    """The connecting line stands at the iteration shown, from one test accuracy to the other."""
    chart = make("accuracy", recordings)
    chart.show(6)
    ends = chart.axes.transData.inverted().transform(chart.gap.path.vertices)
    np.testing.assert_allclose(ends, [[20, chart.curves[0].mean[6]], [20, chart.curves[2].mean[6]]])


def shown_words(chart):
    """The words of the header that are shown."""
    return [text.get_text() for text in chart.header.moving if text.get_visible()]


def test_verdict_comes_with_the_last_frame_only(recordings):
    """What came of it is said when all of it has been shown."""
    chart = make("accuracy", recordings)
    chart.show(5)
    (answer,) = chart.answered
    assert shown_words(chart)[:2] == ["Does dropout help here?", "iteration 18 of 20"]
    chart.show(6)
    assert answer.headline in shown_words(chart)
    assert "95% interval" in " ".join(shown_words(chart))
    assert "Does dropout help here?" not in shown_words(chart)


def test_an_arm_has_one_colour_everywhere(recordings):
    """Without dropout is drawn in the plain colour, alone or compared, in both charts."""
    theme = find_theme("light")
    both, alone = make("accuracy", recordings), make("accuracy", arm(recordings, "no dropout"))
    assert both.curves[0].color == alone.curves[0].color == theme.plain
    assert [panel.color for panel in make("network", recordings).panels] == [theme.plain, theme.noisy[0]]


def test_recordings_without_snapshots_have_no_accuracy(noisy):
    """A recording of masks alone is refused by this chart with a line that says why."""
    empty = {name: values[:0] for name, values in noisy.snapshots.items()}
    bare = dropviz.Recording(**{**vars(noisy), "snapshots": empty})
    with pytest.raises(RecordingError, match="no snapshots"):
        make("accuracy", [bare])


def test_arms_of_different_seeds_are_not_averaged_together(recordings):
    """A caption that says "mean of 2 seeds" holds for every line, or there is no picture."""
    with pytest.raises(
        RecordingError, match="arm 'no dropout' has seeds 1, 2, arm 'dropout' has 1: train what is missing"
    ):
        make("accuracy", [each for each in recordings if each.arm == "no dropout" or each.seed == 1])


# network


@pytest.mark.parametrize(("theme", "compare"), [("light", True), ("dark", False), ("transparent", True)])
def test_every_shown_unit_of_every_frame_is_as_recorded(recordings, tmp_path, theme, compare):
    """In the decoded GIF each shown unit is crossed or filled as the recording says."""
    picked = recordings if compare else arm(recordings, "dropout")
    path = tmp_path / "network.gif"
    dropviz.animate(picked, "network", compare=compare, out=path, theme=theme, frames=12)
    frames, chart, colors = decode(path, "RGBA"), make("network", picked, theme=theme, frames=11), find_theme(theme)
    assert len(frames) == 1 + len(chart.timeline) == 12
    probes, scale, fills = {True: 0, False: 0}, chart.canvas.scale, fills_of(colors)
    for panel in chart.panels:
        for frame, index in zip(frames[1:], chart.timeline.indices, strict=True):
            row = without_fade(index)
            for number, (layer, column) in enumerate(zip(panel.run.layers, panel.layout.columns, strict=True)):
                masks = panel.run.masks.get(layer.name)
                for place, (unit, y) in enumerate(zip(column.units, column.ys, strict=True)):
                    kept = masks is None or masks[row, 0, unit]
                    if layer.kind == "output" and index < 0:
                        fill = fills[0]
                    else:
                        fill = fills[panel.units.levels[number][row, place]]
                    pixel = frame[round(720 - scale * y - 0.5), round(scale * column.x - 0.5)]
                    assert near(pixel, fill if kept else colors.muted), (layer.name, unit, row)
                    probes[bool(kept)] += 1
    assert min(probes.values()) > 30


def test_fills_are_the_activations_of_the_very_pass(recordings):
    """The more a unit handed on, the darker it is; outputs are filled by their probability; 0 and less are empty."""
    for run in recordings[:4]:
        for layer in run.layers:
            units = run.units_shown(layer)
            levels, output = levels_of(run, layer, units), layer.kind == "output"
            values = run.examples.prediction[:, 0] if output else run.activations[layer.name][:, 0]
            order = np.argsort(values, axis=None)
            assert (np.diff(levels.ravel()[order]) >= 0).all()
            assert (levels[values <= 0] == 0).all()
            assert output or levels.max() == 4


def test_edges_are_the_strongest_weights_of_the_very_pass(recordings):
    """Edges join kept units; blue is above 0 and orange below; the larger a weight, the wider; three into a unit."""
    chart = make("network", arm(recordings, "dropout"))
    (panel,) = chart.panels
    run, drawn, colors = panel.run, 0, chart.canvas.theme.weight_colors
    for index in chart.timeline.indices[::2]:
        chart.show(index)
        seen = {}
        for sign, shapes in enumerate(panel.edges.signed):
            for shape in shapes:
                assert shape._edge == colors[sign]
                seen |= dict.fromkeys(shape.names(), (2 * sign - 1, shape._width))
        found = []
        for (one, left), (other, right) in pairwise(zip(run.layers, panel.layout.columns, strict=True)):
            sizes = np.abs(run.weights[other.name].astype(float)).mean(axis=0)
            before, after = run.units_shown(one), run.units_shown(other)
            for b in right.units:
                strongest = sorted(left.units, key=lambda a: -sizes[after.index(b), before.index(a)])[:3]
                for a in strongest:
                    if all(
                        layer.name not in run.masks or run.masks[layer.name][index, 0, unit]
                        for layer, unit in ((one, a), (other, b))
                    ):
                        name = f"{run.arm}/{one.name}/{a} - {run.arm}/{other.name}/{b}"
                        found.append((run.weights[other.name][index, after.index(b), before.index(a)], *seen.pop(name)))
        assert not seen
        assert all(np.sign(weight) == sign for weight, sign, _ in found)
        assert [width for _, _, width in sorted(found, key=lambda each: abs(each[0]))] == sorted(w for *_, w in found)
        drawn += len(found)
    assert drawn > 60


def test_words_are_the_recorded_figures(noisy):
    """Iteration, realised drop rate, label and prediction are those of the recorded iteration."""
    chart = make("network", [noisy])
    panel = chart.panels[0]
    for index in chart.timeline.indices[::2]:
        chart.show(index)
        examples = noisy.examples
        words = f"iteration {noisy.recorded_iterations[index]} · training image {examples.index[index, 0]}"
        assert chart.counter(index) == words
        assert panel.rates["hidden 2"].get_text() == f"{100 * noisy.drop_rate['hidden 2'][index]:.0f}%"
        label, best = examples.label[index, 0], examples.prediction[index, 0].argmax()
        is_followed = examples.index[index, 0] == examples.index[0, 0]
        assert panel.example.lines[0].get_text() == f"{'label' if is_followed else 'trained as'}: {label}"
        said = panel.answer.right.get_text() + panel.answer.wrong.get_text()
        assert said.endswith(f"{best}  {100 * examples.prediction[index, 0, best]:.0f}%")
        assert bool(panel.answer.wrong.get_text()) == (is_followed and best != label)
        assert np.array_equal(panel.example.image.grey, examples.image[index, 0])


def test_one_image_is_seen_under_mask_after_mask(recordings):
    """Where it came often enough, all frames show the same image, of the same minibatches in both panels."""
    chart = make("network", recordings, frames=5)
    shown = [without_fade(index) for index in chart.timeline.indices]
    for panel in chart.panels:
        assert len(set(panel.run.examples.index[shown, 0])) == 1
    assert len(set(shown)) == 3


def test_edges_fade_before_the_prediction_answers(recordings):
    """Between two masks: the units of the new one, lost edges pale, none that comes, and no answer."""
    chart = make("network", arm(recordings, "dropout"))
    panel, lost = chart.panels[0], 0
    names = lambda: {name for shapes in panel.edges.signed for shape in shapes for name in shape.names()}  # noqa: E731  # read thrice
    for before, fade, after in zip(*(chart.timeline.indices[start::2] for start in range(3)), strict=False):
        states = []
        for index in (before, fade, after):
            chart.show(index)
            said = panel.answer.right.get_text() + panel.answer.wrong.get_text()
            states.append((names(), set(panel.edges.lost.names()), said, len(panel.units.crosses.path.vertices)))
        (old, _, _, _), (both, pale, said, crossed), (new, none, answer, now) = states
        assert (both, pale, none) == (old & new, old - new, set())
        assert (said, bool(answer), crossed) == ("", True, now)
        lost += len(pale)
    assert lost > 20
    assert min(chart.timeline.durations) == 16
    assert min(chart.timeline.durations[::2]) >= 34


def test_both_panels_show_the_same_example(recordings):
    """Left and right are at the same iteration and the same example, of the same seed."""
    chart = make("network", recordings)
    plain, noisy = (panel.run for panel in chart.panels)
    assert plain.seed == noisy.seed
    assert np.array_equal(plain.examples.index, noisy.examples.index)


def test_networks_of_other_layers_stand_side_by_side(recordings):
    """Arms of models of one's own may have other layers: each panel shows units of its own."""
    plain, noisy = (panel.run for panel in make("network", recordings).panels)
    layers = tuple(replace(layer, name=f"{layer.name} of another") for layer in plain.layers[1:])
    bare = {"examples": None, "activations": {}, "weights": {}, "masks": {}, "shown_units": {}}
    other = dropviz.Recording(**{**vars(plain), **bare, "layers": (plain.layers[0], *layers)})
    drawn = make("network", [other, noisy], frames=2)
    assert [panel.layout.columns[-1].units for panel in drawn.panels] == [(*range(10),)] * 2
    first = {layer.name: (0,) for layer in plain.layers}  # the weights of one unit a layer are recorded
    weights = {name: array[:, :1, :1] for name, array in plain.weights.items()}
    other = dropviz.Recording(**{**vars(plain), "activations": {}, "shown_units": first, "weights": weights})
    drawn = make("network", [other, noisy], frames=2)
    assert [panel.layout.columns[-1].units for panel in drawn.panels] == [(0,), (*range(10),)]


def test_network_without_masks_is_refused(recordings):
    """A recording that drops nothing gets a line that says which to name."""
    with pytest.raises(RecordingError, match="'no dropout' drops nothing, or kept none; name a recording of an arm"):
        make("network", arm(recordings, "no dropout"))


def test_network_of_a_loop_of_ones_own_needs_no_example(noisy):
    """Without examples and experiment the diagram is drawn all the same."""
    bare = dropviz.Recording(**{**vars(noisy), "examples": None, "experiment": None})
    assert len(list(rasterise(make("network", [bare], frames=2)))) == 2


# all charts


@pytest.mark.parametrize("name", CORE)
@pytest.mark.parametrize(
    ("size", "theme"), [((720, 900), "slides"), ((160, 160), "light"), ((640, 360), "transparent")]
)
def test_blitted_frames_are_those_of_a_full_drawing(recordings, name, size, theme):
    """Drawing only what moves leaves no trace of earlier frames: each frame equals one drawn whole, from nothing."""
    chart = make(name, recordings, size, theme, frames=4)
    with default_style():
        frames = [frame.pixels.copy() for frame in rasterise(chart)]
        assert frames[0].shape == (size[1], size[0], 4)
        whole = make(name, recordings, size, theme, frames=4)
        canvas = whole.figure.canvas
        for frame, (index, _) in zip(frames, whole.timeline, strict=True):
            canvas.draw()
            whole.show(index)
            for artist in [*whole.trail, *whole.moving]:
                artist.draw(canvas.get_renderer())
            difference = np.abs(as_seen(frame) - as_seen(np.asarray(canvas.buffer_rgba())))
            # Agg rounds the colours of half-transparent pixels each time that something is laid over them.
            assert difference.max() <= (2 if theme == "transparent" else 1)


def as_seen(pixels):
    """Pixels, RGBA, with colours as strong as they are opaque: the colour of a transparent pixel is not seen."""
    straight = pixels.astype(float)
    return np.concatenate([straight[..., :3] * straight[..., 3:] / 255, straight[..., 3:]], axis=2)


SHAPES = [((1280, 720), "light"), ((1280, 720), "slides"), ((720, 1280), "light"), ((720, 1280), "slides")]
CLOTHES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")


def test_names_that_are_too_long_end_in_an_ellipsis(recordings):
    """What does not fit in the smallest type is cut, and says so."""
    chart = make("network", renamed(recordings, classes=("a name of a class that is very long",) * 10))
    assert [text for text in texts_of(chart) if text.get_text().startswith("a name of") and "…" in text.get_text()]
    canvas = chart.canvas
    words, size = canvas.fitted("word " * 40, 20, 100)
    assert words.endswith("…")
    assert size == MIN_TYPE_SIZE
    assert canvas.width_of(words, size) <= 100
    assert canvas.fitted("word", 20, 100) == ("word", 20)


@pytest.mark.parametrize("name", CORE)
def test_names_may_hold_anything(recordings, name, tmp_path):
    """NUL, new lines, marks of direction, markup, mathematics and Hebrew are drawn as they are, or as a sign."""
    arms = {"no dropout": "a\0b\n\u202ec", "dropout": "<b>'\"&$x^2$ \\frac_1 \u05e9\u05dc\u05d5\u05dd"}
    chart = make(name, renamed(recordings, arms))
    said = " ".join(text.get_text() for text in texts_of(chart))
    assert "a\ufffdb\ufffd\ufffdc" in said
    assert "<b>'\"&$x^2$ \\frac_1 \u05e9\u05dc\u05d5\u05dd" in said
    made = dropviz.animate(
        renamed(recordings, arms), name, compare=True, out=tmp_path / "a.gif", size=(320, 180), frames=2
    )
    assert len(decode(made.path)) == 2


def test_letters_without_a_font_are_found_before_drawing(recordings, tmp_path):
    """A name that no font can write is one line, and no file is begun."""
    with pytest.raises(UsageError, match=r"no installed font has the letters .*U\+13000"):
        dropviz.animate(
            renamed(recordings, {"dropout": "\U00013000"}), "accuracy", compare=True, out=tmp_path / "a.gif"
        )
    assert not list(tmp_path.iterdir())


def test_chinese_is_drawn_with_chinese_names(recordings):
    """Arms, data and layers have Chinese names under --lang zh."""
    need("Noto Sans CJK JP" in installed_families(), "a CJK font")
    for name in CORE:
        said = " ".join(text.get_text() for text in texts_of(make(name, recordings, lang="zh")))
        assert "不用暂退法" in said
        assert "手写数字" in said
        assert not re.search(r"\b(no|dropout|hidden|iteration|units|seeds?|momentum)\b", said)


def test_the_first_frame_is_not_empty(recordings):
    """The first frame shows all of the warm-up, and the last one everything, however many frames there are."""
    long = [_stretched(each, 40) for each in recordings]
    for frames in (None, 5, 2):
        chart = make("accuracy", long, frames=frames)
        first, last = chart.timeline.indices[0], chart.timeline.indices[-1]
        iterations = chart.growing.iterations
        assert iterations[first] >= 0.1 * iterations[-1] > iterations[first - 1]
        assert last == 39
        chart.show(first)
        assert all(len(curve.line.path.vertices) == first + 1 for curve in chart.curves)
    assert make("accuracy", long, frames=1).timeline.indices == (39,)


def _stretched(recording, snapshots):
    """A recording that holds the last of its snapshots again and again."""
    metric = {key: np.resize(values, snapshots) for key, values in recording.snapshots.items()}
    metric["iteration"] = np.arange(1, snapshots + 1)
    return dropviz.Recording(**{**vars(recording), "snapshots": metric, "experiment": None})


def test_bands_that_are_left_out_are_named(recordings):
    """With more than three arms there are no bands, and the words under the title say so."""
    more = [*recordings]
    for number in range(3):
        more += renamed(arm(recordings, "dropout"), {"dropout": f"copy {number}"})
    more = renamed(more)
    chart = make("accuracy", more)
    assert not [curve for curve in chart.curves if curve.band in chart.trail]
    assert any("mean of 2 seeds" in text.get_text() for text in texts_of(chart))
    few = make("accuracy", recordings)
    assert all(curve.band in few.trail for curve in few.curves)
    assert any("2 seeds, mean ± sd" in text.get_text() for text in texts_of(few))


def test_arms_that_a_network_leaves_out_are_named(recordings):
    """There are two panels; the words under the title say which arms are in neither."""
    more = renamed([*recordings, *renamed(arm(recordings, "dropout"), {"dropout": "another"})])
    assert any("not drawn: another" in text.get_text() for text in texts_of(make("network", more)))
    assert not any("not drawn" in text.get_text() for text in texts_of(make("network", recordings)))
    for number in range(5):
        more += renamed(arm(more, "another"), {"another": f"copy {number}"})
    for name, left in (
        ("network", "another, copy 0, copy 1, 3 more"),
        ("sites", "no dropout, another, copy 0, 4 more"),
    ):
        assert f"not drawn: {left}" in " ".join(text.get_text() for text in texts_of(make(name, more)))


@pytest.mark.parametrize(("size", "is_stacked"), [((1280, 720), False), ((720, 720), True), ((720, 1280), True)])
def test_panels_of_a_high_picture_are_stacked(recordings, size, is_stacked):
    """In a picture that is not wide, one network is above the other, and each as wide as the picture."""
    one, other = make("network", recordings, size).panels
    assert (one.layout.columns[0].x == other.layout.columns[0].x) == is_stacked
    assert (one.layout.columns[0].ys[-1] > other.layout.columns[0].ys[0]) == is_stacked


@pytest.mark.parametrize("size", [(160, 160), (240, 160), (240, 240)])
def test_a_small_network_has_fewer_words_and_no_less_room(recordings, size):
    """The columns go from left to right, across most of the panel."""
    chart = make("network", recordings, size)
    for panel in chart.panels:
        xs = [column.x for column in panel.layout.columns]
        assert xs == sorted(xs)
        assert xs[-1] - xs[0] > 0.5 * chart.content.width / len({each.layout.columns[0].x for each in chart.panels})


def test_users_own_matplotlib_style_changes_nothing(recordings, tmp_path):
    """A style set by the user neither changes the picture nor is changed by it."""
    import matplotlib as mpl

    plain = dropviz.animate(recordings, "accuracy", compare=True, out=tmp_path / "1.gif", frames=2)
    with mpl.rc_context({"axes.grid": True, "lines.linewidth": 9, "font.size": 30, "savefig.dpi": 300}):
        styled = dropviz.animate(recordings, "accuracy", compare=True, out=tmp_path / "2.gif", frames=2)
        assert mpl.rcParams["lines.linewidth"] == 9
    assert plain.path.read_bytes() == styled.path.read_bytes()


def test_sizes_of_text_are_those_of_matplotlib():
    """Sizes are kept from chart to chart, and are still those of the words, the font, its size and the resolution."""
    texts = product(("iteration 12", "iiiiiiiii 12"), (11.0, 20.0), ("normal", "bold"), (72.0, 100.0))
    for words, size, weight, dpi in [*texts] * 2:
        font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
        measured = RendererAgg(1, 1, dpi).get_text_width_height_descent(words, font, ismath=False)
        assert text_size(words, font, dpi) == measured


def test_pieces_of_a_moving_text_join():
    """Drawn in pieces, digit by digit, words reach from where to where they do in one piece, within two pixels."""
    words, ends = "iteration 1234 of 5678", []
    for whole in (False, True):
        with default_style():
            canvas = Canvas((640, 360), find_theme("light"), Labels("en"))
            text = canvas.moving_text(40, 100, 30)
            text.set_text(words)
            renderer = canvas.figure.canvas.get_renderer()
            if whole:
                renderer.draw_text(renderer.new_gc(), text.x, 360 - text.y, words, text._font, 0)
            else:
                text.draw(renderer)
            inked = np.asarray(renderer.buffer_rgba())[..., 3].any(axis=0).nonzero()[0]
        ends.append((inked[0], inked[-1]))
    assert np.abs(np.subtract(*ends)).max() <= 2


def test_unknown_chart_names_the_known_ones():
    """The message lists what there is."""
    with pytest.raises(UsageError, match=r"unknown chart 'pie': must be one of 'accuracy', .*'network'"):
        find_chart("pie")
