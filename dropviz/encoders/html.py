"""HTML encoder: a page in one file that plays a chart and shows values under the pointer.

The page loads nothing from a network. The picture is an SVG; the content security policy allows only the script and the
style sheet of the page, by their hashes, and the fonts inside. A picture in the light theme follows the reader's system
into the dark.
"""

import json
from collections.abc import Iterator, Mapping
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
from dropviz.encoders.letters import PRINTABLE, font_faces
from dropviz.encoders.markup import Markup
from dropviz.encoders.svg import open_svg
from dropviz.encoders.twin import twin_colors, twin_of
from dropviz.style.theme import Theme

PLAYER = f"{__package__}.player"
DIGITS = 4  # decimals of a value
WORDS = ("controls", "back", "next", "scrub", "speed", "frame", "hint")


def write_html(file: BinaryIO, chart: Chart, job: Job) -> Written:
    """Write a chart, on a canvas of scale 1, to `file` as a page, at most `job.size` wide."""
    scene = read_scene(chart, job.comment)
    annotations = chart.annotations()
    markup = Markup(scene, annotations)
    data, labels = _data(chart, scene, markup, annotations, job.loop), chart.canvas.labels
    theme, twin = chart.canvas.theme, twin_of(chart.canvas.theme)
    fonts = font_faces(
        scene, chart.canvas.labels.fonts, [PRINTABLE, job.alt, job.comment, *_spoken(chart, annotations)]
    )
    style = f"{fonts}\n{_variables(theme, job.size[0])}{asset(PLAYER, 'player.css')}"
    style += _dark(twin_colors(markup.body + data, theme, twin), twin) if twin else ""
    script = asset(PLAYER, "player.js")
    alt = escape_markup(job.alt)
    names = f' aria-label="{alt}" aria-describedby="description"'
    page = Template(asset(PLAYER, "page.html")).substitute(
        {name: escape_markup(labels(f"player {name}")) for name in WORDS},
        lang=labels.language,
        policy=_policy(style, script),
        scheme="light dark" if twin else _scheme(theme),
        comment=escape_markup(job.comment),
        title=alt,
        style=style,
        picture=f"{open_svg(scene, 'group', names)}{markup.body}</svg>",
        last=len(scene.durations) - 1,
        description=escape_markup(job.description or job.alt),
        data=data,
        script=script,
    )
    file.write(page.encode())
    return Written(len(scene.durations), sum(scene.durations), file.tell())


def _policy(style: str, script: str) -> str:
    """Return a policy that allows this style and this script only (Content Security Policy Level 3, hashes)."""
    return (
        f"default-src 'none'; font-src data:; script-src {csp_hash(script)}; style-src {csp_hash(style)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _scheme(theme: Theme) -> str:
    """Return the CSS color-scheme of controls that the browser draws."""
    return "dark" if theme.is_dark else "light"


def _variables(theme: Theme, width: int = 0) -> str:
    colors = "".join(f"--{name}:{getattr(theme, name)};" for name in ("background", "ink", "muted", "faint"))
    size = f";--width:{width}px" if width else ""
    return f":root{{{colors}--scheme:{_scheme(theme)}{size}}}\n"


def _dark(colors: Mapping[str, str], twin: Theme) -> str:
    """Return the rules that give page and picture the colours of the dark twin where the system is dark."""
    rules = [f'svg [{name}="{old}"]{{{name}:{new}}}' for old, new in colors.items() for name in ("fill", "stroke")]
    return f"\n@media (prefers-color-scheme: dark) {{\n{_variables(twin)}{chr(10).join(rules)}\n}}\n"


def _spoken(chart: Chart, annotations: Mapping[str, Annotation]) -> Iterator[str]:
    """Yield the words that come up under the pointer, and those of the controls."""
    yield from (annotation.words for annotation in annotations.values())
    readings = chart.readings()
    for words in (readings.heads, *(line.words for line in readings.lines)) if readings else ():
        yield from words
    yield from (chart.canvas.labels(f"player {name}") for name in (*WORDS, "play", "pause"))


def _data(chart: Chart, scene: Scene, markup: Markup, annotations: Mapping[str, Annotation], loop: int) -> str:
    """Return the data of the script, as JSON without characters that could end its element."""
    labels = chart.canvas.labels
    data = {
        "prefix": scene.prefix,
        "durations": scene.durations,
        "counters": [chart.counter(index) for index in chart.timeline.indices],
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
