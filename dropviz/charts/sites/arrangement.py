"""Arrangement of a diagram on a canvas: the largest panels with which everything fits."""

from functools import cached_property

from dropviz.charts.base.canvas import MIN_TYPE_SIZE, Canvas
from dropviz.charts.base.geometry import Box
from dropviz.charts.sites.diagram import Diagram, Item, first_sites, grouped, read_diagram
from dropviz.charts.sites.edges import ROUND, SIGNS
from dropviz.charts.sites.layout import GAP, Layout, Placement, Size, largest_fitting
from dropviz.charts.sites.views import MIN_NAME, PITCH, SiteView, grid_of
from dropviz.recording import Recording

HEIGHTS = (240, 210, 185, 165, 145, 130, 116, 104, 94, 86, 78, 70, 62, 55, 48, 42, 36, 30)  # of panels, in points
COMFORTABLE = 94  # height of panels from which on blocks are not grouped
BOX_HEIGHT, BOX_WIDTH, PAD = 32.0, 112.0, 8.0
TYPE_PIXELS, TYPE, LARGE_TYPE = 8.0, 13.0, 17.0  # sizes of the type of words: in pixels, and limits in points


class Arrangement:
    """Diagram of a run, with a place for each item in `box`.

    Blocks are grouped, and at last sites are left out, where panels would be too small otherwise.
    """

    def __init__(self, canvas: Canvas, run: Recording, box: Box) -> None:
        self.canvas, self.run, self.box = canvas, run, box
        self.type = min(max(TYPE_PIXELS / canvas.scale * canvas.theme.type_size, TYPE), LARGE_TYPE)
        self.diagram, self.height, layout = self._fit(read_diagram(run))
        self.placement: Placement = layout.place()
        self.layout = layout

    def _fit(self, whole: Diagram) -> tuple[Diagram, float, Layout]:
        """Return a diagram that fits, the height of its panels, and its layout."""
        small = grouped(whole, self.run)
        large = [height for height in HEIGHTS if height >= COMFORTABLE]
        for diagram, heights in ((whole, large), (small, HEIGHTS)):
            if found := self._largest(diagram, heights):
                return diagram, *found
        for count in range(whole.total - 1, 0, -1):
            diagram = first_sites(small, self.run, count)
            if found := self._largest(diagram, HEIGHTS[-3:]):
                return diagram, *found
        diagram = first_sites(small, self.run, 1)
        return diagram, HEIGHTS[-1], self._layout(diagram, HEIGHTS[-1])

    def _largest(self, diagram: Diagram, heights: tuple[int, ...] | list[int]) -> tuple[float, Layout] | None:
        return largest_fitting(heights, lambda height: self._layout(diagram, height))

    def _layout(self, diagram: Diagram, height: float) -> Layout:
        return Layout([self._size(item, height) for item in diagram.items], diagram.edges, self.box)

    @cached_property
    def _below(self) -> float:
        """Height of the words below a panel."""
        return self.type * (1.3 + 2 * PITCH)

    def _size(self, item: Item, height: float) -> Size:
        if item.kind == "join" and item.label in SIGNS:
            return Size(ROUND, ROUND)
        if item.kind == "rest" or not item.sites:
            return Size(min(self.canvas.width_of(self.label(item), self.type) + 2 * PAD, BOX_WIDTH), BOX_HEIGHT)
        panels = [grid_of(self.canvas, site, height).size for site in item.sites]
        widths = [max(width / self.canvas.scale, MIN_NAME * self.type) for width, _ in panels]
        width, tall = sum(widths) + GAP * (len(widths) - 1), max(each for _, each in panels) / self.canvas.scale
        if item.kind == "site":
            return Size(width, tall, self._below)
        return Size(width + 2 * PAD, tall + 2 * PAD + 1.5 * self.type, self._below)

    def label(self, item: Item) -> str:
        """Return the words in a box."""
        labels = self.canvas.labels
        if item.kind == "rest":
            return labels("sites rest", count=len(item.sites))
        if item.kind == "group":
            return labels("sites group", count=len(item.blocks))
        if item.kind == "join":
            return SIGNS.get(item.label) or labels(f"join {item.label}")
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
        y = box.bottom + box.height - PAD - 0.6 * self.type if has_panels else box.bottom + box.height / 2
        words, size = self.canvas.fitted(self.label(item), self.type, box.width - PAD)
        size = max(size, MIN_TYPE_SIZE)
        self.canvas.text(box.left + box.width / 2, y, words, size, ha="center", va="center_baseline")

    def _views(self, item: Item, box: Box, color: str) -> list[SiteView]:
        views = []
        is_inside = item.kind != "site"
        left = box.left + (PAD if is_inside else 0)
        height = box.height - (2 * PAD + 1.5 * self.type if is_inside else 0)
        for site in item.sites:
            grid = grid_of(self.canvas, site, self.height)
            width = max(grid.size[0] / self.canvas.scale, MIN_NAME * self.type)
            own = Box(left, box.bottom + (PAD if is_inside else 0), width, height)
            views.append(
                SiteView(
                    self.canvas, self.run, site, grid, own, box.bottom, width + GAP - 6, self.type, color
                )
            )
            left += width + GAP
        return views
