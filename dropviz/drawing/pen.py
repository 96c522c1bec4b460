"""From artists to vector primitives: a matplotlib renderer that writes down what it is told to draw.

It knows paths, circles, text and small images, so that every artist of matplotlib, and every mark of a chart, becomes
SVG without a word about it in the chart.
"""

import warnings
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.colors import to_hex
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.transforms import Transform
from numpy.typing import NDArray

LETTERS = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C", Path.CLOSEPOLY: "Z"}
JOINS = {"miter": "", "round": ' stroke-linejoin="round"', "bevel": ' stroke-linejoin="bevel"'}
CAPS = {"butt": "", "round": ' stroke-linecap="round"', "projecting": ' stroke-linecap="square"'}
# An image of more rectangles than this is left out: as vectors it would be larger than the rest of the picture.
MAX_RECTANGLES = 2_000
# What stands in for the fonts of the picture where they are not installed; textLength keeps words as wide as they are.
FALLBACK = ("Verdana", "sans-serif")


class Mark(NamedTuple):
    """One SVG element: its tag, what it looks like, where it is, what it says, and the name of the part it shows.

    `style` and `place` are attributes, each with a space before it, but of a path `place` is its d.
    """

    tag: str
    style: str
    place: str
    words: str = ""
    name: str = ""


Rectangle = tuple[float, float, float, float]


class Pen(RendererBase):
    """Draws nothing, and keeps `marks`. One point is one pixel; what is clipped names a rectangle of `clips` by id."""

    def __init__(self, size: tuple[int, int], prefix: str) -> None:
        super().__init__()
        self.size, self.prefix = size, prefix
        self.marks: list[Mark] = []
        self.clips: dict[Rectangle, int] = {}
        self._names: Sequence[str] = ()
        self._widths: dict[tuple[str, int], tuple[float, float, float]] = {}

    def take(self, artist: Artist) -> list[Mark]:
        """The marks of an artist; those of one that names its parts bear the names, in the order of drawing."""
        self.marks, self._names = [], getattr(artist, "names", tuple)()
        artist.draw(self)
        self._names = ()
        return self.marks

    def get_canvas_width_height(self) -> tuple[float, float]:
        """Width and height in pixels."""
        return self.size

    def flipy(self) -> bool:
        """Whether artists are to count from the top: as charts do, they count from the bottom."""
        return False

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> tuple[float, float, float]:
        """How far the pen moves, not how wide the ink is: that is what textLength sets."""
        key = (s, hash(prop))
        if key not in self._widths:
            with warnings.catch_warnings():  # a letter that this font lacks is found in another, by who shows it
                warnings.filterwarnings("ignore", "Glyph .* missing")
                measure = super().get_text_width_height_descent
                _, height, descent = measure(s, prop, ismath)
                width = measure(f"x{s}x", prop, ismath)[0] - measure("xx", prop, ismath)[0]
            self._widths[key] = width, height, descent
        return self._widths[key]

    def draw_path(
        self,
        gc: GraphicsContextBase,
        path: Path,
        transform: Transform,
        rgbFace: Any = None,  # noqa: N803  # matplotlib's
    ) -> None:
        """Keep a path, or each of its parts, where they can be told apart without looking different."""
        fill, stroke = _fill(gc, rgbFace), _stroke(gc)
        if not fill + stroke:
            return
        style = (fill or ' fill="none"') + stroke
        vertices = transform.transform(path.vertices)
        style += self._clip(gc, vertices)
        splits = self._names or not (fill or "opacity" in stroke or "dash" in stroke)
        parts = list(self._parts(path, transform))
        for order, part in enumerate(parts if splits else ["".join(parts)] if parts else []):
            self.marks.append(Mark("path", style, part, name=self._name(order)))

    def draw_markers(  # noqa: D102  # described by matplotlib
        self,
        gc: GraphicsContextBase,
        marker_path: Path,
        marker_trans: Transform,
        path: Path,
        trans: Transform,
        rgbFace: Any = None,  # noqa: N803  # matplotlib's
    ) -> None:
        if marker_path is not Path.unit_circle():
            super().draw_markers(gc, marker_path, marker_trans, path, trans, rgbFace)
            return
        radius = float(marker_trans.get_matrix()[0, 0])  # markers are scaled evenly
        style = (_fill(gc, rgbFace) or ' fill="none"') + _stroke(gc)
        for order, (x, y) in enumerate(trans.transform(path.vertices)):
            place = f' cx="{number(x)}" cy="{number(self.size[1] - y)}" r="{number(radius)}"'
            self.marks.append(Mark("circle", style, place, name=self._name(order)))

    def draw_text(  # noqa: D102  # described by matplotlib
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        ismath: Any = False,
        mtext: Any = None,  # noqa: ARG002  # matplotlib's signature
    ) -> None:
        if not s.strip():
            return
        left, top = number(x), number(self.size[1] - y)
        width = self.get_text_width_height_descent(s, prop, ismath)[0]
        place = f' x="{left}" y="{top}" textLength="{number(width)}" lengthAdjust="spacingAndGlyphs"'
        place += f' transform="rotate({number(-angle)} {left} {top})"' if angle else ""
        self.marks.append(Mark("text", _fill(gc, gc.get_rgb()) + _font(prop), place, words=s))

    def draw_image(
        self,
        gc: GraphicsContextBase,  # noqa: ARG002  # matplotlib's signature
        x: float,
        y: float,
        im: Any,
        transform: Any = None,  # noqa: ARG002  # theirs
    ) -> None:
        """Keep an image, uint8 [height, width, 4], its lowest row first, as one path for each of its colours."""
        top = self.size[1] - y - im.shape[0]
        found = _rectangles(im[::-1])
        if sum(map(len, found.values())) > MAX_RECTANGLES:
            return
        for color, boxes in found.items():
            d = "".join(f"M{number(x + a)} {number(top + b)}h{w}v{h}h-{w}z" for a, b, w, h in boxes)
            self.marks.append(Mark("path", f' fill="{color}" shape-rendering="crispEdges"', d))

    def _name(self, order: int) -> str:
        return self._names[order] if order < len(self._names) else ""

    def _parts(self, path: Path, transform: Transform) -> Iterator[str]:
        """What stands between one MOVETO and the next, as the d of an SVG path, where any of it is drawn."""
        part, drawn = "", False
        for points, code in path.iter_segments(transform, simplify=False, curves=True):
            if code == Path.MOVETO:
                if drawn:
                    yield part
                part, drawn = "", False
            else:
                drawn = True
            flipped = (number(v) if i % 2 == 0 else number(self.size[1] - v) for i, v in enumerate(points))
            part += LETTERS[code] + (" ".join(flipped) if code != Path.CLOSEPOLY else "")
        if drawn:
            yield part

    def _clip(self, gc: GraphicsContextBase, vertices: NDArray[np.float64]) -> str:
        """The attribute that clips a path which runs out of its clip rectangle."""
        box, finite = gc.get_clip_rectangle(), vertices[np.isfinite(vertices).all(axis=1)]
        if box is None or not len(finite):
            return ""
        (left, bottom), (right, top), pad = finite.min(axis=0), finite.max(axis=0), gc.get_linewidth()
        if left >= box.x0 - pad and bottom >= box.y0 - pad and right <= box.x1 + pad and top <= box.y1 + pad:
            return ""
        rectangle = (box.x0, self.size[1] - box.y1, box.width, box.height)
        return f' clip-path="url(#{self.prefix}c{self.clips.setdefault(rectangle, len(self.clips))})"'


