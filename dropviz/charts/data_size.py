"""Test error against the size of the training set, with and without dropout (Srivastava et al. 2014, figure 10).

Above each size stands the gain: by how many points the error is lower with dropout; bold where all seeds agree.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator
from numpy.typing import NDArray

from dropviz.analysis.captions import Answer, make_answer
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.statistics import ahead, decided, mean_and_sd
from dropviz.analysis.sweeps import errors_of, pair_arms, pair_names, sweep_iterations
from dropviz.charts.base.sweep_chart import SweepChart, SweepLine, SweepPanel
from dropviz.style.labels import Labels

SPACE = 1.12  # the factor from the first and the last size to the ends of the axis


class DataSizeChart(SweepChart):
    """One line without dropout, and one with it, against the number of training images."""

    experiment = "data-size"
    name = "data-size"
    kind = "log"
    room = 50

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists, and the timeline."""
        super().build(frames, hold)
        canvas = self.canvas
        box, scale = self.axes[0].bbox, canvas.scale
        top = box.y1 / scale
        canvas.text(
            box.x0 / scale - 12, top + 31, canvas.labels("data-size gain"), 15, color=canvas.theme.muted, ha="right"
        )
        self.gains = {}
        for size, x in self._places().items():
            clear = canvas.moving_text(x, top + 31, 17, "center", weight="bold")
            unclear = canvas.moving_text(x, top + 31, 17, "center", canvas.theme.muted)
            self.gains[size] = (clear, unclear, canvas.moving_text(x, top + 11, 15, "center", canvas.theme.muted))
        self.moving = [*self.moving, *(words for pair in self.gains.values() for words in pair)]

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Whether there is no gain on the smallest set, and whether it is largest on a middle one."""
        gains = {size: errors[:, -1] for size, errors in gains_of(comparison).items()}
        answers = [_at_smallest(gains, labels)]
        if len(gains) > 2:
            answers.append(_in_the_middle(gains, labels))
        return answers

    def make_panels(self) -> list[SweepPanel]:
        """One panel, with a line for each side of the pairs."""
        found, theme, labels = pair_arms(self.comparison, "train_size"), self.canvas.theme, self.canvas.labels
        styles = theme.arm_styles([False, True])
        lines = [
            SweepLine(
                name,
                np.array(list(found), float),
                np.stack([errors_of(pair[side], self.iterations) for pair in found.values()], axis=1),
                [style.color] * len(found),
                style.strokes,
                shift=(-5, 5)[side],
            )
            for side, (name, style) in enumerate(zip(pair_names(found, labels), styles, strict=True))
        ]
        return [SweepPanel("", lines)]

    def _fit_x(self, axes: Axes, x: NDArray[np.float64]) -> None:
        axes.set_xlim(x.min() / SPACE, x.max() * SPACE)
        axes.xaxis.set_major_locator(FixedLocator(sorted(set(x))))

    def _places(self) -> dict[int, float]:
        """Where each size stands, in points."""
        axes = self.axes[0]
        sizes = list(pair_arms(self.comparison, "train_size"))
        pixels = axes.transData.transform([(size, axes.get_ylim()[1]) for size in sizes])[:, 0]
        return dict(zip(sizes, (pixels / self.canvas.scale).tolist(), strict=True))

    def show(self, index: int, before: int | None = None) -> None:
        """Draw all lines, and the gains, as they were at a moment."""
        super().show(index, before)
        now = self.text_index[index]
        for size, gains in gains_of(self.comparison).items():
            mean, _, spread = mean_and_sd(gains[:, now], sign=True).partition(" ")
            is_clear = decided(gains[:, now]) is not None
            said = (mean if is_clear else "", "" if is_clear else mean, spread)
            for words, text in zip(self.gains[size], said, strict=True):
                words.set_text(text)


def gains_of(comparison: Comparison) -> dict[int, NDArray[np.float64]]:
    """By size, how many points lower the test error is with dropout, float [runs, moments], in pairs of one seed."""
    iterations = sweep_iterations(comparison)
    return {
        size: 100 * (errors_of(without, iterations) - errors_of(with_it, iterations))
        for size, (without, with_it) in pair_arms(comparison, "train_size").items()
    }


def _at_smallest(gains: dict[int, NDArray[np.float64]], labels: Labels) -> Answer:
    """The claim is that there is no gain."""
    size = min(gains)
    gain = gains[size]
    words = labels(
        "data-size smallest", size=size, gain=mean_and_sd(gain, sign=True), ahead=ahead(gain), count=len(gain)
    )
    return make_answer(words, -gain, labels)


def _in_the_middle(gains: dict[int, NDArray[np.float64]], labels: Labels) -> Answer:
    """The claim is that no gain is as large as that of a size between the smallest and the largest."""
    smallest, *between, largest = gains
    best = max(gains, key=lambda size: gains[size].mean())
    middle = max(between, key=lambda size: gains[size].mean())
    over = np.minimum(gains[middle] - gains[smallest], gains[middle] - gains[largest])
    words = labels(
        "data-size middle",
        best=best,
        gain=mean_and_sd(gains[best], sign=True),
        largest=largest,
        last=mean_and_sd(gains[largest], sign=True),
        middle=middle,
        ahead=ahead(over),
        count=len(over),
    )
    return make_answer(words, over, labels)
