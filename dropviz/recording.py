"""The central type: what one run of one arm with one seed recorded. Saved to one file, loaded with every check."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dropviz.archive import Arrays, read_arrays, write_arrays
from dropviz.errors import ExperimentError, RecordingError
from dropviz.experiment import Experiment
from dropviz.files import replace_whole
from dropviz.layout import sample

FORMAT = "dropviz recording"
VERSION = 2  # 1 had no weights
SERIES = ("iteration", "train_accuracy", "test_accuracy", "train_loss", "test_loss")
KINDS = ("input", "hidden", "output")


@dataclass(frozen=True)
class Layer:
    """One layer of units. `drop_prob` is the probability that one of them is dropped in training."""

    name: str
    units: int
    kind: str
    drop_prob: float = 0.0


@dataclass(frozen=True, eq=False)
class Examples:
    """The followed examples: the first rows of the minibatch of each kept step.

    index      int [T, examples], row in the training set of the experiment
    label      int [T, examples], the class it was trained on (with label noise, perhaps not the true one)
    prediction float32 [T, examples, classes], the probabilities that the network gave in that very training pass,
               with its units dropped
    image      uint8 [T, examples, height, width], 0 to `white`
    """

    index: NDArray[np.int64]
    label: NDArray[np.int64]
    prediction: NDArray[np.float32]
    image: NDArray[np.uint8]
    white: int
    class_names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Recording:
    """One run. Checked when made: RecordingError says which part does not fit.

    snapshots  equal-length arrays `iteration train_accuracy test_accuracy train_loss test_loss`, dropout off
    steps      int [T], the iterations (counted from 1) whose masks were kept
    masks      by layer name, bool [T, examples, units], True = kept
    drop_rate  by layer name, float [T], the share of units dropped over the whole minibatch
    weights    by name of the layer they lead to, float32 [T, shown, shown of the layer before], between the units of
               `layout.sample`, as they were in the pass of each kept step; empty where they were not recorded
    experiment None for a training loop of one's own
    provenance what made the recording: versions, device, and the seed of the noise
    """

    arm: str
    seed: int
    layers: tuple[Layer, ...]
    snapshots: Mapping[str, NDArray[Any]]
    steps: NDArray[np.int64]
    masks: Mapping[str, NDArray[np.bool_]]
    drop_rate: Mapping[str, NDArray[np.float64]]
    experiment: Experiment | None = None
    examples: Examples | None = None
    weights: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    provenance: Mapping[str, str | int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_names(self)
        _check_layers(self.layers)
        _check_snapshots(self.snapshots)
        _check_steps(self)
        _check_examples(self)
        _check_weights(self)
        if self.experiment is not None and self.arm not in [arm.name for arm in self.experiment.arms]:
            raise RecordingError(f"arm {self.arm!r} is not one of its experiment's")

    @property
    def followed(self) -> int:
        """How many examples of each minibatch were followed."""
        return max((mask.shape[1] for mask in self.masks.values()), default=0)

    def save(self, path: str | Path) -> Path:
        """Write the recording to `path`, whole or not at all. Equal recordings give equal bytes."""
        path = Path(path)
        with replace_whole(path) as file:
            write_arrays(file, _to_arrays(self))
        return path


def load(path: str | Path) -> Recording:
    """Read a recording and check all of it; RecordingError if it is missing, damaged, foreign or newer."""
    path = Path(path)
    arrays = read_arrays(path)
    try:
        return _from_arrays(arrays)
    except (RecordingError, ExperimentError) as error:
        raise RecordingError(f"{path}: {error}") from None
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise RecordingError(f"{path} is damaged: {type(error).__name__} {error}") from None


def _require(holds: object, words: str) -> None:
    if not holds:
        raise RecordingError(words)


def _is(array: Any, kinds: str, *shape: int) -> bool:
    """Whether `array` has a dtype of one of the `kinds` and this shape; -1 stands for any length."""
    fits = isinstance(array, np.ndarray) and array.dtype.kind in kinds and array.ndim == len(shape)
    return fits and all(want in (-1, has) for want, has in zip(shape, array.shape, strict=True))


def _check_names(recording: Recording) -> None:
    _require(isinstance(recording.arm, str), "its arm has no name")
    _require(type(recording.seed) is int and recording.seed >= 0, "its seed is not a whole number")
    made = recording.provenance
    fits = isinstance(made, Mapping) and all(isinstance(value, str | int) for value in made.values())
    _require(fits, "its provenance is not a table of words and numbers")


def _check_layers(layers: tuple[Layer, ...]) -> None:
    _require(len(layers) >= 1, "it has no layers")
    _require(len({layer.name for layer in layers}) == len(layers), "two of its layers have one name")
    for layer in layers:
        _require(isinstance(layer.name, str) and layer.kind in KINDS, f"layer {layer.name!r} is of no known kind")
        _require(type(layer.units) is int and layer.units >= 1, f"layer {layer.name!r} has no units")
        fits = isinstance(layer.drop_prob, int | float) and 0 <= layer.drop_prob <= 1
        _require(fits, f"drop_prob of layer {layer.name!r} is {layer.drop_prob!r}: must be from 0 to 1")


def _check_snapshots(snapshots: Mapping[str, NDArray[Any]]) -> None:
    _require(set(snapshots) == set(SERIES), f"its snapshots must be {', '.join(SERIES)}")
    length = len(snapshots["iteration"])
    for name in SERIES:
        _require(_is(snapshots[name], "iu" if name == "iteration" else "f", length), f"its {name} does not fit")
        if name.endswith("accuracy"):
            values = snapshots[name]
            _require(np.all((values >= 0) & (values <= 1)), f"its {name} is not within 0 and 1")
    _require(_counts_up(snapshots["iteration"]), "its snapshots are not in order")


def _check_steps(recording: Recording) -> None:
    steps, units = recording.steps, {layer.name: layer.units for layer in recording.layers}
    _require(_is(steps, "iu", -1) and _counts_up(steps), "its steps are not iterations in order")
    _require(set(recording.masks) == set(recording.drop_rate), "its masks and drop rates are of different layers")
    for name, mask in recording.masks.items():
        _require(name in units, f"it has masks of layer {name!r}, which is not one of its layers")
        fits = _is(mask, "b", len(steps), recording.followed, units[name])
        _require(fits, f"masks of layer {name!r} do not fit: {np.shape(mask)} for {units[name]} units")
        rate = recording.drop_rate[name]
        fits = _is(rate, "f", len(steps)) and bool(np.all((rate >= 0) & (rate <= 1)))
        _require(fits, f"drop rates of layer {name!r} do not fit")


def _check_weights(recording: Recording) -> None:
    steps, shown = len(recording.steps), {layer.name: len(sample(layer.units)) for layer in recording.layers}
    shapes = {
        layer.name: (steps, shown[layer.name], shown[before.name]) for before, layer in pairwise(recording.layers)
    }
    for name, weights in recording.weights.items():
        _require(name in shapes, f"it has weights of layer {name!r}, to which no layer leads")
        fits = _is(weights, "f", *shapes[name]) and weights.dtype == np.float32
        _require(fits, f"weights of layer {name!r} do not fit: {np.shape(weights)} for {shapes[name]}")


def _check_examples(recording: Recording) -> None:
    examples = recording.examples
    if examples is None:
        return
    steps, classes = len(recording.steps), len(examples.class_names)
    _require(_is(examples.index, "iu", steps, -1), "its example indices do not fit")
    rows = examples.index.shape[1]
    fits = _is(examples.label, "iu", steps, rows) and np.all((examples.label >= 0) & (examples.label < classes))
    _require(fits, "its example labels do not fit")
    _require(_is(examples.prediction, "f", steps, rows, classes), "its predictions do not fit")
    image = examples.image
    _require(_is(image, "u", steps, rows, -1, -1), "its example images do not fit")
    _require(type(examples.white) is int and np.all(image <= examples.white), "its images are brighter than white")
    _require(not recording.masks or recording.followed == rows, "its masks and examples are not of equal number")


def _counts_up(iterations: NDArray[Any]) -> bool:
    return bool(np.all(np.diff(iterations, prepend=0) > 0))


def _to_arrays(recording: Recording) -> Arrays:
    examples = recording.examples
    masked = [layer.name for layer in recording.layers if layer.name in recording.masks]
    weighted = [layer.name for layer in recording.layers if layer.name in recording.weights]
    header = {
        "format": FORMAT,
        "version": VERSION,
        "experiment": recording.experiment and recording.experiment.to_mapping(),
        "arm": recording.arm,
        "seed": recording.seed,
        "layers": [vars(layer) for layer in recording.layers],
        "masked": masked,
        "weighted": weighted,
        "examples": examples and {"white": examples.white, "class_names": examples.class_names},
        "provenance": dict(sorted(recording.provenance.items())),
    }
    arrays: Arrays = {"header": np.frombuffer(json.dumps(header).encode(), np.uint8)}
    arrays |= {f"snapshots/{name}": recording.snapshots[name] for name in SERIES}
    arrays["steps"] = recording.steps
    for number, name in enumerate(masked):
        arrays[f"masks/{number}"] = np.packbits(recording.masks[name], axis=-1)
        arrays[f"drop_rate/{number}"] = recording.drop_rate[name]
    for number, name in enumerate(weighted):
        arrays[f"weights/{number}"] = recording.weights[name]
    if examples is not None:
        arrays |= {f"examples/{name}": getattr(examples, name) for name in ("index", "label", "prediction", "image")}
    return arrays


def _from_arrays(arrays: Arrays) -> Recording:
    header = _read_header(arrays)
    layers = tuple(Layer(**layer) for layer in header["layers"])
    units = {layer.name: layer.units for layer in layers}
    masked = {str(name): number for number, name in enumerate(header["masked"])}
    about = header["examples"]
    return Recording(
        arm=header["arm"],
        seed=header["seed"],
        layers=layers,
        snapshots={name: arrays[f"snapshots/{name}"] for name in SERIES},
        steps=arrays["steps"],
        masks={name: _unpack(arrays[f"masks/{number}"], name, units) for name, number in masked.items()},
        drop_rate={name: arrays[f"drop_rate/{number}"] for name, number in masked.items()},
        experiment=Experiment.from_mapping(header["experiment"]) if header["experiment"] else None,
        examples=None if about is None else _read_examples(arrays, about),
        provenance=header["provenance"],
        weights={str(name): arrays[f"weights/{number}"] for number, name in enumerate(header.get("weighted", ()))},
    )


def _read_examples(arrays: Arrays, about: Mapping[str, Any]) -> Examples:
    parts = {name: arrays[f"examples/{name}"] for name in ("index", "label", "prediction", "image")}
    return Examples(**parts, white=about["white"], class_names=tuple(str(name) for name in about["class_names"]))


def _read_header(arrays: Arrays) -> dict[str, Any]:
    try:
        header: Any = json.loads(arrays["header"].tobytes())
        known = header["format"] == FORMAT
    except (KeyError, TypeError, ValueError, RecursionError):
        known = False
    _require(known, "not a dropviz recording, though it is a .npz file of arrays")
    version = header["version"]
    _require(type(version) is int and version >= 1, "its format version is no version")
    _require(
        version <= VERSION, f"written by a newer dropviz (format {version}; this one reads {VERSION}): upgrade dropviz"
    )
    return dict(header)


def _unpack(bits: NDArray[Any], name: str, units: Mapping[str, int]) -> NDArray[np.bool_]:
    width = units.get(name, 0)
    fits = _is(bits, "u", -1, -1, -(-width // 8)) and bits.dtype == np.uint8
    _require(fits, f"masks of layer {name!r} do not fit its {width} units")
    return np.unpackbits(bits, axis=-1, count=width).astype(bool)
