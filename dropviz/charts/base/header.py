"""Header and footer of a picture: one headline, one line of evidence below it, and the settings at the lower edge."""

from collections.abc import Sequence

from dropviz.analysis.answers import Answer
from dropviz.charts.base.artists import MovingText
from dropviz.charts.base.canvas import HEADLINE, MARGIN, MIN_HEADLINE, SMALL, Canvas
from dropviz.charts.base.geometry import Box

TOP, BELOW = 20.0, 12.0  # from the edge to the headline, and from the last line to the picture, in points
HEADLINE_PITCH, PITCH = 1.22, 1.28  # distance of lines, in type sizes
FOOT = 12.0  # from the edge to the base line of the footer, in points
MAX_LINES = 2  # of the headline, of the evidence and of the settings, in pictures that are narrow


class Header:
    """The question in bold while the chart plays; with the last frame, the answer in the same place, and its evidence.

    Below the question stands the iteration. Settings and credit are at the lower edge, in all frames.

    question  in words
    answer    None if the recordings answer nothing: the question stays
    settings  parts of a line, separated by " · "
    moving    the moving artists
    content   box that is left for the chart, in points
    """

    def __init__(self, canvas: Canvas, question: str, answer: Answer | None, settings: str) -> None:
        self.canvas = canvas
        self.moving: list[MovingText] = []
        self._playing: list[MovingText] = []
        self._final: list[MovingText] = []
        top, bottom = MARGIN, MARGIN
        if canvas.words.has_header:
            answer = answer._replace(evidence="") if answer and canvas.is_small else answer
            top = self._make_lines(canvas.words.title or question, answer)
            bottom = MARGIN / 2 if canvas.is_small else self._draw_footer(settings)
        self.content = Box(MARGIN, bottom, canvas.width - 2 * MARGIN, canvas.height - top - bottom)

    def _make_lines(self, question: str, answer: Answer | None) -> float:
        """Make the texts of all frames; return the height that they take, in points."""
        canvas, width = self.canvas, self.canvas.width - 2 * MARGIN
        headline = canvas.words.title or (answer.headline if answer else question)
        size = max(min(canvas.fit(each, HEADLINE, width, "bold") for each in (question, headline)), MIN_HEADLINE)
        heads = [canvas.lines(each, size, width, MAX_LINES, "bold") for each in (question, headline)]
        y = TOP + size
        first = [self._texts(lines, size, y, "bold", canvas.theme.ink, HEADLINE_PITCH) for lines in heads]
        y += HEADLINE_PITCH * size * (max(map(len, heads)) - 1) + 10 + SMALL
        evidence = canvas.lines(answer.evidence, SMALL, width, MAX_LINES) if answer else []
        self._counter = canvas.moving_text(MARGIN, canvas.height - y, SMALL, color=canvas.theme.muted)
        self._playing = [*first[0], self._counter]
        proof = self._texts(evidence, SMALL, y, "normal", canvas.theme.ink, PITCH)
        self._final = [*first[1], *(proof or [self._counter])]
        self.moving = [*self._playing, *first[1], *proof]
        return y + PITCH * SMALL * max(len(evidence) - 1, 0) + BELOW

    def _texts(
        self, lines: Sequence[str], size: float, y: float, weight: str, color: str, pitch: float
    ) -> list[MovingText]:
        texts = []
        for number, line in enumerate(lines):
            height = self.canvas.height - y - number * pitch * size
            text = self.canvas.moving_text(MARGIN, height, size, color=color, weight=weight)
            text.set_text(line)
            texts.append(text)
        return texts

    def _draw_footer(self, settings: str) -> float:
        """Draw settings and credit; return the height that they take, in points."""
        canvas, muted = self.canvas, self.canvas.theme.muted
        credit = canvas.width_of(canvas.words.credit, SMALL) + 24 if canvas.words.credit else 0.0
        width = canvas.width - 2 * MARGIN - credit
        lines = canvas.lines(settings, SMALL, width, MAX_LINES, separator=" · ")
        for number, line in enumerate(reversed(lines)):
            canvas.text(MARGIN, FOOT + number * PITCH * SMALL, line, SMALL, color=muted)
        if canvas.words.credit:
            canvas.text(canvas.width - MARGIN, FOOT, canvas.words.credit, SMALL, color=muted, ha="right")
        return FOOT + PITCH * SMALL * max(len(lines), 1) + 4

    def show(self, counter: str, *, is_last: bool) -> None:
        """Show the question and the iteration, or with the last frame the answer."""
        if not self.moving:
            return
        self._counter.set_text(counter)
        shown = self._final if is_last else self._playing
        for text in self.moving:
            text.set_visible(text in shown)
