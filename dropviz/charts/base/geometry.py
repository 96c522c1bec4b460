"""Geometry of diagrams: boxes, and where the units of each layer stand.

Positions are in points of a picture whose origin is the lower left corner.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

MAX_RADIUS = 24.0
# Rows closer than this are not moved to whole points: that would shift them by more than the eye forgives.
MIN_GRID_PITCH = 8.0


@dataclass(frozen=True)
class Box:
    """A rectangle: left and bottom edge, width and height."""

    left: float
    bottom: float
    width: float
    height: float


@dataclass(frozen=True)
class Column:
    """One layer as a column of units: `units[i]`, counted from 0, stands at `(x, ys[i])`.

    `hidden` units are not shown; a sign for them stands at `(x, gap_y)`.
    """

    x: float
    units: tuple[int, ...]
    ys: tuple[float, ...]
    hidden: int
    gap_y: float


@dataclass(frozen=True)
class NetworkLayout:
    """The columns of a network from input to output, and the radius of a unit."""

    columns: tuple[Column, ...]
    radius: float


def place(sizes: Sequence[int], shown: Sequence[tuple[int, ...]], box: Box) -> NetworkLayout:
    """Place layers of `sizes` units, of which some are `shown`, in the middle of `box`.

    Layers stand from left to right, with the first unit on top.
    """
    gaps = max(len(sizes) - 1, 1)
    slots = [len(units) + (len(units) < size) for size, units in zip(sizes, shown, strict=True)]
    step, pitch = _grid(box.width / gaps, box.height / max(slots))
    left = round(box.left + (box.width - step * gaps) / 2)
    middle = round(box.bottom + box.height / 2)
    columns = []
    for number, (size, units, count) in enumerate(zip(sizes, shown, slots, strict=True)):
        tops = [middle + (count - 1) * pitch / 2 - slot * pitch for slot in range(count)]
        gap = len(units) // 2 if len(units) < size else None
        ys = tuple(y for slot, y in enumerate(tops) if slot != gap)
        columns.append(Column(left + number * step, units, ys, size - len(units), middle))
    return NetworkLayout(tuple(columns), min(pitch * 0.38, step * 0.2, MAX_RADIUS))


def _grid(step: float, pitch: float) -> tuple[float, float]:
    """Distances of columns and of rows, of whole points, the one a multiple of the other, as large as there is room.

    Edges then climb in few, simple slopes, their pixels repeat from row to row, and a GIF of them is a ninth smaller.
    """
    if pitch < MIN_GRID_PITCH or step < pitch:
        return step, pitch
    few, many = floor(step / floor(pitch)), ceil(step / floor(pitch))
    return max(
        (few * floor(pitch), floor(pitch)),
        (many * floor(step / many), floor(step / many)),
        key=lambda pair: pair[0] * pair[1],
    )


def halves(box: Box, share: float, gap: float) -> tuple[Box, Box]:
    """Two boxes, `gap` apart, the first with a `share` of the rest: left and right, or if higher than wide, above."""
    if box.height > box.width:
        lower = (1 - share) * (box.height - gap)
        upper = box.height - gap - lower
        return Box(box.left, box.bottom + lower + gap, box.width, upper), Box(box.left, box.bottom, box.width, lower)
    left = share * (box.width - gap)
    right = Box(box.left + left + gap, box.bottom, box.width - gap - left, box.height)
    return Box(box.left, box.bottom, left, box.height), right


def spread_apart(wanted: list[float], gap: float, low: float, high: float) -> list[float]:
    """Positions near the `wanted` ones, in their order, at least `gap` apart, and from `low` to `high` if they fit."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = list(wanted)
    floor = low
    for i in order:
        placed[i] = max(wanted[i], floor)
        floor = placed[i] + gap
    ceiling = high
    for i in reversed(order):
        placed[i] = min(placed[i], ceiling)
        ceiling = placed[i] - gap
    return placed


def steady(wanted: list[float], tolerance: float) -> list[float]:
    """Positions within `tolerance` of the `wanted` ones that move as seldom as can be; the last one is exact."""
    held: list[float] = []
    low, high = wanted[0], wanted[0]
    start = 0
    for number, position in enumerate(wanted):
        if max(high, position) - min(low, position) > 2 * tolerance:
            held += [(low + high) / 2] * (number - start)
            start, low, high = number, position, position
        low, high = min(low, position), max(high, position)
    held += [(low + high) / 2] * (len(wanted) - start)
    return [*held[:-1], wanted[-1]]
