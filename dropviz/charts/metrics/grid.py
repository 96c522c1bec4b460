"""Grid of small plots: as many columns as make them largest."""

from dataclasses import dataclass
from math import ceil

from dropviz.charts.base.geometry import Box

MAX_PLOTS = 9
GAP = 20.0  # between columns, in points
LEFT, TITLE, TICKS, AXIS = 66.0, 34.0, 30.0, 26.0  # room for ticks of y, title, ticks of x, and label of x, in points
MIN_WIDTH, MIN_HEIGHT = 110.0, 52.0  # of the axes of a plot, in points
RATIO = 1.9  # width to height of a plot that reads well


@dataclass(frozen=True)
class Grid:
    """Boxes of the axes of plots, row by row. `is_last[i]` is true if no plot is below that of number i."""

    boxes: tuple[Box, ...]
    is_last: tuple[bool, ...]

    @property
    def quality(self) -> float:
        """Size of a plot, higher for one that reads better."""
        return min(self.boxes[0].width, RATIO * self.boxes[0].height)

    @property
    def is_readable(self) -> bool:
        """True if the plots are not too small."""
        return self.boxes[0].width >= MIN_WIDTH and self.boxes[0].height >= MIN_HEIGHT


def fit_grid(area: Box, count: int, room: float) -> Grid:
    """Return the best grid of up to `count` plots in an area; fewer, if so many would be too small.

    room  width for the labels of the curves, right of each plot, in points
    """
    for shown in range(min(count, MAX_PLOTS), 1, -1):
        best = max(
            (_grid(area, shown, columns, room) for columns in range(1, shown + 1)), key=lambda grid: grid.quality
        )
        if best.is_readable:
            return best
    return _grid(area, 1, 1, room)


def _grid(area: Box, count: int, columns: int, room: float) -> Grid:
    rows = ceil(count / columns)
    across = (area.width - (columns - 1) * GAP) / columns
    up = (area.height - AXIS) / rows
    boxes = [
        Box(
            area.left + column * (across + GAP) + LEFT,
            area.bottom + AXIS + TICKS + (rows - 1 - row) * up,
            max(across - LEFT - room, 1.0),
            max(up - TITLE - TICKS, 1.0),
        )
        for row, column in (divmod(number, columns) for number in range(count))
    ]
    return Grid(tuple(boxes), tuple(number + columns >= count for number in range(count)))
