"""The deck for LaTeX, as pdflatex and poppler see it."""

import re
import subprocess

import numpy as np
import pytest
from conftest import need_chinese_font, need_program
from PIL import Image
from test_slides import BAD_TITLE, holds, make, need_letters, odd_letters, pages_of_pdf, renamed

from dropviz._util.text import TEX_LETTERS, TexEscaper
from dropviz.errors import DependencyError, OutputError, UsageError
from dropviz.publish.decks.writer import DeckOptions, find_writer
from dropviz.rendering.options import RenderOptions
from dropviz.style.theme import find_theme


def compiled(path, times=1):
    """Compile a deck as its comment says; what pdflatex wrote down."""
    command = [need_program("pdflatex"), "-interaction=nonstopmode", "-halt-on-error"]
    # Uncompressed, so that strings in the PDF can be searched.
    plain = f"\\pdfcompresslevel=0 \\pdfobjcompresslevel=0 \\input{{{path.name}}}"
    for _ in range(times):
        done = subprocess.run(
            [*command, f"-jobname={path.stem}", plain], cwd=path.parent, capture_output=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stdout[-2000:]
    log = path.with_suffix(".log").read_text(encoding="latin-1")
    assert not re.search(r"^!|Overfull|Missing character", log, re.MULTILINE), log
    return path.with_suffix(".pdf")


def bookmarks_of(path):
    """The bookmarks that pdflatex wrote down beside a deck, as words."""
    text = path.with_suffix(".out").read_text(encoding="latin-1")
    codes = re.sub(r"\\(\d{3})", lambda code: chr(int(code[1], 8)), text)
    return codes.replace("\0", "")


def words_of(pdf):
    """The words that poppler finds, with single spaces."""
    done = subprocess.run([need_program("pdftotext"), pdf, "-"], capture_output=True, text=True, check=True)
    return " ".join(done.stdout.split())


@pytest.mark.parametrize(("ratio", "theme"), [("16:9", "light"), ("4:3", "dark")])
def test_pdflatex_makes_a_page_for_each_slide(recordings, tmp_path, ratio, theme):
    """It compiles without an error or an overfull box; pages have the ratio, the colours, and the last frame."""
    deck, made, writer = make(recordings, tmp_path / "talk_1.tex", ratio=ratio, theme=theme)
    assert made == [tmp_path / "talk_1.tex", tmp_path / "talk_1-frames"]
    assert writer.notes == []
    pdf = compiled(made[0], times=2)
    pages = pages_of_pdf(pdf, tmp_path, dpi=120)
    assert len(pages) == 4
    across, down = map(int, ratio.split(":"))
    assert all(page.shape[1] / page.shape[0] == pytest.approx(across / down, abs=0.01) for page in pages)
    colors = find_theme(theme)
    assert all(holds(page[:10, :10], colors.background, 80) for page in pages)
    assert all(holds(pages[number], color) for number in (1, 2) for color in (colors.plain, colors.noisy[0]))
    assert deck.tables[0].rows[0][2][0].replace(" ", "") in words_of(pdf).replace(" ", "")
    assert [page.shape for page in pages[1:3]] == [pages[0].shape] * 2
    (last,) = (tmp_path / "talk_1-frames").glob("accuracy-2.png")
    drawn = Image.open(last).convert("RGB").resize(pages[2].shape[1::-1])
    assert np.abs(np.asarray(drawn).astype(int) - pages[2]).mean() < 6, "the last frame fills the page"
    assert deck.slides[1].title not in words_of(pdf)[: words_of(pdf).index("Settings")]
    bookmarks = bookmarks_of(made[0])
    assert all(slide.title in bookmarks for slide in deck.slides)
    start = re.match(r"[\w ]+", deck.slides[0].alt)[0]
    assert f"/Contents ({start}".encode() in pdf.read_bytes()


def test_frames_are_those_of_the_chart(recordings, tmp_path):
    """The folder holds the numbered frames that the deck names, no other, and the comment gives their rate."""
    _, (path, folder), _ = make(recordings, tmp_path / "a.tex", frames=5)
    text = path.read_text()
    for chart in ("accuracy", "network"):
        assert sorted(each.name for each in folder.glob(f"{chart}-*")) == [
            f"{chart}-{number}.png" for number in range(5)
        ]
    assert text.count("% 5 frames, 2 a second") == 2
    assert "{2}{a-frames/network-}{0}{4}" in text
    first, last = (np.asarray(Image.open(folder / f"network-{number}.png").convert("RGB")) for number in (0, 4))
    assert first.shape == (720, 1280, 3)
    assert (first != last).any()


@odd_letters
def test_tex_stands_bad_names(recordings, tmp_path):
    """Names that TeX would obey are words, letters that it lacks are written otherwise, and the user is told."""
    need_chinese_font()
    _, made, writer = make(renamed(recordings), tmp_path / "bad.tex", title=BAD_TITLE + " -- " + 90 * "x", ratio="4:3")
    found = words_of(compiled(made[0])).replace(" ", "")
    assert "\\input{/etc/passwd}" in found
    assert "--xxx" in found
    assert "root:" not in found
    assert '<b>"q"</b>\\b%#$_{}^' in found
    assert ":grinning:" in found
    (note,) = writer.notes
    assert "模 as Mo, 型 as Xing" in note


def test_every_known_letter_compiles(tmp_path):
    """Each letter that is left as it is, and each sign that is escaped, is one that pdflatex has."""
    words = TexEscaper()
    text = "\n".join(words(letter) for letter in sorted(TEX_LETTERS) + [chr(code) for code in range(32, 127)])
    packages = r"\usepackage[T1]{fontenc}\usepackage[utf8]{inputenc}\usepackage{textcomp}"
    path = tmp_path / "letters.tex"
    path.write_text(f"\\documentclass{{article}}{packages}\\begin{{document}}\n{text}\n\\end{{document}}\n", "utf-8")
    compiled(path)
    assert words.changed == {}


def test_tex_limits_frames_and_says_so(recordings, tmp_path):
    """Unless --frames is given, there are few frames, and a note says how to have more."""
    _, (_, folder), writer = make(recordings, tmp_path / "a.tex", frames=None)
    assert len(list(folder.iterdir())) <= 60
    assert "--frames N for more" in writer.notes[0]


def test_tex_in_chinese(tmp_path):
    """pdflatex cannot write Chinese, and one line says what can."""
    need_letters("zh")
    with pytest.raises(UsageError, match=r"choose \.pptx or \.html, or --lang en"):
        find_writer(tmp_path / "a.tex", DeckOptions(), RenderOptions(lang="zh"))


def test_missing_anyascii_names_the_extra(tmp_path, monkeypatch):
    """Without anyascii one line says what to install."""
    monkeypatch.setitem(__import__("sys").modules, "anyascii", None)
    with pytest.raises(DependencyError, match=r"pip install 'dropviz\[slides\]'"):
        find_writer(tmp_path / "a.tex", DeckOptions(), RenderOptions())


def test_a_folder_of_the_users_own_is_not_replaced(recordings, tmp_path):
    """A folder with our frames is replaced whole; one that holds anything else is left, and one line says so."""
    make(recordings, tmp_path / "a.tex", frames=4)
    make(recordings, tmp_path / "a.tex", frames=2)
    assert len(list((tmp_path / "a-frames").iterdir())) == 4
    (tmp_path / "a-frames/thesis.docx").touch()
    with pytest.raises(OutputError, match=r"a-frames: it holds 'thesis\.docx', which no deck put there"):
        find_writer(tmp_path / "a.tex", DeckOptions(), RenderOptions())
