"""Chart of the test error against the size of the training set (Srivastava et al. 2014, section 7.4, figure 10)."""

import numpy as np
from numpy.typing import NDArray

from dropviz.analysis.answers import Answer, interval_words, make_answer, shorten
from dropviz.analysis.comparison import FINAL, Comparison
from dropviz.analysis.statistics import decide, interval
from dropviz.analysis.sweeps import errors_of, pair_arms, pair_names, sweep_iterations
from dropviz.charts.base.artists import MovingText, Shape
from dropviz.charts.base.canvas import MARGIN, SMALL
from dropviz.charts.base.sweep_chart import LEFT, SweepChart, SweepLine, value_text
from dropviz.charts.base.timeline import Pace
from dropviz.style.labels import Labels

SETTING = "train_size"
ABOVE = 14.0  # from the axes to the gains, in points
MAX_LISTED = 2  # sizes whose intervals an answer lists

Gains = dict[int, NDArray[np.float64]]
Decided = dict[int, bool | None]


class DataSizeChart(SweepChart):
    """Test error at the end of training against the number of training images, without dropout and with it.

    Above each size stands the gain: by how many percentage points the error is lower with dropout, in bold where it is
    decided. The recordings must be of an experiment with an arm without dropout and one with it for each of two or
    more values of train_size. Source: Srivastava et al. 2014, section 7.4, figure 10.
    """

    experiment = "data-size"
    key = "data-size"
    kind = "log"
    head = 48.0
    wide = 52.0  # of a gain

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if the arms are not pairs of one size each."""
        super().check(comparison)
        pair_arms(comparison, SETTING)
        for arm in comparison.arms:
            arm.values(FINAL)

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return at which sizes dropout gains, and the gain of the smallest training set.

        The first holds if the gain of a size between the smallest and the largest is decidedly above both of theirs;
        the second, if dropout decidedly loses on the smallest.
        """
        gains = gains_of(comparison)
        size = min(gains)
        return [_peak(gains, labels), make_answer("data-size smallest", -gains[size], labels, size=f"{size:,}")]

    def settings(self) -> str:
        """Return the settings, that of dropout among them."""
        pairs = pair_arms(self.comparison, SETTING)
        return f"{super().settings()} · {pair_names(pairs, self.canvas.labels)[1]}"

    def build(self, frames: int | None, pace: Pace) -> None:
        """Make the artists and the timeline."""
        super().build(frames, pace)
        canvas = self.canvas
        self.gains = gains_of(self.comparison)
        self.texts = self._make_texts(decide_gains(self.gains))
        self.gaps = Shape(edge=canvas.theme.ink, width=2, dash=(2, 2))
        self.moving = [self.gaps, *self.moving, *self.texts.values()]
        top = self.axes.bbox.y1 / canvas.scale + ABOVE
        words, size = canvas.fitted(canvas.labels("data-size gain"), SMALL, LEFT + MARGIN - 24)
        canvas.text(MARGIN, top, words, size, color=canvas.theme.muted)

    def _make_texts(self, decided: Decided) -> dict[int, MovingText]:
        """Make the text of the gain above each size, in the colour of the arm that is better where it is decided."""
        canvas, theme = self.canvas, self.canvas.theme
        colors = {True: theme.noisy[0], False: theme.plain, None: theme.muted}
        y = self.axes.bbox.y1 + ABOVE * canvas.scale
        texts = {}
        for size, x in zip(self.gains, self.lines[0].points[:, 0].tolist(), strict=True):
            weight = "normal" if decided[size] is None else "bold"
            texts[size] = value_text(canvas, x, y, colors[decided[size]], weight=weight)
        return texts

    def make_lines(self) -> list[SweepLine]:
        """Return a line for the arms without dropout, and one for those with it."""
        pairs, iterations = pair_arms(self.comparison, SETTING), sweep_iterations(self.comparison)
        styles, labels = self.canvas.theme.arm_styles([False, True]), self.canvas.labels
        names = labels("without dropout"), labels("with dropout", rates="").strip()
        sizes = np.array(list(pairs), float)
        return [
            SweepLine(
                name,
                sizes,
                np.stack([errors_of(pair[side], iterations)[:, -1] for pair in pairs.values()], axis=1),
                style,
                [style.color] * len(pairs),
            )
            for side, (name, style) in enumerate(zip(names, styles, strict=True))
        ]

    def counter(self, index: int) -> str:
        """Return the size that the lines have reached."""
        return self.canvas.labels("data-size now", size=int(self.reached(index)))

    def update(self, index: int, before: int | None = None) -> None:
        """Draw the lines up to the place `index`, and the gains of the sizes that they have passed."""
        super().update(index, before)
        passed = self.values <= self.reached(index)
        for is_passed, (size, text) in zip(passed, self.texts.items(), strict=True):
            text.set_text(_signed(self.gains[size].mean()) if is_passed and size in self.labelled else "")
        is_last = index == self.timeline.indices[-1]
        ends = np.stack([line.points for line in self.lines], axis=1)
        self.gaps.set_lines(ends if is_last else np.empty((0, 2, 2)))


def gains_of(comparison: Comparison) -> Gains:
    """Return by size how many percentage points lower the test error ends with dropout, float [runs]."""
    iterations = sweep_iterations(comparison)
    return {
        size: 100 * (errors_of(without, iterations) - errors_of(with_it, iterations))[:, -1]
        for size, (without, with_it) in pair_arms(comparison, SETTING).items()
    }


def decide_gains(gains: Gains) -> Decided:
    """Return for each size if dropout gains, corrected for the number of sizes; None if that is undecided."""
    return dict(zip(gains, decide(list(gains.values())), strict=True))


def _peak(gains: Gains, labels: Labels) -> Answer:
    """Return at which sizes dropout gains or loses; it holds if the gain of a size in the middle is above the ends'."""
    decided = decide_gains(gains)
    wins, losses = ([size for size, holds in decided.items() if holds is side] for side in (True, False))
    best = max(wins or gains, key=lambda size: gains[size].mean())
    is_single = len(gains[best]) == 1
    key = "one run" if is_single else "best" if wins else "worse" if losses else "open"
    headline = labels(
        f"data-size {key}",
        best=best,
        points=shorten(float(gains[best].mean())),
        worse=labels("and").join(f"{size:,}" for size in losses[-MAX_LISTED:]),
        bound=shorten(max(interval(each).bound for each in gains.values())) if not is_single else "",
    )
    listed = dict.fromkeys([best, *losses[-1:]] if wins else losses[-MAX_LISTED:] or [best])
    evidence = labels("semicolon").join(
        labels("data-size at", size=size, interval=interval_words(interval(gains[size]), len(gains[size]), labels))
        for size in listed
    )
    holds, p_value = _has_peak(gains)
    return Answer(headline, holds, evidence, p_value)


def _has_peak(gains: Gains) -> tuple[bool | None, float]:
    """Return if the largest gain between the smallest and the largest size is above both of theirs, and its p-value."""
    smallest, *between, largest = gains
    if not between:
        return None, 1.0
    middle = max(between, key=lambda size: gains[size].mean())
    over = [interval(gains[middle] - gains[end]) for end in (smallest, largest)]
    held = {each.holds for each in over}
    return (False if False in held else None if None in held else True), max(each.p_value for each in over)


def _signed(points: float) -> str:
    return f"{points:+.1f}".replace("-", "\N{MINUS SIGN}")
