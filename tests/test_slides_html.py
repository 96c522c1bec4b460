"""The deck for a browser, as Chromium shows it: what it asks for, its keys, its print, and its stills."""

import base64
import json
import re
from html.parser import HTMLParser
from importlib.util import find_spec

import numpy as np
import pytest
from conftest import need
from PIL import Image
from test_slides import BAD, BAD_TITLE, holds, make, need_letters, odd_letters, pages_of_pdf, renamed

from dropviz._util.text import isolate, replace_unsafe
from dropviz.errors import OutputError
from dropviz.publish.decks.writer import DeckOptions, find_writer
from dropviz.rendering.options import RenderOptions
from dropviz.style.theme import find_theme

REVEAL = """
const calls = [];
const initialize = (options) => { window.asked = options; window.heard = calls; };
window.Reveal = { on: (name) => calls.push(name), initialize };
// </script> <!-- a library may say so
"""


@pytest.fixture
def browser(browser):
    """The driver of Chromium, which writes down what it logs and what it asks for."""
    browser.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.driver.set_window_size(1280, 860)
    return browser.driver


def visit(browser, path, less_motion=False):
    """Open a page anew; whether motion is unwanted is what the system would say."""
    browser.get("about:blank")
    wish = {"name": "prefers-reduced-motion", "value": "reduce" if less_motion else "no-preference"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [wish]})
    browser.get_log("performance")
    browser.get_log("browser")
    browser.get(path.as_uri())


def requests(browser):
    """Every address that the page asked for, those inside it left out."""
    events = [json.loads(each["message"])["message"] for each in browser.get_log("performance")]
    asked = [each["params"]["request"]["url"] for each in events if each["method"] == "Network.requestWillBeSent"]
    return [each for each in asked if not each.startswith(("data:", "blob:"))]


def press(browser, *keys):
    """Press keys on the page; the number of the slide that is then shown, from its counter."""
    from selenium.webdriver import ActionChains

    for key in keys:
        ActionChains(browser).send_keys(key).perform()
    return browser.execute_script("return document.querySelector('.number').textContent")


def displayed(browser, what):
    """How many elements are seen."""
    return sum(each.is_displayed() for each in browser.find_elements("css selector", what))


@pytest.fixture(scope="module")
def page(recordings, tmp_path_factory):
    """A deck in English, light."""
    return make(recordings, tmp_path_factory.mktemp("html") / "a.html")[1][0]


def test_nothing_is_asked_of_any_network(browser, page):
    """The page asks for itself alone, and nothing in it is refused or fails."""
    visit(browser, page)
    assert displayed(browser, "section") == 1
    assert requests(browser) == [page.as_uri()]
    assert browser.get_log("browser") == []


def test_nothing_could_be_asked_for(browser, page):
    """A request that is put into the page is refused by its policy, and so is a script."""
    visit(browser, page)
    browser.execute_script(
        "document.body.insertAdjacentHTML('beforeend', '<img src=\"file:///x.png\" onerror=\"window.bad = 1\">');"
        "const more = document.createElement('script'); more.textContent = 'window.bad = 1'; document.body.append(more)"
    )
    assert browser.execute_script("return window.bad") is None
    assert any("Content Security Policy" in each["message"] for each in browser.get_log("browser"))


def test_a_picture_fills_its_slide_and_begins_with_it(browser, page):
    """The picture is as large as the slide, its title hidden from the eye only; a GIF begins when its slide comes."""
    visit(browser, page)
    source = "return document.querySelectorAll('.moving')[0].src"
    first = browser.execute_script(source)
    press(browser, " ")
    second = browser.execute_script(source)
    press(browser, " ", "\ue012")
    assert len({first, second, browser.execute_script(source)}) == 3
    sides = "const e = document.querySelectorAll(arguments[0])[0].getBoundingClientRect(); return [e.width, e.height]"
    assert browser.execute_script(sides, ".chart .moving") == browser.execute_script(sides, ".chart")
    assert browser.execute_script(sides, ".chart h2") == [1, 1]
    assert browser.find_elements("css selector", "h2")[0].accessible_name == "What does dropout do to a network?"


