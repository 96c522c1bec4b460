"""The interactive page, used in Chromium as people use it: with keys, a pointer, and a phone's width."""

import json
import re
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from conftest import CORE
from selenium.webdriver.common.keys import Keys
from test_charts import arm, make
from test_svg import HOSTILE, vector_chart

import dropviz
from dropviz._util.text import replace_invisible
from dropviz.charts.base.network_units import fills_of
from dropviz.charts.base.timeline import without_fade
from dropviz.encoders.twin import twin_colors
from dropviz.style.theme import THEMES, blend, contrast, find_theme, rgb

ASSETS = Path(dropviz.__file__).parents[1] / "assets"
PAGE = (960, 540)  # where a pixel is a point, as in a page: letters have the same widths


@pytest.fixture(scope="module")
def sample():
    """A recording of all its iterations."""
    return dropviz.load(ASSETS / "sample-dropout-0.5.npz")


@pytest.fixture
def press(browser):
    """Press keys, wherever the focus is."""

    def press(*keys):
        for key in keys:
            browser.driver.switch_to.active_element.send_keys(key)

    return press


def frame(browser):
    """The frame that the page says it shows, counted from 1."""
    return int(browser.run("return document.getElementById('count').textContent").split(" / ")[0])


def playing(browser):
    """Whether the button offers to pause."""
    return browser.run("return document.getElementById('play').textContent") == "Pause"


