"""LaTeX Beamer slides for pdflatex, with numbered frames that the package `animate` plays."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from dropviz._util.text import TexEscaper
from dropviz.errors import DependencyError, UsageError
from dropviz.publish.decks.deck import Deck, Slide
from dropviz.publish.decks.tables import Table
from dropviz.publish.decks.writer import DeckOptions, ProgressCallback
from dropviz.rendering.options import RenderOptions
from dropviz.rendering.pipeline import render

MAX_FRAMES = 30  # default of each chart, since pdflatex reads all frames
RATIOS = {"16:9": "169", "4:3": "43"}  # Beamer's names
# The title of a plain frame, which its picture fills, is a bookmark of the PDF only. Quarto's slides use it too.
HIDDEN_TITLES = r"""\makeatletter
\setbeamertemplate{frametitle}{%
  \pdfbookmark[2]{\insertframetitle}{frame.\insertframenumber}%
  \ifbeamer@plainframe\else
    \vskip3mm{\usebeamercolor[fg]{frametitle}\usebeamerfont{frametitle}\insertframetitle\strut\par}%
  \fi}
\makeatother"""

PREAMBLE = r"""%% %(provenance)s
%% Compile with pdflatex, twice, in this folder. Frames play in Acrobat, Foxit, Okular and others that know JavaScript,
%% once, and again with a click; elsewhere the last one is seen.
%% Speaker notes: \setbeameroption{show notes}.
\documentclass[aspectratio=%(ratio)s]{beamer}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{textcomp}
\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
\usepackage{animate}
\usepackage{tikz}
\usepackage{booktabs}
\usepackage{tabularx}
\definecolor{paper}{HTML}{%(paper)s}
\definecolor{ink}{HTML}{%(ink)s}
\definecolor{muted}{HTML}{%(muted)s}
\setbeamercolor{background canvas}{bg=paper}
\setbeamercolor{normal text}{fg=ink}
\setbeamercolor{structure}{fg=ink}
\setbeamercolor{frametitle}{fg=ink}
\setbeamerfont{frametitle}{series=\bfseries}
\setbeamerfont{title}{series=\bfseries}
\setbeamerfont{subtitle}{series=\mdseries}
\setbeamercolor{subtitle}{fg=muted}
\setbeamertemplate{navigation symbols}{}
\setbeamersize{text margin left=7mm,text margin right=7mm}
%(hidden_titles)s
\newcolumntype{Y}{>{\raggedright\arraybackslash}X}
\title{%(title)s}
\subtitle{%(facts)s}
\date{}
\begin{document}
"""


class BeamerWriter:
    """Writer of a .tex file and a folder with the frames of each chart as PNG."""

    folder_suffix = "-frames"

    def __init__(self, deck_options: DeckOptions, options: RenderOptions) -> None:  # noqa: ARG002  # no option applies
        self.notes: list[str] = []
        self.escape = TexEscaper()
        if options.lang == "zh":
            raise UsageError("pdflatex has no Chinese letters: choose .pptx or .html, or --lang en")
        try:
            import anyascii  # noqa: F401  # raise before the minutes of training
        except ImportError as error:
            raise DependencyError(f"slides in .tex need anyascii ({error}): pip install 'dropviz[slides]'") from error

    def write(self, deck: Deck, path: Path, folder: Path, callback: ProgressCallback) -> None:
        """Write the preamble, the slides and their frames."""
        text = "\n".join(self._lines(deck, folder, callback))
        path.write_text(text, encoding="utf-8", newline="\n")
        if deck.options.frames is None:
            self.notes.append(f"{MAX_FRAMES} frames a chart at most, so that pdflatex stays quick: --frames N for more")
        if changed := self.escape.changed:
            pairs = ", ".join(f"{letter} as {written}" for letter, written in changed.items())
            self.notes.append(f"pdflatex has no letters for some names; written in Latin ones: {pairs}")

    def _lines(self, deck: Deck, folder: Path, callback: ProgressCallback) -> Iterator[str]:
        escape, colors = self.escape, deck.options.colors
        color_names = {"paper": colors.background, "ink": colors.ink, "muted": colors.muted}
        yield PREAMBLE % {
            **{name: color[1:].upper() for name, color in color_names.items()},
            "provenance": escape.plain(deck.provenance),
            "ratio": RATIOS[deck.ratio],
            "hidden_titles": HIDDEN_TITLES,
            "title": escape(deck.title),
            "facts": escape(deck.facts),
        }
        yield "\\begin{frame}\n\\titlepage\n\\end{frame}\n"
        for slide in deck.slides:
            options = f"[plain,label={slide.chart}]"
            yield self._frame(slide.title, self._animation(slide, deck, folder, callback), slide.notes, options)
        for table in deck.tables:
            yield self._frame(deck.heading, self._table(table, deck), deck.notes)
        yield "\\end{document}\n"

    def _frame(self, title: str, body: str, notes: tuple[str, ...], options: str = "") -> str:
        paragraphs = "\n\n".join(map(self.escape, notes))
        return (
            f"\\begin{{frame}}{options}{{{self.escape(title)}}}\n{body}\n"
            f"\\note{{\\raggedright\n{paragraphs}}}\n\\end{{frame}}\n"
        )

    def _animation(self, slide: Slide, deck: Deck, folder: Path, callback: ProgressCallback) -> str:
        options = replace(deck.options, frames=deck.options.frames or MAX_FRAMES)
        animation = render(slide.source, options, folder / f"{slide.chart}-%d.png", callback)
        rate = round(animation.frames / animation.seconds, 2)
        return (
            f"% {animation.frames} frames, {rate:g} a second\n"
            "\\begin{tikzpicture}[remember picture,overlay]\n"
            "\\node[inner sep=0pt] at (current page.center) {"
            f"\\animategraphics[autoplay,poster=last,width=\\paperwidth,alttext={{{self.escape.plain(slide.alt)}}}]"
            f"{{{rate:g}}}{{{folder.name}/{slide.chart}-}}{{0}}{{{animation.frames - 1}}}}};\n"
            "\\end{tikzpicture}"
        )

    def _table(self, table: Table, deck: Deck) -> str:
        escape = self.escape
        head = " & ".join(f"\\textbf{{{escape(name)}}}" for name in table.header)
        rows = "\n".join(f"{' & '.join(map(self._cell, row))} \\\\" for row in table.rows)
        columns = f"@{{}}{'Y' * len(table.header)}@{{}}"
        foot = f"\n\n\\smallskip\n{{\\footnotesize\\color{{muted}}{escape(deck.foot)}\\par}}" if deck.foot else ""
        return (
            f"\\raggedright\\small\n{{\\color{{muted}}{escape(deck.facts)}\\par}}\n\\smallskip\n"
            f"\\begin{{tabularx}}{{\\textwidth}}{{{columns}}}\n"
            f"\\toprule\n{head} \\\\\n\\midrule\n{rows}\n\\bottomrule\n"
            f"\\end{{tabularx}}{foot}"
        )

    def _cell(self, lines: tuple[str, ...]) -> str:
        return " \\newline ".join(map(self.escape, lines))
