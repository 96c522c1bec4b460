"""Where pictures go: what each place takes, and what serves best there.

Limits change without notice, so that each says how sure it is: "documented" by the place itself, "stored text" where
others write so, "from memory" where nobody was asked, "our choice" where nothing is forbidden.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dropviz._util.byte_sizes import format_bytes, parse_bytes
from dropviz.errors import UsageError, one_of
from dropviz.rendering.options import RenderOptions

MB = 1_000_000
NUMBERED = "%d.png"
ADVISED = ("size", "loop", "hold", "theme", "large")  # fields of a Look that a target decides


@dataclass(frozen=True)
class Target:
    """A place for pictures.

    help     what it is
    format   suffix of the file, or the end of the name of numbered frames
    size     width and height in pixels
    most     bytes at most; None where there is no limit that matters
    sure     how sure that limit is
    snippet  kind of the text that puts the picture there
    loop     number of plays, 0 for ever
    hold     seconds that the last frame stays longer
    theme    the one that suits its page
    large    larger type, for a room
    still    a still picture goes beside the file, for those who ask for less motion
    alt      the alt text goes beside the file
    """

    help: str
    format: str
    size: tuple[int, int]
    most: int | None
    sure: str
    snippet: str
    loop: int = 0
    hold: float = 3.0
    theme: str = "light"
    large: bool = False
    still: bool = False
    alt: bool = True

    def describe(self) -> str:
        """The row of the table as words."""
        limit = f", up to {format_bytes(self.most)} ({self.sure})" if self.most else ""
        return f"{self.help}: {self.format} {self.size[0]}x{self.size[1]}{limit}"


HD, FULL_HD, SMALL = (1280, 720), (1920, 1080), (960, 540)
TARGETS = {
    "github": Target("README or issue", ".gif", HD, 10 * MB, "stored text", "markdown", still=True),
    "notion": Target("page, free plan", ".gif", HD, 5 * MB, "stored text", "plain"),
    "discord": Target("message", ".gif", SMALL, 10 * MB, "stored text", "plain", theme="dark"),
    # Slack takes 1 GB, but nobody waits for it.
    "slack": Target("message", ".gif", SMALL, 10 * MB, "our choice", "plain"),
    "obsidian": Target("note", ".gif", HD, 10 * MB, "our choice", "obsidian", still=True),
    "slides": Target(
        "Google Slides, PowerPoint", ".gif", FULL_HD, 50 * MB, "stored text", "plain", hold=5.0, large=True
    ),
    # A server drops output above 1 MB/s, in a window of 3 s; base64 makes 2.7 MB of 2.
    "jupyter": Target("notebook", ".gif", SMALL, 2 * MB, "stored text", "jupyter"),
    # LaTeX shows every frame for the same time: there is nothing to hold.
    "beamer": Target("numbered frames for LaTeX", NUMBERED, SMALL, None, "", "latex", hold=0.0, large=True),
    "keynote": Target("video on a slide", ".mp4", FULL_HD, None, "", "plain", hold=5.0, large=True),
    "web": Target("page of your own", ".gif", HD, 2 * MB, "our choice", "html", still=True),
}


@dataclass(frozen=True)
class OutputPlan:
    """What is to be made: `most` bytes in the file `path`, and whether a `still` and an `alt` text go beside it.

    `sized`: the size of the look is asked for, not only the default.
    """

    options: RenderOptions
    path: Path
    most: int | None = None
    still: bool = False
    alt: bool = False
    sized: bool = False


def find_target(name: str) -> Target:
    """The target called `name`; UsageError if there is none."""
    if name not in TARGETS:
        raise UsageError(one_of("target", name, TARGETS))
    return TARGETS[name]


def make_plan(
    chart: str,
    compare: bool,
    target: str | None = None,
    out: str | Path | None = None,
    max_size: str | int | None = None,
    still: bool | None = None,
    alt_file: bool | None = None,
    **options: Any,
) -> OutputPlan:
    """Put what was asked for together; where something was not (None), the target decides, or else the defaults.

    `look` holds fields of a Look. Raises UsageError for what cannot be.
    """
    place = find_target(target) if target is not None else None
    given = {name: value for name, value in options.items() if value is not None}
    advised = {name: getattr(place, name) for name in ADVISED} if place else {}
    file_format = place.format if place else ".gif"
    return OutputPlan(
        RenderOptions(**(advised | given)),
        Path(out) if out is not None else Path("out") / default_name(chart, compare, file_format),
        parse_bytes(max_size) if max_size is not None else place.most if place else None,
        still if still is not None else bool(place and place.still),
        alt_file if alt_file is not None else bool(place and place.alt),
        sized="size" in advised | given,
    )


def default_name(chart: str, compare: bool, file_format: str = ".gif") -> str:
    """The file name of an animation that was given none."""
    stem = f"{chart}-compare" if compare else chart
    return f"{stem}-{file_format}" if file_format.startswith("%") else f"{stem}{file_format}"
