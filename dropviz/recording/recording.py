"""The central type: what one run of one arm with one seed recorded."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dropviz._util.deprecation import accept_old_arguments, renamed_property
from dropviz._util.files import replace_whole
from dropviz._util.paths import user_path
from dropviz.errors import RecordingError
from dropviz.experiments.experiment import Experiment
from dropviz.recording import validation
from dropviz.recording.by_site import BySite
from dropviz.recording.masks import pack_mask
from dropviz.recording.npz import Arrays, write_arrays
from dropviz.recording.parts import Block, Examples, Layer, Site
from dropviz.recording.shown import sample_units
from dropviz.recording.site_validation import (
    sites_of_layers,
    validate_layer_masks,
    validate_site_arrays,
    validate_sites,
)

FORMAT = "dropviz recording"
VERSION = 6
BY_SITE = ("masks", "drop_rate", "noise", "mask_sizes")
BY_LAYER = ("weights", "activations", "edges", "edge_drop_rate")
MASKS = ("masks", "edges")  # packed on disk
# Numbers that no training measures that has not diverged; the squares of larger ones could not be computed.
HUGE, HUGE_SINGLE = 1e100, 1e15  # of double and of lower precision
EXAMPLE_ARRAYS = ("index", "label", "prediction", "image")


@dataclass(frozen=True, eq=False)
class Recording:
    """One run of one arm with one seed.

    T is the number of recorded iterations, S that of snapshots. Mappings "by site" have the names of sites as keys, and
    can be read by the name of the layer that a site acts on, too: `masks["hidden 1"]`. Mappings "by layer" have the
    names of layers as keys.

    arm                  name of the arm
    seed                 0 or more
    layers               from input to output, of a model that is a chain of linear modules; empty for other models, and
                         in a recording that was imported from a log
    snapshots            arrays [S] by name: `iteration`, int, counted from 1; and one or more metrics, float, such as
                         `train_accuracy`, `test_accuracy` (from 0 to 1), `train_loss`, `test_loss` (in nats), and
                         `validation_…` where images were held out. NaN: not measured at this snapshot; infinity:
                         measured, and not a finite number. dropviz's own training measures with dropout off
    recorded_iterations  int [T], iterations, counted from 1, whose masks were kept
    masks                by site, bool [T, *shape of the site], True = kept; of a layer, [T, examples, units]
    drop_rate            by site, float [T], share dropped over all examples of the minibatch, from 0 to 1; NaN where
                         the site drew nothing in an iteration
    experiment           None for a custom training loop
    examples             the tracked examples; None where they were not recorded
    sites                places where noise acted, in the order in which they ran
    noise                by site, float [T, *shape of the site]: what was added, or what data was multiplied by
    mask_sizes           by site whose masks differ in size, int [T, axes]: the size of each axis; elements beyond it
                         were not drawn, and are True in masks and 0 in noise; 0 where the site drew nothing
    blocks               blocks of the model, in the order in which they ran
    unseen               sentences about noise that acted and was not recorded, with the reason
    shown_units          by layer, the units whose weights are recorded, counted from 0, ascending
    weights              by the layer that they lead to, float32 [T, shown, shown of the layer before], in the pass of
                         each recorded iteration; empty where they were not recorded
    activations          by layer, float16 [T, examples, shown]: what its shown units handed on to the next layer in the
                         pass of each recorded iteration, for the tracked examples, with the noise: 0 where a unit was
                         dropped; empty where they were not recorded
    edges                by the layer that they lead to, bool [T, shown, shown of the layer before], True = kept, where
                         weights themselves are dropped (DropConnect)
    edge_drop_rate       by the layer that they lead to, float [T], share dropped of all weights, from 0 to 1
    tracked_rows         int [T, examples], rows of the minibatch that the tracked examples are; None for the first rows
    probes               further measurements, arrays of numbers by name: `mean` of the probe `activations` is
                         `activations/mean`; the class of each probe says what its arrays hold
    provenance           words and numbers by name: versions, device, and the seed of the noise; of an imported
                         recording, `log` and `counted`, see `log` and `counts_epochs`

    Raises RecordingError, which says what does not fit, when it is made.

    >>> import dropviz
    >>> recording = dropviz.train("digits", seeds=1, epochs=1)[1]
    >>> recording.arm, recording.masks["hidden 1"].shape
    ('dropout 0.5', (10, 4, 256))
    """

    arm: str
    seed: int
    layers: tuple[Layer, ...]
    snapshots: Mapping[str, NDArray[Any]]
    recorded_iterations: NDArray[np.int64]
    masks: Mapping[str, NDArray[np.bool_]]
    drop_rate: Mapping[str, NDArray[np.float64]]
    experiment: Experiment | None = None
    examples: Examples | None = None
    sites: tuple[Site, ...] = ()
    noise: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    mask_sizes: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()
    unseen: tuple[str, ...] = ()
    shown_units: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    weights: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    activations: Mapping[str, NDArray[np.float16]] = field(default_factory=dict)
    edges: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    edge_drop_rate: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    tracked_rows: NDArray[np.int64] | None = None
    probes: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    provenance: Mapping[str, str | int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        iterations, layers = self.recorded_iterations, self.layers
        validation.validate_names(self.arm, self.seed, self.provenance)
        validation.validate_layers(layers)
        validation.validate_snapshots(self.snapshots)
        object.__setattr__(self, "sites", self.sites or sites_of_layers(layers, self.masks))
        names = {site.name for site in self.sites}
        named = [layer for layer in layers if layer.site in names]
        for part in BY_SITE:
            object.__setattr__(self, part, BySite(getattr(self, part), named))
        validate_sites(self.sites, self.blocks, self.unseen)
        validate_site_arrays(self.sites, iterations, {part: getattr(self, part) for part in BY_SITE})
        validate_layer_masks(layers, len(iterations), self.tracked, self.masks)
        if self.examples is not None:
            own = [self.masks[site.name] for site in self.sites if site.has_examples and site.name in self.masks]
            validation.validate_examples(self.examples, len(iterations), own)
        validation.validate_shown_units(self.shown_units, layers)
        validation.validate_weights(len(iterations), layers, self.shown_units, self.weights)
        validation.validate_activations(len(iterations), self.shown_units, self.activations)
        validation.validate_tracked_rows(len(iterations), self.tracked_rows, self.tracked)
        validation.validate_edges(len(iterations), layers, self.shown_units, self.edges, self.edge_drop_rate)
        validation.validate_probes(self.probes)
        if self.experiment is not None and self.arm not in [arm.name for arm in self.experiment.arms]:
            raise RecordingError(f"arm {self.arm!r} is not one of its experiment's")

    steps = renamed_property("steps", "recorded_iterations")
    strengths = renamed_property("strengths", "noise")
    followed = renamed_property("followed", "tracked")

    @property
    def tracked(self) -> int:
        """Number of tracked examples of each minibatch."""
        kept = self.masks.keys() | self.noise.keys()
        return max((site.shape[0] for site in self.sites if site.name in kept and site.has_examples), default=0)

    @property
    def has_noise(self) -> bool:
        """True if noise acts on a layer or a site: a mask of drop probability 0, which drops nothing, is none."""
        rates = (*self.drop_rate.values(), *self.edge_drop_rate.values())
        dropped = any((rate > 0).any() for rate in rates)  # NaN, where nothing was drawn, is not above 0
        on_site = not self.layers and any(site.drop_prob != 0 for site in self.sites)
        return dropped or on_site or any(layer.drop_prob > 0 for layer in self.layers)

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the metrics of a snapshot."""
        return tuple(name for name in self.snapshots if name != "iteration")

    @property
    def log(self) -> str:
        """Name of the log that the recording was imported from; "" for one that was recorded."""
        return str(self.provenance.get("log", ""))

    @property
    def counts_epochs(self) -> bool:
        """True if its iterations are epochs, since the log that it was imported from had nothing else."""
        return self.provenance.get("counted") == "epochs"

    @property
    def hidden(self) -> tuple[Layer, ...]:
        """The hidden layers, from the input on."""
        return tuple(layer for layer in self.layers if layer.kind == "hidden")

    def units_shown(self, layer: Layer) -> tuple[int, ...]:
        """Return the units of `layer` that a diagram shows: those with recorded weights, or a sample."""
        return self.shown_units.get(layer.name) or sample_units(layer.units)

    def metric(self, name: str) -> NDArray[np.float64]:
        """Return the values of a metric, float [S], HUGE ones as infinity; raise RecordingError without it."""
        if name not in self.metrics:
            there = ", ".join(self.metrics) or "no metric"
            raise RecordingError(f"the recording of arm {self.arm!r} has no {name}: its snapshots hold {there}")
        return _huge_as_infinity(self.snapshots[name])

    def probe(self, name: str, *shape: int) -> NDArray[Any]:
        """Return what a probe measured, an array of this shape, in which -1 stands for any length; HUGE as infinity.

        Raises RecordingError if it was not recorded, or is of another shape.
        """
        validation.require(
            name in self.probes, f"the recording of arm {self.arm!r} holds no {name!r}: train with that probe"
        )
        array = self.probes[name]
        good = validation.fits(array, "biuf", *shape)
        validation.require(good, f"{name!r} of arm {self.arm!r} does not fit: it is {array.shape}")
        return _huge_as_infinity(array)

    def save(self, path: str | Path) -> Path:
        """Write the recording to `path`, whole or not at all. Equal recordings give equal bytes.

        Raises OutputError if it cannot be written.
        """
        path = user_path(path)
        with replace_whole(path) as file:
            write_arrays(file, to_arrays(self))
            file.flush()
            os.fsync(file.fileno())  # hours of training must outlast a power failure
        return path


