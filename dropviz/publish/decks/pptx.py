"""PowerPoint slides (Office Open XML), by python-pptx: text stays text, in the deck's own fonts and colours."""

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from dropviz.encoders import find_format
from dropviz.errors import DependencyError
from dropviz.publish.decks.deck import Deck, Slide
from dropviz.publish.decks.tables import Table
from dropviz.publish.decks.text_size import fit, lines_of
from dropviz.publish.decks.writer import DeckOptions, ProgressCallback, draw, scratch, still
from dropviz.rendering.options import RenderOptions
from dropviz.style.theme import Theme

INCH = 914_400  # English Metric Units, in which a deck measures
WIDE = {"16:9": 13 + 1 / 3, "4:3": 10.0}  # inches; the height is always the same
HIGH = 7.5
MARGIN = 0.4
TOP = 1.0  # room for the title of a slide
SMALLEST = 18  # points: read from the last row
TITLE_LAYOUT, CHART_LAYOUT = 0, 5
PLAIN_TABLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # the style that PowerPoint calls "No Style, No Grid"
LANGUAGES = {"en": "ENGLISH_UK", "zh": "SIMPLIFIED_CHINESE"}


class PptxWriter:
    """A GIF as a picture plays in PowerPoint, Impress and Keynote; a film has its last frame as poster."""

    beside = ""

    def __init__(self, deck_options: DeckOptions, options: RenderOptions) -> None:  # noqa: ARG002  # any look will do
        self.notes: list[str] = []
        self.video = deck_options.video
        if deck_options.video:
            find_format(Path("film.mp4"))  # needs a package, which is said now
        try:
            import pptx  # noqa: F401  # said now, not after minutes of training
        except ImportError as error:
            raise DependencyError(
                f"slides in .pptx need python-pptx ({error}): pip install 'dropviz[slides]'"
            ) from error

    def write(self, deck: Deck, path: Path, folder: Path, callback: ProgressCallback) -> None:  # noqa: ARG002  # all in one file
        """Write a title slide, a slide a chart, and the tables."""
        import pptx

        show = pptx.Presentation()
        pages = _Pages(show, deck)
        pages.set_up()
        pages.add_title()
        for slide in deck.slides:
            with scratch() as place:
                film = draw(slide, deck, place / f"{slide.chart}{'.mp4' if self.video else '.gif'}", callback)
                poster = still(slide, deck, place / "poster.png") if self.video else None
                pages.add_chart(slide, film, poster)
        for table in deck.tables:
            pages.add_table(table)
        show.save(str(path))


