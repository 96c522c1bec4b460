"""The accuracy chart as one writes it with matplotlib's own artists: the same picture, drawn the usual way."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import matplotlib.pyplot as plt
import numpy as np

from benchmarks.work import chart, load_all


class Usual:
    """Lines, bands, heads and labels as Line2D, Polygon and Text on a figure of pyplot's."""

    def __init__(self, drawn: Any) -> None:
        self.drawn, scale = drawn, drawn.canvas.scale
        axes, figure = drawn.axes, drawn.figure
        self.artists: list[Any] = []
        self.parts = []
        for curve in drawn.curves:
            band = plt.Polygon(np.zeros((1, 2)), facecolor=curve.color, alpha=0.25, linewidth=0)
            axes.add_patch(band)
            style = {"linewidth": 4} if curve.is_test else {"linewidth": 2.2, "linestyle": (0, (3, 2))}
            (line,) = axes.plot([], [], color=curve.color, **style)
            (head,) = axes.plot([], [], "o", color=curve.color, markersize=10 if curve.is_test else 7, clip_on=False)
            weight = "bold" if curve.is_test else "normal"
            place = {"x": curve.label.x / scale, "y": 0, "s": "", "fontsize": 18 if curve.is_test else 16}
            label = figure.text(
                **place, color=curve.color, weight=weight, va="center_baseline", transform=drawn.canvas.points()
            )
            self.parts.append((curve, band, line, head, label))
            self.artists += [band, line, head, label]
        self.words = [
            (words, figure.text(words.x, words.y, "", transform=None, **_type(words))) for words in drawn.header.moving
        ]
        (self.gap,) = axes.plot([], [], color=drawn.canvas.theme.ink, linewidth=2, linestyle=(0, (1, 1)))
        self.artists += [self.gap, *(text for _words, text in self.words)]

    def update(self, index: int) -> list[Any]:
        """Set all artists to a moment, as an update function of FuncAnimation does."""
        self.drawn.show(index)
        for curve, band, line, head, label in self.parts:
            x, mean = curve.x[: index + 1], curve.mean[: index + 1]
            both = [*curve.low[: index + 1], *curve.high[: index + 1][::-1]]
            band.set_xy(np.column_stack([[*x, *x[::-1]], both]))
            line.set_data(x, mean)
            head.set_data(x[-1:], mean[-1:])
            label.set(y=curve.label.y / self.drawn.canvas.scale, text=curve.label.get_text())
        for words, text in self.words:
            text.set(text=words.get_text(), visible=words.get_visible())
        if index == self.drawn.timeline.indices[-1]:
            tests = [curve.mean[index] for curve in self.drawn.curves if curve.is_test]
            self.gap.set_data([self.drawn.growing.iterations[index]] * 2, tests)
        return self.artists


def _type(words: Any) -> dict[str, Any]:
    family = words._font.get_family()
    return {
        "fontfamily": family,
        "fontsize": words._font.get_size(),
        "weight": words._font.get_weight(),
        "color": words._color,
    }


@contextmanager
def pyplot_chart(recordings: list[Any], frames: int) -> Iterator[Any]:
    """The still part of the chart, on a figure that pyplot manages."""

    def figure(size: tuple[float, float], dpi: float, facecolor: str) -> Any:
        return plt.figure(figsize=size, dpi=dpi, facecolor=facecolor)

    with patch("dropviz.charts.base.canvas.Figure", figure), chart("accuracy", recordings, frames) as drawn:
        yield drawn


def gif_package(recordings: Path, frames: int, out: Path) -> None:
    """`gif.frame` and `gif.save` as their page teaches: a new figure for each frame, default settings."""
    import gif

    runs = load_all(recordings)

    @gif.frame
    def update_plot(index: int) -> None:
        with pyplot_chart(runs, frames) as drawn:
            Usual(drawn).update(index)

    with chart("accuracy", runs, frames) as drawn:
        indices = drawn.timeline.indices
    gif.save([update_plot(index) for index in indices], str(out), duration=67)


def funcanimation(recordings: Path, frames: int, out: Path) -> None:
    """FuncAnimation with blit, and PillowWriter: one figure, of which the artists change."""
    from matplotlib.animation import FuncAnimation, PillowWriter

    with pyplot_chart(load_all(recordings), frames) as drawn:
        usual = Usual(drawn)
        indices = list(drawn.timeline.indices)
        FuncAnimation(drawn.figure, usual.update, frames=indices, blit=True).save(out, PillowWriter(fps=15))
