"""Names of arms in rows, each behind the marker of its lines."""

from collections.abc import Sequence

import numpy as np

from dropviz.charts.base.artists import Dots
from dropviz.charts.base.canvas import MIN_TYPE_SIZE, Canvas
from dropviz.style.theme import ArmStyle

SIZE = 20.0  # type size, in points
GAP = 54.0  # from one name to the next, marker included, in points
ROW = 32.0  # distance of rows, in points
MOST = 2  # rows, before names are shortened


def arm_rows(canvas: Canvas, names: Sequence[str], width: float) -> list[int]:
    """Return the number of names in each row: in as few rows as hold them whole, up to MOST; all rows are alike."""
    rows = 1
    while rows < min(MOST, len(names)) and _size(canvas, names, -(-len(names) // rows), width) < MIN_TYPE_SIZE:
        rows += 1
    each = -(-len(names) // rows)
    return [min(each, len(names) - first) for first in range(0, len(names), each)]


def _size(canvas: Canvas, names: Sequence[str], each: int, width: float) -> float:
    """Return the type size at which `each` names fit into a row, whole."""
    return min(canvas.fit(name, SIZE, width / each - GAP, "bold") for name in names)


def draw_arm_names(
    canvas: Canvas, names: Sequence[str], styles: Sequence[ArmStyle], x: float, y: float, width: float
) -> None:
    """Draw names in their colours from (x, y) to the right, in at most `width`, and down; all in points of the layout.

    y  middle of the first row
    """
    rows, first = arm_rows(canvas, names, width), 0
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
