"""Data sets: where they are found, what is loaded, and what each seed trains and tests on."""

import gzip
import os
import sys
import types
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
import torch
from conftest import need
from hypothesis import given, settings
from hypothesis import strategies as st

from dropviz.errors import DataError, DependencyError
from dropviz.training import idx_files
from dropviz.training.data import DataSet, load_data, split
from dropviz.training.idx_files import IDX_FILES, find_folder

DEBIAN = idx_files.DEBIAN_FOLDER
TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = IDX_FILES
CLOTHES = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]


def idx(array):
    """An array of bytes in the IDX format."""
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes() + array.tobytes()


def small_set(seed=0):
    """The four arrays of a small set: 6 images to train on, 4 to test on."""
    draw = np.random.default_rng(seed)
    arrays = {}
    for images, labels, count in ((TRAIN_IMAGES, TRAIN_LABELS, 6), (TEST_IMAGES, TEST_LABELS, 4)):
        arrays[images] = draw.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        arrays[labels] = draw.integers(0, 10, count, dtype=np.uint8)
    return arrays


def write_set(folder, arrays, *, packed=False):
    """Write a set as four IDX files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        path = folder / (f"{name}.gz" if packed else name)
        path.write_bytes(gzip.compress(idx(array)) if packed else idx(array))
    return folder


def holds(dataset, arrays):
    """Whether a data set has these very pixels and labels."""
    parts = (dataset.train_images, dataset.train_labels, dataset.test_images, dataset.test_labels)
    return all(np.array_equal(part, arrays[name]) for name, part in zip(IDX_FILES, parts, strict=True))


def unlabelled(rows, test_rows=3, classes=10, *, own_split=True):
    """A data set whose images say their row, and whose labels are -1: no label that is drawn again is -1."""
    images = np.arange(rows + test_rows, dtype=np.uint8).reshape(-1, 1, 1)
    labels = np.full(len(images), -1)
    names = tuple(map(str, range(classes)))
    if not own_split:
        return DataSet(images, labels, images[:0], labels[:0], names, white=255, own_split=False)
    return DataSet(images[:rows], labels[:rows], images[rows:], labels[rows:], names, white=255)


@pytest.fixture
def places(tmp_path, monkeypatch):
    """Every place that is looked in, by its name: none has data, and there is no network."""
    tops = {name: tmp_path / name for name in ("--data-dir", "DROPVIZ_DATA", "cache/dropviz/data", "debian")}
    monkeypatch.delenv("DROPVIZ_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(idx_files, "DEBIAN_FOLDER", tops["debian"])
    monkeypatch.setattr("torchvision.datasets.mnist.download_and_extract_archive", no_network)
    return types.SimpleNamespace(**dict(zip(("given", "variable", "cache", "debian"), tops.values(), strict=True)))


def no_network(*_args, **_more):
    """What a download does without a network."""
    raise URLError("Name or service not known")


# Digits


@pytest.fixture(scope="module")
def digits():
    """The embedded digits."""
    return load_data("digits")


def test_digits(digits):
    """There are 1,797 digits of 8x8 pixels from 0 to 16, in one piece."""
    assert digits.train_images.shape == (1_797, 8, 8)
    assert digits.train_images.dtype == np.uint8
    assert (digits.train_images.min(), digits.train_images.max(), digits.white) == (0, 16, 16)
    assert digits.class_names == tuple("0123456789")
    assert len(digits.test_images) == len(digits.test_labels) == 0
    assert not digits.own_split


def test_digits_are_split_in_two(digits):
    """Rows to train on and rows to test on are disjoint, and together are all digits, each with its own label."""
    parts = split(digits, 1_000, 0, seed=1)
    assert (len(parts.train_labels), len(parts.test_labels)) == (1_000, 797)
    images = torch.cat([parts.train_images, parts.test_images]) * digits.white
    labels = torch.cat([parts.train_labels, parts.test_labels])
    rows = sorted([*row, label] for row, label in zip(images.int().tolist(), labels.tolist(), strict=True))
    flat = digits.train_images.reshape(1_797, -1)
    assert rows == sorted([*row, label] for row, label in zip(flat.tolist(), digits.train_labels.tolist(), strict=True))
    assert len(set(parts.train_index)) == 1_000


def test_digits_train_on_a_thousand_by_default(digits):
    """Without a train_size, 1,000 digits are trained on and the others tested on."""
    parts = split(digits, None, 0, seed=1)
    assert (len(parts.train_labels), len(parts.test_labels)) == (1_000, 797)


# Splits


@settings(deadline=None)
@given(st.integers(1, 200), st.floats(0, 1), st.integers(0, 2**31 - 1), st.booleans())
def test_label_noise(size, share, seed, own_split):
    """Exactly round(share * n) training labels are drawn again; all others, and the data set itself, are untouched."""
    dataset = unlabelled(size, own_split=own_split)
    parts = split(dataset, size, share, seed)
    assert int((parts.train_labels != -1).sum()) == round(share * size)
    assert (parts.test_labels == -1).all()
    assert (dataset.train_labels == -1).all()
    assert parts.train_index.tolist() == split(dataset, size, 0, seed).train_index.tolist()


def test_labels_are_drawn_again_from_all_classes():
    """Of 20,000 labels drawn again, each of 10 classes gets its tenth, give or take five standard deviations."""
    dataset = DataSet(*[np.zeros((20_000, 1, 1), np.uint8), np.zeros(20_000, int)] * 2, tuple("0123456789"), white=255)
    counts = np.bincount(split(dataset, None, 1.0, seed=1).train_labels, minlength=10)
    assert len(counts) == 10
    assert abs(counts - 2_000).max() < 5 * (20_000 * 0.1 * 0.9) ** 0.5


@settings(deadline=None)
@given(st.data(), st.integers(2, 100), st.booleans())
def test_rows_of_a_split(draw, rows, own_split):
    """Training rows are drawn once each and say where they stand; what a set brings to test on is left alone."""
    dataset = unlabelled(rows, own_split=own_split)
    parts = split(dataset, draw.draw(st.integers(1, rows)), 0, seed=1)
    shown = (parts.train_images[:, 0] * 255).round().int().tolist()
    tested = (parts.test_images[:, 0] * 255).round().int().tolist()
    assert shown == parts.train_index.tolist()
    assert len(set(shown)) == len(shown)
    if own_split:
        assert set(shown) <= set(range(rows))
        assert tested == [rows, rows + 1, rows + 2]
    else:
        assert not set(shown) & set(tested)
        assert tested == (split(dataset, 1, 0, seed=1).test_images[:, 0] * 255).round().int().tolist()


def test_images_held_out(digits):
    """Those for validation are in no other set, the same whatever is trained on, and their labels are as noisy."""
    small, large = (split(digits, size, 0.3, 1, validation_size=200) for size in (100, 1_000))
    assert torch.equal(small.validation_images, large.validation_images)
    assert torch.equal(small.test_images, large.test_images)
    assert (len(small.validation_labels), len(small.test_labels)) == (200, 597)
    order = np.random.default_rng([1, 0]).permutation(1_797)
    assert np.array_equal(large.train_index, order[:1_000])
    assert torch.equal(large.test_labels, torch.from_numpy(digits.train_labels[order[1_000:1_597]]))
    changed = large.validation_labels.numpy() != digits.train_labels[order[1_597:]]
    assert 0.15 < changed.mean() < 0.35  # 30 % are drawn again, and a tenth of them come out the same
    with pytest.raises(DataError, match="at most the 1,596 training images that are left beside 200 for validation"):
        split(digits, 1_700, 0, 1, validation_size=200)


def test_train_and_test_are_scaled_alike(digits):
    """Pixels go from 0 to 1 by the white of the set, the same in both parts."""
    for dataset in (digits, unlabelled(3)):
        parts = split(dataset, 2, 0, seed=1)
        assert parts.train_images.dtype == parts.test_images.dtype == torch.float32
        assert parts.train_images.ndim == 2
        shown = dataset.train_images[parts.train_index].reshape(2, -1) / dataset.white
        assert np.array_equal(parts.train_images, shown.astype(np.float32))
    parts = split(digits, 1_000, 0, seed=1)
    for images in (parts.train_images, parts.test_images):
        assert (images.min(), images.max()) == (0, 1)


def test_a_seed_is_a_split(digits):
    """The same seed gives the same rows and the same noise, another seed others."""
    one, again, other = (split(digits, 500, 0.5, seed) for seed in (1, 1, 2))
    assert np.array_equal(one.train_index, again.train_index)
    assert torch.equal(one.train_labels, again.train_labels)
    assert torch.equal(one.test_images, again.test_images)
    assert not np.array_equal(one.train_index, other.train_index)
    redrawn = [
        set(np.flatnonzero(digits.train_labels[each.train_index] != each.train_labels.numpy())) for each in (one, other)
    ]
    assert redrawn[0] != redrawn[1]


def test_a_train_size_that_is_too_large(digits):
    """No more is trained on than there is, and of a set in one piece at least one row is left to test on."""
    assert len(split(digits, 1_796, 0, seed=1).test_labels) == 1
    with pytest.raises(DataError, match="train_size is 1,797: must be at most the 1,796 training images"):
        split(digits, 1_797, 0, seed=1)
    assert len(split(unlabelled(5), 5, 0, seed=1).train_labels) == 5
    assert len(split(unlabelled(5), None, 0, seed=1).train_labels) == 5
    with pytest.raises(DataError, match="train_size is 6: must be at most the 5 training images"):
        split(unlabelled(5), 6, 0, seed=1)


def test_a_split_on_another_device(digits):
    """Moved to a device, a split has the same rows."""
    parts = split(digits, 10, 0, seed=1)
    moved = parts.to(torch.device("cpu"))
    assert torch.equal(moved.test_images, parts.test_images)
    assert np.array_equal(moved.train_index, parts.train_index)


# Folders of IDX files


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzipped"])
@pytest.mark.parametrize("layout", [".", "raw", "fashion-mnist", "FashionMNIST", "FashionMNIST/raw", "FASHION_MNIST"])
def test_idx_files(layout, packed, places):
    """IDX files are read to the pixel, gzipped or not, in each layout, and are left as they were."""
    arrays = small_set()
    folder = write_set(places.given / layout, arrays, packed=packed)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    dataset = load_data("fashion-mnist", places.given)
    assert holds(dataset, arrays)
    assert (dataset.train_labels.dtype, dataset.white, dataset.own_split) == (np.int64, 255, True)
    assert list(dataset.class_names) == CLOTHES
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("spelling", [("-idx", ".idx"), ("t10k", "test"), ("-idx", "_IDX"), ("ubyte", "ubyte/{}")])
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_idx_files_of_other_mirrors(spelling, suffix, places):
    """Other spellings, a folder for each file, and a suffix that a server or a browser added or left are read."""
    arrays = small_set()
    for name, array in arrays.items():
        path = places.given / (name.replace(*spelling).format(name.replace(*spelling).split("/")[0]) + suffix)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(idx(array) if suffix else gzip.compress(idx(array)))
    assert holds(load_data("fashion-mnist", places.given), arrays)


def test_two_files_of_one_name_must_be_the_same(places):
    """Mirrors have a file twice in an archive, or packed beside unpacked; images of another set are no such file."""
    arrays = small_set()
    folder = write_set(places.given, arrays)
    (folder / f"{TRAIN_IMAGES}.gz").write_bytes(b"cut off while it was unpacked")
    twin = folder / "train-images.idx3-ubyte" / TRAIN_IMAGES.replace("-idx3", ".idx3")
    twin.parent.mkdir()
    twin.write_bytes(idx(arrays[TRAIN_IMAGES]))
    assert holds(load_data("fashion-mnist", folder), arrays)
    twin.write_bytes(idx(small_set(1)[TRAIN_IMAGES]))
    with pytest.raises(DataError, match=rf"{TRAIN_IMAGES} and .* differ, and only one of them can be {TRAIN_IMAGES}"):
        load_data("fashion-mnist", folder)


def test_links_that_lead_back(places):
    """Links to the folder itself, in the names of files, end: each would double what was looked through."""
    folder = write_set(places.given, small_set())
    for name in ("train-images.idx3-ubyte", "train-labels.idx1-ubyte", "raw", "mnist"):
        (folder / name).symlink_to(".")
    assert holds(load_data("mnist", folder), small_set())


@pytest.mark.parametrize(
    ("name", "cls", "classes"), [("mnist", "MNIST", tuple("0123456789")), ("kmnist", "KMNIST", ("o", "ki", "su"))]
)
def test_other_sets(name, cls, classes, places):
    """MNIST and KMNIST are found in folders of their names, and their classes have short names."""
    write_set(places.variable / cls / "raw", small_set(1))
    write_set(places.given / name, small_set(2))
    assert holds(load_data(name, places.variable), small_set(1))
    dataset = load_data(name, places.given)
    assert holds(dataset, small_set(2))
    assert dataset.class_names[: len(classes)] == classes


def test_the_order_of_places(places, monkeypatch):
    """Data is taken from --data-dir, then DROPVIZ_DATA, then the cache, then Debian's folder."""
    monkeypatch.setenv("DROPVIZ_DATA", str(places.variable))
    tops = [places.given, places.variable, places.cache, places.debian]
    for number, top in reversed(list(enumerate(tops))):
        folder = write_set(top / "fashion-mnist", small_set(number))
        named = places.given if top == places.given else None
        assert find_folder("fashion-mnist", named) == folder
        assert holds(load_data("fashion-mnist", named), small_set(number))
    assert find_folder("fashion-mnist") == places.variable / "fashion-mnist"


