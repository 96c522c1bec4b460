"""Decks, as other programs read them: LibreOffice, python-pptx, Chromium, pdflatex, pandoc, a YAML parser."""

import subprocess
import sys
import zipfile
from contextlib import suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from conftest import need, need_chinese_font, need_program
from PIL import Image

from dropviz._util import files
from dropviz._util.text import isolate, replace_unsafe
from dropviz.analysis.comparison import gather
from dropviz.encoders import ENCODERS
from dropviz.errors import DependencyError, OutputError, RecordingError, UsageError
from dropviz.publish.decks import DECKS
from dropviz.publish.decks.deck import SIZES, make_deck
from dropviz.publish.decks.text_size import fit, lines_of
from dropviz.publish.decks.writer import DeckOptions, find_writer, write_deck
from dropviz.rendering.options import RenderOptions
from dropviz.style.labels import Labels
from dropviz.style.theme import find_theme, rgb

BAD = '<b>"q"</b> \\b%#$_{}^~&\0\x1b é 😀 模型 אב {{< include x >}} `x` *y* | z'
# A picture says so when no font on this machine has a letter; that is not what these tests are about.
odd_letters = pytest.mark.filterwarnings("ignore:Glyph")
BAD_TITLE = '</script><script>alert("1")</script> \\input{/etc/passwd} ::: $x$ --- {{< video x >}}'


def make(recordings, path, title=None, ratio="16:9", deck_options=None, **options):
    """Write a quick deck; the deck, and the paths written."""
    chosen = RenderOptions(frames=options.pop("frames", 3), hold=0, **options)
    writer = find_writer(path, deck_options or DeckOptions(), chosen)
    deck = make_deck(gather(recordings), chosen, ratio, title)
    return deck, write_deck(deck, path, writer), writer


def renamed(recordings):
    """The same runs under names that mean something to every format."""
    names = {"no dropout": BAD_TITLE[:60], "dropout": BAD}
    return [replace(each, arm=names[each.arm], experiment=None) for each in recordings]


def need_letters(lang):
    """Skip where no font has the letters of a language."""
    with suppress(UsageError):
        RenderOptions(lang=lang).labels.find_fonts()
        return
    need(None, f"a font for {lang}")


def read_pptx(path):
    """The deck as python-pptx reads it."""
    need(find_spec("pptx"), "python-pptx")
    import pptx

    return pptx.Presentation(str(path))


def by_kind(slide, kind):
    """Shapes of a slide, by what python-pptx says they are."""
    return [shape for shape in slide.shapes if kind in str(shape.shape_type)]


def pages_of_pdf(path, folder, dpi=50):
    """Each page as an RGB array, by poppler."""
    subprocess.run([need_program("pdftoppm"), "-r", str(dpi), "-png", path, folder / "page"], check=True)
    return [np.asarray(Image.open(page).convert("RGB")).astype(int) for page in sorted(folder.glob("page*.png"))]


def holds(pixels, color, least=20):
    """Whether at least so many pixels are about of a colour."""
    return (np.abs(pixels - rgb(color)).max(axis=-1) < 40).sum() >= least


