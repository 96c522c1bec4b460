"""Recordings: saved whole and reproducibly, loaded with distrust."""

import contextlib
import dataclasses
import io
import json
import os
import pickle
import subprocess
import tracemalloc
import zipfile
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from conftest import TINY, need_program
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import dropviz
from dropviz.errors import OutputError, RecordingError
from dropviz.recording import Block, Examples, Layer, Recording, load
from dropviz.recording import npz as archive
from dropviz.recording.npz import read_arrays, write_arrays
from dropviz.recording.shown import sample_units

# Files that dropviz 0.3.0 wrote, of the experiment that their header holds, by arm.
OLD = {
    path.stem.removesuffix("-format-3"): path
    for path in sorted((Path(__file__).parent / "old_recordings").glob("*-format-3.npz"))
}
METRICS = ("iteration", "train_accuracy", "test_accuracy", "train_loss", "test_loss")
resource = pytest.importorskip("resource", reason="a full disk is played by a limit that only Unix has")


@st.composite
def recordings(draw):
    """Any recording that may be: widths beside whole bytes, no steps, no snapshots, with and without examples."""
    layers = tuple(
        Layer(f"layer {number}", draw(st.integers(1, 20)), draw(st.sampled_from(["input", "hidden", "output"])), rate)
        for number, rate in enumerate(draw(st.lists(st.floats(0, 1), min_size=1, max_size=3)))
    )
    steps = sorted(draw(st.sets(st.integers(1, 2**40), max_size=3)))
    rows = draw(st.integers(1, 3))
    masked = [layer for layer in layers if draw(st.booleans())]
    times = sorted(draw(st.sets(st.integers(1, 2**40), max_size=3)))
    experiment = draw(st.sampled_from([None, TINY]))
    return Recording(
        arm=draw(st.text() if experiment is None else st.sampled_from([arm.name for arm in TINY.arms])),
        seed=draw(st.integers(0, 2**31 - 1)),
        layers=layers,
        snapshots={name: draw(metric(name, times)) for name in METRICS},
        recorded_iterations=np.array(steps, np.int64),
        masks={layer.name: draw(hnp.arrays(bool, (len(steps), rows, layer.units))) for layer in masked},
        drop_rate={layer.name: draw(floats(len(steps))) for layer in masked},
        experiment=experiment,
        examples=draw(st.none() | examples(len(steps), rows)),
        shown_units={layer.name: sample_units(layer.units) for layer in layers},
        weights={
            after.name: draw(
                hnp.arrays(np.float32, (len(steps), len(sample_units(after.units)), len(sample_units(before.units))))
            )
            for before, after in pairwise(layers)
            if draw(st.booleans())
        },
        provenance=draw(st.dictionaries(st.text(), st.text() | st.integers(), max_size=3)),
    )


def floats(*shape):
    """An array of shares."""
    return hnp.arrays(float, shape, elements=st.floats(0, 1))


def metric(name, times):
    """One series of as many snapshots as there are `times`."""
    return st.just(np.array(times, np.int64)) if name == "iteration" else floats(len(times))


@st.composite
def examples(draw, steps, rows):
    """Followed examples of a data set with a few classes."""
    names = draw(st.lists(st.text(), min_size=1, max_size=3))
    white = draw(st.sampled_from([1, 16, 255]))
    return Examples(
        index=draw(hnp.arrays(np.int64, (steps, rows), elements=st.integers(0, 2**40))),
        label=draw(hnp.arrays(np.int64, (steps, rows), elements=st.integers(0, len(names) - 1))),
        prediction=draw(hnp.arrays(np.float32, (steps, rows, len(names)))),
        image=draw(hnp.arrays(np.uint8, (steps, rows, 2, 3), elements=st.integers(0, white))),
        white=white,
        class_names=tuple(names),
    )


def plain(value):
    """The same content as values that compare by ==, with the type, shape and bytes of each array."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, Recording | Examples):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return value


def assert_close(old, new):
    """Compare as `plain` does; floats may differ by what processors round otherwise when they multiply matrices."""
    if isinstance(old, np.ndarray) and old.dtype.kind == "f":
        assert (old.dtype, old.shape) == (new.dtype, new.shape)
        np.testing.assert_allclose(old, new, rtol=1e-6, atol=1e-6)
    elif isinstance(old, Mapping):
        assert old.keys() == new.keys()
        for name, value in old.items():
            assert_close(value, new[name])
    elif isinstance(old, Examples):
        assert_close(vars(old), vars(new))
    else:
        assert plain(old) == plain(new)


def rewrite(recording, path, **changes):
    """Save `recording` with some of its arrays changed: each by a function, or to bytes of a header."""
    arrays = read_arrays(recording.save(path))
    for name, change in changes.items():
        arrays[name] = change(arrays[name].copy())
    with path.open("wb") as file:
        write_arrays(file, arrays)
    return path


def header(**changes):
    """A change of some keys of the header."""

    def change(array):
        return np.frombuffer(json.dumps({**json.loads(array.tobytes()), **changes}).encode(), np.uint8)

    return change


def write_zip(path, members):
    """A .zip of raw members, as any program may write it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members:
            file.writestr(name, data)
    return path


