"""Canvas of a chart: a figure of a size in pixels, a theme, and labels.

What does not change is drawn once, by matplotlib's artists; what changes is drawn in each frame, by those of
`artists`.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray

from dropviz._util.text import is_right_to_left, replace_invisible
from dropviz.charts.base.artists import MovingText, text_size
from dropviz.charts.base.short_names import LEAST, LONGEST, shorten_names
from dropviz.style.labels import Labels
from dropviz.style.theme import TONES, Theme

# Tones of a colour that make text and lines smooth: at full size, more make no visible difference.
SMOOTH = TONES

# How far a trail may reach left of its front, in points: a little more than half the width of a line.
REACH = 4.0
# Minimum size of a picture in points of the layout. At 16:9, a picture has 960 by 540.
MIN_WIDTH, MIN_HEIGHT = 640, 540
MARGIN = 32.0  # around the picture, in points
# Sizes of type, in points. SMALL is 11 pixels or more in a picture that is shown 600 pixels wide.
HEADLINE, TEXT, SMALL = 30.0, 20.0, 17.6
# Fewer pixels for a point make figures that cannot be read: a small picture has fewer points instead, and fewer words,
# down to these.
MIN_SCALE = 9 / SMALL
SMALL_WIDTH, SMALL_HEIGHT = 400, 330
MIN_HEADLINE = 24.0  # a headline that is too long at this size has two lines
MIN_TYPE_SIZE = SMALL  # text that is too long at this size is shortened
EVEN = (0.5, 0.6, 0.7, 0.8, 0.9)  # shares of the width that are tried, so that no line holds a single word
MAX_LETTERS = 600  # of words that have to fit; more have room in no picture, and measuring them takes time
MIN_FONT_PIXELS = 2.0  # in pixels; fonts cannot be drawn much smaller
LEFT_TO_RIGHT = "\N{LEFT-TO-RIGHT MARK}"
ORDERS_WORDS = mpl.__version_info__ >= (3, 11)  # matplotlib draws text from right to left; before, it drew the mark
# A Chinese character with the punctuation that must not begin a line, and the space after it; or a run of others.
CHINESE_PIECES = re.compile(
    r"[\u201c\uff08]?[\u3400-\u9fff][\u3001\u3002\uff01\uff09\uff0c\uff1a\uff1b\u201d)]* ?|[^\u3400-\u9fff]+"
)


@dataclass(frozen=True)
class PictureWords:
    """Words that the user sets.

    title       replaces question and answer; "" for none
    credit      words at the lower right edge
    has_header  False for neither headline, nor evidence, nor footer
    """

    title: str = ""
    credit: str = ""
    has_header: bool = True


@dataclass(frozen=True)
class Canvas:
    """Figure of a chart, with theme and labels.

    size    width and height in pixels
    scale   pixels per point of the layout; 0 to fit the size. A picture narrower than 16:9 has fewer points across, not
            smaller type; larger type leaves fewer points both ways
    words   words that the user sets
    names   names that are cut in the middle where they have no room, and kept distinct: those of the arms
    figure  as many pixels as `size`
    """

    size: tuple[int, int]
    theme: Theme
    labels: Labels
    scale: float = 0.0
    words: PictureWords = PictureWords()
    names: list[str] = field(default_factory=list)
    figure: Figure = field(init=False)

    def __post_init__(self) -> None:
        fitting = self.theme.type_size * min(self.size[0] / MIN_WIDTH, self.size[1] / MIN_HEIGHT)
        fitting = max(fitting, min(MIN_SCALE, self.size[0] / SMALL_WIDTH, self.size[1] / SMALL_HEIGHT))
        object.__setattr__(self, "scale", self.scale or fitting)
        dpi = 72 * self.scale
        figure = Figure((self.size[0] / dpi, self.size[1] / dpi), dpi, facecolor=self.theme.background)
        object.__setattr__(self, "figure", figure)
        FigureCanvasAgg(figure)  # sets itself as figure.canvas

    @property
    def width(self) -> float:
        """Width of the picture, in points of the layout."""
        return self.size[0] / self.scale

    @property
    def height(self) -> float:
        """Height of the picture, in points of the layout."""
        return self.size[1] / self.scale

    @property
    def is_small(self) -> bool:
        """True if a picture has room for no more than the question and the chart."""
        return self.height < 0.8 * MIN_HEIGHT or self.width < 0.8 * MIN_WIDTH

    def unscaled(self) -> "Canvas":
        """Return a canvas of the same proportions on which a pixel is a point, since vectors have no resolution."""
        return Canvas((round(self.width), round(self.height)), self.theme, self.labels, 1.0, self.words, self.names)

    def points(self) -> Affine2D:
        """Return the transform from points of the layout, origin lower left, to pixels."""
        return Affine2D().scale(self.scale)

    def text(self, x: float, y: float, words: str, size: float = SMALL, **style: Any) -> Text:
        """Draw `words` on the figure at (x, y), in points of the layout."""
        style = {"color": self.theme.ink, "fontfamily": self.labels.fonts, **style}
        return self.figure.text(
            x,
            y,
            _from_left(replace_invisible(words)),
            fontsize=size,
            transform=self.points(),
            parse_math=False,
            **style,
        )

    def iteration(self, iterations: NDArray[np.integer], index: int, *, epochs: bool = False) -> str:
        """Return the iteration of a snapshot and the last one in words; `iterations` are those of all snapshots."""
        return self.labels(
            "epoch now" if epochs else "iteration now", now=int(iterations[index]), last=int(iterations[-1])
        )

    def moving_text(
        self,
        x: float,
        y: float,
        size: float,
        align: str = "left",
        color: str = "",
        weight: str = "normal",
        *,
        middle: bool = False,
    ) -> MovingText:
        """Return an empty moving text; `y` is its base line, or the `middle` of its letters."""
        font = FontProperties(family=self.labels.fonts, size=size, weight=weight)
        color = color or self.theme.ink
        return MovingText(x * self.scale, y * self.scale, font, color, align, middle, self.figure.dpi)

    def width_of(self, words: str, size: float, weight: str = "normal") -> float:
        """Return the width of `words`, in points of the layout."""
        font = FontProperties(family=self.labels.fonts, size=size, weight=weight)
        return text_size(replace_invisible(words), font, self.figure.dpi)[0] / self.scale

    def fit(self, words: str, size: float, width: float, weight: str = "normal") -> float:
        """Return a type size up to `size` at which `words` are no wider than `width`."""
        # Hinting rounds letters to whole pixels, so that the width is not in exact proportion to the size.
        words, smallest = words[:MAX_LETTERS], MIN_FONT_PIXELS / self.scale
        size = max(size, smallest)
        while (wide := self.width_of(words, size, weight)) > width and size > smallest:
            size = max(smallest, 0.99 * size * width / wide)
        return size

    def fitted(self, words: str, size: float, width: float, weight: str = "normal") -> tuple[str, float]:
        """Return `words` and a type size at which they fit into `width`, shortened if it would be too small."""
        size = max(self.fit(words, size, width, weight), min(MIN_TYPE_SIZE, size))
        return self.shortened(words, size, width, weight), size

    def fitted_after(self, first: str, words: str, size: float, width: float, weight: str) -> tuple[str, float]:
        """Return `words` and a type size at which they fit into `width` behind `first` and a space; "" without room."""
        start = f"{first} "
        both, size = self.fitted(f"{start}{words}", size, width, weight)
        rest = both.removeprefix(start) if both.startswith(start) else ""
        return "" if rest == "…" else rest, size

    def shortened(self, words: str, size: float, width: float, weight: str = "normal") -> str:
        """Return `words`, with an ellipsis in place of those that do not fit into `width`; of names, in the middle."""

        def is_wide(shorter: str) -> bool:
            return self.width_of(shorter, size, weight) > width

        shorter = words[:MAX_LETTERS]
        if len(words) <= MAX_LETTERS:
            for shorter in self._with_shorter_names(words):
                if not is_wide(shorter):
                    return shorter
        ends = range(1, len(shorter) + 1)
        count = bisect_left(ends, True, key=lambda end: is_wide(f"{shorter[:end]}…"))
        return f"{shorter[:count].rstrip()}…"

    def _with_shorter_names(self, words: str) -> Iterator[str]:
        """Yield `words`, then with the names in them cut to fewer and fewer letters."""
        names = [name for name in sorted(set(self.names), key=len, reverse=True) if name in words]
        longest = len(names[0]) if names else 0
        if longest <= LONGEST:
            yield words
        for length in range(min(longest - 1, LONGEST), LEAST - 1, -1):
            short, shorter = shorten_names(tuple(self.names), length), words
            for number, name in enumerate(names):  # in two steps, since a name may be a part of another one
                shorter = shorter.replace(name, f"\0{number}\0")
            for number, name in enumerate(names):
                shorter = shorter.replace(f"\0{number}\0", short[name])
            yield shorter

    def wrap(self, words: str, size: float, width: float, separator: str = " ", weight: str = "normal") -> list[str]:
        """Return `words` in lines no wider than `width`, broken at separators or between Chinese characters."""
        pieces: list[str] = []
        for piece in _pieces(words[:MAX_LETTERS], separator):
            is_wide = self.width_of(piece.removesuffix(separator), size, weight) > width
            pieces += list(piece) if is_wide else [piece]
        lines: list[str] = []
        for piece in pieces:
            longer = "".join([*lines[-1:], piece])
            if lines and self.width_of(longer.removesuffix(separator), size, weight) <= width:
                lines[-1] = longer
            else:
                lines.append(piece)
        return [line.removesuffix(separator) for line in lines]

    def lines(
        self, words: str, size: float, width: float, most: int, weight: str = "normal", separator: str = " "
    ) -> list[str]:
        """Return `words` in up to `most` lines of about the same length; none of no words.

        What does not fit is left out of the last one.
        """
        lines: list[str] = []
        for shorter in self._with_shorter_names(words) if words else []:
            lines = self.wrap(shorter, size, width, separator, weight)
            if 1 < len(lines) <= most:
                narrower = (self.wrap(shorter, size, share * width, separator, weight) for share in EVEN)
                return next((each for each in narrower if len(each) == len(lines)), lines)
            if len(lines) <= most:
                return lines
        if len(lines) > most:
            rest = separator.join(lines[most - 1 :])
            lines = [*lines[: most - 1], self.shortened(rest, size, width, weight)]
        return lines


def _from_left(words: str) -> str:
    """Return words that run from left to right as a whole, though the first ones may not."""
    first = next((letter for letter in words if unicodedata.bidirectional(letter) in ("L", "R", "AL")), "")
    return f"{LEFT_TO_RIGHT}{words}" if first and is_right_to_left(first) and ORDERS_WORDS else words


def _pieces(words: str, separator: str) -> list[str]:
    """Return the parts of `words` that cannot be broken, each with its separator."""
    pieces = [f"{each}{separator}" for each in words.split(separator)]
    pieces[-1] = pieces[-1].removesuffix(separator)
    return [part for piece in pieces for part in CHINESE_PIECES.findall(piece)] if separator == " " else pieces
