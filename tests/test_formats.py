"""Every format, judged by decoders other than the writer."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import CORE, need, need_program
from films import ask, watch, webp_facts
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import dropviz
from dropviz._util.files import replace_numbered
from dropviz.analysis.comparison import gather
from dropviz.charts import find_chart
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.network_units import fills_of
from dropviz.charts.base.timeline import POSTER, Pace, without_fade
from dropviz.drawing.raster import Frame, default_style
from dropviz.encoders import ENCODERS, find_format
from dropviz.encoders.formats import ChartFormat
from dropviz.encoders.job import Job
from dropviz.encoders.palette import Palette
from dropviz.encoders.video import need_ffmpeg
from dropviz.errors import DependencyError, OutputError, UsageError
from dropviz.style.labels import Labels
from dropviz.style.theme import find_theme, rgb

SIZE = (641, 361)  # odd, and just above half of the layout
FRAMES = 5  # besides the poster
VIDEOS = (".mp4", ".webm")
DECODED = [key for key, entry in ENCODERS.items() if not isinstance(entry, ChartFormat)]  # a browser judges the others
COLORS = [(0, 0, 0), (255, 255, 255), (200, 30, 30), (30, 30, 200)]
NASTY = '"it\'s" <b>&amp; \\ 100% 🧪 ש\u202e=;#\n\0\x1b[31m \ud800 end'


def path_of(key, folder):
    """A path of the format that the table calls `key`."""
    return folder / ("f-" + key if key.startswith("%") else "a" + key)


@pytest.fixture(scope="module")
def films(recordings, tmp_path_factory):
    """Draw a chart of the tiny experiment in a format, once for all tests."""
    kept = {}

    def film(key, chart):
        if (key, chart) not in kept:
            need("imageio_ffmpeg" not in ENCODERS[key].package or __import__("imageio_ffmpeg"), "imageio-ffmpeg")
            path = path_of(key, tmp_path_factory.mktemp("film"))
            count = FRAMES + has_poster(key)
            kept[key, chart] = dropviz.animate(
                recordings, chart, compare=True, out=path, size=SIZE, frames=count, hold=1.5, loop=3
            )
        return kept[key, chart]

    return film


def chart_of(name, recordings, key=".gif"):
    """The chart as it is drawn, to ask where things are; for PDF, in points."""
    canvas = Canvas(SIZE, find_theme("light"), Labels("en"))
    canvas = canvas.unscaled() if key == "%d.pdf" else canvas
    with default_style():
        return find_chart(name)(gather(recordings), canvas, FRAMES, Pace(1.5, fades=has_poster(key)))


def has_poster(key):
    """Whether the last frame is also the first one: not of numbered frames, whose program loops at one rate."""
    return not ENCODERS[key].is_numbered


def played(film, key):
    """The pictures of a film after its poster; a video ends on a copy."""
    return film.pictures[has_poster(key) :]


def pixel(picture, place, canvas):
    """The colour of a picture at a place on a canvas, from its lower left; a picture of a PDF is larger than it."""
    height = canvas.size[1]
    scale = 1.0 if canvas.size == SIZE else len(picture) / height
    return picture[int(scale * (height - place[1])), int(scale * place[0])].astype(int)


def is_like(seen, color, tolerance=40):
    """Whether a colour is this one, as far as a video keeps it."""
    return np.abs(seen - rgb(color)).max() <= tolerance


@pytest.mark.parametrize("chart", CORE)
@pytest.mark.parametrize("key", DECODED)
def test_size_and_number_of_frames(films, key, chart):
    """All frames are there, of the size asked for; a video has even sides, and its last picture twice."""
    made, is_video, count = films(key, chart), key in VIDEOS, FRAMES + has_poster(key)
    film = watch(made.path)
    even = (SIZE[1] + is_video, SIZE[0] + is_video)
    assert made.frames == count
    assert len(film.pictures) == count + is_video
    sides = {picture.shape[:2] for picture in film.pictures}
    assert sides == {even} or (key == "%d.pdf" and np.ptp([2 * np.array(even), *sides], axis=0).max() <= 4)


@pytest.mark.parametrize("chart", CORE)
@pytest.mark.parametrize("key", [key for key in DECODED if has_poster(key)])
def test_first_picture_is_the_last_one(films, key, chart):
    """A preview, which is the first picture, shows the finished one."""
    pictures = watch(films(key, chart).path).pictures
    change = np.abs(pictures[0].astype(int) - pictures[-1])
    # A line that has grown piece by piece has smooth joints; a video keeps colours about.
    assert change.mean() < (1 if key in VIDEOS else 0.05)
    assert np.abs(pictures[1].astype(int) - pictures[-1]).mean() > 1


@pytest.mark.parametrize("chart", CORE)
@pytest.mark.parametrize("key", DECODED)
def test_times_are_those_of_the_timeline(films, recordings, key, chart):
    """Each frame begins when the timeline says, after the poster, and the whole ends with the hold.

    Numbered frames have one rate, and neither poster nor hold, nor fades, which would last as long as a mask.
    """
    made, timeline = films(key, chart), chart_of(chart, recordings, key).timeline
    if ENCODERS[key].is_numbered:
        assert made.seconds == pytest.approx(timeline.seconds - 1.5)
        return
    film = watch(made.path)
    expected = np.cumsum([0, POSTER, *timeline.durations])
    assert film.starts[: FRAMES + 1] == pytest.approx(list(expected[:-1]), abs=0.06)
    assert film.end == pytest.approx(expected[-1], abs=0.06)
    assert made.seconds == pytest.approx(timeline.seconds + POSTER / 100)


@pytest.mark.parametrize(
    ("key", "chart", "asked"),
    [(".gif", "network", {}), (".mp4", "accuracy", {}), (".png", "network", {"hold": 4.5}), ("%d.png", "network", {})],
)
def test_seconds_are_those_asked_for(recordings, tmp_path, key, chart, asked):
    """The file plays for `seconds`, poster and hold included; the hold is shorter then, unless it is given."""
    path = path_of(key, tmp_path)
    made = dropviz.animate(recordings, chart, compare=True, out=path, size=(320, 180), seconds=6, **asked)
    assert made.seconds == 6
    if key == "%d.png":
        assert made.frames <= 6 / 0.5
        return
    film = watch(path)
    assert film.end == pytest.approx(600, abs=1)
    assert film.end - film.starts[made.frames - 1] == pytest.approx(100 * asked.get("hold", 2.4), abs=50)


@pytest.mark.parametrize("key", DECODED)
def test_bytes_are_those_on_disk(films, key):
    """The size that is said is that of the file, or of all numbered ones."""
    made = films(key, "network")
    files = list(made.path.parent.glob(f"*{made.path.suffix}"))
    files = [file for file in files if not file.name.endswith(".pdf.png")]
    assert made.bytes == sum(file.stat().st_size for file in files)
    assert len(files) == (FRAMES if ENCODERS[key].is_numbered else 1)


@pytest.mark.parametrize("key", DECODED)
def test_dropped_units_are_crossed_in_every_frame(films, recordings, key):
    """In each decoded frame the shown units are filled as recorded where the mask keeps them, and crossed elsewhere."""
    film, chart = watch(films(key, "network").path), chart_of("network", recordings, key)
    panel, seen, fills = chart.panels[-1], [], fills_of(find_theme("light"))
    pictures = played(film, key)
    assert len(chart.timeline) == FRAMES
    for picture, index in zip(pictures, chart.timeline.indices, strict=key not in VIDEOS):
        row, last = without_fade(index), len(panel.positions) - 1
        for layer, places in enumerate(panel.positions):
            levels = panel.units.levels[layer][row] * (index >= 0 or layer < last)  # outputs are awaited
            for place, level, kept in zip(places, levels, panel.mask(layer, row), strict=True):
                color = fills[level] if kept else find_theme("light").muted
                assert is_like(pixel(picture, place, chart.canvas), color), (index, layer)
                seen.append(bool(kept))
    assert {True, False} == set(seen)


@pytest.mark.parametrize("key", DECODED)
def test_lines_end_where_the_recording_says(films, recordings, key):
    """In each decoded frame the head of each test line has the colour of its arm, unless the other covers it."""
    film, chart = watch(films(key, "accuracy").path), chart_of("accuracy", recordings, key)
    probed = 0
    for number, (index, _) in enumerate(chart.timeline):
        chart.show(index)
        heads = [(curve.head.centres, curve.color) for curve in chart.curves]
        for centres, color in (heads[0], heads[2]):
            others = [place for more, other in heads if other != color for place in more]
            if len(centres) and all(np.hypot(*(place - centres[0])) > 6 for place in others):
                assert is_like(pixel(played(film, key)[number], centres[0], chart.canvas), color), number
                probed += 1
    assert probed >= 4


@pytest.mark.parametrize("key", DECODED)
def test_one_frame(recordings, tmp_path, key):
    """An animation of a single frame is one."""
    made = dropviz.animate(recordings, "network", compare=True, out=path_of(key, tmp_path), size=(200, 160), frames=1)
    assert made.frames == 1
    assert len(watch(made.path).pictures) == (2 if key in VIDEOS else 1)


@pytest.mark.parametrize(("loop", "said"), [(0, 0), (1, 1), (3, 3)])
def test_loop_counts_plays(noisy, tmp_path, loop, said):
    """PNG and WebP count plays, 0 for ever."""
    for name in ("a.png", "a.webp"):
        dropviz.animate(noisy, "network", out=tmp_path / name, size=(200, 160), frames=2, loop=loop)
    with Image.open(tmp_path / "a.png") as image:
        assert image.info["loop"] == said
    assert f"Loop Count : {said}\n" in webp_facts(tmp_path / "a.webp")


def test_png_is_smaller_than_the_gif(films):
    """The same indices and patches are no larger in a PNG than in a GIF."""
    for chart in CORE:
        assert films(".png", chart).bytes < films(".gif", chart).bytes


def frames_of(pictures, durations):
    """Frames of RGBA pixels, drawn into one buffer as the rasteriser does: who keeps one, sees it change."""
    buffer = np.empty_like(pictures[0])
    for each, duration in zip(pictures, durations, strict=True):
        buffer[:] = each
        yield Frame(buffer, duration)


def write(key, path, pictures, durations=None, **words):
    """Write pictures, uint8 [height, width, 4], in the format `key`."""
    height, width = pictures[0].shape[:2]
    job = Job((width, height), Palette(COLORS), len(pictures), 0, **{"comment": "", "alt": ""} | words)
    with path.open("wb") as file:
        return ENCODERS[key].load()(file, frames_of(pictures, durations or [10] * len(pictures)), job)


@st.composite
def animations(draw):
    """A few small RGBA pictures, each changed from the last in a rectangle, or not at all; opaque, or not."""
    height, width = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    alphas = (255,) if draw(st.booleans()) else (0, 90, 255)
    inks = np.array([(*color, alpha) for color in COLORS for alpha in alphas], np.uint8)
    pictures = [inks[random.integers(0, len(inks), (height, width))]]
    pictures[0][0, 0, 3] = min(alphas)
    for _ in range(draw(st.integers(0, 5))):
        picture = pictures[-1].copy()
        top, left = draw(st.integers(0, height)), draw(st.integers(0, width))
        part = picture[top : draw(st.integers(top, height)), left : draw(st.integers(left, width))]
        part[:] = inks[random.integers(0, len(inks), part.shape[:2])]
        pictures.append(picture)
    return pictures, draw(st.lists(st.integers(2, 300), min_size=len(pictures), max_size=len(pictures)))


def merged(pictures, durations):
    """Pictures that a viewer can tell apart, with the time that each is seen."""
    seen = []
    for picture, duration in zip(pictures, durations, strict=True):
        if seen and np.array_equal(seen[-1][0], picture):
            seen[-1][1] += duration
        else:
            seen.append([picture, duration])
    return seen


@pytest.mark.parametrize("key", [".png", ".webp"])
@settings(max_examples=60, deadline=None)
@given(animations())
def test_decoded_pixels_are_those_that_went_in(tmp_path_factory, key, animation):
    """Any animation, opaque or not, decodes to the same pixels and times; what cannot be seen has no colour."""
    pictures, durations = animation
    path = tmp_path_factory.mktemp("film") / ("a" + key)
    written = write(key, path, pictures, durations)
    with Image.open(path) as image:
        shown = _read(image)
    expected = merged(pictures, durations)
    assert len(shown) == len(expected)
    for (seen, lasts), (picture, duration) in zip(shown, expected, strict=True):
        visible = picture[..., 3] > 0
        assert np.array_equal(seen[..., 3], picture[..., 3])
        assert np.array_equal(seen[visible], picture[visible])
        assert round(lasts) == 10 * duration or len(expected) == 1  # one picture has no time
    assert (written.frames, written.duration) == (len(pictures), sum(durations))
    assert written.bytes == path.stat().st_size


def _read(image):
    """Pixels and milliseconds of each frame, as Pillow reads them."""
    shown = []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        shown.append((np.asarray(image.convert("RGBA")).copy(), image.info.get("duration", 0)))
    return shown


def test_png_by_a_second_decoder(tmp_path):
    """ffmpeg composes the patches of a PNG to the same pictures."""
    random = np.random.default_rng(4)
    table = np.array([(*color, 255) for color in COLORS], np.uint8)
    pictures = [table[random.integers(0, 4, (60, 80))]]
    for _ in range(4):
        pictures.append(np.where(random.random((60, 80, 1)) < 0.1, table[1], pictures[-1]))
    write(".png", tmp_path / "a.png", pictures)
    shown = watch(tmp_path / "a.png").pictures
    assert len(shown) == 5
    assert all(np.array_equal(a, b[..., :3]) for a, b in zip(shown, pictures, strict=True))


def test_frame_longer_than_a_png_can_say(tmp_path):
    """A hold of twenty minutes is split over frames that look alike, and the total is exact."""
    still = np.full((3, 3, 4), 255, np.uint8)
    moved = still.copy()
    moved[1, 1, :3] = 0
    write(".png", tmp_path / "a.png", [still, moved], [120_000, 70_000])
    with Image.open(tmp_path / "a.png") as image:
        assert sum(time for _, time in _read(image)) == 1_900_000


@pytest.mark.parametrize("key", [key for key in DECODED if key != ".gif" and not ENCODERS[key].is_numbered])
def test_words_in_files(tmp_path, key):
    """Quotes, brackets, emoji and right-to-left letters come back; control characters and broken letters do not."""
    path = path_of(key, tmp_path)
    words = {"alt": "shows " + NASTY, "description": "all " + NASTY, "comment": "from " + NASTY}
    write(key, path, [np.full((20, 30, 4), 255, np.uint8)] * 2, **words)
    clean = NASTY.replace("\n", "").replace("\0", "").replace("\x1b", "").replace("\ud800", "")
    if key == ".webp":  # its words are XML, which has a sign for what it cannot hold
        clean = NASTY.replace("\0", "\ufffd").replace("\x1b", "\ufffd").replace("\ud800", "\ufffd")
    if key == ".png":
        with Image.open(path) as image:
            said = {name.lower(): words for name, words in image.text.items()}
    elif key == ".webp":
        with Image.open(path) as image:
            image.load()
            described = image.getxmp()["xmpmeta"]["RDF"]["Description"]
        names = {"title": "AltTextAccessibility", "description": "ExtDescrAccessibility"}
        said = {key: described[name]["Alt"]["li"]["text"] for key, name in names.items()}
        said["comment"] = described["source"]
    else:
        tags = ask(path, "-show_entries", "format_tags")["format"]["tags"]
        said = {name.lower(): words for name, words in tags.items()}
    assert said["title"] == "shows " + clean
    assert said["description"] == "all " + clean
    assert said["comment"] == "from " + clean


def test_a_still_webp_is_read_by_another_program(films, tmp_path):
    """dwebp, which knows nothing of Pillow, reads the first frame, and finds the background."""
    program, mux = need_program("dwebp"), need_program("webpmux")
    one, image = tmp_path / "one.webp", tmp_path / "one.png"
    subprocess.run([mux, "-get", "frame", "1", films(".webp", "network").path, "-o", one], check=True)
    subprocess.run([program, "-quiet", one, "-o", image], check=True)
    with Image.open(image) as shown:
        assert shown.size == SIZE
        assert shown.convert("RGB").getpixel((1, 1)) == (255, 255, 255)


@pytest.mark.parametrize("key", VIDEOS)
def test_video_is_what_players_expect(films, key):
    """Codec, pixels and colour tags are the common ones, and what a player needs to start stands first in an MP4."""
    made = films(key, "network")
    what = "stream=codec_name,pix_fmt,color_space,color_transfer,color_primaries,color_range"
    (stream,) = ask(made.path, "-show_entries", what)["streams"]
    assert stream["codec_name"] == {".mp4": "h264", ".webm": "vp9"}[key]
    assert (stream["pix_fmt"], stream["color_range"]) == ("yuv420p", "tv")
    assert {stream[f"color_{name}"] for name in ("space", "transfer", "primaries")} == {"bt709"}
    if key == ".mp4":
        data = made.path.read_bytes()
        assert 0 < data.index(b"moov") < data.index(b"mdat")
    border = watch(made.path).pictures[0][-1]
    assert border.min() >= 250  # the line added to an odd side is background


@pytest.mark.parametrize("key", VIDEOS)
def test_video_refuses_what_is_transparent(tmp_path, key):
    """A background that shows through cannot be kept in a video, and is not turned black without a word."""
    with pytest.raises(UsageError, match=r"no transparent background: choose another theme, or write \.webp or \.png"):
        write(key, tmp_path / "a", [np.zeros((20, 30, 4), np.uint8)])


@pytest.mark.parametrize("key", VIDEOS)
def test_same_recording_same_video(noisy, tmp_path, key):
    """Nothing of the time or the machine is in a video."""
    paths = [tmp_path / f"{name}{key}" for name in "ab"]
    for path in paths:
        dropviz.animate(noisy, "network", out=path, size=(200, 160), frames=2)
    assert paths[0].read_bytes() == paths[1].read_bytes()


TELLS = 'if [ "$1" = -version ]; then echo "ffmpeg version N-101500-g123"; else cat >/dev/null; {}; fi'
ENCODER = "[vost#0:0 @ 0x56] Unknown encoder 'libx264'\nError opening output files: Encoder not found"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("", "PROGRAM is no ffmpeg that runs (no version)"),
        ("echo avconv version 12.3", "PROGRAM is no ffmpeg that runs (no version)"),
        ("kill -SEGV $$", "PROGRAM is no ffmpeg that runs (Segmentation fault"),
        ("echo libx.so: no such file >&2; exit 127", "PROGRAM is no ffmpeg that runs (libx.so: no such file);"),
        ("sleep 60", "PROGRAM does not tell its version in 1 s"),
        ("echo ffmpeg version 4.4.2-0ubuntu1", "PROGRAM is ffmpeg 4.4.2-0ubuntu1: videos need 5.1 or later"),
    ],
)
def test_an_ffmpeg_that_cannot_be_used_is_named_first(tmp_path, monkeypatch, script, words):
    """A program that is no ffmpeg, is too old or hangs is one line, before anything is trained or drawn."""
    program = tmp_path / "ffmpeg"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(program))
    monkeypatch.setattr("dropviz.encoders.video.MAX_ANSWER", 1)
    with pytest.raises(DependencyError, match=re.escape(words.replace("PROGRAM", str(program)))):
        find_format(tmp_path / "a.mp4")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("exit 1", "PROGRAM cannot make the video: status 1;"),
        (f'printf "{ENCODER}" >&2; exit 8', "PROGRAM cannot make the video: Unknown encoder 'libx264';"),
        ("true", "PROGRAM has made no video"),
        ('for last; do true; done; : >"$last"', "PROGRAM has made no video"),
    ],
)
def test_ffmpeg_that_fails(noisy, tmp_path, monkeypatch, script, words):
    """An ffmpeg that fails, or makes nothing, is one line with the cause that it names first; the old file stays."""
    program = tmp_path / "ffmpeg"
    program.write_text(f"#!/bin/sh\n{TELLS.format(script)}\n")
    program.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(program))
    (tmp_path / "a.mp4").write_bytes(b"old")
    with pytest.raises(OutputError, match=re.escape(words.replace("PROGRAM", str(program)))):
        dropviz.animate(noisy, "network", out=tmp_path / "a.mp4", size=(200, 160), frames=2)
    assert (tmp_path / "a.mp4").read_bytes() == b"old"


def test_ffmpeg_that_is_not_there(tmp_path, monkeypatch):
    """A path of no program is one line."""
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", "/nowhere/ffmpeg")
    with pytest.raises(DependencyError, match="cannot run /nowhere/ffmpeg for videos"):
        find_format(tmp_path / "a.mp4")


def python(code, folder):
    """Run code in a process of its own; coverage would want to write its own file on a full disk."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=bare, cwd=folder)


