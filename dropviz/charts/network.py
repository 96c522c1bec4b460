"""The network as circles and lines: one recorded minibatch after another, dropped units crossed, their edges gone.

After Srivastava et al. 2014, figure 1, but of a real run: each mask is one that the recording holds.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from dropviz.captions import facts
from dropviz.charts.stage import Stage
from dropviz.comparison import Comparison
from dropviz.errors import RecordingError
from dropviz.labels import percent
from dropviz.layout import Box, Plan, place
from dropviz.recording import Layer, Recording
from dropviz.theme import blend
from dropviz.timeline import first, timed

FRAMES = 24
# 2.5 masks a second: slow enough to read, and below the three flashes a second that WCAG 2.3.1 allows.
SECONDS_PER_MASK = 0.4
EXAMPLE = 0  # the first row of each minibatch is followed
EDGE = 0.7  # how far edges stand out from the background, of 1
IMAGE = 104  # side of the input image, in points


class Panel:
    """One network of a diagram: its units, edges, words, and the followed example at its input."""

    def __init__(self, figure: Figure, axes: Axes, stage: Stage, run: Recording, box: Box, color: str, title: str) -> None:
        self.stage, self.run, self.axes, self.figure = stage, run, axes, figure
        self.color = color
        self.plan = _place_network(run, box)
        self.positions = [np.column_stack([np.full(len(column.ys), column.x), column.ys]) for column in self.plan.columns]
        self.moving: list[Artist] = [*self._make_network(), *self._make_words(box)]
        self._draw_still_words(box, title)
        self.image = self._make_image(box) if run.examples is not None else None
        if self.image is not None:
            self.moving.append(self.image)

    def _make_network(self) -> Iterator[Artist]:
        theme, stage = self.stage.theme, self.stage
        to_pixels = stage.points()
        self.edges = LineCollection([], colors=blend(theme.muted, theme.background, EDGE), linewidths=1.1, animated=True, transform=to_pixels)
        area = (2 * self.plan.radius) ** 2
        pale = blend(theme.muted, theme.background, 0.5)
        self.kept = self._circles(area, facecolor=self.color, edgecolor=self.color)
        self.dropped = self._circles(area, facecolor=theme.background, edgecolor=pale)
        self.crosses = LineCollection([], colors=theme.muted, linewidths=2.4, animated=True, transform=to_pixels)
        for artist in (self.edges, self.kept, self.dropped, self.crosses):
            self.axes.add_collection(artist, autolim=False)
            yield artist

    def _circles(self, area: float, facecolor: str, edgecolor: str) -> PathCollection:
        circles = self.axes.scatter([], [], s=area, facecolor=facecolor, edgecolor=edgecolor, linewidth=1.6, animated=True)
        circles.set_offset_transform(self.stage.points())
        return circles

    def _make_words(self, box: Box) -> Iterator[Artist]:
        stage, muted = self.stage, self.stage.theme.muted
        self.rates = {
            layer.name: stage.text(self.figure, column.x, box.bottom - 92, size=14, color=stage.theme.ink, ha="center")
            for layer, column in zip(self.run.layers, self.plan.columns, strict=True)
            if layer.name in self.run.drop_rate
        }
        x = box.left + IMAGE / 2
        middle = box.bottom + box.height / 2
        self.example = stage.text(self.figure, x, middle - IMAGE / 2 - 24, size=15, color=muted, ha="center")
        self.label = stage.text(self.figure, x, middle - IMAGE / 2 - 45, size=15, color=stage.theme.ink, ha="center")
        output = self.plan.columns[-1]
        self.says = stage.text(self.figure, output.x, box.bottom - 72, size=15, color=stage.theme.ink, ha="center")
        return iter([*self.rates.values(), self.example, self.label, self.says])

    def _make_image(self, box: Box) -> AxesImage:
        left, middle = box.left, box.bottom + box.height / 2
        extent = (left, left + IMAGE, middle - IMAGE / 2, middle + IMAGE / 2)
        examples = self.run.examples
        assert examples is not None
        shade = _shades(self.stage.theme.background, self.stage.theme.ink)
        image = AxesImage(self.axes, cmap=shade, extent=extent, interpolation="nearest", animated=True, origin="upper")
        image.set_clim(0, examples.white)
        image.set_transform(self.stage.points())
        self.axes.add_artist(image)
        frame = Rectangle((left - 1, extent[2] - 1), IMAGE + 2, IMAGE + 2, fill=False, linewidth=1.5, edgecolor=self.stage.theme.faint)
        frame.set_transform(self.stage.points())
        self.axes.add_artist(frame)
        return image

    def _draw_still_words(self, box: Box, title: str) -> None:
        stage, labels, muted = self.stage, self.stage.labels, self.stage.theme.muted
        if title:
            middle = (self.plan.columns[0].x + self.plan.columns[-1].x) / 2
            stage.text(self.figure, middle, box.bottom + box.height + 18, title, size=21, weight="bold", color=self.color, ha="center")
        for layer, column in zip(self.run.layers, self.plan.columns, strict=True):
            shown = labels("units shown", shown=len(column.units), units=layer.units)
            lines = [_layer_name(layer, stage), shown if column.hidden else labels("units", units=layer.units)]
            lines += [labels("drop_prob", value=layer.drop_prob)] if layer.drop_prob else []
            for number, words in enumerate(lines):
                style = {"color": stage.theme.ink if number == 0 else muted}
                stage.text(self.figure, column.x, box.bottom - 32 - 20 * number, words, size=15, ha="center", **style)
            if column.hidden:
                stage.text(self.figure, column.x, column.gap_y, "⋮", size=24, color=muted, ha="center", va="center")
        self._draw_class_names()

    def _draw_class_names(self) -> None:
        examples, output = self.run.examples, self.plan.columns[-1]
        if examples is None or len(examples.class_names) != self.run.layers[-1].units:
            return
        for unit, y in zip(output.units, output.ys, strict=True):
            words = examples.class_names[unit]
            self.stage.text(
                self.figure, output.x + self.plan.radius + 8, y, words, size=15, color=self.stage.theme.muted, va="center_baseline"
            )

    def mask(self, layer: int, moment: int) -> NDArray[np.bool_]:
        """Which of the shown units of a layer are kept at a moment, bool [shown]."""
        name, units = self.run.layers[layer].name, list(self.plan.columns[layer].units)
        if name not in self.run.masks:
            return np.ones(len(units), bool)
        return self.run.masks[name][moment, EXAMPLE, units]

    def show(self, moment: int) -> None:
        masks = [self.mask(layer, moment) for layer in range(len(self.run.layers))]
        self.edges.set_segments(_edges(self.positions, masks))
        self.kept.set_offsets(np.concatenate([xy[mask] for xy, mask in zip(self.positions, masks, strict=True)]))
        gone = np.concatenate([xy[~mask] for xy, mask in zip(self.positions, masks, strict=True)])
        self.dropped.set_offsets(gone)
        self.crosses.set_segments(_crosses(gone, self.plan.radius * 0.62))
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
        self.says.set_text(labels("says", label=examples.class_names[best], share=percent(shares[best], 0)))


class NetworkChart:
    """One network, or with two arms the standard network left and the thinned one right, at the same minibatch."""

    def __init__(self, comparison: Comparison, stage: Stage, frames: int | None, hold: float) -> None:
        runs = _pick_runs(comparison)
        self.steps = runs[-1].steps
        moments = first(len(self.steps), frames or FRAMES)
        self.timeline = timed(moments, SECONDS_PER_MASK * len(moments), hold)
        self.stage, self.figure = stage, stage.figure()
        self.axes = self.figure.add_axes((0, 0, 1, 1), xlim=(0, stage.width), ylim=(0, stage.height))
        self.axes.set_axis_off()
        self.inks = (stage.theme.ink, stage.theme.muted, stage.theme.plain, *stage.theme.noisy[:1])
        stage.header(self.figure, stage.labels("network title"), facts(comparison.experiment, [runs[-1].seed], stage.labels))
        self.counter = stage.text(self.figure, stage.width - 40, stage.height - 54, size=25, weight="bold", ha="right")
        self.panels = self._make_panels(runs)
        self._draw_legend()
        self.moving: Sequence[Artist] = [self.counter, *(artist for panel in self.panels for artist in panel.moving)]

    def _make_panels(self, runs: list[Recording]) -> list[Panel]:
        stage = self.stage
        colors = stage.theme.arm_colors([_drops(run) for run in runs])
        kinds = [stage.labels("thinned" if _drops(run) else "standard") for run in runs]
        titles = [f"{kind} ({run.arm})" if len(runs) > 1 else "" for kind, run in zip(kinds, runs, strict=True)]
        width = (stage.width - 80 - 50 * (len(runs) - 1)) / len(runs)
        bottom, top = 178, 128 if len(runs) == 1 else 150
        boxes = [Box(40 + number * (width + 50), bottom, width, stage.height - bottom - top) for number in range(len(runs))]
        parts = zip(runs, boxes, colors, titles, strict=True)
        return [Panel(self.figure, self.axes, stage, run, box, color, title) for run, box, color, title in parts]

    def _draw_legend(self) -> None:
        stage, theme = self.stage, self.stage.theme
        panel = self.panels[-1]
        panel_color, pale = panel.color, blend(theme.muted, theme.background, 0.5)
        y, x = 40, 54
        for face, edge, words in ((panel_color, panel_color, "kept"), (theme.background, pale, "dropped")):
            marker = self.axes.scatter([x], [y], s=18**2, facecolor=face, edgecolor=edge, linewidth=1.6)
            marker.set_offset_transform(stage.points())
            if words == "dropped":
                cross = LineCollection(_crosses(np.array([[x, y]]), 6), colors=theme.muted, linewidths=2, transform=stage.points())
                self.axes.add_collection(cross, autolim=False)
            stage.text(self.figure, x + 16, y, stage.labels(words), size=15, va="center_baseline")
            x += 100
        words = stage.labels("follows one"), stage.labels("drop rate meaning")
        for number, line in enumerate(words):
            stage.text(self.figure, stage.width - 40, 46 - 20 * number, line, size=14, color=theme.muted, ha="right", va="center_baseline")

    def show(self, moment: int) -> None:
        self.counter.set_text(self.stage.labels("iteration only", now=int(self.steps[moment])))
        for panel in self.panels:
            panel.show(moment)


def _drops(run: Recording) -> bool:
    return bool(run.masks)


def _pick_runs(comparison: Comparison) -> list[Recording]:
    """The runs to draw: one with masks, and for a comparison one without, of the same seed."""
    noisy = next((arm.runs[0] for arm in comparison.arms if _drops(arm.runs[0])), None)
    if noisy is None:
        arms = ", ".join(repr(arm.name) for arm in comparison.arms)
        raise RecordingError(f"no masks to draw: {arms} drops nothing, or kept none; name a recording of an arm with dropout")
    if len(comparison.arms) == 1:
        return [noisy]
    plain = [run for arm in comparison.arms if not _drops(arm.runs[0]) for run in arm.runs if run.seed == noisy.seed]
    if not plain:
        raise RecordingError(f"no recording without dropout has seed {noisy.seed}: train one, or leave out --compare")
    if not np.array_equal(plain[0].steps, noisy.steps):
        raise RecordingError("the arms kept different iterations: train them again alike")
    return [plain[0], noisy]


def _place_network(run: Recording, box: Box) -> Plan:
    with_image = IMAGE + 44 if run.examples is not None else 40
    names = run.examples.class_names if run.examples is not None else ()
    right = 40 + 8 * max((len(name) for name in names), default=0)
    return place(tuple(layer.units for layer in run.layers), Box(box.left + with_image, box.bottom, box.width - with_image - right, box.height))


def _edges(positions: list[NDArray[np.float64]], masks: list[NDArray[np.bool_]]) -> NDArray[np.float64]:
    """A segment from every kept unit to every kept unit of the next layer, float [edges, 2, 2]."""
    kept = [xy[mask] for xy, mask in zip(positions, masks, strict=True)]
    pairs = [np.stack(np.broadcast_arrays(a[:, None], b[None]), axis=2).reshape(-1, 2, 2) for a, b in pairwise(kept)]
    return np.concatenate(pairs) if pairs else np.empty((0, 2, 2))


def _crosses(centres: NDArray[np.float64], reach: float) -> NDArray[np.float64]:
    """Two diagonal segments through each centre, float [2 * centres, 2, 2]."""
    arms = np.array([[[-reach, -reach], [reach, reach]], [[-reach, reach], [reach, -reach]]])
    return (centres[:, None, None] + arms).reshape(-1, 2, 2)


def _shades(background: str, ink: str):  # type: ignore[no-untyped-def]
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("image", [background, ink])


def _layer_name(layer: Layer, stage: Stage) -> str:
    if layer.kind == "hidden":
        return stage.labels("hidden", number=layer.name.removeprefix("hidden "))
    return stage.labels(layer.kind)
