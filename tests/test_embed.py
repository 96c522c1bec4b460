"""Snippets, judged by parsers of what they are written in: each gives back the path and the words that went in."""

import ast
import dataclasses
import html.parser
import json
import mimetypes
import re
import shutil
import subprocess
import sys
from base64 import b64decode, b64encode
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

import pytest
from conftest import need, need_program
from fontTools.ttLib import TTFont
from PIL import Image, PngImagePlugin

import dropviz
from dropviz._util.text import collapse_whitespace
from dropviz.analysis.captions import MAX_ALT
from dropviz.errors import DropvizError, PictureError, UsageError
from dropviz.publish.embedding.alt import Texts, find_texts
from dropviz.publish.embedding.clipboard import PROGRAMS
from dropviz.publish.embedding.embed import embed
from dropviz.publish.embedding.picture import Picture
from dropviz.publish.embedding.snippets import SNIPPETS
from dropviz.rendering.targets import TARGETS
from dropviz.style.labels import Labels
from dropviz.style.theme import THEMES

NAMES = [
    "a.gif",
    "a b.gif",
    'it\'s "quoted".gif',
    "[b] (c) {d}.gif",
    "x<y>&z;#q?=1%20+.gif",
    "back\\slash`tick`*_~$|!.gif",
    "two\nlines.gif",
    "纸 \U0001f600 \u05d0\u05d1.gif",
    "--flag.gif",
    "javascript:alert(1).gif",
]
WORDS = [
    "Plain words: 50.0% of units.",
    "</script><img src=x onerror=alert(1)>\"'\\ & &amp; <b>",
    "</p><img src=x onerror=alert(1)>",
    "![x](y) *a* _b_ `c` [d] ~~e~~ $f$ | g \\[ \\",
    "emoji \U0001f600, \u05e2\u05d1\u05e8\u05d9\u05ea, \u6682\u9000\u6cd5, \u00b1",
    "(unbalanced ( {braces} 100% # ~ ^ & _ $ \\end{document}",
    ".. directive:: x  :role:`y` |z| ``w``",
]


class Tags(html.parser.HTMLParser):
    """All start tags of a piece of HTML, with their attributes."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        """Note a tag."""
        self.found.append((tag, dict(attrs)))


def by_markdown(text):
    """Path and words of the only image, by markdown-it."""
    markdown_it = pytest.importorskip("markdown_it")
    tokens = markdown_it.MarkdownIt("commonmark").parse(text)
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    (image,) = tokens[1].children
    assert image.type == "image"
    return unquote(image.attrs["src"]), image.content if not image.children else by_leaves(image)


def by_leaves(token):
    """The text that a renderer puts into the alt attribute."""
    return "".join(child.content for child in token.children)


def by_obsidian(text):
    """Path and words of an embed, as Obsidian splits it at its bars; else of Markdown with the width after a bar."""
    match = re.fullmatch(r"!\[\[([^|\]]*)\|([^|\]<`$]*)\|640\]\]", text)
    if match:
        return match[1], match[2]
    path, words = by_markdown(text)
    assert words.endswith("|640")
    return path, words.removesuffix("|640")


def by_html(text):
    """Path and words of the only tag."""
    ((tag, attributes),) = Tags(text).found
    assert (tag, attributes["width"]) == ("img", "640")
    return unquote(attributes["src"]), attributes["alt"]


def by_python(text):
    """Path and words of the call, by Python's own parser."""
    call = ast.parse(text).body[-1].value
    values = {each.arg: ast.literal_eval(each.value) for each in call.keywords}
    assert call.func.id == "Image"
    return values["filename"], values["alt"]


def by_docutils(text):
    """Path and words of the only image, by docutils."""
    uri, words = by_sphinx(text)
    return unquote(uri), words


def by_sphinx(text):
    """Path and words of the only image, by docutils; Sphinx looks for a file of the very name of the address."""
    core = pytest.importorskip("docutils.core")
    (image,) = core.publish_doctree(text, settings_overrides={"report_level": 1, "halt_level": 1}).children
    assert image.tagname == "image"
    return image["uri"], image["alt"]


