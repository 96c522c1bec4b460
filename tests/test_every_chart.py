"""What holds for every chart, of recordings of the experiment that it is drawn of: a chart needs only be in CHARTS."""

import re
import subprocess
from dataclasses import replace
from functools import cache
from itertools import combinations
from typing import NamedTuple
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from conftest import CORE, MOST, need, need_program, shrunk
from decoding import blocks, decode, frames_of
from matplotlib.transforms import Bbox

import dropviz
from dropviz.analysis.captions import MAX_ALT, Answer
from dropviz.analysis.comparison import gather
from dropviz.charts import CHARTS, find_chart
from dropviz.charts.base.artists import MovingText
from dropviz.charts.base.canvas import SMALL as SMALL_TYPE
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.rows_chart import RowsChart
from dropviz.charts.base.sweep_chart import SweepChart
from dropviz.charts.base.timeline import Pace, without_fade
from dropviz.drawing.raster import default_style, rasterise
from dropviz.errors import RecordingError
from dropviz.experiments.experiment import Arm, Experiment
from dropviz.experiments.presets import PRESETS
from dropviz.flashing import check
from dropviz.publish.decks.deck import METRICS, make_deck
from dropviz.rendering.options import RenderOptions
from dropviz.style.fonts import installed_families
from dropviz.style.labels import Labels
from dropviz.style.theme import find_theme, rgb

SMALL, TINY = (480, 270), [(320, 180), (200, 600)]
WIDE, HIGH = (1280, 720), (720, 1280)
# Usual type in a wide picture, and the largest type in the narrowest.
SHAPES = [(WIDE, "light"), (HIGH, "slides")]
HOLD = 2.5
CLOTHES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
# Of our own words, such as none may be left in a picture in another language.
ENGLISH = re.compile(
    r"\b(no|not|dropout|hidden|iteration|units?|seeds?|momentum|the|of|and|or|with|without|in|on|at|is|are|each|every|"
    r"train|test|training|accuracy|error|loss|images?|labels?|mean|share|layers?|weights?|epochs?|points|above|below)\b",
    re.IGNORECASE,
)

every_chart = pytest.mark.parametrize("name", CHARTS)


class Letters(NamedTuple):
    """A text of a picture: its words, its box in pixels, and the size of its type in points of the layout."""

    words: str
    box: Bbox
    size: float


@pytest.fixture(scope="session")
def drawn_of(recordings_of):
    """The recordings that a chart is drawn of: of all arms, or of the first that it can draw alone; and whether all."""

    @cache
    def drawn_of(name):
        recordings = recordings_of(name)
        try:
            make(name, recordings)
        except RecordingError:
            if find_chart(name).together:
                raise
            return _first_arm(recordings), False
        return recordings, len({each.arm for each in recordings}) > 1

    return drawn_of


def _first_arm(recordings):
    """The runs that are drawn without --compare: those of the first arm with dropout."""
    arms = recordings[0].experiment.arms
    first = next((arm for arm in arms if arm.has_noise), arms[0])
    return [each for each in recordings if each.arm == first.name]


def make(name, recordings, size=SMALL, theme="light", frames=None, lang="en"):
    """A chart of recordings."""
    labels, comparison = Labels(lang), gather(recordings)
    labels.add_fonts_for(comparison.names)
    with default_style():
        return find_chart(name)(comparison, Canvas(size, find_theme(theme), labels), frames, Pace(HOLD))


@pytest.fixture(scope="session")
def letters_of(drawn_of):
    """Every text that is seen at the last moment of a chart."""

    @cache
    def letters_of(name, size, theme, lang="en", *, long=False):
        recordings = with_long_names(drawn_of(name)[0]) if long else with_clothes(drawn_of(name)[0])
        return _letters(make(name, recordings, size, theme, lang=lang))

    return letters_of


def _letters(chart):
    chart.show(chart.timeline.indices[-1])
    chart.figure.draw_without_rendering()
    texts = [*chart.figure.texts, *(mark for mark in chart.moving if isinstance(mark, MovingText))]
    for axes in chart.figure.axes:
        texts += [axes.title, *axes.texts]
        for axis in (axes.xaxis, axes.yaxis):
            ticks = axis._update_ticks()  # those within the range of the axis
            texts += [axis.label, *(label for callback in ticks for label in (callback.label1, callback.label2))]
    renderer = chart.figure.canvas.get_renderer()
    return [
        Letters(text.get_text(), text.get_window_extent(renderer), _type_size(text))
        for text in texts
        if text.get_visible() and text.get_text()
    ]