def hover(browser, x, y):
    """Move the pointer to a point of the picture, in points from its lower left corner; the words that come up."""
    script = """const svg = document.querySelector("svg"), [x, y] = arguments;
        const at = new DOMPoint(x, svg.viewBox.baseVal.height - y).matrixTransform(svg.getScreenCTM());
        return [at.x, at.y]"""
    left, top = browser.run(script, float(x), float(y))
    browser.driver.execute_cdp_cmd("Input.dispatchMouseEvent", {"type": "mouseMoved", "x": left, "y": top})
    browser.run("return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return browser.run("const t = document.getElementById('tip'); return t.hidden ? '' : t.innerText").splitlines()


def drawn_units(browser):
    """Of each named unit, the colour that the one circle of it that is seen is filled with."""
    return browser.run("""
        const parts = JSON.parse(document.getElementById("data").textContent).parts;
        const seen = {};
        for (const circle of document.querySelectorAll("circle[data-part]"))
            if (getComputedStyle(circle).visibility === "visible")
                (seen[parts[circle.dataset.part].name] ??= []).push(getComputedStyle(circle).fill);
        return seen;""")


def test_units_of_fifty_steps_are_as_recorded(sample, tmp_path, browser, press):
    """Stepping through 50 recorded minibatches, the units drawn as kept are those of the mask, and no other."""
    chart = make("network", [sample], frames=49)
    indices, levels = chart.timeline.indices, chart.panels[0].units.levels
    made = dropviz.animate(sample, "network", out=tmp_path / "a.html", frames=49)
    browser.open(made.path, reduced=True)
    press(Keys.HOME)
    colors = [f"rgb{rgb(color)}" for color in (find_theme("light").background, find_theme("light").noisy[0])]
    fills = [f"rgb{rgb(color)}" for color in fills_of(find_theme("light"))]
    for number, index in enumerate(indices):
        assert frame(browser) == number + 1
        step = without_fade(index)
        expected = {}
        for layer, number_of, units in zip(
            sample.layers, levels, [c.units for c in chart.panels[0].layout.columns], strict=True
        ):
            masks = sample.masks.get(layer.name)
            for place, unit in enumerate(units):
                level = None if number_of is None else number_of[step, place] * (index >= 0 or layer.kind != "output")
                fill = colors[1] if level is None else fills[level]
                kept = masks is None or masks[step, 0, unit]
                expected[f"{sample.arm}/{layer.name}/{unit}"] = [fill if kept else colors[0]]
        drawn = drawn_units(browser)
        assert drawn == expected
        press(Keys.ARROW_RIGHT)


@pytest.mark.parametrize("name", CORE)
def test_it_plays_and_stops(recordings, tmp_path, browser, press, name):
    """The page plays by itself; the space bar and the button stop it and start it again."""
    made = dropviz.animate(recordings, name, compare=True, out=tmp_path / "a.html")
    browser.open(made.path)
    assert playing(browser)
    first = frame(browser)
    time.sleep(0.7)
    assert frame(browser) > first
    press(Keys.SPACE)
    assert not playing(browser)
    stopped = frame(browser)
    time.sleep(0.7)
    assert frame(browser) == stopped
    browser.driver.find_element("id", "play").click()
    assert playing(browser)
    press(Keys.SPACE)  # on the button, which has the focus now: once, not twice
    assert not playing(browser)
    assert browser.log() == []


def test_keys_and_controls(recordings, tmp_path, browser, press):
    """Arrows, Home, End, plus and minus do what they say; so do the buttons, the slider and the list of speeds."""
    made = dropviz.animate(recordings, "network", compare=True, out=tmp_path / "a.html", frames=7)
    browser.open(made.path, reduced=True)
    seen = []
    for key in (
        Keys.HOME,
        Keys.ARROW_LEFT,
        Keys.ARROW_RIGHT,
        Keys.ARROW_RIGHT,
        Keys.END,
        Keys.ARROW_RIGHT,
        Keys.ARROW_LEFT,
    ):
        press(key)
        seen.append(frame(browser))
    assert seen == [1, 1, 2, 3, 7, 7, 6]
    speeds = []
    for key in ("+", "+", "-", "-", "-", "-"):
        press(key)
        speeds.append(browser.run("return document.getElementById('speed').value"))
    assert speeds == ["2", "2", "1", "0.5", "0.25", "0.25"]
    browser.driver.find_element("id", "back").click()
    assert frame(browser) == 5
    browser.driver.find_element("id", "next").click()
    assert frame(browser) == 6
    browser.driver.find_element("id", "scrub").send_keys(Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    assert frame(browser) == 4
    assert browser.run("return document.getElementById('scrub').value") == "3"


def test_speed_is_that_of_the_clock(recordings, tmp_path, browser, press):
    """At twice the speed, a play of 1.5 s is over in 0.75 s; a single play stops at its end."""
    made = dropviz.animate(recordings, "network", compare=True, out=tmp_path / "a.html", frames=5, loop=1, hold=0)
    browser.open(made.path, reduced=True)
    assert made.seconds == 1.5
    script = """
        const [done, start] = [arguments[0], performance.now()];
        const play = document.getElementById("play");
        play.click();
        (function wait() { play.textContent === "Play" ? done(performance.now() - start) : setTimeout(wait, 5); })();"""
    press("+")
    took = browser.driver.execute_async_script(script)
    assert 730 <= took < 1150
    assert frame(browser) == 5


@pytest.mark.parametrize("name", CORE)
def test_nothing_is_asked_of_the_network(recordings, tmp_path, browser, name):
    """Served, opened and used, the page causes one request: for itself. The console stays empty."""
    asked = []

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, _format, *args):
            asked.append(args[0])

    dropviz.animate(recordings, name, compare=True, out=tmp_path / "a.html", frames=3)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever).start()
    address = f"http://127.0.0.1:{server.server_port}/a.html"
    browser.open(address)
    hover(browser, 400, 300)
    time.sleep(0.2)
    sent, log = browser.sent(), browser.log()
    browser.driver.get("about:blank")
    server.shutdown()
    server.server_close()
    assert sent == [address]
    assert [line for line in asked if "favicon" not in line] == ["GET /a.html HTTP/1.1"]
    assert log == []