@pytest.mark.parametrize("key", VIDEOS)
def test_missing_extra_is_named(tmp_path, key):
    """Without imageio-ffmpeg a video ends in one line, before anything is trained or made."""
    code = (
        "import sys; sys.modules['imageio_ffmpeg'] = None;"
        f"from dropviz.cli import main; main(['animate', '-o', 'out/a{key}'])"
    )
    result = python(code, tmp_path)
    line = f"dropviz: {key} needs a package that is not installed: pip install 'dropviz[video]'\n"
    assert (result.returncode, result.stdout, result.stderr) == (1, "", line)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("key", [".png", ".mp4", "%d.pdf"])
def test_full_disk_keeps_the_old_file(saved, tmp_path, key):
    """When the disk fills up half-way, the old file is still there, and no part of the new one."""
    path = path_of(key, tmp_path)
    old = Path(str(path).replace("%d", "0"))
    old.write_bytes(b"old")
    code = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048));"
        f"from dropviz.cli import main; main(['animate', {str(saved / 'dropout-1.npz')!r}, '-o', {str(path)!r}])"
    )
    result = python(code, tmp_path)
    assert result.returncode == 1
    words = f"cannot write {path}: File too large"
    # ffmpeg has a temporary file of its own, and does not survive the signal.
    words = f"{need_ffmpeg()} cannot make the video: File size limit exceeded" if key == ".mp4" else words
    assert result.stderr.startswith(f"dropviz: {words}")
    assert result.stderr.count("\n") == 1
    assert old.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [old]


