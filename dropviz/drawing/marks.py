"""Marks of an SVG, and the matplotlib renderer that collects them.

The renderer supports paths, circles, text and small images, so that all artists of a chart can be drawn as SVG.
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

from dropviz.drawing.rectangles import to_rectangles

COMMANDS = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C", Path.CLOSEPOLY: "Z"}
JOINS = {"miter": "", "round": ' stroke-linejoin="round"', "bevel": ' stroke-linejoin="bevel"'}
CAPS = {"butt": "", "round": ' stroke-linecap="round"', "projecting": ' stroke-linecap="square"'}
# Images of more rectangles are omitted: as vectors they would be larger than the rest of the picture.
MAX_RECTANGLES = 2_000
# Fonts for viewers without those of the picture; textLength keeps the width of the text.
FALLBACK_FONTS = ("Verdana", "sans-serif")


class Mark(NamedTuple):
    """One SVG element.

    tag    "path", "circle" or "text"
    style  attributes of its appearance, each with a space before it
    place  attributes of its position, each with a space before it; of a path, the value of its attribute d
    words  its text
    name   name of the part that it shows
    """

    tag: str
    style: str
    place: str
    words: str = ""
    name: str = ""


Rectangle = tuple[float, float, float, float]


class MarkRenderer(RendererBase):
    """Renderer that collects the `marks` of an artist instead of drawing it. One point is one pixel.

    `clips` holds the number of each rectangle that marks are clipped to; its id is prefix + "c" + number.
    """

    def __init__(self, size: tuple[int, int], prefix: str) -> None:
        super().__init__()
        self.size, self.prefix = size, prefix
        self.marks: list[Mark] = []
        self.clips: dict[Rectangle, int] = {}
        self._names: Sequence[str] = ()
        self._widths: dict[tuple[str, int], tuple[float, float, float]] = {}

    def marks_of(self, artist: Artist) -> list[Mark]:
        """Return the marks of an artist in the order of drawing, with the names of its parts if it has `names`."""
        self.marks, self._names = [], getattr(artist, "names", tuple)()
        artist.draw(self)
        self._names = ()
        return self.marks

    def get_canvas_width_height(self) -> tuple[float, float]:
        """Return width and height in pixels."""
        return self.size

    def flipy(self) -> bool:
        """Return whether y grows downwards: no, as in charts."""
        return False

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> tuple[float, float, float]:
        """Return the advance width, which textLength sets, not the width of the ink; height and descent."""
        key = (s, hash(prop))
        if key not in self._widths:
            with warnings.catch_warnings():  # viewers take letters that this font lacks from another
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
        rgbFace: Any = None,  # noqa: N803  # matplotlib's signature
    ) -> None:
        """Add a path; or each of its parts, if they have names or look the same apart."""
        fill, stroke = _fill(gc, rgbFace), _stroke(gc)
        if not fill + stroke:
            return
        style = (fill or ' fill="none"') + stroke
        vertices = transform.transform(path.vertices)
        style += self._clip(gc, vertices)
        splits = self._names or not (fill or "opacity" in stroke or "dash" in stroke)
        parts = list(self._parts(path, transform))
        for order, part in enumerate(parts if splits or not parts else ["".join(parts)]):
            self.marks.append(Mark("path", style, part, name=self._name(order)))

    def draw_markers(  # noqa: D102  # described by matplotlib
        self,
        gc: GraphicsContextBase,
        marker_path: Path,
        marker_trans: Transform,
        path: Path,
        trans: Transform,
        rgbFace: Any = None,  # noqa: N803  # matplotlib's signature
    ) -> None:
        if marker_path is not Path.unit_circle():
            super().draw_markers(gc, marker_path, marker_trans, path, trans, rgbFace)
            return
        radius = float(marker_trans.get_matrix()[0, 0])  # markers are scaled evenly
        style = (_fill(gc, rgbFace) or ' fill="none"') + _stroke(gc)
        for order, (x, y) in enumerate(trans.transform(path.vertices)):
            place = f' cx="{format_number(x)}" cy="{format_number(self.size[1] - y)}" r="{format_number(radius)}"'
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
        left, top = format_number(x), format_number(self.size[1] - y)
        width = self.get_text_width_height_descent(s, prop, ismath)[0]
        place = f' x="{left}" y="{top}" textLength="{format_number(width)}" lengthAdjust="spacingAndGlyphs"'
        place += f' transform="rotate({format_number(-angle)} {left} {top})"' if angle else ""
        self.marks.append(Mark("text", _fill(gc, gc.get_rgb()) + _font(prop), place, words=s))

    def draw_image(
        self,
        gc: GraphicsContextBase,  # noqa: ARG002  # matplotlib's signature
        x: float,
        y: float,
        im: Any,
        transform: Any = None,  # noqa: ARG002  # matplotlib's signature
    ) -> None:
        """Add an image, uint8 [height, width, 4], lowest row first, as one path for each colour."""
        top = self.size[1] - y - im.shape[0]
        rectangles = to_rectangles(im[::-1])
        if sum(map(len, rectangles.values())) > MAX_RECTANGLES:
            return
        for color, boxes in rectangles.items():
            d = "".join(f"M{format_number(x + a)} {format_number(top + b)}h{w}v{h}h-{w}z" for a, b, w, h in boxes)
            self.marks.append(Mark("path", f' fill="{color}" shape-rendering="crispEdges"', d))

    def _name(self, order: int) -> str:
        return self._names[order] if order < len(self._names) else ""

    def _parts(self, path: Path, transform: Transform) -> Iterator[str]:
        """Yield the part from each MOVETO to the next as the d of an SVG path, if it draws anything."""
        part, drawn = "", False
        for points, code in path.iter_segments(transform, simplify=False, curves=True):
            if code == Path.MOVETO:
                if drawn:
                    yield part
                part, drawn = "", False
            else:
                drawn = True
            from_top = (v if i % 2 == 0 else self.size[1] - v for i, v in enumerate(points))
            part += COMMANDS[code] + (" ".join(map(format_number, from_top)) if code != Path.CLOSEPOLY else "")
        if drawn:
            yield part

    def _clip(self, gc: GraphicsContextBase, vertices: NDArray[np.float64]) -> str:
        """Return the attribute that clips a path which extends beyond its clip rectangle, else an empty string."""
        box, finite = gc.get_clip_rectangle(), vertices[np.isfinite(vertices).all(axis=1)]
        if box is None or not len(finite):
            return ""
        (left, bottom), (right, top), pad = finite.min(axis=0), finite.max(axis=0), gc.get_linewidth()
        if left >= box.x0 - pad and bottom >= box.y0 - pad and right <= box.x1 + pad and top <= box.y1 + pad:
            return ""
        rectangle = (box.x0, self.size[1] - box.y1, box.width, box.height)
        return f' clip-path="url(#{self.prefix}c{self.clips.setdefault(rectangle, len(self.clips))})"'


def format_number(value: float) -> str:
    """Return a number with at most two decimals, as short as possible.

    >>> format_number(1.5), format_number(-0.001)
    ('1.5', '0')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


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
    style = f' stroke="{to_hex(rgba)}" stroke-width="{format_number(width)}"'
    style += JOINS[str(gc.get_joinstyle())] + CAPS[str(gc.get_capstyle())]
    dashed: Any = gc.get_dashes()
    offset, dashes = dashed
    if dashes is not None:
        style += f' stroke-dasharray="{" ".join(map(format_number, dashes))}"'
        style += f' stroke-dashoffset="{format_number(offset)}"' if offset else ""
    return style + (f' stroke-opacity="{alpha:g}"' if alpha < 1 else "")


def _font(prop: FontProperties) -> str:
    families = ", ".join(dict.fromkeys((*prop.get_family(), *FALLBACK_FONTS)))
    weight = ' font-weight="bold"' if prop.get_weight() in ("bold", 700) else ""
    return f' font-family="{families}" font-size="{format_number(prop.get_size_in_points())}"{weight}'