def test_a_folder_that_was_named_is_never_passed_over(places, monkeypatch):
    """What --data-dir or DROPVIZ_DATA lacks is named, though other places have all of it."""
    write_set(places.debian / "fashion-mnist", small_set())
    folder = write_set(places.given / "fashion-mnist", small_set())
    (folder / TEST_LABELS).unlink()
    with pytest.raises(DataError, match="not all of the four IDX files of fashion-mnist: t10k-labels-idx1-ubyte is"):
        find_folder("fashion-mnist", places.given)
    with pytest.raises(DataError, match="does not hold mnist: it must hold the four files train-images-idx3-ubyte"):
        find_folder("mnist", places.given)
    write_set(places.given / "MNIST/raw", small_set())
    for other in ("MNIST", "MNIST/raw"):  # IDX files of another set look the same
        with pytest.raises(DataError, match="does not hold fashion-mnist"):
            find_folder("fashion-mnist", places.given / other)
    monkeypatch.setenv("DROPVIZ_DATA", str(places.given))
    with pytest.raises(DataError, match="not all of the four"):
        find_folder("fashion-mnist")


def test_an_empty_variable_is_no_place(places, monkeypatch, tmp_path):
    """DROPVIZ_DATA set to nothing does not stand for the folder one is in."""
    monkeypatch.chdir(write_set(tmp_path / "here", small_set()))
    monkeypatch.setenv("DROPVIZ_DATA", "")
    assert find_folder("fashion-mnist") is None


