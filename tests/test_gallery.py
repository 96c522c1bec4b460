"""The gallery: a page of every exhibit, from recordings, that goes on where it stopped."""

import html
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from html.parser import HTMLParser

import pytest
from conftest import TINY, dropviz_here
from decoding import blocks

from dropviz.analysis.captions import Answer
from dropviz.analysis.comparison import gather
from dropviz.charts import CHARTS, find_chart
from dropviz.experiments.presets import PRESETS
from dropviz.publish.gallery.build import answers_of
from dropviz.publish.gallery.exhibits import EXHIBITS, ORDERS
from dropviz.publish.gallery.markdown import text as markdown
from dropviz.publish.gallery.page import page
from dropviz.publish.gallery.results import STATE, ExhibitResult, corrected, read_state, verdict
from dropviz.style.labels import LANGUAGES, Labels

SMALL = ("--size", "320x240", "--jobs", "1")
DIGITS = TINY.replace(name="digits")  # in the place of the preset
# The real command with that preset.
PATCHED = f"""
import sys
from dropviz.experiments.presets import PRESETS
from dropviz.experiments.experiment import Experiment
PRESETS["digits"] = Experiment.from_toml({DIGITS.to_toml()!r})
from dropviz.__main__ import main
sys.argv[0] = "dropviz"
main()
"""


@pytest.fixture
def gallery(tmp_path, train_once, monkeypatch):
    """Run `dropviz gallery` here, in a folder with the recordings of a small preset; `start` begins a process."""
    for each in train_once(DIGITS):
        each.save(tmp_path / "out/recordings" / DIGITS.run_name(DIGITS.arm(each.arm), each.seed))
    monkeypatch.setitem(PRESETS, "digits", DIGITS)
    monkeypatch.chdir(tmp_path)

    def run(*args):
        done = dropviz_here("gallery", *SMALL, *args)
        return done.returncode, done.stdout, done.stderr

    def start(*args):
        command = [sys.executable, "-c", PATCHED, "gallery", *SMALL, *args]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        process = subprocess.Popen(command, cwd=tmp_path, start_new_session=True, **pipes)
        until(lambda: read_state(tmp_path / "out/gallery"), 120)
        return process

    run.start = start
    return run


@pytest.fixture(scope="module")
def drawn(tmp_path_factory, train_once):
    """A gallery of two exhibits, drawn once; what the command printed stands in `printed`."""
    folder = tmp_path_factory.mktemp("gallery")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setitem(PRESETS, "digits", DIGITS)
        for each in train_once(DIGITS):
            each.save(folder / "out/recordings" / DIGITS.run_name(DIGITS.arm(each.arm), each.seed))
        done = dropviz_here("gallery", *SMALL, "accuracy", "network")
    assert done.returncode == 0, done.stderr
    (folder / "printed").write_text(done.stdout)
    return folder


@pytest.fixture
def copied(drawn, gallery, tmp_path):
    """The drawn gallery in the folder in which `gallery` runs."""
    shutil.copytree(drawn / "out", tmp_path / "out", dirs_exist_ok=True)
    return tmp_path / "out/gallery"


class Page(HTMLParser):
    """What a browser would ask for, and the ids of the sections."""

    def __init__(self, text):
        super().__init__()
        self.files, self.ids, self.links = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        """Collect files, ids and links."""
        found = dict(attributes)
        self.files |= {found[key] for key in ("src", "srcset", "data-still", "data-moving") if key in found}
        self.ids += [found["id"]] if tag == "section" else []
        self.links += [found["href"].removeprefix("#")] if tag == "a" else []


def shown(name="accuracy", **changes):
    """An entry of a page."""
    return ExhibitResult(
        **{
            "name": name,
            "key": "k",
            "answers": (Answer("8.1 ± 0.6", True),),
            "alt": "An alt text",
            "description": "A long description",
            "facts": "digits",
            "command": "dropviz animate",
            "runs": 4,
            "seeds": 2,
            "sides": ("light", "dark"),
            "size": (320, 240),
            "frames": 9,
            "seconds": 4.5,
            "bytes": 1000,
            "trained": None,
            **changes,
        }
    )


