"""Site with its words: name, kind, the drop probability that was asked for, and the share that was dropped."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.path import Path

from dropviz.charts.base.artists import Shape
from dropviz.charts.base.canvas import MIN_TYPE_SIZE, Canvas
from dropviz.charts.base.geometry import Box
from dropviz.charts.sites.cells import CellGrid, Tiles, axes_of, fit_cells, has_mask
from dropviz.charts.sites.panel import SitePanel
from dropviz.recording import Recording, Site
from dropviz.style.labels import Labels, percent

WIDEST = (2.2, 3.5, 5.0)  # largest width of a panel, in heights; the next one if not all cells fit
MARGINS = 200.0  # width of the picture that no panel takes, in points
MAX_CELL, MAX_PATH = 48.0, 64.0  # side of a cell, and of the one cell of a path, in points
MAP_SPACE, CELL_SPACE = 0.35, 0.15  # distance of maps, and of units, as a share of their side
PITCH, NEAR = 1.25, 0.45  # distance of lines of words, and from a panel to them, in type sizes
WORDS = 13.5, 10.0, 8.0  # width kept for the words of a site, in type sizes: what fits, from few sites to many


def is_path(run: Recording, site: Site) -> bool:
    """Return whether the mask of a site is one bit for an example."""
    return has_mask(run, site) and not axes_of(site)[1]


def grid_of(canvas: Canvas, site: Site, height: float) -> CellGrid:
    """Return the cells of a site in a panel of a height in points; wider than usual if not all cells fit otherwise."""
    axes, shape = axes_of(site)
    largest = round((MAX_CELL if axes else min(MAX_PATH, height)) * canvas.scale)
    pixels = round(height * canvas.scale)
    spaced = MAP_SPACE if site.kind == "channels" else CELL_SPACE
    for widest in WIDEST:
        width = min(widest * height, canvas.width - MARGINS)
        grid = fit_cells(Tiles.of(shape), round(width * canvas.scale), pixels, max(largest, 1), spaced)
        if grid.shown == grid.tiles:
            break
    return grid


def shorten_name(canvas: Canvas, name: str, size: float, width: float, weight: str = "bold") -> str:
    """Return the name of a site, with parts before the last shortened to a letter from the left until it fits.

    If that is too long too, its beginning is left out: the end of a path tells more.
    """
    parts = name.split(".")
    for number in range(len(parts) - 1):
        if canvas.width_of(".".join(parts), size, weight) <= width:
            break
        parts[number] = parts[number] if parts[number].isdigit() else parts[number][:1]
    words = ".".join(parts)
    if canvas.width_of(words, size, weight) <= width:
        return words
    while words and canvas.width_of(f"…{words}", size, weight) > width:
        words = words[1:].lstrip(".")
    return f"…{words}"


def describe_kind(run: Recording, site: Site, grid: CellGrid, labels: Labels, *, brief: bool = False) -> str:
    """Return what a site drops and with what probability, or that not all cells are shown."""
    shown, whole = grid.cropped
    if shown < whole:
        return labels("sites cropped", shown=shown, total=whole)
    words = [labels(f"site {site.kind}")]
    if has_mask(run, site):
        if site.drop_prob is not None:
            words.append(labels("sites asked" if brief else "drop_prob", value=site.drop_prob))
        if not site.has_examples and not brief:
            words.append(labels("sites shared"))
    return " · ".join(words)


def longest_share(run: Recording, site: Site, labels: Labels, *, brief: bool = False) -> str:
    """Return the longest words about what a site drew in an iteration."""
    if site.name not in run.noise:
        return "100.0%" if brief else labels("drop rate", share="100.0%")
    number = "\N{MINUS SIGN}0.012"
    return labels("sites range", low=number, high=number)


class SitePlace(NamedTuple):
    """Place of a site, in points: box of its panel, top and width of its words, and their type size.

    is_brief  True for its name and its share alone
    """

    box: Box
    top: float
    width: float
    size: float
    is_brief: bool = False


class SiteView:
    """Panel of a site in the middle of its box, and its words below."""

    def __init__(
        self, canvas: Canvas, run: Recording, site: Site, grid: CellGrid, place: SitePlace, color: str
    ) -> None:
        self.canvas, self.run, self.site, self.color = canvas, run, site, color
        (box, bottom, width, size, self.is_brief), middle = place, place.box.left + place.box.width / 2
        corner = (
            round(middle * canvas.scale - grid.size[0] / 2),
            round((box.bottom + box.height / 2) * canvas.scale - grid.size[1] / 2),
        )
        self.panel = SitePanel(canvas, run, site, grid, corner, color)
        self.is_path = is_path(run, site)
        name = shorten_name(canvas, site.name, size, width)
        canvas.text(middle, bottom - size * (1 + NEAR), name, size, weight="bold", ha="center")
        lines = 1 if self.is_brief else 2
        if not self.is_brief:
            kind = describe_kind(run, site, grid, canvas.labels)
            if canvas.width_of(kind, size) > width:
                kind = describe_kind(run, site, grid, canvas.labels, brief=True)
            kind, fits = canvas.fitted(kind, size, width)
            canvas.text(middle, bottom - size * (1 + NEAR + PITCH), kind, fits, color=canvas.theme.muted, ha="center")
        longest = longest_share(run, site, canvas.labels, brief=self.is_brief)
        fits = max(canvas.fit(longest, size, width), min(size, MIN_TYPE_SIZE))
        self.share = canvas.moving_text(middle, bottom - size * (1 + NEAR + lines * PITCH), fits, "center")
        self.moving: Sequence[Artist] = [*self.panel.moving, *self._make_cross(), self.share]

    def _make_cross(self) -> Sequence[Artist]:
        """Return the cross of a path that is dropped, and its dashed outline."""
        if not self.is_path:
            return []
        theme = self.canvas.theme
        self.cross = Shape(edge=theme.muted, width=2.4, cap="round")
        self.dashes = Shape(edge=theme.muted, width=1.4, dash=(4.0, 3.0))
        return [self.cross, self.dashes]

    def show(self, index: int) -> None:
        """Set panel and words to the recorded iteration of `index`."""
        self.panel.show(index)
        self.share.set_text(self._share(index))
        if self.is_path:
            dropped = not self.is_kept(index)
            (x, y), side = self.panel.corner, self.panel.grid.side
            reach = 0.25 * side
            low, high = np.array([x, y]) + reach, np.array([x, y]) + side - reach
            lines = np.array([[low, high], [(low[0], high[1]), (high[0], low[1])]], float)
            self.cross.set_lines(lines if dropped else lines[:0])
            corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]
            self.dashes.path = Path(np.array(corners, float)) if dropped else None

    def is_kept(self, index: int) -> bool:
        """Return whether the path of the tracked example is kept."""
        return bool(self.panel.values(index).all())

    def _share(self, index: int) -> str:
        labels, name = self.canvas.labels, self.site.name
        if not self.panel.drawn(index).any():
            return labels("sites not drawn")
        if self.panel.is_mask:
            rate = float(self.run.drop_rate[name][index])
            if not np.isfinite(rate):
                return labels("sites not drawn")
            return percent(rate) if self.is_brief else labels("drop rate", share=percent(rate))
        if name not in self.run.noise:
            return labels("sites not kept")
        values = self.panel.values(index)
        if len(values) == 1:
            return labels("sites value", value=_number(float(values[0])))
        return labels("sites range", low=_number(float(values.min())), high=_number(float(values.max())))


def _number(value: float) -> str:
    return f"{value:.2g}".replace("-", "\N{MINUS SIGN}")