def test_policy_lets_nothing_else_run_or_load(recordings, tmp_path, browser):
    """A script and an image that someone put into the page are refused by its own policy."""
    made = dropviz.animate(recordings, "network", compare=True, out=tmp_path / "a.html", frames=2)
    text = made.path.read_text()
    assert "default-src &#x27;none&#x27;" in text or "default-src 'none'" in text
    assert "unsafe" not in text
    (tmp_path / "b.html").write_text(text.replace("<main>", "<main><img src='x.png'><script>window.evil = 1</script>"))
    browser.open(tmp_path / "b.html")
    assert browser.run("return window.evil") is None
    assert len([line for line in browser.log() if "Content Security Policy" in line]) == 2


def test_pointer_on_a_unit_says_how_often_it_was_dropped(sample, tmp_path, browser):
    """The words over a unit are counted from the recording, in all its minibatches; beside it there are none."""
    made = dropviz.animate(sample, "network", out=tmp_path / "a.html", frames=5)
    browser.open(made.path, reduced=True)
    panel = make("network", [sample], PAGE, frames=5).panels[0]
    for layer, column in list(zip(sample.layers, panel.layout.columns, strict=True))[1:3]:
        for unit, y in list(zip(column.units, column.ys, strict=True))[::4]:
            dropping = ~sample.masks[layer.name][:, 0, unit]
            dropped = int(dropping.sum())
            words = f"{layer.name}, unit {unit}: dropped in {dropped} of {len(dropping)} recorded minibatches"
            assert hover(browser, column.x, y) == [words]
    assert hover(browser, panel.layout.columns[0].x, panel.layout.columns[0].ys[0]) == [
        f"input, unit {panel.layout.columns[0].units[0]}: this layer drops no units"
    ]
    assert hover(browser, 5, 535) == []


def test_units_can_be_reached_without_a_pointer(sample, tmp_path, browser, press):
    """Tab goes to the first unit, up and down from unit to unit; what is said there is said to screen readers too."""
    made = dropviz.animate(sample, "network", out=tmp_path / "a.html", frames=5)
    browser.open(made.path, reduced=True)
    press(Keys.TAB)
    said = []
    for key in ("", Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ARROW_UP):
        press(key)
        tip = browser.run("return document.getElementById('tip').innerText")
        assert tip == browser.run("return document.activeElement.getAttribute('aria-label')")
        said.append(tip)
    assert len(set(said)) == 3
    assert said[1] == said[3]
    press(Keys.TAB)
    assert browser.run("return document.activeElement.id") == "scrub"
    assert browser.run("return document.getElementById('tip').hidden")


def test_pointer_on_a_curve_reads_each_line_at_the_nearest_snapshot(recordings, tmp_path, browser):
    """The words are the recorded mean and spread of every line at the snapshot nearest to the pointer."""
    made = dropviz.animate(recordings, "accuracy", compare=True, out=tmp_path / "a.html")
    browser.open(made.path, reduced=True)
    chart = make("accuracy", recordings)
    for snapshot in (1, 4, 6):
        lines = hover(browser, chart.curves[0].points[snapshot, 0] / chart.canvas.scale + 5, 250)
        assert lines[0] == f"iteration {recordings[0].snapshots['iteration'][snapshot]} of 20"
        expected = []
        for which in ("no dropout", "dropout"):
            for metric, label in (("test_accuracy", which), ("train_accuracy", "train, noisy labels")):
                values = [100 * each.snapshots[metric][snapshot] for each in arm(recordings, which)]
                spread = f" ± {np.std(values, ddof=1):.1f}%" if np.std(values) else ""
                expected.append(f"{np.mean(values):.1f}%{spread} {label}")
        assert sorted(lines[1:]) == sorted(expected)


def test_no_reading_of_what_is_not_shown_yet(recordings, tmp_path, browser, press):
    """Right of the front, the pointer reads the last snapshot that is shown."""
    made = dropviz.animate(recordings, "accuracy", compare=True, out=tmp_path / "a.html")
    browser.open(made.path, reduced=True)
    press(Keys.HOME, Keys.ARROW_RIGHT)
    second = make("accuracy", recordings).timeline.indices[1]
    assert hover(browser, 600, 250)[0] == f"iteration {recordings[0].snapshots['iteration'][second]} of 20"