class _Pages:
    """Slides of one presentation, in the sizes and colours of its deck."""

    def __init__(self, show: Any, deck: Deck) -> None:
        self.show, self.deck = show, deck
        self.wide = WIDE[deck.ratio]
        across, down = deck.options.size
        self.picture = min(self.wide - 2 * MARGIN, (HIGH - TOP - 0.15) * across / down)
        # Words begin where those in the pictures do: 40 points into 1,280. A box keeps a tenth of an inch empty.
        self.left = (self.wide - self.picture * (1 - 80 / 1280)) / 2 - 0.1
        self.room = self.wide - 2 * self.left

    def set_up(self) -> None:
        """Make the template's masters and layouts fit the slide and the theme, so that slides added later do too."""
        scale = self.wide / 10
        self.show.slide_width, self.show.slide_height = _emu(self.wide), _emu(HIGH)
        master = self.show.slide_master
        for shape in [*master.shapes, *(shape for layout in master.slide_layouts for shape in layout.shapes)]:
            if shape._element.spPr.xfrm is not None:  # noqa: SLF001  # python-pptx does not tell inherited places
                shape.left, shape.width = round(shape.left * scale), round(shape.width * scale)
        title = self.show.slide_layouts[CHART_LAYOUT].placeholders[0]
        _place(title, self.left, 0.2, self.room, TOP - 0.25)
        _color(master, self.deck.options.colors)
        about = self.show.core_properties
        about.title, about.subject, about.comments = _short(self.deck.title), _short(self.deck.facts), ""
        about.author = about.last_modified_by = _short(self.deck.made)
        about.language = self.deck.options.lang
        about.created = about.modified = datetime.now(UTC).replace(tzinfo=None)

    def add_title(self) -> None:
        """The name of the deck, and the settings."""
        slide = self.show.slides.add_slide(self.show.slide_layouts[TITLE_LAYOUT])
        title, facts = slide.placeholders[0], slide.placeholders[1]
        self._say(title, [self.deck.title], self._fitted(self.deck.title, title, 2, 44), bold=True)
        self._say(facts, [self.deck.facts], self._fitted(self.deck.facts, facts, 3, 26), muted=True)

    def add_chart(self, slide: Slide, film: Path, poster: Path | None) -> None:
        """A title, the picture as large as it can be, its alternative text, and notes."""
        page = self._add_page(slide.title, slide.notes)
        across, down = self.deck.options.size
        wide, high = self.picture, self.picture * down / across
        box = [_emu(inches) for inches in ((self.wide - wide) / 2, TOP, wide, high)]
        if poster is None:
            picture = page.shapes.add_picture(str(film), *box)
        else:
            picture = page.shapes.add_movie(str(film), *box, poster_frame_image=str(poster), mime_type="video/mp4")
        _describe(picture, slide.chart, slide.alt)

    def add_table(self, table: Table) -> None:
        """The settings in a line, the figures in a real table, and what "best" means."""
        deck = self.deck
        page = self._add_page(deck.heading, deck.notes)
        top = TOP + 0.05
        top += self._add_words(page, deck.facts, top)
        columns, rows = len(table.header), len(table.rows) + 1
        frame = page.shapes.add_table(rows, columns, _emu(self.left), _emu(top), _emu(self.room), _emu(0.45 * rows))
        _describe(frame, "figures", f"{deck.heading}: {', '.join(table.header[1:])}")
        frame._element.graphic.graphicData.tbl.tblPr.find(_name("a:tableStyleId")).text = PLAIN_TABLE  # noqa: SLF001
        bottom = top + self._fill(frame.table, table)
        if deck.foot and bottom < HIGH - 0.9:  # else there is no room for it; the notes have it too
            self._add_words(page, deck.foot, max(bottom + 0.1, HIGH - 1.35), muted=True)

    def _fill(self, grid: Any, table: Table) -> float:
        """Put in the words; returns about how many inches of height they take."""
        shares = [1.2, *[1.0] * (len(table.header) - 1)]
        widths = [self.room * share / sum(shares) for share in shares]
        for column, width in zip(grid.columns, widths, strict=True):
            column.width = _emu(width)
        cells = [tuple((name,) for name in table.header), *table.rows]
        return sum(self._fill_row(grid, number, row, widths) for number, row in enumerate(cells))

    def _fill_row(self, grid: Any, number: int, row: Sequence[Sequence[str]], widths: Sequence[float]) -> float:
        lines = 1
        for place, (words, width) in enumerate(zip(row, widths, strict=True)):
            points = 72 * width - 15
            size = min(fit(line, points, 1, 20, SMALLEST) for line in words)
            self._say(grid.cell(number, place), words, size, bold=number == 0)
            _underline(grid.cell(number, place), "tx1" if number == 0 else "bg2")
            lines = max(lines, sum(lines_of(line, size * (1.1 if number == 0 else 1), points) for line in words))
        height = 0.32 * lines + 0.12
        grid.rows[number].height = _emu(height)
        return height

    def _add_page(self, title: str, notes: Sequence[str]) -> Any:
        from pptx.enum.text import PP_ALIGN

        page = self.show.slides.add_slide(self.show.slide_layouts[CHART_LAYOUT])
        self._say(page.shapes.title, [title], self._fitted(title, page.shapes.title, 1, 32), bold=True)
        page.shapes.title.text_frame.paragraphs[0].alignment = PP_ALIGN.LEFT
        page.notes_slide.notes_text_frame.text = "\n".join(notes)
        return page

    def _add_words(self, page: Any, words: str, top: float, *, muted: bool = False) -> float:
        """A paragraph from edge to edge; returns how many inches of height it takes."""
        lines = lines_of(words, SMALLEST, 72 * self.room - 15)
        height = 0.36 * lines + 0.1
        box = page.shapes.add_textbox(_emu(self.left), _emu(top), _emu(self.room), _emu(height))
        box.text_frame.word_wrap = True
        self._say(box, [words], SMALLEST, muted=muted)
        return height

    def _fitted(self, words: str, shape: Any, lines: int, largest: float) -> float:
        return fit(words, shape.width / INCH * 72 - 15, lines, largest, SMALLEST)

    def _say(
        self, shape: Any, lines: Sequence[str], size: float, *, bold: bool | None = None, muted: bool = False
    ) -> None:
        """Put words into a shape or cell, a paragraph a line, told in which language they are."""
        from pptx.enum.dml import MSO_THEME_COLOR
        from pptx.enum.lang import MSO_LANGUAGE_ID
        from pptx.util import Pt

        frame = shape.text_frame
        frame.text = "\n".join(lines)
        for run in (run for paragraph in frame.paragraphs for run in paragraph.runs):
            run.font.size, run.font.bold = Pt(size), bold
            run.font.language_id = getattr(MSO_LANGUAGE_ID, LANGUAGES[self.deck.options.lang])
            run.font.color.theme_color = MSO_THEME_COLOR.TEXT_2 if muted else MSO_THEME_COLOR.TEXT_1


