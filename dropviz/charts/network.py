"""The network as circles and lines: one recorded minibatch after another, dropped units crossed, their edges gone.

After Srivastava et al. 2014, figure 1, but of a real run: each mask is one that the recording holds.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.artist import Artist

from dropviz.captions import facts
from dropviz.charts.marks import Dots, Shape
from dropviz.charts.notes import Note
from dropviz.charts.panel import Panel, crosses
from dropviz.charts.parts import edge_notes, unit_notes
from dropviz.charts.stage import SMOOTH, Chart, Stage
from dropviz.comparison import Comparison
from dropviz.errors import RecordingError
from dropviz.layout import Box
from dropviz.recording import Recording
from dropviz.theme import blend
from dropviz.timeline import first, timed

FRAMES = 24
# 2.5 masks a second: slow enough to read, and below the three flashes a second that WCAG 2.3.1 allows.
SECONDS_PER_MASK = 0.4


class NetworkChart(Chart):
    """One network, or with two arms the standard network left and the thinned one right, at the same minibatch."""

    needs_masks = True

    def __init__(self, comparison: Comparison, stage: Stage, frames: int | None, hold: float) -> None:
        runs = _pick_runs(comparison)
        self.steps = runs[-1].steps
        moments = first(len(self.steps), frames or FRAMES)
        self.timeline = timed(moments, SECONDS_PER_MASK * len(moments), hold)
        self.stage, self.figure = stage, stage.figure
        theme = stage.theme
        self.inks = dict.fromkeys([theme.ink, theme.muted, *self._colors(runs)], SMOOTH) | {theme.faint: 1}
        stage.header(stage.labels("network title"), facts(comparison.experiment, [runs[-1].seed], stage.labels))
        self.counter = stage.words(stage.width - 40, stage.height - 54, 25, "right", weight="bold")
        self.panels = self._make_panels(runs)
        self._draw_legend()
        self.trail: Sequence[Artist] = ()
        self.moving: Sequence[Artist] = [self.counter, *(artist for panel in self.panels for artist in panel.moving)]

    def _colors(self, runs: list[Recording]) -> list[str]:
        return self.stage.theme.arm_colors([_has_masks(run) for run in runs])

    def _make_panels(self, runs: list[Recording]) -> list[Panel]:
        stage = self.stage
        colors = self._colors(runs)
        kinds = [stage.labels("thinned" if _has_masks(run) else "standard") for run in runs]
        titles = [f"{kind} ({run.arm})" if len(runs) > 1 else "" for kind, run in zip(kinds, runs, strict=True)]
        width = (stage.width - 80 - 30 * (len(runs) - 1)) / len(runs)
        bottom, top = 178, 128 if len(runs) == 1 else 150
        boxes = [
            Box(40 + number * (width + 30), bottom, width, stage.height - bottom - top) for number in range(len(runs))
        ]
        parts = zip(runs, boxes, colors, titles, strict=True)
        return [Panel(stage, run, box, color, title) for run, box, color, title in parts]

    def notes(self) -> dict[str, Note]:
        """How often each shown unit was dropped, and the weight of each edge."""
        return {name: note for panel in self.panels for name, note in self._notes_of(panel)}

    def _notes_of(self, panel: Panel) -> Iterator[tuple[str, Note]]:
        yield from unit_notes(panel.run, panel.plan, self.stage.labels)
        yield from edge_notes(panel.run, panel.plan, self.timeline.moments, self.stage.labels)

    def _draw_legend(self) -> None:
        stage, theme = self.stage, self.stage.theme
        x, y, scale = 54.0, 40.0, stage.scale
        pale = blend(theme.muted, theme.background, 0.5)
        color = self.panels[-1].color
        for key, face, edge in (("kept", color, color), ("dropped", theme.background, pale)):
            dot = Dots(9 * scale, face, edge, 1.6)
            dot.centres = np.array([[x * scale, y * scale]])
            stage.figure.add_artist(dot)
            if key == "dropped":
                cross = Shape(edge=theme.muted, width=2, cap="round")
                cross.set_lines(crosses(dot.centres, 5.6 * scale))
                stage.figure.add_artist(cross)
            stage.text(x + 16, y, stage.labels(key), size=15, va="center_baseline")
            x += 40 + stage.width_of(stage.labels(key), 15)
        for line, key in enumerate(("follows one", "drop rate meaning")):
            words = stage.labels(key)
            size = stage.fit(words, 14, stage.width - x - 40)
            stage.text(
                stage.width - 40, 46 - 20 * line, words, size, color=theme.muted, ha="right", va="center_baseline"
            )

    def show(self, moment: int, before: int | None = None) -> None:  # noqa: ARG002  # all of a network may change
        """Set every panel to the same recorded iteration."""
        self.counter.set_text(self.stage.labels("iteration only", now=int(self.steps[moment])))
        for panel in self.panels:
            panel.show(moment)


def _has_masks(run: Recording) -> bool:
    return bool(run.masks)


def _pick_runs(comparison: Comparison) -> list[Recording]:
    """The runs to draw: one with masks, and for a comparison one without, of the same seed."""
    noisy = next((arm.runs[0] for arm in comparison.arms if _has_masks(arm.runs[0])), None)
    if noisy is None:
        arms = ", ".join(repr(arm.name) for arm in comparison.arms)
        raise RecordingError(
            f"no masks to draw: {arms} drops nothing, or kept none; name a recording of an arm with dropout"
        )
    if len(comparison.arms) == 1:
        return [noisy]
    if all(_has_masks(arm.runs[0]) for arm in comparison.arms):
        raise RecordingError("all arms have dropout: compare with one that has none, or draw one arm without --compare")
    plain = [
        run for arm in comparison.arms if not _has_masks(arm.runs[0]) for run in arm.runs if run.seed == noisy.seed
    ]
    if not plain:
        raise RecordingError(f"no recording without dropout has seed {noisy.seed}: train one, or leave out --compare")
    if not np.array_equal(plain[0].steps, noisy.steps):
        raise RecordingError("the arms kept different iterations: train them again alike")
    return [plain[0], noisy]
