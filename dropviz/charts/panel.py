"""One network of a diagram: units, edges and words, at the minibatches of one recording."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from matplotlib.artist import Artist
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray

from dropviz.captions import layer_name
from dropviz.charts.marks import Dots, Picture, Points, Shape, Words
from dropviz.charts.stage import Stage
from dropviz.labels import percent
from dropviz.layout import Box, Plan, place
from dropviz.recording import Recording
from dropviz.theme import blend, rgb

EXAMPLE = 0  # the first row of each minibatch is followed
EDGE = 0.7  # how far edges stand out from the background, of 1
IMAGE = 100  # side of the input image, in points


class Panel:
    """One network of a diagram: its units, edges, words, and the followed example at its input."""

    def __init__(self, stage: Stage, run: Recording, box: Box, color: str, title: str) -> None:
        self.stage, self.run, self.color = stage, run, color
        self.plan = _place_network(run, box)
        # Where each shown unit stands, float [shown, 2] for each layer, in pixels.
        self.positions = [
            np.column_stack([np.full(len(column.ys), column.x), column.ys]) * stage.scale
            for column in self.plan.columns
        ]
        self.moving: list[Artist] = [*self._make_network(), *self._make_gaps(), *self._make_words(box)]
        self._draw_still_words(box, title)

    def _make_network(self) -> Iterator[Artist]:
        theme = self.stage.theme
        radius = self.plan.radius * self.stage.scale
        pale = blend(theme.muted, theme.background, 0.5)
        self.edges = Shape(edge=blend(theme.muted, theme.background, EDGE), width=1.1)
        self.kept = Dots(radius, self.color, self.color, 1.6)
        self.dropped = Dots(radius, theme.background, pale, 1.6)
        self.crosses = Shape(edge=theme.muted, width=2.4, cap="round")
        return iter((self.edges, self.kept, self.dropped, self.crosses))

    def _make_gaps(self) -> Iterator[Artist]:
        """How many units are not shown, where they would stand, on ground cleared of edges."""
        columns = [column for column in self.plan.columns if column.hidden]
        gaps = []
        for column in columns:
            words = self.stage.labels("not shown", count=column.hidden)
            size, color = self._fit_column(words, 15), self.stage.theme.muted
            gap = self.stage.words(column.x, column.gap_y, size, "center", color, middle=True)
            gap.set_text(words)
            gaps.append(gap)
        if gaps:
            ground = Shape(face=self.stage.theme.background)
            ground.path = Path.make_compound_path(*(Path.unit_rectangle().transformed(_around(gap)) for gap in gaps))
            yield ground
        yield from gaps

    def _make_words(self, box: Box) -> Iterator[Artist]:
        stage, theme = self.stage, self.stage.theme
        size = self._fit_column(stage.labels("drop rate", share=percent(1)), 15)
        self.rates = {
            layer.name: stage.words(column.x, box.bottom - 94, size, "center", weight="bold")
            for layer, column in zip(self.run.layers, self.plan.columns, strict=True)
            if layer.name in self.run.drop_rate
        }
        yield from self.rates.values()
        x, top = box.left + IMAGE / 2, box.bottom + box.height / 2 - IMAGE / 2
        self.example = stage.words(x, top - 22, 14, "center", theme.muted)
        self.label = stage.words(x, top - 43, self._fit_names(self._label_key(), "normal"), "center")
        self.says = stage.words(x, top - 64, self._fit_names("says", "bold"), "center", weight="bold")
        self.sure = stage.words(x, top - 85, 15, "center", weight="bold")
        yield from (self.example, self.label, self.says, self.sure)
        if self.run.examples is not None:
            self.image = self._make_image(box.left, top, self.run.examples.white)
            yield self.image

    def _fit_names(self, key: str, weight: str) -> float:
        """A font size at which a sentence with any of the class names stays under the image."""
        names = self.run.examples.class_names if self.run.examples is not None else ()
        sizes = [self.stage.fit(self.stage.labels(key, label=name), 15, IMAGE + 26, weight) for name in names]
        return min(sizes, default=15.0)

    def _make_image(self, left: float, bottom: float, white: int) -> Picture:
        stage, theme = self.stage, self.stage.theme
        frame = Rectangle(
            (left - 1, bottom - 1), IMAGE + 2, IMAGE + 2, fill=False, linewidth=1.5, edgecolor=theme.faint
        )
        frame.set_transform(stage.points())
        stage.figure.add_artist(frame)
        shades = [(*rgb(blend(theme.ink, theme.background, value / white)), 255) for value in range(white + 1)]
        return Picture(left * stage.scale, bottom * stage.scale, IMAGE * stage.scale, np.array(shades, np.uint8))

    def _fit_column(self, words: str, size: float) -> float:
        columns = self.plan.columns
        pitch = columns[1].x - columns[0].x if len(columns) > 1 else self.stage.width
        return self.stage.fit(words, size, pitch - 14)

    def _draw_still_words(self, box: Box, title: str) -> None:
        stage, labels, muted = self.stage, self.stage.labels, self.stage.theme.muted
        if title:
            middle, top = box.left + box.width / 2, box.bottom + box.height + 18
            size = stage.fit(title, 21, box.width, "bold")
            stage.text(middle, top, title, size=size, weight="bold", color=self.color, ha="center")
        for layer, column in zip(self.run.layers, self.plan.columns, strict=True):
            lines = [layer_name(layer, labels), labels("units", units=layer.units)]
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
        """Set masks, drop rates and example to a moment."""
        masks = [self.mask(layer, moment) for layer in range(len(self.run.layers))]
        gone = np.concatenate([xy[~mask] for xy, mask in zip(self.positions, masks, strict=True)])
        self.edges.set_lines(_edges(self.positions, masks))
        self.kept.centres = np.concatenate([xy[mask] for xy, mask in zip(self.positions, masks, strict=True)])
        self.dropped.centres = gone
        self.crosses.set_lines(crosses(gone, 0.62 * self.plan.radius * self.stage.scale))
        for name, words in self.rates.items():
            words.set_text(self.stage.labels("drop rate", share=percent(self.run.drop_rate[name][moment])))
        self._show_example(moment)

    def _label_key(self) -> str:
        """A label that was drawn again says nothing of the image; which ones were, a recording does not know."""
        noisy = self.run.experiment is not None and self.run.experiment.label_noise > 0
        return "its noisy label" if noisy else "its label"

    def _show_example(self, moment: int) -> None:
        examples, labels = self.run.examples, self.stage.labels
        if examples is None:
            return
        self.image.grey = examples.image[moment, EXAMPLE]
        self.example.set_text(labels("example", index=int(examples.index[moment, EXAMPLE])))
        self.label.set_text(labels(self._label_key(), label=examples.class_names[examples.label[moment, EXAMPLE]]))
        shares = examples.prediction[moment, EXAMPLE]
        best = int(shares.argmax())
        finite = bool(np.isfinite(shares).all())
        self.says.set_text(labels("says", label=examples.class_names[best] if finite else "?"))
        self.sure.set_text(percent(shares[best], 0) if finite else "")


def _place_network(run: Recording, box: Box) -> Plan:
    with_image = IMAGE + 36 if run.examples is not None else 40
    names = run.examples.class_names if run.examples is not None else ()
    right = 24 + 9 * max((len(name) for name in names), default=0)
    return place(
        tuple(layer.units for layer in run.layers),
        Box(box.left + with_image, box.bottom, box.width - with_image - right, box.height),
    )


def _edges(positions: list[Points], masks: list[NDArray[np.bool_]]) -> Points:
    """A segment from every kept unit to every kept unit of the next layer, float [edges, 2, 2]."""
    kept = [xy[mask] for xy, mask in zip(positions, masks, strict=True)]
    pairs = [np.stack(np.broadcast_arrays(a[:, None], b[None]), axis=2).reshape(-1, 2, 2) for a, b in pairwise(kept)]
    return np.concatenate([np.empty((0, 2, 2)), *pairs])


def crosses(centres: Points, reach: float) -> Points:
    """Two diagonal segments through each centre, float [2 * centres, 2, 2]."""
    arms = np.array([[[-reach, -reach], [reach, reach]], [[-reach, reach], [reach, -reach]]])
    # Circles stand on whole pixels; their crosses do so too.
    lines: Points = (np.floor(centres)[:, None, None] + 0.5 + arms).reshape(-1, 2, 2)
    return lines


def _around(words: Words) -> Affine2D:
    """From the unit square to a box around words."""
    box = words.get_window_extent().padded(3)
    return Affine2D().scale(box.width, box.height).translate(box.x0, box.y0)