def by_material(text):
    """Path and words of Markdown with the width in braces after it, as the extension attr_list reads it."""
    picture, width = text.rsplit("{", 1)
    assert width == ' width="640" }'
    return by_markdown(picture)


def by_slide(text):
    """Path and words of HTML whose path begins with a dot."""
    path, words = by_html(text)
    assert path.startswith("./")
    return path.removeprefix("./"), words


def by_typst(text):
    """Path and words of a call of Typst, whose strings are like JSON's."""
    found = re.fullmatch(r'#image\(("(?:\\.|[^"\\])*"), width: 100%, alt: ("(?:\\.|[^"\\])*")\)', text)
    return json.loads(found[1]), json.loads(found[2])


def by_pypi(text):
    """Path and words of HTML with a whole address."""
    path, words = by_html(text)
    root = "https://raw.githubusercontent.com/OWNER/REPOSITORY/HEAD/"
    assert path.startswith(root)
    return path.removeprefix(root), words


def by_lines(text):
    """Path and words, a line each."""
    path, words = text.split("\n")
    return (ast.literal_eval(path) if path[0] in "'\"" and path[-1] == path[0] else path), words


READERS = {
    "markdown": by_markdown,
    "obsidian": by_obsidian,
    "html": by_html,
    "jupyter": by_python,
    "rst": by_docutils,
    "mkdocs": by_material,
    "sphinx": by_sphinx,
    "marp": by_slide,
    "slidev": by_slide,
    "typst": by_typst,
    "pypi": by_pypi,
    "plain": by_lines,
}


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("name", NAMES)
def test_any_path_comes_back(kind, name):
    """A parser of the language finds the very file, whatever its name holds; what a language cannot name is refused."""
    if (kind, name) == ("sphinx", "two\nlines.gif"):
        with pytest.raises(UsageError, match=r"^Sphinx cannot name 'out/two\\nlines.gif'"):
            SNIPPETS[kind](Picture(f"out/{name}", "words"))
        return
    assert READERS[kind](SNIPPETS[kind](Picture(f"out/{name}", "words"))) == (f"out/{name}", "words")


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("words", WORDS)
def test_any_alt_text_comes_back(kind, words):
    """A parser of the language finds the very words: nothing in them is markup."""
    words = collapse_whitespace(words)
    assert READERS[kind](SNIPPETS[kind](Picture("a.gif", words))) == ("a.gif", words)


def test_every_kind_is_judged():
    """No kind of snippet is without a parser above, but LaTeX, which pdflatex judges below."""
    assert {*READERS, "latex"} == set(SNIPPETS)


def test_alt_text_is_one_line_without_what_cannot_be_seen():
    """Line breaks become spaces; NUL and other control characters go."""
    assert collapse_whitespace(" a\r\n\tb\0c\x1b\u2028d \x7f") == "a bc d"


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
def test_videos_play_by_themselves_only_for_those_who_like_it(name):
    """HTML and Markdown: the source has a media query, there are controls, and the words are a label."""
    for kind in ("html", "markdown"):
        (video, attributes), (source, more) = Tags(SNIPPETS[kind](Picture(name, 'say "x"', still="s 1.png"))).found
        assert (video, source) == ("video", "source")
        assert attributes["aria-label"] == 'say "x"'
        assert unquote(attributes["poster"]) == "s 1.png"
        assert {"autoplay", "loop", "muted", "controls"} <= set(attributes)
        assert more == {"media": "(prefers-reduced-motion: no-preference)", "src": name}
    call = ast.parse(SNIPPETS["jupyter"](Picture(name, 'say "x"'))).body[-1].value
    attributes = Tags(f"<video {ast.literal_eval(call.keywords[-1].value)}>").found[0][1]
    assert (call.func.id, attributes["aria-label"]) == ("Video", 'say "x"')
    assert "<video" in SNIPPETS["rst"](Picture(name, "x"))


