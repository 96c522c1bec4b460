"""Chart of a network as circles and lines: dropped units are crossed out, and their edges are gone.

After Srivastava et al. 2014, figure 1, of a real run: each frame is one recorded iteration, and the same image where it
comes again in another epoch.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import NDArray

from dropviz.analysis.answers import Answer, verdicts
from dropviz.analysis.captions import facts, listed
from dropviz.analysis.comparison import Comparison
from dropviz.charts.base.annotations import Annotation
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.diagram_legend import DiagramLegend, diagram_inks
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.network_edges import weight_scale
from dropviz.charts.base.network_panel import NetworkPanel
from dropviz.charts.base.noise_effects import first_noisy_run, noise_effect
from dropviz.charts.base.part_names import edge_annotations, unit_annotations
from dropviz.charts.base.shown_units import pick_units
from dropviz.charts.base.timeline import Pace, one_by_one, spread, with_fades, without_fade
from dropviz.charts.base.tracked_example import EXAMPLE, same_image
from dropviz.errors import RecordingError
from dropviz.recording import Layer, Recording
from dropviz.style.labels import Labels, percent

FRAMES = 40  # half of them lead from one mask to the next
SECONDS = 0.5  # of each mask, with the frame that leads to it
FEWEST = 12  # passes of one image that are shown rather than those of many images
GAP = 36.0  # between two panels, in points


class NetworkChart(Chart):
    """One network; of a comparison, the standard network on the left and the thinned one on the right."""

    key = "network"
    needs_masks = True
    needs_layers = True

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if there are no masks, or no two arms to show side by side."""
        super().check(comparison)
        _pick_runs(comparison)

    @classmethod
    def question(cls, comparison: Comparison, labels: Labels) -> str:
        """Return the question that fits what the noise does."""
        effect = noise_effect(first_noisy_run(comparison))
        return labels("question network" if effect == "units" else f"question network {effect}")

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return how many different masks one image met; of noise that drops no units, whether it helps."""
        run = first_noisy_run(comparison)
        rows = same_image(run)
        if noise_effect(run) != "units" or len(rows) < 2:
            return verdicts(comparison, labels)
        names = [layer.name for layer in run.layers if layer.name in run.masks]
        masks = np.concatenate([run.masks[name][rows, EXAMPLE] for name in names], axis=1)
        distinct, share = len(np.unique(masks, axis=0)), float(1 - masks.mean())
        is_new = distinct == len(rows)
        arm = next(arm for arm in comparison.arms if run in arm.runs)
        evidence = labels("network evidence", passes=len(rows), masks=distinct, share=percent(share))
        holds = is_new if len(arm.runs) > 1 else None
        return [Answer(labels("network yes" if is_new else "network no"), holds, evidence)]

    def build(self, frames: int | None, pace: Pace) -> None:
        """Make the artists and the timeline."""
        comparison, canvas = self.comparison, self.canvas
        runs = self.runs = _pick_runs(comparison)
        self.effect = noise_effect(runs[-1])
        self.recorded_iterations = runs[-1].recorded_iterations
        count = pace.count_masks(frames, FRAMES)
        available = _passes(runs[-1], count)
        indices = tuple(int(available[number]) for number in spread(len(available), count))
        plain = one_by_one(indices, pace, SECONDS)
        self.timeline = with_fades(plain) if pace.has_fades(frames) else plain
        self.before = {after: before for before, after in pairwise(plain.indices)}
        colors = canvas.theme.arm_colors([bool(noise_effect(run)) for run in runs])
        self.inks = diagram_inks(canvas.theme, colors)
        content = self.content
        legend = DiagramLegend(canvas, runs[-1], self.effect, colors[-1], content.width)
        legend.draw(content.left, content.bottom)
        box = Box(content.left, content.bottom + legend.height + 8, content.width, content.height - legend.height - 8)
        self.panels = self._make_panels(runs, colors, box)
        self.trail: Sequence[Artist] = ()
        self.moving: Sequence[Artist] = [artist for panel in self.panels for artist in panel.moving]

    def _make_panels(self, runs: list[Recording], colors: list[str], box: Box) -> list[NetworkPanel]:
        same = {layer: pick_units(runs[-1], layer) for layer in runs[-1].layers}
        units = [{each.name: _pick_shown(run, each, same.get(each, ())) for each in run.layers} for run in runs]
        scale = weight_scale(runs)
        parts = zip(runs, _boxes(box, len(runs)), colors, units, strict=True)
        return [
            NetworkPanel(self.canvas, run, each, color, self.canvas.labels.name(run.arm), self.effect, shown, scale)
            for run, each, color, shown in parts
        ]

    def settings(self) -> str:
        """Return the settings, which edges are drawn, and the arms that are not."""
        labels, runs = self.canvas.labels, _pick_runs(self.comparison)
        words = [facts(self.comparison.experiment, [runs[-1].seed], labels)]
        words += [labels("strongest edges")] if runs[-1].weights else []
        return " · ".join([*words, *_not_drawn(self.comparison, runs, self.canvas)])

    def annotations(self) -> dict[str, Annotation]:
        """Return how often each shown unit was dropped, and the weight of each edge."""
        return {name: annotation for panel in self.panels for name, annotation in self._annotations_of(panel)}

    def _annotations_of(self, panel: NetworkPanel) -> Iterator[tuple[str, Annotation]]:
        yield from unit_annotations(panel.run, panel.layout, self.canvas.labels)
        yield from edge_annotations(panel.run, panel.layout, self.timeline.indices, self.canvas.labels)

    def counter(self, index: int) -> str:
        """Return the iteration and the image in words."""
        return pass_words(self.runs[-1], without_fade(index), self.canvas.labels)

    def update(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # all of a network may change
        """Set every panel to the recorded iteration of `index`."""
        now = without_fade(index)
        for panel in self.panels:
            panel.show(now, self.before[now] if index < 0 else None)


def pass_words(run: Recording, index: int, labels: Labels) -> str:
    """Return the recorded iteration of `index` and its image in words."""
    now = int(run.recorded_iterations[index])
    if run.examples is None:
        return labels("iteration only", now=now)
    return labels("iteration image", now=now, image=int(run.examples.index[index, EXAMPLE]))


def _passes(run: Recording, count: int) -> NDArray[np.intp]:
    """Return the indices of the passes of which `count` are shown: of one image if it came often enough, else all."""
    same = same_image(run)
    return same if len(same) >= min(count, FEWEST) else np.arange(len(run.recorded_iterations))


def _boxes(box: Box, count: int) -> list[Box]:
    """Return a box for each panel: side by side, or in a picture that is not wide, one above the other."""
    if box.width < 1.5 * box.height:
        each = (box.height - GAP / 2 * (count - 1)) / count
        lows = [box.bottom + (each + GAP / 2) * (count - 1 - number) for number in range(count)]
        return [Box(box.left, low, box.width, each) for low in lows]
    each = (box.width - GAP * (count - 1)) / count
    return [Box(box.left + number * (each + GAP), box.bottom, each, box.height) for number in range(count)]


def _not_drawn(comparison: Comparison, runs: list[Recording], canvas: Canvas) -> list[str]:
    """Return a sentence about the arms that are not drawn, if there are any."""
    drawn = [run.arm for run in runs]
    left = [arm.name for arm in comparison.arms if arm.name not in drawn]
    return [canvas.labels("not drawn", arms=listed(left, canvas.labels))] if left else []


def _pick_shown(run: Recording, layer: Layer, same: tuple[int, ...]) -> tuple[int, ...]:
    """Return the units of the other panel; if the run recorded no weights of theirs, units of its own."""
    is_recorded = not run.weights or {*same} <= {*run.units_shown(layer)}
    return same if same and is_recorded else pick_units(run, layer)


def _pick_runs(comparison: Comparison) -> list[Recording]:
    """Return the first run with masks; of a comparison, a run of the same seed without masks before it.

    Raises RecordingError if there is no such run, or they kept the masks of different iterations.
    """
    noisy = first_noisy_run(comparison)
    if len(comparison.arms) == 1:
        return [noisy]
    without = [arm for arm in comparison.arms if not noise_effect(arm.runs[0])]
    if not without:
        raise RecordingError("all arms have dropout: compare with one that has none, or draw one arm without --compare")
    plain = [run for arm in without for run in arm.runs if run.seed == noisy.seed]
    if not plain:
        raise RecordingError(f"no recording without dropout has seed {noisy.seed}: train one, or leave out --compare")
    if not np.array_equal(plain[0].recorded_iterations, noisy.recorded_iterations):
        raise RecordingError("the arms kept different iterations: train them again alike")
    return [plain[0], noisy]