def npy(header_words, data=b""):
    """A .npy file with any words as its header."""
    words = header_words.encode()
    return b"\x93NUMPY\x01\x00" + len(words).to_bytes(2, "little") + words + data


def refused(path, *words):
    """Loading `path` is refused in one line that names it and says `words`."""
    with pytest.raises(RecordingError) as caught:
        load(path)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    assert "Errno" not in message
    for each in words:
        assert each in message


@contextlib.contextmanager
def full_disk(room):
    """No file may grow beyond `room` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def path(tmp_path):
    """Where a test may save."""
    return tmp_path / "run.npz"


# There and back


@settings(deadline=None)
@given(recording=recordings())
def test_there_and_back(recording, tmp_path_factory):
    """A recording comes back from its file with every value, and each array of the same type and shape."""
    path = tmp_path_factory.getbasetemp() / "again.npz"
    assert plain(load(recording.save(path))) == plain(recording)


def test_a_real_run_comes_back(recordings, path):
    """A trained recording comes back equal, with its experiment, examples and provenance."""
    for recording in recordings:
        assert plain(load(recording.save(path))) == plain(recording)
        assert recording.examples is not None
        assert recording.experiment == TINY


@settings(deadline=None)
@given(recording=recordings(), data=st.data())
def test_equal_recordings_give_equal_bytes(recording, data, tmp_path_factory):
    """Neither where arrays lie in memory, nor the order of keys, nor the file's name changes the bytes."""

    def moved(mapping):
        order = data.draw(st.permutations(list(mapping)))
        return {
            name: np.asfortranarray(mapping[name]) if isinstance(mapping[name], np.ndarray) else mapping[name]
            for name in order
        }

    twin = dataclasses.replace(
        recording,
        snapshots=moved(recording.snapshots),
        masks=moved(recording.masks),
        drop_rate=moved(recording.drop_rate),
        provenance=moved(recording.provenance),
    )
    folder = tmp_path_factory.getbasetemp()
    assert twin.save(folder / "twin.npz").read_bytes() == recording.save(folder / "one.npz").read_bytes()


