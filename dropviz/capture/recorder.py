"""Recorder of the masks that a model draws in training."""

import warnings
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from dropviz._util.deprecation import accept_old_arguments
from dropviz.capture.activations import LinearInputs
from dropviz.capture.chain import Chain
from dropviz.capture.passes import Passes
from dropviz.capture.results import SiteArrays, describe_blocks
from dropviz.capture.site_log import SiteLog
from dropviz.capture.tracked import Arrays, TrackedExamples, Values
from dropviz.errors import RecordingError, UnseenNoiseWarning
from dropviz.experiments.experiment import Experiment
from dropviz.recording import Recording, Site, Verification
from dropviz.recording.shown import sample_units
from dropviz.recording.snapshots import SnapshotLog

MAX_BYTES = 1 << 28


class Recorder:
    """Recorder of the masks and snapshots of a `torch.nn.Module` in any training loop.

    It sees every random tensor that a pass of the model draws and applies to data, whatever code draws it: modules such
    as `torch.nn.Dropout`, functions, attention, recurrent modules, and code of one's own. It keeps copies of what was
    drawn, of the first `iterations` iterations and the first `examples` rows of each minibatch, or those of `track`. Of
    a model that is a chain of linear modules, weights between a sample of the units and their activations are kept too.
    After the last of these iterations the model runs without hooks. A minibatch with fewer rows than the first recorded
    one is not recorded. Noise that acts and cannot be seen is warned of once, and named in `unseen` of the recording.

    A Recorder is a context manager, which removes its hooks when the block ends.

    model       any module; passes of its parts are recorded too
    examples    number of tracked examples, 1 or more
    iterations  number of iterations to record, 0 or more
    max_bytes   memory for masks; sites whose masks do not fit in are named in `unseen`

    Raises RecordingError if `model` is no module, or a number is out of range.

    >>> import torch, dropviz
    >>> model = torch.nn.Sequential(torch.nn.Linear(8, 5), torch.nn.Dropout(0.5), torch.nn.Linear(5, 2))
    >>> recorder = dropviz.Recorder(model, examples=2)
    >>> for _ in range(3):
    ...     loss = model(torch.randn(16, 8)).square().mean()  # forward pass; backward and update as usual
    ...     _ = recorder.step()                               # ends the iteration
    >>> recorder.snapshot(test_loss=loss.item())
    >>> [(site.name, site.kind, site.drop_prob, site.axes) for site in recorder.sites]
    [('1', 'units', 0.5, ('example', 'unit'))]
    >>> recorder.recording(arm="mine").masks["1"].shape
    (3, 2, 5)
    """

    @accept_old_arguments("examples", "iterations", steps="iterations")
    def __init__(
        self, model: nn.Module, *, examples: int = 4, iterations: int = 300, max_bytes: int = MAX_BYTES
    ) -> None:
        if not isinstance(model, nn.Module):
            raise RecordingError(f"a Recorder records a torch.nn.Module: {type(model).__name__} is none")
        if isinstance(model, torch.jit.ScriptModule):
            raise RecordingError(
                "a Recorder cannot record a model of TorchScript: record the model before it is compiled"
            )
        if examples < 1 or iterations < 0:
            raise RecordingError(
                f"examples is {examples} and iterations is {iterations}: must be 1 or more, and 0 or more"
            )
        self._iterations_to_record, self._max_bytes = iterations, max_bytes
        self._iteration = 0
        self._recorded: list[int] = []
        self._chain = Chain()
        self._log = SiteLog(examples, iterations, max_bytes)
        self._tracked = TrackedExamples(examples)
        self._snapshots = SnapshotLog()
        self._warned: dict[str, None] = {}
        self._model = model
        self._linear_inputs = LinearInputs(model)
        self._passes = Passes(model, self._after_pass)
        if not iterations:
            self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def iteration(self) -> int:
        """Number of iterations that `step` has ended."""
        return self._iteration

    @property
    def is_recording(self) -> bool:
        """True while iterations are recorded."""
        return len(self._recorded) < self._iterations_to_record

    @property
    def sites(self) -> tuple[Site, ...]:
        """Sites that have drawn so far, in the order in which they ran."""
        return SiteArrays(self._log, len(self._recorded)).sites

    @property
    def unseen(self) -> tuple[str, ...]:
        """Sentences about noise that acted and is not recorded, with the reason."""
        return tuple(self._warned)

    def verify(self) -> tuple[Verification, ...]:
        """Return, for each site, whether input, mask and scale gave the output in each recorded iteration.

        The first rows of outputs are compared when they are computed; nothing is computed here. An output is equal in
        each element, or differs by the rounding of its dtype where the model multiplies in another order.

        >>> import torch, dropviz
        >>> model = torch.nn.Sequential(torch.nn.Linear(8, 5), torch.nn.Dropout(0.5))
        >>> with dropviz.Recorder(model) as recorder:
        ...     output, _ = model(torch.randn(16, 8)), recorder.step()
        >>> print(recorder.verify()[0])
        1: all 40 elements of its output are input x mask x scale
        """
        return tuple(Verification(site) for site in self.sites)

    def _after_pass(self) -> None:
        if not self._recorded and self._passes.structure is not None:
            self._chain = Chain(self._passes.structure.used_nodes())
            self._linear_inputs.keep_hooks(self._chain.modules)
        self._chain.read_weights()
        self._chain.read_activations(self._linear_inputs.take(), self._tracked.current_rows)

    def track(self, rows: Tensor) -> None:
        """Choose the tracked rows of the next minibatch, int [examples]; without it, they are the first ones.

        Call it before the pass, to see the same example again in another minibatch.

        Raises RecordingError if there are not as many rows as tracked examples.
        """
        self._tracked.choose(rows)

    def step(self, tracked: Callable[[int], Values] | None = None) -> bool:
        """End an iteration, after its pass or passes in training mode. Returns True if its masks were recorded.

        tracked  function that is called for recorded iterations only, with the number of tracked examples; it returns
                 `index`, `label`, `prediction` and `image` of `Examples`, each with one row for each example, or the
                 arrays from which `complete` of `recording` makes them

        Raises RecordingError, and removes the hooks, if there was no pass in training mode, or masks cannot be kept.
        """
        self._iteration += 1
        if not self.is_recording:
            return False
        self._check_pass()
        found = self._passes.found
        sizes = [
            use.tensor.shape[0]
            for use, geometry, _ in found
            if geometry.names[:1] == ("example",) and not geometry.order[0]
        ]
        rows = min(sizes, default=self._passes.examples or self._tracked.number)
        if not self._recorded:
            self._tracked.number = self._log.examples = min(self._tracked.number, rows)
        complete = rows >= self._tracked.number
        if complete:
            self._record(tracked)
        self._warn()
        self._passes.clear()
        self._tracked.end()
        if not self.is_recording:
            self.close()
        return complete

    def _record(self, tracked: Callable[[int], Values] | None) -> None:
        self._log.add(len(self._recorded), self._passes.found, self._tracked.current_rows)
        self._recorded.append(self._iteration)
        self._tracked.keep(tracked)
        self._chain.keep()
        self._passes.structure = None

    def _check_pass(self) -> None:
        """Raise RecordingError if the iteration had no pass, or its masks cannot be kept."""
        problem = self._passes.problem
        if not problem and not self._passes.count and not self._passes.note_compiled(self._model):
            problem = (
                "had no pass in training mode: call model.train() before, and step() once after each training pass "
                "(code that torch.compile compiled is not seen)"
            )
        if problem:
            self.close()
            raise RecordingError(f"iteration {self._iteration}: {problem}")

    def _warn(self) -> None:
        """Warn of noise that is not recorded, once."""
        left_out = {record.left_out: None for record in self._log.records.values() if record.left_out}
        for sentence in {**self._passes.unseen, **left_out}:
            if sentence not in self._warned:
                self._warned[sentence] = None
                warnings.warn(sentence, UnseenNoiseWarning, stacklevel=3)

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
        self._passes.close()
        self._linear_inputs.close()

    def recording(
        self,
        arm: str = "run",
        seed: int = 0,
        experiment: Experiment | None = None,
        white: int = 255,
        class_names: tuple[str, ...] = (),
        provenance: dict[str, str | int] | None = None,
        probes: Mapping[str, NDArray[Any]] | None = None,
        complete: Callable[[Arrays], Arrays] = lambda tracked: tracked,
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

        Raises RecordingError if the model drew noise and none of it could be recorded, or parts do not fit together.
        """
        arrays = SiteArrays(self._log, len(self._recorded))
        if self._warned and not (arrays.masks or arrays.noise):
            raise RecordingError(f"no mask of the model could be recorded: {'; '.join(self._warned)}")
        layers = self._chain.layers(arrays)
        names = [layer.name for layer in layers]
        edges, edge_drop_rate = self._chain.edges(names, arrays) if layers else ({}, {})
        return Recording(
            arm=arm,
            seed=seed,
            layers=layers,
            snapshots=self._snapshots.arrays(),
            recorded_iterations=np.array(self._recorded, np.int64),
            masks=arrays.masks | arrays.noise_masks(layers),
            drop_rate=arrays.drop_rate,
            sites=arrays.sites,
            noise=arrays.noise,
            mask_sizes=arrays.mask_sizes,
            blocks=describe_blocks(self._chain.nodes, arrays),
            unseen=self.unseen,
            experiment=experiment,
            examples=self._tracked.examples(complete, white, class_names),
            shown_units={layer.name: sample_units(layer.units) for layer in layers},
            weights=self._chain.weights(names) if layers else {},
            activations=self._chain.activations(names, self._tracked.number) if layers else {},
            tracked_rows=self._tracked.rows(),
            edges=edges,
            edge_drop_rate=edge_drop_rate,
            probes=probes or {},
            provenance=provenance or {},
        )
