"""Data sets as tensors in memory: scikit-learn's digits, and torchvision's sets of small grey images."""

import gzip
import os
import zlib
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dropviz._util.temporary import locked, temporary_folder
from dropviz.errors import DataError, DependencyError, reason
from dropviz.experiments.experiment import Experiment
from dropviz.training.idx import read_idx
from dropviz.training.idx_files import RAW, TORCHVISION, cache, find_folder, idx_files, named_places

GZIP = b"\x1f\x8b"  # the first bytes of a gzipped file
DIGITS_FOR_TRAINING = 1_000


@dataclass(frozen=True, eq=False)
class DataSet:
    """Grey images and their labels.

    train_images, test_images  uint8 [rows, height, width], from 0 (black) to `white`
    train_labels, test_labels  int64 [rows]
    class_names                names of the classes, by label
    own_split                  False if the set has no test images of its own: each seed then splits `train_images`
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
        """Number of training images of an experiment without `train_size`."""
        return len(self.train_labels) if self.own_split else DIGITS_FOR_TRAINING


@dataclass(frozen=True, eq=False)
class Split:
    """Training, test and validation set of one seed.

    Images are float32 [rows, pixels] from 0 to 1, labels int64 [rows]; without a validation set, it has no rows.
    `train_index`, int [rows], holds the index of each training row in the `train_images` of the data set.
    """

    train_images: Tensor
    train_labels: Tensor
    test_images: Tensor
    test_labels: Tensor
    validation_images: Tensor
    validation_labels: Tensor
    train_index: NDArray[np.int64]

    def to(self, device: torch.device) -> "Split":
        """Return the split on another device."""
        parts = {name: value for name, value in vars(self).items() if isinstance(value, Tensor)}
        moved: dict[str, Any] = {name: value.to(device) for name, value in parts.items()}
        return replace(self, **moved)


def split(dataset: DataSet, train_size: int | None, label_noise: float, seed: int, validation_size: int = 0) -> Split:
    """Draw the training rows of one seed, and draw a share `label_noise` of their labels again, uniformly.

    A label that is drawn again may stay the same. The last `validation_size` images are held out, with as noisy labels:
    all training sets of a seed, of any size, have the same validation set. Raises DataError if the data set has too few
    training images.
    """
    rng = np.random.default_rng([seed, 0])
    order = rng.permutation(len(dataset.train_labels))
    available = (len(order) if dataset.own_split else len(order) - 1) - validation_size
    size = train_size or min(dataset.default_train_size, max(available, 1))
    _check_sizes(size, available, validation_size, len(order))
    end = len(order) - validation_size
    # Training sets of a seed have the same test set, whatever their size.
    chosen, rest, held_out = order[:size], order[max(size, min(DIGITS_FOR_TRAINING, available)) : end], order[end:]
    labels = _redraw(dataset, chosen, label_noise, rng)
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


class Splits:
    """Splits of a data set on a device. Runs that have the same share one."""

    def __init__(self, dataset: DataSet, device: torch.device) -> None:
        self.dataset, self.device = dataset, device
        self._made: dict[tuple[int | float | None, ...], Split] = {}

    def of(self, experiment: Experiment, seed: int) -> Split:
        """Return the split of a seed. Raises DataError as `split` does."""
        key = (experiment.train_size, experiment.label_noise, seed, experiment.validation_size)
        if key not in self._made:
            self._made[key] = split(self.dataset, *key).to(self.device)
        return self._made[key]


def _check_sizes(size: int, available: int, validation_size: int, total: int) -> None:
    if available < 1:
        raise DataError(f"validation_size is {validation_size:,}: must leave some of the {total:,} training images")
    if size > available:
        rest = f" that are left beside {validation_size:,} for validation" if validation_size else " of the data set"
        raise DataError(f"train_size is {size:,}: must be at most the {available:,} training images{rest}")


def _redraw(dataset: DataSet, rows: NDArray[np.int64], share: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the labels of these training rows, a share of them drawn again."""
    labels = dataset.train_labels[rows]
    redrawn = rng.permutation(len(rows))[: round(share * len(rows))]
    labels[redrawn] = rng.integers(0, len(dataset.class_names), len(redrawn))
    return labels


def _scale(images: NDArray[np.uint8], white: int) -> Tensor:
    return torch.from_numpy(images).flatten(1).float().div_(white)


def load_data(name: str, data_dir: Path | None = None) -> DataSet:
    """Load a data set from the folder of `find_folder`; download it if there is none."""
    if name == "digits":
        return _load_digits()
    folder = find_folder(name, data_dir)
    if folder is None:
        return _download(name, data_dir)
    with temporary_folder() as root:
        _lay_out_for_torchvision(folder, root / TORCHVISION[name] / RAW)
        return _load_torchvision(name, root, folder)


def _load_digits() -> DataSet:
    """Load scikit-learn's digits from its file; importing the package takes 0.7 s."""
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


def _lay_out_for_torchvision(folder: Path, raw: Path) -> None:
    """Check the files of `folder`, and write them where torchvision looks for them."""
    raw.mkdir(parents=True)
    for file, (source, *others) in idx_files(folder).items():
        data = _unpack(source)
        for other in others:
            if _unpack(other) != data:
                raise DataError(f"{source} and {other} differ, and only one of them can be {file}: move one away")
        (raw / file).write_bytes(data)


def _unpack(source: Path) -> bytes:
    """Return an IDX file, unpacked. Raises DataError if it is none."""
    try:
        with source.open("rb") as data:
            packed = data.read(2) == GZIP  # some are named .gz and are not, or the other way round
        opener: Any = gzip.open if packed else open
        with opener(source, "rb") as data:
            return read_idx(data)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise DataError(f"cannot read {source}: {error}; get the data set again") from None


def _torchvision_class(name: str) -> Any:
    try:
        from torchvision import datasets
    except (ImportError, RuntimeError, AttributeError) as error:
        # A torchvision of another build fails on an operator that this torch does not have.
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
    # torchvision's names of MNIST's classes are like "0 - zero".
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
    """Download a data set with torchvision, which shows its progress, into the first folder of `find_folder`."""
    root = next(iter([*named_places(data_dir), cache()]))
    cls = _torchvision_class(name)
    folders = (root / TORCHVISION[name] / RAW, root / TORCHVISION[name], root)
    made = [each for each in folders if not os.path.lexists(each)]
    try:
        root.mkdir(parents=True, exist_ok=True)
        with locked(root):  # of several workers, one downloads; torchvision leaves files alone that are there
            cls(root, train=True, download=True)
    except Exception as error:  # noqa: BLE001  # network, disk and server errors of several libraries
        for each in made:
            with suppress(OSError):  # one with files in it stays
                each.rmdir()
        why = (str(error).splitlines() or [type(error).__name__])[-1]  # torchvision's last line has the cause
        why = why.strip("<> ").removeprefix("urlopen error ")
        place = f"in {data_dir}" if data_dir else "here"
        raise DataError(
            f"no {name} {place}, and its download failed ({why[:80]}): name its folder "
            f"by --data-dir or DROPVIZ_DATA, put it into {cache() / name}, "
            f"{'install dataset-fashion-mnist, ' if name == 'fashion-mnist' else ''}or use --experiment digits"
        ) from None
    return _load_torchvision(name, root, root / TORCHVISION[name] / RAW)
