"""Chart of a network and of curves in one picture: the mask of an iteration, and the accuracy up to it.

After Srivastava et al. 2014, figures 1 and 4, of real runs: the network shows the iteration at which the curves end.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import NDArray

from dropviz.analysis.captions import ACCURACIES, best_snapshots, facts
from dropviz.analysis.comparison import Comparison
from dropviz.charts.base.annotations import Annotation, Readings
from dropviz.charts.base.answer_lines import AnswerLines
from dropviz.charts.base.arm_names import draw_arm_names
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.diagram_legend import diagram_inks, draw_diagram_legend
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.growing_curves import MAX_CROSSED, GrowingCurves
from dropviz.charts.base.network_panel import NetworkPanel
from dropviz.charts.base.noise_effects import first_noisy_run
from dropviz.charts.base.part_names import edge_annotations, unit_annotations
from dropviz.charts.base.timeline import one_by_one, spread, warmed_up
from dropviz.errors import RecordingError
from dropviz.recording import Recording

FRAMES = 37  # of the preset `story`, every third snapshot since the warm-up
NARROW, LOW = 800.0, 600.0  # in points; pictures of less width or height have less text
LABEL = 20.0  # type size of the labels at the ends of the curves
NAMES, AXIS = 50.0, 76.0  # height of the names of arms above the axes, and of numbers and label below, in points


class StoryChart(Chart):
    """The thinned network of one run on the left or above, the accuracy of all runs on the right or below."""

    experiment = "story"
    together = True
    needs_masks = True
    needs_layers = True

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if there are no masks, no accuracies, or a snapshot has no mask of its iteration."""
        super().check(comparison)
        run = first_noisy_run(comparison)
        iterations = comparison.all_iterations
        for arm in comparison.arms:
            for metric in ACCURACIES:
                arm.measured(metric)
        _mask_indices(run, iterations)
        _ = comparison.seeds

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists and the timeline."""
        comparison, canvas = self.comparison, self.canvas
        run = first_noisy_run(comparison)
        self.growing = GrowingCurves(canvas, comparison, [self._names() for _arm in comparison.arms], LABEL)
        self.mask_indices = _mask_indices(run, self.growing.iterations)
        indices = spread(len(self.mask_indices), frames or FRAMES, start=warmed_up(self.growing.iterations))
        self.timeline = one_by_one(indices, hold)
        colors = [style.color for style in self.growing.styles]
        self.inks: Mapping[str, int] = self.growing.inks | diagram_inks(canvas.theme, colors)
        self._draw_header()
        self._draw_parts(run)
        self.trail: Sequence[Artist] = self.growing.trail
        self.moving: Sequence[Artist] = [
            *self.growing.moving,
            self.counter,
            *self.panel.moving,
            *self.answer_lines.words,
        ]

    def _names(self) -> dict[str, str]:
        """Return the label of each metric; the arm is known by its colour."""
        experiment, labels = self.comparison.experiment, self.canvas.labels
        train = "story train noisy" if experiment and experiment.label_noise else "story train"
        return {"test_accuracy": labels("story test"), "train_accuracy": labels(train)}

    def _draw_header(self) -> None:
        canvas, labels = self.canvas, self.canvas.labels
        size = 22 if canvas.width > NARROW else 18
        self.counter = canvas.moving_text(canvas.width - 40, canvas.height - 54, size, "right", weight="bold")
        width = canvas.width_of(self.growing.iteration_words(len(self.mask_indices) - 1), size, "bold")
        bands = len(self.comparison.arms) <= MAX_CROSSED
        words = facts(self.comparison.experiment, self.comparison.seeds, labels, bands=bands)
        canvas.header(labels("story title"), words, right=width + 30)
        best = best_snapshots(self.comparison, labels) if canvas.height > LOW else ""
        self.answer_lines = AnswerLines(canvas, self.sentences, best, rows=1)

    def _draw_parts(self, run: Recording) -> None:
        canvas, labels = self.canvas, self.canvas.labels
        network, axes = _boxes(canvas, self.answer_lines.height, self.growing.label_width())
        arms = [arm.name for arm in self.comparison.arms]
        color = self.growing.styles[arms.index(run.arm)].color
        title = labels("story network", arm=labels.name(run.arm), seed=run.seed)
        self.panel = NetworkPanel(canvas, run, network, color, title, brief=True)
        self._draw_legend(network)
        self.growing.place(axes, self.timeline)
        self._draw_names(axes)

    def _draw_legend(self, box: Box) -> None:
        """Draw the legend of the network and, where there is room, which example it is of."""
        canvas = self.canvas
        draw_diagram_legend(canvas, box.left + 14, box.bottom - 88, self.panel.color)
        if canvas.height > LOW:
            words, size = canvas.fitted(canvas.labels("story followed"), 14, box.width)
            canvas.text(box.left, box.bottom - 122, words, size, color=canvas.theme.muted)

    def _draw_names(self, box: Box) -> None:
        """Draw the names of the arms in their colours, above the axes."""
        names = [self.canvas.labels.name(arm.name) for arm in self.comparison.arms]
        y, width = box.bottom + box.height + 24, self.canvas.width - 40 - box.left
        draw_arm_names(self.canvas, names, self.growing.styles, box.left, y, width)

    def show(self, index: int, before: int | None = None) -> None:
        """Set the network to the mask of the iteration at which the curves end."""
        self.counter.set_text(self.growing.iteration_words(index))
        self.panel.show(int(self.mask_indices[index]))
        self.growing.show(index, 0 if before is None else self.settled(before))
        self.answer_lines.show(index == self.timeline.indices[-1])

    def front(self, index: int) -> float:
        """Return where the curves end at `index`, in pixels from the left."""
        return self.growing.front(index)

    def annotations(self) -> dict[str, Annotation]:
        """Return how often each shown unit was dropped, and the weight of each edge."""
        panel, labels = self.panel, self.canvas.labels
        indices = [int(self.mask_indices[index]) for index in self.timeline.indices]
        units = unit_annotations(panel.run, panel.layout, labels)
        return dict(units) | dict(edge_annotations(panel.run, panel.layout, indices, labels))

    def readings(self) -> Readings:
        """Return the values of every line at each snapshot."""
        return self.growing.readings()


def _mask_indices(run: Recording, iterations: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the index of the mask of each iteration; raise RecordingError if one was not kept."""
    is_kept = np.isin(iterations, run.recorded_iterations)
    if not is_kept.all():
        raise RecordingError(
            f"iteration {iterations[~is_kept][0]:,} has a snapshot, but its mask of arm {run.arm!r} was not kept: "
            f"train with recorded_iterations = {iterations[-1]}"
        )
    return np.searchsorted(run.recorded_iterations, iterations)


def _boxes(canvas: Canvas, answers: float, labels: float) -> tuple[Box, Box]:
    """Return the boxes of the network and of the axes: side by side, or one above the other.

    answers  height of the answers, in points
    labels   width of the labels of the curves, in points
    """
    top, under = 158 + answers, 142 if canvas.height > LOW else 108
    width, right = canvas.width - 80, canvas.width - 40 - labels
    if canvas.height > canvas.width:
        high = (canvas.height - top - under - NAMES - AXIS) / 2
        return Box(40, AXIS + high + NAMES + under, width, high), Box(96, AXIS, right - 96, high)
    share = 0.46 * width
    left = 40 + share + 116
    return Box(40, under, share, canvas.height - top - under), Box(left, AXIS, right - left, canvas.height - top - AXIS)
