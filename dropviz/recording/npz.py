"""Arrays in a .npz file, written reproducibly and read with distrust: bounded, checked, and never unpickled."""

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

# A recording of ten million masks stays far below this; a file that unpacks to more is a mistake or an attack.
MAX_BYTES = 2 << 30
MAX_MEMBERS = 10_000
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
        with zipfile.ZipFile(path) as archive:
            return _read_members(archive, only)
    except FileNotFoundError:
        raise RecordingError(f"no recording at {path}: make one with 'dropviz train'") from None
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


def _read_members(archive: zipfile.ZipFile, only: str) -> Arrays:
    members = archive.infolist()
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_BYTES:
        raise ValueError("it unpacks to more than a recording can hold")
    if len({member.filename.removesuffix(".npy") for member in members}) < len(members):
        raise ValueError("it holds two arrays of one name")
    if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in members):
        raise ValueError("it is compressed in a way that recordings are not")
    return {
        name: _parse(_unpack(archive, member), member.filename)
        for member in members
        if (name := member.filename.removesuffix(".npy")) == only or not only
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
    header = HEADER.fullmatch(data[8 + width : start])
    if header is None:
        raise ValueError(f"{name} has a header that recordings do not use; Python objects, for one, are never loaded")
    dtype, fortran, lengths = np.dtype(header[1].decode()), header[2] == b"True", header[3].split(b",")
    shape = tuple(int(length) for length in lengths if length.strip())
    if prod(shape) * dtype.itemsize != len(data) - start:
        raise ValueError(f"{name} is not as long as its header says")
    return np.frombuffer(data, dtype, offset=start).reshape(shape, order="F" if fortran else "C")
