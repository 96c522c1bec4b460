"""The measurements. Each returns rows: what was measured, the value, and the target if there is one."""

import os
import shutil
import subprocess
import sys
import time
import zlib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from PIL import Image, ImageSequence

import dropviz
from benchmarks import seed
from benchmarks.measure import best_rate, in_turn, python
from benchmarks.rows import Rows, row
from benchmarks.work import MASKS, PLAY, long_recordings, network_recording, write_frames
from dropviz.experiments.presets import PRESETS

FASHION = Path("/usr/share/datasets/fashion-mnist")


def cores() -> set[int]:
    """The cores this process may use."""
    return os.sched_getaffinity(0)


def versions() -> str:
    """The versions that the figures hold for."""
    found = []
    for name in ("dropviz", "torch", "matplotlib", "pillow", "numpy", "gif", "imageio"):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} missing")
    return ", ".join(found)


def _printed(command: list[str]) -> list[float]:
    """The numbers that a process prints."""
    return [float(word) for word in subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()]


def _digits(folder: Path) -> Path:
    """Recordings of the default experiment, with a few more snapshots: 120 are left after the warm-up."""
    if not (folder / "digits").exists():
        for recording in dropviz.train(PRESETS["digits"].replace(snapshot_every=4), device="cpu"):
            recording.save(folder / "digits" / f"{recording.arm}-{recording.seed}.npz")
    return folder / "digits"


def accuracy(folder: Path, rounds: int) -> Rows:
    """120 frames of four curves at 1280x720, against the usual ways of drawing them."""
    recordings = _digits(folder)
    ways = ["dropviz", "gif_package", "funcanimation"]
    taken: dict[str, list[float]] = {way: [] for way in ways}
    memory = dict.fromkeys(ways, 0.0)
    for _round in range(rounds):
        for way in ways:
            out = folder / f"{way}.gif"
            seconds, peak = _printed(python("benchmarks.draw", way, "accuracy", str(recordings), str(PLAY), str(out)))
            taken[way].append(seconds)
            memory[way] = max(memory[way], peak)
    size = {way: (folder / f"{way}.gif").stat().st_size for way in ways}
    ours = median(taken["dropviz"])
    rows = [row(f"accuracy, {PLAY} frames: {way}", _drawn(median(taken[way]), size[way], memory[way])) for way in ways]
    rows += [
        row("time of gif.frame + gif.save / ours", f"{median(taken['gif_package']) / ours:.1f}", "40 or more"),
        row(
            "time of FuncAnimation + PillowWriter / ours", f"{median(taken['funcanimation']) / ours:.1f}", "30 or more"
        ),
        row("our bytes / gif.save's", f"{size['dropviz'] / size['gif_package']:.2f}", "0.15 or less"),
        row("pixels that differ from gif's by more than 48 of 255, frames in step", _content(folder)),
    ]
    return rows + _gifsicle(folder, folder / "dropviz.gif", "accuracy")


def _drawn(seconds: float, size: int, memory: float) -> str:
    return f"{seconds:.2f} s, {size:,} bytes, {memory / 1e6:.0f} MB"


def _content(folder: Path) -> str:
    """How far our decoded frames are from those of `gif`, pixel by pixel, in the frames that both have."""
    pairs = zip(*(_frames(folder / f"{way}.gif") for way in ("dropviz", "gif_package")), strict=False)
    shares = [(np.abs(a.astype(int) - b.astype(int)).max(axis=2) > 48).mean() for a, b in pairs]
    return f"{100 * float(np.mean(shares)):.2f}% of {len(shares)} frames' pixels"


def _frames(path: Path) -> list[Any]:
    """Decoded frames, each as often as it lasts turns of 1/15 s: writers merge frames that are alike."""
    with Image.open(path) as image:
        turns = [
            (np.asarray(frame.convert("RGB")), max(round(frame.info["duration"] * 15 / 1000), 1))
            for frame in ImageSequence.Iterator(image)
        ]
    return [pixels for pixels, often in turns for _turn in range(often)][:PLAY]


def _gifsicle(folder: Path, path: Path, name: str) -> Rows:
    program = shutil.which("gifsicle")
    if program is None:
        return [row(f"{name}: gifsicle -O3 of our file", "missing")]
    packed = folder / "packed.gif"
    subprocess.run([program, "-O3", "--no-warnings", str(path), "-o", str(packed)], check=True)
    ratio = path.stat().st_size / packed.stat().st_size
    return [row(f"{name}: our bytes / gifsicle -O3 of our file", f"{ratio:.3f}", "1.05 or less")]


