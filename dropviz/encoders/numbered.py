"""Encoders of numbered frames: one file each, counted from 0, for LaTeX's animate package and video editors."""

from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path

from dropviz._util.text import remove_control_characters
from dropviz.drawing.pages import Page
from dropviz.drawing.raster import Frame
from dropviz.encoders.job import Job, Written, counted
from dropviz.encoders.png import encode_still


def write_pngs(place: Callable[[int], Path], frames: Iterable[Frame], job: Job) -> Written:
    """Write frame n as a PNG to the path `place(n)`."""
    written = Written()
    for number, frame in enumerate(counted(frames, written)):
        written.bytes += place(number).write_bytes(encode_still(frame, job))
    return written


def write_pdfs(place: Callable[[int], Path], pages: Iterable[Page], job: Job) -> Written:
    """Write page n as a PDF to the path `place(n)`.

    Fonts are of matplotlib's default, Type 3: TrueType takes ten times as long, and fails for Chinese.
    """
    written = Written()
    # Without a date, the same recording always gives the same file.
    metadata = {
        "Title": remove_control_characters(job.alt),
        "Subject": remove_control_characters(job.description),
        "Keywords": remove_control_characters(job.comment),
        "CreationDate": None,
    }
    for number, page in enumerate(counted(pages, written)):
        data = BytesIO()  # errors of matplotlib do not report a full disk
        page.figure.savefig(data, format="pdf", metadata=metadata)
        written.bytes += place(number).write_bytes(data.getbuffer())
    return written
