"""Chart of a network as circles and lines: dropped units are crossed out, and their edges are gone.

After Srivastava et al. 2014, figure 1, of a real run: each frame is one recorded iteration.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.artist import Artist

from dropviz.analysis.captions import facts
from dropviz.analysis.comparison import Comparison
from dropviz.charts.base.annotations import Annotation
from dropviz.charts.base.canvas import Canvas
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.diagram_legend import diagram_inks, draw_diagram_legend, draw_diagram_notes
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.network_panel import NetworkPanel
from dropviz.charts.base.noise_effects import first_noisy_run, noise_effect
from dropviz.charts.base.part_names import edge_annotations, unit_annotations
from dropviz.charts.base.timeline import one_by_one, spread
from dropviz.errors import RecordingError
from dropviz.recording import Recording

FRAMES = 24
NARROW = 800.0  # in points; in a picture of less width, the counter is smaller
# Keys of the words for a network, and for the title, by the visible effect of the noise.
KINDS = {"": "standard", "units": "thinned", "edges": "fewer edges", "strength": "noisy"}
TITLES = {"units": "network title", "edges": "network title edges", "strength": "network title strength"}


class NetworkChart(Chart):
    """One network; of a comparison, the standard network on the left and the thinned one on the right."""

    needs_masks = True
    needs_layers = True

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if there are no masks, or no two arms to show side by side."""
        super().check(comparison)
        _pick_runs(comparison)

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists and the timeline."""
        comparison, canvas = self.comparison, self.canvas
        runs = _pick_runs(comparison)
        self.effect = noise_effect(runs[-1])
        self.recorded_iterations = runs[-1].recorded_iterations
        indices = spread(len(self.recorded_iterations), frames or FRAMES)
        self.timeline = one_by_one(indices, hold)
        self.inks = diagram_inks(canvas.theme, self._colors(runs))
        self._draw_header(runs, indices[-1])
        self.panels = self._make_panels(runs)
        right = draw_diagram_legend(canvas, 54, 40, self.panels[-1].color, self.effect)
        draw_diagram_notes(canvas, canvas.width - 40 - right, self.effect)
        self.trail: Sequence[Artist] = ()
        self.moving: Sequence[Artist] = [self.counter, *(artist for panel in self.panels for artist in panel.moving)]

    def _draw_header(self, runs: list[Recording], last: int) -> None:
        canvas, labels, experiment = self.canvas, self.canvas.labels, self.comparison.experiment
        size = 25 if canvas.width > NARROW else 18
        self.counter = canvas.moving_text(canvas.width - 40, canvas.height - 54, size, "right", weight="bold")
        width = canvas.width_of(labels("iteration only", now=int(self.recorded_iterations[last])), size, "bold")
        words = [facts(experiment, [runs[-1].seed], labels), *_not_drawn(self.comparison, runs, canvas)]
        canvas.header(labels(TITLES[self.effect]), " · ".join(words), right=width + 30)

    def _colors(self, runs: list[Recording]) -> list[str]:
        return self.canvas.theme.arm_colors([bool(noise_effect(run)) for run in runs])

    def _make_panels(self, runs: list[Recording]) -> list[NetworkPanel]:
        canvas = self.canvas
        kinds = [canvas.labels(KINDS[noise_effect(run)]) for run in runs]
        arms = [canvas.labels.name(run.arm) for run in runs]
        titles = [
            canvas.labels("titled", kind=kind, arm=arm) if len(runs) > 1 else ""
            for kind, arm in zip(kinds, arms, strict=True)
        ]
        parts = zip(runs, _boxes(canvas, len(runs)), self._colors(runs), titles, strict=True)
        return [NetworkPanel(canvas, run, box, color, title, self.effect) for run, box, color, title in parts]

    def annotations(self) -> dict[str, Annotation]:
        """Return how often each shown unit was dropped, and the weight of each edge."""
        return {name: annotation for panel in self.panels for name, annotation in self._annotations_of(panel)}

    def _annotations_of(self, panel: NetworkPanel) -> Iterator[tuple[str, Annotation]]:
        yield from unit_annotations(panel.run, panel.layout, self.canvas.labels)
        yield from edge_annotations(panel.run, panel.layout, self.timeline.indices, self.canvas.labels)

    def show(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # all of a network may change
        """Set every panel to the recorded iteration of `index`."""
        self.counter.set_text(self.canvas.labels("iteration only", now=int(self.recorded_iterations[index])))
        for panel in self.panels:
            panel.show(index)


def _boxes(canvas: Canvas, count: int) -> list[Box]:
    """Return a box for each panel: side by side, or in a picture higher than wide, one above the other."""
    title = 42 if count > 1 else 20
    left, bottom, width, height = 40.0, 62.0, canvas.width - 80, canvas.height - 170
    if canvas.height > canvas.width:
        each = height / count
        lows = [bottom + each * (count - 1 - number) for number in range(count)]
        return [Box(left, low + 116, width, each - 116 - title) for low in lows]
    each = (width - 30 * (count - 1)) / count
    return [Box(left + number * (each + 30), bottom + 116, each, height - 116 - title) for number in range(count)]


def _not_drawn(comparison: Comparison, runs: list[Recording], canvas: Canvas) -> list[str]:
    """Return a sentence about the arms that are not drawn, if there are any."""
    drawn = [run.arm for run in runs]
    left = [canvas.labels.name(arm.name) for arm in comparison.arms if arm.name not in drawn]
    return [canvas.labels("not drawn", arms=canvas.labels("comma").join(left))] if left else []


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
