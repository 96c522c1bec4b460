"""Panel of a diagram: the network of one recording, with its units, edges and words."""

from collections.abc import Iterator
from functools import partial
from itertools import pairwise, zip_longest

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import NDArray

from dropviz.analysis.captions import layer_name
from dropviz.charts.base.artists import ClearedGround, Dots, Points, Shape
from dropviz.charts.base.canvas import MIN_TYPE_SIZE, Canvas
from dropviz.charts.base.geometry import Box, NetworkLayout, place_network
from dropviz.charts.base.noise_effects import NoiseEffects, SizedUnits, unit_radius
from dropviz.charts.base.part_names import edge_names, unit_names
from dropviz.charts.base.tracked_example import TrackedExample
from dropviz.recording import Layer, Recording
from dropviz.style.labels import percent

IMAGE, SMALL_IMAGE = 100, 72  # side of the input image, in points
WIDE = 480  # width of a panel from which on the larger image always fits, in points
NAME_SHARE = 0.2  # maximum share of the width that the names of the classes take
ROW_NAME = 14  # type size of the names of rows, in points
WORDS, NUMBERS = 16, 18  # type sizes of words under a column, and of numbers in a row, in points
MIN_WORDS = 14  # if words under columns would be smaller, they become a table with names of rows
PITCH = 22  # distance of rows, in points


