"""Notebooks: animations show themselves whole in real kernels and browsers, and training shows a curve that is true."""

import base64
import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from functools import partial
from html import unescape
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from conftest import need, need_program
from decoding import decode
from PIL import Image

import dropviz
from dropviz.errors import OutputError, UsageError
from dropviz.notebook import live_curve as notebook
from dropviz.rendering import display
from dropviz.rendering.animation import Animation
from dropviz.training import SnapshotEvent

ROOT = Path(__file__).parents[1]
HOSTILE = "\"><script>alert('1')</script>&amp;\\ \x00 \u202eمرحبا 🐉 中文"  # noqa: RUF001  # Arabic is meant
# Headless, as root, and without a word to anyone.
CHROMIUM = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--virtual-time-budget=4000", "--dump-dom"),
)
# Says of each picture whether it was decoded, and of each frame and video what it knows of itself.
PROBE = """<pre id=probe></pre><script>
addEventListener('message', event => window.heard = event.data);
addEventListener('load', () => setTimeout(() => {
  const seen = [];
  for (const image of document.images) seen.push(['img', image.complete && image.naturalWidth, image.alt]);
  for (const video of document.querySelectorAll('video')) seen.push(['video', video.videoWidth, video.ariaLabel]);
  for (const frame of document.querySelectorAll('iframe')) seen.push(['iframe', window.heard || 0, frame.title]);
  document.getElementById('probe').textContent = JSON.stringify(seen);
}, 800));
</script>"""


def browse(html, folder):
    """What Chromium makes of a page: [tag, width, words] of each picture, video and frame."""
    chromium = need_program("chromium")
    page = folder / "page.html"
    page.write_text(html + PROBE, encoding="utf-8", errors="replace")
    command = [chromium, *CHROMIUM, f"--user-data-dir={folder / 'profile'}", page.as_uri()]
    dom = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    found = re.search(r'<pre id="probe">(.*?)</pre>', dom, re.DOTALL)
    assert found, dom[-2000:]
    return json.loads(unescape(found[1]))


