"""Training of several runs at once, as one batch: each call on a GPU does the work of all of them.

The networks are so small that a GPU waits for calls. Those of the same shape are trained together. Iterations whose
masks are recorded, and evaluations, are done run by run. Each run draws the random numbers that it draws alone; its
sums may be rounded in another order.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from dropviz.capture.noise_layers import DropConnect, Noise
from dropviz.capture.rng import get_state, set_state
from dropviz.experiments.arm import Arm
from dropviz.recording import Recording
from dropviz.training.data import DataSet
from dropviz.training.gradients import ClosedForm
from dropviz.training.loop import TrainingLoop, Update
from dropviz.training.losses import LOSS_GRADIENTS

MOST_RUNS = 64  # in one batch


class RandomStream:
    """Random numbers of one run: while a block runs, the default generator of `device` draws them."""

    def __init__(self, device: torch.device) -> None:
        self._device, self._state = device, get_state(device)

    def __enter__(self) -> None:
        set_state(self._device, self._state)

    def __exit__(self, *_: object) -> None:
        self._state = get_state(self._device)


def runs_at_once(dataset: DataSet, device: torch.device) -> int:
    """Return the number of runs whose data fit into a quarter of the free memory, from 1 to MOST_RUNS."""
    if device.type != "cuda":
        return MOST_RUNS
    images = dataset.train_images.size + dataset.test_images.size
    free, _total = torch.cuda.mem_get_info(device)
    return max(1, min(MOST_RUNS, free // (4 * 2 * 4 * images)))  # twice: alone and in the batch; 4 bytes a pixel


Member = tuple[TrainingLoop, RandomStream]


def train_together(members: Sequence[Member]) -> Iterator[tuple[int, Recording]]:
    """Train runs, those that can be trained as one batch together; yield the place and the recording of each.

    members  loops before their first iteration, or after those of their checkpoints, each with its random stream

    Call it within `training_conditions`.
    """
    groups: dict[object, list[int]] = {}
    for place, (loop, _) in enumerate(members):
        groups.setdefault(_group(loop), []).append(place)
    for places in groups.values():
        _train_group([members[place] for place in places])
        for place in places:
            loop, stream = members[place]
            with stream:
                recording = loop.recording()
            yield place, recording


def _group(loop: TrainingLoop) -> object:
    """Return what runs of a batch have in common: all but seed and noise. Some runs can only be trained alone."""
    if not isinstance(loop.update.gradients, ClosedForm) or loop.run.probes.watch_evaluation:
        return loop
    return replace(loop.run.experiment, arms=(Arm("any"),)), loop.done


def _train_group(group: list[Member]) -> None:
    batch: _Batch | None = None
    first = group[0][0]
    while first.done < first.last:
        if len(group) == 1 or any(loop.run.recorder.is_recording for loop, _ in group):
            for loop, stream in group:
                with stream:
                    loop.iterate()
        else:
            batch = batch or _Batch(group)
            batch.iterate()


class _Batch:
    """Runs that are trained together. The parameters of their networks become parts of those of one network.

    Its tensors have the number of the run as their first dimension.
    """

    def __init__(self, group: list[Member]) -> None:
        self._group = group
        loops = [loop for loop, _ in group]
        own = loops[0].run.experiment
        model = _join_networks(group)
        self._update = Update(own, model, partial(ClosedForm, model, LOSS_GRADIENTS[own.loss]))
        states = [loop.update.optimizer.state_dict()["state"] for loop in loops]
        _set_state(self._update, _map_tensors(lambda *parts: torch.stack(parts), *states))
        parts = {loop.run.seed: loop.run.parts for loop in loops}  # arms of a seed have the same
        self._images = torch.cat([each.train_images for each in parts.values()])
        self._labels = torch.cat([each.train_labels for each in parts.values()])
        rows = len(self._labels) // len(parts)
        places = [rows * [*parts].index(loop.run.seed) for loop in loops]
        self._first_rows = torch.tensor(places, device=self._labels.device)[:, None]

    def iterate(self) -> None:
        """Do the next iteration of each run."""
        for loop, _ in self._group:
            loop.set_noise()
        rows = torch.stack([next(loop.minibatches) for loop, _ in self._group]).add_(self._first_rows)
        images = self._images.index_select(0, rows.flatten()).view(*rows.shape, -1)
        self._update(images, self._labels.index_select(0, rows.flatten()).view(rows.shape))
        for place, (loop, stream) in enumerate(self._group):
            loop.count()
            if loop.run.checkpoint.is_due:
                self._give_back(place)
                with stream:
                    loop.save_if_due()

    def _give_back(self, place: int) -> None:
        """Copy the state of the optimiser to that of the run itself."""
        state = self._update.optimizer.state_dict()["state"]
        _set_state(self._group[place][0].update, _map_tensors(lambda whole: whole[place], state))


def _set_state(update: Update, state: dict[int, Any]) -> None:
    update.optimizer.load_state_dict(update.optimizer.state_dict() | {"state": state})


def _map_tensors(function: Any, *states: Mapping[int, Mapping[str, Tensor]]) -> dict[int, dict[str, Tensor]]:
    """Apply a function to the tensors of the same name of several states; numbers, which count updates, are equal."""
    return {
        number: {
            name: value if value.ndim == 0 else function(*(state[number][name] for state in states))
            for name, value in values.items()
        }
        for number, values in states[0].items()
    }


def _join_networks(group: list[Member]) -> nn.Sequential:
    modules: list[nn.Module] = []
    streams = [stream for _, stream in group]
    for parts in zip(*(_parts(loop.run.model) for loop, _ in group), strict=True):
        if any(noises for noises, _ in parts):
            modules.append(_Noises([noises for noises, _ in parts], streams))
        modules += [_Linears([linear for _, linear in parts], streams), nn.ReLU()]
    return nn.Sequential(*modules[:-1])


def _parts(model: nn.Sequential) -> Iterator[tuple[list[nn.Module], nn.Linear]]:
    """Yield the linear modules of a network, each with the modules on its input; between them is ReLU."""
    before: list[nn.Module] = []
    for module in model:
        if isinstance(module, nn.Linear):
            yield before, module
            before = []
        elif not isinstance(module, nn.ReLU):
            before.append(module)


class _Noises(Noise):
    """Noise of several runs at the same place of their networks, [runs, examples, units]; some may have none."""

    def __init__(self, modules: list[list[nn.Module]], streams: list[RandomStream]) -> None:
        super().__init__(0.0)
        self._runs = [*zip(modules, streams, strict=True)]

    def forward(self, x: Tensor) -> Tensor:
        """Return the outputs of the modules of each run; keep their factors."""
        outputs, factors = [], []
        for values, (modules, stream) in zip(x, self._runs, strict=True):
            factor = None
            for module in modules:
                with stream:
                    values = module(values)  # noqa: PLW2901  # the output of one is the input of the next
                factor = module.noise if isinstance(module, Noise) else factor
            outputs.append(values)
            factors.append(torch.ones_like(values) if factor is None else factor)
        self.noise = torch.stack(factors)
        return torch.stack(outputs)


class _Linears(DropConnect):
    """Linear modules of several runs at the same place, [runs, examples, inputs] to [runs, examples, outputs]."""

    def __init__(self, modules: list[nn.Linear], streams: list[RandomStream]) -> None:
        with torch.device("meta"):
            super().__init__(0.0, modules[0].in_features, modules[0].out_features)
        self.weight = _join([each.weight for each in modules])
        self.bias = _join([each.bias for each in modules])
        self._runs = [*zip(modules, streams, strict=True)]
        self._drops = any(isinstance(each, DropConnect) for each in modules)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the modules, and drop weights where they do."""
        self.noise = torch.stack([*map(self._factors, self.weight, self._runs)]) if self._drops else None
        weight = self.weight if self.noise is None else self.weight * self.noise
        return torch.baddbmm(self.bias[:, None], x, weight.mT)

    @staticmethod
    def _factors(weight: Tensor, run: tuple[nn.Linear, RandomStream]) -> Tensor:
        module, stream = run
        if not isinstance(module, DropConnect):
            return torch.ones_like(weight)
        with stream:
            return module.draw(weight)


def _join(parameters: Sequence[Tensor]) -> nn.Parameter:
    """Return parameters of several runs as one; each becomes a part of it."""
    whole = nn.Parameter(torch.stack([each.detach() for each in parameters]))
    for part, parameter in zip(whole.detach(), parameters, strict=True):
        parameter.data = part
    return whole
