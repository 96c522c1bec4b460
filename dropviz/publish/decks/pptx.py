"""PowerPoint slides (Office Open XML), written with python-pptx. Text is text, in the colours of the theme."""

import struct
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from dropviz._util.temporary import temporary_folder
from dropviz.errors import DependencyError, OutputError, reason
from dropviz.publish.decks.deck import Deck, Slide
from dropviz.publish.decks.tables import Table
from dropviz.publish.decks.text_size import fit, lines_of
from dropviz.publish.decks.writer import DeckOptions, ProgressCallback, draw, still
from dropviz.rendering.options import RenderOptions
from dropviz.style.theme import Theme

INCH = 914_400  # in English Metric Units, the unit of the format
# Inches, as all lengths here.
WIDTHS = {"16:9": 13 + 1 / 3, "4:3": 10.0}
HEIGHT = 7.5
TOP = 1.0  # height of the title of a slide with a table
LEFT = 0.4  # margin of the text
MIN_FONT_SIZE = 18  # points; readable from the last row of a room
TITLE_LAYOUT, CHART_LAYOUT = 0, 5
PLAIN_TABLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # the style that PowerPoint calls "No Style, No Grid"
LANGUAGES = {"en": "ENGLISH_UK", "zh": "SIMPLIFIED_CHINESE"}


class PptxWriter:
    """Writer of a .pptx file with GIFs, which play in PowerPoint, Impress and Keynote, or with videos."""

    folder_suffix = ""

    def __init__(self, deck_options: DeckOptions, options: RenderOptions) -> None:  # noqa: ARG002  # no option applies
        self.notes: list[str] = []
        self.video = deck_options.video
        try:
            import pptx  # noqa: F401  # raise before the minutes of training
        except ImportError as error:
            raise DependencyError(
                f"slides in .pptx need python-pptx ({error}): pip install 'dropviz[slides]'"
            ) from error

    def write(self, deck: Deck, path: Path, folder: Path, callback: ProgressCallback) -> None:  # noqa: ARG002  # one file
        """Write a title slide, one slide for each chart, and the tables."""
        import pptx

        presentation = pptx.Presentation()
        pages = _Pages(presentation, deck)
        pages.prepare_template()
        pages.add_title()
        for slide in deck.slides:
            with temporary_folder(path.parent) as pictures:
                animation = draw(slide, deck, pictures / f"{slide.chart}{'.mp4' if self.video else '.gif'}", callback)
                poster = still(slide, deck, pictures / "poster.png") if self.video else None
                pages.add_chart(slide, animation, poster)
        for table in deck.tables:
            pages.add_table(table)
        _save(presentation, path)


def _save(presentation: Any, path: Path) -> None:
    """Save without the times that python-pptx writes: equal decks are equal files."""
    with temporary_folder(path.parent) as folder:
        try:
            presentation.save(str(folder / path.name))
        except (ValueError, struct.error) as error:
            raise OutputError(f"cannot write {path.name}: {reason(error)}; set the clock of this machine") from error
        with ZipFile(folder / path.name) as made, ZipFile(path, "w") as file:
            for name in made.namelist():
                file.writestr(ZipInfo(name), made.read(name), ZIP_DEFLATED)


