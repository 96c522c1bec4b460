"""Cells of a mask in its own geometry: tiles of rows and columns, in whole pixels."""

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, log, prod

import numpy as np
from numpy.typing import NDArray

from dropviz.recording import Recording, Site

Pixels = NDArray[np.int64]
ASPECT = 1.6  # of grids that can be arranged in several ways
NEARLY = 0.65  # of the largest side: cells may be as small if fewer places are empty then
GAPPED = 8  # pixels of a cell from which on cells of one tile are a pixel apart


@dataclass(frozen=True)
class Tiles:
    """Tiles of a mask: the last two axes are the rows and columns of one, the axes before them count tiles.

    A mask of one axis has a tile for each cell; a mask without axes is one cell.

    >>> Tiles.of((4, 8, 32)), Tiles.of((64,))
    (Tiles(count=4, rows=8, columns=32), Tiles(count=64, rows=1, columns=1))
    """

    count: int
    rows: int
    columns: int

    @classmethod
    def of(cls, shape: tuple[int, ...]) -> "Tiles":
        """Return the tiles of a mask with these axes, without that of examples."""
        if len(shape) < 2:
            return cls(prod(shape), 1, 1)
        return cls(prod(shape[:-2]), *shape[-2:])

    @property
    def is_list(self) -> bool:
        """True if each tile is one cell."""
        return self.rows == self.columns == 1


def axes_of(site: Site) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return names and sizes of the axes of a site, without that of examples."""
    start = int(site.has_examples)
    return site.axes[start:], site.shape[start:]


def has_mask(run: Recording, site: Site) -> bool:
    """Return whether a mask says all that a site drew: none does of noise that multiplies by numbers."""
    return site.name in run.masks and site.name not in run.noise


@dataclass(frozen=True)
class CellGrid:
    """Places of the cells that are shown, in whole pixels from the lower left corner of the grid.

    side     of a cell
    gap      between cells of a tile
    shown    number of tiles, and of rows and columns of each, that are shown
    across   number of tiles beside each other
    between  distance of tiles
    """

    tiles: Tiles
    side: int
    gap: int
    shown: Tiles
    across: int
    between: int

    @property
    def tile_size(self) -> tuple[int, int]:
        """Width and height of a tile."""
        pitch = self.side + self.gap
        return self.shown.columns * pitch - self.gap, self.shown.rows * pitch - self.gap

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the whole grid."""
        (width, height), down = self.tile_size, ceil(self.shown.count / self.across)
        across = min(self.across, self.shown.count)
        return (
            across * (width + self.between) - self.between,
            down * (height + self.between) - self.between,
        )

    @property
    def cropped(self) -> tuple[int, int]:
        """Number of cells that are shown, and number of all."""
        shown, whole = self.shown, self.tiles
        return shown.count * shown.rows * shown.columns, whole.count * whole.rows * whole.columns

    def indices(self) -> tuple[Pixels, Pixels, Pixels]:
        """Return tile, row and column of each shown cell, each int [cells], in the order of the mask."""
        shown = self.shown
        grid = np.indices((shown.count, shown.rows, shown.columns)).reshape(3, -1)
        return grid[0], grid[1], grid[2]

    def flat(self) -> Pixels:
        """Return the index of each shown cell in the flattened mask, int [cells]."""
        tile, row, column = self.indices()
        flat: Pixels = (tile * self.tiles.rows + row) * self.tiles.columns + column
        return flat

    def corners(self) -> Pixels:
        """Return the lower left corner of each shown cell, int [cells, 2]; the first cell is at the upper left."""
        tile, row, column = self.indices()
        width, height = self.tile_size
        down, right = np.divmod(tile, self.across)
        pitch = self.side + self.gap
        x = right * (width + self.between) + column * pitch
        y = self.size[1] - (down * (height + self.between) + row * pitch) - self.side
        return np.column_stack([x, y])

    def frames(self) -> Pixels:
        """Return left, bottom, width and height of each tile, int [tiles, 4]."""
        width, height = self.tile_size
        down, right = np.divmod(np.arange(self.shown.count), self.across)
        x = right * (width + self.between)
        y = self.size[1] - down * (height + self.between) - height
        return np.column_stack([x, y, np.full(len(x), width), np.full(len(x), height)])


@lru_cache(maxsize=1024)  # sites of one shape are many, and so are the heights that a layout tries
def fit_cells(tiles: Tiles, width: int, height: int, largest: int, spaced: float = 0.2) -> CellGrid:
    """Return the grid with the largest cells that fit, up to `largest` pixels; what does not fit at 1 is left out.

    spaced  distance of the cells of a list, as a share of their side
    """
    grids = [
        _grid(tiles, tiles, side, across, spaced)
        for across in sorted({ceil(tiles.count / down) for down in range(1, min(tiles.count, max(height, 1)) + 1)})
        if (side := _largest_side(tiles, across, width, height, largest, spaced))
    ]
    if not grids:
        return _crop(tiles, max(width, 1), max(height, 1), spaced)
    side = max(grid.side for grid in grids)
    return max((grid for grid in grids if grid.side >= NEARLY * side), key=_preference)


def _preference(grid: CellGrid) -> tuple[float, float]:
    """Return a larger value for grids with fewer empty places, then for those of usual proportions."""
    width, height = grid.size
    empty = -grid.shown.count % grid.across / grid.shown.count
    return -round(empty, 2), -abs(log(width / height / ASPECT))


def _largest_side(tiles: Tiles, across: int, width: int, height: int, largest: int, spaced: float) -> int:
    down = ceil(tiles.count / across)
    side = min(width // (across * tiles.columns), height // (down * tiles.rows), largest)
    while side > 0:
        size = _grid(tiles, tiles, side, across, spaced).size
        if size[0] <= width and size[1] <= height:
            break
        side -= 1
    return side


def _grid(tiles: Tiles, shown: Tiles, side: int, across: int, spaced: float) -> CellGrid:
    if tiles.is_list:
        between = max(round(spaced * side), 1) if side >= 3 else 0
        return CellGrid(tiles, side, 0, shown, across, between)
    gap = int(side >= GAPPED)
    return CellGrid(tiles, side, gap, shown, across, max(3, side // 2 + gap))


def _crop(tiles: Tiles, width: int, height: int, spaced: float) -> CellGrid:
    """Return the first tiles, rows and columns that fit at one pixel a cell."""
    rows, columns = min(tiles.rows, height), min(tiles.columns, width)
    one = _grid(tiles, Tiles(1, rows, columns), 1, 1, spaced)
    across = max((width + one.between) // (columns + one.between), 1)
    down = max((height + one.between) // (rows + one.between), 1)
    return _grid(tiles, Tiles(min(tiles.count, across * down), rows, columns), 1, across, spaced)
