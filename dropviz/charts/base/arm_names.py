"""Names of arms in rows, each behind the marker of its lines."""

from collections.abc import Sequence

import numpy as np

from dropviz.charts.base.artists import Dots
from dropviz.charts.base.canvas import MIN_TYPE_SIZE, Canvas
from dropviz.charts.base.short_names import shorten_names
from dropviz.style.theme import ArmStyle

SIZE = 20.0  # type size, in points
GAP = 54.0  # from one name to the next, marker included, in points
SHORTEST = 8  # letters of a name that is shortened, if there is room
ROW = 32.0  # distance of rows, in points
SHARE = 0.25  # of the height of the chart that rows of whole names may take; of shortened ones, twice as much


def arm_rows(canvas: Canvas, names: Sequence[str], width: float, height: float) -> list[int]:
    """Return the number of names in each row: in as few rows as hold them whole, or else distinct; all rows are alike.

    width, height  of the chart, in points
    """
    most = max(int(SHARE * height / ROW), 2)
    rows = _rows(canvas, names, width, most) or _rows(canvas, names, width, 2 * most, shortest=True) or most
    each = -(-len(names) // min(rows, len(names)))
    return [min(each, len(names) - first) for first in range(0, len(names), each)]


def _rows(canvas: Canvas, names: Sequence[str], width: float, most: int, *, shortest: bool = False) -> int:
    """Return the number of rows, up to `most`, that hold the names whole, or shortened as far as it goes; 0 if none."""
    short = shorten_names(tuple(names), SHORTEST) if shortest else {name: name for name in names}
    widest = max(canvas.width_of(name, MIN_TYPE_SIZE, "bold") for name in short.values())
    return next((rows for rows in range(1, most + 1) if widest <= width / -(-len(names) // rows) - GAP), 0)


def draw_arm_names(
    canvas: Canvas,
    names: Sequence[str],
    styles: Sequence[ArmStyle],
    rows: Sequence[int],
    x: float,
    y: float,
    width: float,
) -> None:
    """Draw names in their colours from (x, y) to the right, in at most `width`, and down; all in points of the layout.

    rows  number of names in each row
    y     middle of the first row
    """
    first = 0
    for number, count in enumerate(rows):
        row = slice(first, first + count)
        _draw_row(canvas, names[row], styles[row], x, y - number * ROW, width, width / max(rows))
        first += count


def _draw_row(
    canvas: Canvas,
    names: Sequence[str],
    styles: Sequence[ArmStyle],
    x: float,
    y: float,
    width: float,
    column: float,
) -> None:
    is_full = sum(GAP + canvas.width_of(name, SIZE, "bold") for name in names) > width
    for name, style in zip(names, styles, strict=True):
        words, size = canvas.fitted(name, SIZE, column - GAP + 4, "bold")
        dot = Dots(7 * canvas.scale, style.color, style.color, marker=style.strokes.marker)
        dot.centres = np.array([[x + 8, y]]) * canvas.scale
        canvas.figure.add_artist(dot)
        canvas.text(x + 24, y, words, size, color=style.color, weight="bold", va="center_baseline")
        x += column if is_full else GAP + canvas.width_of(words, size, "bold")
