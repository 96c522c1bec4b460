"""Training where somebody watches: in a notebook, a curve that grows while runs are trained.

IPython is used only where it is running already. The curve is an SVG made of the figures measured, and of nothing else.
"""

import sys
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dropviz._util.text import replace_invisible
from dropviz.charts.base.timeline import spread
from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment
from dropviz.recording import Recording
from dropviz.style.labels import percent
from dropviz.style.theme import find_theme

if TYPE_CHECKING:
    from dropviz.training import SnapshotEvent

OFTEN = 0.5  # seconds between two pictures, at least
MAX_POINTS = 200  # of a line: its picture is a few hundred pixels wide
WIDTH, HEIGHT = 720, 360
LEFT, TOP, RIGHT, BOTTOM = 56, 62, 16, 44
LONGEST = 72  # letters of a line
LETTERS = "font-family='DejaVu Sans, Verdana, sans-serif' font-size='14'"


Show = Callable[[dict[str, str]], None]


@dataclass
class LiveCurve:
    """Hears of snapshots, and gives pictures of all of them to `show`, as a bundle of MIME types.

    `clock` tells the time in seconds.
    """

    show: Show
    clock: Callable[[], float] = time.monotonic
    runs: dict[tuple[Arm, int], "list[SnapshotEvent]"] = field(default_factory=dict)
    _drawn: float = float("-inf")

    def watch(self, event: "SnapshotEvent") -> None:
        """Hear of a snapshot."""
        self.runs.setdefault((event.arm, event.seed), []).append(event)
        if self.clock() - self._drawn >= OFTEN:
            self.draw()

    def draw(self) -> None:
        """Show what there is."""
        if self.runs:
            self.show(self.bundle())
            self._drawn = self.clock()

    def bundle(self) -> dict[str, str]:
        """HTML with the picture inside, and a line of plain text."""
        data = b64encode(svg(self.runs).encode()).decode("ascii")
        words = escape(self.words(), quote=True)
        html = f'<img src="data:image/svg+xml;base64,{data}" alt="{words}" width="{WIDTH}" style="max-width: 100%">'
        return {"text/html": html, "text/plain": self.words()}

    def words(self) -> str:
        """The run of the last snapshot, and its figures."""
        return _words(next(reversed(self.runs.values()))[-1])


def _words(event: "SnapshotEvent") -> str:
    metrics = event.metrics
    return replace_invisible(
        f"{event.arm.name}, seed {event.seed}: iteration {event.iteration:,} of {event.iterations:,}, "
        f"test {percent(metrics['test_accuracy'])}, train {percent(metrics['train_accuracy'])}"
    )


def svg(runs: "dict[tuple[Arm, int], list[SnapshotEvent]]") -> str:
    """Accuracies against iteration: test solid, train dashed; a colour an arm; runs that are done are fainter."""
    theme = find_theme("light")
    arms = list(dict.fromkeys(arm for arm, _seed in runs))
    colors = dict(zip(arms, theme.arm_colors([arm.has_noise for arm in arms]), strict=True))
    now = next(reversed(runs))
    lines = [_lines(event, colors[arm], 1.0 if (arm, seed) == now else 0.45) for (arm, seed), event in runs.items()]
    last, words = runs[now][-1].iterations, _words(runs[now][-1])
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' height='{HEIGHT}' viewBox='0 0 {WIDTH} {HEIGHT}' "
        f"{LETTERS} fill='{theme.muted}'>"
        f"<rect width='100%' height='100%' fill='{theme.background}'/>"
        f"<text x='{LEFT}' y='22' fill='{theme.ink}' {_fit(words)}>{escape(words)}</text>"
        f"{_key(colors)}{_axes(last, theme.faint)}{''.join(lines)}</svg>"
    )


def _place(iteration: float, last: float, accuracy: float) -> tuple[float, float]:
    """Where a value stands in the picture; accuracy from 0 at the bottom to 1 at the top."""
    x = LEFT + (WIDTH - LEFT - RIGHT) * iteration / last
    return x, TOP + (HEIGHT - TOP - BOTTOM) * (1 - accuracy)


def _lines(event: "list[SnapshotEvent]", color: str, opacity: float) -> str:
    chosen = [event[index] for index in spread(len(event), MAX_POINTS)]
    found = []
    for metric, style in (
        ("train_accuracy", "stroke-width='1.2' stroke-dasharray='5 4'"),
        ("test_accuracy", "stroke-width='2.4'"),
    ):
        places = [_place(each.iteration, each.iterations, each.metrics[metric]) for each in chosen]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        found.append(f"<polyline points='{points}' {style}/>")
        if len(places) == 1:  # a line of one point would not be seen
            found.append(f"<circle cx='{places[0][0]:.1f}' cy='{places[0][1]:.1f}' r='2' fill='{color}'/>")
    return f"<g fill='none' stroke='{color}' stroke-linejoin='round' opacity='{opacity}'>{''.join(found)}</g>"


def _axes(last: int, faint: str) -> str:
    words = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = _place(0, last, share)[1]
        words.append(f"<path d='M{LEFT} {y:.1f}H{WIDTH - RIGHT}' stroke='{faint}'/>")
        words.append(f"<text x='{LEFT - 8}' y='{y + 5:.1f}' text-anchor='end'>{percent(share, 0)}</text>")
    y = HEIGHT - BOTTOM + 20
    words.append(f"<text x='{LEFT}' y='{y}'>0</text>")
    words.append(f"<text x='{WIDTH - RIGHT}' y='{y}' text-anchor='end'>{last:,}</text>")
    words.append(f"<text x='{(LEFT + WIDTH - RIGHT) / 2}' y='{y}' text-anchor='middle'>iteration</text>")
    return "".join(words)


def _key(colors: dict[Arm, str]) -> str:
    """The arms in their colours, and what the dashes mean."""
    names = {replace_invisible(arm.name): color for arm, color in colors.items()}
    meaning = "solid: test, dashed: train"
    words = "".join(f"<tspan fill='{color}'>{escape(name)}</tspan> · " for name, color in names.items())
    return f"<text x='{LEFT}' y='46' {_fit(' · '.join([*names, meaning]))}>{words}{meaning}</text>"


def _fit(words: str) -> str:
    """Nothing for words that fit in one line; for longer ones, smaller letters."""
    return f"font-size='{14 * LONGEST / len(words):.1f}'" if len(words) > LONGEST else ""


def notebook_display() -> Show | None:
    """What puts a bundle into the running cell, first in a new place, then in the same; None outside of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None or not hasattr(shell, "kernel"):  # IPython in a terminal shows no pictures
        return None
    from IPython.display import display

    handle: Any = None

    def show(bundle: dict[str, str]) -> None:
        nonlocal handle
        if handle is None:
            handle = display(bundle, raw=True, display_id=True)
        else:
            handle.update(bundle, raw=True)

    return show