def test_exhibits_name_what_there_is():
    """Each exhibit has a chart and a preset, and a question and a claim in every language.

    Every chart is exhibited, other than `metrics`, which makes no claim, and `sites`, which assets/make.py draws.
    """
    for exhibit in EXHIBITS.values():
        assert exhibit.chart in CHARTS
        assert (exhibit.judge or exhibit.chart) in CHARTS
        assert exhibit.experiment in PRESETS
        assert exhibit.source
        assert exhibit.compare or not find_chart(exhibit.chart).together
        for language in LANGUAGES:
            assert Labels(language)(f"question {exhibit.name}")
            assert Labels(language)(f"claim {exhibit.name}")
    assert {exhibit.chart for exhibit in EXHIBITS.values()} == set(CHARTS) - {"metrics", "sites"}


def test_other_answers_do_not_decide_a_claim():
    """Of a claim about one answer, what the chart answers besides says nothing: nor that it holds, nor that not."""
    aside = (Answer("another noise", None), Answer("dropout against none", True))
    assert shown("noises", answers=aside).verdict == "undecided"
    assert shown("schedules", answers=(Answer("late", True), Answer("early", False))).verdict == "agrees"
    assert shown("pitfall-randn", answers=(Answer("dropped", False), Answer("curves", None))).verdict == "disagrees"


def test_the_claim_about_masks_is_judged_by_masks(recordings):
    """What is said of thinned networks is answered with their masks, not with accuracies."""
    comparison, labels = gather(recordings), Labels("en")
    answers = answers_of(EXHIBITS["network"], comparison, labels)
    assert list(answers) == find_chart("subnetworks").answers(comparison, labels)
    assert answers_of(EXHIBITS["accuracy"], comparison, labels) != answers


def test_full_size_experiments_differ_only_in_size():
    """A full-size preset has the arms of the small one, or all strengths of its methods, and images to choose with."""
    for name, preset in PRESETS.items():
        if name.endswith("-full"):
            small = PRESETS[name.removesuffix("-full")]
            if preset.validation_size:
                assert {arm.name for arm in small.arms} < {arm.name for arm in preset.arms}
            else:
                assert len(preset.arms) == len(small.arms), name


@pytest.mark.parametrize(
    ("holds", "words"),
    [
        ([True, True], "agrees"),
        ([True, None], "partly"),
        ([False, None], "disagrees"),
        ([False], "disagrees"),
        ([None], "undecided"),
        ([], "undecided"),
        ([True, False], "partly"),
    ],
)
def test_verdict(holds, words):
    """A claim holds where all answers are decided and say so; in part, where one does and another is undecided."""
    assert verdict([Answer("", each) for each in holds]) == words


def test_words_of_a_recording_are_only_words(tmp_path):
    """Whatever arms are called, the page has no markup of theirs, and asks for its own pictures alone."""
    evil = '"><script>alert(1)</script>\x00\u202e'
    text = page(
        [shown(answers=(Answer(evil, None),), alt=evil, description=evil, facts=evil, command=evil)], Labels("en")
    )
    assert "<script>alert" not in text
    assert "\x00" not in text
    assert "\u202e" not in text
    found = Page(text)
    assert found.files == {
        "accuracy-light.gif",
        "accuracy-dark.gif",
        "accuracy-light-still.png",
        "accuracy-dark-still.png",
    }


def test_state_comes_back(tmp_path):
    """What is written of a gallery is read again; what cannot be read is as if there were nothing."""
    from dropviz.publish.gallery.folder import write_gallery

    entry = shown(trained=2.5)
    write_gallery(tmp_path, {"accuracy": entry}, Labels("en"))
    assert read_state(tmp_path) == {"accuracy": entry}
    written = (tmp_path / STATE).read_text()
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le"):  # an editor or a shell of Windows wrote it again
        (tmp_path / STATE).write_text(written, encoding)
        assert read_state(tmp_path) == {"accuracy": entry}
    for damage in ("", "[", "[1]", '[{"name": "accuracy"}]', "{}", "[" * 10_000):
        (tmp_path / STATE).write_text(damage)
        assert read_state(tmp_path) == {}