@pytest.mark.parametrize(("ratio", "theme", "lang"), [("16:9", "light", "en"), ("4:3", "dark", "zh")])
def test_pptx_reads_back(recordings, tmp_path, ratio, theme, lang):
    """Slides, sizes, alternative texts, notes and the figures of the table are what the recordings say."""
    need_letters(lang)
    deck, made, _ = make(recordings, tmp_path / "a.pptx", ratio=ratio, theme=theme, lang=lang)
    assert made == [tmp_path / "a.pptx"]
    with zipfile.ZipFile(made[0]) as file:  # without times, equal decks are equal files
        assert {part.date_time for part in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"<dcterms:" not in file.read("docProps/core.xml")
    show = read_pptx(made[0])
    across, down = map(int, ratio.split(":"))
    assert show.slide_width * down == pytest.approx(show.slide_height * across, rel=1e-3)
    title, *charts, last = show.slides
    assert title.shapes.title.text == deck.title
    assert len(charts) == len(deck.slides) == 2
    for slide, page in zip(deck.slides, charts, strict=True):
        (picture,) = by_kind(page, "PICTURE")
        assert picture._element.nvPicPr.cNvPr.get("descr") == slide.alt
        assert picture.image.content_type == "image/gif"
        assert picture.width / picture.height == pytest.approx(np.divide(*SIZES[ratio]), rel=0.01)
        assert (picture.left, picture.top) == (0, 0)
        assert (picture.width, picture.height) == pytest.approx((show.slide_width, show.slide_height), abs=1)
        assert page.shapes.title.text == slide.title
        assert page.shapes.title.top + page.shapes.title.height < 0, "outlines have the title; nobody sees it"
        assert page.notes_slide.notes_text_frame.text == "\n".join(slide.notes)
    (frame,) = by_kind(last, "TABLE")
    cells = [[cell.text for cell in row.cells] for row in frame.table.rows]
    tests = np.array([each.snapshots["test_accuracy"] for each in recordings if each.arm == "dropout"])
    assert cells[0][1:] == [Labels(lang).name(arm) for arm in ("no dropout", "dropout")]
    assert cells[1][2] == f"{100 * tests[:, -1].mean():.1f} ± {100 * tests[:, -1].std(ddof=1):.1f}%"
    assert cells[2][2] == f"{100 * tests.max(1).mean():.1f} ± {100 * tests.max(1).std(ddof=1):.1f}%"
    assert cells[-1][1] == "\N{EN DASH}"
    assert len(cells[-1][2].splitlines()) == 3
    assert "drop_prob" in last.notes_slide.notes_text_frame.text


@odd_letters
def test_pptx_letters_can_be_read_from_the_last_row(recordings, tmp_path):
    """No run of text is set smaller than 18 points, not even with long names."""
    need_chinese_font()
    _, made, _ = make(renamed(recordings), tmp_path / "a.pptx", title=BAD * 3, ratio="4:3")
    show = read_pptx(made[0])
    frames = [shape.text_frame for slide in show.slides for shape in slide.shapes if shape.has_text_frame]
    tables = [shape.table for slide in show.slides for shape in by_kind(slide, "TABLE")]
    frames += [cell.text_frame for table in tables for row in table.rows for cell in row.cells]
    sizes = [run.font.size.pt for frame in frames for paragraph in frame.paragraphs for run in paragraph.runs]
    assert len(sizes) > 20
    assert min(sizes) >= 18


def test_train_figures_of_the_best_snapshot_are_of_that_snapshot(recordings):
    """The last accuracy row is the train accuracy at the snapshot that was best on the test set, run by run."""
    deck = make_deck(gather(recordings), RenderOptions())
    runs = [each.snapshots for each in recordings if each.arm == "dropout"]
    values = [each["train_accuracy"][each["test_accuracy"].argmax()] for each in runs]
    assert deck.tables[0].rows[3][2] == (f"{100 * np.mean(values):.1f} ± {100 * np.std(values, ddof=1):.1f}%",)


def test_libreoffice_shows_every_slide(recordings, tmp_path):
    """Another program draws as many slides as there are, in the colours of the theme, pictures among them."""
    soffice, decks = need_program("soffice"), {"light": "16:9", "dark": "4:3"}
    need_program("pdftoppm")
    made = [
        make(recordings, tmp_path / f"{theme}.pptx", theme=theme, ratio=ratio)[1][0] for theme, ratio in decks.items()
    ]
    home = f"-env:UserInstallation=file://{tmp_path}/home"
    command = [soffice, home, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, *made]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    for theme in decks:
        (tmp_path / theme).mkdir()
        pages = pages_of_pdf(tmp_path / f"{theme}.pdf", tmp_path / theme)
        colors = find_theme(theme)
        assert len(pages) == 4
        assert all(tuple(page[2, 2]) == rgb(colors.background) for page in pages)
        assert all(holds(page, colors.ink) for page in pages)
        assert all(holds(pages[2], color) for color in (colors.plain, colors.noisy[0]))
        assert not holds(pages[3], colors.plain)


@odd_letters
def test_pptx_stands_bad_names(recordings, tmp_path):
    """Words that mean something to XML, and letters that XML cannot hold, come back as words."""
    need_chinese_font()
    deck, made, _ = make(renamed(recordings), tmp_path / "a.pptx", title=BAD_TITLE)
    show = read_pptx(made[0])
    assert show.slides[0].shapes.title.text == BAD_TITLE
    (frame,) = by_kind(show.slides[len(show.slides) - 1], "TABLE")
    assert frame.table.cell(0, 2).text == replace_unsafe(isolate(BAD))
    assert "\N{REPLACEMENT CHARACTER}" in replace_unsafe(BAD)
    assert deck.slides[0].alt == by_kind(show.slides[1], "PICTURE")[0]._element.nvPicPr.cNvPr.get("descr")


def test_video_is_a_film_with_a_poster(recordings, tmp_path):
    """With --video, the picture is an MP4 in the deck, its last frame the poster, and it has an alternative text."""
    need(find_spec("imageio_ffmpeg"), "imageio-ffmpeg")
    deck, made, _ = make(recordings, tmp_path / "a.pptx", deck_options=DeckOptions(video=True))
    page = read_pptx(made[0]).slides[1]
    (film,) = by_kind(page, "MEDIA")
    assert film._element.nvPicPr.cNvPr.get("descr") == deck.slides[0].alt
    assert film.poster_frame.content_type == "image/png"
    media = [each.target_part.blob for each in page.part.rels.values() if "video" in each.reltype]
    assert media
    assert media[0][4:8] == b"ftyp"


def test_video_without_an_encoder(tmp_path, monkeypatch):
    """Where no encoder writes .mp4, --video ends in one line, before anything is drawn."""
    monkeypatch.delitem(ENCODERS, ".mp4", raising=False)
    with pytest.raises(UsageError, match=r"unknown suffix '\.mp4'"):
        find_writer(tmp_path / "a.pptx", DeckOptions(video=True), RenderOptions())


def test_missing_python_pptx_names_the_extra(tmp_path, monkeypatch):
    """Without python-pptx one line says what to install."""
    monkeypatch.setitem(sys.modules, "pptx", None)
    with pytest.raises(DependencyError, match=r"pip install 'dropviz\[slides\]'"):
        find_writer(tmp_path / "a.pptx", DeckOptions(), RenderOptions())


def test_a_chart_that_cannot_be_drawn_has_no_slide(recordings):
    """Without masks there is no network slide, and the user is told why; without anything to draw, no deck."""
    plain = [each for each in recordings if each.arm == "no dropout"]
    deck = make_deck(gather(plain), RenderOptions())
    assert [slide.chart for slide in deck.slides] == ["accuracy"]
    assert deck.left_out[0].startswith("no slide for network: no masks to draw")
    empty = {name: values[:0] for name, values in plain[0].snapshots.items()}
    with pytest.raises(RecordingError, match="no chart can be drawn"):
        make_deck(gather([replace(plain[0], snapshots=empty)]), RenderOptions())


def test_arms_that_cannot_be_drawn_together(recordings):
    """Two arms with masks are not drawn side by side: one of them is, and the user is told so."""
    noisy = next(each for each in recordings if each.arm == "dropout")
    deck = make_deck(gather([replace(noisy, arm=name, experiment=None) for name in ("one", "two")]), RenderOptions())
    assert [slide.chart for slide in deck.slides] == ["network", "accuracy", "metrics"]
    assert deck.left_out == (f"network shows one alone: {deck.left_out[0].partition(': ')[2]}",)


def test_notes_can_be_spoken_up_to_their_technical_part(recordings):
    """Question, answer, evidence and caveat come first; the command and the provenance after a separator."""
    deck = make_deck(gather(recordings), RenderOptions())
    assert [slide.chart for slide in deck.slides] == ["network", "accuracy"]
    accuracy = deck.slides[1]
    (answer,) = accuracy.source.answers(Labels("en"))
    spoken = accuracy.notes[: accuracy.notes.index("— Technical notes —")]
    assert spoken[:2] == (accuracy.title, f"{answer.headline}.")
    assert answer.evidence in spoken[2]
    assert "picked on the test set itself" in spoken[-1]
    assert not any("dropviz" in words for words in spoken)
    assert "dropviz animate accuracy" in accuracy.notes[-2]
    one = make_deck(gather([each for each in recordings if each.seed == 1]), RenderOptions())
    assert any(words.startswith("This is one run.") for words in one.slides[-1].notes)


def test_notes_say_how_to_draw_a_picture_again(recordings, tmp_path, run):
    """The command in the notes, with the experiment of the last notes as a file, draws the same picture."""
    deck = make_deck(gather(recordings), RenderOptions(frames=2))
    command = next(words for words in deck.slides[1].notes if "dropviz animate" in words).partition(": ")[2]
    assert command.split()[:5] == ["dropviz", "animate", "accuracy", "--compare", "--experiment"]
    start = next(place for place, words in enumerate(deck.notes) if "tiny.toml" in words)
    (tmp_path / "tiny.toml").write_text("\n".join(deck.notes[start + 1 :]))
    found = gather(recordings).experiment
    for each in recordings:
        each.save(tmp_path / "out/recordings" / found.run_name(found.arm(each.arm), each.seed))
    result = run(*command.split()[1:])
    assert result.returncode == 0, result.stderr
    assert (tmp_path / result.stdout.strip()).stat().st_size > 1000


def test_slides_command(run, saved, tmp_path):
    """`dropviz slides` writes the deck and prints its path alone, and neither torch nor pyplot is needed."""
    result = run("slides", saved, "-o", "talk.pptx", "--frames", 2, "--title", "Mine")
    assert (result.returncode, result.stdout) == (0, "talk.pptx\n"), result.stderr
    assert read_pptx(tmp_path / "talk.pptx").slides[0].shapes.title.text == "Mine"
    assert not list(tmp_path.glob(".dropviz*"))


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["-o", "a.odp"], 2, "unknown suffix '.odp': must be one of '.pptx'"),
        (["-o", "a.pptx", "--reveal", "x"], 2, "--reveal is for .html"),
        (["-o", "a.tex", "--video"], 2, "--video is for .pptx, .html, .qmd, not for .tex"),
        (["-o", "folder.pptx"], 1, "folder"),
        (["-o", "open.pptx"], 1, "open in another program"),
        (["--theme", "pink"], 2, "unknown theme 'pink'"),
    ],
)
def test_wrong_use_is_one_line(run, tmp_path, arguments, status, words):
    """What cannot be is said in one line, before anything is trained."""
    (tmp_path / "folder.pptx").mkdir()
    (tmp_path / "~$open.pptx").touch()
    result = run("slides", *arguments)
    assert result.returncode == status
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert words in line
    assert not (tmp_path / "out").exists()


