"""Geometry of charts: boxes, the places of the units of a network, and positions of labels.

Positions are in points of the layout, with the origin at the lower left corner of the picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

MAX_RADIUS = 24.0
STACKED = 0.75  # ratio of height to width from which on two parts are one above the other
MAX_STRETCH = 1.5  # distance of units in a layer of few units, by that in the layer of most


@dataclass(frozen=True)
class Box:
    """A rectangle: left and bottom edge, width and height."""

    left: float
    bottom: float
    width: float
    height: float


@dataclass(frozen=True)
class Column:
    """One layer as a column of units.

    x       of all units
    units   indices of the shown units, counted from 0
    ys      heights of these units
    hidden  number of units that are not shown
    gap_y   height of the number of these units
    radius  of each unit
    """

    x: float
    units: tuple[int, ...]
    ys: tuple[float, ...]
    hidden: int
    gap_y: float
    radius: float


@dataclass(frozen=True)
class NetworkLayout:
    """Columns of a network from input to output."""

    columns: tuple[Column, ...]

    @property
    def radius(self) -> float:
        """Radius of the smallest units."""
        return min(column.radius for column in self.columns)


def place_network(sizes: Sequence[int], shown: Sequence[tuple[int, ...]], box: Box) -> NetworkLayout:
    """Return the layout of layers of `sizes` units, of which some are `shown`, in the middle of `box`.

    Layers are columns from left to right, with the first unit on top. Layers of few units have larger ones.
    """
    gaps = max(len(sizes) - 1, 1)
    slots = [len(units) + (len(units) < size) for size, units in zip(sizes, shown, strict=True)]
    step, smallest = floor(box.width / gaps) or box.width / gaps, box.height / max(slots)
    left = round(box.left + (box.width - step * gaps) / 2)
    middle = round(box.bottom + box.height / 2)
    columns = []
    for number, (size, units, count) in enumerate(zip(sizes, shown, slots, strict=True)):
        pitch = min(smallest * max(slots) / count, MAX_STRETCH * smallest)
        radius = min(pitch * 0.38, step * 0.2, MAX_RADIUS)
        tops = [middle + (count - 1) * pitch / 2 - slot * pitch for slot in range(count)]
        gap = len(units) // 2 if len(units) < size else None
        ys = tuple(y for slot, y in enumerate(tops) if slot != gap)
        columns.append(Column(left + number * step, units, ys, size - len(units), middle, radius))
    return NetworkLayout(tuple(columns))


def halves(box: Box, share: float, gap: float) -> tuple[Box, Box]:
    """Return two boxes `gap` apart, the first with a `share` of the rest: side by side, or stacked in a high box."""
    if box.height > STACKED * box.width:
        lower = (1 - share) * (box.height - gap)
        upper = box.height - gap - lower
        return Box(box.left, box.bottom + lower + gap, box.width, upper), Box(box.left, box.bottom, box.width, lower)
    left = share * (box.width - gap)
    right = Box(box.left + left + gap, box.bottom, box.width - gap - left, box.height)
    return Box(box.left, box.bottom, left, box.height), right


def spread_apart(positions: list[float], gap: float, low: float, high: float) -> list[float]:
    """Return positions near the given ones, in their order, `gap` or more apart, from `low` to `high` if they fit."""
    order = sorted(range(len(positions)), key=lambda i: positions[i])
    placed = list(positions)
    floor = low
    for i in order:
        placed[i] = max(positions[i], floor)
        floor = placed[i] + gap
    ceiling = high
    for i in reversed(order):
        placed[i] = min(placed[i], ceiling)
        ceiling = placed[i] - gap
    return placed


def fitting(middles: Sequence[float], widths: Sequence[float], gap: float = 6.0) -> list[int]:
    """Return the numbers of the texts in a row that can be drawn without touching: the first, the last, and more.

    All of them if they fit. Texts have their `middles` from left to right; `gap` lies between two.

    >>> fitting([0, 10, 20, 30], [14, 14, 14, 14])
    [0, 3]
    """
    chosen = [0] if middles else []
    last = len(middles) - 1

    def fits(one: int, other: int) -> bool:
        return middles[other] - middles[one] >= (widths[one] + widths[other]) / 2 + gap

    for number in range(1, len(middles)):
        if fits(chosen[-1], number) and (number == last or fits(number, last)):
            chosen.append(number)
    return chosen


def steady(positions: list[float], tolerance: float) -> list[float]:
    """Return positions within `tolerance` of the given ones that change as seldom as possible; the last is exact."""
    held: list[float] = []
    low, high = positions[0], positions[0]
    start = 0
    for number, position in enumerate(positions):
        if max(high, position) - min(low, position) > 2 * tolerance:
            held += [(low + high) / 2] * (number - start)
            start, low, high = number, position, position
        low, high = min(low, position), max(high, position)
    held += [(low + high) / 2] * (len(positions) - start)
    return [*held[:-1], positions[-1]]


def keep_apart(places: Sequence[float], widths: Sequence[float], gap: float) -> list[int]:
    """Return the numbers of labels, in the middle of ascending places, that have a gap between them; with both ends.

    Every second one, or third, is better than a few more.

    >>> keep_apart([0, 10, 20, 30], [8, 8, 8, 8], gap=4)
    [0, 3]
    >>> keep_apart([0, 10, 20, 30, 40], [8, 8, 8, 8, 8], gap=4)
    [0, 2, 4]
    """

    def fit(one: int, other: int) -> bool:
        return places[other] - places[one] >= (widths[one] + widths[other]) / 2 + gap

    last, kept = len(places) - 1, [0]
    for number in range(1, last):
        if fit(kept[-1], number) and fit(number, last):
            kept.append(number)
    even = (range(0, last + 1, step) for step in range(1, last + 1) if last % step == 0)
    evenly = next((list(each) for each in even if all(map(fit, each, each[1:]))), [0])
    return evenly if 2 * len(evenly) > len(kept) else [*kept, last]
