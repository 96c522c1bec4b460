"""Panel of one site: the mask of the tracked example, or its noise, at one recorded iteration."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgba
from matplotlib.path import Path
from matplotlib.transforms import IdentityTransform
from numpy.typing import NDArray

from dropviz.charts.base.artists import Shape, boxes
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.tracked_example import EXAMPLE
from dropviz.charts.sites.cells import CellGrid, axes_of, has_mask
from dropviz.charts.sites.noise_levels import level_colors, scale_of
from dropviz.recording import Recording, Site

OUTLINED = 9  # pixels of a cell from which on a dropped one has an outline
DROPPED, KEPT, ABSENT = range(3)  # states of a cell; of noise, levels follow

States = NDArray[np.int64]


class CellImage(Artist):
    """Cells in whole pixels, each filled with the colour of its state, or left blank.

    colors   of each state; "" for blank
    outline  colour of the outline of blank cells; "" for none
    """

    def __init__(self, grid: CellGrid, x: int, y: int, colors: Sequence[str], outline: str = "") -> None:
        super().__init__()
        self.grid, self.origin, self.states = grid, (x, y), np.zeros(len(grid.flat()), np.int64)
        self._corners, self._colors, self._outline = grid.corners(), colors, outline
        shades = [to_rgba(color) if color else (0.0, 0.0, 0.0, 0.0) for color in (*colors, outline, "")]
        self._shades = np.round(255 * np.array(shades)).astype(np.uint8)
        self._pixels, self._border = _pixel_maps(grid, self._corners)

    def draw(self, renderer: Any) -> None:
        """Draw the cells: as an image on an Agg canvas, which has pixels, and as paths on any other."""
        gc = renderer.new_gc()
        if isinstance(renderer, RendererAgg):
            blank = len(self._colors)
            shades = np.append(self.states, blank + 1)[self._pixels]
            shades[self._border & (shades == DROPPED)] = blank
            renderer.draw_image(gc, *self.origin, self._shades[shades])
        else:
            gc.set_linewidth(0)
            for state, color in enumerate(self._colors):
                if color and (path := self._path(self.states == state)) is not None:
                    renderer.draw_path(gc, path, IdentityTransform(), to_rgba(color))
            self._draw_outlines(renderer, gc)
        gc.restore()

    def _draw_outlines(self, renderer: Any, gc: Any) -> None:
        blank = self._corners[self.states == DROPPED] + self.origin
        side = np.full(len(blank), self.grid.side - 1.0)
        path = boxes(blank[:, 0] + 0.5, blank[:, 1] + 0.5, side, side) if self._outline else None
        if path is not None:
            gc.set_linewidth(1)
            gc.set_foreground(self._outline)
            renderer.draw_path(gc, path, IdentityTransform(), None)

    def _path(self, which: NDArray[np.bool_]) -> Path | None:
        """Return rectangles of the cells of one state; neighbours in a row are one rectangle."""
        corners, side = self._corners[which] + self.origin, self.grid.side
        if not len(corners):
            return None
        breaks = (np.diff(corners[:, 0]) != side) | (np.diff(corners[:, 1]) != 0)
        starts = np.concatenate([[0], np.flatnonzero(breaks) + 1])
        lengths = np.diff(starts, append=len(corners)) * float(side)
        left, bottom = corners[starts].T.astype(float)
        return boxes(left, bottom, lengths, np.full(len(starts), float(side)))


def _pixel_maps(grid: CellGrid, corners: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the cell of each pixel, -1 between cells, and whether it is at the border of one; lowest row first."""
    width, height = grid.size
    pixels = np.full((height, width), -1)
    border = np.zeros((height, width), bool)
    inside = np.arange(grid.side)
    rows = corners[:, 1, None, None] + inside[:, None]
    columns = corners[:, 0, None, None] + inside
    pixels[rows, columns] = np.arange(len(corners))[:, None, None]
    edge = (inside == 0) | (inside == grid.side - 1)
    border[rows, columns] = edge[:, None] | edge
    return pixels, border


class SitePanel:
    """Mask or noise of one site, drawn from a corner in pixels.

    moving       artists
    levels       colours of noise; empty for masks
    flat         index of each shown cell in the flattened mask, int [cells]
    axes         names of the axes of the mask, without that of examples
    coordinates  place of each shown cell along these axes, int [axes, cells]
    """

    def __init__(
        self, canvas: Canvas, run: Recording, site: Site, grid: CellGrid, corner: tuple[int, int], color: str
    ) -> None:
        self.canvas, self.run, self.site, self.grid, self.corner = canvas, run, site, grid, corner
        theme = canvas.theme
        self.flat = grid.flat()
        self.axes, self._shape = axes_of(site)
        self.coordinates = np.array(np.unravel_index(self.flat, self._shape)) if self._shape else np.zeros((0, 1), int)
        self.is_mask = has_mask(run, site)
        self.levels = [] if self.is_mask or site.name not in run.noise else level_colors(theme, color)
        self._scale = scale_of(run, site) if self.levels else None
        outline = theme.outline if grid.side >= OUTLINED else ""
        self.image = CellImage(grid, *corner, ["", color, theme.faint, *self.levels], outline)
        self._draw_frames(bool(outline))
        self.moving: Sequence[Artist] = [self.image]

    def _draw_frames(self, has_outlines: bool) -> None:
        """Draw a frame around each tile whose cells are too small for outlines."""
        if has_outlines or self.levels:
            return
        grid = self.grid
        frames = np.array([[0, 0, *grid.size]]) if grid.tiles.is_list else grid.frames()
        away = 0.5 + (grid.between if grid.tiles.is_list else 0)
        places = np.asarray(frames, float) + np.array([*self.corner, 0, 0])
        left, bottom, width, height = (places + np.array([-away, -away, 2 * away, 2 * away])).T
        frame = Shape(edge=self.canvas.theme.outline, width=1 / self.canvas.scale)
        frame.path = boxes(left, bottom, width, height)
        self.canvas.figure.add_artist(frame)

    def values(self, index: int | slice) -> NDArray[Any]:
        """Return the shown cells of the mask or noise at a recorded iteration, [cells]; of a slice, [T, cells]."""
        whole = (self.run.masks if self.is_mask else self.run.noise)[self.site.name][index]
        if self.site.has_examples:
            whole = whole[:, EXAMPLE] if isinstance(index, slice) else whole[EXAMPLE]
        lead = whole.shape[: whole.ndim - len(self._shape)]
        return np.asarray(whole.reshape(*lead, -1)[..., self.flat])

    def drawn(self, index: int) -> NDArray[np.bool_]:
        """Return which shown cells were drawn at a recorded iteration, bool [cells]."""
        sizes = self.run.mask_sizes.get(self.site.name)
        everything = np.ones(len(self.flat), bool)
        if sizes is None:
            return everything
        if not sizes[index].all():
            return ~everything
        own = sizes[index][len(self.site.axes) - len(self.axes) :]
        inside: NDArray[np.bool_] = (self.coordinates < own[:, None]).all(axis=0) if len(own) else everything
        return inside

    def show(self, index: int) -> None:
        """Set the cells to the recorded iteration of `index`."""
        if not self.is_mask and self._scale is None:
            self.image.states = np.full(len(self.flat), ABSENT)
            return
        values = self.values(index)
        states = values.astype(np.int64) if self._scale is None else self._scale.levels(values) + ABSENT + 1
        self.image.states = np.where(self.drawn(index), states, ABSENT)
