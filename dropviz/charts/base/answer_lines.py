"""What came of it: the lines at the top left that are seen when all has been shown."""

from collections.abc import Sequence

from dropviz.charts.base.artists import MovingText
from dropviz.charts.base.canvas import Canvas

LARGEST, SMALLEST = 20.0, 15.0  # type of the answers, in points
ONE_LINE = 17.0  # smaller than this, two lines are better than one
NOTE = 17.0
TOP, PITCH = 126.0, 30.0  # base line of the first line, from the top of the picture; and from line to line


class AnswerLines:
    """Answers in bold, and a smaller note below them; seen with the last frame alone. No answers, no note.

    answers  sentences; what is too long for a line is set smaller, or in up to `rows` lines
    words    the moving artists
    height   how many points the lines take
    """

    def __init__(self, canvas: Canvas, answers: Sequence[str], note: str = "", rows: int = 2) -> None:
        self.words: list[MovingText] = []
        self._stage = canvas
        for answer in answers:
            lines, size = _lines(canvas, answer, rows)
            for line in lines:
                self._put(line, size, "bold", canvas.theme.ink)
        if note and answers:
            self._put(note, NOTE, "normal", canvas.theme.muted)
        self.height = PITCH * len(self.words)

    def _put(self, line: str, size: float, weight: str, color: str) -> None:
        canvas = self._stage
        shown, size = canvas.fitted(line, size, canvas.width - 80, weight)
        words = canvas.moving_text(40, canvas.height - TOP - PITCH * len(self.words), size, color=color, weight=weight)
        words.set_text(shown)
        self.words.append(words)

    def show(self, is_last: bool) -> None:
        """Set the lines to a moment: whether it is the last one."""
        for words in self.words:
            words.set_visible(is_last)


def _lines(canvas: Canvas, words: str, rows: int) -> tuple[list[str], float]:
    """`words` in as few lines as they fit in at a size that can be read, and that size; at worst in `rows` lines."""
    width, size = canvas.width - 80, LARGEST
    if rows == 1 or canvas.fit(words, LARGEST, width, "bold") >= ONE_LINE:
        return [words], LARGEST
    while len(lines := canvas.wrap(words, size, width, weight="bold")) > rows and size > SMALLEST:
        size -= 1
    rest = words
    for line in lines[: rows - 1]:
        rest = rest.removeprefix(line).lstrip()
    return [*lines[: rows - 1], rest], size