def test_a_video_has_controls_and_begins_with_its_slide(browser, recordings, tmp_path):
    """With --video, a slide shows an MP4 with controls, its poster the last frame; it stops when the slide goes."""
    need(find_spec("imageio_ffmpeg"), "imageio-ffmpeg")
    made = make(recordings, tmp_path / "a.html", deck_options=DeckOptions(video=True))[1][0]
    state = "const v = document.querySelector('video'); return [v.controls, v.paused, v.poster.slice(0, 14)]"
    for less_motion in (True, False):
        visit(browser, made, less_motion)
        press(browser, " ")
        assert browser.execute_script(state) == [True, less_motion, "data:image/png"]
    press(browser, " ")
    assert browser.execute_script(state)[1]
    assert browser.get_log("browser") == []


def test_keys_move(browser, page):
    """Arrows, space, home and end, page keys; not beyond the ends; the address remembers the slide."""
    from selenium.webdriver import Keys

    visit(browser, page)
    assert press(browser) == "1 / 4"
    assert press(browser, Keys.ARROW_RIGHT, Keys.SPACE) == "3 / 4"
    assert press(browser, Keys.ARROW_LEFT) == "2 / 4"
    assert press(browser, Keys.END, Keys.PAGE_DOWN) == "4 / 4"
    assert browser.current_url.endswith("#/3")
    browser.refresh()
    assert press(browser) == "4 / 4"
    assert press(browser, Keys.HOME, Keys.ARROW_UP) == "1 / 4"
    assert displayed(browser, "section") == 1


def test_touch_moves(browser, page):
    """A swipe to the left goes on."""
    visit(browser, page)
    for kind, x in (("touchStart", 600), ("touchMove", 400), ("touchEnd", None)):
        points = [] if x is None else [{"x": x, "y": 300}]
        browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    assert press(browser) == "2 / 4"


def test_notes_are_for_the_speaker(browser, page):
    """Notes are hidden until the key s is pressed, and again after."""
    visit(browser, page)
    press(browser, "s")
    assert displayed(browser, "aside") == 0, "the title has none"
    press(browser, " ")
    assert displayed(browser, "aside") == 1
    assert "dropviz animate" in browser.find_elements("css selector", "aside")[0].text
    press(browser, "s")
    assert displayed(browser, "aside") == 0


@pytest.mark.parametrize("less_motion", [False, True])
def test_motion_can_be_stopped_and_started(browser, page, less_motion):
    """Pictures move unless less motion is asked for; the button, and the key p, stop and start them."""
    visit(browser, page, less_motion)
    press(browser, " ")
    browser.execute_cdp_cmd("Input.dispatchMouseEvent", {"type": "mouseMoved", "x": 300, "y": 300})  # buttons are seen
    assert (displayed(browser, ".moving"), displayed(browser, ".still")) == ((0, 1) if less_motion else (1, 0))
    button = next(each for each in browser.find_elements("css selector", "button") if each.is_displayed())
    assert button.text == ("Play" if less_motion else "Pause")
    button.click()
    assert (displayed(browser, ".moving"), displayed(browser, ".still")) == ((1, 0) if less_motion else (0, 1))
    press(browser, "p")
    assert displayed(browser, ".still") == less_motion


@pytest.mark.parametrize(("ratio", "theme", "lang"), [("16:9", "light", "en"), ("4:3", "dark", "zh")])
def test_print_has_a_page_for_each_slide(browser, recordings, tmp_path, ratio, theme, lang):
    """Printed, each slide is one page of its ratio, in its colours, with the still; no notes, no button."""
    need_letters(lang)
    _, made, _ = make(recordings, tmp_path / "a.html", ratio=ratio, theme=theme, lang=lang)
    visit(browser, made[0])
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})
    (tmp_path / "a.pdf").write_bytes(base64.b64decode(printed["data"]))
    pages = pages_of_pdf(tmp_path / "a.pdf", tmp_path)
    assert len(pages) == 4
    across, down = map(int, ratio.split(":"))
    assert all(each.shape[1] / each.shape[0] == pytest.approx(across / down, abs=0.01) for each in pages)
    colors = find_theme(theme)
    assert all(holds(each[:20, :20], colors.background, 300) for each in pages)
    assert all(holds(each, colors.ink) for each in pages)
    assert all(holds(pages[number], colors.plain) for number in (1, 2))


