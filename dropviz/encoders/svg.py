"""SVG that plays by itself: CSS keyframes say when each mark is seen. No script, no raster, words as text.

Who asks for less motion sees the last moment, still; so does a viewer that knows no keyframes.
"""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import BinaryIO

from dropviz._util.text import escape_markup
from dropviz.charts.base.chart import Chart
from dropviz.drawing.pen import number
from dropviz.drawing.scene import Runs, Scene, read_scene
from dropviz.encoders.job import Job, Written
from dropviz.encoders.markup import Markup


def write_svg(file: BinaryIO, chart: Chart, job: Job) -> Written:
    """Write a chart to `file` as one animated SVG."""
    scene = read_scene(chart, job.comment)
    markup = Markup(scene)
    words = open_svg(scene, job.alt, more=f' width="{job.size[0]}" height="{job.size[1]}"')
    words += (
        f"<metadata>{escape_markup(job.comment)}</metadata><style>{_style(scene, markup.classes, job.loop)}</style>"
    )
    file.write(f"{words}{markup.body}</svg>\n".encode())
    return Written(len(scene.durations), sum(scene.durations), file.tell())


def open_svg(scene: Scene, alt: str, role: str = "img", more: str = "") -> str:
    """The start tag of an image of a scene, and its text for those who do not see it."""
    width, height = scene.size
    box = f'viewBox="0 0 {width} {height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}{more} role="{role}" aria-label="{escape_markup(alt)}">'


def _style(scene: Scene, classes: dict[Runs, int], loop: int) -> str:
    """A keyframe holds until the next one (step-end); the state after the last play is that of the last frame."""
    if len(scene.durations) == 1:
        return "text{white-space:pre}"
    prefix, total = scene.prefix, sum(scene.durations)
    starts = [_share(start, total) for start in accumulate((0, *scene.durations))]
    plays = loop or "infinite"
    rules = ["text{white-space:pre}", f'[class^="{prefix}"]{{animation:{total / 100:g}s step-end {plays}}}']
    for runs, order in classes.items():
        rules.append(_rule(f"{prefix}s{order}", _seen(runs, starts)))
    if scene.trail:
        hidden = [scene.size[0] - front for front in scene.fronts]
        rules.append(_rule(f"{prefix}o", _moved(starts, [-width for width in hidden])))
        rules.append(_rule(f"{prefix}i", _moved(starts, hidden)))
    rules.append(f'@media(prefers-reduced-motion:reduce){{[class^="{prefix}"]{{animation:none}}}}')
    return "\n".join(rules)


def _share(time: int, total: int) -> str:
    """A time as a percentage: to a thousandth of one, which of an hour is 0.04 s."""
    return f"{100 * time / total:.3f}".rstrip("0").rstrip(".") + "%"


def _rule(name: str, frames: str) -> str:
    return f".{name}{{animation-name:{name}}}@keyframes {name}{{{frames}}}"


def _seen(runs: Runs, starts: Sequence[str]) -> str:
    shown = [starts[start] for start, _ in runs]
    hidden = [starts[end] for _, end in runs if end < len(starts) - 1]
    if runs[0][0]:
        hidden = [starts[0], *hidden]
    return f"{_list(shown)}{{visibility:visible}}" + (f"{_list(hidden)}{{visibility:hidden}}" if hidden else "")


def _list(times: Iterable[str]) -> str:
    return ",".join(times)


def _moved(starts: Sequence[str], ways: Sequence[float]) -> str:
    return "".join(f"{start}{{transform:translateX({number(x)}px)}}" for start, x in zip(starts, ways, strict=False))
