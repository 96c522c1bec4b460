"""Answer of a network in a diagram: names of classes, and the predicted one in bold with its probability."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist

from dropviz.charts.base.artists import Dots, MovingText
from dropviz.charts.base.canvas import SMALL, TEXT, Canvas
from dropviz.charts.base.geometry import NetworkLayout
from dropviz.charts.base.tracked_example import EXAMPLE, true_labels
from dropviz.recording import Recording
from dropviz.style.labels import percent

MIN_PITCH = 17.0  # of outputs whose names are all written, in points
NEAR = 8.0  # between a unit and its name, in points
NAME_SHARE = 0.24  # maximum share of the width of the panel that a name takes
RING = 4.5  # width of the ring around the predicted output, in points
WRONG = "\N{MULTIPLICATION SIGN}"


class NetworkAnswer:
    """Names of the classes beside the outputs.

    color      of the ring around the predicted output
    has_share  whether the probability is written
    width      of the widest name with what is written beside it, in points; 0 if there are no names
    """

    def __init__(self, canvas: Canvas, run: Recording, panel_width: float, color: str, *, has_share: bool) -> None:
        self._canvas, self._run, self._color, self._has_share = canvas, run, color, has_share
        examples = run.examples
        has_names = examples is not None and len(examples.class_names) == run.layers[-1].units
        self._class_names = (
            [canvas.labels.name(name) for name in examples.class_names] if examples and has_names else []
        )
        self._names = [canvas.fitted(name, SMALL, NAME_SHARE * panel_width)[0] for name in self._class_names]
        widest = max((canvas.width_of(self._words(name, 1), TEXT, "bold") for name in self._names), default=0)
        self.width = widest
        self._is_true = true_labels(run)
        self.moving: Sequence[Artist] = ()

    def _words(self, name: str, share: float, sign: str = WRONG) -> str:
        return f"{sign}{name}  {percent(share, 0)}" if self._has_share else f"{sign}{name}"

    def place(self, layout: NetworkLayout) -> None:
        """Make the texts, beside the outputs of a layout."""
        canvas, output = self._canvas, layout.columns[-1]
        theme, x = canvas.theme, output.x + output.radius + NEAR
        self._output = output
        pitch = output.ys[0] - output.ys[1] if len(output.ys) > 1 else canvas.height
        self._has_room = pitch >= MIN_PITCH
        shown = zip(output.units, output.ys, strict=True) if self._names else ()
        self._texts = {unit: canvas.moving_text(x, y, SMALL, color=theme.muted, middle=True) for unit, y in shown}
        self.right, self.wrong = (
            canvas.moving_text(x + 4, 0, TEXT, color=color, weight="bold", middle=True)
            for color in (theme.ink, theme.wrong)
        )
        self.ring = Dots((output.radius + RING) * canvas.scale, self._color, self._color)
        self.moving = (*self._texts.values(), self.right, self.wrong)

    def show(self, index: int, *, answered: bool) -> None:
        """Set the texts to the recorded iteration of `index`; without an answer yet, all names are alike."""
        examples = self._run.examples
        best = None
        if examples is not None and answered and self._texts:
            shares = examples.prediction[index, EXAMPLE]
            best = int(shares.argmax()) if np.isfinite(shares).all() else None
            is_wrong = bool(self._is_true[index]) and best != examples.label[index, EXAMPLE]
        for unit, text in self._texts.items():
            text.set_text(self._names[unit] if self._has_room and unit != best else "")
        self.ring.centres = np.empty((0, 2))
        self.right.set_text("")
        self.wrong.set_text("")
        if best is None or best not in self._texts:
            return
        said: MovingText = self.wrong if is_wrong else self.right
        said.set_text(self._words(self._names[best], float(shares[best]), f"{WRONG} " if is_wrong else ""))
        said.y = self._texts[best].y
        self.ring.centres = np.array([[self._output.x * self._canvas.scale, said.y]])