class NetworkPanel:
    """One network of a diagram: its units, edges and words, and the tracked example at its input.

    color   of the units
    effect  visible effect of the noise in the whole diagram, perhaps that of another panel
    brief   True for few words: the names of layers, and how many units were dropped
    """

    def __init__(
        self,
        canvas: Canvas,
        run: Recording,
        box: Box,
        color: str,
        title: str,
        effect: str = "units",
        *,
        brief: bool = False,
    ) -> None:
        self.canvas, self.run, self.color, self.is_brief = canvas, run, color, brief
        self._measure_names(box)
        self.is_table, self.side = False, IMAGE
        self.layout = self._place(box)
        if brief or self._is_narrow():
            self.is_table, self.side = True, IMAGE if box.width > WIDE else SMALL_IMAGE
            self.layout = self._place(box)
        # Places of the shown units, float [shown, 2] for each layer, in pixels.
        self.positions = [
            np.column_stack([np.full(len(column.ys), column.x), column.ys]) * canvas.scale
            for column in self.layout.columns
        ]
        self.effects = NoiseEffects(run, self.layout)
        self.names = unit_names(run, self.layout)
        self.edge_names = edge_names(self.names)
        self.moving: list[Artist] = [*self._make_network(effect), *self._make_gaps(), *self._make_rates(box)]
        self.example = TrackedExample(canvas, run, run.examples, box, self.side) if run.examples is not None else None
        self.moving += self.example.moving if self.example is not None else ()
        self._draw_still_words(box, title)

    def _measure_names(self, box: Box) -> None:
        """Set the names of the classes, their type size beside the outputs, and their width."""
        names = self.run.examples.class_names if self.run.examples is not None else ()
        self._class_names = [self.canvas.labels.name(name) for name in names]
        limit = NAME_SHARE * box.width
        self._name_size = max(min((self.canvas.fit(name, 17, limit) for name in self._class_names), default=17), 11)
        widths = [self.canvas.width_of(name, self._name_size) for name in self._class_names]
        self._name_width = min(max(widths, default=0), limit)

    def _place(self, box: Box) -> NetworkLayout:
        """Return the layout of the network between the example or the names of rows, and the names of the classes."""
        left: float = self.side + 36 if self.run.examples is not None else 40
        if self.is_table:
            keys = ("units row", "drop_prob row", "drop rate row")
            names = [self.canvas.width_of(self.canvas.labels(key), ROW_NAME, "bold") for key in keys]
            left = 32 + max(*names, self.side if self.run.examples is not None else 0)
        right = 24 + self._name_width
        inner = Box(box.left + left, box.bottom, box.width - left - right, box.height)
        layers = self.run.layers
        return place_network(
            [layer.units for layer in layers], [self.run.units_shown(layer) for layer in layers], inner
        )

    def _make_network(self, effect: str) -> Iterator[Artist]:
        theme = self.canvas.theme
        radius = self.layout.radius * self.canvas.scale
        kept = float(unit_radius(np.array(1.0), radius)) if effect == "strength" else radius
        self.edges = Shape(edge=theme.outline, width=1.1)
        self.kept = Dots(kept, self.color, self.color, 1.6)
        self.dropped = Dots(radius, theme.background, theme.outline, 1.6)
        self.crosses = Shape(edge=theme.muted, width=2.4, cap="round")
        places = zip(self.effects.sized, self.positions, strict=True)
        self.sized = {
            layer: SizedUnits(sizes, xy, radius, self.color, theme.background)
            for layer, (sizes, xy) in enumerate(places)
            if sizes is not None
        }
        yield from (self.edges, self.kept, self.dropped, self.crosses)
        for units in self.sized.values():
            yield from units.moving

    def _make_gaps(self) -> Iterator[Artist]:
        """Yield the numbers of units that are not shown, on ground cleared of edges."""
        columns = [column for column in self.layout.columns if column.hidden]
        gaps = []
        for column in columns:
            words = self.canvas.labels("not shown", count=column.hidden)
            size, color = self._fit_column(words, 17), self.canvas.theme.muted
            gap = self.canvas.moving_text(column.x, column.gap_y, size, "center", color, middle=True)
            gap.set_text(words)
            gaps.append(gap)
        if gaps:
            boxes = [gap.get_window_extent().padded(3) for gap in gaps]
            yield ClearedGround(boxes, self.canvas.theme.background)
        yield from gaps

    def _make_rates(self, box: Box) -> Iterator[Artist]:
        size = self._fit_column(self._rate(1), NUMBERS if self.is_table else WORDS, "bold")
        y = box.bottom - 32 - PITCH * (1 if self.is_brief else 3)
        self.rates = {
            layer.name: self.canvas.moving_text(column.x, y, size, "center", weight="bold")
            for layer, column in zip(self.run.layers, self.layout.columns, strict=True)
            if layer.name in self.effects.rates
        }
        yield from self.rates.values()

    def _fit_column(self, words: str, size: float, weight: str = "normal") -> float:
        columns = self.layout.columns
        pitch = columns[1].x - columns[0].x if len(columns) > 1 else self.canvas.width
        return self.canvas.fit(words, size, pitch - (14 if weight == "normal" else 8), weight)

    def _size_of(self, words: str) -> float:
        return self._fit_column(words, WORDS)

    def _is_narrow(self) -> bool:
        """Return whether words under a column would be too small beside those of the next one."""
        words = [line for layer in self.run.layers for line in self._lines(layer)]
        # Also of a network that drops nothing, since the words of two panels should be alike.
        sizes = [self._size_of(line) for line in words] + [self._fit_column(self._rate(1), WORDS, "bold")]
        return min(sizes) < MIN_WORDS

    def _lines(self, layer: Layer) -> list[str]:
        """Return the words under a column: its name, the number of units, and their drop probability."""
        labels, drops = self.canvas.labels, bool(layer.drop_prob)
        if self.is_brief:
            return [layer_name(layer, labels)]
        if self.is_table:
            return [
                layer_name(layer, self.canvas.labels),
                f"{layer.units:,}",
                *([f"{layer.drop_prob:g}"] if drops else []),
            ]
        probability = [labels("drop_prob", value=layer.drop_prob)] if drops else []
        return [layer_name(layer, self.canvas.labels), labels("units", units=layer.units), *probability]

    def _rate(self, share: float) -> str:
        return percent(share) if self.is_table else self.canvas.labels("drop rate", share=percent(share))

    def _draw_still_words(self, box: Box, title: str) -> None:
        canvas, muted = self.canvas, self.canvas.theme.muted
        if title:
            middle, top = box.left + box.width / 2, box.bottom + box.height + 18
            title, size = canvas.fitted(title, 21, box.width, "bold")
            canvas.text(middle, top, title, size=size, weight="bold", color=self.color, ha="center")
        rows = [self._lines(layer) for layer in self.run.layers]
        sizes = [min(map(self._size_of, filter(None, row))) for row in zip_longest(*rows)]
        for lines, column in zip(rows, self.layout.columns, strict=True):
            for number, (words, size) in enumerate(zip(lines, sizes, strict=False)):
                color = canvas.theme.ink if number == 0 else muted
                canvas.text(column.x, box.bottom - 32 - PITCH * number, words, size=size, color=color, ha="center")
        if self.is_table:
            self._draw_row_names(box)
        self._draw_class_names()

    def _draw_row_names(self, box: Box) -> None:
        """Draw the names of the rows of a table, left of the numbers."""
        rows = {"drop rate row": 1 if self.is_brief else 3} if self.rates else {}
        if not self.is_brief:
            rows |= {"units row": 1}
            rows |= {"drop_prob row": 2} if any(layer.drop_prob for layer in self.run.layers) else {}
        for key, number in rows.items():
            is_rate, y = key == "drop rate row", box.bottom - 32 - PITCH * number
            style = {"weight": "bold"} if is_rate else {"color": self.canvas.theme.muted}
            self.canvas.text(box.left, y, self.canvas.labels(key), size=ROW_NAME, **style)

    def _draw_class_names(self) -> None:
        examples, output = self.run.examples, self.layout.columns[-1]
        if examples is None or len(examples.class_names) != self.run.layers[-1].units:
            return
        pitch = output.ys[0] - output.ys[1] if len(output.ys) > 1 else self.canvas.height
        for unit, y in zip(output.units, output.ys, strict=True):
            words, size = self.canvas.fitted(self._class_names[unit], self._name_size, self._name_width)
            size, x = min(size, max(0.95 * pitch, MIN_TYPE_SIZE)), output.x + self.layout.radius + 8
            self.canvas.text(x, y, words, size=size, color=self.canvas.theme.muted, va="center_baseline")

    def mask(self, layer: int, index: int) -> NDArray[np.bool_]:
        """Return the mask of the shown units of a layer at `index`, bool [shown], True = kept."""
        return self.effects.masks(index)[layer]

    def show(self, index: int) -> None:
        """Set units, edges, drop rates and example to the recorded iteration of `index`."""
        masks, edges = self.effects.masks(index), self.effects.edges(index)
        self.edges.set_lines(_lines(self.positions, edges), partial(self._names_of_edges, edges))
        for layer, units in self.sized.items():
            units.show(index, [partial(self._one_name, layer, unit) for unit in range(len(self.names[layer]))])
        plain = [mask & (layer not in self.sized) for layer, mask in enumerate(masks)]
        xy, kept, dropped = np.concatenate(self.positions), np.concatenate(plain), ~np.concatenate(masks)
        self.kept.centres, self.kept.names = xy[kept], partial(self._names_of_units, kept)
        self.dropped.centres, self.dropped.names = xy[dropped], partial(self._names_of_units, dropped)
        self.crosses.set_lines(crosses(xy[dropped], 0.62 * self.layout.radius * self.canvas.scale))
        for name, words in self.rates.items():
            words.set_text(self._rate(self.effects.rates[name][index]))
        if self.example is not None:
            self.example.show(index)

    def _names_of_units(self, which: NDArray[np.bool_]) -> list[str]:
        names: list[str] = np.concatenate(self.names)[which].tolist()
        return names

    def _one_name(self, layer: int, unit: int) -> list[str]:
        return [str(self.names[layer][unit])]

    def _names_of_edges(self, edges: list[NDArray[np.bool_]]) -> list[str]:
        return [str(name) for names, kept in zip(self.edge_names, edges, strict=True) for name in names[kept]]


def _lines(positions: list[Points], edges: list[NDArray[np.bool_]]) -> Points:
    """Return a segment for every kept edge, float [edges, 2, 2]."""
    lines = [np.empty((0, 2, 2))]
    for (a, b), kept in zip(pairwise(positions), edges, strict=True):
        left, right = np.nonzero(kept)
        lines.append(np.stack([a[left], b[right]], axis=1))
    return np.concatenate(lines)


def crosses(centres: Points, reach: float) -> Points:
    """Return two diagonal segments through each centre, float [2 * centres, 2, 2]."""
    arms = np.array([[[-reach, -reach], [reach, reach]], [[-reach, reach], [reach, -reach]]])
    # On whole pixels, as the circles are.
    lines: Points = (np.floor(centres)[:, None, None] + 0.5 + arms).reshape(-1, 2, 2)
    return lines
