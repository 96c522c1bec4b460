"""WebP: lossless, each frame a rectangle that changed, all by libwebp through Pillow.

The frames are a stream: Pillow asks an image for one frame after the other, and libwebp keeps a few, compressed.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dropviz._util.text import escape_markup
from dropviz.drawing.raster import Frame
from dropviz.encoders.job import Job, Written, counted, is_opaque
from dropviz.encoders.palette import Palette
from dropviz.encoders.patches import packed

# Every frame but the first is stored as a change: key frames, for players that jump, make a chart twice as large.
NO_KEY_FRAMES = {"kmin": 0, "kmax": 0}
# How hard libwebp tries. One step more makes files 1 % smaller, and takes ten times as long.
EFFORT = {"quality": 80, "method": 4}


def write_webp(file: BinaryIO, frames: Iterable[Frame], job: Job) -> Written:
    """Write `frames` to `file`: in the colours of the palette if they are opaque, else in their own, with alpha."""
    written, times = Written(), [0] * 0
    stream = _pictures(counted(frames, written), job.palette, times)
    film = _film(stream, job.frames)
    options = {"save_all": True, "duration": times, "loop": job.loop, "lossless": True, "xmp": _xmp(job)}
    film.save(file, "WEBP", **options, **NO_KEY_FRAMES, **EFFORT)
    deque(stream, maxlen=0)  # whoever counts frames hears of the last one too
    written.bytes = file.tell()
    return written


def _pictures(frames: Iterable[Frame], palette: Palette, times: list[int]) -> Iterator[Image.Image]:
    """What each frame looks like; the milliseconds that it stays are added to `times`."""
    for frame in frames:
        times.append(10 * frame.duration)
        yield Image.fromarray(_colored(frame, palette))


def _colored(frame: Frame, palette: Palette) -> NDArray[np.uint8]:
    return palette.colors[palette.indices(packed(frame))] if is_opaque(frame) else frame.pixels


def _film(pictures: Iterator[Image.Image], count: int) -> Image.Image:
    """An image of `count` frames as Pillow's plugins know them: each is drawn when it is sought."""
    film = next(pictures, None)
    if film is None:
        raise ValueError("no frames to write")
    film = film.copy()

    def seek(number: int) -> None:
        if number:
            film.paste(next(pictures))

    vars(film).update(n_frames=count, seek=seek)
    return film


def _xmp(job: Job) -> bytes:
    """What the picture shows, and what it was made from, as Adobe's XMP: the only words that WebP has room for."""
    alt, source = escape_markup(job.alt), escape_markup(job.comment)
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{alt}</rdf:li></rdf:Alt></dc:description>'
        f"<dc:source>{source}</dc:source></rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()