def test_saving_again_gives_the_same_bytes(noisy, path, tmp_path):
    """No date, and no order of a set, gets into the file."""
    again = load(noisy.save(path)).save(tmp_path / "again.npz")
    assert again.read_bytes() == path.read_bytes()
    assert {member.date_time for member in zipfile.ZipFile(path).infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_numpy_alone_can_read_it(noisy, path):
    """numpy.load opens the file without pickle, and finds what was recorded."""
    with np.load(noisy.save(path), allow_pickle=False) as file:
        arrays = dict(file)
    assert json.loads(arrays["header"].tobytes())["format"] == "dropviz recording"
    assert np.array_equal(arrays["recorded_iterations"], noisy.recorded_iterations)
    for name in METRICS:
        assert np.array_equal(arrays[f"snapshots/{name}"], noisy.snapshots[name])
    for number, (name, mask) in enumerate(noisy.masks.items()):
        unpacked = np.unpackbits(arrays[f"masks/{number}"], axis=-1, count=mask.shape[-1])
        assert np.array_equal(unpacked, mask), name
    assert np.array_equal(arrays["examples/image"], noisy.examples.image)


@pytest.mark.parametrize("version", [(1, 0), (2, 0)])
def test_what_numpy_writes_can_be_loaded(version, noisy, path):
    """A recording whose arrays were written again by NumPy, in another order of memory, comes back equal."""
    arrays = read_arrays(noisy.save(path))
    members = []
    for name, array in arrays.items():
        stream = io.BytesIO()
        np.lib.format.write_array(stream, np.asfortranarray(array), version)
        members.append((f"{name}.npy", stream.getvalue()))
    assert plain(load(write_zip(path, members))) == plain(noisy)


def test_followed(noisy):
    """As many examples are followed as have masks: none where no layer drops units."""
    assert noisy.tracked == TINY.tracked_examples
    assert dataclasses.replace(noisy, sites=(), masks={}, drop_rate={}).tracked == 0


def test_masks_cost_a_bit_a_unit(noisy, path):
    """Masks of 64, 24 and 9 units take 8, 3 and 2 bytes an example in the file."""
    arrays = read_arrays(noisy.save(path))
    kept = {name: arrays[f"masks/{number}"] for number, name in enumerate(noisy.masks)}
    examples = len(noisy.recorded_iterations) * TINY.tracked_examples
    assert {name: array.nbytes / examples for name, array in kept.items()} == {"0": 8, "3": 3, "6": 2}


# Damage


@pytest.fixture(scope="module")
def whole(noisy, tmp_path_factory):
    """The bytes of a real recording."""
    return noisy.save(tmp_path_factory.mktemp("whole") / "run.npz").read_bytes()


def refused_or_equal(data, path, noisy):
    """Load `data`: True if it is refused in one line, False if what comes back is all of `noisy`."""
    path.write_bytes(data)
    try:
        loaded = load(path)
    except RecordingError as error:
        message = str(error)
    else:
        assert plain(loaded) == plain(noisy)
        return False
    assert str(path) in message
    assert "\n" not in message
    return True


def test_a_truncated_file(whole, noisy, path):
    """A file cut off anywhere is refused."""
    for length in {*range(0, len(whole), 23), *range(len(whole) - 80, len(whole))}:
        assert refused_or_equal(whole[:length], path, noisy), length


def test_a_flipped_byte(whole, noisy, path):
    """A byte changed anywhere is found out, or changes nothing that is loaded."""
    directory = whole.index(b"PK\x01\x02")
    refusals = 0
    for position in {*range(0, directory, 11), *range(directory, len(whole), 2)}:
        flip = (0x01, 0x06, 0x80, 0xFF)[position % 4]
        damaged = whole[:position] + bytes([whole[position] ^ flip]) + whole[position + 1 :]
        refusals += refused_or_equal(damaged, path, noisy)
    assert refusals > 500


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_a_block_overwritten(data, whole, noisy, tmp_path_factory):
    """A stretch of other bytes anywhere is found out, or changes nothing that is loaded."""
    block = data.draw(st.binary(min_size=1, max_size=64))
    start = data.draw(st.integers(0, len(whole) - len(block)))
    damaged = whole[:start] + block + whole[start + len(block) :]
    refused_or_equal(damaged, tmp_path_factory.getbasetemp() / "block.npz", noisy)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_damage_under_another_compression(method, noisy, path):
    """A file packed by another program, and then damaged, is refused like any other."""
    arrays = read_arrays(noisy.save(path))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as file:
        for name, array in arrays.items():
            stream = io.BytesIO()
            np.save(stream, array)
            file.writestr(f"{name}.npy", stream.getvalue())
    whole = packed.getvalue()
    for position in range(60, len(whole), 97):
        refused_or_equal(whole[:position] + bytes([whole[position] ^ 0xFF]) + whole[position + 1 :], path, noisy)


# Foreign files


def test_no_file(tmp_path):
    """A missing file is said to be missing, with the command that makes one."""
    refused(tmp_path / "none.npz", "no recording at", "dropviz train")


def test_a_folder(tmp_path):
    """A folder is not a recording."""
    refused(tmp_path, "is a folder: name the recordings in it")


@pytest.mark.parametrize("data", [b"", b"not a zip\n" * 100, b"PK", b"\x93NUMPY\x01\x00", b"\x00" * 5_000])
def test_a_file_of_another_kind(data, path):
    """An empty file, a text, or any other file is not a recording."""
    path.write_bytes(data)
    refused(path, "is not a recording, or is damaged")


@pytest.mark.parametrize(
    "arrays",
    [
        {"weights": np.ones(3)},
        {"header": np.ones(3)},
        {"header": np.array("text")},
        {"header": np.frombuffer(b'{"format": "other"}', np.uint8)},
        {"header": np.frombuffer(b"[" * 100_000, np.uint8)},
        {},
    ],
)
def test_arrays_of_another_program(arrays, path):
    """A .npz that dropviz has not written is called foreign."""
    np.savez(path, **arrays)
    refused(path, "not a dropviz recording")


@pytest.mark.parametrize("name", ["README", "readme.txt"])
def test_a_zip_of_other_files(name, path):
    """A .zip that holds no arrays is refused."""
    refused(write_zip(path, [(name, b"hello")]), "is not a recording")


def test_a_newer_format(noisy, path):
    """A recording of a later format is named newer, and the advice is to upgrade."""
    refused(rewrite(noisy, path, header=header(version=99)), "newer dropviz", "format 99", "reads 6", "upgrade")


@pytest.mark.parametrize("version", [0, -1, 1.0, "1", None, True])
def test_a_version_that_is_none(version, noisy, path):
    """Format versions are whole numbers from 1."""
    refused(rewrite(noisy, path, header=header(version=version)), "version")


# Files made to harm


class Payload:
    """Unpickling this creates a file."""

    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return (Path.touch, (self.target,))


def test_nothing_is_unpickled(path, tmp_path):
    """An array of Python objects is refused, and the code in its pickle does not run."""
    mark = tmp_path / "executed"
    np.savez(path, header=np.array([Payload(mark)], object))
    refused(path, "Python objects")
    assert not mark.exists()
    pickle.loads(pickle.dumps(Payload(mark)))  # noqa: S301  # to show that the payload would have worked
    assert mark.exists()


@pytest.mark.parametrize("shape", ["(1000000000000,)", "(99999999, 99999999)", "(9,)", "(7,)", "()"])
def test_a_header_that_claims_another_size(shape, path):
    """Nothing of the size that a header claims is allocated before it is checked."""
    words = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n"
    write_zip(path, [("header.npy", npy(words, bytes(64)))])
    tracemalloc.start()
    try:
        refused(path, "damaged", "header.npy is not as long as its header says")
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


@settings(deadline=None, max_examples=300)
@given(
    descr=st.from_regex(r"[<>|=]?[?a-zA-Z][0-9]{0,9}(\[s\])?", fullmatch=True),
    shape=st.lists(st.integers(-1, 2**70) | st.just(0), max_size=40),
    data=st.binary(max_size=16),
)
def test_a_header_that_is_written_well(descr, shape, data, tmp_path_factory):
    """A header in NumPy's own spelling may claim any type and shape: the file is refused in one line."""
    path = tmp_path_factory.getbasetemp() / "claim.npz"
    words = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {tuple(shape)}, }}\n"
    refused(write_zip(path, [("header.npy", npy(words, data))]))


