"""Recorder: watches a model train, and keeps the masks that its noise layers really drew."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from dropviz.capture.chain import pick_shown, read_chain, watch_torch
from dropviz.capture.noise_layers import DropConnect, Noise
from dropviz.errors import RecordingError
from dropviz.experiments.experiment import Experiment
from dropviz.recording.recording import Examples, Layer, Recording
from dropviz.recording.validation import SERIES

Values = Mapping[str, Tensor | NDArray[Any]]
# What is to be read of a module right after it ran, under which name it is kept, and where.
Read = tuple[dict[str, Tensor], str, Callable[[], Any]]


class Recorder:
    """Record masks and snapshots of any `torch.nn.Module` in any training loop.

        recorder = dropviz.Recorder(model)
        for images, labels in loader:
            ...                                  # forward, backward, update
            recorder.step()                      # ends the iteration
        recorder.snapshot(train_accuracy=..., test_accuracy=..., train_loss=..., test_loss=...)
        recorder.recording(arm="mine").save("out/recordings/mine.npz")

    Watched are the modules `torch.nn.Dropout` and dropviz's own `Dropout`, in the order in which the model registers
    them. The masks of the first `steps` iterations are kept, for the first `examples` rows of each minibatch, and with
    them the weights between the units that diagrams show, as that pass used them; after that the model runs without
    hooks. A later minibatch with fewer rows than the first kept one's is left out. Of noise that is not a mask
    `strength/LAYER`, float [T, examples, units], is kept among the probes: what activations were multiplied by. Of
    DropConnect, `edges/LAYER`, bool [T, shown, shown before], the edges kept between shown units, LAYER the one that
    they lead to; and `edges/LAYER rate`, float [T], the share dropped of all edges.

    Raises RecordingError where masks could not be told to be those of a layer: where the modules run in another order
    than the model lists them, or twice in a step.
    """

    def __init__(self, model: nn.Module, examples: int = 4, steps: int = 300) -> None:
        if examples < 1 or steps < 0:
            raise RecordingError(
                f"examples is {examples} and steps is {steps}: follow 1 example or more, for 0 steps or more"
            )
        self._examples, self._steps_to_keep = examples, steps
        self._chain = read_chain(model)
        self._iteration = 0
        self._steps: list[int] = []
        self._ran: list[nn.Module] = []
        self._drawn: dict[str, Tensor] = {}
        self._used: dict[str, Tensor] = {}
        self._used_edges: dict[str, Tensor] = {}
        self._weights: dict[str, list[Tensor]] = {}
        self._masks: dict[str, list[Tensor]] = {name: [] for name in self._chain.noise}
        self._rates: dict[str, list[float]] = {name: [] for name in self._chain.noise}
        # Noise that is not only 0 or one scale: what it drew, beside the masks.
        self._strengths: dict[str, list[Tensor]] = {
            name: [] for name, module in self._chain.noise.items() if isinstance(module, Noise) and not module.is_mask
        }
        self._edges: dict[str, list[Any]] = {}
        self._followed: dict[str, list[Any]] = {}
        self._snapshots: dict[str, list[float]] = {name: [] for name in SERIES}
        self._picks: dict[str, Callable[[Tensor], Tensor]] = {}
        self._hooks = self._watch() if steps else []

    def _watch(self) -> list[RemovableHandle]:
        """One hook a module, which every pass pays for; two more for one that keeps no noise of its own."""
        reads = self._reads()

        def ran(module: nn.Module, _inputs: Any, _output: Any) -> None:
            if module.training:
                self._ran.append(module)
                for kept, name, read in reads.get(module, ()):
                    kept[name] = read()

        hooks = [module.register_forward_hook(ran) for module in self._chain.modules]
        for name, module in self._chain.noise.items():
            if module not in reads:
                hooks += watch_torch(module, partial(self._drawn.__setitem__, name))
        return hooks

    def _reads(self) -> dict[nn.Module, list[Read]]:
        reads: dict[nn.Module, list[Read]] = {}
        for name, module in self._chain.noise.items():
            if isinstance(module, Noise):
                reads[module] = [(self._drawn, name, partial(getattr, module, "noise"))]
        sizes = {layer.name: before.units for before, layer in pairwise(self._chain.layers)}
        for name, linear in self._chain.linear.items():
            if linear.in_features == sizes[name]:  # else something between reshapes: its columns are no units
                # An update may change the weights before the step ends: so they are picked as soon as they were used.
                pick = self._picks[name] = pick_shown(linear)
                reads[linear] = [(self._used, name, partial(_weights_of, linear, pick))]
                if isinstance(linear, DropConnect):
                    reads[linear].append((self._used_edges, name, partial(getattr, linear, "noise")))
        return reads

    @property
    def iteration(self) -> int:
        """The number of iterations that `step` has ended."""
        return self._iteration

    @property
    def wants_step(self) -> bool:
        """Whether the iteration under way is one of those to keep."""
        return len(self._steps) < self._steps_to_keep

    def step(self, followed: Callable[[int], Values] | None = None) -> bool:
        """End an iteration, after the pass in training mode whose masks belong to it; whether it was kept.

        `followed`, if given, is called only for a kept iteration, with the number of examples, and returns what
        `Examples` holds of their `index`, `label`, `prediction` and `image`, each with one row an example; or whatever
        `complete` makes these of when the recording is asked for.
        """
        self._iteration += 1
        if not self.wants_step:
            return False
        self._check_pass()
        rows = min((len(mask) for mask in self._drawn.values()), default=self._examples)
        if not self._steps:
            self._examples = min(self._examples, rows)
        kept = rows >= self._examples
        if kept:
            self._keep(followed)
        self._drawn.clear()
        self._used.clear()
        self._used_edges.clear()
        self._ran.clear()
        if not self.wants_step:
            self.close()
        return kept

    def _keep(self, followed: Callable[[int], Values] | None) -> None:
        self._steps.append(self._iteration)
        for name, noise in self._drawn.items():
            kept = noise.bool()  # ten times faster than to count the numbers themselves
            self._masks[name].append(kept[: self._examples].clone())
            self._rates[name].append(1 - int(kept.count_nonzero()) / kept.numel())
            if name in self._strengths:
                self._strengths[name].append(noise[: self._examples].clone())
        for name, weights in self._used.items():
            self._weights.setdefault(name, []).append(weights)
        for name, noise in self._used_edges.items():
            kept = noise.bool()
            self._edges.setdefault(f"edges/{name}", []).append(self._picks[name](kept))
            self._edges.setdefault(f"edges/{name} rate", []).append(1 - int(kept.count_nonzero()) / kept.numel())
        if followed is not None:
            for name, values in followed(self._examples).items():
                self._followed.setdefault(name, []).append(values)

    def _check_pass(self) -> None:
        """Masks belong to layers only if the modules ran once each, in the order in which they are listed."""
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

    def snapshot(
        self,
        *,
        train_accuracy: float,
        test_accuracy: float,
        train_loss: float,
        test_loss: float,
        validation_accuracy: float | None = None,
        validation_loss: float | None = None,
    ) -> None:
        """Keep an evaluation at this iteration, made with dropout off. Accuracies from 0 to 1, losses in nats."""
        if self._iteration == (self._snapshots["iteration"] or [0])[-1]:
            raise RecordingError(f"iteration {self._iteration} cannot have a snapshot: take one after step() at most")
        figures = {
            "iteration": self._iteration,
            "train_accuracy": train_accuracy,
            "test_accuracy": test_accuracy,
            "train_loss": train_loss,
            "test_loss": test_loss,
        }
        if validation_accuracy is not None and validation_loss is not None:
            figures |= {"validation_accuracy": validation_accuracy, "validation_loss": validation_loss}
        for name, value in figures.items():
            if name.endswith("accuracy") and not 0 <= value <= 1:
                raise RecordingError(f"{name} is {value!r}: must be from 0 to 1")
            self._snapshots.setdefault(name, []).append(value)

    def close(self) -> None:
        """Take the hooks off the model."""
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
        complete: Callable[[dict[str, NDArray[Any]]], dict[str, NDArray[Any]]] = lambda followed: followed,
    ) -> Recording:
        """What was recorded so far.

        `complete` turns what was followed, arrays [T, examples, …], into what `Examples` holds.
        """
        return Recording(
            arm=arm,
            seed=seed,
            layers=tuple(self._sized_layers()),
            snapshots={
                name: np.array(values, int if name == "iteration" else float)
                for name, values in self._snapshots.items()
            },
            steps=np.array(self._steps, np.int64),
            masks={name: _stacked(rows) for name, rows in self._masks.items() if rows},
            drop_rate={name: np.array(rates) for name, rates in self._rates.items() if rates},
            weights={name: _stacked([each.float() for each in rows]) for name, rows in self._weights.items()},
            experiment=experiment,
            examples=self._followed_examples(complete, white, class_names),
            probes={**self._noise_arrays(), **(probes or {})},
            provenance=provenance or {},
        )

    def _noise_arrays(self) -> dict[str, NDArray[Any]]:
        strengths = {f"strength/{name}": rows for name, rows in self._strengths.items()}
        return {name: _stacked(rows) for name, rows in (strengths | self._edges).items() if rows}

    def _sized_layers(self) -> list[Layer]:
        """A layer that no linear module gives a size has the size of its masks."""
        seen = {name: rows[0].shape[-1] for name, rows in self._masks.items() if rows}
        return [replace(layer, units=layer.units or seen.get(layer.name, 0)) for layer in self._chain.layers]

    def _followed_examples(
        self,
        complete: Callable[[dict[str, NDArray[Any]]], dict[str, NDArray[Any]]],
        white: int,
        class_names: tuple[str, ...],
    ) -> Examples | None:
        if not self._followed:
            return None
        whole = complete({name: _stacked(rows) for name, rows in self._followed.items()})
        return Examples(**whole, white=white, class_names=class_names)


def _weights_of(module: nn.Linear, pick: Callable[[Tensor], Tensor]) -> Tensor:
    return pick(module.weight)


def _stacked(parts: list[Any]) -> NDArray[Any]:
    """Tensors or arrays of one shape as one array. Tensors stay where they are until then: to fetch each is slower."""
    return torch.stack(parts).cpu().numpy() if isinstance(parts[0], Tensor) else np.array(parts)
