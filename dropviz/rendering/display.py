"""How a finished file shows itself in a notebook: HTML that carries the file, by its suffix. Pure.

The file travels inside the HTML, so that the notebook is whole wherever it goes. Jupyter lets about 1 MB a second
through to the page, over 3 seconds (`iopub_data_rate_limit`, `rate_limit_window`); base64 makes 4 bytes of 3. What is
larger than `MAX_BYTES` is therefore shown as a still picture, with a line that says where the file is.
"""

from base64 import b64encode
from dataclasses import dataclass
from html import escape

from dropviz._util.text import escape_markup_line

MAX_BYTES = 2_000_000
PICTURES = {
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
VIDEOS = {".mp4": "video/mp4", ".webm": "video/webm"}
PAGES = (".html",)
PLAYER_HEIGHT = 120  # pixels for what stands below the picture of a page: its buttons

FITS = "max-width: 100%; height: auto"


@dataclass(frozen=True)
class NotebookFile:
    """What is shown.

    name   of the file, for whom it cannot be shown
    suffix of the file, in small letters
    data   its bytes
    still  a PNG of the last moment, or none
    alt    what it shows, in words
    size   width and height in pixels
    loop   number of plays, 0 for ever
    """

    name: str
    suffix: str
    data: bytes
    still: bytes
    alt: str
    size: tuple[int, int]
    loop: int


def notebook_html(showing: NotebookFile) -> str:
    """HTML that shows a file of at most `MAX_BYTES`, and needs nothing beside it."""
    if showing.suffix in PICTURES:
        return _picture(showing)
    if showing.suffix in VIDEOS:
        return _video(showing)
    if showing.suffix in PAGES:
        return _page(showing)
    return still_html(showing, f"A notebook does not show {showing.suffix or 'such'} files: it is in {showing.name}.")


def still_html(showing: NotebookFile, why: str) -> str:
    """HTML that shows the still, and below it a line that says why."""
    picture = f'<img src="{_data_uri("image/png", showing.still)}" alt="{_attribute(showing.alt)}" style="{FITS}">'
    return f"<figure>{picture if showing.still else ''}<figcaption>{escape_markup_line(why)}</figcaption></figure>"


def too_large(showing: NotebookFile) -> str:
    """Words for a file of more than `MAX_BYTES`."""
    return (
        f"The last frame only: {showing.name} has {len(showing.data) / 1e6:.1f} MB, more than the "
        f"{MAX_BYTES / 1e6:g} MB that a notebook shows. Fewer frames or a smaller size make it smaller: "
        "animate(…, frames=60, size=(960, 540))."
    )


def _picture(showing: NotebookFile) -> str:
    image = (
        f'<img src="{_data_uri(PICTURES[showing.suffix], showing.data)}" alt="{_attribute(showing.alt)}" '
        f'width="{showing.size[0]}" style="{FITS}">'
    )
    if not showing.still or showing.suffix == ".svg":  # ours holds still by itself
        return image
    # Who asked for less motion sees the last moment (WCAG 2.2.2).
    still = _data_uri("image/png", showing.still)
    return f'<picture><source media="(prefers-reduced-motion: reduce)" srcset="{still}">{image}</picture>'


def _video(showing: NotebookFile) -> str:
    loop = "" if showing.loop == 1 else " loop"
    source = _data_uri(VIDEOS[showing.suffix], showing.data)
    return (
        f'<video autoplay{loop} muted playsinline controls width="{showing.size[0]}" style="{FITS}" '
        f'aria-label="{_attribute(showing.alt)}" src="{source}"></video>'
    )


def _page(showing: NotebookFile) -> str:
    """A frame of its own, which may run its scripts, and reach nothing of the notebook around it."""
    width, height = showing.size
    words = _attribute(showing.data.decode("utf-8", "replace"), keep_lines=True)
    return (
        f'<iframe sandbox="allow-scripts" title="{_attribute(showing.alt)}" srcdoc="{words}" style="border: 0; '
        f'width: 100%; max-width: {width}px; height: {height + PLAYER_HEIGHT}px; max-height: 90vh"></iframe>'
    )


def _attribute(words: str, *, keep_lines: bool = False) -> str:
    return escape(words) if keep_lines else escape_markup_line(words)


def _data_uri(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{b64encode(data).decode('ascii')}"