@pytest.mark.parametrize(
    "words",
    [
        "",
        "{",
        "{'descr': (",
        "{[]: 1}",
        "{1: 2, 'a': 3}",
        "{'descr': (), 'fortran_order': False, 'shape': (1,)}",
        "{'descr': 'i4,(', 'fortran_order': False, 'shape': (0,)}",
        "{'descr': '|V0', 'fortran_order': False, 'shape': (9,)}",
        "{'descr': '<i8', 'fortran_order': False, 'shape': (0L,)}",
        "{'descr': '<i8', 'fortran_order': False, 'shape': 3}",
        "{'descr': '<i8', 'shape': (0,)}",
        "__import__('os')",
        "-" * 9_000 + "1",
        "[" * 9_000,
        " " * 20_000,
    ],
    ids=lambda words: words[:40],
)
def test_a_header_that_is_no_header(words, path):
    """Whatever stands where an array's header should, the file is refused in one line."""
    refused(write_zip(path, [("header.npy", npy(words))]), "damaged")


def test_a_format_of_arrays_that_recordings_do_not_use(path):
    """Array format 3, and formats that do not exist, are refused."""
    for version in (b"\x03\x00", b"\x09\x00"):
        refused(write_zip(path, [("header.npy", b"\x93NUMPY" + version + bytes(100))]), "header.npy", "format")


def test_a_file_that_unpacks_to_too_much(noisy, path, monkeypatch):
    """A file whose members, masks unpacked, are more than MAX_BYTES is refused before any is unpacked."""
    noisy.save(path)
    members = zipfile.ZipFile(path).infolist()
    sizes = sum(each.file_size * (8 if each.filename.startswith("masks/") else 1) for each in members)
    monkeypatch.setattr(archive, "SMALL", 0)
    monkeypatch.setattr(archive, "MAX_BYTES", sizes)
    load(path)
    monkeypatch.setattr(archive, "MAX_BYTES", sizes - 1)
    monkeypatch.setattr(zipfile.ZipFile, "read", None)
    monkeypatch.setattr(zipfile.ZipFile, "open", None)
    refused(path, "unpacks to more than a recording can hold")


@pytest.mark.parametrize("flag", [0x01, 0x20, 0x40], ids=["encrypted", "patch", "strongly encrypted"])
def test_a_member_of_a_kind_that_is_not_read(flag, whole, path):
    """A file with an encrypted member, or a patch for one, is refused in one line."""
    data = bytearray(whole)
    data[whole.index(b"PK\x01\x02") + 8] |= flag
    path.write_bytes(data)
    refused(path, "damaged")


def test_a_file_of_too_many_members(noisy, path, monkeypatch):
    """A file of more than MAX_MEMBERS arrays is refused."""
    noisy.save(path)
    count = len(zipfile.ZipFile(path).infolist())
    monkeypatch.setattr(archive, "MAX_MEMBERS", count)
    load(path)
    monkeypatch.setattr(archive, "MAX_MEMBERS", count - 1)
    refused(path, "more than a recording can hold")


def test_a_member_that_unpacks_to_more_than_it_says(path):
    """No more is unpacked than the size that the directory gives."""
    write_zip(path, [("header.npy", bytes(100_000_000))])
    data = bytearray(path.read_bytes())
    size = data.rindex(b"PK\x01\x02") + 24
    data[size : size + 4] = (1_000).to_bytes(4, "little")
    path.write_bytes(data)
    tracemalloc.start()
    try:
        refused(path, "damaged")
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["recorded_iterations.npy", "recorded_iterations"])
def test_two_members_of_one_name(name, noisy, path):
    """A file that holds an array twice, with its suffix or without, is refused, rather than one of them picked."""
    noisy.save(path)
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(name, file.read("recorded_iterations.npy"))
    refused(path, "two arrays of one name")


