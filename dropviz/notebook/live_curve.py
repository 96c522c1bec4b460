"""A curve that grows in a notebook cell while runs are trained.

IPython is used only if it is running already. The curve is an SVG of the reported metrics.
"""

import sys
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Any

from dropviz._util.text import replace_invisible
from dropviz.charts.base.timeline import spread
from dropviz.experiments.arm import Arm
from dropviz.style.labels import percent
from dropviz.style.theme import find_theme
from dropviz.training.events import Run, SnapshotEvent

DRAW_INTERVAL = 0.5  # seconds, at least, between two pictures
MAX_POINTS = 200  # of a line: the picture is a few hundred pixels wide
WIDTH, HEIGHT = 720, 360
LEFT, TOP, RIGHT, BOTTOM = 56, 62, 16, 44
MAX_LETTERS = 72  # of a line of text at full size
FONT = "font-family='DejaVu Sans, Verdana, sans-serif' font-size='14'"

Show = Callable[[dict[str, str]], None]


@dataclass
class LiveCurve:
    """Curves of the accuracies of all runs, drawn again at most once every DRAW_INTERVAL.

    show    function that displays a picture, a bundle of MIME types
    clock   function that returns the time in seconds
    runs    the snapshots so far, by run
    """

    show: Show
    clock: Callable[[], float] = time.monotonic
    runs: dict[Run, list[SnapshotEvent]] = field(default_factory=dict)
    _latest: SnapshotEvent | None = None
    _drawn: float = float("-inf")

    def update(self, event: SnapshotEvent) -> None:
        """Add a snapshot, and draw if DRAW_INTERVAL has passed."""
        self.runs.setdefault((event.arm, event.seed), []).append(event)
        self._latest = event
        if self.clock() - self._drawn >= DRAW_INTERVAL:
            self.draw()

    def draw(self) -> None:
        """Show the curves, if there is any snapshot."""
        if self._latest is not None:
            self.show(self._bundle(self._latest))
            self._drawn = self.clock()

    def _bundle(self, latest: SnapshotEvent) -> dict[str, str]:
        """Return the picture as HTML, and its status line as plain text."""
        data = b64encode(svg(self.runs, latest).encode()).decode("ascii")
        status = _status(latest)
        alt = escape(status, quote=True)
        html = f'<img src="data:image/svg+xml;base64,{data}" alt="{alt}" width="{WIDTH}" style="max-width: 100%">'
        return {"text/html": html, "text/plain": status}


def _status(event: SnapshotEvent) -> str:
    metrics = event.metrics
    return replace_invisible(
        f"{event.arm.name}, seed {event.seed}: iteration {event.iteration:,} of {event.iterations:,}, "
        f"test {percent(metrics['test_accuracy'])}, train {percent(metrics['train_accuracy'])}"
    )


def svg(runs: dict[Run, list[SnapshotEvent]], latest: SnapshotEvent) -> str:
    """Draw accuracies against iteration: test solid, train dashed, a colour for each arm, finished runs fainter."""
    theme = find_theme("light")
    arms = list(dict.fromkeys(arm for arm, _seed in runs))
    colors = dict(zip(arms, theme.arm_colors([arm.has_noise for arm in arms]), strict=True))
    lines = [_lines(events, colors[arm], _opacity(events[-1], latest)) for (arm, _seed), events in runs.items()]
    status = _status(latest)
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' height='{HEIGHT}' viewBox='0 0 {WIDTH} {HEIGHT}' "
        f"{FONT} fill='{theme.muted}'>"
        f"<rect width='100%' height='100%' fill='{theme.background}'/>"
        f"<text x='{LEFT}' y='22' fill='{theme.ink}' {_fit(status)}>{escape(status)}</text>"
        f"{_legend(colors)}{_axes(latest.iterations, theme.faint)}{''.join(lines)}</svg>"
    )


def _opacity(event: SnapshotEvent, latest: SnapshotEvent) -> float:
    return 1.0 if event is latest or event.iteration < event.iterations else 0.45


def _position(iteration: float, last: float, accuracy: float) -> tuple[float, float]:
    """Return x and y of a point in the picture, for an accuracy from 0 to 1."""
    x = LEFT + (WIDTH - LEFT - RIGHT) * iteration / last
    return x, TOP + (HEIGHT - TOP - BOTTOM) * (1 - accuracy)


def _lines(events: list[SnapshotEvent], color: str, opacity: float) -> str:
    chosen = [events[index] for index in spread(len(events), MAX_POINTS)]
    elements = []
    for metric, style in (
        ("train_accuracy", "stroke-width='1.2' stroke-dasharray='5 4'"),
        ("test_accuracy", "stroke-width='2.4'"),
    ):
        positions = [_position(each.iteration, each.iterations, each.metrics[metric]) for each in chosen]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in positions)
        elements.append(f"<polyline points='{points}' {style}/>")
        if len(positions) == 1:  # a line of one point would be invisible
            elements.append(f"<circle cx='{positions[0][0]:.1f}' cy='{positions[0][1]:.1f}' r='2' fill='{color}'/>")
    return f"<g fill='none' stroke='{color}' stroke-linejoin='round' opacity='{opacity}'>{''.join(elements)}</g>"


def _axes(last: int, faint: str) -> str:
    elements = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = _position(0, last, share)[1]
        elements.append(f"<path d='M{LEFT} {y:.1f}H{WIDTH - RIGHT}' stroke='{faint}'/>")
        elements.append(f"<text x='{LEFT - 8}' y='{y + 5:.1f}' text-anchor='end'>{percent(share, 0)}</text>")
    y = HEIGHT - BOTTOM + 20
    elements.append(f"<text x='{LEFT}' y='{y}'>0</text>")
    elements.append(f"<text x='{WIDTH - RIGHT}' y='{y}' text-anchor='end'>{last:,}</text>")
    elements.append(f"<text x='{(LEFT + WIDTH - RIGHT) / 2}' y='{y}' text-anchor='middle'>iteration</text>")
    return "".join(elements)


def _legend(colors: dict[Arm, str]) -> str:
    """Draw the names of the arms in their colours, and the meaning of the dashes."""
    names = {replace_invisible(arm.name): color for arm, color in colors.items()}
    meaning = "solid: test, dashed: train"
    spans = "".join(f"<tspan fill='{color}'>{escape(name)}</tspan> · " for name, color in names.items())
    return f"<text x='{LEFT}' y='46' {_fit(' · '.join([*names, meaning]))}>{spans}{meaning}</text>"


def _fit(line: str) -> str:
    """Return the attribute of a smaller font size for a line that is too long; else nothing."""
    return f"font-size='{14 * MAX_LETTERS / len(line):.1f}'" if len(line) > MAX_LETTERS else ""


def notebook_display() -> Show | None:
    """Return a function that shows each bundle in the same place of the running cell; None outside a notebook."""
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
