"""WebP encoder: lossless, of each frame only the rectangle that changed, by libwebp through Pillow.

Frames are read as a stream: Pillow seeks one frame after the other, and libwebp keeps a few compressed frames.
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

# Every frame but the first is stored as a change: key frames, for seeking, would make a chart twice as large.
NO_KEY_FRAMES = {"kmin": 0, "kmax": 0}
# One step more makes files 1 % smaller and takes ten times as long.
EFFORT = {"quality": 80, "method": 4}


def write_webp(file: BinaryIO, frames: Iterable[Frame], job: Job) -> Written:
    """Write `frames` to `file`: in the colours of the palette if they are opaque, else as RGBA.

    Raises ValueError if there are no frames.
    """
    written, durations = Written(), list[int]()
    images = _images(counted(frames, written), job.palette, durations)
    animation = _animation(images, job.frames)
    options = {"save_all": True, "duration": durations, "loop": job.loop, "lossless": True, "xmp": _xmp(job)}
    animation.save(file, "WEBP", **options, **NO_KEY_FRAMES, **EFFORT)
    deque(images, maxlen=0)  # Pillow stops at the last frame; callbacks of the stream run when it is exhausted
    written.bytes = file.tell()
    return written


def _images(frames: Iterable[Frame], palette: Palette, durations: list[int]) -> Iterator[Image.Image]:
    """Yield each frame as an image, and append its duration in milliseconds to `durations`."""
    for frame in frames:
        durations.append(10 * frame.duration)
        yield Image.fromarray(_quantized(frame, palette))


def _quantized(frame: Frame, palette: Palette) -> NDArray[np.uint8]:
    return palette.colors[palette.indices(packed(frame))] if is_opaque(frame) else frame.pixels


def _animation(images: Iterator[Image.Image], count: int) -> Image.Image:
    """Return an image of `count` frames, as Pillow's plugins read them; `seek` replaces its pixels."""
    first = next(images, None)
    if first is None:
        raise ValueError("no frames to write")
    result = first.copy()

    def seek(number: int) -> None:
        if number:
            result.paste(next(images))

    vars(result).update(n_frames=count, seek=seek)
    return result


def _xmp(job: Job) -> bytes:
    """Return the texts as XMP, the only metadata of WebP that holds text.

    Alternative text and long description have the properties of IPTC Photo Metadata 2021.1.
    """
    texts = {"AltTextAccessibility": job.alt, "ExtDescrAccessibility": job.description}
    found = "".join(
        f'<iptc:{name}><rdf:Alt><rdf:li xml:lang="x-default">{escape_markup(text)}</rdf:li></rdf:Alt></iptc:{name}>'
        for name, text in texts.items()
        if text
    )
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'xmlns:iptc="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/">{found}'
        f"<dc:source>{escape_markup(job.comment)}</dc:source></rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()