def _type_size(text):
    return (text._font if isinstance(text, MovingText) else text.get_fontproperties()).get_size()


def with_clothes(recordings, names=CLOTHES):
    """The same recordings, with names of classes: the longest that come with dropviz, if not others."""
    return [
        changed(each, examples=replace(each.examples, class_names=names))
        if each.examples and len(each.examples.class_names) == len(CLOTHES)
        else each
        for each in recordings
    ]


def with_long_names(recordings):
    """The same recordings, with names of arms that are as long as they can be, and long names of classes."""
    experiment = recordings[0].experiment
    names = {arm.name: f"{number} {'name ' * 8}"[:39] + "." for number, arm in enumerate(experiment.arms)}
    renamed = experiment.replace(arms=tuple(replace(arm, name=names[arm.name]) for arm in experiment.arms))
    woollen = with_clothes(recordings, tuple(f"{each} of wool" for each in CLOTHES))
    return [changed(each, arm=names[each.arm], experiment=renamed) for each in woollen]


def changed(recording, **fields):
    """The same recording with some fields changed."""
    return dropviz.Recording(**{**vars(recording), **fields})


@pytest.fixture(scope="session")
def animation(drawn_of, tmp_path_factory):
    """A chart as a file of this name, in few frames; drawn once for each way."""

    @cache
    def animation(name, file="a.gif", theme="light", frames=4):
        recordings, compare = drawn_of(name)
        out = tmp_path_factory.mktemp(name) / file
        return dropviz.animate(
            recordings, name, compare=compare, out=out, theme=theme, size=SMALL, frames=frames, hold=HOLD
        )

    return animation


@pytest.fixture(scope="session")
def rasterised(drawn_of):
    """A chart in four frames, the first the poster, and their pixels, drawn once."""

    @cache
    def rasterised(name):
        chart = make(name, drawn_of(name)[0], frames=3)
        chart.timeline = chart.timeline.with_poster()
        with default_style():
            return chart, [frame.pixels.copy() for frame in rasterise(chart)]

    return rasterised


@every_chart
def test_light_and_dark_are_drawn(animation, name):
    """Both have the background of their theme at the edges, and something on it; they differ in every frame."""
    light, dark = (decode(animation(name, theme=theme).path) for theme in ("light", "dark"))
    assert len(light) == len(dark)
    for frames, theme in ((light, "light"), (dark, "dark")):
        ground = rgb(find_theme(theme).background)
        for frame in frames:
            edges = [frame[0], frame[-1], frame[:, 0], frame[:, -1]]
            assert all((edge == ground).all() for edge in edges)
            assert (frame != ground).any(axis=2).mean() > 0.005
    assert all((one != other).any() for one, other in zip(light, dark, strict=True))


@every_chart
def test_time_and_number_of_frames(animation, rasterised, name):
    """The delays in the file add up to the timeline, the hold of the last frame included; frames are few enough."""
    made = animation(name)
    found, timeline = blocks(made.path), rasterised(name)[0].timeline
    assert found.size == SMALL
    durations = timeline.all_durations
    assert 1 <= made.frames == len(durations) <= 4
    assert sum(found.delays) == round(100 * made.seconds) == sum(durations)
    assert found.delays[-1] >= 250
    assert min(timeline.durations) >= 2


@every_chart
def test_moments_are_recorded_ones(drawn_of, name):
    """Each frame shows another recorded moment, in order; with all the frames that a chart wants, the last is there.

    Charts of the end of training show places on an axis, or steps of rows.
    """
    if issubclass(find_chart(name), SweepChart | RowsChart):
        return
    recordings, _ = drawn_of(name)
    counts = {length for each in recordings for length in _lengths(vars(each))} | {len(gather(recordings).arms)}
    for frames in (None, 2, 1):
        indices = make(name, recordings, frames=frames).timeline.indices
        shown = [index for index in indices if index >= 0]
        assert shown == sorted(set(shown))
        assert [without_fade(index) for index in indices if index < 0] in ([], shown[1:])
        assert indices[0] >= 0
        assert indices[-1] < max(counts)
        assert frames is None or len(indices) <= frames
        assert frames is not None or indices[-1] + 1 in counts


