"""Chart of a network and of curves in one picture: the mask of an iteration, and the accuracy up to it.

After Srivastava et al. 2014, figures 1 and 4, of real runs: the network shows the iteration at which the curves end.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import NDArray

from dropviz.analysis.captions import ACCURACIES, facts
from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.charts.base.annotations import Annotation, Readings
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.diagram_legend import DiagramLegend, diagram_inks
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.growing_curves import MAX_CROSSED, GrowingCurves
from dropviz.charts.base.network_edges import weight_scale
from dropviz.charts.base.network_panel import NetworkPanel
from dropviz.charts.base.noise_effects import first_noisy_run
from dropviz.charts.base.part_names import edge_annotations, unit_annotations
from dropviz.charts.base.shown_units import pick_units
from dropviz.charts.base.timeline import Pace, Timeline, one_by_one, spread, warmed_up, with_fades, without_fade
from dropviz.charts.base.tracked_example import same_image
from dropviz.errors import RecordingError
from dropviz.recording import Recording

FRAMES = 49  # half of them lead from one mask to the next
SECONDS = 0.5  # of each mask, with the frame that leads to it
FEWEST = 3  # passes of one image that are shown rather than those of many images
LABEL = 20.0  # type size of the labels at the ends of the curves
LABEL_SPACE = 18.0  # between a curve and its label, in points
MAX_LABELS = 0.3  # share of the width that they take
SHARE, SHARE_ABOVE = 0.49, 0.5  # of the width that the network takes, and of the height in pictures that are not wide
LEFT, AXIS = 66.0, 58.0  # room for the axes, left and below, in points
ABOVE, GAP = 12.0, 22.0  # space above the axes, and beside the network, in points


class StoryChart(Chart):
    """The thinned network of one run on the left or above, the accuracy of all runs on the right or below."""

    key = "story"
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

    def build(self, frames: int | None, pace: Pace) -> None:
        """Make the artists and the timeline."""
        comparison, canvas = self.comparison, self.canvas
        run = self.run = first_noisy_run(comparison)
        self.growing = GrowingCurves(canvas, comparison, [self._names(arm) for arm in comparison.arms], LABEL)
        self.mask_indices = _mask_indices(run, self.growing.iterations)
        count = pace.count_masks(frames, FRAMES)
        indices = spread(len(self.mask_indices), count, start=warmed_up(self.growing.iterations))
        plain = one_by_one(indices, pace, SECONDS)
        self.timeline = with_fades(plain) if pace.has_fades(frames) else plain
        self.before = {after: before for before, after in pairwise(plain.indices)}
        colors = [style.color for style in self.growing.styles]
        self.inks: Mapping[str, int] = self.growing.inks | diagram_inks(canvas.theme, colors)
        self._draw_parts(run, plain)
        self.trail: Sequence[Artist] = self.growing.trail
        self.moving: Sequence[Artist] = [*self.growing.moving, *self.panel.moving]

    def _names(self, arm: ArmRuns) -> dict[str, str]:
        """Return the label of each metric, as in the chart `accuracy`."""
        experiment, labels = self.comparison.experiment, self.canvas.labels
        train = "train noisy" if experiment and experiment.label_noise else "train"
        return {"test_accuracy": labels("test", arm=labels.name(arm.name)), "train_accuracy": labels(train)}

    def settings(self) -> str:
        """Return the settings, and which edges are drawn."""
        comparison, labels = self.comparison, self.canvas.labels
        words = facts(comparison.experiment, comparison.seeds, labels, bands=len(comparison.arms) <= MAX_CROSSED)
        return " · ".join([words, *([labels("strongest edges")] if first_noisy_run(comparison).weights else [])])

    def counter(self, index: int) -> str:
        """Return the iteration of the curves, and that of the pass with its image."""
        now = without_fade(index)
        shown = int(self.run.recorded_iterations[self.mask_indices[now]])
        words = self.growing.iteration_words(now)
        if shown == self.growing.iterations[now]:
            return words
        return f"{words} · {self.canvas.labels('story pass', now=shown)}"

    def _draw_parts(self, run: Recording, timeline: Timeline) -> None:
        canvas, labels = self.canvas, self.canvas.labels
        room = min(self.growing.label_width() + LABEL_SPACE, MAX_LABELS * self.content.width)
        network, axes = _boxes(self.content, room)
        arms = [arm.name for arm in self.comparison.arms]
        color = self.growing.styles[arms.index(run.arm)].color
        title = labels("story network", arm=labels.name(run.arm), seed=run.seed)
        legend = DiagramLegend(canvas, run, "units", color, network.width)
        legend.draw(network.left, network.bottom)
        box = Box(network.left, network.bottom + legend.height + 6, network.width, network.height - legend.height - 6)
        units = {layer.name: pick_units(run, layer) for layer in run.layers}
        self.panel = NetworkPanel(canvas, run, box, color, title, "units", units, weight_scale([run]))
        self.growing.place(axes, timeline)

    def update(self, index: int, before: int | None = None) -> None:
        """Set the network to the latest pass of its image up to the snapshot at which the curves end."""
        now = without_fade(index)
        row = int(self.mask_indices[now])
        old = int(self.mask_indices[self.before[now]]) if index < 0 else row
        self.panel.show(row, old if old != row else None)
        self.growing.show(now, 0 if before is None else self.settled(before))

    def front(self, index: int) -> float:
        """Return where the curves end at `index`, in pixels from the left."""
        return self.growing.front(without_fade(index))

    def annotations(self) -> dict[str, Annotation]:
        """Return how often each shown unit was dropped, and the weight of each edge."""
        panel, labels = self.panel, self.canvas.labels
        indices = [int(self.mask_indices[without_fade(index)]) for index in self.timeline.indices]
        units = unit_annotations(panel.run, panel.layout, labels)
        return dict(units) | dict(edge_annotations(panel.run, panel.layout, indices, labels))

    def readings(self) -> Readings:
        """Return the values of every line at each snapshot."""
        return self.growing.readings()


def _mask_indices(run: Recording, iterations: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the index of the pass to show at each iteration; raise RecordingError if its mask was not kept.

    It is the latest pass of the image that comes again every epoch, or without one the pass of that very iteration.
    """
    is_kept = np.isin(iterations, run.recorded_iterations)
    if not is_kept.all():
        raise RecordingError(
            f"iteration {iterations[~is_kept][0]:,} has a snapshot, but its mask of arm {run.arm!r} was not kept: "
            f"train with recorded_iterations = {iterations[-1]}"
        )
    same = same_image(run)
    if len(same) < FEWEST:
        return np.searchsorted(run.recorded_iterations, iterations)
    latest = np.searchsorted(run.recorded_iterations[same], iterations, side="right") - 1
    return same[np.maximum(latest, 0)]


def _boxes(content: Box, labels: float) -> tuple[Box, Box]:
    """Return the boxes of the network and of the axes: side by side, or in a picture that is not wide stacked.

    labels  width of the labels of the curves, in points
    """
    right = content.left + content.width - labels
    if content.width < 1.3 * content.height:
        lower = (1 - SHARE_ABOVE) * content.height
        axes = Box(content.left + LEFT, content.bottom + AXIS, right - content.left - LEFT, lower - AXIS - ABOVE - GAP)
        return Box(content.left, content.bottom + lower, content.width, content.height - lower), axes
    share = SHARE * content.width
    left = content.left + share + GAP + LEFT
    axes = Box(left, content.bottom + AXIS, right - left, content.height - AXIS - ABOVE)
    return Box(content.left, content.bottom, share, content.height), axes
