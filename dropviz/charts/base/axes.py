"""Axes in dropviz's style: two spines, a light grid, few ticks, and labels in the language of the canvas."""

from collections.abc import Callable
from math import isclose
from typing import Any

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, MultipleLocator, NullLocator

from dropviz.charts.base.canvas import SMALL, Canvas
from dropviz.charts.base.geometry import Box
from dropviz.errors import UsageError
from dropviz.style.labels import SCIENTIFIC

# Minimum distances of ticks, across and up, in points: labels of closer ones would touch.
MIN_ACROSS, MIN_UP = 56, 36
MAX_ACROSS, MAX_UP = 7, 6
LEAST = 24  # width and height of axes, in points
# Of an axis of shares: a range of three points, and ticks no finer than a point. Equal values must not look different.
MIN_SPAN, POINT = 0.03, 0.01
NOISE = 1e-12  # ticks nearer to 0 than this are rounding errors


def make_axes(canvas: Canvas, box: Box, x: str, y: str, kinds: tuple[str, str], grid: str = "y") -> Axes:
    """Return axes in a box in points of the layout; labels of axes and ticks are outside of it.

    x, y   labels of the axes; "" for none
    kinds  of the numbers on x and on y: "count" (1,000), "percent" (0.3 is 30%), "plain" (0.25), or "log" (0.01, 100)
    grid   lines at the ticks of "x", of "y", or of "both"

    Raises UsageError if there is no room for them.
    """
    if min(box.width, box.height) < LEAST:
        raise UsageError("the picture has no room for its axes: draw a larger one, with --size")
    theme, fonts = canvas.theme, canvas.labels.fonts
    width, height = canvas.width, canvas.height
    axes = canvas.figure.add_axes((box.left / width, box.bottom / height, box.width / width, box.height / height))
    axes.set_facecolor(theme.background)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set(color=theme.muted, linewidth=1.2)
    axes.grid(axis=grid, color=theme.faint, linewidth=1, linestyle=(0, (1, 4)) if theme.is_transparent else "-")  # type: ignore[arg-type]  # one of three words
    axes.set_axisbelow(True)
    for name, kind in zip("xy", kinds, strict=True):
        if kind == "log":
            axes.set(**{f"{name}scale": "log"})
    _set_ticks(axes.xaxis, kinds[0], min(MAX_ACROSS, max(int(box.width / MIN_ACROSS), 1)))
    _set_ticks(axes.yaxis, kinds[1], min(MAX_UP, max(int(box.height / MIN_UP), 1)))
    axes.tick_params(colors=theme.muted, labelsize=SMALL, length=5, labelfontfamily=fonts)
    words: dict[str, Any] = {"size": SMALL, "color": theme.muted, "fontfamily": fonts, "labelpad": 8}
    axes.set_xlabel(x, **words)
    room = box.height + (0 if canvas.is_small else 2 * MIN_UP)
    axes.set_ylabel(y if canvas.width_of(y, SMALL) <= room else "", **words)  # a longer one lies over others
    return axes


def share_range(low: float, high: float, margin: float) -> tuple[float, float]:
    """Return the limits of an axis of shares from `low` to `high`: with a margin, and MIN_SPAN or more.

    >>> share_range(0.5, 0.5, 0.1)
    (0.485, 0.515)
    """
    span = high - low
    room = max(margin * span, (MIN_SPAN - span) / 2, 0.002)
    bottom = min(max(low - room, 0.0), 1 - MIN_SPAN)
    return bottom, max(min(high + room, 1 + room / 4), bottom + MIN_SPAN)


def _set_ticks(axis: Axis, kind: str, most: int) -> None:
    formats: dict[str, Callable[[float], str]] = {"count": _count, "percent": _percent, "plain": _plain, "log": _plain}
    written = formats[kind]
    axis.set_major_formatter(FuncFormatter(lambda value, _: written(value)))
    axis.set_minor_locator(NullLocator())
    if kind == "log":
        axis.set_major_locator(LogLocator(numticks=most + 1))
    elif kind == "count":
        axis.set_major_locator(MaxNLocator(most, integer=True))
    else:
        locator = _PointLocator if kind == "percent" else MaxNLocator
        axis.set_major_locator(locator(most, steps=[1, 2, 5, 10]))


class _PointLocator(MaxNLocator):
    """Ticks at whole points of percentages, or less fine."""

    def tick_values(self, vmin: float, vmax: float) -> Any:
        """Return the ticks between two limits."""
        ticks = super().tick_values(vmin, vmax)
        is_fine = len(ticks) > 1 and ticks[1] - ticks[0] < POINT - NOISE
        return MultipleLocator(POINT).tick_values(vmin, vmax) if is_fine else ticks


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _percent(value: float) -> str:
    return f"{round(100 * value, 6):g}%"


def _plain(value: float) -> str:
    """Return a number with at most six decimals, without rounding errors: 0.3, 1,000, 0.0001."""
    words = f"{value:,.6f}".rstrip("0").rstrip(".")
    is_exact = isclose(float(words.replace(",", "")), value, rel_tol=1e-6, abs_tol=NOISE)
    words = words if is_exact and abs(value) < SCIENTIFIC else f"{value:g}"
    return ("0" if words == "-0" else words).replace("-", "\N{MINUS SIGN}")
