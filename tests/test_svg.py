"""Animated SVG, judged by an XML parser and by Chromium."""

import base64
import re
import xml.etree.ElementTree as ET
from io import BytesIO

import numpy as np
import pytest
from conftest import CORE, need
from fontTools.ttLib import TTFont
from test_charts import arm

import dropviz
from dropviz._util.text import replace_invisible
from dropviz.analysis.comparison import gather
from dropviz.charts import find_chart
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.network_units import fills_of
from dropviz.charts.base.timeline import Pace, without_fade
from dropviz.drawing.raster import default_style
from dropviz.rendering.source import provenance
from dropviz.style.labels import Labels
from dropviz.style.theme import TRANSPARENT, find_theme, rgb

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</script><img src=x onerror=alert(1)>\"'\\ ]]>& \u202eevil \U0001f600 \u05d0\u05d1 \x00\x1b {} %"


def parsed(path):
    """The root of an SVG, as expat reads it."""
    return ET.parse(path).getroot()  # noqa: S314  # our own file


def pause(browser, seconds):
    """Stop every animation at a time."""
    script = "return document.getAnimations().map(a => {a.pause(); a.currentTime = 1000 * arguments[0]}).length"
    assert browser.run(script, seconds) > 0


def near(pixel, color):
    """Whether Chromium painted just this colour; it paints what has no background on white."""
    return np.abs(pixel.astype(int) - rgb("#ffffff" if color == TRANSPARENT else color)).max() <= 1


def vector_chart(name, recordings, theme="light", frames=None):
    """The chart as vectors are drawn: in points, where widths of words differ a little from those in pixels."""
    with default_style():
        canvas = Canvas((1280, 720), find_theme(theme), Labels("en")).unscaled()
        return find_chart(name)(gather(recordings), canvas, frames, Pace(1.0))


def looks_like(seen, drawn):
    """Whether two pictures differ in no more than the edges of things."""

    def blurred(pixels):
        each = len(pixels) // 90
        return pixels.reshape(90, each, 160, each, 3).mean(axis=(1, 3))

    error = np.abs(blurred(seen) - blurred(drawn)).max(axis=2)
    return error.mean() < 3 and (error > 60).mean() < 0.005


def middles(timeline):
    """A time within each frame, in seconds."""
    ends = np.cumsum(timeline.durations) / 100
    return [end - min(duration, 10) / 200 for end, duration in zip(ends, timeline.durations, strict=True)]


@pytest.mark.parametrize("name", CORE)
def test_it_is_one_file_of_vectors_and_words(recordings, tmp_path, name):
    """Nothing is a raster, a script or a link; words are text; size, alt text and source are there."""
    made = dropviz.animate(recordings, name, compare=True, out=tmp_path / "a.svg", size=(640, 360), frames=4)
    root = parsed(made.path)
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {
        "svg",
        "title",
        "desc",
        "metadata",
        "style",
        "defs",
        "clipPath",
        "rect",
        "g",
        "path",
        "circle",
        "text",
    }
    assert not any("href" in key for element in root.iter() for key in element.attrib)
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("640", "360", "0 0 960 540")
    for attribute, tag, words in (("labelledby", "title", made.alt), ("describedby", "desc", made.description)):
        element = root.find(f"{SVG}{tag}")
        assert (element.get("id"), element.text) == (root.get(f"aria-{attribute}"), words)
    assert root.find(f"{SVG}metadata").text == provenance(gather(recordings), name)
    assert len(list(root.iter(f"{SVG}text"))) > 5
    assert "url(http" not in root.find(f"{SVG}style").text
    assert made.bytes == made.path.stat().st_size


