"""The fuzz targets by name: each is a function of a random generator that makes an input and returns what reads it."""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import dropviz
from dropviz.recording import load
from dropviz.recording.npz import read_arrays

from . import hostile

OLD = Path(__file__).parents[1] / "old_recordings"
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  # a folder in memory, for speed
Target = Callable[..., Callable[[], object]]


def charts(_folder: Path, recordings) -> Target:
    """Odd recordings, drawn with all charts."""
    from .charts import chart_target

    return chart_target(recordings)


def headers(folder: Path, _recordings) -> Target:
    """Headers of .npy files, each in a .npz."""
    path = folder / "a.npz"

    def prepare(rng):
        path.write_bytes(hostile.packed([("header.npy", hostile.npy_header(rng))], 0))
        return partial(load, path)

    return prepare


def recordings(folder: Path, recordings) -> Target:
    """Whole recordings, read and inspected."""
    from dropviz.cli.inspect import _lines, summarise

    whole = []
    for number, run in enumerate(recordings):
        path = run.save(folder / f"{number}.npz")
        whole.append((read_arrays(path), path.read_bytes()))
    whole += [(read_arrays(path), path.read_bytes()) for path in sorted(OLD.glob("*.npz"))]
    path = folder / "a.npz"

    def read() -> None:
        list(_lines(summarise(load(path))))

    def prepare(rng):
        path.write_bytes(hostile.recording_file(*hostile.choose(rng, whole), rng))
        return read

    return prepare


def experiments(folder: Path, _recordings) -> Target:
    """TOML files of experiments."""
    from dropviz.experiments.presets import PRESETS, find_experiment

    path, texts = folder / "a.toml", [preset.to_toml().encode() for preset in PRESETS.values()]

    def prepare(rng):
        path.write_bytes(hostile.toml_file(hostile.choose(rng, texts), rng))
        return partial(find_experiment, str(path))

    return prepare


def themes(folder: Path, _recordings) -> Target:
    """TOML files of themes."""
    from dropviz.style.theme import THEMES
    from dropviz.style.theme_file import choose_theme, to_toml

    path, texts = folder / "a.toml", [to_toml(theme).encode() for theme in THEMES.values()]

    def prepare(rng):
        path.write_bytes(hostile.toml_file(hostile.choose(rng, texts), rng))
        return partial(choose_theme, str(path))

    return prepare


def idx(folder: Path, _recordings) -> Target:
    """IDX files of images and labels."""
    from dropviz.training.data import load_data

    def prepare(rng):
        hostile.write(folder / "mnist", hostile.idx_files(rng))
        return partial(load_data, "mnist", folder)

    return prepare


def logs(folder: Path, _recordings) -> Target:
    """Logs to import."""

    def prepare(rng):
        name, data = hostile.log_file(rng)
        hostile.write(folder / "log", {name: data})
        return partial(dropviz.import_log, folder / "log" / name)

    return prepare


TARGETS: dict[str, Callable[[Path, list[dropviz.Recording]], Target]] = {
    target.__name__: target for target in (charts, headers, recordings, experiments, themes, idx, logs)
}


def make_target(name: str, recordings: list[dropviz.Recording]) -> Target:
    """Return a target, which reads small real recordings; its files are in a folder in memory, deleted at the end."""
    make_target.folder = tempfile.TemporaryDirectory(dir=MEMORY, prefix="dropviz-fuzz-")
    return TARGETS[name](Path(make_target.folder.name), recordings)