@pytest.mark.parametrize("name", CORE)
@pytest.mark.parametrize("theme", THEMES)
def test_a_phone_is_wide_enough(recordings, tmp_path, browser, name, theme):
    """At 320 px nothing runs out to the right, controls are as large as a finger, and the words are large enough."""
    made = dropviz.animate(recordings, name, compare=True, out=tmp_path / "a.html", theme=theme, frames=3)
    browser.open(made.path, (320, 640), reduced=True)
    assert browser.run("return document.documentElement.scrollWidth") == 320
    for control in browser.driver.find_elements("css selector", "button, select, input"):
        box = control.rect
        assert box["height"] >= 44
        assert box["width"] >= 44
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 320
    now = browser.driver.find_element("id", "now")
    assert now.rect["height"] > 40
    assert {"accuracy": "95% interval", "network": "different masks"}[name] in now.text
    assert now.text.startswith({"accuracy": "Dropout changes", "network": "One image"}[name])
    assert "iteration" in browser.driver.find_element("id", "value").text.lower()
    sizes = browser.run(
        "return [...document.querySelectorAll('p, footer, button')].map(e => getComputedStyle(e).fontSize)"
    )
    assert min(float(size.removesuffix("px")) for size in sizes) >= 13


@pytest.mark.parametrize("theme", THEMES)
def test_page_around_the_picture_can_be_read(recordings, tmp_path, browser, theme):
    """The page has the theme's ground, all its words stand out from it by 4.5:1, and focus is seen."""
    made = dropviz.animate(recordings, "network", compare=True, out=tmp_path / "a.html", theme=theme, frames=3)
    browser.open(made.path, reduced=True)

    def colors(selector, property_):
        script = "return [...document.querySelectorAll(arguments[0])].map(e => getComputedStyle(e)[arguments[1]])"
        return {
            "#" + "".join(f"{int(v):02x}" for v in re.findall(r"\d+", c)[:3])
            for c in browser.run(script, selector, property_)
        }

    options = find_theme(theme)
    assert colors("html", "backgroundColor") == {options.background[:7]}
    for ground in options.backgrounds:  # white and black, where there is no background
        assert all(contrast(color, ground) >= 4.5 for color in colors("p, footer, button, select, #count", "color"))
        assert all(contrast(color, ground) >= 3 for color in colors("button, select", "borderTopColor"))
    browser.driver.find_element("id", "back").send_keys(Keys.TAB)
    assert browser.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.parametrize("name", CORE)
def test_who_wants_less_motion_starts_it(recordings, tmp_path, browser, press, name):
    """With prefers-reduced-motion the last moment stands still until one plays it."""
    made = dropviz.animate(recordings, name, compare=True, out=tmp_path / "a.html", frames=3)
    browser.open(made.path, reduced=True)
    time.sleep(0.5)
    assert (frame(browser), playing(browser)) == (3, False)
    press(Keys.SPACE)
    assert (frame(browser), playing(browser)) == (1, True)


def test_it_says_what_it_shows(recordings, tmp_path, browser):
    """The alt text is the label of the picture, the description stands under it, and controls have names."""
    made = dropviz.animate(recordings, "network", compare=True, out=tmp_path / "a.html", frames=3)
    browser.open(made.path, reduced=True)
    assert browser.run("return document.querySelector('svg').getAttribute('aria-label')") == made.alt
    described = "document.getElementById(document.querySelector('svg').getAttribute('aria-describedby'))"
    assert browser.run(f"return {described}.innerText") == made.description
    names = [each.accessible_name for each in browser.driver.find_elements("css selector", "button, select, input")]
    assert names == ["Moment", "Step back", "Play", "Step forward", "Speed"]
    assert browser.driver.title == made.alt
    assert browser.run("return document.documentElement.lang") == "en"


