"""Video encoders: MP4 and WebM, by ffmpeg.

ffmpeg reads an animated PNG, which is small and stores the duration of each frame in 1/100 s. The video has the same
frames with the same durations: at a constant frame rate, files are one and a half times as large. It reads from a pipe,
which ends with this process, and ffmpeg with it.
"""

import re
import signal
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from io import BytesIO
from shutil import copyfileobj
from typing import BinaryIO

from dropviz._util.temporary import temporary_folder
from dropviz._util.text import remove_control_characters
from dropviz.drawing.raster import Frame
from dropviz.encoders.job import Job, Written, counted, is_opaque
from dropviz.encoders.patches import Patch, patches
from dropviz.encoders.png import write_patches
from dropviz.errors import DependencyError, OutputError, UsageError

# Durations in 1/100 s; colours at half the resolution, which every player supports.
COMMON = ("-an", "-fps_mode", "vfr", "-enc_time_base", "1/100", "-pix_fmt", "yuv420p", "-fflags", "+bitexact")
# The colour space of high-definition video, with its tags: without tags, players guess and colours shift.
BT709 = (
    "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd,"
    "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"
)
# The crf values are the highest without visible artefacts around letters at full size.
H264 = ("-c:v", "libx264", "-preset", "slow", "-tune", "animation", "-crf", "18", "-refs", "4")
MIN_FFMPEG = (5, 1)  # the first with -fps_mode
ANOTHER = "set IMAGEIO_FFMPEG_EXE to the path of another ffmpeg"
OTHER = f"pip install -U imageio-ffmpeg, or {ANOTHER}"
MAX_ANSWER = 30  # seconds in which ffmpeg tells its version, also on a machine that is busy
MAX_TEXT = 8_000  # characters; operating systems limit the length of arguments
VP9 = ("-c:v", "libvpx-vp9", "-crf", "20", "-b:v", "0", "-row-mt", "1", "-deadline", "good", "-cpu-used", "2")


def write_mp4(file: BinaryIO, frames: Iterable[Frame], job: Job) -> Written:
    """Write `frames` to `file` as H.264, with the index first, so that playback can start during a download.

    Raises UsageError if a frame is not opaque, DependencyError if there is no ffmpeg, OutputError if it fails.
    """
    return _write(file, frames, job, (*H264, "-movflags", "+faststart", "-f", "mp4"))


def write_webm(file: BinaryIO, frames: Iterable[Frame], job: Job) -> Written:
    """Write `frames` to `file` as VP9. Raises the same errors as `write_mp4`."""
    return _write(file, frames, job, (*VP9, "-f", "webm"))


def _write(file: BinaryIO, frames: Iterable[Frame], job: Job, codec: tuple[str, ...]) -> Written:
    program, written, png = need_ffmpeg(), Written(), BytesIO()
    transparent = len(job.palette.colors)
    parts = patches(_opaque(counted(frames, written)), job.palette.indices, transparent)
    write_patches(png, _split_last(parts), replace(job, loop=1, alt="", description="", comment=""), transparent)
    with temporary_folder() as folder:
        video = folder / "film"
        command = [program, "-v", "error", "-y", "-f", "apng", "-i", "-", *_options(job), *codec, str(video)]
        _run(command, png.getbuffer())
        if not video.is_file() or not video.stat().st_size:
            raise OutputError(f"{program} has made no video, and does not say why; {ANOTHER}")
        with video.open("rb") as encoded:
            copyfileobj(encoded, file)
    written.bytes = file.tell()
    return written


def _options(job: Job) -> tuple[str, ...]:
    """Return options for even sides, padded with background, for the colour space, and for the texts."""
    width, height = (side + side % 2 for side in job.size)
    background = bytes(job.palette.colors[0]).hex()
    filters = f"pad={width}:{height}:0:0:0x{background},{BT709}"
    texts = {"comment": job.comment, "title": job.alt, "description": job.description}
    metadata = (
        part
        for key, text in texts.items()
        for part in ("-metadata", f"{key}={remove_control_characters(text)[:MAX_TEXT]}")
    )
    return ("-vf", filters, *COMMON, *metadata)


