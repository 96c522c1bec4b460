"""Boxes and edges of a diagram: those of a branch that the tracked example skips are dashed."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.path import Path

from dropviz.charts.base.artists import Shape
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.geometry import Box
from dropviz.charts.sites.diagram import Diagram
from dropviz.charts.sites.layout import Placement

HEAD = 5.0  # length of the head of an arrow, in points
CORNER = 6.0  # radius of the corners of a box, in points
DASH = (4.0, 3.0)
ROUND = 24.0  # diameter of a join, in points
SIGNS = {"add": "+", "multiply": "\N{MULTIPLICATION SIGN}"}

Line = Sequence[tuple[float, float]]


class Lines:
    """Outlines of boxes, and edges with heads, in one style."""

    def __init__(self, color: str, width: float, dash: tuple[float, ...] = ()) -> None:
        self.strokes = Shape(edge=color, width=width, dash=dash)
        self.heads = Shape(face=color)
        self.artists: Sequence[Artist] = (self.strokes, self.heads)

    def set(self, outlines: Sequence[Path], edges: Sequence[Line], scale: float) -> None:
        """Set boxes and edges, in points."""
        lines = [Path(np.array(line) * scale) for line in edges]
        paths = [*(Path(np.asarray(path.vertices, float) * scale, path.codes) for path in outlines), *lines]
        self.strokes.path = Path.make_compound_path(*paths) if paths else None
        heads = [_head(line, scale) for line in edges]
        self.heads.path = Path.make_compound_path(*heads) if heads else None


def _head(line: Line, scale: float) -> Path:
    """Return a triangle at the end of a line, in pixels."""
    end, before = np.array(line[-1]), np.array(line[-2])
    ahead = (end - before) / (np.hypot(*(end - before)) or 1)
    side = np.array([-ahead[1], ahead[0]])
    points = [end, end - HEAD * ahead + 0.6 * HEAD * side, end - HEAD * ahead - 0.6 * HEAD * side, end]
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    return Path(np.array(points) * scale, codes)


def outline(box: Box, *, is_round: bool = False) -> Path:
    """Return the outline of a box with round corners, or of a circle, in points."""
    if is_round:
        circle = Path.circle((box.left + box.width / 2, box.bottom + box.height / 2), box.height / 2)
        return Path(circle.vertices, circle.codes)
    left, bottom, right, top, r = box.left, box.bottom, box.left + box.width, box.bottom + box.height, CORNER
    points = [(left + r, bottom), (right - r, bottom), (right, bottom), (right, bottom + r), (right, top - r)]
    points += [(right, top), (right - r, top), (left + r, top), (left, top), (left, top - r), (left, bottom + r)]
    points += [(left, bottom), (left + r, bottom)]
    codes = [Path.MOVETO, *([Path.LINETO, Path.CURVE3, Path.CURVE3] * 4)]
    return Path(np.array(points), codes)


class Wiring:
    """Boxes and edges of a diagram. Edges and boxes of a branch are gated by the sites that can skip it.

    gates    indices of the items that are path sites
    still    boxes and edges of no branch; `taken` and `skipped`, those of branches
    moving   artists
    """

    def __init__(self, canvas: Canvas, diagram: Diagram, placement: Placement, gates: Sequence[int]) -> None:
        self.canvas, self.diagram, self.placement = canvas, diagram, placement
        theme = canvas.theme
        self.outlines = {
            number: outline(placement.boxes[number], is_round=item.label in SIGNS and item.kind == "join")
            for number, item in enumerate(diagram.items)
            if item.kind != "site"
        }
        self._branches = {gate: diagram.branch(gate) for gate in gates}
        self._gated = {item for branch in self._branches.values() for item in branch}
        self._gated_edges = {edge for edge in diagram.edges if any(self._is_in(edge, gate) for gate in gates)}
        self.still = Lines(theme.outline, 1.3)
        self.still.set(
            [path for number, path in self.outlines.items() if number not in self._gated],
            [placement.lines[edge] for edge in sorted(diagram.edges - self._gated_edges)],
            canvas.scale,
        )
        for artist in self.still.artists:
            canvas.figure.add_artist(artist)
        self.taken, self.skipped = Lines(theme.outline, 1.3), Lines(theme.outline, 1.3, DASH)
        self.moving: Sequence[Artist] = [*self.taken.artists, *self.skipped.artists] if gates else []

    def _is_in(self, edge: tuple[int, int], gate: int) -> bool:
        """Return whether an edge leads into, through or out of the branch of a gate."""
        return gate in edge or edge[1] in self._branches[gate]

    def show(self, dropped: Sequence[int]) -> None:
        """Set the branches of the gates that are dropped to be skipped, and all others to be taken."""
        boxes = {item for gate in dropped for item in self._branches[gate]}
        edges = {edge for edge in self._gated_edges if any(self._is_in(edge, gate) for gate in dropped)}
        for lines, own_boxes, own_edges in (
            (self.taken, self._gated - boxes, self._gated_edges - edges),
            (self.skipped, boxes, edges),
        ):
            lines.set(
                [self.outlines[number] for number in sorted(own_boxes) if number in self.outlines],
                [self.placement.lines[edge] for edge in sorted(own_edges)],
                self.canvas.scale,
            )