def test_everything_fits_on_its_slide(browser, recordings, tmp_path):
    """No slide is taller or wider than the window leaves it, in both ratios."""
    for ratio in ("16:9", "4:3"):
        _, made, _ = make(recordings, tmp_path / "a.html", ratio=ratio)
        visit(browser, made[0])
        over = browser.execute_script(
            "return [...document.querySelectorAll('section')].filter((section) => { section.hidden = false; "
            "return section.scrollHeight > section.clientHeight || section.scrollWidth > section.clientWidth })"
            ".map((section) => section.textContent)"
        )
        assert over == []


class _Tags(HTMLParser):
    """Names of the elements of a page, and the words of its cells."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.words = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):  # noqa: ARG002  # the signature of HTMLParser
        self.tags.append(tag)

    def handle_data(self, data):
        self.words.append(data)


@odd_letters
def test_bad_names_stay_words(browser, recordings, tmp_path):
    """Names that are markup elsewhere are words here: no element of theirs, no script, and the words are seen."""
    _, made, _ = make(renamed(recordings), tmp_path / "a.html", title=BAD_TITLE)
    found = _Tags(made[0].read_text(encoding="utf-8"))
    assert "b" not in found.tags
    assert found.tags.count("script") == 1
    assert replace_unsafe(isolate(BAD)) in found.words
    visit(browser, made[0])
    assert browser.execute_script("return document.querySelector('h1').textContent") == BAD_TITLE
    assert browser.title == " ".join(BAD_TITLE.split())
    assert browser.get_log("browser") == []


@pytest.fixture
def copy_of_reveal(tmp_path):
    """A folder like that of reveal.js, whose parts say what they are told."""
    theme = tmp_path / "reveal/dist/theme"
    theme.mkdir(parents=True)
    (theme.parent / "reveal.js").write_text(REVEAL)
    (theme.parent / "reveal.css").write_text(".reveal { outline-style: dotted; } /* </style> */", "utf-8-sig")
    fetched = "@import url(https://example.org/a.css);\n.x { background: url('b.png') }\n.y { color: red }"
    (theme / "white.css").write_text(fetched + " .z { background: url(data:image/png;base64,AA==) }")
    return tmp_path / "reveal"


def test_a_copy_of_reveal_is_put_in(browser, recordings, tmp_path, copy_of_reveal):
    """Its scripts and styles run in the page, from inside it; what they would fetch is left out, and said."""
    _, made, writer = make(recordings, tmp_path / "a.html", deck_options=DeckOptions(reveal=copy_of_reveal))
    assert writer.notes == ["white.css of reveal.js: 2 fonts or pictures that it would fetch are left out"]
    visit(browser, made[0])
    assert browser.execute_script("return window.asked.width") == 1280
    assert browser.execute_script("return window.heard") == ["ready", "slidechanged"]
    style = "return getComputedStyle(document.querySelector('.reveal')).outlineStyle"
    assert browser.execute_script(style) == "dotted"
    assert requests(browser) == [made[0].as_uri()]
    assert browser.get_log("browser") == []
    text = made[0].read_text(encoding="utf-8")
    assert not re.search(r"https?://|@import", text)
    assert "data:image/png;base64,AA==" in text
    assert "\ufeff" not in text


def test_no_reveal_there(tmp_path):
    """A folder without reveal.js ends in one line, before anything is drawn."""
    with pytest.raises(OutputError, match=r"reveal\.css: No such file or directory; --reveal takes the folder"):
        find_writer(tmp_path / "a.html", DeckOptions(reveal=tmp_path), RenderOptions())


def test_pictures_are_those_of_animate(recordings, page, tmp_path):
    """The GIF of accuracy in the page is, byte for byte, the one that animate draws; the still is its last frame."""
    import dropviz

    made = dropviz.animate(recordings, compare=True, out=tmp_path / "a.gif", frames=3, hold=0)
    text = page.read_text(encoding="utf-8")
    gif, png = (re.findall(rf"data:image/{kind};base64,([^\"]+)", text)[1] for kind in ("gif", "png"))
    assert base64.b64decode(gif) == made.path.read_bytes()
    (tmp_path / "a.png").write_bytes(base64.b64decode(png))
    with Image.open(made.path) as film, Image.open(tmp_path / "a.png") as still:
        film.seek(film.n_frames - 1)
        assert np.array_equal(np.asarray(film.convert("RGB")), np.asarray(still.convert("RGB")))