class Attributes(HTMLParser):
    """The attributes of every tag, as an HTML parser sees them."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        """Keep a tag."""
        self.found.append({"tag": tag, **dict(attrs)})


def tags(html):
    """The tags of some HTML, with their attributes."""
    parser = Attributes()
    parser.feed(html)
    return parser.found


def data_of(uri):
    """The bytes of a data URI."""
    return base64.b64decode(uri.partition(";base64,")[2], validate=True)


@pytest.fixture(scope="module")
def animation(recordings, tmp_path_factory):
    """A small animation."""
    out = tmp_path_factory.mktemp("animation") / "a.gif"
    return dropviz.animate(recordings, compare=True, out=out, size=(480, 270), frames=6)


def parse(svg):
    """The root of an SVG that we wrote; the parser fails where it is not well-formed."""
    return ET.fromstring(svg)  # noqa: S314  # our own


def notebook_html(animation):
    """What a notebook shows."""
    return animation._repr_mimebundle_(include=None, exclude=None)["text/html"]


def test_animation_carries_its_file(animation):
    """The HTML holds the file byte by byte, its alt text, and a still for those who asked for less motion."""
    source, image = [each for each in tags(notebook_html(animation)) if each["tag"] in ("source", "img")]
    assert data_of(image["src"]) == animation.path.read_bytes()
    assert image["alt"] == animation.alt
    assert source["media"] == "(prefers-reduced-motion: reduce)"
    assert Image.open(io.BytesIO(data_of(source["srcset"]))).size == (480, 270)
    assert repr(animation) == animation._repr_mimebundle_()["text/plain"]
    assert "_source" not in repr(animation)


def test_save_draws_the_same_elsewhere(animation, tmp_path):
    """Another place gets the same bytes, also when the first file is gone; an unknown format is refused."""
    moved = dropviz.Animation(tmp_path / "gone.gif", 1, 1, 1, "", _source=animation._source)
    again = moved.save(tmp_path / "deep" / "b.gif")
    assert again.path.read_bytes() == animation.path.read_bytes()
    assert again == replace(animation, path=again.path)
    assert notebook_html(again) == notebook_html(animation)
    with pytest.raises(UsageError, match=r"cannot write '.*b\.tiff'"):
        animation.save(tmp_path / "b.tiff")
    assert not (tmp_path / "b.tiff").exists()


def test_still_is_the_last_frame(animation, tmp_path):
    """A PNG beside the animation, or where one says, that looks as the GIF ends."""
    beside = animation.still()
    assert beside == animation.path.with_name("a-still.png")
    with Image.open(animation.still(tmp_path / "s.png")) as image:
        shown = np.asarray(image.convert("RGB")).astype(int)
    assert np.abs(shown - decode(animation.path)[-1]).max() == 0


def test_animation_of_unknown_making_says_so(tmp_path):
    """One that was put together by hand is shown, and cannot be drawn again."""
    path = tmp_path / "a.gif"
    Image.new("RGB", (20, 20)).save(path)
    by_hand = Animation(path, 1, 1.0, path.stat().st_size, "a black square")
    assert [each["alt"] for each in tags(notebook_html(by_hand))] == ["a black square"]
    for again in (by_hand.still, partial(by_hand.save, tmp_path / "b.gif")):
        with pytest.raises(OutputError, match="draw it again with animate"):
            again()


def test_large_file_is_shown_as_its_last_frame(animation, tmp_path):
    """Above the limit the still is shown, and a line says where the animation is and how to make it smaller."""
    large = tmp_path / "large.gif"
    large.write_bytes(animation.path.read_bytes().ljust(display.MAX_BYTES + 1, b"\0"))
    html = notebook_html(replace(animation, path=large, bytes=large.stat().st_size))
    assert len(html) < 200_000
    (image,) = [each for each in tags(html) if each["tag"] == "img"]
    assert image["src"].startswith("data:image/png")
    assert str(large) in html
    assert "2.0 MB, more than the 2 MB that a notebook displays" in html
    assert "frames=60" in html
    # What is under the limit passes Jupyter's 3 seconds at 1 MB a second, also written in base64.
    assert display.MAX_BYTES * 4 / 3 < 3_000_000


def test_file_that_changed_is_not_passed_off(animation, tmp_path):
    """Another file in its place, or none: the still of what was drawn, and a line that says what happened."""
    elsewhere = tmp_path / "a.gif"
    moved = replace(animation, path=elsewhere)
    assert "no longer exists; .save(" in notebook_html(moved)
    elsewhere.write_bytes(b"GIF89a of another kind")
    html = notebook_html(moved)
    assert "was changed since" in html
    assert [each["alt"] for each in tags(html) if each["tag"] == "img"] == [animation.alt]
    numbered = replace(animation, path=tmp_path / "f-%d.png")
    assert f"the animation is the {animation.frames} files" in notebook_html(numbered)


def test_hostile_words_stay_words(recordings, tmp_path):
    """Alt text, captions and file names with quotes, brackets, NUL, emoji and right-to-left text make no tags."""
    path = tmp_path / "a'\"<b>&.gif"
    made = dropviz.animate(recordings[0], out=path, size=(240, 180), frames=2)
    for hostile in (replace(made, alt=HOSTILE), replace(made, alt=HOSTILE, bytes=1)):
        html = notebook_html(hostile)
        found = tags(html)
        assert {each["tag"] for each in found} <= {"picture", "source", "img", "figure", "figcaption"}
        assert [each["alt"] for each in found if each["tag"] == "img"] == [HOSTILE.replace("\x00", "\ufffd")]
        assert "\x00" not in html


def showing(suffix, data, alt="alt of " + HOSTILE, loop=0):
    """A file as a notebook shows it."""
    return display.notebook_html(display.NotebookFile(f"a{suffix}", suffix, data, b"", alt, (64, 48), loop))


@pytest.fixture(scope="module")
def files(animation, tmp_path_factory):
    """The frames of the animation in every format that a notebook may be asked to show, made by other programs."""
    folder, frames = tmp_path_factory.mktemp("files"), [Image.fromarray(each) for each in decode(animation.path)]
    for suffix in (".gif", ".webp", ".png"):
        frames[0].save(folder / f"a{suffix}", save_all=True, append_images=frames[1:], duration=200, loop=0)
    ffmpeg = need_program("ffmpeg")
    for suffix, codec in ((".mp4", ("libx264", "-pix_fmt", "yuv420p")), (".webm", ("libvpx-vp9",))):
        command = [ffmpeg, "-v", "error", "-i", folder / "a.gif", "-vf", "scale=480:270", "-c:v", *codec]
        subprocess.run([*command, folder / f"a{suffix}"], check=True)
    (folder / "a.svg").write_text(
        "<svg xmlns='http://www.w3.org/2000/svg' width='64' height='48'><circle r='9'><animate attributeName='r' "
        "values='9;40' dur='1s' repeatCount='indefinite'/></circle></svg>"
    )
    (folder / "a.html").write_text(
        "<!doctype html><p title='\"quoted\" & more'>hello</p><script>\n"
        "let reach; try { reach = parent.document.title } catch { reach = 'nothing' }\n"
        "parent.postMessage(document.querySelector('p').title + ' reaches ' + reach, '*')</script>"
    )
    return {path.suffix: path.read_bytes() for path in folder.iterdir()}


def test_every_format_is_decoded_by_a_browser(files, tmp_path):
    """Pictures and videos have their width, a page runs but reaches nothing outside, and all have their words."""
    pages = "".join(
        showing(suffix, files[suffix]) for suffix in (".gif", ".webp", ".png", ".svg", ".mp4", ".webm", ".html")
    )
    seen = browse(pages, tmp_path)
    words = "alt of " + HOSTILE.replace("\x00", "\ufffd")
    assert [(tag, width) for tag, width, _ in seen] == [
        *[("img", 480)] * 3,
        ("img", 64),
        *[("video", 480)] * 2,
        ("iframe", '"quoted" & more reaches nothing'),
    ]
    assert [alt for _, _, alt in seen] == [words] * 7


def test_videos_play_as_often_as_asked(files):
    """By itself, silent, within the page, with a button to stop it; again and again unless one play was asked for."""
    (video,) = tags(showing(".mp4", files[".mp4"]))
    assert {"autoplay", "muted", "playsinline", "controls", "loop"} <= set(video)
    (once,) = tags(showing(".mp4", files[".mp4"], loop=1))
    assert "loop" not in once
    assert "a notebook does not display .pdf files: it is in a.pdf" in showing(".pdf", b"x").lower()


def test_marimo_shows_it_too(animation):
    """marimo's own formatter makes of an animation the same HTML."""
    try:
        from marimo._output.formatting import try_format
    except ImportError:
        need(None, "marimo")
    shown = try_format(animation)
    assert (shown.mimetype, shown.data, shown.exception) == ("text/html", notebook_html(animation), None)


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """The notebook of the examples, run by a real kernel, with a cell at its end that trains unseen."""
    try:
        import ipykernel  # noqa: F401
        import nbformat
        from nbclient import NotebookClient
    except ImportError as error:
        need(None, error.name)
    folder = tmp_path_factory.mktemp("notebook")
    book = nbformat.read(ROOT / "examples/dropout.ipynb", as_version=4)
    book.cells.append(nbformat.v4.new_code_cell("len(dropviz.train(experiment, seeds=1, jobs=1, progress=False))"))
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(book, timeout=120, resources=resources, kernel_name="python3").execute()
    return book, folder


