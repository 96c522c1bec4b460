"""MP4 and WebM, by ffmpeg: for slides and pages that prefer a film.

ffmpeg reads our own animated PNG, which holds the time of each frame to a hundredth of a second, and is small. The film
has just as many pictures, each with its own time: at a constant rate the same pictures took half as many bytes again.
"""

import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO

from dropviz._util.text import remove_control_characters
from dropviz.drawing.raster import Frame
from dropviz.encoders.job import Job, Written, counted, is_opaque
from dropviz.encoders.patches import Patch, patches
from dropviz.encoders.png import write_patches
from dropviz.errors import DependencyError, OutputError, UsageError

# Times as they are, in hundredths of a second; four bytes of colour for four pixels, which every player can show.
COMMON = ("-an", "-fps_mode", "vfr", "-enc_time_base", "1/100", "-pix_fmt", "yuv420p", "-fflags", "+bitexact")
# The colours of high-definition video, and the tags that say so: without them players guess, and colours shift.
BT709 = (
    "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd,"
    "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"
)
# The lower the number, the fewer traces around letters: at these none are seen at full size.
H264 = ("-c:v", "libx264", "-preset", "slow", "-tune", "animation", "-crf", "18", "-refs", "4")
MAX_WORDS = 8_000  # characters; systems limit how much a program can be told when it is started
VP9 = ("-c:v", "libvpx-vp9", "-crf", "20", "-b:v", "0", "-row-mt", "1", "-deadline", "good", "-cpu-used", "2")


def write_mp4(file: BinaryIO, frames: Iterable[Frame], job: Job) -> Written:
    """Write `frames` to `file` as H.264; what is needed to start stands first, for players that read from a network."""
    return _write(file, frames, job, (*H264, "-movflags", "+faststart", "-f", "mp4"))


def write_webm(file: BinaryIO, frames: Iterable[Frame], job: Job) -> Written:
    """Write `frames` to `file` as VP9."""
    return _write(file, frames, job, (*VP9, "-f", "webm"))


def _write(file: BinaryIO, frames: Iterable[Frame], job: Job, codec: tuple[str, ...]) -> Written:
    program, written = _ffmpeg(), Written()
    with tempfile.TemporaryDirectory(prefix="dropviz-") as folder:
        source, film = Path(folder) / "frames.png", Path(folder) / "film"
        with source.open("wb") as drawn:
            transparent = len(job.palette.colors)
            parts = patches(_opaque(counted(frames, written)), job.palette.indices, transparent)
            write_patches(drawn, _ended(parts), replace(job, loop=1, alt="", comment=""), transparent)
        _run([program, "-v", "error", "-nostdin", "-y", "-i", str(source), *_options(job), *codec, str(film)])
        with film.open("rb") as made:
            copyfileobj(made, file)
    written.bytes = file.tell()
    return written


def _options(job: Job) -> tuple[str, ...]:
    """Even sides, by a line of background where they are odd; the colours of a screen; and what the film shows."""
    width, height = (side + side % 2 for side in job.size)
    ground = bytes(job.palette.colors[0]).hex()
    picture = f"pad={width}:{height}:0:0:0x{ground},{BT709}"
    words = {"comment": job.comment, "description": job.alt}
    metadata = (
        part
        for key, text in words.items()
        for part in ("-metadata", f"{key}={remove_control_characters(text)[:MAX_WORDS]}")
    )
    return ("-vf", picture, *COMMON, *metadata)


def _opaque(frames: Iterable[Frame]) -> Iterator[Frame]:
    for frame in frames:
        if not is_opaque(frame):
            raise UsageError("a video has no transparent background: choose another theme, or write .webp or .png")
        yield frame


def _ended(parts: Iterable[Patch]) -> Iterator[Patch]:
    """Show the last frame anew for its last hundredth of a second: a film ends where its last picture begins."""
    last: Patch | None = None
    for part in parts:
        if last is not None:
            yield last
        last = part
    if last is not None:
        again = Patch(last.left, last.top, last.pixels[:1, :1], last.see_through, 1)
        last.duration = max(last.duration - 1, 1)
        yield from (last, again)


def _ffmpeg() -> str:
    """The program: the one in $IMAGEIO_FFMPEG_EXE, else the package's own, else Conda's or the system's."""
    import imageio_ffmpeg

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:
        raise DependencyError(
            "no ffmpeg for videos: install ffmpeg, or say where it is in IMAGEIO_FFMPEG_EXE"
        ) from None


def _run(command: list[str]) -> None:
    """Run ffmpeg; what it says last when it fails is the reason."""
    try:
        # No shell, and every word but the program's own path is ours or follows "-metadata KEY=".
        subprocess.run(command, capture_output=True, check=True)  # noqa: S603
    except subprocess.CalledProcessError as error:
        lines = error.stderr.decode(errors="replace").splitlines() or [f"status {error.returncode}"]
        raise OutputError(
            f"ffmpeg cannot make the video: {remove_control_characters(lines[-1])}; try another format"
        ) from None
    except OSError as error:
        raise DependencyError(f"cannot run {command[0]} for videos: {error.strerror}; install ffmpeg anew") from None
