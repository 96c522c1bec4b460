"""Hostile files for each reader: bytes of real ones changed at random, and claims that nothing behind them keeps."""

import gzip
import io
import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator

from .odd import NAMES

SIZES = (0, 1, 2, 3, 7, 255, 256, 65_535, 10**6, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**63 - 1, 2**64, 10**30)
DTYPES = ("<f8", "<i8", "|u1", "|O", "|O8", ">f4", "<U9", "|S0", "<U999999999", "<f3", "|V8", "<m8", "?", "", "<f16")
TEXTS = (
    "(",
    ")",
    ", ",
    "'",
    "{",
    "}",
    "\n",
    "\0",
    "\xff",
    "-1",
    "1e3",
    "0x10",
    "True",
    "lambda: 0",
    "[(",
    "__import__",
)
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2, 10**6, 10**9, 10**12, 2**63, 10**30, 0.5, 1e308, -0.0, "", "a", [], {}, [[]]),
    *(
        [None],
        [1, 2],
        {"a": 1},
        ["input"] * 50,
        [0] * 3_000,
        list(range(3_000)),
        "x" * 3_000,
        float("nan"),
        float("inf"),
    ),
    *NAMES,
)


def choose(rng: Generator, items):
    """One of the items."""
    return items[rng.integers(len(items))]


def damaged(data: bytes, rng: Generator) -> bytes:
    """Bytes with some changed, left out, or repeated."""
    made = bytearray(data)
    for _ in range(rng.integers(1, 5)):
        at, end = sorted(int(each) for each in rng.integers(0, len(made) + 1, 2))
        end = min(end, at + int(choose(rng, (1, 4, 100))))
        way = rng.integers(6)
        if way == 0:
            made[at:end] = rng.bytes(end - at)
        elif way == 1:
            del made[at:end]
        elif way == 2:
            made[at:at] = made[at:end] * int(rng.integers(1, 4))
        elif way == 3:
            made[at:end] = bytes([choose(rng, (0, 255, 127, 10))]) * (end - at)
        elif way == 4:
            del made[at:]
        else:
            made[at : at + 4] = struct.pack("<I", choose(rng, (0, 1, 65_535, 2**31, 2**32 - 1)))
    return bytes(made)


def npy_header(rng: Generator) -> bytes:
    """An .npy whose header claims something, of any version, with few bytes behind it."""
    lengths = ", ".join(str(choose(rng, SIZES)) for _ in range(rng.integers(0, 5)))
    if rng.random() < 0.02:
        lengths = "9, " * int(choose(rng, (33, 65, 3_000, 20_000)))
    order = choose(rng, ("True", "False", "None"))
    comma = choose(rng, ("", ","))
    text = f"{{'descr': '{choose(rng, DTYPES)}', 'fortran_order': {order}, 'shape': ({lengths}{comma}), }}"
    while rng.random() < 0.3:
        at = int(rng.integers(len(text)))
        text = text[:at] + choose(rng, TEXTS) + text[at + int(rng.integers(0, 3)) :]
    version = choose(rng, (b"\1\0", b"\1\0", b"\2\0", b"\3\0", b"\4\0", b"\0\0"))
    raw = text.encode("latin-1", "replace") + b" " * int(rng.integers(0, 64)) + choose(rng, (b"\n", b"\n", b"", b"\0"))
    claimed = len(raw) if rng.random() < 0.8 else int(choose(rng, (0, 1, 65_535, 2**32 - 1)))
    size = (claimed % 65_536).to_bytes(2, "little") if version[0] < 2 else claimed.to_bytes(4, "little")
    return b"\x93NUMPY" + version + size + raw + rng.bytes(int(choose(rng, (0, 1, 8, 64))))


