"""Chart of the test error against the size of the training set (Srivastava et al. 2014, section 7.4, figure 10)."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator
from numpy.typing import NDArray

from dropviz.analysis.captions import Answer, make_answer
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.statistics import ahead, decided, mean_and_sd
from dropviz.analysis.sweeps import errors_of, pair_arms, pair_names, sweep_iterations
from dropviz.charts.base.artists import MovingText
from dropviz.charts.base.sweep_chart import SweepChart, SweepLine, SweepPanel
from dropviz.style.labels import Labels

MARGIN = 1.12  # factor from the first and the last size to the ends of the axis
SETTING = "train_size"

Gains = dict[int, NDArray[np.float64]]


class DataSizeChart(SweepChart):
    """Test error against the number of training images, without dropout and with it, snapshot by snapshot.

    Above each size stands the gain: by how many percentage points the error is lower with dropout, in bold where all
    seeds agree. The recordings must be of an experiment with an arm without dropout and one with it for each of two or
    more values of train_size. Source: Srivastava et al. 2014, section 7.4, figure 10.
    """

    experiment = "data-size"
    key = "data-size"
    kind = "log"
    room = 50

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if the arms are not pairs of one size each."""
        super().check(comparison)
        pair_arms(comparison, SETTING)
        for arm in comparison.arms:
            arm.values("test_accuracy")

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return the gain of the smallest training set, and the largest gain.

        The first holds if the smallest set has no gain in any seed; the second, if the gain of a size between the
        smallest and the largest is above both of theirs in every seed.
        """
        gains = {size: errors[:, -1] for size, errors in gains_of(comparison).items()}
        answers = [_at_smallest(gains, labels)]
        if len(gains) > 2:
            answers.append(_in_the_middle(gains, labels))
        return answers

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists and the timeline."""
        super().build(frames, hold)
        canvas, box = self.canvas, self.axes[0].bbox
        left, top = box.x0 / canvas.scale, box.y1 / canvas.scale
        canvas.text(left - 12, top + 31, canvas.labels("data-size gain"), 15, color=canvas.theme.muted, ha="right")
        self.gains = {size: self._gain_texts(x, top) for size, x in self._places().items()}
        self.moving = [*self.moving, *(text for texts in self.gains.values() for text in texts)]

    def _gain_texts(self, x: float, y: float) -> tuple[MovingText, MovingText, MovingText]:
        """Make the texts of a gain: its mean where seeds agree, its mean where they do not, and its spread."""
        canvas, muted = self.canvas, self.canvas.theme.muted
        return (
            canvas.moving_text(x, y + 31, 17, "center", weight="bold"),
            canvas.moving_text(x, y + 31, 17, "center", muted),
            canvas.moving_text(x, y + 11, 15, "center", muted),
        )

    def make_panels(self) -> list[SweepPanel]:
        """Return one panel, with a line for the arms without dropout and one for those with it."""
        pairs, theme = pair_arms(self.comparison, SETTING), self.canvas.theme
        styles, names = theme.arm_styles([False, True]), pair_names(pairs, self.canvas.labels)
        lines = [
            SweepLine(
                name,
                np.array(list(pairs), float),
                np.stack([errors_of(pair[side], self.iterations) for pair in pairs.values()], axis=1),
                [style.color] * len(pairs),
                style.strokes,
                shift=(-5, 5)[side],
            )
            for side, (name, style) in enumerate(zip(names, styles, strict=True))
        ]
        return [SweepPanel("", lines)]

    def _fit_x(self, axes: Axes, x: NDArray[np.float64]) -> None:
        axes.set_xlim(x.min() / MARGIN, x.max() * MARGIN)
        axes.xaxis.set_major_locator(FixedLocator(sorted(set(x))))

    def _places(self) -> dict[int, float]:
        """Return the place of each size on the x axis, in points."""
        axes = self.axes[0]
        sizes = list(pair_arms(self.comparison, SETTING))
        pixels = axes.transData.transform([(size, axes.get_ylim()[1]) for size in sizes])[:, 0]
        return dict(zip(sizes, (pixels / self.canvas.scale).tolist(), strict=True))

    def show(self, index: int, before: int | None = None) -> None:
        """Set all lines and gains to the state at `index`."""
        super().show(index, before)
        now = self.text_index[index]
        for size, gains in gains_of(self.comparison).items():
            mean, _, spread = mean_and_sd(gains[:, now], sign=True).partition(" ")
            is_clear = decided(gains[:, now]) is not None
            words = (mean if is_clear else "", "" if is_clear else mean, spread)
            for text, each in zip(self.gains[size], words, strict=True):
                text.set_text(each)


def gains_of(comparison: Comparison) -> Gains:
    """Return by size how many percentage points lower the test error is with dropout, float [runs, snapshots]."""
    iterations = sweep_iterations(comparison)
    return {
        size: 100 * (errors_of(without, iterations) - errors_of(with_it, iterations))
        for size, (without, with_it) in pair_arms(comparison, SETTING).items()
    }


def _at_smallest(gains: Gains, labels: Labels) -> Answer:
    """Return the gain of the smallest set; it holds if there is none."""
    size = min(gains)
    gain = gains[size]
    words = labels(
        "data-size smallest", size=size, gain=mean_and_sd(gain, sign=True), ahead=ahead(gain), count=len(gain)
    )
    return make_answer(words, -gain, labels)


def _in_the_middle(gains: Gains, labels: Labels) -> Answer:
    """Return the largest gain; it holds if that of a size between the smallest and the largest is above theirs."""
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
