"""Chart of any model: its blocks as they ran, and at each site the mask that was drawn for the tracked example."""

from collections.abc import Sequence

from matplotlib.artist import Artist

from dropviz.analysis.answers import Answer
from dropviz.analysis.captions import facts, listed
from dropviz.analysis.comparison import Comparison
from dropviz.charts.base.annotations import Annotation
from dropviz.charts.base.canvas import SMOOTH
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.timeline import Pace, one_by_one, spread
from dropviz.charts.sites.arrangement import Arrangement
from dropviz.charts.sites.cells import has_mask
from dropviz.charts.sites.edges import Wiring
from dropviz.charts.sites.legend import Legend
from dropviz.charts.sites.pointers import Pointers
from dropviz.charts.sites.views import SiteView
from dropviz.errors import RecordingError
from dropviz.recording import Recording
from dropviz.style.labels import Labels

FRAMES = 24


class SitesChart(Chart):
    """One run of any model, one recorded iteration after another.

    Blocks are boxes in the order in which they ran, with the edges that the recording holds. At each site is the mask
    of the tracked example, or the noise, in its own geometry.
    """

    key = "sites"
    needs_masks = True

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if no run recorded a mask or noise."""
        super().check(comparison)
        pick_run(comparison)

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:  # noqa: ARG003  # there are none
        """Return nothing: the masks of one run decide nothing."""
        return []

    @classmethod
    def question(cls, comparison: Comparison, labels: Labels) -> str:
        """Return what is drawn, masks or other noise; the masks of one run answer nothing."""
        run = pick_run(comparison)
        has_masks = any(has_mask(run, site) for site in run.sites)
        return labels("question sites" if has_masks else "question sites noise")

    def settings(self) -> str:
        """Return the arm that is drawn, its settings, and the arms that are not drawn."""
        comparison, labels, run = self.comparison, self.canvas.labels, pick_run(self.comparison)
        words = [labels.name(run.arm), facts(comparison.experiment, [run.seed], labels)]
        left = [arm.name for arm in comparison.arms if arm.name != run.arm]
        return " · ".join([*words, *([labels("not drawn", arms=listed(left, labels))] if left else [])])

    def build(self, frames: int | None, pace: Pace) -> None:
        """Make the artists and the timeline."""
        canvas, theme, content = self.canvas, self.canvas.theme, self.content
        self.run = pick_run(self.comparison)
        self.timeline = one_by_one(spread(len(self.run.recorded_iterations), frames or FRAMES), pace)
        self.color = theme.arm_colors([True])[0]
        legend = Legend(canvas, self.run, content)
        below = legend.height
        box = Box(content.left - 8, content.bottom + below, content.width + 16, content.height - below)
        arrangement = Arrangement(canvas, self.run, box)
        self.diagram = arrangement.diagram
        self.views = arrangement.draw(self.color)
        gates = {number: view for number, view in self.views if view.is_path}
        self.wiring = Wiring(canvas, self.diagram, arrangement.placement, list(gates))
        self.gates: dict[int, SiteView] = gates
        levels = next((view.panel.levels for _, view in self.views if view.panel.levels), [])
        legend.draw(self.color, levels)
        self.inks = dict.fromkeys([theme.ink, theme.muted, theme.outline, self.color], SMOOTH)
        self.inks |= dict.fromkeys([theme.faint, *levels], 1)
        self.trail: Sequence[Artist] = ()
        own = [artist for _, view in self.views for artist in view.moving]
        self.pointers = Pointers([view.panel for _, view in self.views], self.timeline.indices, canvas.labels)
        self.moving: Sequence[Artist] = [*self.wiring.moving, *own, *self.pointers.artists]

    def annotations(self) -> dict[str, Annotation]:
        """Return how often each cell was dropped, or the noise of each; of large masks, the share of the whole site."""
        return self.pointers.annotations()

    def counter(self, index: int) -> str:
        """Return the recorded iteration at `index`, and how many sites are drawn."""
        labels, shown, total = self.canvas.labels, self.diagram.shown, self.diagram.total
        key = "sites one" if total == 1 else "sites all" if shown == total else "sites some"
        now = labels("iteration only", now=int(self.run.recorded_iterations[index]))
        return " · ".join([now, labels(key, shown=shown, total=total)])

    def update(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # every mask may change
        """Set all artists to the recorded iteration of `index`."""
        for _, view in self.views:
            view.show(index)
        if self.gates:
            self.wiring.show([number for number, view in self.gates.items() if not view.is_kept(index)])


def pick_run(comparison: Comparison) -> Recording:
    """Return the first run of the first arm with sites that were recorded; raise RecordingError if there is none."""
    for arm in comparison.arms:
        run = arm.runs[0]
        if len(run.recorded_iterations) and any(_has_values(run, site.name) for site in run.sites):
            return run
    arms = ", ".join(repr(arm.name) for arm in comparison.arms)
    raise RecordingError(
        f"no site to draw: {arms} drew no noise in the recorded iterations, or kept none of it; record a model in "
        "training mode"
    )


def _has_values(run: Recording, name: str) -> bool:
    values = run.masks.get(name, run.noise.get(name))
    return values is not None and values.size > 0