def outputs(book, number):
    """The outputs of the code cell of that number, from 0."""
    return [cell for cell in book.cells if cell.cell_type == "code"][number].outputs


def test_notebook_runs_and_shows_what_it_draws(executed):
    """Each animation is the only output of its cell, and holds the file that was written."""
    book, folder = executed
    for number, name in ((2, "accuracy"), (3, "network"), (4, "loss")):
        (shown,) = outputs(book, number)
        uris = re.findall(r'src="(data:image/gif[^"]+)', shown.data["text/html"])
        assert [data_of(uri) for uri in uris] == [(folder / f"out/{name}.gif").read_bytes()]
        assert shown.data["text/plain"].startswith("Animation(path=")
    assert (folder / "out/copy.gif").read_bytes() == (folder / "out/accuracy.gif").read_bytes()
    assert (folder / "out/accuracy-still.png").exists()


def test_training_in_a_kernel_shows_one_curve(executed):
    """One output that was updated to the end of the last run; with progress=False, none but the value of the cell."""
    book, _folder = executed
    (curve,) = outputs(book, 1)
    assert curve.output_type == "display_data"
    assert re.match(r"dropout 0\.5, seed 2: iteration 120 of 120, test \d+\.\d%, train", curve.data["text/plain"])
    root = parse(data_of(re.search(r'src="([^"]+)', curve.data["text/html"])[1]))
    assert len(root.findall(".//{*}polyline")) == 2 * 2 * 2
    assert [each.data["text/plain"] for each in outputs(book, -1)] == ["2"]