def _opaque(frames: Iterable[Frame]) -> Iterator[Frame]:
    """Yield `frames` unchanged. Raises UsageError if one is not opaque."""
    for frame in frames:
        if not is_opaque(frame):
            raise UsageError("a video has no transparent background: choose another theme, or write .webp or .png")
        yield frame


def _split_last(parts: Iterable[Patch]) -> Iterator[Patch]:
    """Yield `parts`, the last one split before its last 1/100 s, since a video ends when its last frame begins."""
    last: Patch | None = None
    for part in parts:
        if last is not None:
            yield last
        last = part
    if last is not None:
        end = Patch(last.left, last.top, last.pixels[:1, :1], last.has_transparency, 1)
        last.duration = max(last.duration - 1, 1)
        yield from (last, end)


def need_ffmpeg() -> str:
    """Return the path of ffmpeg: in $IMAGEIO_FFMPEG_EXE, else that of imageio-ffmpeg, of Conda or of the system.

    Raises DependencyError if there is none, or it does not run or is too old.
    """
    try:
        import imageio_ffmpeg

        program = str(imageio_ffmpeg.get_ffmpeg_exe())
    except ImportError as error:
        raise DependencyError(f"imageio-ffmpeg does not load ({error}): pip install -U imageio-ffmpeg") from None
    except RuntimeError:
        raise DependencyError("no ffmpeg for videos: install ffmpeg, or set IMAGEIO_FFMPEG_EXE to its path") from None
    _check_version(program)
    return program


@lru_cache  # of those that are as they should be
def _check_version(program: str) -> None:
    """Raise DependencyError if a program is no ffmpeg, or one that is too old; development builds do not tell."""
    done = _start([program, "-version"], timeout=MAX_ANSWER)
    words = done.stdout.decode(errors="replace")
    if done.returncode or not re.match("ffmpeg version ", words):
        raise DependencyError(f"{program} is no ffmpeg that runs ({_fault(done)}); {OTHER}")
    found = re.match(r"ffmpeg version n?(\d+)\.(\d+)\S*", words)
    if found and (int(found[1]), int(found[2])) < MIN_FFMPEG:
        raise DependencyError(
            f"{program} is {found[0].replace(' version', '')}: videos need {'.'.join(map(str, MIN_FFMPEG))} or later; "
            f"{OTHER}"
        )


def _run(command: list[str], data: bytes | memoryview) -> None:
    """Run ffmpeg with an input. Raises OutputError with the first fault that it prints if it fails."""
    done = _start(command, data)
    if done.returncode:
        raise OutputError(f"{command[0]} cannot make the video: {_fault(done)}; try another format, or {ANOTHER}")


def _start(
    command: list[str], data: bytes | memoryview = b"", timeout: float | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run ffmpeg with an input. Raises DependencyError if it does not start, or is not over in `timeout` seconds."""
    try:
        # No shell; all arguments are fixed, except the path of the program and values after "-metadata KEY=".
        return subprocess.run(command, input=data, capture_output=True, check=False, timeout=timeout)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise DependencyError(f"{command[0]} does not tell its version in {MAX_ANSWER} s; {OTHER}") from None
    except OSError as error:
        raise DependencyError(f"cannot run {command[0]} for videos: {error.strerror}; install ffmpeg anew") from None


def _fault(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return what ffmpeg says first, the cause of what follows; without words, how it ended."""
    lines = [line for line in done.stderr.decode(errors="replace").splitlines() if line.strip()]
    ended = signal.strsignal(-done.returncode) if done.returncode < 0 else None
    words = lines[0] if lines else ended or (f"status {done.returncode}" if done.returncode else "no version")
    return remove_control_characters(re.sub(r"^\[[^]]* @ 0x[0-9a-f]+\] ", "", words)).strip(" .")