def number(value: float) -> str:
    """A number to a hundredth of a pixel, as short as it can be."""
    words = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if words == "-0" else words


def _fill(gc: GraphicsContextBase, color: Any) -> str:
    if color is None:
        return ""
    rgba = (*color, 1.0)[:4]
    alpha = gc.get_alpha() if gc.get_forced_alpha() else rgba[3]
    if alpha == 0:
        return ""
    return f' fill="{to_hex(rgba)}"' + (f' fill-opacity="{alpha:g}"' if alpha < 1 else "")


def _stroke(gc: GraphicsContextBase) -> str:
    width, rgba = gc.get_linewidth(), gc.get_rgb()
    alpha = gc.get_alpha() if gc.get_forced_alpha() else (*rgba, 1.0)[3]
    if width == 0 or alpha == 0:
        return ""
    words = f' stroke="{to_hex(rgba)}" stroke-width="{number(width)}"'
    words += JOINS[str(gc.get_joinstyle())] + CAPS[str(gc.get_capstyle())]
    dashed: Any = gc.get_dashes()
    offset, dashes = dashed
    if dashes is not None:
        words += f' stroke-dasharray="{" ".join(map(number, dashes))}"'
        words += f' stroke-dashoffset="{number(offset)}"' if offset else ""
    return words + (f' stroke-opacity="{alpha:g}"' if alpha < 1 else "")


def _font(prop: FontProperties) -> str:
    families = ", ".join(dict.fromkeys((*prop.get_family(), *FALLBACK)))
    weight = ' font-weight="bold"' if prop.get_weight() in ("bold", 700) else ""
    return f' font-family="{families}" font-size="{number(prop.get_size_in_points())}"{weight}'


def _rectangles(pixels: NDArray[np.uint8]) -> dict[str, list[tuple[int, int, int, int]]]:
    """Rectangles (left, top, width, height) by colour; if nothing shows through, the first is the whole image.

    Equal rows, and equal columns, are one: an image drawn larger than it is counts as many cells as it has values.
    """
    ys, xs = _starts(pixels), _starts(pixels.swapaxes(0, 1))
    heights, cells = np.diff(ys, append=pixels.shape[0]), pixels[ys][:, xs]
    values, counts = np.unique(cells.reshape(-1, 4), axis=0, return_counts=True)
    found: dict[str, list[tuple[int, int, int, int]]] = {}
    ground = None
    if (values[:, 3] == 255).all():
        ground = values[counts.argmax()]
        found[_hex(ground)] = [(0, 0, pixels.shape[1], pixels.shape[0])]
    for y, height, row in zip(ys, heights, cells, strict=True):
        runs = _starts(row)
        ends = np.append(xs[runs[1:]], pixels.shape[1])
        for left, right, color in zip(xs[runs], ends, row[runs], strict=True):
            if color[3] and not (ground is not None and np.array_equal(color, ground)):
                found.setdefault(_hex(color), []).append((int(left), int(y), int(right - left), int(height)))
    return found


def _starts(rows: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Where a row differs from the one before it."""
    differs = (rows[1:] != rows[:-1]).any(axis=tuple(range(1, rows.ndim)))
    return np.concatenate([[0], np.flatnonzero(differs) + 1])


def _hex(color: NDArray[np.uint8]) -> str:
    return "#" + color[: 3 if color[3] == 255 else 4].tobytes().hex()
