"""The four IDX files of a data set: the places where they are looked for, and the spellings of their names."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import platformdirs

from dropviz._util.paths import user_path
from dropviz.errors import DataError, UsageError
from dropviz.experiments.experiment import Experiment

# torchvision's class of each data set. Its name is also that of the folder that it downloads to.
TORCHVISION = {"fashion-mnist": "FashionMNIST", "mnist": "MNIST", "kmnist": "KMNIST"}
RAW = "raw"  # the folder inside it that has the files
IDX_FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
# Mirrors also write train-images.idx3-ubyte and test-images-idx3-ubyte.
SPELLING = re.compile(r"(train|t10k|test)[-_.](images|labels)[-_.](?:idx[13][-_.]?)?(?:ubyte)?(?:\.gz)?", re.IGNORECASE)
DEBIAN_FOLDER = Path("/usr/share/datasets")


def data_folder(data_dir: str | Path | None, experiments: Iterable[Experiment]) -> Path | None:
    """Return the folder of data that the user named, if any; raise UsageError if none of the experiments reads one."""
    if data_dir is None:
        return None
    chosen = list(experiments)
    if not any(each.data in TORCHVISION for each in chosen):
        raise UsageError(f"experiment {chosen[0].name!r} is of digits, which need no folder: leave out --data-dir")
    return user_path(data_dir)


def find_folder(name: str, data_dir: Path | None = None) -> Path | None:
    """Find the four IDX files of `name`, gzipped or not, in `data_dir`, or else DROPVIZ_DATA, the cache or Debian's.

    None if there are none. Raises DataError if a folder that the user named has some of the files, or if `data_dir`
    has others instead.
    """
    for top in [data_dir] if data_dir else [*named_places(), cache(), DEBIAN_FOLDER]:
        named = top == data_dir or top in named_places()
        for folder in _folders(top, name, bare=named):
            found = idx_files(folder)
            if len(found) == len(IDX_FILES):
                return folder
            if named and found and folder.name != RAW:  # torchvision goes on with a download there
                missing = next(file for file in IDX_FILES if file not in found)
                raise DataError(f"{folder} holds not all of the four IDX files of {name}: {missing} is missing")
    if data_dir and not _takes_downloads(data_dir):
        raise DataError(
            f"{data_dir} does not hold {name}: it must hold the four files {IDX_FILES[0]} …, gzipped or not, itself or "
            f"in a folder {name}; leave out --data-dir to look for them in the usual places"
        )
    return None


def _folders(top: Path, name: str, *, bare: bool) -> Iterator[Path]:
    """Yield the folders of a place that may hold a data set: those of its name, however that is written.

    IDX files do not name their data set: with `bare`, where the user named the place, it may hold them itself, unless
    it has the name of another set.
    """
    *_, above, own = ("", *top.absolute().parts)
    own = _plain(above if own == RAW else own)
    if bare and own not in {_plain(other) for other in TORCHVISION if other != name}:
        yield from (top, top / RAW)
    inside = [each for each in (top.iterdir() if os.path.isdir(top) else []) if _plain(each.name) == _plain(name)]
    for each in sorted(inside, key=lambda each: (each.name != name, each.name != TORCHVISION[name], each.name)):
        yield from (each, each / RAW)


def _plain(name: str) -> str:
    return re.sub(r"[-_ ]", "", name).lower()


def named_places(data_dir: Path | None = None) -> list[Path]:
    """Return the places that the user named."""
    variable = os.environ.get("DROPVIZ_DATA")
    return [user_path(place) for place in (data_dir, variable) if place]


def cache() -> Path:
    """Return the folder of downloads."""
    return platformdirs.user_cache_path("dropviz") / "data"


def idx_files(folder: Path) -> dict[str, list[Path]]:
    """Return the IDX files in a folder by torchvision's names of them, the one to read first.

    Programs that unpack an archive may put each file into a folder of its name. Of files of one name, plain ones come
    before gzipped ones; those that were unpacked from another in the list are not in it.
    """
    inside = [*_spelled(folder)]
    files = [*inside, *(file for _name, each in inside for file in _spelled(each))]
    found: dict[str, dict[str, Path]] = {}
    for name, path in sorted(files, key=lambda file: file[1].suffix.lower() == ".gz"):
        if os.path.isfile(path):
            found.setdefault(name, {}).setdefault(path.name.lower().removesuffix(".gz"), path)
    return {name: [*spellings.values()] for name, spellings in found.items()}


def _spelled(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield torchvision's name and the path of each file and folder in a folder that has the name of an IDX file."""
    for path in sorted(folder.iterdir()) if os.path.isdir(folder) else []:
        if match := SPELLING.fullmatch(path.name):
            yield _name(match), path


def _name(match: re.Match[str]) -> str:
    part, kind = match[1].lower().replace("test", "t10k"), match[2].lower()
    return f"{part}-{kind}-idx{3 if kind == 'images' else 1}-ubyte"


def _takes_downloads(folder: Path) -> bool:
    """Return whether a folder is new or empty, or already has a download of torchvision."""
    if not os.path.isdir(folder):
        return not os.path.lexists(folder)
    names = {each.name for each in folder.iterdir()}
    return not names or not names.isdisjoint(TORCHVISION.values())
