"""HTML encoder: a page in one file that plays a chart and shows values under the pointer.

The page loads nothing from a network. The picture is an SVG; the content security policy allows only the script and the
style sheet of the page, by their hashes.
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
DIGITS = 4  # decimals of a value


def write_html(file: BinaryIO, chart: Chart, job: Job) -> Written:
    """Write a chart, on a canvas of scale 1, to `file` as a page, at most `job.size` wide."""
    scene = read_scene(chart, job.comment)
    annotations = chart.annotations()
    markup = Markup(scene, annotations)
    style = _variables(chart.canvas.theme, job.size[0]) + asset(PLAYER, "player.css")
    script = asset(PLAYER, "player.js")
    labels, alt = chart.canvas.labels, escape_markup(job.alt)
    names = f' aria-label="{alt}" aria-describedby="description"'
    page = Template(asset(PLAYER, "page.html")).substitute(
        {name: escape_markup(labels(f"player {name}")) for name in ("controls", "back", "next", "scrub", "speed")},
        lang=labels.language,
        policy=_policy(style, script),
        scheme=_scheme(chart.canvas.theme),
        comment=escape_markup(job.comment),
        title=alt,
        style=style,
        picture=f"{open_svg(scene, 'group', names)}{markup.body}</svg>",
        last=len(scene.durations) - 1,
        description=escape_markup(job.description or job.alt),
        data=_data(chart, scene, markup, annotations, job.loop),
        script=script,
    )
    file.write(page.encode())
    return Written(len(scene.durations), sum(scene.durations), file.tell())


def _policy(style: str, script: str) -> str:
    """Return a policy that allows this style and this script only (Content Security Policy Level 3, hashes)."""
    return (
        f"default-src 'none'; script-src {csp_hash(script)}; style-src {csp_hash(style)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _scheme(theme: Theme) -> str:
    """Return the CSS color-scheme of controls that the browser draws."""
    return "dark" if theme.is_dark else "light"


def _variables(theme: Theme, width: int) -> str:
    colors = "".join(f"--{name}:{getattr(theme, name)};" for name in ("background", "ink", "muted"))
    return f":root{{{colors}--scheme:{_scheme(theme)};--width:{width}px}}\n"


def _data(chart: Chart, scene: Scene, markup: Markup, annotations: Mapping[str, Annotation], loop: int) -> str:
    """Return the data of the script, as JSON without characters that could end its element."""
    labels = chart.canvas.labels
    data = {
        "prefix": scene.prefix,
        "durations": scene.durations,
        "fronts": [round(front, 2) for front in scene.fronts] if scene.trail else [],
        "seen": [[frame for interval in intervals for frame in interval] for intervals in markup.classes],
        "parts": [_annotation(name, annotations[name]) for name in markup.parts],
        "readings": _readings(chart.readings(), scene.size[1]),
        "loop": loop,
        "words": {name: labels(f"player {name}") for name in ("play", "pause")},
    }
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _annotation(name: str, annotation: Annotation) -> dict[str, Any]:
    if annotation.values is None:
        return {"name": name, "words": annotation.words}
    return {"name": name, "words": annotation.words, "values": _as_integers(annotation.values), "digits": DIGITS}


def _as_integers(values: NDArray[np.floating]) -> list[int | None]:
    """Return values in units of their last decimal, which are shorter in JSON; None for NaN and infinity."""
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
    """Return values rounded to two decimals; None for NaN and infinity."""
    return [round(float(value), 2) if np.isfinite(value) else None for value in values]
