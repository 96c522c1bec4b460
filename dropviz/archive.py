"""Arrays in a .npz file, written reproducibly and read with distrust: bounded, checked, and never unpickled."""

import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from dropviz.errors import RecordingError, reason

Arrays = dict[str, NDArray[Any]]

# A recording of ten million masks stays far below this; a file that unpacks to more is a mistake or an attack.
MOST_BYTES = 2 << 30
MOST_MEMBERS = 10_000


def write_arrays(file: BinaryIO, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write `arrays` as a .npz that numpy.load reads. The same arrays give the same bytes: no dates are stored."""
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            member = zipfile.ZipInfo(f"{name}.npy")
            member.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(member, "w") as stream:
                npy.write_array(stream, np.ascontiguousarray(array), allow_pickle=False)


def read_arrays(path: Path) -> Arrays:
    """Read every array of the .npz at `path`; RecordingError, with the reason, if any of it cannot be trusted."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _read_members(archive)
    except FileNotFoundError:
        raise RecordingError(f"no recording at {path}: make one with 'dropviz train'") from None
    except OSError as error:
        raise RecordingError(f"cannot read {path}: {error.strerror or error}") from None
    except (zipfile.BadZipFile, EOFError, ValueError, zlib.error, NotImplementedError, RuntimeError) as error:
        raise RecordingError(f"{path} is not a recording, or is damaged: {reason(error)}") from None


def _read_members(archive: zipfile.ZipFile) -> Arrays:
    members = archive.infolist()
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_BYTES:
        raise ValueError("it unpacks to more than a recording can hold")
    if len({member.filename for member in members}) < len(members):
        raise ValueError("it holds two arrays of one name")
    # ZipFile.read checks each member's checksum, and stops at the size that the directory gives.
    return {member.filename.removesuffix(".npy"): _parse(archive.read(member), member.filename) for member in members}


def _parse(data: bytes, name: str) -> NDArray[Any]:
    """One .npy from bytes. The header is checked before anything of the size that it claims is allocated."""
    stream = io.BytesIO(data)
    version = npy.read_magic(stream)
    if version == (1, 0):
        shape, fortran, dtype = npy.read_array_header_1_0(stream)
    elif version == (2, 0):
        shape, fortran, dtype = npy.read_array_header_2_0(stream)
    else:
        raise ValueError(f"{name} has an array format that recordings do not use")
    if dtype.hasobject:
        raise ValueError(f"{name} holds Python objects, which are never loaded")
    count = 1
    for length in shape:
        count *= length
    if min(shape, default=0) < 0 or count * dtype.itemsize != len(data) - stream.tell():
        raise ValueError(f"{name} is not as long as its header says")
    flat = np.frombuffer(data, dtype, offset=stream.tell())
    return flat.reshape(shape, order="F" if fortran else "C")