def test_a_page_of_two_exhibits(drawn, copied, gallery):
    """Pictures, light and dark, moving and still, with questions, answers and commands; a second call draws nothing."""
    pages = ["out/gallery/index.html", "out/gallery/README.md"]
    assert (drawn / "printed").read_text().splitlines()[-2:] == pages
    found = Page((copied / "index.html").read_text())
    assert found.ids == found.links == ["network", "accuracy"]
    assert found.files == {path.name for path in copied.iterdir()} - {"index.html", "README.md", STATE}
    for name in ("accuracy-light.gif", "network-dark.gif"):
        assert blocks(copied / name).size == (320, 240)
    text = (copied / "index.html").read_text()
    entries = {entry["name"]: entry for entry in json.loads((copied / STATE).read_text())}
    for entry in entries.values():
        assert all(headline in html.unescape(text) for headline, *_ in entry["answers"])
        assert entry["command"] in text
    assert entries["accuracy"]["command"] == "dropviz animate accuracy --compare"
    times = {path.name: path.stat().st_mtime_ns for path in copied.iterdir()}
    (copied / "index.html").unlink()  # as if the first call had been killed before it was written
    code, out, _ = gallery("accuracy", "network")
    assert (code, out.splitlines()) == (0, pages)
    assert (copied / "index.html").read_text() == text
    del times["index.html"]
    assert times.items() <= {path.name: path.stat().st_mtime_ns for path in copied.iterdir()}.items()


def test_killed_and_resumed(gallery, tmp_path):
    """Killed after the first exhibit, the same command makes the second, and leaves the first as it is."""
    process = gallery.start("accuracy", "network")
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    folder = tmp_path / "out/gallery"
    assert "accuracy" in read_state(folder)
    first = (folder / "accuracy-light.gif").stat().st_mtime_ns
    code, _, err = gallery("accuracy", "network")
    assert code == 0, err
    assert (folder / "accuracy-light.gif").stat().st_mtime_ns == first
    assert Page((folder / "index.html").read_text()).ids == ["network", "accuracy"]


@pytest.mark.parametrize("other", [None, "network-dark.gif"], ids=["gone", "of another call"])
def test_a_picture_that_is_not_of_its_exhibit_is_drawn_again(other, copied, gallery):
    """A file that is gone, or that a killed call left, is drawn with the others of its exhibit, and no other one."""
    (copied / "accuracy-dark.gif").unlink()
    if other:
        shutil.copy(copied / other, copied / "accuracy-dark.gif")
    other = (copied / "network-dark.gif").stat().st_mtime_ns
    code, out, _ = gallery("accuracy", "network")
    assert code == 0
    assert "out/gallery/accuracy-dark.gif" in out.splitlines()
    assert (copied / "network-dark.gif").stat().st_mtime_ns == other


def test_unknown_exhibit(gallery):
    """A name that is none is refused in one line, before any training."""
    code, out, err = gallery("acuracy")
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert "unknown exhibit 'acuracy'" in err
    assert "'accuracy'" in err


def test_interrupted(gallery):
    """Ctrl-C says how many exhibits are there, and ends with 130."""
    process = gallery.start("accuracy", "network")
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    if process.returncode != 0:  # the second was not done yet
        assert process.returncode == 130
        assert re.search(r"1 of 2 exhibits are in out/gallery; the same command makes the rest", err)