@pytest.mark.parametrize("key", DECODED)
def test_interrupted_drawing_keeps_the_old_file(noisy, tmp_path, key):
    """When drawing stops half-way, the old file, or all the old numbered ones, are still there, and nothing else."""
    path = path_of(key, tmp_path)
    olds = {Path(str(path).replace("%d", str(number))) for number in range(5)}
    for old in olds:
        old.write_bytes(b"old")

    def stop(_done, _total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dropviz.animate(noisy, "network", out=path, size=(200, 160), frames=3, callback=stop)
    assert set(tmp_path.iterdir()) == olds
    assert {old.read_bytes() for old in olds} == {b"old"}


# numbered frames


def test_stale_frames_go_and_other_files_stay(noisy, tmp_path):
    """Of older frames of the same pattern those with higher numbers are removed; nothing else in the folder is."""
    others = {"f-03.png", "f-3.pdf", "f-.png", "f-3.png.txt", "g-7.png", "xf-3.png", "f--3.png", "f-٣.png"}
    for name in {"f-0.png", "f-1.png", "f-2.png", "f-3.png", "f-117.png", *others}:
        (tmp_path / name).write_bytes(b"old")
    dropviz.animate(noisy, "network", out=tmp_path / "f-%d.png", size=(200, 160), frames=2)
    assert {path.name for path in tmp_path.iterdir()} == {"f-0.png", "f-1.png", *others}
    assert all((tmp_path / name).read_bytes() == b"old" for name in others)
    assert b"old" not in {(tmp_path / f"f-{number}.png").read_bytes() for number in (0, 1)}


def test_numbers_can_be_padded(noisy, tmp_path):
    """%03d counts 000, 001, …; the files are as readable as any other."""
    (tmp_path / "012-of-%.png").write_bytes(b"old")
    (tmp_path / "12-of-%.png").write_bytes(b"mine")
    dropviz.animate(noisy, "network", out=tmp_path / "%03d-of-%.png", size=(200, 160), frames=2)
    names = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert names == dict.fromkeys(["000-of-%.png", "001-of-%.png", "12-of-%.png"], 0o666 & ~umask())


def umask():
    """The umask of this process, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_frame_that_cannot_be_moved(tmp_path):
    """A folder that has the name of a frame is named in one line."""
    (tmp_path / "f-0.png" / "full").mkdir(parents=True)
    with (
        pytest.raises(OutputError, match=r"cannot write .*f-%d\.png: .*directory"),
        replace_numbered(tmp_path / "f-%d.png") as place,
    ):
        place(0).write_bytes(b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["f-0.png"]


@pytest.mark.parametrize("name", ["a.pdf", "f-%d.gif", "%d", "a.jpg"])
def test_unknown_formats(noisy, tmp_path, name):
    """What no encoder writes is refused with the list of what there is."""
    with pytest.raises(UsageError, match=r"must be one of '\.gif', .*, '%d\.pdf'"):
        dropviz.animate(noisy, "network", out=tmp_path / name)


def test_pdf_holds_text_and_no_pictures_of_it(films, recordings):
    """The words of each moment are text in the PDF; the only pictures are the inputs; fonts are embedded."""
    made, chart = films("%d.pdf", "network"), chart_of("network", recordings, "%d.pdf")
    for number, (index, _) in enumerate(chart.timeline):
        file = str(made.path).replace("%d", str(number))
        words = subprocess.run(
            [need_program("pdftotext"), file, "-"], capture_output=True, text=True, check=True
        ).stdout
        row = without_fade(index)
        image = chart.runs[-1].examples.index[row, 0]
        moment = f"iteration {chart.recorded_iterations[row]} · training image {image}\n"
        answer = f"{chart.answered[0].headline}\n{chart.answered[0].evidence}\n"
        is_last = number == FRAMES - 1
        assert (answer in words, moment in words) == (is_last, not is_last)
        for rates in (run.drop_rate for run in recordings if run.arm == "dropout" and run.seed == 1):
            for rate in rates.values():
                assert f"{100 * rate[row]:.0f}%" in words
    images = subprocess.run([need_program("pdfimages"), "-list", file], capture_output=True, text=True, check=True)
    sides = {tuple(row.split()[3:5]) for row in images.stdout.splitlines()[2:]}
    assert sides == {(str(panel.side), str(panel.side)) for panel in chart.panels}
    info = subprocess.run([need_program("pdfinfo"), file], capture_output=True, text=True, check=True).stdout
    assert re.search(r"Page size: +959(\.\d+)? x 540", info)
    assert "CreationDate" not in info
    assert "chart network" in info


def test_pdfs_play_in_latex(films, tmp_path):
    r"""\animategraphics takes the frames as they are, with the rate that the command prints."""
    made = films("%d.pdf", "network")
    rate = made.frames / made.seconds
    base = str(made.path).removesuffix("%d.pdf")
    (tmp_path / "a.tex").write_text(
        r"\documentclass{article}\usepackage{animate,graphicx}\begin{document}"
        rf"\animategraphics[width=\linewidth]{{{rate:g}}}{{{base}}}{{0}}{{{made.frames - 1}}}\end{{document}}"
    )
    command = [need_program("pdflatex"), "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    log = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert log.returncode == 0, log.stdout[-2000:]
    fonts = subprocess.run([need_program("pdffonts"), tmp_path / "a.pdf"], capture_output=True, text=True, check=True)
    assert "SourceSansPro" in fonts.stdout


def test_command_says_the_rate(run, saved, tmp_path):
    """Numbered frames: stdout is the pattern, and the note says the last number and the rate to show them at."""
    result = run(
        "animate", "network", saved / "dropout-1.npz", "-o", "n/f-%d.png", "--frames", "5", "--size", "200x160"
    )
    assert (result.returncode, result.stdout) == (0, "n/f-%d.png\n"), result.stderr
    assert result.stderr.endswith("; counted from 0 to 4, to be shown at 2 a second\n")
    assert len(list((tmp_path / "n").iterdir())) == 5