def packed(members: list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A .zip of these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return file.getvalue()


def lying_zip(data: bytes, rng: Generator) -> bytes:
    """A .zip with other numbers in its directory: sizes, places, methods, flags, the length of the directory."""
    made, places = bytearray(data), []
    for sign, fields in ((b"PK\1\2", (8, 10, 16, 20, 24, 28, 30, 42)), (b"PK\5\6", (8, 10, 12, 16, 20))):
        at = data.find(sign)
        while at >= 0:
            places += [at + field for field in fields]
            at = data.find(sign, at + 4)
    for _ in range(rng.integers(1, 4)):
        at = choose(rng, places)
        made[at : at + 4] = choose(rng, (b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\0", rng.bytes(4)))
    return bytes(made)


def bomb(rng: Generator) -> bytes:
    """A .zip that unpacks to far more than it is, or lists far more than it holds."""
    way = rng.integers(5)
    if way == 0:  # many megabytes of zeros, with a header that says so
        count = int(choose(rng, (10**7, 3 * 10**7)))
        head = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({count},), }}\n".encode()
        return packed([("masks/0.npy", b"\x93NUMPY\1\0" + len(head).to_bytes(2, "little") + head + bytes(count))])
    if way == 1:
        return packed(
            [(f"a{number}.npy", b"") for number in range(int(choose(rng, (9_000, 12_000))))], zipfile.ZIP_STORED
        )
    if way == 2:  # a list of members of tens of megabytes
        entry = b"PK\1\2" + bytes(42)
        count = 500_000
        end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, count % 65_536, count % 65_536, len(entry) * count, 0, 0)
        return entry * count + end
    if way == 3:  # JSON of millions of empty lists
        text = b"[" + b"[]," * int(choose(rng, (10**6, 10**7))) + b"[]]"
        return packed([("header.npy", npy(np.frombuffer(text, np.uint8)))])
    deep = b"[" * 200_000
    return packed([("header.npy", npy(np.frombuffer(deep, np.uint8)))])


def npy(array) -> bytes:
    """An array as the bytes of an .npy."""
    file = io.BytesIO()
    np.lib.format.write_array(file, np.ascontiguousarray(array), allow_pickle=False)
    return file.getvalue()


def odd_value(value: Any, rng: Generator) -> Any:
    """A value of a header, itself or something inside of it replaced."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        keys = [*value]
        key = choose(rng, keys)
        if rng.random() < 0.05:
            return {each: value[each] for each in keys if each != key}
        return {**value, key: odd_value(value[key], rng)}
    if isinstance(value, list) and value and rng.random() < 0.8:
        at = int(rng.integers(len(value)))
        return choose(rng, ([*value[:at], odd_value(value[at], rng), *value[at + 1 :]], value[:at], value * 2))
    return choose(rng, VALUES)


def odd_array(array, rng: Generator):
    """An array of another length, type, shape or order, or of other numbers."""
    ways = (
        lambda: array[: int(rng.integers(0, 3))] if array.ndim else array,
        lambda: array.astype(choose(rng, ("<f8", "<i8", "|u1", "|b1", "<f2", ">f4", "<U3"))),
        lambda: array.T,
        lambda: array[None],
        lambda: np.full_like(array, choose(rng, (0, 1)) if array.dtype.kind in "buSU" else choose(rng, (0, -1, 1))),
        lambda: np.full(array.shape, choose(rng, (np.nan, np.inf, -np.inf, 1e300, -1.0))),
        lambda: np.concatenate([array, array]) if array.ndim else array,
        lambda: np.zeros((0,), array.dtype),
        lambda: np.zeros((2,) * int(rng.integers(0, 20)), array.dtype),
    )
    with np.errstate(all="ignore"):
        return choose(rng, ways)()


def recording_file(arrays: dict[str, Any], data: bytes, rng: Generator) -> bytes:
    """A hostile recording, from the arrays and the bytes of a real one."""
    way = rng.random()
    if way < 0.002:
        return bomb(rng)
    if way < 0.2:
        return damaged(data, rng)
    if way < 0.35:
        return lying_zip(data, rng)
    arrays = dict(arrays)
    if way < 0.75:
        header = json.loads(arrays["header"].tobytes())
        for _ in range(rng.integers(1, 3)):
            header = odd_value(header, rng)
        arrays["header"] = np.frombuffer(json.dumps(header).encode(errors="surrogatepass"), np.uint8)
    elif way < 0.95:
        for _ in range(rng.integers(1, 3)):
            name = choose(rng, [*arrays])
            arrays[name] = odd_array(arrays[name], rng)
    members = [(f"{name}.npy", npy(array)) for name, array in arrays.items()]
    if way > 0.9:
        at = int(rng.integers(len(members)))
        names = (
            members[0][0],
            "/etc/passwd.npy",
            "../../up.npy",
            "",
            "a\0b.npy",
            "header",
            "masks/99.npy",
            "C:\\a.npy",
        )
        members[at] = (choose(rng, names), npy_header(rng) if rng.random() < 0.7 else members[at][1])
    return packed(members, choose(rng, (zipfile.ZIP_STORED, zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)))


TOML = (
    *(
        "[" * 5_000,
        "{a=" * 2_000,
        "a." * 20_000 + "b = 1",
        "1" * 5_000,
        "nan",
        "inf",
        "-0.0",
        "1e999",
        "0x" + "f" * 500,
    ),
    *("true", "1979-05-27T07:32:00Z", '""', "'''", '"""', "[]", "{}", "[[arms]]", "[a]", '"\\ud800"', '"\\u001b[31m"'),
    *('"\\u0000"', "\x1b", "\0", "\ufeff", "\u202e", "#", "=", "\n", "\r", '"#00000g"', '"#000000"', "[[1,[2,[3]]]]"),
    *(
        '"' + "x" * 9_000 + '"',
        "[" + "1," * 20_000 + "]",
        "name = 1\n" * 3,
        "[a.b]\n" * 500,
        "1_000",
        "256",
        "-1",
        "0.5",
    ),
)