def network(folder: Path, rounds: int) -> Rows:
    """60 masks of a 5-5-5-5 network at 1280x720, against other encoders on the same frames."""
    recording = network_recording()
    recordings, frames = folder / "network", folder / "network-frames"
    recording.save(recordings / "run.npz")
    out = folder / "network.gif"
    command = python("benchmarks.draw", "dropviz", "network", str(recordings), str(MASKS), str(out))
    seconds = median(_printed(command)[0] for _round in range(rounds))
    write_frames("network", [recording], MASKS, frames)
    ours = out.stat().st_size
    rows = [
        row("network 5-5-5-5, 60 masks: frames a second, all in all", f"{MASKS / seconds:.0f}", "100 or more"),
        row("network: our bytes", f"{ours:,}"),
    ]
    for name, size, target in _other_encoders(folder, sorted(frames.glob("*.png"))):
        value = "missing" if size is None else f"{ours / size:.2f} (of {size:,})"
        rows.append(row(f"network: our bytes / {name}", value, target))
    return rows + _gifsicle(folder, out, "network")


def _other_encoders(folder: Path, frames: list[Path]) -> list[tuple[str, int | None, str]]:
    images = [Image.open(frame).convert("RGB") for frame in frames]
    sheet = Image.new("RGB", (1280, 720 * 3))
    for place, number in enumerate((0, len(images) // 2, -1)):
        sheet.paste(images[number], (0, 720 * place))
    palette = sheet.quantize(255, dither=Image.Dither.NONE)
    flat = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
    plain = folder / "pillow.gif"
    flat[0].save(plain, save_all=True, append_images=flat[1:], duration=400, loop=0)
    gifsicle, gifski, ffmpeg = (shutil.which(name) for name in ("gifsicle", "gifski", "ffmpeg"))
    pattern = str(frames[0].parent / "%05d.png")
    out = folder / "other.gif"
    filters = "split[a][b];[a]palettegen[p];[b][p]paletteuse=dither=none"
    return [
        ("Pillow, 255 colours", plain.stat().st_size, ""),
        ("gifsicle -O3 of 255 colours", _size(out, gifsicle, "-O3", str(plain), "-o", str(out)), "0.5 or less"),
        (
            "gifski, default quality",
            _size(out, gifski, "-q", "--fps", "2.5", "-W", "1280", "-H", "720", "-o", str(out), *map(str, frames)),
            "0.5 or less",
        ),
        (
            "ffmpeg palettegen",
            _size(out, ffmpeg, "-y", "-framerate", "2.5", "-i", pattern, "-vf", filters, str(out)),
            "",
        ),
        ("imageio", _imageio(out, images), ""),
    ]


def _size(out: Path, program: str | None, *args: str) -> int | None:
    if program is None:
        return None
    subprocess.run([program, *args], check=True, capture_output=True)
    return out.stat().st_size


def _imageio(out: Path, images: list[Any]) -> int | None:
    try:
        import imageio.v3 as imageio
    except ImportError:
        return None
    imageio.imwrite(out, np.stack([np.asarray(image) for image in images]), duration=400, loop=0)
    return out.stat().st_size


def scaling(folder: Path, rounds: int) -> Rows:
    """5,000 frames against 50: time of a frame, and memory."""
    few = {"accuracy": [dropviz.load(path) for path in sorted(_digits(folder).glob("*1.npz"))]}
    rows = []
    for name in ("accuracy", "network"):
        taken: dict[int, list[float]] = {50: [], 5_000: []}
        memory = dict.fromkeys(taken, 0.0)
        for frames in taken:
            runs = long_recordings(few["accuracy"], frames) if name == "accuracy" else [network_recording(frames)]
            for number, run in enumerate(runs):
                run.save(folder / f"{name}-{frames}" / f"{number}.npz")
        for _round in range(min(rounds, 3)):
            for frames, seconds in taken.items():
                where, out = folder / f"{name}-{frames}", folder / "long.gif"
                printed = _printed(python("benchmarks.draw", "dropviz", name, str(where), str(frames), str(out)))
                seconds.append(printed[0] / frames)
                memory[frames] = max(memory[frames], printed[1])
        ratio = median(taken[5_000]) / median(taken[50])
        more = (memory[5_000] - memory[50]) / 1e6
        each = f"{1e3 * median(taken[5_000]):.1f} ms against {1e3 * median(taken[50]):.1f} ms"
        rows.append(row(f"{name}, 5,000 frames / 50: time of a frame", f"{ratio:.2f} ({each})", "1.2 or less"))
        rows.append(row(f"{name}, 5,000 frames - 50: peak memory", f"{more:.0f} MB", "100 MB or less"))
    return rows


def start(folder: Path, rounds: int) -> Rows:
    """Whole processes: the help, drawing from recordings, and everything from nothing."""
    recordings = _digits(folder)
    draw = ["animate", "--compare", str(recordings), "-o", str(folder / "start.gif")]
    times = in_turn(
        {
            "click": [sys.executable, "-c", "import click"],
            "help": python("dropviz", "--help"),
            "matplotlib": [sys.executable, "-c", "import matplotlib"],
            "draw": python("dropviz", *draw),
        },
        rounds,
    )
    more = times["draw"].median - times["matplotlib"].median
    rows = [
        row("dropviz --help / import click", f"{times['help'].median / times['click'].median:.2f}", "2 or less"),
        row("drawing from recordings, cold, beyond importing matplotlib", f"{more:.2f} s", "1.5 s or less"),
    ]
    seconds = []
    for number in range(min(rounds, 3)):
        where = folder / f"cold-{number}"
        where.mkdir()
        begin = time.perf_counter()
        subprocess.run(
            python("dropviz", "animate", "--compare"), cwd=where, check=True, capture_output=True, env=_here()
        )
        seconds.append(time.perf_counter() - begin)
    return [*rows, row("dropviz animate --compare, cold, ten runs trained", f"{median(seconds):.1f} s")]


def _here() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path.cwd())}


