"""SVG encoder: CSS keyframes set the frames in which each mark is visible. No script, no raster, texts as text.

The letters of their fonts are inside, so that they look alike everywhere. Users who prefer reduced motion, prints, and
viewers that do not support keyframes, get the last frame.
"""

from collections.abc import Sequence
from itertools import accumulate
from typing import BinaryIO

from dropviz._util.text import escape_markup
from dropviz.charts.base.chart import Chart
from dropviz.drawing.marks import format_number
from dropviz.drawing.scene import Intervals, Scene, read_scene
from dropviz.encoders.job import Job, Written
from dropviz.encoders.letters import font_faces
from dropviz.encoders.markup import Markup


def write_svg(file: BinaryIO, chart: Chart, job: Job) -> Written:
    """Write a chart, on a canvas of scale 1, to `file` as an animated SVG of `job.size`."""
    scene = read_scene(chart, job.comment)
    markup = Markup(scene)
    start = open_svg(scene, more=f' width="{job.size[0]}" height="{job.size[1]}"{_labels(scene, job)}')
    style = f"{font_faces(scene, chart.canvas.labels.fonts)}\n{_style(scene, markup.classes, job.loop)}"
    start += _texts(scene, job) + f"<metadata>{escape_markup(job.comment)}</metadata><style>{style}</style>"
    file.write(f"{start}{markup.body}</svg>\n".encode())
    return Written(len(scene.durations), sum(scene.durations), file.tell())


def open_svg(scene: Scene, role: str = "img", more: str = "") -> str:
    """Return the start tag of a scene; `more` holds further attributes, with a space before each."""
    width, height = scene.size
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="{role}"{more}>'


def _labels(scene: Scene, job: Job) -> str:
    """Return the attributes that name the elements with alternative text and long description."""
    described = f' aria-describedby="{scene.prefix}description"' if job.description else ""
    return f' aria-labelledby="{scene.prefix}title"{described}'


def _texts(scene: Scene, job: Job) -> str:
    """Return the elements with alternative text and long description."""
    title = f'<title id="{scene.prefix}title">{escape_markup(job.alt)}</title>'
    if not job.description:
        return title
    return f'{title}<desc id="{scene.prefix}description">{escape_markup(job.description)}</desc>'


def _style(scene: Scene, classes: dict[Intervals, int], loop: int) -> str:
    """Return the style sheet. A keyframe holds until the next one (step-end); the last frame remains at the end."""
    if len(scene.durations) == 1:
        return "text{white-space:pre}"
    prefix, total = scene.prefix, sum(scene.durations)
    starts = [_percentage(start, total) for start in accumulate((0, *scene.durations))]
    plays = loop or "infinite"
    rules = ["text{white-space:pre}", f'[class^="{prefix}"]{{animation:{total / 100:g}s step-end {plays}}}']
    for intervals, order in classes.items():
        rules.append(_rule(f"{prefix}s{order}", _visibility(intervals, starts)))
    if scene.trail:
        hidden = [scene.size[0] - front for front in scene.fronts]
        rules.append(_rule(f"{prefix}o", _translations(starts, [-width for width in hidden])))
        rules.append(_rule(f"{prefix}i", _translations(starts, hidden)))
    rules.append(f'@media print,(prefers-reduced-motion:reduce){{[class^="{prefix}"]{{animation:none}}}}')
    return "\n".join(rules)


def _percentage(time: int, total: int) -> str:
    """Return a time as a percentage of `total`, with three decimals: 0.04 s in an hour."""
    return f"{100 * time / total:.3f}".rstrip("0").rstrip(".") + "%"


def _rule(name: str, keyframes: str) -> str:
    return f".{name}{{animation-name:{name}}}@keyframes {name}{{{keyframes}}}"


def _visibility(intervals: Intervals, starts: Sequence[str]) -> str:
    """Return keyframes that show a mark in the `intervals` of frames; `starts` are the times of frames."""
    shown = [starts[start] for start, _ in intervals]
    hidden = [starts[end] for _, end in intervals if end < len(starts) - 1]
    if intervals[0][0]:
        hidden = [starts[0], *hidden]
    rules = f"{','.join(shown)}{{visibility:visible}}"
    return rules + (f"{','.join(hidden)}{{visibility:hidden}}" if hidden else "")


def _translations(starts: Sequence[str], shifts: Sequence[float]) -> str:
    """Return keyframes that shift a group to the right by `shifts`, in pixels, at the times `starts`."""
    pairs = zip(starts, map(format_number, shifts), strict=False)  # the last start is the end
    return "".join(f"{start}{{transform:translateX({shift}px)}}" for start, shift in pairs)