@pytest.mark.parametrize("name", ["a b.webp", "a.SVG", "a.gif", "a.png", "a.mp4"])
def test_a_cell_shows_the_picture_itself(name, tmp_path, monkeypatch):
    """The snippet runs, whatever IPython's own class takes, and what it shows holds the bytes of the file.

    It does so where the system knows no types of files, as some containers and tables of Windows do not.
    """
    formatter = pytest.importorskip("IPython.core.formatters").DisplayFormatter()
    monkeypatch.setattr("mimetypes._db", types := mimetypes.MimeTypes())
    types.types_map = ({}, {})
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(b"the picture")
    *first, last = ast.parse(SNIPPETS["jupyter"](Picture(name, 'say "x" & <b>'))).body
    names = {}
    exec(compile(ast.Module(first, []), "cell", "exec"), names)  # noqa: S102  # as a notebook does
    shown = eval(compile(ast.Expression(last.value), "cell", "eval"), names)  # noqa: S307
    data, _metadata = formatter.format(shown)
    assert b64encode(b"the picture").decode() in str(data) or b"the picture" in data.values()
    assert "None" not in str(data)


@pytest.fixture
def drawn(noisy, tmp_path, monkeypatch):
    """A small real GIF in a folder with a space, relative to the working folder."""
    monkeypatch.chdir(tmp_path)
    return dropviz.animate(noisy, "network", out="my out/a.gif", size=(160, 160), frames=1)


def test_alt_text_of_a_gif_is_in_it(drawn):
    """Without a file beside it, the words come from the GIF: those of the recording's figures."""
    assert find_texts(drawn.path) == Texts(drawn.alt, drawn.description)
    assert len(drawn.alt) <= MAX_ALT
    assert "hidden 2" in drawn.description
    assert by_markdown(embed(drawn.path)) == ("my out/a.gif", drawn.alt)


def test_alt_text_in_chinese_survives_the_file(noisy, tmp_path):
    """Comments hold any language."""
    try:
        Labels("zh").find_fonts()
    except UsageError:
        need(there=False, what="fonts-noto-cjk")
    made = dropviz.animate(noisy, "network", out=tmp_path / "a.gif", size=(160, 160), frames=1, lang="zh")
    assert find_texts(made.path) == Texts(made.alt, made.description)
    assert "暂退" in made.description or "丢弃" in made.description


@pytest.mark.parametrize("suffix", ["gif", "png", "svg", "html"])
def test_a_name_from_right_to_left_is_isolated(noisy, tmp_path, suffix):
    """In every text, so that the number behind it stays behind it; and its letters can be joined where it is drawn."""
    name = "إسقاط 0.5"
    run = dataclasses.replace(noisy, arm=name, experiment=None)
    made = dropviz.animate(run, "network", out=tmp_path / f"a.{suffix}", size=(160, 160), frames=1)
    assert f"by \u2068{name}\u2069: " in made.description
    assert find_texts(made.path) == Texts(made.alt, made.description)
    fonts = re.findall(rb"data:font/woff;base64,([^)]+)", made.path.read_bytes())
    tables = [TTFont(BytesIO(b64decode(font))).get("GSUB") for font in fonts]
    joining = [each.FeatureTag for table in tables if table for each in table.table.FeatureList.FeatureRecord]
    assert ("init" in joining) == bool(fonts)


def test_the_file_beside_comes_first_and_alt_before_both(drawn):
    """--alt, then the text file, then the picture."""
    drawn.path.with_suffix(".txt").write_text("mine,\nin two lines\n", "utf-8")
    assert by_markdown(embed(drawn.path))[1] == "mine, in two lines"
    drawn.path.with_suffix(".txt").write_text("mine\r\n\r\nand\n\nmore\n", "utf-8")
    assert find_texts(drawn.path) == Texts("mine", "and more")
    assert by_markdown(embed(drawn.path, alt="yours"))[1] == "yours"
    drawn.path.with_suffix(".txt").write_text("turned \u202e\n\nmore \u2066", "utf-8")
    assert embed(drawn.path, "web").count("\ufffd") == 2  # marks of direction, of both texts
    assert not re.search("[\u202e\u2066]", embed(drawn.path, "web"))


