"""One network of a diagram: units, edges and words, at the minibatches of one recording."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from numpy.typing import NDArray

from dropviz.charts.stage import Stage
from dropviz.labels import percent
from dropviz.layout import Box, Column, Plan, place
from dropviz.recording import Layer, Recording
from dropviz.theme import blend

EXAMPLE = 0  # the first row of each minibatch is followed
EDGE = 0.7  # how far edges stand out from the background, of 1
IMAGE = 100  # side of the input image, in points


class Panel:
    """One network of a diagram: its units, edges, words, and the followed example at its input."""

    def __init__(self, axes: Axes, stage: Stage, run: Recording, box: Box, color: str, title: str) -> None:
        self.stage, self.run, self.axes = stage, run, axes
        self.color = color
        self.plan = _place_network(run, box)
        self.positions = [
            np.column_stack([np.full(len(column.ys), column.x), column.ys]) for column in self.plan.columns
        ]
        self.moving: list[Artist] = [*self._make_network(), *self._make_words(box)]
        self._draw_still_words(box, title)
        self.image = self._make_image(box, run.examples.white) if run.examples is not None else None
        self.moving += [self.image] if self.image is not None else []

    def _make_network(self) -> Iterator[Artist]:
        theme, stage = self.stage.theme, self.stage
        to_pixels = stage.points()
        self.edges = LineCollection(
            [], colors=blend(theme.muted, theme.background, EDGE), linewidths=1.1, animated=True, transform=to_pixels
        )
        area = (2 * self.plan.radius) ** 2
        pale = blend(theme.muted, theme.background, 0.5)
        self.kept = self._circles(area, facecolor=self.color, edgecolor=self.color)
        self.dropped = self._circles(area, facecolor=theme.background, edgecolor=pale)
        self.crosses = LineCollection([], colors=theme.muted, linewidths=2.4, animated=True, transform=to_pixels)
        for depth, artist in enumerate((self.edges, self.kept, self.dropped, self.crosses), start=1):
            artist.set_zorder(depth)
            self.axes.add_collection(artist, autolim=False)
            yield artist

    def _circles(self, area: float, facecolor: str, edgecolor: str) -> PathCollection:
        circles = self.axes.scatter(
            [], [], s=area, facecolor=facecolor, edgecolor=edgecolor, linewidth=1.6, animated=True
        )
        circles.set_offset_transform(self.stage.points())
        return circles

    def _make_words(self, box: Box) -> Iterator[Artist]:
        stage, theme = self.stage, self.stage.theme
        for column in self.plan.columns:
            if column.hidden:
                yield self._more(column)
        rate = self._fit_column(stage.labels("drop rate", share=percent(1)), 15)
        self.rates = {
            layer.name: stage.text(column.x, box.bottom - 94, size=rate, ha="center", weight="bold")
            for layer, column in zip(self.run.layers, self.plan.columns, strict=True)
            if layer.name in self.run.drop_rate
        }
        yield from self.rates.values()
        x, top = box.left + IMAGE / 2, box.bottom + box.height / 2 - IMAGE / 2
        self.example = stage.text(x, top - 22, size=14, color=theme.muted, ha="center")
        self.label = stage.text(x, top - 43, size=15, ha="center")
        self.says = stage.text(x, top - 64, size=15, ha="center", weight="bold")
        self.sure = stage.text(x, top - 85, size=15, ha="center", weight="bold")
        yield from (self.example, self.label, self.says, self.sure)

    def _more(self, column: Column) -> Text:
        """How many units are not shown, where they would stand, on ground cleared of edges."""
        words = self.stage.labels("not shown", count=column.hidden)
        theme, size = self.stage.theme, self._fit_column(words, 15)
        ground = {"facecolor": theme.background, "edgecolor": "none", "pad": 2}
        text = self.stage.text(column.x, column.gap_y, words, size=size, color=theme.muted, ha="center", va="center")
        text.set(bbox=ground, animated=True)
        return text

    def _fit_column(self, words: str, size: float) -> float:
        columns = self.plan.columns
        pitch = columns[1].x - columns[0].x if len(columns) > 1 else self.stage.width
        return self.stage.fit(words, size, pitch - 14)

    def _make_image(self, box: Box, white: int) -> AxesImage:
        left, middle = box.left, box.bottom + box.height / 2
        extent = (left, left + IMAGE, middle - IMAGE / 2, middle + IMAGE / 2)
        shade = LinearSegmentedColormap.from_list("image", [self.stage.theme.background, self.stage.theme.ink])
        image = AxesImage(self.axes, cmap=shade, extent=extent, interpolation="nearest", animated=True, origin="upper")
        image.set_clim(0, white)
        image.set_transform(self.stage.points())
        self.axes.add_artist(image)
        frame = Rectangle(
            (left - 1, extent[2] - 1), IMAGE + 2, IMAGE + 2, fill=False, linewidth=1.5, edgecolor=self.stage.theme.faint
        )
        frame.set_transform(self.stage.points())
        self.axes.add_artist(frame)
        return image

    def _draw_still_words(self, box: Box, title: str) -> None:
        stage, labels, muted = self.stage, self.stage.labels, self.stage.theme.muted
        if title:
            middle, top = box.left + box.width / 2, box.bottom + box.height + 18
            size = stage.fit(title, 21, box.width, "bold")
            stage.text(middle, top, title, size=size, weight="bold", color=self.color, ha="center")
        for layer, column in zip(self.run.layers, self.plan.columns, strict=True):
            lines = [_layer_name(layer, stage), labels("units", units=layer.units)]
            lines += [labels("drop_prob", value=layer.drop_prob)] if layer.drop_prob else []
            for number, words in enumerate(lines):
                color = stage.theme.ink if number == 0 else muted
                size = self._fit_column(words, 15)
                stage.text(column.x, box.bottom - 32 - 20 * number, words, size=size, color=color, ha="center")
        self._draw_class_names()

    def _draw_class_names(self) -> None:
        examples, output = self.run.examples, self.plan.columns[-1]
        if examples is None or len(examples.class_names) != self.run.layers[-1].units:
            return
        for unit, y in zip(output.units, output.ys, strict=True):
            words = examples.class_names[unit]
            self.stage.text(
                output.x + self.plan.radius + 8,
                y,
                words,
                size=15,
                color=self.stage.theme.muted,
                va="center_baseline",
            )

    def mask(self, layer: int, moment: int) -> NDArray[np.bool_]:
        """Which of the shown units of a layer are kept at a moment, bool [shown]."""
        name, units = self.run.layers[layer].name, list(self.plan.columns[layer].units)
        if name not in self.run.masks:
            return np.ones(len(units), bool)
        return self.run.masks[name][moment, EXAMPLE, units]

    def show(self, moment: int) -> None:
        """Draw the masks, drop rates and example of a moment."""
        masks = [self.mask(layer, moment) for layer in range(len(self.run.layers))]
        self.edges.set_segments(_edges(self.positions, masks))
        self.kept.set_offsets(np.concatenate([xy[mask] for xy, mask in zip(self.positions, masks, strict=True)]))
        gone = np.concatenate([xy[~mask] for xy, mask in zip(self.positions, masks, strict=True)])
        self.dropped.set_offsets(gone)
        self.crosses.set_segments(crosses(gone, self.plan.radius * 0.62))
        for name, text in self.rates.items():
            text.set_text(self.stage.labels("drop rate", share=percent(self.run.drop_rate[name][moment])))
        self._show_example(moment)

    def _show_example(self, moment: int) -> None:
        examples, labels = self.run.examples, self.stage.labels
        if examples is None or self.image is None:
            return
        self.image.set_data(examples.image[moment, EXAMPLE])
        self.example.set_text(labels("example", index=int(examples.index[moment, EXAMPLE])))
        self.label.set_text(labels("its label", label=examples.class_names[examples.label[moment, EXAMPLE]]))
        shares = examples.prediction[moment, EXAMPLE]
        best = int(shares.argmax())
        self.says.set_text(labels("says", label=examples.class_names[best]))
        self.sure.set_text(percent(shares[best], 0))


def _place_network(run: Recording, box: Box) -> Plan:
    with_image = IMAGE + 36 if run.examples is not None else 40
    names = run.examples.class_names if run.examples is not None else ()
    right = 24 + 9 * max((len(name) for name in names), default=0)
    return place(
        tuple(layer.units for layer in run.layers),
        Box(box.left + with_image, box.bottom, box.width - with_image - right, box.height),
    )


def _edges(positions: list[NDArray[np.float64]], masks: list[NDArray[np.bool_]]) -> list[NDArray[np.float64]]:
    """A segment from every kept unit to every kept unit of the next layer, each float [2, 2]."""
    kept = [xy[mask] for xy, mask in zip(positions, masks, strict=True)]
    pairs = [np.stack(np.broadcast_arrays(a[:, None], b[None]), axis=2).reshape(-1, 2, 2) for a, b in pairwise(kept)]
    return [segment for group in pairs for segment in group]


def crosses(centres: NDArray[np.float64], reach: float) -> list[NDArray[np.float64]]:
    """Two diagonal segments through each centre, each float [2, 2]."""
    arms = np.array([[[-reach, -reach], [reach, reach]], [[-reach, reach], [reach, -reach]]])
    return list((centres[:, None, None] + arms).reshape(-1, 2, 2))


def _layer_name(layer: Layer, stage: Stage) -> str:
    if layer.kind == "hidden":
        return stage.labels("hidden", number=layer.name.removeprefix("hidden "))
    return stage.labels(layer.kind)