def test_a_bare_folder_is_trusted_only_where_it_was_named(places, monkeypatch):
    """Files that lie in no folder of a set's name are taken from where the user points, and from nowhere else."""
    for top in (places.cache, places.debian, places.variable):
        write_set(top, small_set())
    assert find_folder("fashion-mnist") is None
    assert find_folder("fashion-mnist", places.cache) == places.cache
    monkeypatch.setenv("DROPVIZ_DATA", str(places.variable))
    assert find_folder("mnist") == places.variable


def test_debians_folder():
    """Debian's package puts its sets into /usr/share/datasets."""
    assert Path("/usr/share/datasets") == DEBIAN


IMAGES, LABELS = small_set()[TRAIN_IMAGES], small_set()[TRAIN_LABELS]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (TRAIN_IMAGES, b""),
        (TRAIN_IMAGES, idx(IMAGES)[:-1]),
        (TRAIN_IMAGES, idx(IMAGES)[:10]),
        (TRAIN_IMAGES, b"\x00\x00\x08\x07" + idx(IMAGES)[4:]),
        (TRAIN_IMAGES, b"\x01\x02\x03\x03" + idx(IMAGES)[4:]),
        (TRAIN_IMAGES, b"<html>not found</html>"),
        (TRAIN_IMAGES, idx(LABELS)),
        (TRAIN_IMAGES, idx(IMAGES[:5])),
        (TRAIN_IMAGES, idx(IMAGES[:0])),
        (TRAIN_IMAGES, idx(IMAGES[:, :0])),
        (TRAIN_IMAGES, idx(IMAGES[:, :27])),
        (TEST_IMAGES, idx(IMAGES)),
        (TRAIN_LABELS, idx(IMAGES)),
        (TRAIN_LABELS, idx(LABELS[:5])),
        (TRAIN_LABELS, idx(np.full(6, 10, np.uint8))),
        (TEST_LABELS, idx(np.array([0, 9, 255, 1], np.uint8))),
        (f"{TRAIN_IMAGES}.gz", gzip.compress(idx(IMAGES))[:-20]),
        (f"{TRAIN_IMAGES}.gz", gzip.compress(idx(IMAGES))[:2_000] + b"?" * 500),
        (f"{TEST_LABELS}.gz", b"<html>not found</html>"),
        (f"{TEST_LABELS}.gz", b""),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",
)
def test_a_damaged_file(name, content, places):
    """A file that is cut off, of another kind, or does not fit the others is refused in one line, with its folder."""
    folder = write_set(places.given / "fashion-mnist", small_set())
    (folder / name.removesuffix(".gz")).unlink()
    (folder / name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        load_data("fashion-mnist", places.given)
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)


