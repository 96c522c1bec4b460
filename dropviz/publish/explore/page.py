"""The explorable page: template, style sheet, script and data in one file."""

import json
from typing import Any

from dropviz._util.text import replace_unsafe
from dropviz._util.web import asset, csp_hash, fill_template
from dropviz.analysis.divergence import divergence
from dropviz.publish.explore.payload import make_payload
from dropviz.publish.explore.sweep import Sweep
from dropviz.rendering.source import provenance
from dropviz.style.labels import Labels
from dropviz.style.theme import THEMES

COLORS = ("background", "ink", "muted", "faint", "plain", "wrong")
SCRIPTS = ("data.js", "network.js", "plots.js", "page.js")


def make_page(sweep: Sweep, labels: Labels) -> str:
    """Return the page. It loads nothing: its policy allows the style sheet and the script in it, by their hashes."""
    style = asset(__package__, "page.css") + _color_rules()
    script = "".join(asset(__package__, name) for name in SCRIPTS)
    payload = make_payload(sweep, labels)
    diverged = [answer.words(labels) for answer in divergence(sweep.comparison, labels)]
    policy = (
        f"default-src 'none'; script-src {csp_hash(script)}; style-src {csp_hash(style)}; "
        "base-uri 'none'; form-action 'none'"
    )
    return fill_template(
        __package__,
        "page.html.jinja",
        labels=labels,
        policy=policy,
        comment=replace_unsafe(provenance(sweep.comparison)),
        facts=replace_unsafe(" · ".join([*diverged, payload["facts"]])),
        images=range(payload["arrays"]["label"]["shape"][0]),
        last={"drop_prob": len(sweep.arms) - 1, "iteration": len(payload["iterations"]) - 1, "masks": _passes(payload)},
        style=style,
        script=script,
        data=_as_json(payload),
    )


def _passes(payload: dict[str, Any]) -> int:
    return int(payload["arrays"]["average"]["shape"][2]) - 1


def _as_json(payload: dict[str, Any]) -> str:
    """Return JSON without characters that could end its element."""
    text = json.dumps(payload, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _color_rules() -> str:
    """Return style rules that give the page the colours of the pictures, light and dark."""
    rules = []
    for side in ("light", "dark"):
        theme = THEMES[side]
        values = {name: getattr(theme, name) for name in COLORS}
        values |= dict(zip(("noisy", "negative", "positive"), (theme.noisy[0], *theme.weight_colors), strict=True))
        text = "".join(f"--{name}: {value}; " for name, value in values.items())
        rules.append(f"@media (prefers-color-scheme: {side}) {{ :root {{ {text}}} }}\n")
    return "".join(rules)
