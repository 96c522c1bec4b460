"""Artists that draw fast: text whose letters are rendered once and then copied, and paths in pixels."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgba
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox, IdentityTransform
from numpy.typing import NDArray

from dropviz._util.text import replace_invisible

# The digits of the first number change from frame to frame, and are rendered one by one; the rest hardly changes.
PIECES = re.compile(r"(\D*)(\d[\d.,]*)?(.*)", re.DOTALL)
# Words from right to left, with a bracket or a number behind them. They are drawn apart from the others, which
# run from left to right: else a number before them would change its place, or its digits theirs.
_RTL = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]"
_BRACKETED = rf"[(\[][^A-Za-z()\[\]]*{_RTL}[^A-Za-z()\[\]]*[)\]]"
RIGHT_TO_LEFT = re.compile(f"({_RTL}(?:[^A-Za-z]*{_BRACKETED})?(?:[^A-Za-z]*{_RTL})?(?: ?[0-9][0-9.,/-]*)?)")
# How far text begins left of its point, as a share of its width.
SHIFT = {"left": 0.0, "center": 0.5, "right": 1.0}
MEASURED = 8_192  # sizes of text that are kept
MARGIN = 3  # pixels around a piece, for letters that reach out of their box
HATCH = 0.8  # width of the lines of a hatch, in points: matplotlib 3.8 has it only as a setting
# Outlines of about equal area, of radius 1.
MARKERS = {
    "circle": Path.unit_circle(),
    "square": Path(np.array([[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9], [-0.9, -0.9]]), closed=True),
    "diamond": Path(np.array([[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0], [0, -1.3]]), closed=True),
    "triangle": Path(np.array([[-1.2, -0.9], [1.2, -0.9], [0, 1.3], [-1.2, -0.9]]), closed=True),
    "down": Path(np.array([[-1.2, 0.9], [1.2, 0.9], [0, -1.3], [-1.2, 0.9]]), closed=True),
}

Points = NDArray[np.float64]
# A function, since only interactive formats need the names of parts, and making them takes time.
Names = Callable[[], Sequence[str]]


@lru_cache(maxsize=MEASURED)
def text_size(words: str, font: FontProperties, dpi: float) -> tuple[float, float, float]:
    """Return width, height and descent of `words`, in pixels, in matplotlib's default style.

    Sizes are kept, since to fit text the same words are measured again and again, in every chart.
    """
    width, height, descent = RendererAgg(1, 1, dpi).get_text_width_height_descent(words, font, ismath=False)
    return float(width), float(height), float(descent)


class Piece(NamedTuple):
    """Rendered letters: RGBA pixels, and the height of the base line in them."""

    image: NDArray[np.uint8]
    below: int


class MovingText(Artist):
    """A line of text at (x, y) in pixels, whose letters are rendered when they are first drawn, and then copied."""

    def __init__(
        self, x: float, y: float, font: FontProperties, color: str, align: str, middle: bool, dpi: float
    ) -> None:
        super().__init__()
        self.x, self.y = x, y
        self._font, self._color, self._align, self._middle, self._dpi = font, color, align, middle, dpi
        self._words = ""
        self._parts: list[str] = []
        self._pieces: dict[str, Piece] = {}
        self._advances: dict[str, float] = {}
        self._line: list[str] = []
        self._height = self._size("0")[1]

    def set_text(self, words: str) -> None:
        """Set the text."""
        words = replace_invisible(words)
        if words != self._words:
            self._words = words
            self._parts = [part for part in RIGHT_TO_LEFT.split(words) if part]
            self._line = [piece for part in self._parts for piece in _pieces(part)]

    def get_text(self) -> str:
        """Return the text."""
        return self._words

    def get_window_extent(self, renderer: Any = None) -> Bbox:  # noqa: ARG002  # matplotlib's signature
        """Return the box of the text, in pixels."""
        left, base = self._start()
        width = sum(map(self._advance, self._line))
        return Bbox.from_bounds(left, base, width, self._height)

    def draw(self, renderer: Any) -> None:
        """Copy the pieces onto an Agg canvas; on any other, write text."""
        if not self.get_visible() or not self._words:
            return
        gc = renderer.new_gc()
        left, base = self._start()
        if isinstance(renderer, RendererAgg):
            for name in self._line:
                piece = self._piece(name)
                renderer.draw_image(gc, round(left) - MARGIN, round(base) - piece.below, piece.image)
                left += self._advance(name)
        else:
            gc.set_foreground(self._color)
            sizes = [renderer.get_text_width_height_descent(part, self._font, ismath=False) for part in self._parts]
            left = self.x - SHIFT[self._align] * sum(width for width, _height, _descent in sizes)
            for part, (width, _height, _descent) in zip(self._parts, sizes, strict=True):
                renderer.draw_text(gc, left, base, part, self._font, 0)
                left += width
        gc.restore()

    def _start(self) -> tuple[float, float]:
        """Return the left end and the base line of the text."""
        shift = SHIFT[self._align]
        width = sum(map(self._advance, self._line)) if shift else 0.0
        return self.x - shift * width, self.y - (self._height / 2 if self._middle else 0)

    def _piece(self, name: str) -> Piece:
        if name not in self._pieces:
            self._pieces[name] = self._render(name)
        return self._pieces[name]

    def _advance(self, name: str) -> float:
        """Return the width from this piece to the next."""
        if name not in self._advances:
            # Pixels of a letter are narrower than its advance, by the space around it: measure it between two letters.
            self._advances[name] = self._size(f"x{name}x")[0] - self._size("xx")[0]
        return self._advances[name]

    def _render(self, name: str) -> Piece:
        width, height, descent = self._size(name)
        below = round(descent) + MARGIN
        canvas = RendererAgg(max(width, self._advance(name)) + 2 * MARGIN, height + 2 * MARGIN, self._dpi)
        gc = canvas.new_gc()
        gc.set_foreground(self._color)
        canvas.draw_text(gc, MARGIN, int(canvas.height) - below, name, self._font, 0)
        return Piece(np.array(canvas.buffer_rgba())[::-1], below)

    def _size(self, words: str) -> tuple[float, float, float]:
        return text_size(words, self._font, self._dpi)


def _pieces(words: str) -> list[str]:
    """Return the parts of `words` that are rendered one by one: before, in and after a number."""
    if RIGHT_TO_LEFT.match(words):
        return [words]
    before, number, after = PIECES.fullmatch(words).groups("")  # type: ignore[union-attr]  # it matches all
    return [piece for piece in (before, *number, after) if piece]


class Shape(Artist):
    """One path in pixels, filled with `face`, or stroked with `edge`.

    width  of the stroke, in points
    hatch  in matplotlib's letters, opaque, in the colour of the face
    clip   the box, in pixels, outside of which nothing is drawn; None for no limit
    names  names of the path's parts, each from one MOVETO to the next
    """

    def __init__(
        self,
        face: str | None = None,
        edge: str = "none",
        width: float = 0.0,
        dash: tuple[float, ...] = (),
        alpha: float = 1.0,
        cap: str = "butt",
        hatch: str = "",
    ) -> None:
        super().__init__()
        self.path: Path | None = None
        self.clip: Bbox | None = None
        self.names: Names = tuple
        self.dash_start = 0.0
        self._face = to_rgba(face, alpha) if face else None
        self._edge, self._width, self._dash, self._cap = edge, width, dash, cap
        self._hatch, self._hatch_color = hatch, to_rgba(face) if face else None

    def set_lines(self, segments: Points, names: Names = tuple) -> None:
        """Set the path to segments, float [segments, 2, 2], from point to point; each may have a name."""
        self.names = names
        codes = np.tile(np.array([Path.MOVETO, Path.LINETO], Path.code_type), len(segments))
        self.path = Path(segments.reshape(-1, 2), codes) if len(segments) else None

    def draw(self, renderer: Any) -> None:
        """Draw the path, with round joins."""
        if self.path is None or not self.get_visible():
            return
        gc = renderer.new_gc()
        gc.set_foreground("black" if self._edge == "none" else self._edge)
        gc.set_linewidth(self._width)
        gc.set_joinstyle("round")
        gc.set_capstyle(self._cap)
        gc.set_snap(False)
        if self._dash:
            gc.set_dashes(self.dash_start, self._dash)
        if self._hatch:
            gc.set_hatch(self._hatch)
            gc.set_hatch_color(self._hatch_color)
        if self.clip is not None:
            gc.set_clip_rectangle(self.clip)
        renderer.draw_path(gc, self.path, IdentityTransform(), self._face)
        gc.restore()


class Dots(Artist):
    """Markers of one kind.

    radius   in pixels
    width    of the outline, in points
    centres  float [markers, 2], in pixels
    names    names of the markers, in the order of `centres`
    """

    def __init__(self, radius: float, face: str, edge: str, width: float = 0.0, marker: str = "circle") -> None:
        super().__init__()
        self.centres: Points = np.empty((0, 2))
        self.names: Names = tuple
        self._outline, self._size = MARKERS[marker], Affine2D().scale(radius)
        self._face, self._edge, self._width = to_rgba(face), edge, width

    def resize(self, radius: float) -> None:
        """Set the radius, in pixels."""
        self._size = Affine2D().scale(radius)

    def draw(self, renderer: Any) -> None:
        """Draw one marker, and copy it to all centres."""
        if not len(self.centres):
            return
        gc = renderer.new_gc()
        gc.set_foreground(self._edge)
        gc.set_linewidth(self._width)
        renderer.draw_markers(gc, self._outline, self._size, Path(self.centres), IdentityTransform(), self._face)
        gc.restore()


class ClearedGround(Artist):
    """Boxes in pixels that are cleared to the background."""

    def __init__(self, boxes: Sequence[Bbox], background: str) -> None:
        super().__init__()
        self._boxes, self._background = boxes, to_rgba(background)

    def draw(self, renderer: Any) -> None:
        """Set the pixels of an Agg canvas, which cannot draw transparency; paint over them on any other."""
        for box in self._boxes:
            if isinstance(renderer, RendererAgg):
                pixels = np.asarray(renderer.buffer_rgba())
                height = len(pixels)
                rows = slice(max(height - round(box.y1), 0), max(height - round(box.y0), 0))
                color = np.round(255 * np.array(self._background)).astype(np.uint8)
                pixels[rows, max(round(box.x0), 0) : max(round(box.x1), 0)] = color
            else:
                gc = renderer.new_gc()
                gc.set_linewidth(0)
                place = Affine2D().scale(box.width, box.height).translate(box.x0, box.y0)
                renderer.draw_path(gc, Path.unit_rectangle(), place, self._background)
                gc.restore()


class GreyImage(Artist):
    """A square image of tones, `side` pixels wide, with its lower left corner at (x, y) in pixels."""

    def __init__(self, x: float, y: float, side: float, shades: NDArray[np.uint8]) -> None:
        super().__init__()
        self._corner, self._side, self._shades = (round(x), round(y)), round(side), shades
        self.grey: NDArray[np.uint8] | None = None

    def draw(self, renderer: Any) -> None:
        """Draw `grey`, uint8 [rows, columns], in the colours `shades`, uint8 [values, 4]."""
        if self.grey is None:
            return
        rows, columns = (np.arange(self._side) * length // self._side for length in self.grey.shape)
        gc = renderer.new_gc()
        renderer.draw_image(gc, *self._corner, self._shades[self.grey[rows[::-1, None], columns]])
        gc.restore()


def boxes(left: Points, bottom: Points, width: Points, height: Points) -> Path | None:
    """Return rectangles, each argument float [boxes] in pixels, as one path to fill; None if there are none."""
    if not len(left):
        return None
    corners = [(left, bottom), (left + width, bottom), (left + width, bottom + height), (left, bottom + height)]
    points = np.stack([np.column_stack(corner) for corner in (*corners, corners[0])], axis=1)
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    return Path(points.reshape(-1, 2), np.tile(np.array(codes, Path.code_type), len(left)))