# What does not fit


def put(value, *index):
    """A change of one element."""

    def change(array):
        array[index] = value
        return array

    return change


def clip(array):
    """A change that leaves out the last element."""
    return array[:-1]


ARRAYS = [
    ("snapshots/train_accuracy", put(1.01, 0), "train_accuracy"),
    ("snapshots/test_accuracy", put(-0.01, 0), "test_accuracy"),
    ("snapshots/test_accuracy", put(np.inf, -1), "test_accuracy"),
    ("snapshots/test_accuracy", clip, "test_accuracy"),
    ("snapshots/train_loss", lambda array: array[:, None], "train_loss"),
    ("snapshots/test_loss", lambda array: array.astype("U"), "test_loss"),
    ("snapshots/iteration", lambda array: array[::-1], "snapshots are not in order"),
    ("snapshots/iteration", put(0, 0), "snapshots are not in order"),
    ("snapshots/iteration", lambda array: array.astype(float), "iteration"),
    ("snapshots/iteration", clip, "accuracy does not fit"),
    ("recorded_iterations", lambda array: array[::-1], "recorded iterations are not iterations in order"),
    ("recorded_iterations", put(1, 1), "recorded iterations are not iterations in order"),
    ("recorded_iterations", put(0, 0), "recorded iterations are not iterations in order"),
    ("recorded_iterations", clip, "do not fit"),
    ("masks/0", clip, "masks of '0'"),
    ("masks/1", lambda array: array[..., :-1], "masks of '3' do not fit"),
    ("masks/2", lambda array: np.repeat(array, 2, axis=-1), "masks of '6' do not fit"),
    ("masks/2", lambda array: array[:, :1], "masks of '6'"),
    ("masks/0", lambda array: array.astype(np.uint16), "masks of '0'"),
    ("drop_rate/0", put(1.5, 0), "drop rates of '0'"),
    ("drop_rate/1", put(-0.5, 0), "drop rates of '3'"),
    ("drop_rate/2", put(np.nan, 0), "drop rates of '6'"),
    ("drop_rate/2", clip, "drop rates of '6'"),
    ("examples/index", clip, "example indices"),
    ("examples/label", put(10, 0, 0), "example labels"),
    ("examples/label", put(-1, 0, 0), "example labels"),
    ("examples/prediction", lambda array: array[..., :-1], "predictions"),
    ("examples/image", put(17, 0, 0, 0, 0), "brighter than white"),
    ("examples/image", lambda array: array.astype(float), "images"),
]
HEADERS = [
    ({"arm": "other"}, "arm 'other' is not one of its experiment's"),
    ({"arm": 5}, "arm"),
    ({"arm": None, "experiment": None}, "arm"),
    ({"arm": ["a"], "experiment": None}, "arm"),
    ({"seed": "1"}, "seed"),
    ({"seed": None}, "seed"),
    ({"seed": True}, "seed"),
    ({"seed": 1.5}, "seed"),
    ({"seed": -1}, "seed"),
    ({"layers": []}, "'input'"),
    ({"layers": 5}, "damaged"),
    ({"layers": ["input"]}, "damaged"),
    ({"layers": [{"name": "input"}]}, "damaged"),
    ({"layers": [{"name": ["input"], "units": 1, "kind": "input"}]}, "damaged"),
    ({"layers": [{"name": "input", "units": 10**40, "kind": "input"}], "masks": ["input"]}, "units"),
    ({"masks": 5}, "damaged"),
    ({"masks": ["0", "3", "nowhere"]}, "'nowhere'"),
    ({"masks": ["0", "3", "6", "output"]}, "damaged"),
    ({"sites": [{"name": "0", "kind": "loud"}]}, "damaged"),
    ({"blocks": [{"name": "0", "kind": "module", "label": "Linear", "shape": [], "inputs": [9]}]}, "block 1"),
    ({"unseen": [5]}, "unseen noise"),
    ({"experiment": 5}, "damaged"),
    ({"experiment": "tiny"}, "damaged"),
    ({"experiment": {"name": "tiny", "epochs": 0}}, "epochs is 0: must be"),
    ({"experiment": {"name": "tiny", "new": 0}}, "'new' is not a field"),
    ({"examples": {}}, "damaged"),
    ({"examples": 0}, "damaged"),
    ({"examples": {"white": 255.5, "class_names": list("0123456789")}}, "white"),
    ({"examples": {"white": 16, "class_names": 10}}, "damaged"),
    ({"examples": {"white": 16, "class_names": ["only"]}}, "example labels"),
    ({"provenance": 5}, "provenance"),
    ({"provenance": None}, "provenance"),
    ({"provenance": {"torch": [1]}}, "provenance"),
]