@pytest.mark.filterwarnings("ignore:Glyph .* missing")
def test_it_follows_the_system_into_the_dark(recordings, tmp_path, browser):
    """A picture in the light theme has, on a dark system, the colours of the dark one; other themes stay."""
    themes = {name: find_theme(name) for name in ("light", "dark")}
    script = """const fills = [...document.querySelectorAll("svg text, svg circle")].map(e => getComputedStyle(e).fill);
        return [getComputedStyle(document.documentElement).backgroundColor, ...new Set(fills)]"""
    for theme, dark, expected in (("light", False, "light"), ("light", True, "dark"), ("dark", False, "dark")):
        made = dropviz.animate(recordings, "accuracy", compare=True, out=tmp_path / "a.html", theme=theme, frames=2)
        browser.open(made.path, reduced=True, dark=dark)
        ground, *fills = browser.run(script)
        colors = themes[expected]
        assert ground == f"rgb{rgb(colors.background)}"
        expected_fills = {colors.ink, colors.muted, colors.plain, colors.noisy[0], colors.background}
        assert set(fills) <= {f"rgb{rgb(color)}" for color in expected_fills}


def test_every_tone_has_a_twin():
    """Theme colours become those of the twin, and a tone between two the same share of the twin's."""
    light, dark = find_theme("light"), find_theme("dark")
    pairs = [(getattr(light, name), getattr(dark, name)) for name in ("background", "ink", "plain", "muted", "wrong")]
    pairs += zip(light.weight_colors, dark.weight_colors, strict=True)
    tones = [
        (blend(light.noisy[0], light.background, share), blend(dark.noisy[0], dark.background, share))
        for share in (0.16, 0.5, 0.8)
    ]
    found = twin_colors(" ".join(old for old, _ in pairs + tones), light, dark)
    assert all(np.abs(np.subtract(rgb(found[old]), rgb(new))).max() <= 6 for old, new in pairs + tones)


def test_words_under_the_pointer_cover_nothing_they_are_about(sample, recordings, tmp_path, browser):
    """The tip is outside the box of the marks that it explains, at any edge; the hint goes once it has been used."""
    made = dropviz.animate(recordings, "accuracy", compare=True, out=tmp_path / "a.html", frames=3)
    apart = """const [a, b] = [document.getElementById("tip"), document.querySelector(".ring")]
            .map(e => e.getBoundingClientRect());
        return a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top"""
    hint = "return getComputedStyle(document.getElementById('hint')).visibility"
    browser.open(made.path, (1280, 900), reduced=True)
    assert browser.run(hint) == "visible"
    chart = make("accuracy", recordings, frames=3)
    for snapshot in (0, 3, -1):
        assert hover(browser, chart.curves[0].points[snapshot, 0] / chart.canvas.scale, 250)
        assert browser.run(apart), snapshot
    assert browser.run(hint) == "hidden"
    made = dropviz.animate(sample, "network", out=tmp_path / "a.html", frames=2)
    browser.open(made.path, (1280, 900), reduced=True)
    panel = make("network", [sample], PAGE, frames=2).panels[0]
    for column in panel.layout.columns:
        for y in (column.ys[0], column.ys[-1]):
            assert hover(browser, column.x, y)
            assert browser.run(apart), (column.x, y)


def test_names_are_words_whatever_they_hold(recordings, tmp_path, browser):
    """Markup in the name of an arm and of a class is shown as text: in the picture, beside it, under the pointer."""
    plain, noisy = (arm(recordings, name)[0] for name in ("no dropout", "dropout"))
    about = dropviz.recording.recording.Examples(**{**vars(noisy.examples), "class_names": (HOSTILE,) * 10})
    pair = [
        dropviz.Recording(**{**vars(each), "arm": name, "experiment": None, "examples": about})
        for each, name in ((plain, "plain"), (noisy, HOSTILE))
    ]
    shown = HOSTILE.replace("\x00", "\ufffd").replace("\x1b", "\ufffd")
    for name in CORE:
        made = dropviz.animate(pair, name, compare=True, out=tmp_path / "a.html", frames=2)
        browser.open(made.path, reduced=True)
        assert browser.run("return document.querySelectorAll('img, script').length") == 2
        assert browser.run("return document.body.innerText.includes(arguments[0])", shown)
        texts = browser.run("return [...document.querySelectorAll('svg text')].map(e => e.textContent)")
        assert any(replace_invisible(HOSTILE)[:20] in text for text in texts)  # there may not be room for all of it
        if name == "accuracy":
            assert any(HOSTILE.replace("\x00", "").split()[0] in line for line in hover(browser, 400, 250))
        assert browser.log() == []
        assert browser.sent() == [made.path.as_uri()]


