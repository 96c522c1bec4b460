"""The gallery as an HTML page: each picture with its claim, its answers and the command that draws it."""

from collections.abc import Sequence

from dropviz._util.text import replace_unsafe
from dropviz._util.web import asset, csp_hash, fill_template
from dropviz.publish.gallery.results import SIDES, ExhibitResult
from dropviz.style.labels import Labels
from dropviz.style.theme import THEMES

COLORS = ("background", "ink", "muted", "faint", "plain")


def page(results: Sequence[ExhibitResult], labels: Labels) -> str:
    """Return the page of these results. It loads the pictures beside it and nothing else."""
    style, script = asset(__package__, "gallery.css") + _color_rules(results), asset(__package__, "gallery.js")
    policy = (
        f"default-src 'none'; img-src 'self' file: data:; style-src {csp_hash(style)}; script-src {csp_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    return fill_template(
        __package__,
        "gallery.html.jinja",
        results=results,
        labels=labels,
        replace_unsafe=replace_unsafe,
        policy=policy,
        style=style,
        script=script,
    )


def _color_rules(results: Sequence[ExhibitResult]) -> str:
    """Return style rules that give the page the colours of the pictures, light and dark.

    Where they are all of one theme, the page has its colours, whatever the reader prefers.
    """
    sides = {side for result in results for side in result.sides}
    if len(sides) == 1:
        side = sides.pop()
        return f":root {{ color-scheme: {side}; {_colors(side)} }}\n"
    return "".join(f"@media (prefers-color-scheme: {side}) {{ :root {{ {_colors(side)} }} }}\n" for side in SIDES)


def _colors(side: str) -> str:
    theme = THEMES[side]
    return "".join(f"--{name}: {getattr(theme, name)}; " for name in COLORS) + f"--noisy: {theme.noisy[0]};"
