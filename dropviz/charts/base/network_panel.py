"""Panel of a diagram: the network of one recording, with its units, edges and words."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import NDArray

from dropviz.analysis.captions import layer_name
from dropviz.charts.base.artists import ClearedGround
from dropviz.charts.base.canvas import SMALL, TEXT, Canvas
from dropviz.charts.base.geometry import Box, NetworkLayout, fitting, place_network
from dropviz.charts.base.network_answer import NetworkAnswer
from dropviz.charts.base.network_edges import Kept, NetworkEdges
from dropviz.charts.base.network_units import NetworkUnits
from dropviz.charts.base.noise_effects import NoiseEffects, SizedUnits, unit_radius
from dropviz.charts.base.part_names import edge_names, unit_names
from dropviz.charts.base.tracked_example import LINE, TrackedExample
from dropviz.errors import UsageError
from dropviz.recording import Recording
from dropviz.style.labels import percent

IMAGE_SHARE, MAX_IMAGE = 0.2, 110.0  # side of the image: share of the width of the panel, and maximum, in points
TITLE, ROW = 30.0, 23.0  # height of the title, and of each row of words under the columns, in points
NARROW, LOW = 240.0, 140.0  # width and height of a panel, in points, below which it has neither image nor names
LEAST = 40.0  # height of the columns, in points
MIN_STEP, MIN_PITCH = 50.0, 14.0  # between columns and units, for the numbers of units that are not shown, in points
NEAR, GAP = 8.0, 16.0  # between a unit and its name, and between the image and the units, in points


class NetworkPanel:
    """One network of a diagram: its units, edges and words, and the tracked example at its input.

    color   of the title, and of units of unknown activation
    title   above the network; "" for none
    effect  visible effect of the noise in the whole diagram, perhaps that of another panel
    units   by the name of the layer, the units to show
    scale   size of a weight that has the full width
    """

    def __init__(
        self,
        canvas: Canvas,
        run: Recording,
        box: Box,
        color: str,
        title: str,
        effect: str,
        units: Mapping[str, Sequence[int]],
        scale: float,
    ) -> None:
        self.canvas, self.run, self.color = canvas, run, color
        self.is_small = box.width < NARROW or box.height < LOW
        has_image = run.examples is not None and not self.is_small
        self.side = round(min(IMAGE_SHARE * box.width, MAX_IMAGE, box.height / 2)) if has_image else 0
        self.answer = NetworkAnswer(canvas, run, box.width, color, has_share=not self.is_small)
        has_rates = effect in ("units", "edges")
        self.layout = self._place(box, units, TITLE * bool(title), ROW * (has_rates + (not self.is_small)))
        # Places of the shown units, float [shown, 2] for each layer, in pixels.
        self.positions = [
            np.column_stack([np.full(len(column.ys), column.x), column.ys]) * canvas.scale
            for column in self.layout.columns
        ]
        self.effects = NoiseEffects(run, self.layout)
        self.names = unit_names(run, self.layout)
        self.edge_names = edge_names(self.names)
        self.moving: list[Artist] = [*self._make_network(effect, scale), *self._make_gaps(), *self._make_rates(box)]
        self.moving += self.answer.moving
        self.example = self._make_example(box)
        self.moving += self.example.moving if self.example is not None else ()
        self._draw_still_words(box, title, has_rates=has_rates)

    def _place(self, box: Box, units: Mapping[str, Sequence[int]], above: float, below: float) -> NetworkLayout:
        """Return the layout of the network between the example and the names of the classes.

        Raises UsageError if there is no room for it.
        """
        left = max(self.side, self._row_width()) + GAP * (not self.is_small) + 16
        right = NEAR + 8 + self.answer.width
        inner = Box(box.left + left, box.bottom + below, box.width - left - right, box.height - above - below)
        if inner.height < LEAST:
            raise UsageError("the picture has no room for its network: draw a larger one, with --size")
        layers = self.run.layers
        return place_network([layer.units for layer in layers], [tuple(units[layer.name]) for layer in layers], inner)

    def _row_width(self) -> float:
        has_name = self.run.tracked and not self.is_small
        return self.canvas.width_of(self.canvas.labels("drop rate row"), SMALL) if has_name else 0.0

    def _make_network(self, effect: str, weight_scale: float) -> Iterator[Artist]:
        canvas, scale = self.canvas, self.canvas.scale
        self.edges = NetworkEdges(canvas.theme, self.run, self.layout, self.positions, [*self.edge_names], weight_scale)
        largest = [column.radius * scale for column in self.layout.columns]
        places = zip(self.effects.sized, self.positions, largest, strict=True)
        self.sized = {
            layer: SizedUnits(sizes, xy, radius, self.color, canvas.theme.background)
            for layer, (sizes, xy, radius) in enumerate(places)
            if sizes is not None
        }
        kept = [float(unit_radius(np.array(1.0), radius)) for radius in largest] if effect == "strength" else largest
        self.units = NetworkUnits(
            canvas.theme, self.run, self.layout, self.positions, self.names, self.color, kept, scale
        )
        self.answer.place(self.layout)
        yield from self.edges.moving
        yield self.answer.ring
        yield from self.units.moving
        for units in self.sized.values():
            yield from units.moving

    def _make_gaps(self) -> Iterator[Artist]:
        """Yield the numbers of units that are not shown, on ground cleared of edges."""
        gaps, columns = [], self.layout.columns
        step = columns[1].x - columns[0].x if len(columns) > 1 else self.canvas.width
        for column in columns:
            pitch = column.ys[0] - column.ys[1] if len(column.ys) > 1 else self.canvas.height
            if column.hidden and step > MIN_STEP and pitch >= MIN_PITCH:
                words = self.canvas.labels("not shown", count=column.hidden)
                muted = self.canvas.theme.muted
                gap = self.canvas.moving_text(column.x, column.gap_y, SMALL, "center", muted, middle=True)
                gap.set_text(words)
                gaps.append(gap)
        if gaps:
            boxes = [gap.get_window_extent().padded(3) for gap in gaps]
            yield ClearedGround(boxes, self.canvas.theme.background)
        yield from gaps

    def _make_rates(self, box: Box) -> Iterator[Artist]:
        dropped = [
            (layer.name, column.x)
            for layer, column in zip(self.run.layers, self.layout.columns, strict=True)
            if layer.name in self.effects.rates
        ]
        width = self.canvas.width_of(percent(1, 0), SMALL, "bold")
        chosen = fitting([x for _name, x in dropped], [width] * len(dropped))
        self.rates = {
            dropped[number][0]: self.canvas.moving_text(
                dropped[number][1], box.bottom + 6, SMALL, "center", weight="bold"
            )
            for number in chosen
        }
        yield from self.rates.values()

    def _make_example(self, box: Box) -> TrackedExample | None:
        if self.run.examples is None or not self.side:
            return None
        heights = [y for column in self.layout.columns for y in column.ys]
        bottom = (min(heights) + max(heights) - self.side) / 2
        return TrackedExample(
            self.canvas, self.run, self.run.examples, box.left, max(bottom, box.bottom + ROW + 2 * LINE), self.side
        )

    def _draw_still_words(self, box: Box, title: str, *, has_rates: bool) -> None:
        canvas = self.canvas
        if title:
            words, size = canvas.fitted(title, TEXT, box.width, "bold")
            canvas.text(box.left, box.bottom + box.height - TITLE + 10, words, size, weight="bold", color=self.color)
        if self.is_small:
            return
        self._draw_names(box, box.bottom + 6 + ROW * has_rates)
        if self.rates:
            canvas.text(box.left, box.bottom + 6, canvas.labels("drop rate row"), SMALL, color=canvas.theme.muted)

    def _draw_names(self, box: Box, y: float) -> None:
        """Draw the names of the layers; of hidden ones that are close together, one name for all."""
        canvas, columns = self.canvas, self.layout.columns
        xs = [column.x for column in columns]
        step = xs[1] - xs[0] if len(xs) > 1 else box.width
        names = [layer_name(layer, canvas.labels) for layer in self.run.layers]
        if not self._fit(names, step):
            names, xs = [names[0], canvas.labels("hidden layers"), names[-1]], [xs[0], (xs[0] + xs[-1]) / 2, xs[-1]]
            step = xs[1] - xs[0]
        if self._fit(names, step):
            for name, x in zip(names, xs, strict=True):
                canvas.text(x, y, name, SMALL, color=canvas.theme.muted, ha="center")

    def _fit(self, names: Sequence[str], step: float) -> bool:
        return max(self.canvas.width_of(name, SMALL) for name in names) <= step - 4

    def mask(self, layer: int, index: int) -> NDArray[np.bool_]:
        """Return the mask of the shown units of a layer at `index`, bool [shown], True = kept."""
        return self.effects.masks(index)[layer]

    def show(self, index: int, before: int | None = None) -> None:
        """Set units, edges, drop rates and example to the recorded iteration of `index`.

        before  index of the mask before it, if the masks have just changed: edges that are lost are pale, those that
                come are not yet there, and the prediction is still awaited
        """
        masks, edges, lost = self.effects.masks(index), self.effects.edges(index), self._no_edges()
        if before is not None:
            old = self.effects.edges(before)
            lost = [was & ~now for was, now in zip(old, edges, strict=True)]
            edges = [was & now for was, now in zip(old, edges, strict=True)]
        self.edges.show(index, edges, lost)
        hidden = [layer in self.sized for layer in range(len(masks))]
        self.units.show(index, masks, hidden, answered=before is None)
        for layer, units in self.sized.items():
            units.show(index, [partial(self._one_name, layer, unit) for unit in range(len(self.names[layer]))])
        for name, words in self.rates.items():
            words.set_text(percent(self.effects.rates[name][index], 0))
        self.answer.show(index, answered=before is None)
        if self.example is not None:
            self.example.show(index)

    def _no_edges(self) -> Kept:
        return [np.zeros(names.shape, bool) for names in self.edge_names]

    def _one_name(self, layer: int, unit: int) -> list[str]:
        return [str(self.names[layer][unit])]
