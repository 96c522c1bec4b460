"""Animations of every format, as programs read them that did not write them."""

import json
import re
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
from conftest import need_program
from PIL import Image, ImageSequence

PDF_RESOLUTION = "96.3"  # pixels an inch: a layout of 540 points is 722 pixels high


@dataclass
class Film:
    """The decoded pictures as RGB arrays, and when each begins, and the whole ends, in hundredths of a second."""

    pictures: list[np.ndarray]
    starts: list[float]
    end: float


@cache
def watch(path: Path) -> Film:
    """Decode the file, or the numbered files, at `path`, which stay as they are."""
    if "%d" in path.name:
        return _watch_numbered(path)
    return _watch_webp(path) if path.suffix == ".webp" else _watch_by_ffmpeg(path)


def ask(path: Path, *what: str) -> dict:
    """What ffprobe says about a file."""
    command = [need_program("ffprobe"), "-v", "error", "-of", "json", *what, str(path)]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def webp_facts(path: Path) -> str:
    """What webpmux says about a file."""
    return subprocess.run(
        [need_program("webpmux"), "-info", str(path)], capture_output=True, text=True, check=True
    ).stdout


def _watch_by_ffmpeg(path: Path) -> Film:
    said = ask(path, "-show_entries", "packet=pts_time,duration_time:stream=width,height:format=duration")
    size = said["streams"][0]["height"], said["streams"][0]["width"]
    command = [need_program("ffmpeg"), "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24"]
    data = subprocess.run([*command, "-fps_mode", "passthrough", "-"], capture_output=True, check=True).stdout
    starts = sorted(100 * float(packet["pts_time"]) for packet in said["packets"])
    if path.suffix in (".mp4", ".webm"):
        end = 100 * float(said["format"]["duration"])
    else:
        end = 100 * float(sum(Fraction(packet["duration_time"]) for packet in said["packets"]))
    return Film(list(np.frombuffer(data, np.uint8).reshape(-1, *size, 3)), starts, end)


def _watch_webp(path: Path) -> Film:
    rows = re.findall(r"^ *\d+: +\d+ +\d+ +\w+ +\d+ +\d+ +(\d+)", webp_facts(path), re.MULTILINE)
    ends = np.cumsum([int(row) / 10 for row in rows] or [0.0])
    with Image.open(path) as image:
        pictures = [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(image)]
    return Film(pictures, [0.0, *ends[:-1]], float(ends[-1]))


def _watch_numbered(path: Path) -> Film:
    pictures = []
    while (file := Path(str(path).replace("%d", str(len(pictures))))).exists():
        if file.suffix == ".pdf":
            subprocess.run(
                [need_program("pdftoppm"), "-r", PDF_RESOLUTION, "-png", "-singlefile", file, file], check=True
            )
            file = Path(f"{file}.png")
        with Image.open(file) as image:
            pictures.append(np.asarray(image.convert("RGB")))
    return Film(pictures, [], 0.0)