def test_data_is_json_that_cannot_end_its_element(recordings, tmp_path):
    """What the script reads is plain JSON without a single angle bracket."""
    made = dropviz.animate(recordings, "accuracy", compare=True, out=tmp_path / "a.html", frames=2)
    data = re.search(r'id="data">(.*?)</script>', made.path.read_text(), re.DOTALL)[1]
    assert "<" not in data
    assert json.loads(data)["durations"]
    again = dropviz.animate(list(reversed(recordings)), "accuracy", compare=True, out=tmp_path / "b.html", frames=2)
    assert made.path.read_bytes() == again.path.read_bytes()


def distances(place, a, b):
    """Distances of a place from segments, whose ends are float [segments, 2]."""
    along = b - a
    share = np.clip(((place - a) * along).sum(1) / (along**2).sum(1), 0, 1)
    return np.hypot(*(a + share[:, None] * along - place).T)


def test_pointer_on_an_edge_says_its_weight_at_that_step(noisy, tmp_path, browser, press):
    """Over an edge stands the recorded weight of the step shown; where a unit is dropped there is no edge to ask."""
    chart = vector_chart("network", [noisy], frames=23)
    made = dropviz.animate(noisy, "network", out=tmp_path / "a.html", frames=23)
    browser.open(made.path, (1280, 900), reduced=True)
    press(Keys.HOME)
    panel = chart.panels[0]
    left, right = panel.layout.columns[1:3]
    # Of the edges that are drawn, the one that a point near one of its ends has most to itself.
    drawn = np.argwhere(panel.edges.drawn[1])
    a = np.array([[left.x, left.ys[i]] for i, _ in drawn])
    b = np.array([[right.x, right.ys[j]] for _, j in drawn])
    places = [(k, a[k] + share * (b[k] - a[k])) for k in range(len(drawn)) for share in (0.3, 0.4, 0.5, 0.6, 0.7)]
    chosen, (x, y) = max(
        places, key=lambda each: min(distances(each[1], np.delete(a, each[0], 0), np.delete(b, each[0], 0)))
    )
    units = left.units[drawn[chosen, 0]], right.units[drawn[chosen, 1]]
    one, two = (
        list(noisy.shown_units[name]).index(unit) for name, unit in zip(("hidden 1", "hidden 2"), units, strict=True)
    )
    asked = 0
    for step in chart.timeline.indices:
        if step < 0:  # edges of the mask before are fading
            press(Keys.ARROW_RIGHT)
            continue
        kept = noisy.masks["hidden 1"][step, 0, units[0]] and noisy.masks["hidden 2"][step, 0, units[1]]
        weight = noisy.weights["hidden 2"][step, two, one]
        words = f"hidden 1, unit {units[0]} → hidden 2, unit {units[1]}: weight {weight:.4f}"
        assert (hover(browser, x, y) == [words]) == kept
        asked += kept
        press(Keys.ARROW_RIGHT)
    assert 0 < asked < 12


def test_recordings_without_weights_say_nothing_of_edges(sample, tmp_path, browser):
    """Edges of a recording that kept no weights have no words, and no names."""
    without = dropviz.Recording(**{**vars(sample), "weights": {}})  # as of format 1
    made = dropviz.animate(without, "network", out=tmp_path / "a.html", frames=2)
    browser.open(made.path, (1280, 900), reduced=True)
    assert browser.run("return document.querySelectorAll('path[data-part]').length") == 0
    assert browser.run("return document.querySelectorAll('circle[data-part]').length") > 40
