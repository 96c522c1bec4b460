"""Legend of network diagrams, in rows, and the colours of diagrams."""

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.artist import Artist

from dropviz.charts.base.artists import Dots, Shape
from dropviz.charts.base.canvas import EVEN, SMALL, SMOOTH, Canvas
from dropviz.charts.base.network_edges import DASH
from dropviz.charts.base.network_units import crosses, fills_of
from dropviz.charts.base.noise_effects import FULL, unit_radius
from dropviz.recording import Recording
from dropviz.style.theme import Theme, blend

TIMES = "\N{MULTIPLICATION SIGN}"
RADIUS, NEAR, GAP, PITCH = 9.0, 15.0, 20.0, 25.0  # of a sign, to its words, to the next sign, of rows, in points
SIGNS = {
    "units": ("dropped",),
    "edges": ("edge kept",),
    "strength": ("0.5", "1", "strength full", "strength negative"),
    "": (),
}
WEIGHTS = ("weight above", "weight below")
LINES = ("edge kept", *WEIGHTS)


class DiagramLegend:
    """Signs of a diagram with their meaning, in rows of at most `width` points.

    run     the recording, which says whether activations and weights are known
    color   of units of unknown activation
    height  of all rows, in points
    """

    def __init__(self, canvas: Canvas, run: Recording, effect: str, color: str, width: float) -> None:
        self._canvas, self._color = canvas, color
        keys = ["active", "silent"] if run.activations and effect != "strength" else ["kept"] * (effect == "units")
        keys += [*SIGNS[effect], *(WEIGHTS if run.weights else ())]
        rows = self._pack(keys, width)
        even = (self._pack(keys, share * width) for share in EVEN)
        self._rows = next((each for each in even if len(each) == len(rows)), rows)
        self.height = PITCH * len(self._rows)

    def _pack(self, keys: Sequence[str], width: float) -> list[list[str]]:
        """Return the signs in rows of at most `width` points."""
        rows: list[list[str]] = [[]]
        for key in keys:
            if rows[-1] and self._width([*rows[-1], key]) > width:
                rows.append([])
            rows[-1].append(key)
        return rows

    def _width(self, keys: Sequence[str]) -> float:
        return sum(self._step(key) for key in keys) - GAP

    def _step(self, key: str) -> float:
        return 2 * RADIUS + NEAR - RADIUS + self._canvas.width_of(self._words(key), SMALL) + GAP

    def _words(self, key: str) -> str:
        return f"{TIMES} {key}" if key in ("0.5", "1") else self._canvas.labels(key)

    def draw(self, left: float, bottom: float) -> None:
        """Draw the rows from `left` on, the last one at `bottom`, both in points."""
        canvas = self._canvas
        for number, keys in enumerate(reversed(self._rows)):
            x, y = left + RADIUS, bottom + PITCH * (number + 0.5)
            for key in keys:
                for artist in self._sign(key, x, y):
                    canvas.figure.add_artist(artist)
                canvas.text(x + NEAR, y, self._words(key), SMALL, va="center_baseline")
                x += self._step(key)

    def _sign(self, key: str, x: float, y: float) -> Iterator[Artist]:
        theme, scale = self._canvas.theme, self._canvas.scale
        centre = np.array([[x * scale, y * scale]])
        if key in LINES:
            below, above = theme.weight_colors
            color = {"weight above": above, "weight below": below}.get(key, theme.outline)
            line = Shape(edge=color, width=4.0, dash=DASH if theme.patterns and key == "weight below" else ())
            line.set_lines(centre + np.array([[[-RADIUS * scale, 0], [RADIUS * scale, 0]]]))
            yield line
            return
        strength = {"0.5": 0.5, "1": 1.0, "strength negative": 1.0}.get(key, FULL)
        dot = Dots(float(unit_radius(np.array(strength), RADIUS * scale)), *self._fill_and_edge(key), 1.6)
        dot.centres = centre
        yield dot
        if key == "dropped":
            cross = Shape(edge=theme.muted, width=2, cap="round")
            cross.set_lines(crosses(centre, 5.6 * scale))
            yield cross

    def _fill_and_edge(self, key: str) -> tuple[str, str]:
        theme, color = self._canvas.theme, self._color
        fills = fills_of(theme)
        of_activations = {"active": (fills[-1], theme.ink), "silent": (fills[0], theme.ink)}
        hollow = {"dropped": (theme.background, theme.outline), "strength negative": (theme.background, color)}
        return (of_activations | hollow).get(key, (color, color))


def diagram_inks(theme: Theme, colors: list[str]) -> dict[str, int]:
    """Return the colours of a diagram; without a background, also the tones of the plate of its example."""
    ground, ink = theme.image_colors
    plate = [blend(ink, ground, step / SMOOTH) for step in range(SMOOTH + 1)] if theme.is_transparent else []
    smooth = dict.fromkeys([theme.ink, theme.muted, theme.wrong, *theme.weight_colors, *colors], SMOOTH)
    return smooth | dict.fromkeys([theme.faint, theme.outline, *fills_of(theme), *plate], 1)
