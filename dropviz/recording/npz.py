"""Arrays in a .npz file, written reproducibly and read with distrust: bounded, checked, and never unpickled."""

import os
import re
import zipfile
import zlib
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from dropviz.errors import RecordingError, reason

Arrays = dict[str, NDArray[Any]]

# Masks are random bits, which no compression makes smaller, and in memory a byte each. What unpacks to far more than
# its file holds is a mistake or an attack, and is refused before any of it is unpacked.
SMALL = 64 << 20  # bytes that any file may unpack to
MAX_RATIO = 100  # bytes in memory for each byte of a larger file
MAX_BYTES = 2 << 30
MAX_MEMBERS = 10_000
MAX_DIRECTORY = 2 << 20  # bytes of the list of members
MAX_HEADER = 4 << 20  # bytes of the array `header`
MAX_NPY_HEADER = 10_000  # bytes, as in NumPy
END_OF_ZIP = 22  # bytes of the last record, if it has no comment
PACKED = ("masks/", "edges/")  # eight values in a byte
HEADER = re.compile(
    rb"\{'descr': '([<>|][biufSU]\d{1,9})', 'fortran_order': (True|False), 'shape': \(([\d, ]*)\), \} *\n"
)


def write_arrays(file: BinaryIO, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write `arrays` as a .npz that numpy.load reads. The same arrays give the same bytes: no dates are stored."""
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            member = zipfile.ZipInfo(f"{name}.npy")
            member.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(member, "w") as stream:
                npy.write_array(stream, np.ascontiguousarray(array), allow_pickle=False)


def read_arrays(path: Path, only: str = "") -> Arrays:
    """Read every array of the .npz at `path`, or the one called `only`, if it is there.

    Raises RecordingError, with the reason, if any of it cannot be trusted.
    """
    try:
        with path.open("rb") as file:
            size = _check_directory(file)
            with zipfile.ZipFile(file) as archive:
                return _read_members(archive, only, max(SMALL, min(MAX_RATIO * size, MAX_BYTES)))
    except FileNotFoundError:
        raise RecordingError(f"no recording at {path}: make one with 'dropviz train'") from None
    except IsADirectoryError:
        raise RecordingError(f"{path} is a folder: name the recordings in it") from None
    except OSError as error:
        raise RecordingError(f"cannot read {path}: {error.strerror or error}") from None
    except (
        zipfile.BadZipFile,
        EOFError,
        ValueError,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        TypeError,
    ) as error:
        raise RecordingError(f"{path} is not a recording, or is damaged: {reason(error)}") from None


def _check_directory(file: BinaryIO) -> int:
    """Return the size of the file; raise ValueError unless it ends as recordings do, with a short list of members."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - END_OF_ZIP, 0))
    end = file.read()
    if end[:4] != b"PK\5\6" or end[-2:] != b"\0\0":
        raise ValueError("File is not a zip file, or it has a comment")
    if int.from_bytes(end[12:16], "little") > MAX_DIRECTORY:
        raise ValueError("it lists more arrays than a recording can hold")
    return size


def _read_members(archive: zipfile.ZipFile, only: str, limit: int) -> Arrays:
    members = {member.filename.removesuffix(".npy"): member for member in archive.infolist()}
    total = sum(member.file_size * (8 if name.startswith(PACKED) else 1) for name, member in members.items())
    header = members["header"].file_size if "header" in members else 0
    if len(archive.infolist()) > MAX_MEMBERS or total > limit or header > MAX_HEADER:
        raise ValueError("it unpacks to more than a recording can hold")
    if len(members) < len(archive.infolist()):
        raise ValueError("it holds two arrays of one name")
    if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in members.values()):
        raise ValueError("it is compressed in a way that recordings are not")
    return {
        name: _parse(_unpack(archive, member), member.filename)
        for name, member in members.items()
        if name == only or not only
    }


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """The bytes of a member, its checksum compared; no more is unpacked than the directory says there is."""
    with archive.open(member) as stream:
        return stream.read(member.file_size)


def _parse(data: bytes, name: str) -> NDArray[Any]:
    """One .npy from bytes: NumPy's format 1.0 or 2.0, its header as NumPy itself writes it, and numbers only."""
    width = {b"\x93NUMPY\x01\x00": 2, b"\x93NUMPY\x02\x00": 4}.get(data[:8])
    if width is None:
        raise ValueError(f"{name} has an array format that recordings do not use")
    start = 8 + width + int.from_bytes(data[8 : 8 + width], "little")
    header = HEADER.fullmatch(data[8 + width : start]) if start <= MAX_NPY_HEADER else None
    if header is None:
        raise ValueError(f"{name} has a header that recordings do not use; Python objects, for one, are never loaded")
    dtype, fortran, lengths = np.dtype(header[1].decode()), header[2] == b"True", header[3].split(b",")
    shape = tuple(int(length) for length in lengths if length.strip())
    if prod(shape) * dtype.itemsize != len(data) - start:
        raise ValueError(f"{name} is not as long as its header says")
    return np.frombuffer(data, dtype, offset=start).reshape(shape, order="F" if fortran else "C")
