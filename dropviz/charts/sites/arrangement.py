"""Arrangement of a diagram on a canvas: the largest panels with which everything fits."""

from dropviz.charts.base.canvas import SMALL, Canvas
from dropviz.charts.base.geometry import Box
from dropviz.charts.sites.cells import CellGrid
from dropviz.charts.sites.diagram import Diagram, Item, first_sites, grouped, read_diagram
from dropviz.charts.sites.edges import ROUND, SIGNS
from dropviz.charts.sites.layout import GAP, Layout, Placement, Size, largest_fitting
from dropviz.charts.sites.views import NEAR, PITCH, WORDS, SitePlace, SiteView, describe_kind, grid_of, longest_share
from dropviz.recording import Recording, Site

HEIGHTS = (
    320,
    280,
    240,
    210,
    185,
    165,
    145,
    130,
    116,
    104,
    94,
    86,
    78,
    70,
    62,
    55,
    48,
    42,
    36,
    30,
)  # of panels, in points
JOINS = ("concatenate", "matmul", "select")  # joins of two branches that have a word of their own
MIN_PIXELS = 34  # height of panels: a mask of 32 rows has a pixel for each
COMFORTABLE = 94  # height of panels from which on blocks are not grouped
BOX_HEIGHT, BOX_WIDTH, PAD = 36.0, 140.0, 8.0


class Arrangement:
    """Diagram of a run, with a place for each item in `box`.

    Blocks are grouped, and at last sites are left out, where panels would be too small otherwise.
    """

    def __init__(self, canvas: Canvas, run: Recording, box: Box) -> None:
        self.canvas, self.run, self.box = canvas, run, box
        self._widths: dict[tuple[str, float], float] = {}
        self.diagram, self.height, layout = self._fit(read_diagram(run))
        self.placement: Placement = layout.place()
        self.layout = layout

    def _fit(self, whole: Diagram) -> tuple[Diagram, float, Layout]:
        """Return a diagram that fits, the height of its panels, and its layout."""
        small = grouped(whole, self.run)
        large = [height for height in HEIGHTS if height >= COMFORTABLE]
        every = [height for height in HEIGHTS if height >= MIN_PIXELS / self.canvas.scale]
        ways = ((whole, large, False), (small, every, False), (small, every, True))
        for (diagram, heights, self.is_brief), self.words in zip(ways, WORDS, strict=True):
            if found := self._largest(diagram, heights):
                return diagram, *found
        low, high = 1, whole.total - 1  # number of sites that fit, and of those that may
        while low < high:
            middle = (low + high + 1) // 2
            if self._largest(first_sites(small, self.run, middle), every[-1:]):
                low = middle
            else:
                high = middle - 1
        diagram = first_sites(small, self.run, low)
        height, layout = self._largest(diagram, every) or (every[-1], self._layout(diagram, every[-1]))
        return diagram, height, layout

    def _largest(self, diagram: Diagram, heights: tuple[int, ...] | list[int]) -> tuple[float, Layout] | None:
        return largest_fitting(heights, lambda height: self._layout(diagram, height))

    def _layout(self, diagram: Diagram, height: float) -> Layout:
        return Layout([self._size(item, height) for item in diagram.items], diagram.edges, self.box)

    @property
    def _below(self) -> float:
        """Height of the words below a panel."""
        return SMALL * (1.3 + NEAR + (1 if self.is_brief else 2) * PITCH)

    def _size(self, item: Item, height: float) -> Size:
        if item.kind == "join" and item.label in SIGNS:
            return Size(ROUND, ROUND)
        if item.kind == "rest" or not item.sites:
            return Size(min(self._width_of(self.label(item)) + 2 * PAD, BOX_WIDTH), BOX_HEIGHT)
        scale = self.canvas.scale
        grids = [grid_of(self.canvas, site, height) for site in item.sites]
        widths = [self._width(site, grid) for site, grid in zip(item.sites, grids, strict=True)]
        width, tall = sum(widths) + GAP * (len(widths) - 1), max(grid.size[1] for grid in grids) / scale
        if item.kind == "site":
            return Size(width, tall, self._below, grids[0].size[0] / scale)
        width = max(width, min(self._width_of(item.label), BOX_WIDTH))
        return Size(width + 2 * PAD, tall + 2 * PAD + 1.5 * SMALL, self._below)

    def _width(self, site: Site, grid: CellGrid) -> float:
        """Return the width of a site with its words, in points: with small panels, words are shortened."""
        labels, run = self.canvas.labels, self.run
        least = self._width_of(longest_share(run, site, labels, brief=self.is_brief)) - GAP + 8
        if self.is_brief:
            return max(grid.size[0] / self.canvas.scale, least)
        words = self._width_of(describe_kind(run, site, grid, labels))
        return max(grid.size[0] / self.canvas.scale, min(words - GAP + 8, self.words * SMALL), least)

    def _width_of(self, words: str) -> float:
        """Return the width of words in the type of sites, in points."""
        key = words, SMALL
        if key not in self._widths:
            self._widths[key] = self.canvas.width_of(words, SMALL)
        return self._widths[key]

    def label(self, item: Item) -> str:
        """Return the words in a box."""
        labels = self.canvas.labels
        if item.kind == "rest":
            return labels("sites rest", count=len(item.sites))
        if item.kind == "group":
            return labels("sites group", count=len(item.blocks))
        if item.kind == "join":
            return SIGNS.get(item.label) or (labels(f"join {item.label}") if item.label in JOINS else item.label)
        return labels("input") if item.label == "input" else item.label

    def draw(self, color: str) -> list[tuple[int, SiteView]]:
        """Draw the words of all boxes, and return the view of each site with the index of its item."""
        views = []
        for number, (item, box) in enumerate(zip(self.diagram.items, self.placement.boxes, strict=True)):
            if item.kind != "site":
                self._write(item, box)
            if item.kind != "rest":
                views += [(number, view) for view in self._views(item, box, color)]
        return views

    def _write(self, item: Item, box: Box) -> None:
        """Draw the label of a box, in its middle or above the sites in it."""
        has_panels = bool(item.sites) and item.kind != "rest"
        y = box.bottom + box.height - PAD - 0.6 * SMALL if has_panels else box.bottom + box.height / 2
        words, size = self.canvas.fitted(self.label(item), SMALL, box.width - PAD)
        self.canvas.text(box.left + box.width / 2, y, words, size, ha="center", va="center_baseline")

    def _views(self, item: Item, box: Box, color: str) -> list[SiteView]:
        """Return the views of the sites of an item, beside each other in the middle of its box."""
        is_inside = item.kind != "site"
        grids = [grid_of(self.canvas, site, self.height) for site in item.sites]
        widths = [self._width(site, grid) for site, grid in zip(item.sites, grids, strict=True)]
        left = box.left + (box.width - sum(widths) - GAP * (len(widths) - 1)) / 2
        bottom, height = (
            (box.bottom + PAD, box.height - 2 * PAD - 1.5 * SMALL) if is_inside else (box.bottom, box.height)
        )
        views = []
        for site, grid, width in zip(item.sites, grids, widths, strict=True):
            place = SitePlace(Box(left, bottom, width, height), box.bottom, width + GAP - 6, SMALL, self.is_brief)
            views.append(SiteView(self.canvas, self.run, site, grid, place, color))
            left += width + GAP
        return views
