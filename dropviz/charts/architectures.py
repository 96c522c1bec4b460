"""Test error against iteration for several architectures, with and without dropout (Srivastava et al. 2014, figure 4).

Each line is the mean over seeds of one architecture; two colours make two bundles.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.path import Path
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from dropviz.analysis.captions import Answer, facts, iteration_axis, make_answer
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.statistics import ahead, mean_and_sd
from dropviz.analysis.sweeps import errors_of, pair_arms, pair_names, sweep_iterations, units
from dropviz.charts.base.annotations import LineReadings, Readings
from dropviz.charts.base.answer_lines import AnswerLines
from dropviz.charts.base.artists import Dots, Points, Shape
from dropviz.charts.base.axes import make_axes
from dropviz.charts.base.canvas import SMOOTH, Canvas
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box, spread_apart
from dropviz.charts.base.legend import Legend, LegendEntry
from dropviz.charts.base.sweep_chart import FRAMES, counter_width
from dropviz.charts.base.timeline import paced, readable, spread, warmed_up
from dropviz.style.labels import Labels, percent
from dropviz.style.theme import Theme, blend

SETTLED = 0.2  # the share of a run after which all that is drawn lies within the axes
LABEL, PITCH = 13.0, 17.0  # type of the names at the ends of lines, and how far apart they are, in points


class Thread:
    """The line of one arm: `mean`, float [moments], at `points` in pixels; and its name, seen at the end."""

    def __init__(
        self, canvas: Canvas, name: str, color: str, dash: tuple[float, ...], mean: NDArray[np.float64]
    ) -> None:
        self.name, self.color, self.mean = name, color, mean
        self.line = Shape(edge=color, width=2, dash=dash, cap="butt" if dash else "round")
        self.head = Dots(3.5 * canvas.scale, color, color)

    def place(self, points: Points, frame: Bbox) -> None:
        """Say where its points are, and within what they are drawn."""
        self.points, self._frame = points, frame
        self.line.clip = Bbox.from_extents(0, frame.y0, frame.x1, frame.y1)

    def show(self, index: int) -> None:
        """Draw the moments up to this one."""
        self.line.path = Path(self.points[: index + 1])
        inside = self._frame.y0 <= self.points[index, 1] <= self._frame.y1
        self.head.centres = self.points[index : index + inside]

    def readings(self) -> LineReadings:
        """The mean at each moment."""
        return LineReadings(self.color, self.points, [f"{percent(mean)} {self.name}" for mean in self.mean])


class ArchitecturesChart(Chart):
    """Each frame adds snapshots that were recorded, as in the chart of accuracy."""

    experiment = "architectures"
    together = True

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists, and the timeline."""
        comparison, canvas = self.comparison, self.canvas
        labels, theme = canvas.labels, canvas.theme
        self.iterations = sweep_iterations(comparison)
        self.timeline = paced(spread(len(self.iterations), frames or FRAMES, warmed_up(self.iterations)), hold)
        self.text_index = readable(self.timeline)
        said = facts(comparison.experiment, comparison.seeds, labels, bands=False)
        canvas.header(labels("architectures title"), said)
        self.answer_lines = AnswerLines(canvas, self.sentences)
        self.threads = self._make_threads()
        self._make_axes()
        self.names = self._name_ends()
        # No trail: where a dozen lines cross, parts of them drawn apart are not what they are as a whole.
        self.trail: Sequence[Artist] = []
        self.moving: Sequence[Artist] = [
            *(thread.line for thread in self.threads),
            *(thread.head for thread in self.threads),
            *self.names,
            self.counter,
            *self.answer_lines.words,
        ]
        self.inks = _inks(theme, self.threads[0].color, self.threads[1].color)

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """In how many pairs, of one architecture and one seed, the error ends lower with dropout, and by how much."""
        pairs, iterations = pair_arms(comparison, "hidden"), sweep_iterations(comparison)
        gains = 100 * np.stack(
            [errors_of(one, iterations)[:, -1] - errors_of(other, iterations)[:, -1] for one, other in pairs.values()]
        )
        worst, best = gains.min(axis=0), gains.max(axis=0)
        words = labels(
            "architectures lower",
            ahead=ahead(gains.ravel()),
            pairs=gains.size,
            shapes=len(gains),
            count=gains.shape[1],
            gain=mean_and_sd(gains.mean(axis=0)),
        )
        # A seed agrees if all its architectures do.
        return [make_answer(words, np.where(worst > 0, worst, np.minimum(best, 0)), labels)]

    def _make_threads(self) -> list[Thread]:
        styles = self.canvas.theme.arm_styles([False, True])
        pairs = pair_arms(self.comparison, "hidden")
        return [
            Thread(
                self.canvas,
                units(hidden),
                style.color,
                style.strokes.test,
                errors_of(arm, self.iterations).mean(axis=0),
            )
            for hidden, pair in pairs.items()
            for arm, style in zip(pair, styles, strict=True)
        ]

    def _make_axes(self) -> None:
        canvas, labels = self.canvas, self.canvas.labels
        widest = max(canvas.width_of(f"{percent(1)} {thread.name}", LABEL) for thread in self.threads)
        left, bottom, right = 96, 76, min(widest + 30, canvas.width / 3)
        top = canvas.height - 106 - self.answer_lines.height
        legend = Legend(canvas, self._entries(), canvas.width - left - right - counter_width(canvas, self.iterations))
        box = Box(left, bottom, canvas.width - left - right, top - legend.height - 12 - bottom)
        legend.draw(left, top - 6)
        axes = make_axes(
            canvas,
            box,
            iteration_axis(self.comparison.experiment, labels),
            labels("error off axis"),
            ("count", "percent"),
        )
        axes.set_xlim(0, self.iterations[-1])
        settled = np.stack([thread.mean for thread in self.threads])[
            :, self.iterations >= SETTLED * self.iterations[-1]
        ]
        margin = max(0.05 * float(np.ptp(settled)), 0.002)
        axes.set_ylim(max(settled.min() - margin, -margin / 4), settled.max() + margin)
        for thread in self.threads:
            thread.place(axes.transData.transform(np.column_stack([self.iterations, thread.mean])), axes.bbox)
        self.counter = canvas.moving_text(left + box.width, top - 24, 18, "right", canvas.theme.muted)
        self.axes = axes

    def _entries(self) -> list[LegendEntry]:
        names = pair_names(pair_arms(self.comparison, "hidden"), self.canvas.labels)
        styles = self.canvas.theme.arm_styles([False, True])
        return [LegendEntry(name, each.color, 4, each.strokes.test) for name, each in zip(names, styles, strict=True)]

    def _name_ends(self) -> list[Artist]:
        """The name and the error of each line, level with its end, or moved apart; none if there is no room for all."""
        canvas, box = self.canvas, self.axes.bbox
        low, high = box.y0 / canvas.scale + 8, box.y1 / canvas.scale
        if PITCH * (len(self.threads) - 1) > high - low:
            return []
        heights = spread_apart([thread.points[-1, 1] / canvas.scale for thread in self.threads], PITCH, low, high)
        left = box.x1 / canvas.scale + 12
        names: list[Artist] = []
        for thread, height in zip(self.threads, heights, strict=True):
            said = f"{percent(thread.mean[-1])} {thread.name}"
            said, size = canvas.fitted(said, LABEL, canvas.width - left - 8)
            words = canvas.moving_text(left, height, size, color=thread.color, middle=True)
            words.set_text(said)
            names.append(words)
        return names

    def show(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # there is no trail
        """Draw the snapshots up to the one at `moment`."""
        is_last = index == self.timeline.indices[-1]
        for thread in self.threads:
            thread.show(index)
        self.counter.set_text(self.canvas.iteration(self.iterations, self.text_index[index]))
        for words in self.names:
            words.set_visible(is_last)
        self.answer_lines.show(is_last)

    def readings(self) -> Readings:
        """The recorded mean of every line at each snapshot."""
        heads = [self.canvas.iteration(self.iterations, index) for index in range(len(self.iterations))]
        return Readings(heads, [thread.readings() for thread in self.threads])


def _inks(theme: Theme, plain: str, noisy: str) -> dict[str, int]:
    """Thin lines are all edges: they have twice the usual tones; and a colour for where both kinds cross."""
    inks = dict.fromkeys([theme.ink, theme.muted, plain, noisy, blend(plain, noisy, 0.5)], SMOOTH) | {theme.faint: 1}
    if theme.is_transparent:
        return inks
    between = [(step + 0.5) / SMOOTH for step in range(SMOOTH)]
    return inks | {blend(color, theme.background, share): 1 for color in (plain, noisy) for share in between}
