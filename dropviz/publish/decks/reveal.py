"""A copy of reveal.js, prepared for use inside a page."""

import re
from pathlib import Path

from dropviz._util.text_files import read_text
from dropviz.errors import OutputError, reason

# Parts of a style sheet that load something: an import up to its end, or a URL other than a data URL.
LOADED = re.compile(r"""@import\b[^;]*;?|url\(\s*["']?(?!["']?data:)[^)]*\)""", re.IGNORECASE)


class Reveal:
    """Style sheets and script that load nothing and cannot end their element early.

    folder  folder with dist/reveal.js, dist/reveal.css and dist/theme/white.css and black.css, or that dist itself
    dark    use black.css instead of white.css; the colours of the deck take precedence

    Raises OutputError if a file cannot be read.
    """

    # The colours of the deck under the names of reveal.js, which scales slides as a whole.
    rules = (
        ":root { --u: 1px; --r-background-color: var(--background); --r-main-color: var(--ink); "
        "--r-heading-color: var(--ink); }\nhtml, body, .reveal-viewport { background: var(--background); }\n"
        # In print, reveal.js removes the padding of slides, so the margins belong to their contents.
        ".reveal .slides section, .reveal .slides section.title { box-sizing: border-box; padding: 0; }\n"
        ".reveal .slides section:not(.chart) > * { margin-left: 40px; margin-right: 40px; }\n"
        ".reveal .slides section > table { width: calc(100% - 80px); margin: 10px 40px; }\n"
        ".reveal .slides section:not(.chart) > h2 { padding-top: 20px; height: 90px; margin: 0 40px; }\n"
        ".reveal .slides section > h1 { padding-top: 220px; margin: 0 40px; }\n"
        ".reveal .slides section > p { margin: 14px 40px; }\n"
    )

    def __init__(self, folder: Path, *, dark: bool) -> None:
        dist = folder / "dist" if (folder / "dist").is_dir() else folder
        name = "black" if dark else "white"
        sheets = [_read(dist / "reveal.css"), _read(dist / "theme" / f"{name}.css")]
        self.styles = [LOADED.sub(_replacement, sheet).replace("</", "<\\/") for sheet in sheets]
        self.script = re.sub(r"</(script)", r"<\\/\1", _read(dist / "reveal.js"), flags=re.IGNORECASE)
        self.script = self.script.replace("<!--", "<\\!--")
        left_out = sum(len(LOADED.findall(sheet)) for sheet in sheets)
        self.notes = [f"{name}.css of reveal.js: {left_out} fonts or pictures that it would fetch are left out"]
        self.notes = self.notes if left_out else []


def _replacement(match: re.Match[str]) -> str:
    return "" if match[0].lower().startswith("@import") else "url(data:,)"


def _read(path: Path) -> str:
    try:
        return read_text(path).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    except (OSError, UnicodeDecodeError) as error:
        cause = error.strerror if isinstance(error, OSError) else reason(error)
        raise OutputError(
            f"cannot read {path}: {cause}; --reveal takes the folder of a copy of reveal.js, 4 or later"
        ) from None