def _emu(inches: float) -> Any:
    from pptx.util import Emu

    return Emu(round(inches * INCH))


def _place(shape: Any, left: float, top: float, width: float, height: float) -> None:
    shape.left, shape.top, shape.width, shape.height = map(_emu, (left, top, width, height))


def _short(words: str) -> str:
    return words[:255]  # a core property holds no more


def _name(tag: str) -> str:
    from pptx.oxml.ns import qn

    return str(qn(tag))


def _describe(shape: Any, name: str, alt: str) -> None:
    """Name a shape, and give it the alternative text that screen readers say."""
    about = shape._element.xpath(".//p:cNvPr")[0]  # noqa: SLF001  # python-pptx has no name for it
    about.set("name", name)
    about.set("descr", alt)


def _underline(cell: Any, color: str) -> None:
    """A line below a cell, in a colour of the deck's theme; and nothing behind its words."""
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls

    properties = cell._tc.get_or_add_tcPr()  # noqa: SLF001  # python-pptx draws no borders
    line = f'<a:lnB {nsdecls("a")} w="12700"><a:solidFill><a:schemeClr val="{color}"/></a:solidFill></a:lnB>'
    properties.append(parse_xml(line))
    properties.append(parse_xml(f"<a:noFill {nsdecls('a')}/>"))


def _color(master: Any, theme: Theme) -> None:
    """Make the theme's colours those of the deck: what is added later takes them too."""
    from lxml import etree
    from pptx.opc.constants import RELATIONSHIP_TYPE

    dark = theme.is_dark
    first, second = (theme.background, theme.ink) if dark else (theme.ink, theme.background)
    third, fourth = (theme.faint, theme.muted) if dark else (theme.muted, theme.faint)
    accents = [theme.plain, *theme.noisy, theme.muted, theme.faint]
    colors = dict(zip(("dk1", "lt1", "dk2", "lt2"), (first, second, third, fourth), strict=True))
    colors |= {f"accent{number}": color for number, color in enumerate(accents, 1)}
    colors |= {"hlink": theme.noisy[0], "folHlink": theme.muted}
    part = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    tree = etree.parse(BytesIO(part.blob))
    for key, color in colors.items():
        place = tree.find(f".//{_name('a:clrScheme')}/{_name('a:' + key)}")
        place[:] = [etree.Element(_name("a:srgbClr"), val=color[1:].upper())]
    part._blob = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)  # noqa: SLF001
    if dark:
        mapping = master._element.find(_name("p:clrMap"))  # noqa: SLF001
        for key, color in {"bg1": "dk1", "tx1": "lt1", "bg2": "dk2", "tx2": "lt2"}.items():
            mapping.set(key, color)
