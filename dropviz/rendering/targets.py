"""Targets: places for pictures, their limits, and the options that suit them.

Limits change without notice. Each has its source: "documented" by the place itself, "stored text" of others, "from
memory", or "our choice" where the place sets no limit.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dropviz._util.byte_sizes import format_bytes, parse_bytes
from dropviz._util.numbering import output_path
from dropviz._util.text import slug
from dropviz.errors import UsageError, one_of
from dropviz.rendering.options import RenderOptions

MB = 1_000_000
NUMBERED = "%d.png"
ADVISED = ("size", "loop", "hold", "theme", "large")  # fields of RenderOptions that a target decides


@dataclass(frozen=True)
class Target:
    """A place for pictures.

    help       description
    format     suffix of the file, or the end of the name of numbered frames
    size       width and height in pixels
    max_bytes  maximum size in bytes; None where there is no limit that matters
    source     where that limit is from
    snippet    kind of the text that puts the picture there
    loop       number of plays, 0 for ever
    hold       seconds that the last frame stays longer; None for the time that its words take to read
    theme      theme that suits its pages
    large      larger type, for a room
    still      write the last frame beside the file, for readers who ask for less motion
    alt        write the alternative text beside the file
    dark       write the picture in the theme `dark` beside the file, for pages that the reader turns dark
    """

    help: str
    format: str
    size: tuple[int, int]
    max_bytes: int | None
    source: str
    snippet: str
    loop: int = 0
    hold: float | None = None
    theme: str = "light"
    large: bool = False
    still: bool = False
    alt: bool = True
    dark: bool = False

    def describe(self) -> str:
        """Return one line of text."""
        limit = f", up to {format_bytes(self.max_bytes)} ({self.source})" if self.max_bytes else ""
        return f"{self.help}: {self.format} {self.size[0]}x{self.size[1]}{limit}"


HD, FULL_HD, SMALL = (1280, 720), (1920, 1080), (960, 540)
SQUARE, PORTRAIT = (1080, 1080), (1080, 1920)
TARGETS = {
    "github": Target("README or issue", ".gif", HD, 10 * MB, "stored text", "markdown", still=True),
    "notion": Target("page, free plan", ".gif", HD, 5 * MB, "stored text", "plain"),
    "discord": Target("message", ".gif", SMALL, 10 * MB, "stored text", "plain", theme="dark"),
    # Slack takes 1 GB, which is too slow to load.
    "slack": Target("message", ".gif", SMALL, 10 * MB, "our choice", "plain"),
    "obsidian": Target("note", ".gif", HD, 10 * MB, "our choice", "obsidian", still=True),
    "slides": Target(
        "Google Slides, PowerPoint", ".gif", FULL_HD, 50 * MB, "stored text", "plain", hold=5.0, large=True
    ),
    # A server drops output above 1 MB/s, in a window of 3 s; base64 makes 2.7 MB of 2.
    "jupyter": Target("notebook", ".gif", SMALL, 2 * MB, "stored text", "jupyter"),
    # LaTeX shows every frame for the same time.
    "beamer": Target("numbered frames for LaTeX", NUMBERED, SMALL, None, "", "latex", hold=0.0, large=True),
    "keynote": Target("video on a slide", ".mp4", FULL_HD, None, "", "plain", hold=5.0, large=True),
    "web": Target("page of your own", ".gif", HD, 2 * MB, "our choice", "html", still=True),
    # A phone shows them 390 pixels wide.
    "social-square": Target("post on Instagram, LinkedIn, Mastodon", ".mp4", SQUARE, None, "", "plain", large=True),
    "social-story": Target("story or reel", ".mp4", PORTRAIT, None, "", "plain", large=True),
    "mkdocs": Target("MkDocs with Material", ".gif", HD, 2 * MB, "our choice", "mkdocs", dark=True),
    "sphinx": Target("Sphinx, such as Furo and PyData", ".gif", HD, 2 * MB, "our choice", "sphinx", dark=True),
    "marp": Target("Marp slides", ".gif", HD, 10 * MB, "our choice", "marp", hold=5.0, large=True, still=True),
    "slidev": Target("Slidev slides", ".gif", HD, 10 * MB, "our choice", "slidev", hold=5.0, large=True, still=True),
    "typst": Target("Typst document, which shows the still", ".gif", HD, None, "", "typst", still=True),
    # PyPI fetches pictures through a proxy, which has a limit.
    "pypi": Target("README of a package", ".gif", HD, 5 * MB, "from memory", "pypi"),
}


@dataclass(frozen=True)
class Output:
    """Choices of a file to write.

    options    how the animation looks and plays
    path       file of the animation
    max_bytes  maximum size; None for no limit
    still      write the last frame beside it
    alt        write the alternative text beside it
    dark       write it in the theme `dark` beside it
    has_size   True if a size in pixels was asked for, False if it is the default
    """

    options: RenderOptions
    path: Path
    max_bytes: int | None = None
    still: bool = False
    alt: bool = False
    dark: bool = False
    has_size: bool = False


def find_target(name: str) -> Target:
    """Return the target called `name`; raise UsageError if there is none."""
    if name not in TARGETS:
        raise UsageError(one_of("target", name, TARGETS))
    return TARGETS[name]


def plan_output(
    stem: str,
    *,
    own: str = "",
    experiment: str = "",
    compare: bool = False,
    target: str | None = None,
    out: str | Path | None = None,
    max_size: str | int | None = None,
    still: bool | None = None,
    alt_file: bool | None = None,
    **options: Any,
) -> Output:
    """Return the output asked for; what is None, the target decides, or else the defaults.

    A file that was given no name gets that of `default_name`, of the chart or plot `stem`, whose own experiment is
    `own`. The other `options` are fields of RenderOptions. Raises UsageError for what cannot be.
    """
    place = find_target(target) if target is not None else None
    given = {name: value for name, value in options.items() if value is not None}
    advised = {name: getattr(place, name) for name in ADVISED} if place else {}
    if "seconds" in given:
        advised.pop("hold", None)
    suffix = place.format if place else ".gif"
    chosen = RenderOptions(**(advised | given))
    named = default_name(
        stem, "" if experiment == own else experiment, compare=compare, theme=chosen.theme, suffix=suffix
    )
    return Output(
        chosen,
        output_path(out) if out is not None else Path("out") / named,
        parse_bytes(max_size) if max_size is not None else place.max_bytes if place else None,
        still if still is not None else bool(place and place.still),
        alt_file if alt_file is not None else bool(place and place.alt),
        dark=bool(place and place.dark) and chosen.theme == "light",
        has_size="size" in advised | given,
    )


def default_name(
    chart: str, experiment: str = "", *, compare: bool = False, theme: str = "light", suffix: str = ".gif"
) -> str:
    """Return the file name of an animation that was given none.

    It is the name of the chart, then that of the experiment where it is not the chart's own, "compare" where all arms
    of a chart are drawn that could draw one, and the theme where it is not light. An experiment whose name begins with
    that of the chart stands for both.

    >>> default_name("accuracy", compare=True), default_name("accuracy", "swap", compare=True, theme="dark")
    ('accuracy-compare.gif', 'accuracy-swap-compare-dark.gif')
    >>> default_name("pitfall", "pitfall-zero"), default_name("network", suffix="%d.png")
    ('pitfall-zero.gif', 'network-%d.png')
    """
    begins = experiment.startswith(f"{chart}-")
    look = "" if theme == "light" else slug(re.sub(r"\.toml$", "", Path(theme).name, flags=re.IGNORECASE))
    parts = ["" if begins else chart, experiment, "compare" if compare else "", look]
    stem = "-".join(part for part in parts if part)
    return f"{stem}-{suffix}" if suffix.startswith("%") else f"{stem}{suffix}"