# Downloads


def test_no_data_and_no_network(places):
    """The message names every place to put the data, Debian's package, the reason, and what needs no download."""
    with pytest.raises(DataError, match="no fashion-mnist here, and its download failed") as caught:
        load_data("fashion-mnist")
    words = str(caught.value)
    cache = str(places.cache / "fashion-mnist")
    for each in ("--data-dir", "DROPVIZ_DATA", cache, "dataset-fashion-mnist", "digits", "Name or service not known"):
        assert each in words, each
    assert "\n" not in words
    assert not os.path.lexists(places.cache), "folders that a failed download made are deleted"


def test_debians_package_holds_only_fashion_mnist(places):
    """For another set, Debian's package is not recommended."""
    with pytest.raises(DataError, match="no kmnist here") as caught:
        load_data("kmnist")
    assert "dataset-fashion-mnist" not in str(caught.value)


@pytest.mark.parametrize("place", ["given", "variable", "cache"])
def test_a_download_goes_to_the_first_place(place, places, monkeypatch):
    """What is downloaded goes where the user pointed, else into the cache, and is found there without a network."""
    arrays = small_set()

    def download(_url, download_root, filename, **_more):
        name = filename.removesuffix(".gz")
        write_set(Path(download_root), {name: arrays[name]})

    if place == "variable":
        monkeypatch.setenv("DROPVIZ_DATA", str(places.variable))
    named = places.given if place == "given" else None
    monkeypatch.setattr("torchvision.datasets.mnist.download_and_extract_archive", download)
    assert holds(load_data("fashion-mnist", named), arrays)
    monkeypatch.setattr("torchvision.datasets.mnist.download_and_extract_archive", no_network)
    assert find_folder("fashion-mnist", named) == getattr(places, place) / "FashionMNIST" / "raw"
    assert holds(load_data("fashion-mnist", named), arrays)


