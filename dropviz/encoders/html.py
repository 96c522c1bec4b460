"""A page in one file that plays a chart, and says what is under the pointer. It asks nothing of any network.

The picture is drawn from the recording's data, as in the SVG; the page adds the script, which may be this one and no
other: the content security policy names it by its hash.
"""

import json
from collections.abc import Mapping
from string import Template
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from dropviz._util.text import escape_markup
from dropviz._util.web import asset, csp_hash
from dropviz.charts.base.annotations import Annotation, Readings
from dropviz.charts.base.chart import Chart
from dropviz.drawing.scene import Scene, read_scene
from dropviz.encoders.job import Job, Written
from dropviz.encoders.markup import Markup
from dropviz.encoders.svg import open_svg
from dropviz.style.theme import Theme

PLAYER = f"{__package__}.player"
DIGITS = 4  # of a value, behind the point


def write_html(file: BinaryIO, chart: Chart, job: Job) -> Written:
    """Write a chart to `file` as one page."""
    scene = read_scene(chart, job.comment)
    annotations = chart.annotations()
    markup = Markup(scene, annotations)
    style = _variables(chart.canvas.theme, job.size[0]) + asset(PLAYER, "player.css")
    script = asset(PLAYER, "player.js")
    labels, alt = chart.canvas.labels, escape_markup(job.alt)
    page = Template(asset(PLAYER, "page.html")).substitute(
        {name: escape_markup(labels(f"player {name}")) for name in ("controls", "back", "next", "scrub", "speed")},
        lang=labels.language,
        policy=_policy(style, script),
        scheme=_scheme(chart.canvas.theme),
        comment=escape_markup(job.comment),
        title=alt.split(". ")[0].split("。")[0],
        style=style,
        picture=f"{open_svg(scene, job.alt, role='group')}{markup.body}</svg>",
        last=len(scene.durations) - 1,
        alt=alt,
        data=_data(chart, scene, markup, annotations, job.loop),
        script=script,
    )
    file.write(page.encode())
    return Written(len(scene.durations), sum(scene.durations), file.tell())


def _policy(style: str, script: str) -> str:
    """Nothing may be loaded, sent or run but this style and this script (Content Security Policy Level 3, hashes)."""
    return (
        f"default-src 'none'; script-src {csp_hash(script)}; style-src {csp_hash(style)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _scheme(theme: Theme) -> str:
    """Whether controls that the browser draws are to be light or dark."""
    return "dark" if theme.is_dark else "light"


def _variables(theme: Theme, width: int) -> str:
    colors = "".join(f"--{name}:{getattr(theme, name)};" for name in ("background", "ink", "muted"))
    return f":root{{{colors}--scheme:{_scheme(theme)};--width:{width}px}}\n"


def _data(chart: Chart, scene: Scene, markup: Markup, annotations: Mapping[str, Annotation], loop: int) -> str:
    """What the script needs to know, as JSON that cannot end the element it stands in."""
    labels = chart.canvas.labels
    data = {
        "prefix": scene.prefix,
        "durations": scene.durations,
        "fronts": [round(front, 2) for front in scene.fronts] if scene.trail else [],
        "seen": [[frame for run in runs for frame in run] for runs in markup.classes],
        "parts": [_note(name, annotations[name]) for name in markup.parts],
        "readings": _readings(chart.readings(), scene.size[1]),
        "loop": loop,
        "words": {name: labels(f"player {name}") for name in ("play", "pause")},
    }
    words = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return words.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _note(name: str, note: Annotation) -> dict[str, Any]:
    if note.values is None:
        return {"name": name, "words": note.words}
    return {"name": name, "words": note.words, "values": _whole(note.values), "digits": DIGITS}


def _whole(values: NDArray[np.floating]) -> list[int | None]:
    """Values as whole numbers of their last shown digit, which are shorter; null for what is no number."""
    return [round(float(value) * 10**DIGITS) if np.isfinite(value) else None for value in values]


def _readings(readings: Readings | None, height: int) -> dict[str, Any] | None:
    if readings is None:
        return None
    lines = [
        {"color": line.color, "ys": _hundredths(height - line.points[:, 1]), "words": list(line.words)}
        for line in readings.lines
    ]
    return {"xs": _hundredths(readings.lines[0].points[:, 0]), "heads": list(readings.heads), "lines": lines}


def _hundredths(values: NDArray[np.floating]) -> list[float | None]:
    return [round(float(value), 2) if np.isfinite(value) else None for value in values]
