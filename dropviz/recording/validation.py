"""What makes a recording one: every part of it is there, and fits the others."""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dropviz.charts.base.geometry import sample
from dropviz.errors import RecordingError

if TYPE_CHECKING:
    from dropviz.recording.recording import Layer, Recording

SERIES = ("iteration", "train_accuracy", "test_accuracy", "train_loss", "test_loss")
HELD_OUT = ("validation_accuracy", "validation_loss")  # only where images were held out
KINDS = ("input", "hidden", "output")
PROBE_NAME = re.compile(r"[\w .-]{1,40}(/[\w .-]{1,40})?")


def check(recording: "Recording") -> None:
    """RecordingError that says which part does not fit."""
    _check_names(recording)
    _check_layers(recording.layers)
    _check_snapshots(recording.snapshots)
    _check_steps(recording)
    _check_examples(recording)
    _check_weights(recording)
    _check_probes(recording.probes)
    if recording.experiment is not None and recording.arm not in [arm.name for arm in recording.experiment.arms]:
        raise RecordingError(f"arm {recording.arm!r} is not one of its experiment's")


def require(holds: object, words: str) -> None:
    """RecordingError with these words if it does not hold."""
    if not holds:
        raise RecordingError(words)


def fits(array: Any, kinds: str, *shape: int) -> bool:
    """Whether `array` has a dtype of one of the `kinds` and this shape; -1 stands for any length."""
    good = isinstance(array, np.ndarray) and array.dtype.kind in kinds and array.ndim == len(shape)
    return good and all(want in (-1, has) for want, has in zip(shape, array.shape, strict=True))


def _check_names(recording: "Recording") -> None:
    require(isinstance(recording.arm, str), "its arm has no name")
    require(type(recording.seed) is int and recording.seed >= 0, "its seed is not a whole number")
    made = recording.provenance
    good = isinstance(made, Mapping) and all(isinstance(value, str | int) for value in made.values())
    require(good, "its provenance is not a table of words and numbers")


def _check_layers(layers: "tuple[Layer, ...]") -> None:
    require(len(layers) >= 1, "it has no layers")
    require(len({layer.name for layer in layers}) == len(layers), "two of its layers have one name")
    for layer in layers:
        require(isinstance(layer.name, str) and layer.kind in KINDS, f"layer {layer.name!r} is of no known kind")
        require(type(layer.units) is int and layer.units >= 1, f"layer {layer.name!r} has no units")
        good = isinstance(layer.drop_prob, int | float) and 0 <= layer.drop_prob <= 1
        require(good, f"drop_prob of layer {layer.name!r} is {layer.drop_prob!r}: must be from 0 to 1")


def _check_snapshots(snapshots: Mapping[str, NDArray[Any]]) -> None:
    require(set(snapshots) - set(HELD_OUT) == set(SERIES), f"its snapshots must be {', '.join(SERIES)}")
    length = len(snapshots["iteration"])
    for name in snapshots:
        require(fits(snapshots[name], "iu" if name == "iteration" else "f", length), f"its {name} does not fit")
        if name.endswith("accuracy"):
            values = snapshots[name]
            require(np.all((values >= 0) & (values <= 1)), f"its {name} is not within 0 and 1")
    require(_counts_up(snapshots["iteration"]), "its snapshots are not in order")


def _check_steps(recording: "Recording") -> None:
    steps, units = recording.steps, {layer.name: layer.units for layer in recording.layers}
    require(fits(steps, "iu", -1) and _counts_up(steps), "its steps are not iterations in order")
    require(set(recording.masks) == set(recording.drop_rate), "its masks and drop rates are of different layers")
    for name, mask in recording.masks.items():
        require(name in units, f"it has masks of layer {name!r}, which is not one of its layers")
        good = fits(mask, "b", len(steps), recording.followed, units[name])
        require(good, f"masks of layer {name!r} do not fit: {np.shape(mask)} for {units[name]} units")
        rate = recording.drop_rate[name]
        good = fits(rate, "f", len(steps)) and bool(np.all((rate >= 0) & (rate <= 1)))
        require(good, f"drop rates of layer {name!r} do not fit")


def _check_weights(recording: "Recording") -> None:
    steps, shown = len(recording.steps), {layer.name: len(sample(layer.units)) for layer in recording.layers}
    shapes = {
        layer.name: (steps, shown[layer.name], shown[before.name]) for before, layer in pairwise(recording.layers)
    }
    for name, weights in recording.weights.items():
        require(name in shapes, f"it has weights of layer {name!r}, to which no layer leads")
        good = fits(weights, "f", *shapes[name]) and weights.dtype == np.float32
        require(good, f"weights of layer {name!r} do not fit: {np.shape(weights)} for {shapes[name]}")


def _check_probes(probes: Mapping[str, NDArray[Any]]) -> None:
    for name, values in probes.items():
        good = isinstance(values, np.ndarray) and values.dtype.kind in "biuf"
        require(isinstance(name, str) and PROBE_NAME.fullmatch(name) and good, f"its probe {name!r} does not fit")


def _check_examples(recording: "Recording") -> None:
    examples = recording.examples
    if examples is None:
        return
    steps, classes = len(recording.steps), len(examples.class_names)
    require(fits(examples.index, "iu", steps, -1), "its example indices do not fit")
    rows = examples.index.shape[1]
    good = fits(examples.label, "iu", steps, rows) and np.all((examples.label >= 0) & (examples.label < classes))
    require(good, "its example labels do not fit")
    require(fits(examples.prediction, "f", steps, rows, classes), "its predictions do not fit")
    image = examples.image
    require(fits(image, "u", steps, rows, -1, -1), "its example images do not fit")
    require(type(examples.white) is int and np.all(image <= examples.white), "its images are brighter than white")
    require(not recording.masks or recording.followed == rows, "its masks and examples are not of equal number")


def _counts_up(iterations: NDArray[Any]) -> bool:
    return bool(np.all(np.diff(iterations, prepend=0) > 0))
