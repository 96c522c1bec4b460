"""Places of the items of a diagram: rows from left to right, with lanes above each for edges that pass over items."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from dropviz.charts.base.geometry import Box
from dropviz.charts.sites.diagram import Edges

GAP, APART = 20.0, 40.0  # between items, in points: where an edge joins them, and where none does
LANE, LANES_ABOVE = 8.0, 10.0  # distance of lanes, and from the items to the first lane
SINGLE = 0.55  # height of panels in a single row from which on it is preferred, as a share of that in several
MARGIN = 8.0  # distance of lines in the margins beside rows


@dataclass(frozen=True)
class Size:
    """Size of an item in points, with its words; `below` is their height, `body` the width of what is above them."""

    width: float
    height: float
    below: float = 0.0
    body: float = 0.0


@dataclass(frozen=True)
class Lane:
    """A stretch of an edge above a row, from left to right: `order` counts lanes from the items up."""

    row: int
    left: float
    right: float
    order: int


@dataclass(frozen=True)
class Placement:
    """Boxes of the items, and the points of each edge."""

    boxes: tuple[Box, ...]
    lines: dict[tuple[int, int], tuple[tuple[float, float], ...]]
    rows: tuple[tuple[int, ...], ...]


def wrap(widths: Sequence[float], gaps: Sequence[float], limit: float) -> list[list[int]]:
    """Return indices of items in rows no wider than `limit`, in as few rows as that takes, of even widths.

    gaps  distance of each item from the one before it, where they are in one row

    >>> wrap([50, 50, 50, 50], [20, 20, 20, 20], 200)
    [[0, 1], [2, 3]]
    """
    rows = _greedy(widths, gaps, limit)
    while limit > 0:
        limit -= 10
        narrower = _greedy(widths, gaps, limit)
        if len(narrower) > len(rows) or max(widths, default=0) > limit:
            break
        rows = narrower
    return rows


def _greedy(widths: Sequence[float], gaps: Sequence[float], limit: float) -> list[list[int]]:
    rows: list[list[int]] = [[]]
    used = 0.0
    for number, (width, gap) in enumerate(zip(widths, gaps, strict=True)):
        if rows[-1] and used + gap + width > limit:
            rows.append([])
        used = used + gap + width if rows[-1] else width
        rows[-1].append(number)
    return rows


class Layout:
    """Layout of items of these sizes, with these edges, in `box`.

    fits   True if everything is within the box
    """

    def __init__(self, sizes: Sequence[Size], edges: Edges, box: Box) -> None:
        self.sizes, self.edges, self.box = sizes, edges, box
        self.gaps = [GAP if (item - 1, item) in edges else APART for item in range(len(sizes))]
        self.rows = wrap([size.width for size in sizes], self.gaps, box.width - 2 * GAP - 3 * MARGIN)
        self.row_of = {item: row for row, items in enumerate(self.rows) for item in items}
        self._place_across()
        self.lanes = self._assign_lanes()
        self.above = [self._lane_height(row) for row in range(len(self.rows))]
        self.heights = [
            self.above[row]
            + max(sizes[item].height for item in items) / 2
            + max(sizes[item].height / 2 + sizes[item].below for item in items)
            for row, items in enumerate(self.rows)
        ]
        self.fits = sum(self.heights) + 6 * (len(self.rows) - 1) <= box.height and all(
            self.widths[row] <= box.width for row in range(len(self.rows))
        )

    def _place_across(self) -> None:
        """Set the left edge of each item; rows begin at the left, and a single row is in the middle."""
        self.left: dict[int, float] = {}
        self.widths = []
        for items in self.rows:
            width = sum(self.sizes[item].width for item in items) + sum(self.gaps[item] for item in items[1:])
            self.widths.append(width)
        is_single = len(self.rows) == 1
        start = self.box.left + (self.box.width - max(self.widths) - (0 if is_single else 3 * MARGIN)) / 2
        for items in self.rows:
            x = start - self.gaps[items[0]]
            for item in items:
                self.left[item] = x + self.gaps[item]
                x = self.left[item] + self.sizes[item].width
        self.start, self.end = start, start + max(self.widths)

    def is_straight(self, edge: tuple[int, int]) -> bool:
        """Return whether an edge leads to the next item in the same row."""
        source, target = edge
        return target == source + 1 and self.row_of[source] == self.row_of[target]

    def _bends(self) -> list[tuple[int, int]]:
        """Return the edges that pass over items, the shortest first, then those that lead to another row."""
        bends = [edge for edge in self.edges if not self.is_straight(edge)]
        return sorted(bends, key=lambda edge: (self.row_of[edge[0]] != self.row_of[edge[1]], edge[1] - edge[0], edge))

    def _assign_lanes(self) -> dict[tuple[int, int], list[Lane]]:
        """Return the stretches of each edge above rows, so that none lie over each other."""
        taken: list[list[Lane]] = [[] for _ in self.rows]
        lanes: dict[tuple[int, int], list[Lane]] = {}
        for edge in self._bends():
            lanes[edge] = []
            for row, left, right in self._stretches(edge):
                order = 0
                while any(
                    lane.order == order and left < lane.right + 2 and lane.left < right + 2 for lane in taken[row]
                ):
                    order += 1
                lane = Lane(row, left, right, order)
                taken[row].append(lane)
                lanes[edge].append(lane)
        self.taken = taken
        self.margins = self._assign_margins()
        return lanes

    def _assign_margins(self) -> dict[tuple[int, int], int]:
        """Return a place in the margin for each edge that leads to another row."""
        margins: dict[tuple[int, int], int] = {}
        for edge in self._bends():
            first, last = (self.row_of[item] for item in edge)
            near = {
                margins[other] for other in margins if self.row_of[other[0]] <= last and first <= self.row_of[other[1]]
            }
            if first != last:
                margins[edge] = next(order for order in range(len(near) + 1) if order not in near)
        return margins

    def _stretches(self, edge: tuple[int, int]) -> Iterator[tuple[int, float, float]]:
        source, target = edge
        first, last = self.row_of[source], self.row_of[target]
        out, into = self.leaves(source), self.enters(edge)
        if first == last:
            yield first, min(out, into), max(out, into)
        else:
            if self.rows[first][-1] != source:  # the last item of a row has the margin beside it
                yield first, out, self.end + GAP
            yield last, min(into, self.end), self.end + GAP

    def leaves(self, item: int) -> float:
        """Return where edges that bend leave the line behind an item."""
        return self._body(item)[1] + GAP * 0.3

    def _body(self, item: int) -> tuple[float, float]:
        """Return the left and the right end of an item, without words that are wider."""
        size = self.sizes[item]
        spare = (size.width - (size.body or size.width)) / 2
        return self.left[item] + spare, self.left[item] + size.width - spare

    def enters(self, edge: tuple[int, int]) -> float:
        """Return where an edge that bends comes down: onto its target, or before it if it only wraps."""
        source, target = edge
        if target == source + 1:
            return self.left[target] - GAP * 0.7
        return self.left[target] + self.sizes[target].width / 2

    def _lane_height(self, row: int) -> float:
        lanes = self.taken[row]
        return LANES_ABOVE + LANE * (max(lane.order for lane in lanes) + 1) if lanes else 0.0

    def place(self) -> Placement:
        """Return the places of items and edges, with the rows evenly spread over the height."""
        free = self.box.height - sum(self.heights)
        between = max(free / (len(self.rows) + 1), 0)
        top = self.box.bottom + self.box.height - between
        boxes: dict[int, Box] = {}
        self.middle, self.top = [], []
        for row, items in enumerate(self.rows):
            upper = max(self.sizes[item].height for item in items) / 2
            middle = top - self.above[row] - upper
            self.middle.append(middle)
            self.top.append(middle + upper)
            for item in items:
                size = self.sizes[item]
                left, right = self._body(item)
                boxes[item] = Box(left, middle - size.height / 2, right - left, size.height)
            top -= self.heights[row] + between
        self.boxes = boxes
        lines = {edge: tuple(self._points(edge)) for edge in sorted(self.edges)}
        return Placement(tuple(boxes[item] for item in range(len(self.sizes))), lines, tuple(map(tuple, self.rows)))

    def _points(self, edge: tuple[int, int]) -> list[tuple[float, float]]:
        source, target = edge
        begin, end = self.boxes[source], self.boxes[target]
        first, last = self.row_of[source], self.row_of[target]
        points = [(begin.left + begin.width, self.middle[first])]
        if self.is_straight(edge):
            return [*points, (end.left, self.middle[first])]
        lanes = self.lanes[edge]
        ys = [self.top[lane.row] + LANES_ABOVE + LANE * lane.order for lane in lanes]
        out, into = self.leaves(source), self.enters(edge)
        if first == last:
            points += [(out, self.middle[first]), (out, ys[0]), (into, ys[0])]
        else:
            margin = self.end + GAP * 0.5 + MARGIN * self.margins[edge]
            if len(lanes) > 1:
                points += [(out, self.middle[first]), (out, ys[0]), (margin, ys[0])]
            else:
                points.append((margin, self.middle[first]))
            points += [(margin, ys[-1]), (into, ys[-1])]
        if into < end.left:
            return [*points, (into, self.middle[last]), (end.left, self.middle[last])]
        return [*points, (into, end.bottom + end.height)]


def largest_fitting(heights: Sequence[float], make: Callable[[float], Layout]) -> tuple[float, Layout] | None:
    """Return the first height, of descending ones, whose layout fits, and the layout; None if none does.

    A layout in one row, which is easier to read, is preferred if it is not much lower.
    """
    first: tuple[float, Layout] | None = None
    for height in heights:
        if first is not None and height < SINGLE * first[0]:
            break
        layout = make(height)
        if layout.fits and len(layout.rows) == 1:
            return height, layout
        if layout.fits and first is None:
            first = height, layout
    return first