def test_in_a_browser(drawn, browser):
    """Chromium shows pictures and thumbnails of the page's colours, a still at a press, and has no complaints."""
    index = drawn / "out/gallery/index.html"
    source = "return document.querySelector('figure img').currentSrc.split('/').pop()"
    for scheme in ("light", "dark"):
        browser.open(index)
        browser.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        )
        until(lambda scheme=scheme: browser.run(source) == f"network-{scheme}.gif")
        thumbnail = browser.run("return document.querySelector('nav img').currentSrc")
        assert thumbnail.endswith(f"/network-{scheme}-still.png")
        browser.run("document.querySelector('figure button').click()")
        until(lambda scheme=scheme: browser.run(source) == f"network-{scheme}-still.png")
        until(lambda: browser.run("return document.querySelector('figure img').complete"))
        assert browser.run("return document.querySelector('figure img').naturalWidth") == 320
        assert browser.log() == []
        folder = index.parent.as_uri()
        assert all(address.startswith(folder) for address in browser.sent() if address != "about:blank")
    browser.open(index, reduced=True)
    until(lambda: browser.run(source).endswith("-still.png"))


def until(holds, seconds=30):
    """Wait until it holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_one_theme(gallery, tmp_path):
    """With one theme there is one picture of each exhibit, on a page of its colours, for every reader."""
    code, _, err = gallery("accuracy", "--theme", "dark", "--lang", "en")
    assert code == 0, err
    folder = tmp_path / "out/gallery"
    assert {path.name for path in folder.glob("*.*g*")} >= {"accuracy-dark.gif", "accuracy-dark-still.png"}
    assert not list(folder.glob("*light*"))
    text = (folder / "index.html").read_text()
    assert Page(text).files == {"accuracy-dark.gif", "accuracy-dark-still.png"}
    assert "color-scheme: dark;" in text
    assert "prefers-color-scheme" not in text


def test_the_gallery_as_markdown(drawn):
    """GitHub's Markdown of the same page: its links and pictures are there, its figures those of the page."""
    from markdown_it import MarkdownIt

    folder = drawn / "out/gallery"
    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render((folder / "README.md").read_text())
    ids = re.findall(r'<a id="([^"]+)">', rendered)
    assert ids == re.findall(r'href="#([^"]+)"', rendered) == ["network", "accuracy"]
    for name in re.findall(r'(?:src|srcset)="([^"]+)"', rendered):
        assert (folder / name).is_file()
    for entry in json.loads((folder / STATE).read_text()):
        for headline, *_ in entry["answers"]:
            assert headline in html.unescape(rendered)


def test_pages_of_others_are_not_replaced(gallery, tmp_path):
    """A folder with a README.md of its own is refused before any training, and left as it is."""
    (tmp_path / "README.md").write_text("mine")
    code, out, err = gallery("gate", "-o", ".")
    assert (code, out) == (1, "")
    assert len(err.splitlines()) == 1
    assert "'README.md'" in err
    assert {path.name for path in tmp_path.iterdir()} == {"README.md", "out"}
    assert not list(tmp_path.glob("out/recordings/gate*"))
    assert (tmp_path / "README.md").read_text() == "mine"


def test_claims_are_corrected_for_their_number():
    """A claim with p = 0.03 is decided alone on a page, and undecided among three; counted facts stay as they are.

    Nor does its headline claim it any longer, on either page.
    """
    labels, answer = Labels("en"), Answer("it helps", True, "", 0.03)
    assert [each.verdict for each in corrected([shown(answers=(answer,))], labels)] == ["agrees"]
    names = ("accuracy", "rates", "swap")
    results = [shown(name, answers=(answer,)) for name in names]
    results.append(shown("own-layer", answers=(Answer("bits", True),)))
    found = corrected(results, labels)
    assert [each.verdict for each in found] == ["undecided"] * 3 + ["agrees"]
    words = "Not decided after correction for 3 claims; alone: it helps"
    assert [each.headline for each in found] == [*[words] * 3, "bits"]
    for text in (page(found, labels), markdown(found, labels)):
        assert text.count(words) == text.count("it helps") > 3
    sure = shown("epochs", answers=(answer._replace(p_value=0.001),))
    assert corrected([*results, sure], labels)[-1].verdict == "agrees"


def test_orders_hold_every_exhibit_once():
    """Both orders have each exhibit once."""
    assert {tuple(sorted(order)) for order in ORDERS.values()} == {tuple(sorted(EXHIBITS))}
