"""HTML that displays a finished file in a notebook.

The file is inside the HTML, so that the notebook is complete wherever it is moved. Jupyter sends about 1 MB a second to
the page, over 3 seconds (`iopub_data_rate_limit`, `rate_limit_window`), and base64 makes 4 bytes of 3. A file larger
than `MAX_BYTES` is therefore displayed as a still picture, with a line that says where the file is.
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
PLAYER_HEIGHT = 120  # in pixels, of the buttons below the picture of a page

FITS = "max-width: 100%; height: auto"


@dataclass(frozen=True)
class NotebookFile:
    """A file to be displayed.

    name    path of the file
    suffix  its suffix, in lower case
    data    its bytes
    still   a PNG of the last frame, or nothing
    alt     alternative text
    size    width and height in pixels
    loop    number of plays, 0 for ever
    """

    name: str
    suffix: str
    data: bytes
    still: bytes
    alt: str
    size: tuple[int, int]
    loop: int


def notebook_html(file: NotebookFile) -> str:
    """Return HTML that displays a file of at most `MAX_BYTES` and needs no other file."""
    if file.suffix in PICTURES:
        return _picture(file)
    if file.suffix in VIDEOS:
        return _video(file)
    if file.suffix in PAGES:
        return _page(file)
    return still_html(file, f"A notebook does not display {file.suffix or 'such'} files: it is in {file.name}.")


def still_html(file: NotebookFile, why: str) -> str:
    """Return HTML of the still with the reason below it."""
    picture = f'<img src="{_data_uri("image/png", file.still)}" alt="{_attribute(file.alt)}" style="{FITS}">'
    return f"<figure>{picture if file.still else ''}<figcaption>{escape_markup_line(why)}</figcaption></figure>"


def too_large(file: NotebookFile) -> str:
    """Return a sentence for a file of more than `MAX_BYTES`."""
    return (
        f"The last frame only: {file.name} has {len(file.data) / 1e6:.1f} MB, more than the "
        f"{MAX_BYTES / 1e6:g} MB that a notebook displays. Fewer frames or a smaller size make it smaller: "
        "animate(…, frames=60, size=(960, 540))."
    )


def _picture(file: NotebookFile) -> str:
    image = (
        f'<img src="{_data_uri(PICTURES[file.suffix], file.data)}" alt="{_attribute(file.alt)}" '
        f'width="{file.size[0]}" style="{FITS}">'
    )
    if not file.still or file.suffix == ".svg":  # an SVG holds still by itself
        return image
    # Readers who ask for less motion get the last frame (WCAG 2.2.2).
    still = _data_uri("image/png", file.still)
    return f'<picture><source media="(prefers-reduced-motion: reduce)" srcset="{still}">{image}</picture>'


def _video(file: NotebookFile) -> str:
    loop = "" if file.loop == 1 else " loop"
    source = _data_uri(VIDEOS[file.suffix], file.data)
    return (
        f'<video autoplay{loop} muted playsinline controls width="{file.size[0]}" style="{FITS}" '
        f'aria-label="{_attribute(file.alt)}" src="{source}"></video>'
    )


def _page(file: NotebookFile) -> str:
    """Return a frame that may run its scripts, and has no access to the notebook around it."""
    width, height = file.size
    words = _attribute(file.data.decode("utf-8", "replace"), keep_lines=True)
    return (
        f'<iframe sandbox="allow-scripts" title="{_attribute(file.alt)}" srcdoc="{words}" style="border: 0; '
        f'width: 100%; max-width: {width}px; height: {height + PLAYER_HEIGHT}px; max-height: 90vh"></iframe>'
    )


def _attribute(words: str, *, keep_lines: bool = False) -> str:
    return escape(words) if keep_lines else escape_markup_line(words)


def _data_uri(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{b64encode(data).decode('ascii')}"