@pytest.mark.parametrize("theme", ["light", "transparent"])
def test_units_of_every_frame_are_as_recorded(recordings, tmp_path, browser, theme):
    """Beside the centre of each shown unit Chromium paints kept or dropped, as recorded, at the time of each frame."""
    dropviz.animate(recordings, "network", compare=True, out=tmp_path / "a.svg", theme=theme, frames=9)
    browser.open(tmp_path / "a.svg")
    chart, colors = vector_chart("network", recordings, theme, frames=9), find_theme(theme)
    fills = fills_of(colors)
    dropped, scale = 0, 1280 / chart.canvas.width
    for index, seconds in zip(chart.timeline.indices, middles(chart.timeline), strict=True):
        pause(browser, seconds)
        frame = browser.shot()
        for panel in chart.panels:
            for number, (layer, column) in enumerate(zip(panel.run.layers, panel.layout.columns, strict=True)):
                masks, row = panel.run.masks.get(layer.name), without_fade(index)
                for place, (unit, y) in enumerate(zip(column.units, column.ys, strict=True)):
                    kept = masks is None or masks[row, 0, unit]
                    is_awaited = layer.kind == "output" and index < 0
                    fill = fills[0 if is_awaited else panel.units.levels[number][row, place]]
                    pixel = frame[round(720 - scale * y), round(scale * (column.x - 0.55 * column.radius))]
                    ok = near(pixel, fill if kept else colors.background)
                    if theme == "transparent" and index < 0 and not kept:
                        # Through a unit without a ground, the smooth line of an edge that fades may be seen.
                        ok |= np.ptp(pixel) <= 1 and pixel.min() >= rgb(colors.faint)[0] - 1
                    assert ok, (layer.name, unit, index)
                    dropped += not kept
    assert dropped > 30


@pytest.mark.parametrize("theme", ["light", "transparent"])
def test_lines_come_as_far_as_the_snapshot_shown(recordings, tmp_path, browser, theme):
    """At the time of each frame the head of a line has its colour, and right of the heads there is bare ground."""
    dropviz.animate(arm(recordings, "dropout"), "accuracy", compare=False, out=tmp_path / "a.svg", theme=theme)
    browser.open(tmp_path / "a.svg")
    colors = find_theme(theme)
    chart = vector_chart("accuracy", arm(recordings, "dropout"), theme)
    scale, test = 1280 / chart.canvas.width, chart.curves[0]
    _left, bottom, right, top = (scale * side for side in chart.axes.bbox.extents)
    for index, seconds in zip(chart.timeline.indices[:-1], middles(chart.timeline)[:-1], strict=True):
        pause(browser, seconds)
        frame = browser.shot()
        x, y = scale * test.points[index]
        if bottom < y < top:
            assert near(frame[round(720 - y - 0.5), round(x - 0.5)], test.color)
        bare = frame[round(720 - top) + 2 : round(720 - bottom) - 2, round(x + 8 * scale) : round(right) - 2]
        found = {tuple(map(int, color)) for color in np.unique(bare.reshape(-1, 3), axis=0)}
        assert found
        ground, grid = np.array([rgb(colors.backgrounds[0]), rgb(colors.faint)])
        low, high = np.minimum(ground, grid) - 1, np.maximum(ground, grid) + 1
        assert all((low <= color).all() and (color <= high).all() for color in np.array(list(found))), found


@pytest.mark.parametrize("name", CORE)
def test_it_looks_like_the_gif(recordings, tmp_path, browser, name):
    """Painted by Chromium, the last moment differs from what matplotlib paints in no more than the edges of things."""
    from dropviz.drawing.raster import last_frame

    made = dropviz.animate(recordings, name, compare=True, out=tmp_path / "a.svg", frames=3)
    browser.open(made.path)
    pause(browser, made.seconds - 0.05)
    seen = browser.shot().astype(int)
    with default_style():
        drawn = last_frame(vector_chart(name, recordings, frames=3))[..., :3].astype(int)

    assert looks_like(seen, drawn)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_letters_are_those_of_the_picture(recordings, tmp_path, browser, lang):
    """The fonts inside have every letter of the picture, and no text of it is as wide as it is by being stretched."""
    from dropviz.style.fonts import CHINESE, installed_families

    need(lang == "en" or set(CHINESE) & installed_families(), "a Chinese font")
    made = dropviz.animate(recordings, "accuracy", compare=True, out=tmp_path / "a.svg", frames=2, lang=lang)
    browser.open(made.path, reduced=True)
    faces = browser.run("return [...document.fonts].map(f => [f.family, f.status])")
    assert ["Source Sans Pro", "loaded"] in faces
    letters = browser.run("return [...document.querySelectorAll('text')].map(e => e.textContent)")
    files = re.findall(r"data:font/woff;base64,([^)]+)", made.path.read_text(encoding="utf-8"))
    inside = {chr(code) for data in files for code in TTFont(BytesIO(base64.b64decode(data))).getBestCmap()}
    assert set("".join(letters)) <= inside
    stretch = browser.run("""return [...document.querySelectorAll("text")].map(text => {
        const set = text.textLength.baseVal.value;
        text.removeAttribute("textLength");
        return text.getComputedTextLength() / set;
    })""")
    assert all(0.95 < each < 1.05 for each in stretch)


