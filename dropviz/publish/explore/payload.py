"""Values of an explorable page as JSON: recorded arrays in base64, and what their numbers stand for."""

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dropviz.analysis.captions import facts, layer_name
from dropviz.analysis.comparison import DIVERGED, FINAL
from dropviz.errors import RecordingError
from dropviz.publish.explore.sweep import PROBE, Sweep
from dropviz.recording import Recording
from dropviz.style.labels import Labels, words

MAX_BYTES = 4_500_000  # of the arrays in base64; the page has half a megabyte for the rest
STRONGEST = 3  # weights into a unit of the first layer that are drawn, of all inputs
INTEGERS = 32_767  # of 16 bits, on both sides of 0
Array = NDArray[Any]


def make_payload(sweep: Sweep, labels: Labels) -> dict[str, Any]:
    """Return the data of the page. Snapshots are left out, evenly, until it is smaller than 5 MB."""
    snapshots = np.arange(len(sweep.comparison.iterations))
    arrays = _encode_all(sweep, snapshots)
    while (size := sum(len(array["data"]) for array in arrays.values())) > MAX_BYTES:
        count = int(len(snapshots) * MAX_BYTES / size)
        if count < 2:
            raise RecordingError(f"two snapshots of {len(sweep.arms)} arms are more than a page holds: name fewer arms")
        snapshots = np.linspace(0, len(sweep.comparison.iterations) - 1, count).round().astype(int)
        arrays = _encode_all(sweep, snapshots)
    return {
        "dropProbs": sweep.drop_probs,
        "iterations": sweep.comparison.iterations[snapshots].tolist(),
        "lastIteration": int(sweep.comparison.iterations[-1]),
        "seeds": sweep.comparison.seeds,
        "facts": facts(sweep.experiment, sweep.comparison.seeds, labels, spread=_seeds(sweep, labels)),
        "layers": _layers(sweep.first_runs[0], labels),
        "classes": _classes(sweep.first_runs[0], labels),
        "words": {key.removeprefix("explore "): text for key, text in words()[labels.language].items() if _is_own(key)},
        "arrays": arrays,
    }


def _is_own(key: str) -> bool:
    return key.startswith("explore ")


def _seeds(sweep: Sweep, labels: Labels) -> str:
    return labels("colon", name=labels("explore seeds"), value=labels("comma").join(map(str, sweep.comparison.seeds)))


def _layers(run: Recording, labels: Labels) -> list[dict[str, Any]]:
    return [
        {"name": layer_name(layer, labels), "units": layer.units, "shown": list(run.units_shown(layer))}
        for layer in run.layers
    ]


def _classes(run: Recording, labels: Labels) -> list[str]:
    count = run.probe(f"{PROBE}/off prediction", -1, -1, -1).shape[-1]
    names = run.examples.class_names if run.examples is not None else ()
    return [labels.name(name) for name in names] if len(names) == count else [str(number) for number in range(count)]


def _encode_all(sweep: Sweep, snapshots: NDArray[np.int64]) -> dict[str, dict[str, Any]]:
    """Return all arrays by name; the first two axes are arm and snapshot, of curves the last is the seed."""
    runs = sweep.first_runs
    arrays = {
        "image": _pack_bytes(_probe(runs[0], "image")),
        "label": _pack_bytes(_probe(runs[0], "label")),
        "test": _pack_floats(_curves(sweep, FINAL)[:, snapshots]),
        "average": _pack_floats(_averages(sweep)[:, snapshots]),
    }
    for name in ("off prediction", "drawn prediction"):
        arrays[name] = _pack_numbers(_of_arms(runs, name, snapshots))
    layers = range(1, len(runs[0].hidden) + 1)
    for layer in layers:
        for name in (f"off {layer}", f"drawn {layer}", f"weights {layer + 1}"):
            arrays[name] = _pack_numbers(_of_arms(runs, name, snapshots))
        arrays[f"kept {layer}"] = _pack_bits(_of_arms(runs, f"kept {layer}", snapshots))
    return arrays | _strongest(_of_arms(runs, "weights 1", snapshots))


def _probe(run: Recording, name: str) -> Array:
    if f"{PROBE}/{name}" not in run.probes:
        raise RecordingError(f"the probe {PROBE!r} of arm {run.arm!r} is not complete: train it again")
    values = run.probes[f"{PROBE}/{name}"]
    if not np.isfinite(values).all():
        raise RecordingError(f"{PROBE}/{name} of arm {run.arm!r} is not finite: {DIVERGED}")
    return values


def _of_arms(runs: Sequence[Recording], name: str, snapshots: NDArray[np.int64]) -> Array:
    values = [_probe(run, name) for run in runs]
    total = len(runs[0].snapshots["iteration"])
    if len({each.shape for each in values}) > 1 or len(values[0]) != total:
        raise RecordingError(f"{PROBE}/{name} is not of one size in all arms: train them again alike")
    return np.stack(values)[:, snapshots]


def _curves(sweep: Sweep, metric: str) -> Array:
    """Return a metric, float [arms, S, seeds]."""
    return np.stack([arm.finite_values(metric).T for arm in sweep.arms])


def _averages(sweep: Sweep) -> Array:
    """Return the accuracy of averaged passes, float [arms, S, passes, seeds]."""
    return np.stack([np.stack([_probe(run, "average accuracy") for run in arm.runs], axis=-1) for arm in sweep.arms])


def _strongest(weights: Array) -> dict[str, dict[str, Any]]:
    """Return the strongest weights into each unit of the first layer, and the inputs that they come from."""
    index = np.sort(np.argsort(-np.abs(weights), axis=-1, kind="stable")[..., :STRONGEST], axis=-1)
    return {
        "weights 1": _pack_numbers(np.take_along_axis(weights, index, axis=-1)),
        "inputs 1": _pack(index.astype("<u2"), "u2"),
    }


def _pack(values: Array, kind: str, scale: float = 1.0) -> dict[str, Any]:
    return {
        "shape": values.shape,
        "kind": kind,
        "scale": scale,
        "data": base64.b64encode(np.ascontiguousarray(values).tobytes()).decode(),
    }


def _pack_bytes(values: Array) -> dict[str, Any]:
    return _pack(values.astype(np.uint8), "u1")


def _pack_floats(values: Array) -> dict[str, Any]:
    return _pack(values.astype("<f4"), "f4")


def _pack_numbers(values: Array) -> dict[str, Any]:
    """Return numbers as multiples of a 32,767th of the largest, so that 0 stays 0."""
    scale = float(np.abs(values).max()) / INTEGERS or 1.0
    return _pack(np.round(values.astype(float) / scale).astype("<i2"), "i2", scale)


def _pack_bits(values: Array) -> dict[str, Any]:
    return _pack(np.packbits(values.astype(bool)), "bits") | {"shape": values.shape}