def test_exported_notebook_is_whole_in_a_browser(executed, tmp_path):
    """As HTML, in Chromium, every picture of the notebook is decoded and has words."""
    try:
        from nbconvert import HTMLExporter
    except ImportError:
        need(None, "nbconvert")
    html, _ = HTMLExporter(template_name="basic").from_notebook_node(executed[0])
    seen = browse(html, tmp_path)
    assert [(tag, width) for tag, width, _ in seen] == [("img", width) for width in (720, 960, 960, 800)]
    assert all(alt for _, _, alt in seen)


def test_notebook_is_kept_without_outputs():
    """The file in the repository holds no results: they are made anew by whoever runs it."""
    book = json.loads((ROOT / "examples/dropout.ipynb").read_text())
    assert len(book["cells"]) > 5
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in book["cells"])


def watched(tiny, **more):
    """Train the tiny experiment, and everything that its live curve showed."""
    shown = []
    curve = notebook.LiveCurve(shown.append, **more)
    runs = dropviz.train(tiny, device="cpu", progress=curve.update)
    curve.draw()
    return runs, shown, curve


def test_curve_is_made_of_the_recorded_figures(tiny):
    """Every snapshot is a point of a line, level with the recorded accuracy; solid test, dashed train."""
    runs, shown, _ = watched(tiny)
    root = parse(data_of(tags(shown[-1]["text/html"])[0]["src"]))
    lines = root.findall(".//{*}polyline")
    metric = [run.snapshots[name] for run in runs for name in ("train_accuracy", "test_accuracy")]
    for line, values, run in zip(lines, metric, np.repeat(runs, 2), strict=True):
        points = np.array([pair.split(",") for pair in line.get("points").split()], float)
        heights = np.interp(values, [0, 1], [360 - 44, 62])
        assert np.abs(points[:, 1] - heights).max() <= 0.051
        assert np.allclose(np.diff(points[:, 0]) / (720 - 56 - 16), np.diff(run.snapshots["iteration"]) / 20, atol=2e-4)
    assert [bool(line.get("stroke-dasharray")) for line in lines] == [True, False] * 4
    last = runs[-1]
    accuracy = 100 * last.snapshots["test_accuracy"][-1]
    assert shown[-1]["text/plain"].startswith(f"dropout, seed 2: iteration 20 of 20, test {accuracy:.1f}%")


def test_curve_is_drawn_twice_a_second_at_most(tiny):
    """Snapshots that come faster wait for the next picture; the last picture holds all of them."""
    now = iter(np.arange(0, 1_000, 0.05))
    times = []

    def clock():
        times.append(next(now))
        return times[-1]

    drawn = []
    curve = notebook.LiveCurve(lambda _bundle: drawn.append(times[-1]), clock)
    dropviz.train(tiny, device="cpu", progress=curve.update)
    assert len(drawn) >= 2
    assert np.diff(drawn).min() >= 0.5
    assert len(drawn) < sum(map(len, curve.runs.values())) / 4


def test_curve_of_hostile_names_is_well_formed(tiny):
    """Arm names are text and nothing else; a run of one snapshot is seen; long lines are thinned, their end kept."""
    arm = replace(tiny.arms[1], name="<b>'\"&🐉مرحبا" * 3)
    first = SnapshotEvent(arm, 1, 1, 5_000, {"train_accuracy": 0.1, "test_accuracy": 0.2})
    picture = notebook.svg({(arm, 1): [first]}, first)
    root = parse(picture)
    assert arm.name in "".join(root.itertext())
    assert len(root.findall(".//{*}circle")) == 2
    long = [replace(first, iteration=number) for number in range(1, 5_001)]
    points = parse(notebook.svg({(arm, 1): long}, long[-1])).find(".//{*}polyline").get("points").split()
    assert len(points) == notebook.MAX_POINTS
    assert points[-1].startswith("704.0,")


def test_outside_of_a_notebook_nothing_is_shown():
    """A script needs no IPython for it; and IPython in a terminal shows no pictures."""
    code = (
        "import sys\n"
        "from dropviz.notebook import live_curve as notebook\n"
        "assert notebook.notebook_display() is None and 'IPython' not in sys.modules\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "InteractiveShell.instance()\n"
        "assert notebook.notebook_display() is None and sys.modules['IPython'].get_ipython()\n"
    )
    need(find_spec("IPython"), "IPython")
    subprocess.run([sys.executable, "-c", code], check=True)
