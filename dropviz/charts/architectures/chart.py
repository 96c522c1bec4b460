"""Chart of the test error of architectures against iteration (Srivastava et al. 2014, section 6.1.1, figure 4)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist

from dropviz.analysis.answers import Answer, interval_words
from dropviz.analysis.captions import facts, iteration_axis
from dropviz.analysis.comparison import FINAL, Comparison
from dropviz.analysis.statistics import Values, decide, interval
from dropviz.analysis.sweeps import errors_of, pair_arms, pair_names, sweep_iterations, units
from dropviz.charts.architectures.mean_line import MeanLine
from dropviz.charts.base.annotations import Readings
from dropviz.charts.base.artists import Dots, MovingText
from dropviz.charts.base.axes import make_axes, share_range
from dropviz.charts.base.canvas import SMOOTH, TEXT
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box, spread_apart
from dropviz.charts.base.growing_line import lie_together
from dropviz.charts.base.timeline import Pace, paced, readable, spread, warmed_up
from dropviz.style.labels import Labels, percent
from dropviz.style.theme import Theme, blend

FRAMES = 120
SETTLED = 0.2  # share of a run after which all lines are within the axes
LEFT, BOTTOM, GAP = 74.0, 58.0, 16.0  # room for the axes, and from them to the names, in points
HEAD = 4.0  # radius of the end of a line, in points
PITCH = 26.0  # distance of name and range, in points
SETTING = "hidden"


class ArchitecturesChart(Chart):
    """Test error against iteration, a line for each architecture without dropout and with it: the mean over seeds.

    The recordings must be of an experiment with an arm without dropout and one with it for each of two or more values
    of `hidden`. Source: Srivastava et al. 2014, section 6.1.1, figure 4.
    """

    key = "architectures"
    experiment = "architectures"
    together = True

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if there are no snapshots, seeds differ, or the arms are not pairs."""
        sweep_iterations(comparison)
        _ = comparison.seeds
        pair_arms(comparison, SETTING)
        for arm in comparison.arms:
            arm.values(FINAL)

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return for how many architectures the error ends decidedly lower with dropout; it holds if for all.

        All of several claims hold if each does alone: the p-value is the largest.
        """
        gains = _gains(comparison)
        found = {hidden: interval(gain) for hidden, gain in gains.items()}
        lower = decide(list(gains.values())).count(True)
        each_holds = {each.holds for each in found.values()}
        holds = True if each_holds == {True} else False if False in each_holds else None
        least = min(found, key=lambda hidden: found[hidden].mean)
        seeds = len(gains[least])
        key = "one run" if seeds == 1 else "all" if holds else "some" if lower else "none"
        headline = labels(f"architectures {key}", count=lower, all=len(gains))
        evidence = labels(
            "architectures evidence",
            least=units(least),
            interval=interval_words(found[least], seeds, labels),
        )
        return [Answer(headline, holds, evidence, max(e.p_value for e in found.values()))]

    def settings(self) -> str:
        """Return the settings, with how much is dropped."""
        comparison, labels = self.comparison, self.canvas.labels
        dropped = pair_names(pair_arms(comparison, SETTING), labels)[1]
        return f"{facts(comparison.experiment, comparison.seeds, labels, bands=False)} · {dropped}"

    def build(self, frames: int | None, pace: Pace) -> None:
        """Make the artists and the timeline."""
        comparison, canvas, labels = self.comparison, self.canvas, self.canvas.labels
        self.iterations, self.pairs = sweep_iterations(comparison), pair_arms(comparison, SETTING)
        self.timeline = paced(spread(len(self.iterations), frames or FRAMES, warmed_up(self.iterations)), pace)
        self.text_index = readable(self.timeline)
        self.styles = canvas.theme.arm_styles([False, True])
        self.inks = _inks(canvas.theme, *(style.color for style in self.styles))
        self.lines = [
            MeanLine(units(hidden), style, errors_of(arm, self.iterations).mean(axis=0))
            for hidden, pair in self.pairs.items()
            for arm, style in zip(pair, self.styles, strict=True)
        ]
        self.sides = [self.lines[0::2], self.lines[1::2]]
        names = [labels("without dropout"), labels("with dropout", rates="").strip()]
        self.ranges = [self._range_words(side) for side in self.sides]
        widths = [canvas.width_of(words, TEXT, "bold") for words in (*names, *self.ranges)]
        content = self.content
        width = content.width - LEFT - GAP - min(max(widths), 0.3 * canvas.width)
        self._place_lines(Box(content.left + LEFT, content.bottom + BOTTOM, width, content.height - BOTTOM - 8))
        self.names = [self._make_text(words, style.color) for words, style in zip(names, self.styles, strict=True)]
        self.ends = [self._make_text(words, style.color) for words, style in zip(self.ranges, self.styles, strict=True)]
        # No trail: where many lines cross, parts drawn apart differ from the lines drawn as a whole.
        self.trail: Sequence[Artist] = []
        self.heads = [Dots(HEAD * canvas.scale, style.color, style.color) for style in self.styles]
        self.moving: Sequence[Artist] = [*(line.line for line in self.lines), *self.heads, *self.names, *self.ends]

    def _range_words(self, side: Sequence[MeanLine]) -> str:
        """Return the lowest and the highest error at the end."""
        low, high = (percent(end(line.mean[-1] for line in side), 0) for end in (min, max))
        return self.canvas.labels("architectures range", low=low.removesuffix("%"), high=high)

    def _make_text(self, words: str, color: str) -> MovingText:
        words, size = self.canvas.fitted(words, TEXT, 0.3 * self.canvas.width, "bold")
        text = self.canvas.moving_text(0, 0, size, color=color, weight="bold", middle=True)
        text.set_text(words)
        return text

    def _place_lines(self, box: Box) -> None:
        """Make the axes, with a range that holds all lines once they have settled, and place the lines."""
        canvas, labels = self.canvas, self.canvas.labels
        x_name = iteration_axis(self.comparison.experiment, labels)
        self.axes = axes = make_axes(canvas, box, x_name, labels("error off axis"), ("count", "percent"))
        axes.set_xlim(0, self.iterations[-1])
        is_settled = self.iterations >= SETTLED * self.iterations[-1]
        errors = np.stack([line.mean[is_settled] for line in self.lines])
        axes.set_ylim(*share_range(float(errors.min()), float(errors.max()), 0.05))
        for line in self.lines:
            line.place(axes.transData.transform(np.column_stack([self.iterations, line.mean])), axes.bbox)
        for number, line in enumerate(self.lines):
            below = [other for other in self.lines[:number] if other.color != line.color]
            if hidden := sum(lie_together(line.points, other.points, canvas.scale) for other in below):
                line.interrupt(hidden)

    def update(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # there is no trail
        """Set the lines to the snapshots up to `index`."""
        for line in self.lines:
            line.show(index)
        for heads, side in zip(self.heads, self.sides, strict=True):
            heads.centres = np.concatenate([line.head(index) for line in side])
        scale, frame, pitch = self.canvas.scale, self.axes.bbox, PITCH * self.canvas.scale
        heights = [float(np.mean([line.points[index, 1] for line in side])) for side in self.sides]
        heights = spread_apart(heights, 2.2 * pitch, frame.y0 + pitch, frame.y1 - pitch)
        x = float(self.lines[0].points[index, 0]) + GAP * scale
        is_last = index == self.timeline.indices[-1]
        for name, end, y in zip(self.names, self.ends, heights, strict=True):
            name.x, name.y = x, round(y + pitch / 2 * is_last)
            end.x, end.y = x, round(y - pitch / 2)
            end.set_visible(is_last)

    def counter(self, index: int) -> str:
        """Return the iteration of the snapshot at `index`."""
        return self.canvas.iteration(self.iterations, self.text_index[index])

    def readings(self) -> Readings:
        """Return the mean error of every line at each snapshot."""
        heads = [self.canvas.iteration(self.iterations, index) for index in range(len(self.iterations))]
        return Readings(heads, [line.readings() for line in self.lines])


def _gains(comparison: Comparison) -> dict[tuple[int, ...], Values]:
    """Return by architecture how many points lower the error ends with dropout, float [runs]."""
    iterations = sweep_iterations(comparison)
    return {
        hidden: 100 * (errors_of(without, iterations) - errors_of(with_it, iterations))[:, -1]
        for hidden, (without, with_it) in pair_arms(comparison, SETTING).items()
    }


def _inks(theme: Theme, plain: str, noisy: str) -> dict[str, int]:
    """Return the colours. Thin lines have twice the usual tones, and one for where lines of both colours cross."""
    inks = dict.fromkeys([theme.ink, theme.muted, plain, noisy, blend(plain, noisy, 0.5)], SMOOTH) | {theme.faint: 1}
    if theme.is_transparent:
        return inks
    between = [(step + 0.5) / SMOOTH for step in range(SMOOTH)]
    return inks | {blend(color, theme.background, share): 1 for color in (plain, noisy) for share in between}