@pytest.mark.parametrize(("name", "change", "words"), ARRAYS)
def test_an_array_that_does_not_fit(name, change, words, noisy, path):
    """An array of wrong values, type or shape is refused, and named."""
    refused(rewrite(noisy, path, **{name: change}), words)


@pytest.mark.parametrize(("changes", "words"), HEADERS)
def test_a_header_that_does_not_fit(changes, words, noisy, path):
    """A header that says something that cannot be is refused, with what does not fit."""
    refused(rewrite(noisy, path, header=header(**changes)), words)


@pytest.mark.parametrize(
    "missing", ["header", "recorded_iterations", "snapshots/iteration", "masks/2", "examples/image"]
)
def test_an_array_that_is_not_there(missing, noisy, path):
    """A file that lacks an array is refused."""
    arrays = read_arrays(noisy.save(path))
    del arrays[missing]
    with path.open("wb") as file:
        write_arrays(file, arrays)
    refused(path, "not a dropviz recording" if missing == "header" else missing)


@pytest.mark.parametrize("missing", ["format", "version", "arm", "seed", "layers", "masks", "examples", "experiment"])
def test_a_header_without_a_key(missing, noisy, path):
    """A header that lacks a key is refused."""

    def change(array):
        kept = json.loads(array.tobytes())
        del kept[missing]
        return np.frombuffer(json.dumps(kept).encode(), np.uint8)

    refused(rewrite(noisy, path, header=change), "not a dropviz recording" if missing == "format" else missing)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda r: {"snapshots": {**r.snapshots, "bleu": r.snapshots["test_loss"] * np.nan}}, "was never measured"),
        (
            lambda r: {
                "snapshots": {
                    "iteration": r.snapshots["iteration"],
                    "bleu": np.append(np.nan, r.snapshots["test_loss"][1:]),
                }
            },
            "one of its snapshots has no metric",
        ),
        (lambda r: {"sites": (*r.sites, r.sites[0])}, "one name"),
        (lambda r: {"sites": tuple(dataclasses.replace(site, kind="loud") for site in r.sites)}, "no known kind"),
        (lambda r: {"sites": tuple(dataclasses.replace(site, axes=("example",)) for site in r.sites)}, "does not fit"),
        (lambda r: {"mask_sizes": {"0": r.masks["0"][:, 0]}}, "sizes of the masks of '0'"),
        (lambda _: {"blocks": (Block("fc", "module", "Linear", inputs=(1,)),)}, "block 1"),
        (lambda r: {"layers": (*r.layers, r.layers[0])}, "one name"),
        (lambda r: {"layers": (*r.layers[:3], Layer("output", 10, "exit"))}, "'output' is of no known kind"),
        (lambda r: {"layers": (*r.layers[:3], Layer("output", 0, "output"))}, "'output' has no units"),
        (
            lambda r: {"layers": (*r.layers[:3], Layer("output", 10, "output", 1.1))},
            "drop_prob of layer 'output' is 1.1",
        ),
        (lambda r: {"layers": (*r.layers[:3], Layer("output", 10, "output", np.nan))}, "must be from 0 to 1"),
        (lambda r: {"snapshots": {"iteration": r.snapshots["iteration"]}}, "no metric"),
        (lambda r: {"snapshots": {"test_loss": r.snapshots["test_loss"]}}, "no iteration"),
        (lambda r: {"snapshots": {**r.snapshots, "a/b": r.snapshots["test_loss"]}}, "'a/b' has no usable name"),
        (lambda r: {"layers": (*r.layers[:3], Layer("output", 10, "output", 0.0, "loud"))}, "noise of no known kind"),
        (lambda r: {"masks": {**r.masks, "0": r.masks["0"].astype(np.uint8)}}, "'0'"),
        (lambda r: {"masks": {**r.masks, "output": r.masks["input"]}}, "'output'"),
        (lambda r: {"masks": {"other": r.masks["input"]}, "drop_rate": {"other": r.drop_rate["input"]}}, "'other'"),
        (lambda r: {"masks": {name: mask[:, :2] for name, mask in r.masks.items()}}, "masks of '0' do not fit"),
        (lambda r: {"recorded_iterations": [int(step) for step in r.recorded_iterations]}, "recorded iterations"),
        (lambda _: {"arm": "other"}, "arm 'other'"),
        (lambda _: {"seed": np.int64(1)}, "seed"),
        (lambda _: {"provenance": {"torch": (2, 0)}}, "provenance"),
        (lambda r: {"examples": dataclasses.replace(r.examples, white=15)}, "brighter"),
        (
            lambda r: {"sites": (), "masks": {}, "drop_rate": {}, "recorded_iterations": r.recorded_iterations[:-1]},
            "example indices",
        ),
    ],
)
def test_a_recording_is_checked_when_it_is_made(change, words, noisy):
    """Parts that do not fit are refused when a recording is made, not when it is drawn."""
    with pytest.raises(RecordingError, match=words):
        dataclasses.replace(noisy, **change(noisy))