def test_a_percent_sign_is_found_as_it_was_written(drawn):
    """The name given to `animate` and that of the file are one picture; a file with %d in its name is no frames."""
    drawn.path.rename("50%.gif")
    assert embed("50%%.gif", alt="x") == embed("50%.gif", alt="x") == "![x](50%25.gif)"
    Path("50%.gif").rename("50%d.gif")
    with pytest.raises(PictureError, match=r"50%d\.gif stands for the number of a frame: rename it"):
        embed("50%d.gif")


def test_a_text_of_an_earlier_drawing_is_noticed(run, drawn):
    """Where picture and text beside it differ, a note says which one was taken; where they agree, nothing is said."""
    place = drawn.path.with_suffix(".txt")
    place.write_text(drawn.alt, "utf-8")
    assert run("embed", drawn.path).stderr == ""
    place.write_text("of yesterday", "utf-8")
    result = run("embed", drawn.path)
    assert "of yesterday" in result.stdout
    assert result.stderr.startswith("alt text from my out/a.txt; my out/a.gif itself says something else")


def test_png_and_webp_hold_their_words(noisy, tmp_path):
    """A still has them as PNG's Title and Description; XMP's are read from WebP. Older files have one of them."""
    made = dropviz.animate(noisy, "network", out=tmp_path / "a.gif", size=(160, 160), frames=1, still=True)
    (still,) = made.beside
    with Image.open(still) as image:
        assert isinstance(image, PngImagePlugin.PngImageFile)
        assert (image.text["Title"], image.text["Description"]) == (made.alt, made.description)
        assert image.size == (160, 160)
        pixels = image.convert("RGB")
    assert find_texts(still) == Texts(made.alt, made.description)
    made.save(tmp_path / "a.webp")
    assert find_texts(tmp_path / "a.webp") == Texts(made.alt, made.description)
    xmp = '<dc:description><rdf:Alt><rdf:li xml:lang="x-default">a &lt;b&gt;</rdf:li></rdf:Alt></dc:description>'
    pixels.save(tmp_path / "b.webp", xmp=xmp.encode())
    assert find_texts(tmp_path / "b.webp") == Texts("a <b>")
    old = PngImagePlugin.PngInfo()
    old.add_text("Description", "of old")
    pixels.save(tmp_path / "b.png", pnginfo=old)
    assert find_texts(tmp_path / "b.png") == Texts("of old")


@pytest.mark.parametrize("suffix", [".svg", ".html"])
def test_markup_holds_its_words(noisy, tmp_path, suffix):
    """An SVG has title and description, a page a labelled picture and a paragraph; an older SVG has a label."""
    made = dropviz.animate(noisy, "accuracy", out=tmp_path / f"a{suffix}", size=(320, 180), frames=2)
    assert find_texts(made.path) == Texts(made.alt, made.description)
    (tmp_path / "b.svg").write_text('<svg xmlns="" aria-label="of &quot;old&quot;"><title>no</title></svg>')
    assert find_texts(tmp_path / "b.svg") == Texts('of "old"')


@pytest.mark.parametrize("name", ["a.gif", "a.mp4", "a.html"])
def test_html_has_the_long_description(name):
    """The picture names the element that holds it; without one there is no figure."""
    evil = 'more "<b>'
    tags = Tags(SNIPPETS["html"](Picture(f"out/{name}", "short", description=evil))).found
    described = [attributes["aria-describedby"] for _tag, attributes in tags if "aria-describedby" in attributes]
    assert described == [attributes["id"] for _tag, attributes in tags if "id" in attributes] == ["a-description"]
    assert tags[0][0] == "figure"
    assert "figure" not in SNIPPETS["html"](Picture(f"out/{name}", "short"))
    assert "more &quot;&lt;b&gt;" in SNIPPETS["html"](Picture(f"out/{name}", "short", description=evil))