class _Pages:
    """Slides of one presentation, in the size and the colours of its deck."""

    def __init__(self, presentation: Any, deck: Deck) -> None:
        self.presentation, self.deck = presentation, deck
        self.width = WIDTHS[deck.ratio]
        self.text_width = self.width - 2 * LEFT

    def prepare_template(self) -> None:
        """Adapt masters and layouts to the slide size and the theme, so that slides that users add match."""
        scale = self.width / 10
        self.presentation.slide_width, self.presentation.slide_height = _emu(self.width), _emu(HEIGHT)
        master = self.presentation.slide_master
        for shape in [*master.shapes, *(shape for layout in master.slide_layouts for shape in layout.shapes)]:
            if shape._element.spPr.xfrm is not None:  # noqa: SLF001  # not inherited
                shape.left, shape.width = round(shape.left * scale), round(shape.width * scale)
        title = self.presentation.slide_layouts[CHART_LAYOUT].placeholders[0]
        _place(title, LEFT, 0.2, self.text_width, TOP - 0.25)
        _color(master, self.deck.options.colors)
        properties = self.presentation.core_properties
        properties.title, properties.subject, properties.comments = _short(self.deck.title), _short(self.deck.facts), ""
        properties.author = properties.last_modified_by = _short(self.deck.provenance)
        properties.language = self.deck.options.lang
        for date in properties._element.xpath("dcterms:*"):  # noqa: SLF001  # python-pptx deletes no properties
            date.getparent().remove(date)

    def add_title(self) -> None:
        """Add the title slide, with the settings."""
        slide = self.presentation.slides.add_slide(self.presentation.slide_layouts[TITLE_LAYOUT])
        title, facts = slide.placeholders[0], slide.placeholders[1]
        self._set_text(title, [self.deck.title], self._fitted(self.deck.title, title, 2, 44), bold=True)
        self._set_text(facts, [self.deck.facts], self._fitted(self.deck.facts, facts, 3, 26), muted=True)

    def add_chart(self, slide: Slide, animation: Path, poster: Path | None) -> None:
        """Add a slide that the picture fills, with alternative text and notes; with a poster, it is a video.

        The title is above the slide, where outlines and screen readers find it and nobody sees it. PowerPoint puts it
        there when one hides the title of a slide.
        """
        page = self._add_page(slide.title, slide.notes)
        _place(page.shapes.title, LEFT, -TOP, self.text_width, TOP - 0.25)
        box = [_emu(inches) for inches in (0.0, 0.0, self.width, HEIGHT)]
        if poster is None:
            picture = page.shapes.add_picture(str(animation), *box)
        else:
            picture = page.shapes.add_movie(str(animation), *box, poster_frame_image=str(poster), mime_type="video/mp4")
        _describe(picture, slide.chart, slide.alt)

    def add_table(self, table: Table) -> None:
        """Add a slide with the settings, the table and its foot."""
        deck = self.deck
        page = self._add_page(deck.heading, deck.notes)
        top = TOP + 0.05
        top += self._add_paragraph(page, deck.facts, top)
        columns, rows = len(table.header), len(table.rows) + 1
        frame = page.shapes.add_table(rows, columns, _emu(LEFT), _emu(top), _emu(self.text_width), _emu(0.45 * rows))
        _describe(frame, "figures", f"{deck.heading}: {', '.join(table.header[1:])}")
        frame._element.graphic.graphicData.tbl.tblPr.find(_name("a:tableStyleId")).text = PLAIN_TABLE  # noqa: SLF001
        bottom = top + self._fill(frame.table, table)
        if deck.foot and bottom < HEIGHT - 0.9:  # without room for it, the foot is in the notes only
            self._add_paragraph(page, deck.foot, max(bottom + 0.1, HEIGHT - 1.35), muted=True)

    def _fill(self, grid: Any, table: Table) -> float:
        """Fill the cells. Return the approximate height in inches."""
        shares = [1.2, *[1.0] * (len(table.header) - 1)]
        widths = [self.text_width * share / sum(shares) for share in shares]
        for column, width in zip(grid.columns, widths, strict=True):
            column.width = _emu(width)
        cells = [tuple((name,) for name in table.header), *table.rows]
        return sum(self._fill_row(grid, number, row, widths) for number, row in enumerate(cells))

    def _fill_row(self, grid: Any, number: int, row: Sequence[Sequence[str]], widths: Sequence[float]) -> float:
        lines = 1
        for place, (words, width) in enumerate(zip(row, widths, strict=True)):
            points = 72 * width - 15
            size = min(fit(line, points, 1, 20, MIN_FONT_SIZE) for line in words)
            self._set_text(grid.cell(number, place), words, size, bold=number == 0)
            _underline(grid.cell(number, place), "tx1" if number == 0 else "bg2")
            lines = max(lines, sum(lines_of(line, size * (1.1 if number == 0 else 1), points) for line in words))
        height = 0.32 * lines + 0.12
        grid.rows[number].height = _emu(height)
        return height

    def _add_page(self, title: str, notes: Sequence[str]) -> Any:
        from pptx.enum.text import PP_ALIGN

        page = self.presentation.slides.add_slide(self.presentation.slide_layouts[CHART_LAYOUT])
        self._set_text(page.shapes.title, [title], self._fitted(title, page.shapes.title, 1, 32), bold=True)
        page.shapes.title.text_frame.paragraphs[0].alignment = PP_ALIGN.LEFT
        page.notes_slide.notes_text_frame.text = "\n".join(notes)
        return page

    def _add_paragraph(self, page: Any, text: str, top: float, *, muted: bool = False) -> float:
        """Add a paragraph over the full width. Return its height in inches."""
        lines = lines_of(text, MIN_FONT_SIZE, 72 * self.text_width - 15)
        height = 0.36 * lines + 0.1
        box = page.shapes.add_textbox(_emu(LEFT), _emu(top), _emu(self.text_width), _emu(height))
        box.text_frame.word_wrap = True
        self._set_text(box, [text], MIN_FONT_SIZE, muted=muted)
        return height

    def _fitted(self, text: str, shape: Any, lines: int, largest: float) -> float:
        return fit(text, shape.width / INCH * 72 - 15, lines, largest, MIN_FONT_SIZE)

    def _set_text(
        self, shape: Any, lines: Sequence[str], size: float, *, bold: bool | None = None, muted: bool = False
    ) -> None:
        """Set the text of a shape or cell, one paragraph for each line, and its language."""
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


def _short(text: str) -> str:
    return text[:255]  # maximum length of a core property


def _name(tag: str) -> str:
    from pptx.oxml.ns import qn

    return str(qn(tag))


def _describe(shape: Any, name: str, alt: str) -> None:
    """Set the name and the alternative text of a shape."""
    properties = shape._element.xpath(".//p:cNvPr")[0]  # noqa: SLF001  # python-pptx has no API for it
    properties.set("name", name)
    properties.set("descr", alt)


def _underline(cell: Any, color: str) -> None:
    """Draw a line below a cell, in a colour of the theme, and remove the background of the cell."""
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls

    properties = cell._tc.get_or_add_tcPr()  # noqa: SLF001  # python-pptx has no API for it
    line = f'<a:lnB {nsdecls("a")} w="12700"><a:solidFill><a:schemeClr val="{color}"/></a:solidFill></a:lnB>'
    properties.append(parse_xml(line))
    properties.append(parse_xml(f"<a:noFill {nsdecls('a')}/>"))


def _color(master: Any, theme: Theme) -> None:
    """Set the colours of the theme, which slides that users add have too."""
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
        element = tree.find(f".//{_name('a:clrScheme')}/{_name('a:' + key)}")
        element[:] = [etree.Element(_name("a:srgbClr"), val=color[1:].upper())]
    part._blob = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)  # noqa: SLF001
    if dark:
        mapping = master._element.find(_name("p:clrMap"))  # noqa: SLF001
        for key, color in {"bg1": "dk1", "tx1": "lt1", "bg2": "dk2", "tx2": "lt2"}.items():
            mapping.set(key, color)
