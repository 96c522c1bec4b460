"""Headers and arrays of older formats, brought to the one of today.

1 had no weights, 2 no probes; up to 3, the kind of noise was the prefix of a probe's name, and the units whose weights
are stored followed from a rule; up to 4, masks were those of layers, not of sites, noise was called strengths, and NaN
was a measured value of a metric; up to 5, there were no activations, and tracked examples were the first rows.
"""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dropviz.recording.masks import pack_mask
from dropviz.recording.npz import Arrays
from dropviz.recording.shown import sample_units

METRICS = ("train_accuracy", "test_accuracy", "train_loss", "test_loss", "validation_accuracy", "validation_loss")
EXPERIMENT_FIELDS = {"kept_steps": "recorded_iterations", "followed_examples": "tracked_examples"}
STRENGTH, EDGES, RATE = "strength/", "edges/", " rate"
SHOWN = 10


def upgrade(header: dict[str, Any], arrays: Arrays) -> tuple[dict[str, Any], Arrays]:
    """Return header and arrays as format 6 has them; those of format 6 as they are."""
    if header["version"] < 4:
        header, arrays = _upgrade_noise(header, arrays)
    if header["version"] < 5:
        header, arrays = _upgrade_sites(header, arrays)
        arrays = {name: _nan_as_infinity(name, values) for name, values in arrays.items()}
    if header["version"] < 6:
        header = {**header, "activations": []}
    return header, arrays


def _nan_as_infinity(name: str, values: NDArray[Any]) -> NDArray[Any]:
    """Return the values of a metric with NaN, which a run that diverged had measured, as infinity."""
    is_metric = name.startswith("snapshots/") and values.dtype.kind == "f"
    return np.where(np.isnan(values), np.inf, values) if is_metric and np.isnan(values).any() else values


def _upgrade_sites(header: dict[str, Any], arrays: Arrays) -> tuple[dict[str, Any], Arrays]:
    """Return header and arrays of format 4 as format 5 has them: a site for each layer with masks."""
    layers = {layer["name"]: layer for layer in header["layers"]}
    names = header["masks"]
    sites = [
        {
            "name": name,
            "kind": "multiplicative" if layers[name]["noise"] == "multiplicative" else "units",
            "drop_prob": layers[name]["drop_prob"],
            "axes": ["example", "unit"],
            "shape": [int(arrays[f"masks/{number}"].shape[1]), layers[name]["units"]],
        }
        for number, name in enumerate(names)
    ]
    new = {name.replace("strengths/", "noise/"): array for name, array in arrays.items()}
    rest = {"noise": header["strengths"], "mask_sizes": [], "blocks": [], "unseen": [], "sites": sites}
    return {**header, **rest}, new


def _upgrade_noise(header: dict[str, Any], arrays: Arrays) -> tuple[dict[str, Any], Arrays]:
    """Return header and arrays of formats 1 to 3 as format 4 has them."""
    probes = {str(name): arrays[f"probes/{number}"] for number, name in enumerate(header.get("probes", ()))}
    new = {name: array for name, array in arrays.items() if not name.startswith(("probes/", "steps"))}
    new["recorded_iterations"] = arrays["steps"]
    strengths = _taken(probes, STRENGTH)
    edges = {name: values for name, values in _taken(probes, EDGES).items() if not name.endswith(RATE)}
    rates = {name.removesuffix(RATE): values for name, values in _taken(probes, EDGES).items() if name.endswith(RATE)}
    rest = {name: values for name, values in probes.items() if not name.startswith((STRENGTH, EDGES))}
    numbered = {
        "strengths": strengths,
        "edges": {name: pack_mask(values.astype(bool)) for name, values in edges.items()},
        "edge_drop_rate": rates,
        "probes": rest,
    }
    for part, values in numbered.items():
        new |= {f"{part}/{number}": array for number, array in enumerate(values.values())}
    return {
        **header,
        **{part: list(values) for part, values in numbered.items()},
        "experiment": _experiment(header["experiment"]),
        "metrics": [name for name in METRICS if f"snapshots/{name}" in arrays],
        "layers": _layers(header, set(strengths), set(edges)),
        "shown_units": {str(layer["name"]): sample_units(layer["units"], SHOWN) for layer in header["layers"]},
        "masks": header["masked"],
        "drop_rate": header["masked"],
        "weights": header.get("weighted", []),
    }, new


def _taken(probes: Arrays, prefix: str) -> Arrays:
    return {name.removeprefix(prefix): values for name, values in probes.items() if name.startswith(prefix)}


def _experiment(fields: Any) -> Any:
    if not isinstance(fields, dict):
        return fields
    return {EXPERIMENT_FIELDS.get(name, name): value for name, value in fields.items()}


def _layers(header: dict[str, Any], strengths: set[str], edges: set[str]) -> list[dict[str, Any]]:
    """Return the layers with the kind of noise that follows from what was stored of it."""
    layers = [dict(layer) for layer in header["layers"]]
    for layer in layers:
        name = layer["name"]
        layer["noise"] = "multiplicative" if name in strengths else "units" if name in header["masked"] else "none"
    for before, layer in pairwise(layers):
        if layer["name"] in edges:
            before["noise"] = "weights"
    return layers
