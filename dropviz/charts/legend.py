"""What lines are called: a row of samples and names, which stands still."""

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.lines import Line2D

from dropviz.charts.stage import Stage

SAMPLE, GAP, SIZE = 40.0, 26.0, 17.0  # length of a sample, space between entries, and type, in points


class Entry(NamedTuple):
    """A name, and the colour, width and dashes of its line."""

    name: str
    color: str
    width: float
    dash: tuple[float, ...] = ()


def draw_legend(stage: Stage, left: float, y: float, entries: Sequence[Entry], right: float = 220) -> None:
    """Draw the entries in a row from `left`, about the height `y`, leaving `right` points free at its end."""
    room = stage.width - left - right - len(entries) * (SAMPLE + 8 + GAP)
    names = "".join(entry.name for entry in entries)
    size = max(stage.fit(names, SIZE, room, "bold"), 11)
    for entry in entries:
        words, fits = stage.fitted(
            entry.name,
            size,
            max(
                room / len(entries),
                stage.width_of(entry.name, size, "bold") * (room >= stage.width_of(names, size, "bold")),
            ),
            "bold",
        )
        line = Line2D([left, left + SAMPLE], [y, y], color=entry.color, linewidth=entry.width, transform=stage.points())
        if entry.dash:
            line.set_dashes([length / entry.width for length in entry.dash])
        stage.figure.add_artist(line)
        left += SAMPLE + 8
        stage.text(left, y, words, fits, color=entry.color, weight="bold", verticalalignment="center_baseline")
        left += stage.width_of(words, fits, "bold") + GAP