def test_it_plays_by_itself_for_as_long_as_the_gif(recordings, tmp_path, browser):
    """Time passes without a hand; one play takes as long as the timeline says; plays are counted."""
    made = dropviz.animate(recordings, "network", compare=True, out=tmp_path / "a.svg", frames=4, loop=3)
    browser.open(made.path)
    first = browser.run("return document.getAnimations()[0].currentTime")
    timing = browser.run("return document.getAnimations().map(a => a.effect.getTiming())")
    assert {(each["duration"], each["iterations"], each["easing"]) for each in timing} == {
        (1000 * made.seconds, 3, "linear")
    }
    assert browser.run("return document.getAnimations().every(a => a.playState == 'running')")
    assert browser.run("return new Promise(done => setTimeout(done, 60))") is None
    assert browser.run("return document.getAnimations()[0].currentTime") > first
    assert browser.log() == []
    assert browser.sent() == [made.path.as_uri()]


@pytest.mark.parametrize("name", CORE)
def test_what_stands_still_is_finished(recordings, tmp_path, browser, name):
    """With prefers-reduced-motion and in print nothing is animated, and the picture is that of the last frame.

    So it is in viewers without keyframes, in the player before its script has run, and in the player in print.
    """
    made, page = (
        dropviz.animate(recordings, name, compare=True, out=tmp_path / file, frames=3) for file in ("a.svg", "a.html")
    )
    browser.open(made.path)
    pause(browser, made.seconds - 0.05)
    last = browser.shot().astype(int)
    text, still = made.path.read_text(), tmp_path / "still.svg"
    style = re.search("<style>(.*?text{.*?})", text, flags=re.DOTALL)[1]  # fonts, and spaces as they are
    still.write_text(re.sub("<style>.*</style>", f"<style>{style}</style>", text, flags=re.DOTALL))
    for path, wishes in ((made.path, {"reduced": True}), (made.path, {"media": "print"}), (still, {})):
        browser.open(path, **wishes)
        assert browser.run("return document.getAnimations().length") == 0
        # What is clipped anew in each frame is painted with other edges; a missing letter or line differs by far more.
        assert np.abs(browser.shot() - last).max() < 128
    inside = re.search("<svg.*</svg>", page.path.read_text(), flags=re.DOTALL)[0]
    still.write_text(inside.replace("</svg>", f"<style>{style}</style></svg>"))
    browser.open(still)
    assert looks_like(browser.shot().astype(int), last)
    browser.open(page.path)
    browser.run("dispatchEvent(new Event('beforeprint'))")
    assert browser.run("return document.getElementById('scrub').value") == "2"


@pytest.mark.filterwarnings("ignore:Glyph .* missing")
def test_names_are_words_whatever_they_hold(recordings, tmp_path, browser):
    """Markup in the name of an arm is shown as text; what XML cannot hold is shown as a sign for it."""
    plain, noisy = (next(each for each in arm(recordings, name)) for name in ("no dropout", "dropout"))
    pair = [
        dropviz.Recording(**{**vars(each), "arm": name, "experiment": None})
        for each, name in ((plain, "plain"), (noisy, HOSTILE))
    ]
    made = dropviz.animate(pair, "network", compare=True, out=tmp_path / "a.svg", frames=2)
    shown = replace_invisible(HOSTILE)[:20]  # there is not room for all of it
    assert any(shown in element.text for element in parsed(made.path).iter(f"{SVG}text"))
    assert HOSTILE.replace("\x00", "\ufffd").replace("\x1b", "\ufffd") in parsed(made.path).find(f"{SVG}desc").text
    browser.open(made.path)
    assert browser.run(
        "return [...document.querySelectorAll('text')].some(e => e.textContent.includes(arguments[0]))", shown
    )
    assert browser.log() == []
    assert browser.sent() == [made.path.as_uri()]


def test_two_pictures_on_one_page_do_not_meddle(recordings, tmp_path):
    """Ids, classes and keyframes of two pictures differ, and those of one are the same each time."""
    a = dropviz.animate(recordings, "accuracy", compare=True, out=tmp_path / "a.svg", frames=3).path.read_text()
    b = dropviz.animate(recordings, "accuracy", compare=True, out=tmp_path / "b.svg", frames=4).path.read_text()
    again = dropviz.animate(
        list(reversed(recordings)), "accuracy", compare=True, out=tmp_path / "c.svg", frames=3
    ).path.read_text()
    assert a == again
    names = [set(re.findall(r'(?:class|id)="([^"]+)"', each)) for each in (a, b)]
    assert names[0]
    assert not names[0] & names[1]