def test_a_place_that_cannot_be_written(places, tmp_path):
    """A download into a place where nothing can be made is refused like one that fails."""
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="download failed") as caught:
        load_data("fashion-mnist", tmp_path / "file" / "inside")
    assert "\n" not in str(caught.value)
    assert str(caught.value).count("[Errno ") == 1
    with pytest.raises(DataError, match="file does not hold fashion-mnist"):
        load_data("fashion-mnist", tmp_path / "file")


@pytest.mark.parametrize("error", [RuntimeError("operator torchvision::nms does not exist\nmore"), ImportError("gone")])
def test_a_torchvision_that_does_not_match(error, places, monkeypatch):
    """A torchvision that does not work with this torch is named as the cause, with how to install one that does."""

    class Broken(types.ModuleType):
        def __getattr__(self, name):
            raise error

    write_set(places.given, small_set())
    monkeypatch.setitem(sys.modules, "torchvision", Broken("torchvision"))
    with pytest.raises(DependencyError, match="torchvision do not work together") as caught:
        load_data("fashion-mnist", places.given)
    words = str(caught.value)
    for each in (str(error).splitlines()[0], torch.__version__, "pip install"):
        assert each in words
    assert "\n" not in words


def test_digits_need_no_torchvision(monkeypatch):
    """The digits load without torchvision."""
    monkeypatch.setitem(sys.modules, "torchvision", None)
    assert len(load_data("digits").train_labels) == 1_797


# The real Fashion-MNIST


@pytest.fixture(scope="module")
def fashion():
    """Fashion-MNIST as Debian's package dataset-fashion-mnist installs it."""
    need((DEBIAN / "fashion-mnist").is_dir(), "the package dataset-fashion-mnist")
    return load_data("fashion-mnist", DEBIAN)


def test_fashion_mnist(fashion):
    """60,000 images to train on and 10,000 to test on, as many of each of ten kinds of clothes."""
    assert fashion.train_images.shape == (60_000, 28, 28)
    assert fashion.test_images.shape == (10_000, 28, 28)
    assert np.bincount(fashion.train_labels).tolist() == [6_000] * 10
    assert np.bincount(fashion.test_labels).tolist() == [1_000] * 10
    assert list(fashion.class_names) == CLOTHES
    assert (fashion.train_images.min(), fashion.train_images.max(), fashion.white) == (0, 255, 255)
    assert fashion.default_train_size == 60_000


def test_fashion_mnist_is_found_without_being_asked_for(fashion, places, monkeypatch):
    """Where Debian's package is installed, nothing needs to be named and nothing is downloaded."""
    monkeypatch.setattr(idx_files, "DEBIAN_FOLDER", DEBIAN)
    assert find_folder("fashion-mnist") == DEBIAN / "fashion-mnist"


def test_digits_are_those_of_scikit_learn():
    """Read from the package's file, the digits are what its own loader returns."""
    from sklearn.datasets import load_digits

    ours, theirs = load_data("digits"), load_digits()
    assert np.array_equal(ours.train_images, theirs.images)
    assert np.array_equal(ours.train_labels, theirs.target)
