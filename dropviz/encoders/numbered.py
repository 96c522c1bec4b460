"""Numbered frames: a file each, counted from 0, as LaTeX's animate package and film editors read them."""

from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path

from dropviz._util.text import remove_control_characters
from dropviz.drawing.pages import Page
from dropviz.drawing.raster import Frame
from dropviz.encoders.job import Job, Written, counted
from dropviz.encoders.png import still


def write_pngs(place: Callable[[int], Path], frames: Iterable[Frame], job: Job) -> Written:
    """Write each frame as a PNG."""
    written = Written()
    for number, frame in enumerate(counted(frames, written)):
        written.bytes += place(number).write_bytes(still(frame, job))
    return written


def write_pdfs(place: Callable[[int], Path], pages: Iterable[Page], job: Job) -> Written:
    """Write each page as a PDF of lines and letters.

    Letters are in matplotlib's own kind of font, Type 3: TrueType takes ten times as long, and fails for Chinese.
    """
    written = Written()
    # No date: the same recording gives the same file.
    about = {
        "Subject": remove_control_characters(job.alt),
        "Keywords": remove_control_characters(job.comment),
        "CreationDate": None,
    }
    for number, page in enumerate(counted(pages, written)):
        data = BytesIO()  # when a disk is full, matplotlib's own error says nothing of it
        page.figure.savefig(data, format="pdf", metadata=about)
        written.bytes += place(number).write_bytes(data.getbuffer())
    return written