def _lengths(value):
    """How many moments, or whatever else, each array of a recording holds."""
    if isinstance(value, np.ndarray):
        return {len(value)} if value.ndim else set()
    parts = value.values() if isinstance(value, dict) else vars(value).values() if hasattr(value, "__dict__") else ()
    return {length for part in parts for length in _lengths(part)}


@every_chart
def test_each_frame_equals_one_drawn_whole(drawn_of, rasterised, name):
    """Drawing only what moves leaves no trace of earlier frames, neither half-way nor at the end."""
    frames = rasterised(name)[1]
    with default_style():
        whole = make(name, drawn_of(name)[0], frames=3)
        canvas = whole.figure.canvas
        posters = len(frames) - len(whole.timeline)
        for frame, (index, _) in list(zip(frames[posters:], whole.timeline, strict=True))[::2]:  # drawn slowly
            canvas.draw()
            whole.show(index)
            for artist in [*whole.trail, *whole.moving]:
                artist.draw(canvas.get_renderer())
            assert np.abs(frame.astype(int) - np.asarray(canvas.buffer_rgba()).astype(int)).max() <= 1


@every_chart
def test_no_words_lie_over_others(letters_of, name):
    """In every shape, each text has its own place: titles, labels, answers, and the numbers at the axes."""
    for size, theme in SHAPES:
        _look_for_overlaps(letters_of(name, size, theme))


@every_chart
def test_words_of_a_tiny_picture_are_few_but_large(drawn_of, name):
    """They lie within it, not over others, and are about as large as any that can be read."""
    for size in TINY:
        chart = make(name, drawn_of(name)[0], size)
        letters = _letters(chart)
        _look_for_overlaps(letters)
        assert chart.canvas.scale >= 8.5 / SMALL_TYPE
        assert all(box.x0 >= -1 and box.x1 <= size[0] + 1 and box.y0 >= -1 for _, box, _ in letters)
        assert not [words for words, _, _ in letters if words == "…" or "100.0%…" in words]


@every_chart
def test_no_words_lie_over_others_in_chinese(letters_of, name):
    """Nor do they in Chinese."""
    need("Noto Sans CJK JP" in installed_families(), "a CJK font")
    _look_for_overlaps(letters_of(name, *SHAPES[-1], "zh"))


def _look_for_overlaps(letters):
    for (one, a, _), (other, b, _) in combinations(letters, 2):
        wide = min(a.x1, b.x1) - max(a.x0, b.x0)
        high = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert wide <= 1 or high <= 0.3 * min(a.height, b.height), (one, other)


@every_chart
def test_type_is_large_enough_and_within_the_picture(letters_of, name):
    """No text is cut at an edge or smaller than 11 points, however long the names: they are shortened before."""
    for size, theme in SHAPES:
        for long in (False, True)[: 1 + (size == HIGH)]:  # long names in the narrowest
            for words, box, points in letters_of(name, size, theme, long=long):
                assert box.x0 >= 0, words
                assert box.x1 <= size[0], words
                assert box.y0 >= 0, words
                assert box.y1 <= size[1], words
                assert points >= 11 - 1e-9, words


@every_chart
def test_chinese_is_drawn_with_chinese_words(drawn_of, letters_of, name):
    """Under --lang zh no English word of ours is left in the picture, nor in its alt text; nor are names translated."""
    need("Noto Sans CJK JP" in installed_families(), "a CJK font")
    recordings, _ = drawn_of(name)
    said = " ".join(each.words for each in letters_of(name, *SHAPES[-1], "zh")) + described(name, recordings, "zh")
    for known in sorted({Labels("zh").name(each.arm) for each in recordings}, key=len, reverse=True):
        said = said.replace(known, "")
    assert re.search("[\u4e00-\u9fff]", said)
    assert not ENGLISH.search(re.sub("|".join(CLOTHES), "", said)), said


def described(name, recordings, lang="en"):
    """The long description of a chart."""
    from dropviz.rendering.source import ChartSource

    return ChartSource(gather(recordings), name).description(RenderOptions(lang=lang))


@every_chart
def test_alt_text_says_what_is_seen(animation, name):
    """The alternative text is a sentence or two; the description a paragraph with measured figures, to listen to."""
    made = animation(name)
    assert 20 < len(made.alt) <= MAX_ALT
    assert re.search(r"\d", made.description)
    assert "\n" not in made.alt + made.description
    assert 80 < len(made.description) < 700