def test_a_deck_that_cannot_be_replaced_stays(recordings, tmp_path, monkeypatch):
    """When the last move fails, as it does on Windows while a program has the deck open, nothing has changed."""
    path = tmp_path / "a.pptx"
    path.write_bytes(b"mine")

    move = Path.replace

    def refuse(part, target):
        if Path(target) == path:
            raise PermissionError(13, "Permission denied")
        return move(part, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OutputError, match=r"cannot write .*a\.pptx: Permission denied"):
        make(recordings, path)
    assert path.read_bytes() == b"mine"
    assert [each.name for each in tmp_path.iterdir()] == ["a.pptx"]


def test_folders_are_put_back(tmp_path, monkeypatch):
    """A file and its folder are replaced together, or neither."""
    (tmp_path / "a-frames").mkdir()
    (tmp_path / "a-frames/old.png").touch()
    move = Path.replace

    def write():
        with files.replace_together(tmp_path / "a.tex") as new:
            (new / "a.tex").write_text("new")
            (new / "a-frames").mkdir()
            (new / "a-frames/new.png").touch()

    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(PermissionError(13, "no")))
    with pytest.raises(OutputError):
        write()
    assert [each.name for each in tmp_path.rglob("*")] == ["a-frames", "old.png"]
    monkeypatch.setattr(Path, "replace", move)
    write()
    assert sorted(each.name for each in tmp_path.rglob("*")) == ["a-frames", "a.tex", "new.png"]


