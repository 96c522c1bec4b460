"""Data sets as tensors in memory: the embedded digits, and torchvision's sets of small grey images."""

import gzip
import os
import shutil
import tempfile
import zlib
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import torch
from numpy.typing import NDArray
from torch import Tensor

from dropviz.errors import DataError, DependencyError, reason

# torchvision's class of each data set. The class also names the folder that it downloads to.
TORCHVISION = {"fashion-mnist": "FashionMNIST", "mnist": "MNIST", "kmnist": "KMNIST"}
IDX_FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
DEBIAN_FOLDER = Path("/usr/share/datasets")
DIGITS_FOR_TRAINING = 1_000


@dataclass(frozen=True, eq=False)
class DataSet:
    """Grey images, uint8 [rows, height, width] from 0 to `white`, and their labels, int64 [rows].

    `own_split` is False where the set comes in one piece: then `train_images` is all of it, and the split is drawn.
    """

    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.int64]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    white: int
    own_split: bool = True

    @property
    def default_train_size(self) -> int:
        """How many images are trained on where an experiment does not say."""
        return len(self.train_labels) if self.own_split else DIGITS_FOR_TRAINING


@dataclass(frozen=True, eq=False)
class Split:
    """What one seed trains, chooses settings and tests on.

    Images are float32 [rows, pixels] from 0 to 1, labels int64 [rows]; where none are held out, validation has no rows.
    `train_index` int [rows] says where in the data set's `train_images` each training row stands.
    """

    train_images: Tensor
    train_labels: Tensor
    test_images: Tensor
    test_labels: Tensor
    validation_images: Tensor
    validation_labels: Tensor
    train_index: NDArray[np.int64]

    def to(self, device: torch.device) -> "Split":
        """The same split on another device."""
        parts = {name: value for name, value in vars(self).items() if isinstance(value, Tensor)}
        moved: dict[str, Any] = {name: value.to(device) for name, value in parts.items()}
        return replace(self, **moved)


def split(dataset: DataSet, train_size: int | None, label_noise: float, seed: int, validation_size: int = 0) -> Split:
    """Draw the training rows of one seed, and draw a share `label_noise` of their labels again, uniformly.

    A label drawn again may come out the same. The last `validation_size` of the images that a data set has for training
    are held out, with as noisy labels: so all training sets of a seed, however large, have the same beside them.
    DataError if the data set has not that many training images.
    """
    random = np.random.default_rng([seed, 0])
    order = random.permutation(len(dataset.train_labels))
    most = (len(order) if dataset.own_split else len(order) - 1) - validation_size
    size = train_size or min(dataset.default_train_size, max(most, 1))
    if most < 1:
        raise DataError(
            f"validation_size is {validation_size:,}: must leave some of the {len(order):,} training images"
        )
    if size > most:
        held = f" that are left beside {validation_size:,} for validation" if validation_size else " of the data set"
        raise DataError(f"train_size is {size:,}: must be at most the {max(most, 0):,} training images{held}")
    until = len(order) - validation_size
    # However few are trained on, all training sets of a seed are tested on the same images.
    chosen, rest, held_out = order[:size], order[max(size, min(DIGITS_FOR_TRAINING, most)) : until], order[until:]
    labels = _redraw(dataset, chosen, label_noise, random)
    validation_labels = _redraw(dataset, held_out, label_noise, np.random.default_rng([seed, 0, 1]))
    test_images, test_labels = dataset.test_images, dataset.test_labels
    if not dataset.own_split:
        test_images, test_labels = dataset.train_images[rest], dataset.train_labels[rest]
    return Split(
        _scale(dataset.train_images[chosen], dataset.white),
        torch.from_numpy(labels),
        _scale(test_images, dataset.white),
        torch.from_numpy(test_labels),
        _scale(dataset.train_images[held_out], dataset.white),
        torch.from_numpy(validation_labels),
        chosen,
    )


def _redraw(dataset: DataSet, rows: NDArray[np.int64], share: float, random: np.random.Generator) -> NDArray[np.int64]:
    """The labels of these rows of the training images, a share of them drawn again."""
    labels = dataset.train_labels[rows]
    again = random.permutation(len(rows))[: round(share * len(rows))]
    labels[again] = random.integers(0, len(dataset.class_names), len(again))
    return labels


def _scale(images: NDArray[np.uint8], white: int) -> Tensor:
    return torch.from_numpy(images).flatten(1).float().div_(white)


def load_data(name: str, data_dir: Path | None = None) -> DataSet:
    """Load a data set; see `find_folder` for where its files are looked for."""
    if name == "digits":
        return _load_digits()
    folder = find_folder(name, data_dir)
    if folder is None:
        return _download(name, data_dir)
    with tempfile.TemporaryDirectory(prefix="dropviz-") as root:
        _lay_out_for_torchvision(folder, Path(root) / TORCHVISION[name] / "raw")
        return _load_torchvision(name, Path(root), folder)


