"""The network as circles and lines: one recorded minibatch after another, dropped units crossed, their edges gone.

After Srivastava et al. 2014, figure 1, but of a real run: each mask is one that the recording holds.
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
from dropviz.charts.base.noise_effects import noise_effect
from dropviz.charts.base.part_names import edge_annotations, unit_annotations
from dropviz.charts.base.timeline import one_by_one, spread
from dropviz.errors import RecordingError
from dropviz.recording import Recording

FRAMES = 24
NARROW = 800.0  # where the picture has fewer points across than this, the counter leaves more of them to the title
# What a network is called, by what is to be seen of its noise.
KINDS = {"": "standard", "units": "thinned", "edges": "fewer edges", "strength": "noisy"}

TITLES = {"units": "network title", "edges": "network title edges", "strength": "network title strength"}


class NetworkChart(Chart):
    """One network, or with two arms the standard network left and the thinned one right, at the same minibatch."""

    needs_masks = True

    def build(self, frames: int | None, hold: float) -> None:
        """Make the artists, and the timeline."""
        comparison, canvas = self.comparison, self.canvas
        runs = _pick_runs(comparison)
        self.steps = runs[-1].recorded_iterations
        indices = spread(len(self.steps), frames or FRAMES)
        self.timeline = one_by_one(indices, hold)
        self.inks = diagram_inks(canvas.theme, self._colors(runs))
        size = 25 if canvas.width > NARROW else 18
        self.counter = canvas.moving_text(canvas.width - 40, canvas.height - 54, size, "right", weight="bold")
        counted = canvas.width_of(canvas.labels("iteration only", now=int(self.steps[indices[-1]])), size, "bold")
        words = " · ".join(
            [facts(comparison.experiment, [runs[-1].seed], canvas.labels), *_not_drawn(comparison, runs, canvas)]
        )
        canvas.header(canvas.labels(TITLES[noise_effect(runs[-1])]), words, right=counted + 30)
        self.panels = self._make_panels(runs)
        ends = draw_diagram_legend(canvas, 54, 40, self.panels[-1].color, noise_effect(runs[-1]))
        draw_diagram_notes(canvas, canvas.width - 40 - ends, noise_effect(runs[-1]))
        self.trail: Sequence[Artist] = ()
        self.moving: Sequence[Artist] = [self.counter, *(artist for panel in self.panels for artist in panel.moving)]

    def _colors(self, runs: list[Recording]) -> list[str]:
        return self.canvas.theme.arm_colors([bool(noise_effect(run)) for run in runs])

    def _make_panels(self, runs: list[Recording]) -> list[NetworkPanel]:
        canvas = self.canvas
        colors = self._colors(runs)
        kinds = [canvas.labels(KINDS[noise_effect(run)]) for run in runs]
        arms = [canvas.labels.name(run.arm) for run in runs]
        titles = [
            canvas.labels("titled", kind=kind, arm=arm) if len(runs) > 1 else ""
            for kind, arm in zip(kinds, arms, strict=True)
        ]
        boxes = _boxes(canvas, len(runs))
        parts = zip(runs, boxes, colors, titles, strict=True)
        return [
            NetworkPanel(canvas, run, box, color, title, noise_effect(runs[-1])) for run, box, color, title in parts
        ]

    def annotations(self) -> dict[str, Annotation]:
        """How often each shown unit was dropped, and the weight of each edge."""
        return {name: note for panel in self.panels for name, note in self._notes_of(panel)}

    def _notes_of(self, panel: NetworkPanel) -> Iterator[tuple[str, Annotation]]:
        yield from unit_annotations(panel.run, panel.layout, self.canvas.labels)
        yield from edge_annotations(panel.run, panel.layout, self.timeline.indices, self.canvas.labels)

    def show(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # all of a network may change
        """Set every panel to the same recorded iteration."""
        self.counter.set_text(self.canvas.labels("iteration only", now=int(self.steps[index])))
        for panel in self.panels:
            panel.show(index)


def _boxes(canvas: Canvas, count: int) -> list[Box]:
    """Room for each panel with its title and words: side by side, or in a high picture one above the other."""
    title = 42 if count > 1 else 20
    left, bottom, width, height = 40.0, 62.0, canvas.width - 80, canvas.height - 170
    if canvas.height > canvas.width:
        each = height / count
        lows = [bottom + each * (count - 1 - number) for number in range(count)]
        return [Box(left, low + 116, width, each - 116 - title) for low in lows]
    each = (width - 30 * (count - 1)) / count
    return [Box(left + number * (each + 30), bottom + 116, each, height - 116 - title) for number in range(count)]


def _not_drawn(comparison: Comparison, runs: list[Recording], canvas: Canvas) -> list[str]:
    """Words for the arms that there is no room for."""
    drawn = [run.arm for run in runs]
    left = [canvas.labels.name(arm.name) for arm in comparison.arms if arm.name not in drawn]
    return [canvas.labels("not drawn", arms=canvas.labels("comma").join(left))] if left else []


def first_noisy_run(comparison: Comparison) -> Recording:
    """The first run of the first arm with masks; RecordingError if there is none."""
    noisy = next((arm.runs[0] for arm in comparison.arms if noise_effect(arm.runs[0])), None)
    if noisy is None:
        arms = ", ".join(repr(arm.name) for arm in comparison.arms)
        raise RecordingError(
            f"no masks to draw: {arms} drops nothing, or kept none; name a recording of an arm with dropout"
        )
    return noisy


def _pick_runs(comparison: Comparison) -> list[Recording]:
    """The runs to draw: one with masks, and for a comparison one without, of the same seed."""
    noisy = first_noisy_run(comparison)
    if len(comparison.arms) == 1:
        return [noisy]
    if all(noise_effect(arm.runs[0]) for arm in comparison.arms):
        raise RecordingError("all arms have dropout: compare with one that has none, or draw one arm without --compare")
    plain = [
        run for arm in comparison.arms if not noise_effect(arm.runs[0]) for run in arm.runs if run.seed == noisy.seed
    ]
    if not plain:
        raise RecordingError(f"no recording without dropout has seed {noisy.seed}: train one, or leave out --compare")
    if not np.array_equal(plain[0].recorded_iterations, noisy.recorded_iterations):
        raise RecordingError("the arms kept different iterations: train them again alike")
    return [plain[0], noisy]
