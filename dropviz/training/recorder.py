"""Recorder: watches a model train, and keeps the masks that its noise layers really drew."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from dropviz.errors import RecordingError
from dropviz.experiment import Experiment
from dropviz.recording import SERIES, Examples, Layer, Recording
from dropviz.training.noise import Dropout


class Recorder:
    """Record masks and snapshots of any `torch.nn.Module` in any training loop.

        recorder = dropviz.Recorder(model)
        for images, labels in loader:
            ...                                  # forward, backward, update
            recorder.step()                      # ends the iteration
        recorder.snapshot(train_accuracy=..., test_accuracy=..., train_loss=..., test_loss=...)
        recorder.recording(arm="mine").save("out/recordings/mine.npz")

    Watched are the modules `torch.nn.Dropout` and dropviz's own `Dropout`, in the order in which the model registers
    them. The masks of the first `steps` iterations are kept, for the first `examples` rows of each minibatch; after
    that the model runs without hooks. An iteration with fewer rows than that is left out.

    Raises RecordingError where the model has linear and noise layers in an order that is no chain of layers.
    """

    def __init__(self, model: nn.Module, examples: int = 4, steps: int = 300) -> None:
        self._examples, self._steps_to_keep = examples, steps
        self._layers, noise = _read_layers(model)
        self._iteration = 0
        self._steps: list[int] = []
        self._drawn: dict[str, Tensor] = {}
        self._masks: dict[str, list[NDArray[np.bool_]]] = {name: [] for name in noise}
        self._rates: dict[str, list[float]] = {name: [] for name in noise}
        self._followed: dict[str, list[NDArray[Any]]] = {"index": [], "label": [], "prediction": [], "image": []}
        self._snapshots: dict[str, list[float]] = {name: [] for name in SERIES}
        self._hooks = [hook for name, module in noise.items() for hook in self._watch(name, module)] if steps else []

    def _watch(self, name: str, module: nn.Module) -> list[RemovableHandle]:
        def keep(mask: Tensor) -> None:
            self._drawn[name] = mask.flatten(1)

        return _watch_own(module, keep) if isinstance(module, Dropout) else _watch_torch(module, keep)

    @property
    def iteration(self) -> int:
        """The number of iterations that `step` has ended."""
        return self._iteration

    @property
    def wants_step(self) -> bool:
        """Whether the iteration under way is one of those to keep."""
        return len(self._steps) < self._steps_to_keep

    def step(self, followed: Callable[[int], dict[str, NDArray[Any]]] | None = None) -> None:
        """End an iteration, after the pass in training mode whose masks belong to it.

        `followed`, if given, is called only for a kept iteration, with the number of examples, and returns what
        `Examples` holds of their `index`, `label`, `prediction` and `image`, each with one row an example.
        """
        self._iteration += 1
        drawn, self._drawn = self._drawn, {}
        if not self.wants_step:
            return
        if set(drawn) != set(self._masks):
            missing = ", ".join(sorted(set(self._masks) - set(drawn)))
            raise RecordingError(
                f"iteration {self._iteration} drew no mask in {missing}: is the model in training mode?"
            )
        if any(len(mask) < self._examples for mask in drawn.values()):
            return
        self._steps.append(self._iteration)
        for name, mask in drawn.items():
            self._masks[name].append(mask[: self._examples].cpu().numpy())
            self._rates[name].append(1 - float(mask.count_nonzero()) / mask.numel())
        if followed is not None:
            for name, rows in followed(self._examples).items():
                self._followed[name].append(rows)
        if not self.wants_step:
            self.close()

    def snapshot(self, *, train_accuracy: float, test_accuracy: float, train_loss: float, test_loss: float) -> None:
        """Keep an evaluation at this iteration, made with dropout off. Accuracies from 0 to 1, losses in nats."""
        values = (self._iteration, train_accuracy, test_accuracy, train_loss, test_loss)
        for name, value in zip(SERIES, values, strict=True):
            self._snapshots[name].append(value)

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
    ) -> Recording:
        """What was recorded so far."""
        return Recording(
            arm=arm,
            seed=seed,
            layers=tuple(self._sized_layers()),
            snapshots={
                name: np.array(values, int if name == "iteration" else float)
                for name, values in self._snapshots.items()
            },
            steps=np.array(self._steps, np.int64),
            masks={name: np.array(rows) for name, rows in self._masks.items() if rows},
            drop_rate={name: np.array(rates) for name, rates in self._rates.items() if rates},
            experiment=experiment,
            examples=self._followed_examples(white, class_names),
            provenance=provenance or {},
        )

    def _sized_layers(self) -> list[Layer]:
        """A noise layer without a linear one beside it shows its number of units only when it draws."""
        seen = {name: rows[0].shape[-1] for name, rows in self._masks.items() if rows}
        return [replace(layer, units=seen.get(layer.name, layer.units)) for layer in self._layers]

    def _followed_examples(self, white: int, class_names: tuple[str, ...]) -> Examples | None:
        if not self._followed["index"]:
            return None
        return Examples(
            **{name: np.array(rows) for name, rows in self._followed.items()}, white=white, class_names=class_names
        )


def _read_layers(model: nn.Module) -> tuple[list[Layer], dict[str, nn.Module]]:
    """The layers of units of a chain of linear and noise modules, and the noise module of each that has one."""
    layers: list[Layer] = []
    noise: dict[str, nn.Module] = {}
    for module in model.modules():
        if isinstance(module, nn.Linear):
            if not layers:
                layers.append(Layer("input", 0, "input"))
            if layers[-1].units == 0:
                layers[-1] = replace(layers[-1], units=module.in_features)
            layers.append(Layer(f"hidden {len(layers)}", module.out_features, "hidden"))
        elif isinstance(module, nn.Dropout | Dropout):
            if not layers:
                layers.append(Layer("input", 0, "input"))
            if layers[-1].name in noise:
                raise RecordingError(
                    f"the model drops units of its {layers[-1].name} layer twice: Recorder knows one mask a layer"
                )
            drop_prob = module.drop_prob if isinstance(module, Dropout) else module.p
            layers[-1] = replace(layers[-1], drop_prob=drop_prob)
            noise[layers[-1].name] = module
    if not layers:
        raise RecordingError("the model has no torch.nn.Linear and no torch.nn.Dropout for a Recorder to watch")
    if len(layers) > 1 and layers[-1].name not in noise:
        layers[-1] = replace(layers[-1], name="output", kind="output")
    return layers, noise


def _watch_own(module: Dropout, keep: Callable[[Tensor], None]) -> list[RemovableHandle]:
    def after(_module: nn.Module, _inputs: Any, _output: Any) -> None:
        if module.mask is not None:
            keep(module.mask)

    return [module.register_forward_hook(after)]


def _watch_torch(module: nn.Module, keep: Callable[[Tensor], None]) -> list[RemovableHandle]:
    """`torch.nn.Dropout` keeps no mask, and zeros may be activations: draw it once more from the same state."""
    before_pass: list[Tensor] = []

    def before(_module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        before_pass[:] = [_generator_state(inputs[0].device)]

    def after(_module: nn.Module, inputs: tuple[Tensor, ...], _output: Any) -> None:
        if not module.training:
            return
        device = inputs[0].device
        now = _generator_state(device)
        _set_generator_state(device, before_pass[0])
        # ones_like, not ones: where the noise falls follows the strides of the input.
        keep(F.dropout(torch.ones_like(inputs[0].detach()), module.p) != 0)  # type: ignore[arg-type]  # a Dropout's p
        _set_generator_state(device, now)

    return [module.register_forward_pre_hook(before), module.register_forward_hook(after)]


def _generator_state(device: torch.device) -> Tensor:
    return torch.cuda.get_rng_state(device) if device.type == "cuda" else torch.get_rng_state()


def _set_generator_state(device: torch.device, state: Tensor) -> None:
    if device.type == "cuda":
        torch.cuda.set_rng_state(state, device)
    else:
        torch.set_rng_state(state)