@every_chart
def test_answers_are_sentences_with_figures(drawn_of, name):
    """Each answer has a figure, is short enough to be drawn, is in the description, and holds, does not, or is open."""
    recordings, _ = drawn_of(name)
    for lang in ("en", "zh"):
        alt = described(name, recordings, lang)
        for number, answer in enumerate(find_chart(name).answers(gather(recordings), Labels(lang))):
            assert isinstance(answer, Answer)
            said = answer.words(Labels(lang))
            assert re.search(r"\d", said)
            assert len(answer.headline) <= (100 if number else 60)  # the first is the headline of the picture
            assert len(said) <= 200
            assert said in alt
            assert answer.holds in (True, False, None)


@every_chart
def test_one_run_decides_nothing(drawn_of, name):
    """Of a single seed no answer is claimed to hold, or not to."""
    recordings, _ = drawn_of(name)
    single = gather([each for each in recordings if each.seed == recordings[0].seed])
    assert all(answer.holds is None for answer in find_chart(name).answers(single, Labels("en")))


@every_chart
def test_it_does_not_flash(animation, name):
    """What is drawn of real recordings passes the check of WCAG 2.3.1, in light and in dark."""
    for theme in ("light", "dark"):
        made = animation(name, theme=theme)
        assert made.flash is None
        assert check(frames_of(made.path)) is None


@every_chart
def test_palette_is_close_to_what_was_drawn(animation, rasterised, name):
    """The chart names all its inks: no pixel of the GIF is far from the rasterised one, and hardly any are off."""
    for pixels, seen in zip(rasterised(name)[1], decode(animation(name).path), strict=True):
        error = np.abs(pixels[..., :3].astype(int) - seen.astype(int)).max(axis=2)
        assert (error > 16).mean() < 0.02
        assert error.max() < 90


@every_chart
def test_without_background_nothing_is_fringed(animation, drawn_of, name):
    """Laid over white or near-black, the pixels of the GIF are those of the picture, each there as a whole or not."""
    made = animation(name, theme="transparent", frames=2)
    chart = make(name, drawn_of(name)[0], SMALL, "transparent", frames=2)
    allowed = {rgb(color) for color in chart.inks}
    with default_style():
        drawn = [frame.pixels[..., 3] >= 128 for frame in rasterise(chart)]
    for seen, is_drawn in zip(decode(made.path, "RGBA"), drawn, strict=True):
        assert np.array_equal(seen[..., 3] == 255, is_drawn)
        assert {tuple(map(int, color)) for color in np.unique(seen[is_drawn][:, :3], axis=0)} <= allowed
        assert set(np.unique(seen[..., 3])) == {0, 255}
        assert 0.3 < (seen[..., 3] == 0).mean() < 0.995


@every_chart
def test_it_is_drawn_as_vectors(animation, name):
    """The SVG is XML in which words are text, with the alt text; a PDF has one page a file."""
    made = animation(name, "a.svg", frames=2)
    root = ET.parse(made.path).getroot()  # noqa: S314  # we wrote it just now
    assert root.find("{http://www.w3.org/2000/svg}title").text == made.alt
    assert len(list(root.iter("{http://www.w3.org/2000/svg}text"))) > 2
    pages = animation(name, "f-%d.pdf", frames=1)
    page = str(pages.path).replace("%d", "0")
    said = subprocess.run([need_program("pdfinfo"), page], capture_output=True, text=True, check=True).stdout
    assert re.search(r"^Pages: +1$", said, re.MULTILINE)


@every_chart
def test_same_recordings_give_the_same_bytes(animation, drawn_of, tmp_path, name):
    """Two drawings of the same recordings, in whatever order, are equal to the byte, and name chart and experiment."""
    recordings, compare = drawn_of(name)
    one = animation(name).path
    out = tmp_path / "2.gif"
    two = dropviz.animate(list(reversed(recordings)), name, compare=compare, out=out, size=SMALL, frames=4, hold=HOLD)
    assert one.read_bytes() == two.path.read_bytes()
    comment = blocks(one).comment.decode()
    assert f"chart {name}" in comment
    assert f"experiment {recordings[0].experiment.name} (" in comment


