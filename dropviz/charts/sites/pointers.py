"""Parts of the chart `sites` that can be pointed at, in formats that support it: cells, or whole sites."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from numpy.typing import NDArray

from dropviz.charts.base.annotations import Annotation
from dropviz.charts.base.artists import Dots
from dropviz.charts.sites.panel import SitePanel
from dropviz.style.labels import Labels, percent

MAX_TARGETS = 2_500  # cells of one picture; a page of more is slow
MIN_SIDE = 4  # pixels of a cell that can be pointed at


class PointerTargets(Dots):
    """Invisible circles with names."""

    def __init__(self, radius: float, centres: NDArray[np.float64], names: Sequence[str]) -> None:
        super().__init__(radius, "none", "none")
        self.centres, self.names = centres, partial(list, names)

    def draw(self, renderer: Any) -> None:
        """Draw the circles, except in pixels, in which nothing can be pointed at."""
        if not isinstance(renderer, RendererAgg):
            super().draw(renderer)


class Pointers:
    """Targets of all panels: each cell of small masks, the whole of others.

    indices  recorded iteration of each frame
    """

    def __init__(self, panels: Sequence[SitePanel], indices: Sequence[int], labels: Labels) -> None:
        self._panels, self._indices, self._labels = panels, list(indices), labels
        self._with_cells = _small_panels(panels)
        self.artists = [self._targets(panel) for panel in panels]

    def _targets(self, panel: SitePanel) -> PointerTargets:
        grid, corner = panel.grid, np.array(panel.corner, float)
        if panel in self._with_cells:
            centres = grid.corners() + corner + grid.side / 2
            return PointerTargets(grid.side / 2, centres, list(_cell_names(panel)))
        middle = corner + np.array(grid.size) / 2
        return PointerTargets(min(grid.size) / 2, middle[None], [panel.site.name])

    def annotations(self) -> dict[str, Annotation]:
        """Return the annotation of each target by its name."""
        return {name: words for panel in self._panels for name, words in self._annotations_of(panel)}

    def _annotations_of(self, panel: SitePanel) -> Iterator[tuple[str, Annotation]]:
        labels, site = self._labels, panel.site
        if panel not in self._with_cells:
            yield site.name, Annotation(self._about(panel))
            return
        values = panel.values(slice(None))
        drawn = np.stack([panel.drawn(index) for index in range(len(values))])
        for number, (name, cell) in enumerate(zip(_cell_names(panel), self._cells(panel), strict=True)):
            if panel.levels:
                words = labels("sites cell noise", site=site.name, cell=cell)
                yield name, Annotation(words, values[self._indices, number])
            else:
                share = float((~values[drawn[:, number], number]).mean()) if drawn[:, number].any() else 0.0
                key = "sites cell" if cell else "sites path"
                yield name, Annotation(labels(key, site=site.name, cell=cell, share=percent(share, 0)))

    def _about(self, panel: SitePanel) -> str:
        rates = panel.run.drop_rate.get(panel.site.name, np.empty(0))
        rates = rates[np.isfinite(rates)]
        if not panel.is_mask or not len(rates):
            return panel.site.name
        return self._labels("sites about", site=panel.site.name, share=percent(float(rates.mean())))

    def _cells(self, panel: SitePanel) -> Iterator[str]:
        """Yield the place of each shown cell in words, such as "channel 3, row 0, column 5", counted from 0."""
        labels = self._labels
        for numbers in panel.coordinates.T:
            yield labels("comma").join(
                labels(f"axis {axis}" if axis in AXES else "axis other", index=number)
                for axis, number in zip(panel.axes, numbers, strict=True)
            )


AXES = ("unit", "channel", "row", "column", "depth", "token", "time", "head", "query", "key", "input")


def _cell_names(panel: SitePanel) -> Iterator[str]:
    return (f"{panel.site.name}/{cell}" for cell in panel.flat)


def _small_panels(panels: Sequence[SitePanel]) -> list[SitePanel]:
    """Return the panels whose cells are targets: the smallest masks first, up to MAX_TARGETS cells."""
    chosen, left = [], MAX_TARGETS
    for panel in sorted(panels, key=lambda panel: len(panel.flat)):
        left -= len(panel.flat)
        if left >= 0 and panel.grid.side >= MIN_SIDE and (panel.is_mask or panel.levels):
            chosen.append(panel)
    return chosen