def test_the_still_is_the_last_frame(noisy, tmp_path):
    """Still and animation end with the same pixels."""
    made = dropviz.animate(noisy, "network", out=tmp_path / "a.gif", size=(320, 180), frames=3, still=True)
    with Image.open(made.path) as moving, Image.open(made.beside[0]) as still:
        moving.seek(moving.n_frames - 1)
        assert moving.convert("RGB").tobytes() == still.convert("RGB").tobytes()


@pytest.mark.parametrize("given", ["light", "dark", "-"])
def test_files_that_lie_beside_are_used(tmp_path, monkeypatch, given):
    """Of a light and a dark picture with stills, whichever is named, a browser is offered all four."""
    monkeypatch.chdir(tmp_path)
    light = "a" if given == "-" else "a-light"
    for name in (light, "a-dark"):
        Image.new("RGB", (4, 4)).save(f"{name}.gif")
        Image.new("RGB", (4, 4)).save(f"{name}-still.png")
    tags = Tags(embed("a-dark.gif" if given == "dark" else f"{light}.gif", "web", alt="x")).found
    assert [tag for tag, _ in tags] == ["picture", "source", "source", "source", "img"]
    less, dark = "(prefers-reduced-motion: reduce)", "(prefers-color-scheme: dark)"
    offered = [(each["media"], each["srcset"]) for _, each in tags[1:4]]
    assert offered == [
        (f"{less} and {dark}", "a-dark-still.png"),
        (less, f"{light}-still.png"),
        (dark, "a-dark.gif"),
    ]
    assert tags[4][1]["src"] == f"{light}.gif"


def test_the_page_chooses_between_light_and_dark(noisy, tmp_path, monkeypatch):
    """For MkDocs and Sphinx a dark picture is drawn too, and each is marked for its colours."""
    monkeypatch.chdir(tmp_path)
    made = dropviz.animate(noisy, "network", out="a.gif", size=(160, 160), frames=1, target="mkdocs")
    assert [path.name for path in made.beside] == ["a-dark.gif", "a.txt"]
    for name, theme in (("a", "light"), ("a-dark", "dark")):
        assert Path(f"{name}.gif").read_bytes()[13:16] == bytes.fromhex(THEMES[theme].background[1:])
    light, dark = embed("a.gif", "mkdocs", alt="x").splitlines()
    assert by_material(light) == ("a.gif#only-light", "x")
    assert by_material(dark) == ("a-dark.gif#only-dark", "x")
    core = pytest.importorskip("docutils.core")
    images = core.publish_doctree(embed("a.gif", "sphinx", alt="x")).children
    assert [(image["uri"], image["classes"], image["alt"]) for image in images] == [
        ("a.gif", ["only-light"], "x"),
        ("a-dark.gif", ["only-dark"], "x"),
    ]


def test_typst_shows_what_does_not_move():
    """The still; of a video without one, a line says what to do."""
    assert by_typst(SNIPPETS["typst"](Picture("a.mp4", "x", still="a-still.png"))) == ("a-still.png", "x")
    with pytest.raises(UsageError, match=r"Typst shows no \.mp4"):
        SNIPPETS["typst"](Picture("a.mp4", "x"))