def training(folder: Path, rounds: int) -> Rows:
    """Both arms of fashion-mnist with their snapshots, against the usual way, and the rate reached."""
    if not FASHION.is_dir():
        return [row("training on Fashion-MNIST", "missing: apt-get install dataset-fashion-mnist")]
    from dropviz.training.data import _lay_out_for_torchvision

    _lay_out_for_torchvision(FASHION, folder / "FashionMNIST" / "raw")
    epochs = PRESETS["fashion-mnist"].epochs
    ours, usual, rates = [], [], []
    for _round in range(rounds):
        arms = _at_once([python("benchmarks.seed", "dropviz", str(epochs), arm) for arm in "01"])
        ours.append(max(seconds for seconds, _, _ in arms))
        rates.append(sum(seed.flops(int(iterations), int(snapshots)) for _, iterations, snapshots in arms) / ours[-1])
        seconds, iterations, _ = _printed(python("benchmarks.seed", "usual", "1", str(folder)))
        usual.append(2 * seconds * epochs * 235 / iterations)
    return [
        row(f"fashion-mnist, both arms side by side, {epochs} epochs", f"{median(ours):.2f} s"),
        row(f"the usual way, both arms, {epochs} epochs (from 1 epoch of one)", f"{median(usual):.1f} s"),
        row("time of the usual way / ours", f"{median(usual) / median(ours):.1f}", "7 or more"),
        row("rate reached / rate of matrix products", f"{median(rates) / matrix_rate(2):.2f}", "0.70 or more"),
    ]


def _at_once(commands: list[list[str]]) -> list[list[float]]:
    """The numbers that processes print which run at the same time."""
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
    return [[float(word) for word in process.communicate()[0].split()] for process in running]


def recording(_folder: Path, rounds: int) -> Rows:
    """Training with and without keeping masks."""
    import torch

    from dropviz.training import load_data, train_run

    experiment = PRESETS["digits"]
    digits, device = load_data("digits"), torch.device("cpu")
    taken: dict[int, list[float]] = {experiment.recorded_iterations: [], 0: []}
    for _round in range(rounds + 1):
        for kept, seconds in taken.items():
            begin = time.perf_counter()
            train_run(experiment.replace(recorded_iterations=kept), experiment.arms[1], 1, digits, device)
            seconds.append(time.perf_counter() - begin)
    ratio = median(taken[experiment.recorded_iterations][1:]) / median(taken[0][1:])
    return [row("recording on / off, default experiment", f"{ratio:.3f}", "1.05 or less")]


def matrix_rate(threads: int, rounds: int = 5) -> float:
    """Floating-point operations a second of a product of two 1024x1024 matrices in single precision."""
    import torch

    torch.set_num_threads(threads)
    a, b = torch.randn(1024, 1024), torch.randn(1024, 1024)

    def once() -> float:
        begin = time.perf_counter()
        for _ in range(20):
            a @ b
        return 20 * 2 * 1024**3 / (time.perf_counter() - begin)

    return best_rate(once, rounds)


def limits(_folder: Path, rounds: int) -> Rows:
    """What the machine can do at best: the floor under every figure above."""
    frame = np.random.default_rng(0).integers(0, 256, (720, 1280, 4), np.uint8)
    copy = np.empty_like(frame)
    tones = Image.fromarray(np.kron(frame[::8, ::8, 0] & 15, np.ones((8, 8), np.uint8)))

    def rate(work: Any, amount: float) -> float:
        def once() -> float:
            begin = time.perf_counter()
            work()
            return amount / (time.perf_counter() - begin)

        return best_rate(once, 2 * rounds - 1)

    return [
        row("matrix products, fp32, one thread", f"{matrix_rate(1, rounds) / 1e9:.0f} GFLOP/s"),
        row("matrix products, fp32, two threads", f"{matrix_rate(2, rounds) / 1e9:.0f} GFLOP/s"),
        row("copying a frame", f"{rate(lambda: np.copyto(copy, frame), frame.nbytes) / 1e9:.1f} GB/s"),
        row("comparing two frames", f"{rate(lambda: frame != copy, frame.nbytes) / 1e9:.1f} GB/s"),
        row(
            "LZW, blocks of 16 tones", f"{rate(lambda: tones.tobytes('gif', 'L', 5, 0), 1280 * 720) / 1e6:.0f} Mpixel/s"
        ),
        row("zlib, noise", f"{rate(lambda: zlib.compress(frame[:90].tobytes()), frame[:90].nbytes) / 1e6:.0f} MB/s"),
    ]
