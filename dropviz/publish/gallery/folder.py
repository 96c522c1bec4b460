"""The folder of a gallery: its pages and its state file."""

import os
from collections.abc import Mapping
from pathlib import Path

from dropviz._util.files import replace_whole
from dropviz.errors import OutputError
from dropviz.publish.gallery.exhibits import LECTURER, ORDERS
from dropviz.publish.gallery.markdown import text
from dropviz.publish.gallery.page import page
from dropviz.publish.gallery.results import STATE, ExhibitResult, corrected, state_text
from dropviz.style.labels import Labels

PAGE, TEXT = "index.html", "README.md"


def check_gallery(folder: Path) -> None:
    """Raise OutputError if `folder` holds an index.html or README.md that no gallery wrote."""
    foreign = [name for name in (PAGE, TEXT) if os.path.lexists(folder / name)]
    if foreign and not os.path.lexists(folder / STATE):
        raise OutputError(
            f"cannot write a gallery into {folder}: it holds {foreign[0]!r}, which no gallery put there; "
            "choose another folder"
        )


def write_gallery(
    folder: Path, results: Mapping[str, ExhibitResult], labels: Labels, order: str = LECTURER
) -> list[Path]:
    """Write the pages of these results and the state file, those that change. Return the paths of the pages.

    Claims are corrected for their number: see `corrected`.
    """
    ordered = [results[name] for name in ORDERS[order] if name in results]
    shown = corrected(ordered, labels)
    pages = {PAGE: page(shown, labels), TEXT: text(shown, labels)}
    for name, words in ({STATE: state_text(ordered)} | pages).items():
        data = words.encode(errors="replace")
        if not os.path.exists(folder / name) or (folder / name).read_bytes() != data:
            with replace_whole(folder / name) as file:
                file.write(data)
    return [folder / name for name in pages]
