"""The central type: what one run of one arm with one seed recorded. Saved to one file, loaded with every check."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dropviz._util.files import replace_whole
from dropviz.errors import ExperimentError, RecordingError
from dropviz.experiments.experiment import Experiment
from dropviz.recording.npz import Arrays, read_arrays, write_arrays
from dropviz.recording.validation import HELD_OUT, SERIES, check, fits, require

FORMAT = "dropviz recording"
VERSION = 3  # 1 had no weights, 2 no probes


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

    snapshots  equal-length arrays `iteration train_accuracy test_accuracy train_loss test_loss`, dropout off; and
               `validation_accuracy validation_loss` where images were held out
    steps      int [T], the iterations (counted from 1) whose masks were kept
    masks      by layer name, bool [T, examples, units], True = kept
    drop_rate  by layer name, float [T], the share of units dropped over the whole minibatch
    weights    by name of the layer they lead to, float32 [T, shown, shown of the layer before], between the units of
               `layout.sample`, as they were in the pass of each kept step; empty where they were not recorded
    probes     further measurements, arrays of numbers by name: what a probe called `activations` measured as `mean` is
               `activations/mean`; the module of each probe in `training.probes` says what its arrays hold
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
    probes: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    provenance: Mapping[str, str | int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check(self)

    @property
    def followed(self) -> int:
        """How many examples of each minibatch were followed."""
        return max((mask.shape[1] for mask in self.masks.values()), default=0)

    @property
    def hidden(self) -> tuple[Layer, ...]:
        """Its hidden layers, from the input on."""
        return tuple(layer for layer in self.layers if layer.kind == "hidden")

    def probe(self, name: str, *shape: int) -> NDArray[Any]:
        """What a probe measured, an array of this shape, in which -1 stands for any length; RecordingError if not."""
        require(name in self.probes, f"the recording of arm {self.arm!r} holds no {name!r}: train with that probe")
        array = self.probes[name]
        require(fits(array, "biuf", *shape), f"{name!r} of arm {self.arm!r} does not fit: it is {array.shape}")
        return array

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
        "probes": list(recording.probes),
        "examples": examples and {"white": examples.white, "class_names": examples.class_names},
        "provenance": dict(sorted(recording.provenance.items())),
    }
    arrays: Arrays = {"header": np.frombuffer(json.dumps(header).encode(), np.uint8)}
    arrays |= {f"snapshots/{name}": recording.snapshots[name] for name in _series(recording.snapshots)}
    arrays["steps"] = recording.steps
    for number, name in enumerate(masked):
        arrays[f"masks/{number}"] = np.packbits(recording.masks[name], axis=-1)
        arrays[f"drop_rate/{number}"] = recording.drop_rate[name]
    for number, name in enumerate(weighted):
        arrays[f"weights/{number}"] = recording.weights[name]
    for number, values in enumerate(recording.probes.values()):
        arrays[f"probes/{number}"] = values
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
        snapshots={name: arrays[f"snapshots/{name}"] for name in _series(arrays, "snapshots/")},
        steps=arrays["steps"],
        masks={name: _unpack(arrays[f"masks/{number}"], name, units) for name, number in masked.items()},
        drop_rate={name: arrays[f"drop_rate/{number}"] for name, number in masked.items()},
        experiment=Experiment.from_mapping(header["experiment"]) if header["experiment"] else None,
        examples=None if about is None else _read_examples(arrays, about),
        provenance=header["provenance"],
        probes={str(name): arrays[f"probes/{number}"] for number, name in enumerate(header.get("probes", ()))},
        weights={str(name): arrays[f"weights/{number}"] for number, name in enumerate(header.get("weighted", ()))},
    )


def _series(there: Mapping[str, Any], prefix: str = "") -> list[str]:
    """The series that every recording has, and those of images held out where there are any."""
    return [*SERIES, *(name for name in HELD_OUT if f"{prefix}{name}" in there)]


def _read_examples(arrays: Arrays, about: Mapping[str, Any]) -> Examples:
    parts = {name: arrays[f"examples/{name}"] for name in ("index", "label", "prediction", "image")}
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


def _unpack(bits: NDArray[Any], name: str, units: Mapping[str, int]) -> NDArray[np.bool_]:
    width = units.get(name, 0)
    whole = fits(bits, "u", -1, -1, -(-width // 8)) and bits.dtype == np.uint8
    require(whole, f"masks of layer {name!r} do not fit its {width} units")
    return np.unpackbits(bits, axis=-1, count=width).astype(bool)