def _load_digits() -> DataSet:
    """scikit-learn's digits, from the file that its own loader reads: importing the package for it takes 0.7 s."""
    package = find_spec("sklearn")
    if package is None or package.origin is None:
        raise DependencyError("the digits come with scikit-learn, which is not installed: pip install scikit-learn")
    file = Path(package.origin).parent / "datasets" / "data" / "digits.csv.gz"
    try:
        table = np.loadtxt(file, np.uint8, delimiter=",")
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise DataError(f"cannot read {file}: {reason(error)}; install scikit-learn again") from None
    images, labels = table[:, :-1].reshape(-1, 8, 8), table[:, -1].astype(np.int64)
    return DataSet(images, labels, images[:0], labels[:0], tuple("0123456789"), white=16, own_split=False)


def find_folder(name: str, data_dir: Path | None = None) -> Path | None:
    """The folder with the four IDX files of `name`, gzipped or not: `data_dir`, DROPVIZ_DATA, the cache, Debian's."""
    for top in _places(data_dir):
        for folder in (top, top / name, top / TORCHVISION[name], top / TORCHVISION[name] / "raw"):
            # A bare folder of IDX files says nothing of which set it is; trust it only where the user named it.
            named = folder != top or top in _named_places(data_dir)
            if named and all(_idx_file(folder, file) for file in IDX_FILES):
                return folder
    return None


def _named_places(data_dir: Path | None) -> list[Path]:
    variable = os.environ.get("DROPVIZ_DATA")
    return [Path(place) for place in (data_dir, variable) if place]


def _places(data_dir: Path | None) -> list[Path]:
    return [*_named_places(data_dir), _cache(), DEBIAN_FOLDER]


def _cache() -> Path:
    return platformdirs.user_cache_path("dropviz") / "data"


def _idx_file(folder: Path, file: str) -> Path | None:
    candidates = (folder / file, folder / f"{file}.gz")
    return next((path for path in candidates if os.path.isfile(path)), None)


def _lay_out_for_torchvision(folder: Path, raw: Path) -> None:
    """Unpack or link the files of `folder` where torchvision looks for them."""
    raw.mkdir(parents=True)
    for file in IDX_FILES:
        source = _idx_file(folder, file)
        if source is None:
            raise DataError(f"{folder / file} is gone")
        try:
            if source.suffix == ".gz":
                with gzip.open(source) as packed, (raw / file).open("wb") as plain:
                    shutil.copyfileobj(packed, plain)
            else:
                (raw / file).symlink_to(source.resolve())
        except (OSError, EOFError, ValueError, zlib.error) as error:
            raise DataError(f"cannot read {source}: {error}; get the data set again") from None


def _torchvision_class(name: str) -> Any:
    try:
        from torchvision import datasets
    except (ImportError, RuntimeError, AttributeError) as error:
        # With builds that do not match, torchvision fails on an operator that this torch does not have.
        raise DependencyError(
            f"torch {torch.__version__} and torchvision do not work together ({reason(error)}): "
            "install builds that match: pip install --force-reinstall torch torchvision"
        ) from None
    return getattr(datasets, TORCHVISION[name])


def _load_torchvision(name: str, root: Path, source: Path) -> DataSet:
    cls = _torchvision_class(name)
    try:
        train, test = cls(root, train=True), cls(root, train=False)
    except Exception as error:  # noqa: BLE001  # what torchvision raises on a damaged file depends on the damage
        raise DataError(f"the IDX files in {source} are damaged ({reason(error)}): get the data set again") from None
    dataset = DataSet(
        train.data.numpy(),
        train.targets.numpy(),
        test.data.numpy(),
        test.targets.numpy(),
        _class_names(train),
        white=255,
    )
    _check(dataset, source)
    return dataset


def _class_names(train: Any) -> tuple[str, ...]:
    # torchvision calls MNIST's classes "0 - zero"; the first word is enough on a picture.
    return tuple(name.split(" - ")[0] for name in train.classes)


def _check(dataset: DataSet, source: Path) -> None:
    parts = ((dataset.train_images, dataset.train_labels), (dataset.test_images, dataset.test_labels))
    for images, labels in parts:
        if images.ndim != 3 or len(images) != len(labels) or not len(labels):
            raise DataError(f"the IDX files in {source} do not fit: {len(images):,} images, {len(labels):,} labels")
        if images.shape[1:] != dataset.train_images.shape[1:]:
            raise DataError(f"the images in {source} are not all of one size")
        if labels.min() < 0 or labels.max() >= len(dataset.class_names):
            raise DataError(f"the labels in {source} are not all from 0 to {len(dataset.class_names) - 1}")


def _download(name: str, data_dir: Path | None) -> DataSet:
    """torchvision's own download, which shows its progress, into the first place of `find_folder`'s order."""
    root = next(iter([*_named_places(data_dir), _cache()]))
    cls = _torchvision_class(name)
    try:
        cls(root, train=True, download=True)
    except Exception as error:  # noqa: BLE001  # network, disk and server errors of several libraries
        lines = str(error).splitlines() or [type(error).__name__]
        why = " ".join(dict.fromkeys((lines[0], lines[-1])))  # torchvision says the cause in the last line
        raise DataError(
            f"no {name} here, and its download failed ({why}): give a folder that holds its four IDX files "
            f"with --data-dir or DROPVIZ_DATA, put them into {_cache() / name}, "
            f"{'apt-get install dataset-fashion-mnist, ' if name == 'fashion-mnist' else ''}"
            "or use --experiment digits, which needs no download"
        ) from None
    return _load_torchvision(name, root, root / TORCHVISION[name] / "raw")
