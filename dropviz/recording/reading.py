"""Reading of recordings: every part is checked, and nothing is unpickled."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from dropviz._util.paths import user_path
from dropviz.errors import ExperimentError, RecordingError
from dropviz.experiments.experiment import Experiment
from dropviz.recording.masks import unpack_mask
from dropviz.recording.migration import upgrade
from dropviz.recording.npz import Arrays, read_arrays
from dropviz.recording.parts import Block, Examples, Layer, Site
from dropviz.recording.recording import EXAMPLE_ARRAYS, FORMAT, VERSION, Recording
from dropviz.recording.validation import require

UNPACKED = ("drop_rate", "noise", "mask_sizes", "weights", "activations", "edge_drop_rate")


def load(path: str | Path) -> Recording:
    """Read a recording and check all of it.

    Raises RecordingError if the file is missing, damaged, not a recording, or written by a newer dropviz.

    >>> import dropviz
    >>> path = dropviz.train("digits", seeds=1, epochs=1)[0].save("out/run.npz")
    >>> dropviz.load(path).arm
    'no dropout'
    """
    path = user_path(path)
    arrays = read_arrays(path)
    try:
        return _from_arrays(*upgrade(_read_header(arrays), arrays))
    except (RecordingError, ExperimentError) as error:
        raise RecordingError(f"{path}: {error}") from None
    except (LookupError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise RecordingError(f"{path} is damaged: {type(error).__name__} {error}") from None


def read_run(path: Path) -> tuple[Experiment, str, int] | None:
    """Return experiment, arm and seed of a recording, without reading the rest of it.

    None if it is of an older format, of a custom training loop, or cannot be read.
    """
    try:
        header = _read_header(read_arrays(path, only="header"))
        if header["version"] != VERSION or not header["experiment"]:
            return None
        return Experiment.from_mapping(header["experiment"]), str(header["arm"]), int(header["seed"])
    except (RecordingError, ExperimentError, KeyError, TypeError, ValueError):
        return None


def _from_arrays(header: dict[str, Any], arrays: Arrays) -> Recording:
    layers = tuple(Layer(**layer) for layer in header["layers"])
    sites = tuple(
        Site(**{**site, "axes": tuple(site["axes"]), "shape": tuple(site["shape"])}) for site in header["sites"]
    )
    length = len(arrays["recorded_iterations"])
    shown = {str(name): tuple(units) for name, units in header["shown_units"].items()}
    about = header["examples"]
    return Recording(
        arm=header["arm"],
        seed=header["seed"],
        layers=layers,
        snapshots={name: arrays[f"snapshots/{name}"] for name in ("iteration", *header["metrics"])},
        recorded_iterations=arrays["recorded_iterations"],
        experiment=Experiment.from_mapping(header["experiment"]) if header["experiment"] else None,
        examples=None if about is None else _read_examples(arrays, about),
        shown_units=shown,
        probes=_numbered(header, arrays, "probes"),
        provenance=header["provenance"],
        sites=sites,
        blocks=tuple(
            Block(**{**block, "shape": tuple(block["shape"]), "inputs": tuple(block["inputs"])})
            for block in header["blocks"]
        ),
        unseen=tuple(header["unseen"]),
        tracked_rows=arrays.get("tracked_rows"),
        masks=_unpacked(header, arrays, "masks", {site.name: (length, *site.shape) for site in sites}),
        edges=_unpacked(header, arrays, "edges", _shapes_between(layers, shown)),
        **{part: _numbered(header, arrays, part) for part in UNPACKED},
    )


def _numbered(header: Mapping[str, Any], arrays: Arrays, part: str) -> dict[str, NDArray[Any]]:
    """Return the arrays of a part by the names that the header lists."""
    return {str(name): arrays[f"{part}/{number}"] for number, name in enumerate(header[part])}


def _unpacked(
    header: Mapping[str, Any], arrays: Arrays, part: str, shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, Any]:
    return {
        name: unpack_mask(bits, shapes.get(name, (0,)), f"{part} of {name!r}")
        for name, bits in _numbered(header, arrays, part).items()
    }


def _shapes_between(layers: tuple[Layer, ...], shown: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """Return the shape of edges between shown units, by the layer that they lead to."""
    counts = [len(shown.get(layer.name, ())) for layer in layers]
    return {layer.name: (-1, -1, count) for layer, count in zip(layers[1:], counts, strict=False)}


def _read_examples(arrays: Arrays, about: Mapping[str, Any]) -> Examples:
    parts = {name: arrays[f"examples/{name}"] for name in EXAMPLE_ARRAYS}
    return Examples(**parts, white=about["white"], class_names=tuple(str(name) for name in about["class_names"]))


def _read_header(arrays: Arrays) -> dict[str, Any]:
    try:
        header: Any = json.loads(arrays["header"].tobytes())
        known = header["format"] == FORMAT
    except (KeyError, TypeError, ValueError, RecursionError):
        known = False
    require(known, "not a dropviz recording, though it is a .npz file of arrays")
    version = header["version"]
    require(type(version) is int and version >= 1, "its format version is no version")
    require(
        version <= VERSION, f"written by a newer dropviz (format {version}; this one reads {VERSION}): upgrade dropviz"
    )
    return dict(header)