def test_a_browser_takes_the_picture_that_suits(tmp_path, monkeypatch):
    """Chromium, asked for less motion, loads the still; asked for nothing, the animation."""
    browser = shutil.which("chromium") or need_program("chromium")
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (30, 30), "#ff0000").save("a b.gif")
    Image.new("RGB", (30, 30), "#0000ff").save("a b-still.png")
    Path("page.html").write_text(f"<body style='margin:0'>{embed('a b.gif', 'web', alt='x')}")
    for number, (options, color) in enumerate([([], (255, 0, 0)), (["--force-prefers-reduced-motion"], (0, 0, 255))]):
        quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
        quiet += ["--disable-background-networking", "--disable-component-update", f"--user-data-dir=profile{number}"]
        shot = ["--window-size=300,300", f"--screenshot=shot{number}.png"]
        command = [browser, *quiet, *options, *shot, Path("page.html").absolute().as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        with Image.open(f"shot{number}.png") as image:
            assert image.convert("RGB").getpixel((10, 10)) == color


@pytest.fixture
def numbered(tmp_path, monkeypatch):
    """Three numbered frames in a folder with a space."""
    monkeypatch.chdir(tmp_path)
    Path("my frames").mkdir()
    for number in range(3):
        Image.new("RGB", (32, 18), (80 * number, 0, 0)).save(f"my frames/f_1-{number}.png")
    return Path("my frames/f_1-%d.png")


def test_latex_plays_numbered_frames(numbered, tmp_path):
    """pdflatex takes the snippet, finds all frames, and the PDF holds the very alt texts."""
    program = need_program("pdflatex")
    texts = [embed(numbered, "beamer", alt=words, fps=2.5) for words in WORDS]
    assert all("{2.5}{my frames/f_1-}{0}{2}" in text for text in texts)
    packages, calls = zip(*(text.partition("%")[2].lstrip().split("\n", 1) for text in texts), strict=True)
    head = rf"\pdfcompresslevel=0\pdfobjcompresslevel=0\documentclass{{article}}{packages[0]}"
    body = "\n\n".join(calls)
    Path("a.tex").write_text(f"{head}\\begin{{document}}\n{body}\n\\end{{document}}\n", "utf-8")
    command = [program, "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout[-2000:].decode(errors="replace")
    data = (tmp_path / "a.pdf").read_bytes()
    assert data.count(b"/Subtype /Image") >= 3 or data.count(b"/Subtype/Image") >= 3
    assert {collapse_whitespace(words) for words in WORDS} <= set(pdf_strings(data))


def pdf_strings(data):
    """What the literal strings after /Contents say (ISO 32000, 7.3.4.2 and 7.9.2)."""
    found = []
    for match in re.finditer(rb"/Contents ?\(((?:\\.|[^\\()]|\([^\\()]*\))*)\)", data, re.DOTALL):
        octal = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
        raw = octal.sub(lambda one: bytes([int(one[1], 8)]) if len(one[1]) == 3 else one[1], match[1])
        found.append(raw[2:].decode("utf-16-be") if raw.startswith(b"\xfe\xff") else raw.decode("latin-1"))
    return found


def test_what_latex_cannot_do_is_said(numbered, tmp_path):
    """Frames missing, no rate, a GIF, a name that TeX would misread: a line each."""
    with pytest.raises(UsageError, match="do not say how fast they play: give --fps"):
        embed(numbered, "beamer", alt="x")
    Image.new("RGB", (4, 4)).save("a%b.gif")
    with pytest.raises(UsageError, match=r"LaTeX plays numbered frames, not \.gif"):
        embed("a%b.gif", "beamer", alt="x", fps=2)
    Path("odd#name-0.png").write_bytes(b"")
    with pytest.raises(UsageError, match=r"LaTeX cannot name 'odd#name-%d\.png'"):
        embed("odd#name-%d.png", "beamer", alt="x", fps=2)
    Path("my frames/f_1-1.png").unlink()
    with pytest.raises(PictureError, match="are missing between 0 and 2"):
        embed(numbered, "beamer", alt="x", fps=2)
    with pytest.raises(PictureError, match=r"no frames at none-%d\.png"):
        embed("none-%d.png", "beamer", alt="x", fps=2)


def test_every_target_has_a_snippet(drawn):
    """Whatever the target, a picture of a suitable format gets its words."""
    for name, target in TARGETS.items():
        if target.snippet != "latex":
            assert "another thinned network" in embed(drawn.path, name)


BAD = [
    (["nope.gif"], 1, "no picture at nope.gif: make one with 'dropviz animate"),
    (["a.gif", "--for", "the moon"], 2, "unknown target 'the moon': must be one of 'github'"),
    (["a.gif", "--as", "pdf"], 2, "unknown kind 'pdf': must be one of 'markdown'"),
    (["a.gif"], 1, "a.gif holds no alt text, and there is none in a.txt: say it with --alt"),
    (["broken.gif"], 1, "cannot read broken.gif"),
    (["long.gif"], 1, "long.txt is no alt text: it has 5,001 characters"),
    (["bytes.gif"], 1, "cannot read the alt text in bytes.txt"),
    (["a.gif", "--width", "0"], 2, "0 is not in the range"),
    (["a.gif", "--for", "beamer", "--alt", "x"], 2, "LaTeX plays numbered frames, not .gif"),
]


def test_bad_input_gets_one_line(run, tmp_path):
    """Each mistake is answered in one line, with the status of its kind, and nothing on stdout."""
    for name in ("a", "long", "bytes"):
        Image.new("RGB", (4, 4)).save(tmp_path / f"{name}.gif")
    (tmp_path / "broken.gif").write_bytes(b"GIF89a")
    (tmp_path / "long.txt").write_text(5_001 * "x")
    (tmp_path / "bytes.txt").write_bytes(b"\xff\xfe\xfa")
    for args, status, words in BAD:
        result = run("embed", *args)
        assert (result.returncode, result.stdout) == (status, "")
        assert words in result.stderr
        assert result.stderr.count("\n") == 1


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """A PATH of nothing but what a test puts there: a program that keeps its input and arguments, or fails."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def put(name, status=0):
        script = f"#!{sys.executable}\nimport sys, pathlib\n"
        script += f"pathlib.Path({str(tmp_path / name)!r}).write_bytes(sys.stdin.buffer.read())\n"
        script += f"pathlib.Path({str(tmp_path / name)!r} + '.args').write_text(' '.join(sys.argv[1:]))\n"
        (folder / name).write_text(f"{script}sys.exit({status})\n")
        (folder / name).chmod(0o755)

    return put


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_snippet_is_copied(run, drawn, tmp_path, programs, name):
    """Whichever program is there is given what is printed, in its encoding."""
    programs(name)
    result = run("embed", drawn.path, "--clipboard", "--alt", "纸 ±")
    assert result.returncode == 0, result.stderr
    assert result.stderr == f"copied by {name}\n"
    encoding = "utf-16-le" if name == "clip.exe" else "utf-8"
    assert (tmp_path / name).read_bytes().decode(encoding) == result.stdout.rstrip("\n")
    assert "-selection clipboard" in (tmp_path / f"{name}.args").read_text() or name != "xclip"


def test_a_program_that_fails_is_passed_over(run, drawn, programs, tmp_path):
    """Without a Wayland screen wl-copy fails, and xclip does it; where none can, one line says so."""
    programs("wl-copy", 1)
    result = run("embed", drawn.path, "--clipboard")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (
        "dropviz: cannot copy: wl-copy failed, perhaps because there is no screen; leave out --clipboard\n"
    )
    programs("xclip")
    assert run("embed", drawn.path, "--clipboard").stderr == "copied by xclip\n"


def test_no_program_to_copy_with(run, drawn, programs):
    """One line names what to install."""
    result = run("embed", drawn.path, "--clipboard")
    assert (result.returncode, result.stdout) == (1, "")
    assert "no program to copy with: install wl-copy, xclip or xsel" in result.stderr


def test_animate_then_embed(run, saved, tmp_path):
    """Two commands, from a recording to a README that shows it, with a still and words made of its figures."""
    result = run("animate", "network", saved / "dropout-1.npz", "--frames", "2", "--size", "160x160", "--for", "github")
    assert result.returncode == 0, result.stderr
    tags = Tags(run("embed", "out/network-tiny.gif").stdout).found
    assert [tag for tag, _ in tags] == ["picture", "source", "img"]
    for _, attributes in tags[1:]:
        assert (tmp_path / attributes.get("src", attributes.get("srcset"))).is_file()
    assert tags[-1][1]["alt"] == (tmp_path / "out/network-tiny.txt").read_text().partition("\n")[0]


def test_errors_are_of_our_tree():
    """A picture that is missing is a DropvizError with status 1."""
    assert issubclass(PictureError, DropvizError)
    assert PictureError.exit_status == 1