# Whole or not at all


def test_save_replaces_what_was_there(noisy, path):
    """Saving over an older file replaces it, makes missing folders, and leaves nothing else behind."""
    path.write_bytes(b"old")
    noisy.save(path)
    deep = noisy.save(path.parent / "a" / "b" / "run.npz")
    assert deep.read_bytes() == path.read_bytes() != b"old"
    assert sorted(each.name for each in path.parent.iterdir()) == ["a", "run.npz"]
    assert [each.name for each in deep.parent.iterdir()] == ["run.npz"]


@pytest.mark.parametrize(("umask", "mode"), [(0o027, 0o640), (0o000, 0o666)])
def test_a_saved_file_is_as_readable_as_any_other(umask, mode, noisy, path):
    """The file gets the permissions that the umask leaves, and the umask stays as it is."""
    before = os.umask(umask)
    try:
        noisy.save(path)
    finally:
        after = os.umask(before)
    assert path.stat().st_mode & 0o777 == mode
    assert after == umask


@pytest.mark.parametrize("room", [0, 1, 1_000, 5_000])
def test_a_write_that_fails(room, noisy, path):
    """Where a write fails, the old file stays byte for byte, and no part of the new one is left."""
    path.write_bytes(b"old" * 1_000)
    with full_disk(room), pytest.raises(OutputError) as caught:
        noisy.save(path)
    assert f"cannot write {path}: " in str(caught.value)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == b"old" * 1_000
    assert [each.name for each in path.parent.iterdir()] == ["run.npz"]


def test_a_disk_that_is_full(noisy, tmp_path):
    """On a disk without room, the message says so, and the old file stays byte for byte."""
    mount, umount = need_program("mount"), need_program("umount")
    options = [mount, "-t", "tmpfs", "-o", "size=64k", "dropviz-test", str(tmp_path)]
    if subprocess.run(options, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk, and not everywhere")
    try:
        path = noisy.save(tmp_path / "run.npz")
        old = path.read_bytes()
        large = dataclasses.replace(noisy, provenance={"noise": np.random.default_rng(0).bytes(100_000).hex()})
        with pytest.raises(OutputError, match="No space left") as caught:
            large.save(path)
        assert str(path) in str(caught.value)
        assert path.read_bytes() == old
        assert [each.name for each in tmp_path.iterdir()] == ["run.npz"]
    finally:
        subprocess.run([umount, str(tmp_path)], check=True)


def test_a_write_that_is_interrupted(noisy, path, monkeypatch):
    """Ctrl-C in the middle of a write leaves the old file, and no part of the new one."""

    def interrupted(file, _arrays):
        file.write(b"half")
        raise KeyboardInterrupt

    path.write_bytes(b"old")
    monkeypatch.setattr("dropviz.recording.recording.write_arrays", interrupted)
    with pytest.raises(KeyboardInterrupt):
        noisy.save(path)
    assert path.read_bytes() == b"old"
    assert [each.name for each in path.parent.iterdir()] == ["run.npz"]


def test_places_that_cannot_be_written(noisy, tmp_path):
    """A file used as a folder, a folder used as a file, and a place where nothing can be made are refused by name."""
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "file" / "run.npz", tmp_path / "file" / "deep" / "run.npz", tmp_path):
        with pytest.raises(OutputError) as caught:
            noisy.save(path)
        assert f"cannot write {path}: " in str(caught.value)
        assert "\n" not in str(caught.value)
        assert "Errno" not in str(caught.value)
    assert "it is a folder" in str(caught.value)
    if Path("/proc/self").is_dir():
        with pytest.raises(OutputError, match=r"cannot write /proc/dropviz/run\.npz: "):
            noisy.save("/proc/dropviz/run.npz")
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("stem", ["a" * 240, "暂" * 83, "🎲" * 62], ids=["ascii", "chinese", "emoji"])
def test_a_long_file_name(stem, noisy, tmp_path):
    """Any name that the file system takes can be saved to, in any script."""
    path = tmp_path / f"{stem}.npz"
    path.touch()
    assert plain(load(noisy.save(path))) == plain(noisy)


def test_load_is_public(noisy, path):
    """dropviz.load takes a path as text."""
    assert plain(dropviz.load(str(noisy.save(str(path))))) == plain(noisy)


def test_nan_of_format_4_was_measured(path):
    """Until format 4, NaN was what a run that had diverged measured: it is read as infinity."""
    arrays = read_arrays(OLD["dropout"])
    arrays["snapshots/test_loss"] = np.append(arrays["snapshots/test_loss"][:-1], np.nan)
    with path.open("wb") as file:
        write_arrays(file, arrays)
    assert load(path).snapshots["test_loss"][-1] == np.inf