@every_chart
def test_what_cannot_be_drawn_is_one_line(recordings, recordings_of, tmp_path, name):
    """Recordings of another experiment, of one seed, of one arm, or without snapshots and layers: drawn, or a line."""
    own = recordings_of(name)
    for given in (
        recordings,
        [each for each in own if each.seed == own[0].seed],
        [each for each in own if each.arm == own[0].arm],
        [_bare(each) for each in recordings],
        [_imported(each) for each in recordings],
    ):
        compare, path = len({each.arm for each in given}) > 1, tmp_path / "a.gif"
        try:
            made = dropviz.animate(given, name, compare=compare, out=path, size=(240, 240), frames=1)
        except RecordingError as error:
            assert "\n" not in str(error)  # noqa: PT017  # either is right, and this is how it must read
            assert not list(tmp_path.iterdir())
        else:
            assert len(decode(made.path)) == made.frames
            path.unlink()


def _bare(recording):
    """A recording in which nothing was measured."""
    empty = {key: values[:0] for key, values in recording.snapshots.items()}
    nothing = {"masks": {}, "drop_rate": {}, "weights": {}, "activations": {}, "tracked_rows": None}
    nothing["recorded_iterations"] = recording.recorded_iterations[:0]
    return changed(recording, snapshots=empty, examples=None, experiment=None, **nothing)


def _imported(recording):
    """A recording as it is imported from a log: metrics alone."""
    bare = _bare(recording)
    return changed(
        bare, snapshots=recording.snapshots, layers=(), shown_units={}, probes={}, provenance={"log": "a.csv"}
    )


@every_chart
def test_a_deck_of_its_experiment_shows_it(recordings_of, name):
    """There is a slide of it, with a title; charts of other experiments are neither shown nor spoken of."""
    if name == METRICS:
        pytest.skip("metrics is a slide of recordings of no experiment: see test_metrics")
    deck = make_deck(gather(recordings_of(name)), RenderOptions(large=True, frames=2))
    shown = [slide.chart for slide in deck.slides]
    assert name in shown
    experiment = recordings_of(name)[0].experiment.name
    common = (*CORE, METRICS)
    own = [each for each in CHARTS if each not in common and find_chart(each).experiment == experiment]
    assert set(own) <= set(shown)
    assert set(shown) <= {*own, *CORE}
    strange = [each for each in CHARTS if each not in own and each not in CORE]
    assert not [words for words in deck.left_out for each in strange if words.startswith(f"no slide for {each}:")]


@every_chart
def test_what_it_needs_its_experiment_has(name):
    """The preset that a chart is drawn of has the probes, the masks and the arms that the chart asks for."""
    chart, experiment = find_chart(name), PRESETS[find_chart(name).experiment]
    assert set(chart.probes) <= set(getattr(experiment, "probes", ()))
    assert not chart.needs_masks or experiment.recorded_iterations
    assert not chart.needs_masks or any(arm.has_noise for arm in experiment.arms)
    assert not chart.together or len(experiment.arms) > 1


@every_chart
def test_help_is_one_short_line(name):
    """Names and help stand in columns, within 100 characters a line."""
    assert len(name) <= 14
    assert CHARTS[name].help
    assert len(f"    {name:14} {CHARTS[name].help}") <= 100


@pytest.mark.parametrize("preset", PRESETS)
def test_shrunk_experiments_differ_in_size_alone(preset):
    """What is trained for these tests has the arms, the noise and the data of the experiment; and is small."""
    experiment, small = PRESETS[preset], shrunk(PRESETS[preset])
    assert [arm.name for arm in small.arms] == [arm.name for arm in experiment.arms]
    assert [arm.per_layer for arm in small.arms] == [arm.per_layer for arm in experiment.arms]
    assert (small.label_noise, small.data, small.optimizer) == (
        experiment.label_noise,
        experiment.data,
        experiment.optimizer,
    )
    assert small.train_size <= MOST["train_size"]
    assert max(small.hidden, default=0) <= MOST["hidden"]  # linear models have no hidden layer
    assert small.epochs <= MOST["epochs"]


def test_shrunk_keeps_small_what_is_small():
    """What is small already stays as it is."""
    small = Experiment("own", train_size=60, hidden=(8, 3), epochs=1, batch_size=20, arms=(Arm("a"), Arm("b", 0.5)))
    assert shrunk(small).hidden == (8, 3)
    assert (shrunk(small).train_size, shrunk(small).epochs, shrunk(small).batch_size) == (60, 1, 20)
