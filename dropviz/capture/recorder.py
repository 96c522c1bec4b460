"""Recorder of the masks that the noise layers of a model draw in training."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from dropviz._util.deprecation import accept_old_arguments
from dropviz.capture.chain import hook_torch_dropout, pick_shown, read_chain
from dropviz.capture.noise_layers import DropConnect, Noise
from dropviz.capture.stacking import floats_each, stack, stack_each
from dropviz.errors import RecordingError
from dropviz.experiments.experiment import Experiment
from dropviz.recording import Examples, Layer, Recording
from dropviz.recording.shown import sample_units
from dropviz.recording.snapshots import SnapshotLog

Values = Mapping[str, Tensor | NDArray[Any]]
# A value to read from a module right after it ran: the dict and the name to store it under, and its reader.
Read = tuple[dict[str, Tensor], str, Callable[[], Any]]


class Recorder:
    """Recorder of the masks and snapshots of a `torch.nn.Module` in any training loop.

    Noise is read from `torch.nn.Dropout` and from dropviz's own `Dropout`, in the order in which the model registers
    them. Masks are kept for the first `iterations` iterations and the first `examples` rows of each minibatch, with the
    weights between a sample of the units, as that pass used them; after that the model runs without hooks. A minibatch
    with fewer rows than the first recorded one is not recorded.

    model       a chain of `torch.nn.Linear` and dropout modules, with anything without noise between them
    examples    number of tracked examples, 1 or more
    iterations  number of iterations to record, 0 or more

    Raises RecordingError where masks cannot be assigned to layers: the model has no such modules, runs them in another
    order than it lists them, or runs one twice in an iteration.

    >>> import torch, dropviz
    >>> model = torch.nn.Sequential(torch.nn.Linear(8, 5), torch.nn.Dropout(0.5), torch.nn.Linear(5, 2))
    >>> recorder = dropviz.Recorder(model, examples=2)
    >>> for _ in range(3):
    ...     loss = model(torch.randn(16, 8)).square().mean()  # forward pass; backward and update as usual
    ...     _ = recorder.step()                               # ends the iteration
    >>> recorder.snapshot(test_loss=loss.item())
    >>> recorder.recording(arm="mine").masks["hidden 1"].shape
    (3, 2, 5)
    """

    @accept_old_arguments("examples", "iterations", steps="iterations")
    def __init__(self, model: nn.Module, *, examples: int = 4, iterations: int = 300) -> None:
        if examples < 1 or iterations < 0:
            raise RecordingError(
                f"examples is {examples} and iterations is {iterations}: must be 1 or more, and 0 or more"
            )
        self._examples, self._iterations_to_record = examples, iterations
        self._chain = read_chain(model)
        self._iteration = 0
        self._recorded: list[int] = []
        self._ran: list[nn.Module] = []
        self._drawn: dict[str, Tensor] = {}
        self._used: dict[str, Tensor] = {}
        self._used_edges: dict[str, Tensor] = {}
        self._weights: dict[str, list[Tensor]] = {}
        self._masks: dict[str, list[Tensor]] = {name: [] for name in self._chain.noise}
        self._rates: dict[str, list[float]] = {name: [] for name in self._chain.noise}
        # Factors of noise that is not only 0 and one scale, beside the masks.
        self._strengths: dict[str, list[Tensor]] = {
            layer.name: [] for layer in self._chain.layers if layer.noise == "multiplicative"
        }
        self._edges: dict[str, list[Tensor]] = {}
        self._edge_rates: dict[str, list[float]] = {}
        self._tracked: dict[str, list[Any]] = {}
        self._snapshots = SnapshotLog()
        self._picks: dict[str, Callable[[Tensor], Tensor]] = {}
        self._hooks = self._register_hooks() if iterations else []

    def _register_hooks(self) -> list[RemovableHandle]:
        """Register one hook for each module, as every pass pays for it, and two more for torch.nn.Dropout."""
        reads = self._reads()

        def after_pass(module: nn.Module, _inputs: Any, _output: Any) -> None:
            if module.training:
                self._ran.append(module)
                for values, name, read in reads.get(module, ()):
                    values[name] = read()

        hooks = [module.register_forward_hook(after_pass) for module in self._chain.modules]
        for name, module in self._chain.noise.items():
            if module not in reads:
                hooks += hook_torch_dropout(module, partial(self._drawn.__setitem__, name))
        return hooks

    def _reads(self) -> dict[nn.Module, list[Read]]:
        """Return the values to read after each pass, by module."""
        reads: dict[nn.Module, list[Read]] = {}
        for name, module in self._chain.noise.items():
            if isinstance(module, Noise):
                reads[module] = [(self._drawn, name, partial(getattr, module, "noise"))]
        sizes = {layer.name: before.units for before, layer in pairwise(self._chain.layers)}
        for name, linear in self._chain.linear.items():
            if linear.in_features == sizes[name]:  # else a module between reshapes: columns are no units
                # An update may change the weights before step(): they are read right after the pass.

                pick = self._picks[name] = pick_shown(linear)
                reads[linear] = [(self._used, name, partial(_weights_of, linear, pick))]
                if isinstance(linear, DropConnect):
                    reads[linear].append((self._used_edges, name, partial(getattr, linear, "noise")))
        return reads

    @property
    def iteration(self) -> int:
        """Number of iterations that `step` has ended."""
        return self._iteration

    @property
    def is_recording(self) -> bool:
        """True while iterations are recorded."""
        return len(self._recorded) < self._iterations_to_record

    def step(self, tracked: Callable[[int], Values] | None = None) -> bool:
        """End an iteration, after its pass in training mode. Returns True if its masks were recorded.

        tracked  function that is called for recorded iterations only, with the number of tracked examples; it returns
                 `index`, `label`, `prediction` and `image` of `Examples`, each with one row for each example, or the
                 arrays from which `complete` of `recording` makes them

        Raises RecordingError if the pass did not run the modules once each, in order, or drew masks of another shape.
        """
        self._iteration += 1
        if not self.is_recording:
            return False
        self._check_pass()
        rows = min((len(mask) for mask in self._drawn.values()), default=self._examples)
        if not self._recorded:
            self._examples = min(self._examples, rows)
        complete = rows >= self._examples
        if complete:
            self._record(tracked)
        for values in (self._drawn, self._used, self._used_edges, self._ran):
            values.clear()
        if not self.is_recording:
            self.close()
        return complete

    def _record(self, tracked: Callable[[int], Values] | None) -> None:
        self._recorded.append(self._iteration)
        for name, noise in self._drawn.items():
            kept = noise.bool()  # counting a bool is ten times faster
            self._masks[name].append(kept[: self._examples].clone())
            self._rates[name].append(1 - int(kept.count_nonzero()) / kept.numel())
            if name in self._strengths:
                self._strengths[name].append(noise[: self._examples].clone())
        for name, weights in self._used.items():
            self._weights.setdefault(name, []).append(weights)
        for name, noise in self._used_edges.items():
            kept = noise.bool()
            self._edges.setdefault(name, []).append(self._picks[name](kept))
            self._edge_rates.setdefault(name, []).append(1 - int(kept.count_nonzero()) / kept.numel())
        if tracked is not None:
            for name, values in tracked(self._examples).items():
                self._tracked.setdefault(name, []).append(values)

    def _check_pass(self) -> None:
        """Raise RecordingError unless the modules ran once each, in the order in which the model lists them."""
        where = f"iteration {self._iteration}"
        if not self._ran:
            raise RecordingError(f"{where} had no pass in training mode: call step() once after each training pass")
        if self._ran != list(self._chain.modules):
            raise RecordingError(
                f"{where} did not run the model's {len(self._chain.modules)} linear and dropout modules once each, "
                "in the order in which it lists them: a Recorder follows a chain of layers, and one pass a step"
            )
        for layer in self._chain.layers:
            mask = self._drawn.get(layer.name)
            known = layer.units or (self._masks[layer.name][0].shape[-1] if self._masks.get(layer.name) else 0)
            if mask is not None and (mask.ndim != 2 or mask.shape[1] != (known or mask.shape[1])):
                raise RecordingError(
                    f"{where} drew a mask of shape {tuple(mask.shape)} on layer {layer.name!r}: "
                    f"must be [examples, {known or 'units'}]"
                )

    def snapshot(self, **metrics: float) -> None:
        """Record metrics of this iteration, measured with dropout off.

        metrics  one or more values by name, any names at any iterations. `train_accuracy` and `test_accuracy`, from 0
                 to 1, and `train_loss` and `test_loss`, in nats, are what most charts draw; the chart `metrics` draws
                 all, under their own names

        Raises RecordingError before the first iteration, for a second value of a metric at one iteration, no metric, or
        an accuracy that is not from 0 to 1.
        """
        self._snapshots.add(self._iteration, metrics)

    def close(self) -> None:
        """Remove the hooks from the model."""
        for hook in self._hooks:
            hook.remove()
        self._hooks = []

    def recording(
        self,
        arm: str = "run",
        seed: int = 0,
        experiment: Experiment | None = None,
        white: int = 255,
        class_names: tuple[str, ...] = (),
        provenance: dict[str, str | int] | None = None,
        probes: Mapping[str, NDArray[Any]] | None = None,
        complete: Callable[[dict[str, NDArray[Any]]], dict[str, NDArray[Any]]] = lambda tracked: tracked,
    ) -> Recording:
        """Return a Recording of everything recorded so far.

        arm          name of the arm
        seed         seed of the run
        experiment   experiment of the run; None for a training loop of your own
        white        value of a white pixel of the tracked images
        class_names  names of the classes, by label
        provenance   versions, device and the like, by name
        probes       further measurements, arrays by name
        complete     function from the arrays that `tracked` of `step` returned, stacked to [T, examples, …], to those
                     of `Examples`

        Raises RecordingError if the parts do not fit together.
        """
        layers = self._sized_layers()
        return Recording(
            arm=arm,
            seed=seed,
            layers=layers,
            snapshots=self._snapshots.arrays(),
            recorded_iterations=np.array(self._recorded, np.int64),
            masks=stack_each(self._masks),
            drop_rate=floats_each(self._rates),
            experiment=experiment,
            examples=self._tracked_examples(complete, white, class_names),
            strengths=stack_each(self._strengths),
            shown_units={layer.name: sample_units(layer.units) for layer in layers},
            weights={name: stack([each.float() for each in rows]) for name, rows in self._weights.items()},
            edges=stack_each(self._edges),
            edge_drop_rate=floats_each(self._edge_rates),
            probes=probes or {},
            provenance=provenance or {},
        )

    def _sized_layers(self) -> tuple[Layer, ...]:
        """Return the layers; one that no linear module gives a size has the size of its masks."""
        sizes = {name: rows[0].shape[-1] for name, rows in self._masks.items() if rows}
        return tuple(replace(layer, units=layer.units or sizes.get(layer.name, 0)) for layer in self._chain.layers)

    def _tracked_examples(
        self,
        complete: Callable[[dict[str, NDArray[Any]]], dict[str, NDArray[Any]]],
        white: int,
        class_names: tuple[str, ...],
    ) -> Examples | None:
        if not self._tracked:
            return None
        arrays = complete({name: stack(rows) for name, rows in self._tracked.items()})
        return Examples(**arrays, white=white, class_names=class_names)


def _weights_of(module: nn.Linear, pick: Callable[[Tensor], Tensor]) -> Tensor:
    return pick(module.weight)