def test_a_recording_of_format_1_has_no_weights(path):
    """What the oldest dropviz wrote is read as it was: all of it, and neither weights nor probes."""
    today = load(OLD["dropout"])
    arrays = read_arrays(OLD["dropout"])
    arrays = {name: array for name, array in arrays.items() if not name.startswith(("weights/", "probes/"))}
    about = {**json.loads(arrays["header"].tobytes()), "version": 1}
    del about["weighted"], about["probes"]
    arrays["header"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    with path.open("wb") as file:
        write_arrays(file, arrays)
    assert plain(load(path)) == plain(dataclasses.replace(today, weights={}, probes={}))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"weights/0": lambda array: array[:-1]}, "weights of layer 'hidden 1' do not fit"),
        ({"weights/1": lambda array: array[:, :, 1:]}, "weights of layer 'hidden 2' do not fit"),
        ({"weights/2": lambda array: array.astype(np.float64)}, "weights of layer 'output' do not fit"),
        ({"weights/0": lambda array: array.astype(np.int32)}, "weights of layer 'hidden 1' do not fit"),
        ({"header": header(weights=["input"])}, "weights of layer 'input', to which no layer leads"),
        ({"header": header(weights=["hidden 1"] * 9)}, "damaged"),
        ({"header": header(weights=3)}, "damaged"),
    ],
)
def test_weights_that_do_not_fit(noisy, path, changes, words):
    """Weights of another shape, type or layer are refused in a line that says which."""
    refused(rewrite(noisy, path, **changes), words)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"activations/1": lambda array: array[:-1]}, "activations of layer 'hidden 1' do not fit"),
        ({"activations/1": lambda array: array.astype(np.float32)}, "activations of layer 'hidden 1' do not fit"),
        ({"activations/2": lambda array: array[:, :1]}, "do not fit"),
        ({"tracked_rows": lambda array: array[:, :1]}, "tracked rows do not fit"),
        ({"tracked_rows": np.zeros_like}, "tracked rows do not fit"),
    ],
)
def test_activations_and_rows_that_do_not_fit(noisy, path, changes, words):
    """Arrays of another shape or type, and rows that are tracked twice, are refused."""
    refused(rewrite(noisy, path, **changes), words)


@pytest.mark.parametrize("path", OLD.values(), ids=OLD)
def test_a_recording_of_format_3_is_read_as_one_of_today(path):
    """What an old file holds is what the same run records today: bit for bit, but for products of other processors."""
    old = load(path)
    today = next(run for run in dropviz.train(old.experiment, device="cpu") if run.arm == old.arm)
    assert old.layers == tuple(dataclasses.replace(layer, site="") for layer in today.layers)
    if old.provenance["torch"] != today.provenance["torch"]:
        pytest.skip("another torch draws and multiplies in another order")
    for part in ("masks", "drop_rate", "noise"):  # of the generator: the same on each processor
        names = list(getattr(old, part))
        new = {name: getattr(today, part)[name] for name in names}
        assert plain(dict(getattr(old, part))) == plain(new)
    new = {"layers", "sites", "masks", "drop_rate", "noise", "blocks", "provenance", "activations", "tracked_rows"}
    parts = [field.name for field in dataclasses.fields(old) if field.name not in new]
    for part in parts:
        assert_close(getattr(old, part), getattr(today, part))


def test_kinds_of_noise_in_old_recordings():
    """Each old file says where its noise acts, in typed fields."""
    found = {name: load(path) for name, path in OLD.items()}
    assert [layer.noise for layer in found["dropout"].layers] == ["units", "units", "units", "none"]
    assert [layer.noise for layer in found["gaussian"].layers] == ["none", "multiplicative", "multiplicative", "none"]
    assert [layer.noise for layer in found["dropconnect"].layers] == ["none", "weights", "weights", "none"]
    assert set(found["gaussian"].noise) == {"hidden 1", "hidden 2"}
    assert set(found["dropconnect"].edges) == {"hidden 2", "output"} == set(found["dropconnect"].edge_drop_rate)
    assert not [name for run in found.values() for name in run.probes if name.startswith(("strength", "edges"))]


def test_old_names_go_on_working_with_a_warning(noisy, tiny):
    """Names of 0.3.0 are read for one version more: of a recording, of an experiment, and in a TOML file."""
    with pytest.warns(DeprecationWarning, match="Recording.steps is called 'recorded_iterations' now"):
        assert noisy.steps is noisy.recorded_iterations
    with pytest.warns(DeprecationWarning, match="'tracked'"):
        assert noisy.followed == noisy.tracked
    with pytest.warns(DeprecationWarning, match="'recorded_iterations'"):
        assert tiny.replace(kept_steps=7).recorded_iterations == 7
    text = tiny.to_toml().replace("tracked_examples", "followed_examples")
    with pytest.warns(DeprecationWarning, match="field 'followed_examples' of an experiment"):
        assert dropviz.Experiment.from_toml(text) == tiny