Recording.__init__ = accept_old_arguments(steps="recorded_iterations", strengths="noise")(Recording.__init__)  # type: ignore[method-assign]  # takes more, not less


def _huge_as_infinity(values: NDArray[Any]) -> NDArray[Any]:
    if values.dtype.kind != "f" or values.dtype.itemsize < 4:  # half precision ends at 65,504
        return values
    is_huge = np.abs(values) > (HUGE if values.dtype.itemsize >= 8 else HUGE_SINGLE)
    return np.where(is_huge, np.copysign(np.inf, values), values).astype(values.dtype) if is_huge.any() else values


def to_arrays(recording: Recording) -> Arrays:
    """Return a recording as the arrays of its file."""
    arrays: Arrays = {"header": np.frombuffer(json.dumps(_header(recording)).encode(), np.uint8)}
    arrays |= {f"snapshots/{name}": recording.snapshots[name] for name in ("iteration", *sorted(recording.metrics))}
    arrays["recorded_iterations"] = recording.recorded_iterations
    for part in (*BY_SITE, *BY_LAYER):
        for number, name in enumerate(_names_in(recording, part)):
            values = getattr(recording, part)[name]
            arrays[f"{part}/{number}"] = pack_mask(values) if part in MASKS else values
    for number, values in enumerate(recording.probes.values()):
        arrays[f"probes/{number}"] = values
    if recording.tracked_rows is not None:
        arrays["tracked_rows"] = recording.tracked_rows
    if recording.examples is not None:
        arrays |= {f"examples/{name}": getattr(recording.examples, name) for name in EXAMPLE_ARRAYS}
    return arrays


def _header(recording: Recording) -> dict[str, Any]:
    examples = recording.examples
    return {
        "format": FORMAT,
        "version": VERSION,
        "experiment": recording.experiment and recording.experiment.to_mapping(),
        "arm": recording.arm,
        "seed": recording.seed,
        "metrics": sorted(recording.metrics),
        "layers": [asdict(layer) for layer in recording.layers],
        "shown_units": {name: list(units) for name, units in recording.shown_units.items()},
        "sites": [asdict(site) for site in recording.sites],
        "blocks": [asdict(block) for block in recording.blocks],
        "unseen": list(recording.unseen),
        **{part: _names_in(recording, part) for part in (*BY_SITE, *BY_LAYER)},
        "probes": list(recording.probes),
        "examples": examples and {"white": examples.white, "class_names": examples.class_names},
        "provenance": dict(sorted(recording.provenance.items())),
    }


def _names_in(recording: Recording, part: str) -> list[str]:
    """Return the names of the sites or layers that a part has arrays of, in order."""
    owners = recording.sites if part in BY_SITE else recording.layers
    return [owner.name for owner in owners if owner.name in getattr(recording, part)]