def toml_file(data: bytes, rng: Generator) -> bytes:
    """A hostile TOML file, from a real one."""
    if rng.random() < 0.001:
        return bytes([choose(rng, (0, 32, 91, 97))]) * 5_000_000
    if rng.random() < 0.2:
        return damaged(data, rng)
    lines = data.decode().splitlines()
    for _ in range(rng.integers(1, 4)):
        at = int(rng.integers(len(lines)))
        key, sign, _value = lines[at].partition(" = ")
        way = rng.integers(5)
        if way < 3 and sign:
            lines[at] = f"{key} = {choose(rng, TOML)}"
        elif way == 3:
            lines.insert(at, choose(rng, TOML))
        else:
            lines[at] = choose(rng, lines)
    text = "\n".join(lines)
    return text.encode(choose(rng, ("utf-8",) * 20 + ("utf-16", "latin-1", "utf-8-sig")), "replace")


def idx(dims: tuple[int, ...], data: bytes, kind: int = 8) -> bytes:
    """An IDX file that claims these dimensions."""
    sizes = b"".join(struct.pack(">I", size % 2**32) for size in dims)
    return bytes([0, 0, kind, len(dims) % 256]) + sizes + data


def idx_files(rng: Generator) -> dict[str, bytes]:
    """Four IDX files, one or two of them hostile: claims, cuts, other types, gzip bombs."""
    rows, side = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    made = {}
    for part in ("train", "t10k"):
        made[f"{part}-images-idx3-ubyte"] = idx((rows, side, side), rng.bytes(rows * side * side))
        made[f"{part}-labels-idx1-ubyte"] = idx((rows,), bytes(rng.integers(0, 10, rows, np.uint8)))
    for _ in range(rng.integers(1, 3)):
        name = choose(rng, [*made])
        data = made[name]
        way = rng.random()
        if way < 0.002:
            made[f"{name}.gz"] = gzip.compress(idx((60_000, 28, 28), bytes(200_000_000)), 1)
            del made[name]
            break
        if way < 0.35:
            dims = tuple(choose(rng, SIZES) for _ in range(rng.integers(0, 5)))
            made[name] = idx(
                dims, rng.bytes(int(choose(rng, (0, 1, 9, 100)))), int(choose(rng, (8, 8, 9, 11, 14, 0, 255)))
            )
        elif way < 0.8:
            made[name] = damaged(data, rng)
        else:
            made[f"{name}.gz"] = damaged(gzip.compress(data, 1), rng)
            del made[name]
            break
    return made


CELLS = (
    "nan",
    "inf",
    "-inf",
    "1e999",
    "-1",
    "",
    "0",
    "1" * 500,
    "abc",
    '"',
    '""',
    "\0",
    "1,2",
    "٣",
    "1e-400",
    "9" * 19,
)


def log_file(rng: Generator) -> tuple[str, bytes]:
    """The name and the bytes of a hostile CSV, trainer_state.json or event file."""
    if rng.random() < 0.5:
        names = ["step", "epoch", "train_loss", "val_acc", choose(rng, NAMES), "test_accuracy"]
        rows = [[choose(rng, ("1", "2", "0.5", choose(rng, CELLS))) for _ in names] for _ in range(rng.integers(0, 6))]
        text = "\n".join(choose(rng, ",\t;").join(row) for row in [names[: rng.integers(1, 7)], *rows])
        data = text.encode(errors="surrogatepass")
        return "a.csv", damaged(data, rng) if rng.random() < 0.3 else data
    entries = [{"step": n, "loss": 0.5, "epoch": n / 2, "eval_loss": 0.4} for n in range(4)]
    state = odd_value(odd_value({"log_history": entries}, rng), rng)
    data = json.dumps(state).encode(errors="surrogatepass")
    return "trainer_state.json", damaged(data, rng) if rng.random() < 0.3 else data


def write(folder: Path, files: dict[str, bytes]) -> None:
    """Write these files into an empty folder."""
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, data in files.items():
        (folder / name).write_bytes(data)
