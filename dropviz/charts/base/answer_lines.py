"""Answers of a chart, as lines at the top left of the last frame."""

from collections.abc import Sequence

from dropviz.charts.base.artists import MovingText
from dropviz.charts.base.canvas import Canvas

MAX_SIZE, MIN_SIZE = 20.0, 15.0  # type sizes of answers, in points
MIN_ONE_LINE = 17.0  # below this size, two lines are better than one
NOTE = 17.0
TOP, PITCH = 126.0, 30.0  # from the top of the picture to the first base line, and from line to line, in points


class AnswerLines:
    """Answers in bold, and below them a smaller note, in the last frame only. Without answers there is no note.

    answers  sentences; what is too long for a line is set smaller, or in up to `rows` lines
    words    the moving artists
    height   height of all lines, in points
    """

    def __init__(self, canvas: Canvas, answers: Sequence[str], note: str = "", rows: int = 2) -> None:
        self.words: list[MovingText] = []
        self._canvas = canvas
        for answer in answers:
            lines, size = _lines(canvas, answer, rows)
            for line in lines:
                self._put(line, size, "bold", canvas.theme.ink)
        if note and answers:
            self._put(note, NOTE, "normal", canvas.theme.muted)
        self.height = PITCH * len(self.words)

    def _put(self, line: str, size: float, weight: str, color: str) -> None:
        canvas = self._canvas
        shown, size = canvas.fitted(line, size, canvas.width - 80, weight)
        words = canvas.moving_text(40, canvas.height - TOP - PITCH * len(self.words), size, color=color, weight=weight)
        words.set_text(shown)
        self.words.append(words)

    def show(self, is_last: bool) -> None:
        """Show the lines with the last frame, hide them with others."""
        for words in self.words:
            words.set_visible(is_last)


def _lines(canvas: Canvas, words: str, rows: int) -> tuple[list[str], float]:
    """Return `words` in as few lines as they fit in at a readable size, up to `rows`, and that size."""
    width, size = canvas.width - 80, MAX_SIZE
    if rows == 1 or canvas.fit(words, MAX_SIZE, width, "bold") >= MIN_ONE_LINE:
        return [words], MAX_SIZE
    while len(lines := canvas.wrap(words, size, width, weight="bold")) > rows and size > MIN_SIZE:
        size -= 1
    rest = words
    for line in lines[: rows - 1]:
        rest = rest.removeprefix(line).lstrip()
    return [*lines[: rows - 1], rest], size
