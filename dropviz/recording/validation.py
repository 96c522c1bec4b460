"""Validation of recordings: every part is complete, and consistent with the others."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dropviz.errors import RecordingError
from dropviz.recording.parts import LAYER_KINDS, NOISE_KINDS, Examples, Layer

METRIC_NAME = re.compile(r"[A-Za-z][\w .-]{0,39}")
PROBE_NAME = re.compile(r"[\w .-]{1,40}(/[\w .-]{1,40})?")
MAX_WHITE = 255
Arrays = Mapping[str, NDArray[Any]]


def require(holds: object, message: str) -> None:
    """Raise RecordingError with this message unless `holds` is true."""
    if not holds:
        raise RecordingError(message)


def fits(array: Any, kinds: str, *shape: int) -> bool:
    """Return whether `array` is of one of the dtype `kinds` and of this shape, in which -1 stands for any length."""
    good = isinstance(array, np.ndarray) and array.dtype.kind in kinds and array.ndim == len(shape)
    return good and all(want in (-1, has) for want, has in zip(shape, array.shape, strict=True))


def validate_names(arm: Any, seed: Any, provenance: Any) -> None:
    """Validate what identifies a run."""
    require(isinstance(arm, str), "its arm has no name")
    require(type(seed) is int and seed >= 0, "its seed is not a whole number")
    good = isinstance(provenance, Mapping) and all(isinstance(value, str | int) for value in provenance.values())
    require(good, "its provenance is not a table of words and numbers")


def validate_layers(layers: Sequence[Layer]) -> None:
    """Validate names, sizes, kinds and drop probabilities."""
    require(len({layer.name for layer in layers}) == len(layers), "two of its layers have one name")
    for layer in layers:
        require(isinstance(layer.name, str) and layer.kind in LAYER_KINDS, f"layer {layer.name!r} is of no known kind")
        require(type(layer.units) is int and layer.units >= 1, f"layer {layer.name!r} has no units")
        good = isinstance(layer.drop_prob, int | float) and 0 <= layer.drop_prob <= 1
        require(good, f"drop_prob of layer {layer.name!r} is {layer.drop_prob!r}: must be from 0 to 1")
        require(layer.noise in NOISE_KINDS, f"layer {layer.name!r} has noise of no known kind")


def validate_snapshots(snapshots: Arrays) -> None:
    """Validate that there is an iteration for each snapshot, and at least one metric that was measured."""
    require("iteration" in snapshots, "its snapshots have no iteration")
    length = len(snapshots["iteration"])
    require(len(snapshots) > 1 or not length, "its snapshots have no metric")
    for name, values in snapshots.items():
        require(isinstance(name, str) and METRIC_NAME.fullmatch(name), f"its metric {name!r} has no usable name")
        require(fits(values, "iu" if name == "iteration" else "f", length), f"its {name} does not fit")
        if name.endswith("accuracy"):
            good = np.all(np.isnan(values) | ((values >= 0) & (values <= 1)))
            require(good, f"its {name} is not within 0 and 1")
    require(_counts_up(snapshots["iteration"]), "its snapshots are not in order")
    measured = [~np.isnan(values) for name, values in snapshots.items() if name != "iteration"]
    require(not length or np.any(measured, axis=0).all(), "one of its snapshots has no metric")
    require(not length or np.any(measured, axis=1).all(), "one of its metrics was never measured")


def validate_iterations(iterations: Any) -> None:
    """Validate recorded iterations."""
    good = fits(iterations, "iu", -1) and _counts_up(iterations)
    require(good, "its recorded iterations are not iterations in order")


def validate_shown_units(shown: Mapping[str, tuple[int, ...]], layers: Sequence[Layer]) -> None:
    """Validate that the units whose weights are recorded are units of their layers, in order."""
    units = {layer.name: layer.units for layer in layers}
    for name, numbers in shown.items():
        good = name in units and len(numbers) >= 1 and all(type(number) is int for number in numbers)
        good = good and numbers[0] >= 0 and numbers[-1] < units[name] and all(a < b for a, b in pairwise(numbers))
        require(good, f"the units of layer {name!r} whose weights it has do not fit")


def validate_weights(
    iterations: int, layers: Sequence[Layer], shown: Mapping[str, Sequence[int]], weights: Arrays
) -> None:
    """Validate weights between shown units."""
    shapes = _shapes_between(iterations, layers, shown)
    for name, values in weights.items():
        require(name in shapes, f"it has weights of layer {name!r}, to which no layer leads")
        good = fits(values, "f", *shapes[name]) and values.dtype == np.float32
        require(good, f"weights of layer {name!r} do not fit: {np.shape(values)} for {shapes[name]}")


def validate_activations(iterations: int, shown: Mapping[str, Sequence[int]], activations: Arrays) -> None:
    """Validate activations of shown units, which are of as many examples in every layer."""
    examples = {values.shape[1] for values in activations.values() if np.ndim(values) == 3}
    for name, values in activations.items():
        require(name in shown, f"it has activations of layer {name!r}, which shows no units")
        good = fits(values, "f", iterations, -1, len(shown[name])) and values.dtype == np.float16
        require(good and len(examples) == 1, f"activations of layer {name!r} do not fit")


def validate_tracked_rows(iterations: int, rows: Any, tracked: int) -> None:
    """Validate rows of minibatches, each different in its minibatch."""
    if rows is None:
        return
    good = fits(rows, "iu", iterations, tracked or -1) and bool(np.all(rows >= 0))
    good = good and bool(np.all(np.diff(np.sort(rows, axis=1), axis=1) > 0))
    require(good, "its tracked rows do not fit")


def validate_edges(
    iterations: int, layers: Sequence[Layer], shown: Mapping[str, Sequence[int]], edges: Arrays, drop_rate: Arrays
) -> None:
    """Validate masks of the edges between shown units, and the share dropped of all edges."""
    shapes = _shapes_between(iterations, layers, shown)
    require(set(edges) == set(drop_rate), "its edges and their drop rates are of different layers")
    for name, kept in edges.items():
        require(name in shapes, f"it has edges of layer {name!r}, to which no layer leads")
        require(fits(kept, "b", *shapes[name]), f"edges of layer {name!r} do not fit")
        validate_rate(drop_rate[name], iterations, f"drop rates of the edges of layer {name!r}")


def validate_probes(probes: Arrays) -> None:
    """Validate that probes are arrays of numbers with usable names."""
    for name, values in probes.items():
        good = isinstance(values, np.ndarray) and values.dtype.kind in "biuf"
        require(isinstance(name, str) and PROBE_NAME.fullmatch(name) and good, f"its probe {name!r} does not fit")


def validate_examples(examples: Examples, iterations: int, masks: Sequence[NDArray[Any]]) -> None:
    """Validate tracked examples."""
    classes = len(examples.class_names)
    require(fits(examples.index, "iu", iterations, -1), "its example indices do not fit")
    rows = examples.index.shape[1]
    require(rows and classes, "its examples are none, or of no classes")
    good = fits(examples.label, "iu", iterations, rows) and np.all((examples.label >= 0) & (examples.label < classes))
    require(good, "its example labels do not fit")
    require(fits(examples.prediction, "f", iterations, rows, classes), "its predictions do not fit")
    image = examples.image
    good = fits(image, "u", iterations, rows, -1, -1) and min(image.shape[2:]) >= 1
    require(good, "its example images do not fit")
    white = examples.white
    require(type(white) is int and 1 <= white <= MAX_WHITE, f"its white is {white!r}: must be from 1 to {MAX_WHITE}")
    require(np.all(image <= white), "its images are brighter than white")
    require(all(mask.shape[1] == rows for mask in masks), "its masks and examples are not of equal number")


def validate_rate(rate: Any, length: int, what: str) -> None:
    """Validate shares from 0 to 1, float [length]."""
    good = fits(rate, "f", length) and bool(np.all((rate >= 0) & (rate <= 1)))
    require(good, f"{what} do not fit")


def _shapes_between(
    iterations: int, layers: Sequence[Layer], shown: Mapping[str, Sequence[int]]
) -> dict[str, tuple[int, int, int]]:
    """Return the shape of values between shown units, by the layer that they lead to."""
    counts = {layer.name: len(shown.get(layer.name, ())) for layer in layers}
    return {layer.name: (iterations, counts[layer.name], counts[before.name]) for before, layer in pairwise(layers)}


def _counts_up(iterations: NDArray[Any]) -> bool:
    return bool(np.all(np.diff(iterations, prepend=0) > 0))