def test_words_that_no_file_can_hold_are_seen_to_be_missing():
    """Control characters and halves of letters leave a mark; ends of lines become spaces; all else stays."""
    assert replace_unsafe("a\0b\ud800c\ufffed\n\te\u2028f 😀 \u202eאב") == "a\ufffdb\ufffdc\ufffdd  e f 😀 \ufffdאב"
    assert replace_unsafe("a \u2068א\u202eב\u2069 \u2067b \u2068c") == "a \u2068א\ufffdב\u2069 \ufffdb \ufffdc"


def test_sizes_fit():
    """A font size is the largest at which words fit, and Chinese is wider than English."""
    assert fit("short", 500, 1, 44, 18) == 44
    assert fit("long " * 30, 500, 1, 44, 18) == 18
    assert lines_of("中文" * 10, 20, 300) == 2 > lines_of("ab" * 10, 20, 300)


def test_decks_are_listed(run):
    """The listing and the help name each kind of deck."""
    listing, text = run("list", "decks").stdout, run("slides", "--help").stdout
    assert all(suffix in listing and suffix in text for suffix in DECKS)


@pytest.mark.parametrize("suffix", [".pptx", ".html", ".tex", ".qmd"])
def test_a_deck_has_a_background(tmp_path, suffix):
    """A theme without one is refused for every kind of deck."""
    with pytest.raises(UsageError, match="slides have a background"):
        find_writer(tmp_path / f"a{suffix}", DeckOptions(), RenderOptions(theme="transparent"))
