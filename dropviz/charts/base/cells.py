"""Cells of masks: one for each unit of all layers with masks, in rows."""

from collections.abc import Sequence
from math import ceil

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import NDArray

from dropviz.charts.base.artists import Dots, Points
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.geometry import Box
from dropviz.errors import RecordingError
from dropviz.recording import Recording

MAX_CELLS = 10_000
HALF = 0.42 / 0.9  # radius of a marker "square" that leaves a gap between cells, in distances of cells

Which = NDArray[np.bool_]


class Cells:
    """Cells in rows, as large as fit in `box`, from its upper left corner on.

    units   number of cells
    colors  colours of two kinds of cells, and of marks of a third kind
    size    size of these marks, in sizes of a cell

    Raises RecordingError if there are none, or too many to be seen.
    """

    def __init__(self, canvas: Canvas, box: Box, units: int, colors: Sequence[str], size: float = 1.0) -> None:
        if not units or units > MAX_CELLS:
            raise RecordingError(f"{units:,} units are no cells to draw: must be 1 to {MAX_CELLS:,}; choose other arms")
        columns, pitch = _grid(units, box)
        row, column = np.divmod(np.arange(units), columns)
        x, y = box.left + pitch * (column + 0.5), box.bottom + box.height - pitch * (row + 0.5)
        self.centres: Points = np.column_stack([x, y]) * canvas.scale
        self.bottom = box.bottom + box.height - pitch * ceil(units / columns)
        radius = HALF * pitch * canvas.scale
        sizes = (radius, radius, size * radius)
        self.kinds = [Dots(each, color, color, marker="square") for each, color in zip(sizes, colors, strict=True)]
        self.moving: Sequence[Artist] = self.kinds

    def show(self, *kinds: Which) -> None:
        """Set the cells of each kind, each bool [units]."""
        for dots, which in zip(self.kinds, kinds, strict=True):
            dots.centres = self.centres[which]


def whole_masks(run: Recording) -> Which:
    """Return the masks of all layers side by side, bool [T, examples, units]; without masks, [T, 0, 0]."""
    empty = np.empty((len(run.recorded_iterations), 0, 0), bool)
    masks = [run.masks[layer.name] for layer in run.layers if layer.name in run.masks]
    return np.concatenate(masks, axis=2) if masks else empty


def _grid(units: int, box: Box) -> tuple[int, float]:
    """Return the number of columns of square cells that fill the box best, and the side of one."""
    columns = np.arange(1, units + 1)
    sides = np.minimum(box.width / columns, box.height / np.ceil(units / columns))
    best = int(sides.argmax())
    return best + 1, float(sides[best])
