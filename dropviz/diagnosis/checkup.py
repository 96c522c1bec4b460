"""Look for mistakes with dropout in a model of the user's own: what it does in passes, not how it is written."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dropviz.capture.draws import Draw, DrawWatch, Pass, Place
from dropviz.capture.noise_layers import Noise
from dropviz.capture.rng import left_as_they_were
from dropviz.errors import ModelError, reason

EXAMPLES, PASSES, FEWEST, SECONDS = 8, 100, 10, 20.0
MAX_CHANCE_SD = 5.0  # standard errors
CLOSE = 0.01  # smaller differences do no harm
DROPPED = ("drop_prob", "p", "drop_rate", "dropout", "dropout_prob", "dropout_p", "p_drop", "rate", "prob", "drop")
KEPT = ("keep_prob", "keep", "p_keep")
SIDES = (28, 32, 8, 64, 224, 96)  # of images, to be tried where a shape is not given
DRAWS = (nn.modules.dropout._DropoutNd, Noise)  # noqa: SLF001  # the common base of torch's own


@dataclass(frozen=True)
class Finding:
    """A mistake: its kind, the module or modules, the line of the user's file (0: not in it), and what was measured."""

    kind: str
    module: str
    line: int
    words: str


@dataclass(frozen=True)
class Checkup:
    """`noise`: the modules that draw or should; `shape` of an example; how many `passes` in training there were."""

    model: str
    shape: tuple[int, ...]
    passes: int
    noise: tuple[str, ...]
    findings: tuple[Finding, ...]


def build_model(found: Any) -> nn.Module:
    """The model that a function or a class makes when called without arguments; ModelError if it makes none."""
    if isinstance(found, nn.Module):
        return found
    try:
        made = found()
    except (Exception, SystemExit) as error:
        raise ModelError(f"it cannot be called without arguments: {type(error).__name__}: {reason(error)}") from error
    if not isinstance(made, nn.Module):
        raise ModelError(f"it gives a {type(made).__name__}: must give a torch.nn.Module")
    return made


def check_model(model: nn.Module, shape: tuple[int, ...] | None = None, file: str = "") -> Checkup:
    """Run `model`, whose code is in `file`, on random examples of a shape; guessed from its first layer if not given.

    ModelError if it does not run on them.
    """
    with torch.no_grad(), left_as_they_were(torch.device("cpu")):
        torch.manual_seed(0)
        model = model.cpu()
        inputs = _inputs(model, shape)
        return _Examination(model, file, inputs).result()


def _inputs(model: nn.Module, shape: tuple[int, ...] | None) -> Tensor:
    tried = ""
    for inputs in [_random(shape)] if shape else _guesses(model):
        try:
            model.eval()(inputs)
        except Exception as error:  # noqa: BLE001  # a model of the user's own may raise anything
            tried = f"it does not run on examples of shape {written(inputs.shape[1:])}: {reason(error)}"
        else:
            return inputs
    advice = "" if shape else "; say the shape of one example with --input, like --input 1x28x28"
    raise ModelError((tried or "it has no layer to guess the shape of its input from") + advice)


def _random(shape: tuple[int, ...]) -> Tensor:
    return torch.rand(EXAMPLES, *shape)


def _guesses(model: nn.Module) -> Iterator[Tensor]:
    for module in model.modules():
        if isinstance(module, nn.Embedding):
            yield torch.randint(0, module.num_embeddings, (EXAMPLES, 16))
            return
        if isinstance(module, nn.LSTM | nn.GRU | nn.RNN):
            yield _random((16, module.input_size))
            return
        if isinstance(module, nn.Linear):
            yield _random((module.in_features,))
            yield _random((16, module.in_features))
            return
        if isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d):
            dimensions = len(module.kernel_size)
            yield from (_random((module.in_channels, *[side] * dimensions)) for side in SIDES)
            return


def written(shape: tuple[int, ...]) -> str:
    """A shape as it is given: 1x28x28."""
    return "x".join(map(str, shape))


class _Examination:
    def __init__(self, model: nn.Module, file: str, inputs: Tensor) -> None:
        self.model, self.inputs = model, inputs
        self.names = {module: name for name, module in model.named_modules()}
        self.idle = {module: True for module in self.names if _says(module) is not None and not list(module.children())}
        watch = DrawWatch(model, file)
        try:
            self.evaluations = [self._run(watch, training=False) for _ in range(2)]
            self._watch_noise()
            self.trainings = list(self._train(watch))
        finally:
            watch.close()
            for hook in self.hooks:
                hook.remove()

    hooks: tuple[Any, ...] = ()

    def _run(self, watch: DrawWatch, *, training: bool) -> tuple[Tensor | None, Pass]:
        self.model.train(training)
        try:
            with watch:
                output = self.model(self.inputs)
        except Exception as error:  # noqa: BLE001  # a model of the user's own may raise anything
            mode = "training" if training else "evaluation"
            raise ModelError(f"it does not run in {mode} mode: {type(error).__name__}: {reason(error)}") from None
        return _first_tensor(output), watch.end()

    def _train(self, watch: DrawWatch) -> Iterator[Pass]:
        start = time.monotonic()
        for number in range(PASSES):
            if number >= FEWEST and time.monotonic() - start > SECONDS:
                return
            yield self._run(watch, training=True)[1]

    def _watch_noise(self) -> None:
        """Note of each module with a drop probability whether it ever changes anything in training."""
        given: dict[nn.Module, Tensor] = {}

        def before(module: nn.Module, inputs: Any) -> None:
            if inputs and isinstance(inputs[0], Tensor):
                given[module] = inputs[0].clone()

        def after(module: nn.Module, _inputs: Any, output: Any) -> None:
            same = isinstance(output, Tensor) and module in given and torch.equal(given.pop(module), output)
            self.idle[module] = self.idle[module] and same

        made = ((module.register_forward_pre_hook(before), module.register_forward_hook(after)) for module in self.idle)
        self.hooks = tuple(hook for pair in made for hook in pair)

    def result(self) -> Checkup:
        findings = [*self._on_in_evaluation(), *self._certain(), *self._idle(), *self._at_the_end(), *self._wrong()]
        noise = dict.fromkeys([*self.idle, *(place.module for seen in self.trainings for place in seen.places)])
        names = tuple(self._name(module) for module in noise)
        shape = tuple(self.inputs.shape[1:])
        return Checkup(type(self.model).__name__, shape, len(self.trainings), names, tuple(findings))

    def _name(self, module: nn.Module) -> str:
        name = self.names.get(module, "")
        return f"{name} ({type(module).__name__})" if name else type(module).__name__

    def _on_in_evaluation(self) -> Iterator[Finding]:
        (one, drawn), (other, _) = self.evaluations
        if one is None or other is None or one.shape != other.shape:
            return
        apart, size = float((one - other).abs().max()), float(one.abs().max())
        if apart <= 1e-5 * size:
            return
        changed = float(((one - other).abs() > 1e-5 * size).double().mean())
        words = f"two evaluations of the same input differ, in {changed:.0%} of the outputs, by up to {apart:.3g}: "
        words += "something is random with model.eval() too (F.dropout without training=self.training?)"
        for place in dict.fromkeys(drawn.places) or [Place(self.model, 0)]:
            yield Finding("on-in-evaluation", self._name(place.module), place.line, words)

    def _certain(self) -> Iterator[Finding]:
        for value, what in ((0.0, "drops nothing"), (1.0, "drops everything")):
            found = [self._name(module) for module in self.idle if _says(module) == value]
            if found:
                words = f"drop probability {value:g}: {what}"
                yield Finding("certain", ", ".join(found), 0, words)

    def _idle(self) -> Iterator[Finding]:
        for module, idle in self.idle.items():
            asked = _says(module)
            if idle and asked is not None and 0 < asked < 1:
                mode = "" if module.training else ", and is in evaluation mode after model.train()"
                words = f"drop probability {asked:g}, but in {len(self.trainings)} training passes it dropped nothing"
                yield Finding("nothing-dropped", self._name(module), 0, f"{words} (never called?){mode}")

    def _at_the_end(self) -> Iterator[Finding]:
        if all(seen.ends_with_draw for seen in self.trainings):
            place = self.trainings[0].places[-1]
            words = "dropout after the output layer: outputs themselves are dropped in training"
            yield Finding("after-output", self._name(place.module), place.line, words)

    def _wrong(self) -> Iterator[Finding]:
        """Masks with another rate or scale than is asked for."""
        by_place: dict[Place, list[Draw]] = {}
        for seen in self.trainings:
            for draw in seen.draws:
                by_place.setdefault(draw.place, []).append(draw)
        for place, draws in by_place.items():
            yield from self._wrong_rate(place, draws) or self._wrong_scale(place, draws)

    def _wrong_rate(self, place: Place, draws: list[Draw]) -> list[Finding]:
        asked = _says(place.module) if place.module in self.idle else None
        asked = draws[0].asked if asked is None else asked
        rates = np.array([draw.drop for draw in draws])
        error = rates.std(ddof=1) / len(rates) ** 0.5
        if asked is None or abs(rates.mean() - asked) <= max(MAX_CHANCE_SD * error, CLOSE):
            return []
        words = f"drops {rates.mean():.3f} ± {error:.4f} of the units, where {asked:g} is asked for"
        normal = 0.5 * (1 + torch.erf(torch.tensor(asked / 2**0.5)).item())
        if abs(rates.mean() - normal) <= max(MAX_CHANCE_SD * error, CLOSE):
            words += f": Φ({asked:g}) = {normal:.3f}, a mask of normal numbers (randn) instead of uniform ones (rand)?"
        elif abs(rates.mean() - (1 - asked)) <= max(MAX_CHANCE_SD * error, CLOSE):
            words += ": kept and dropped are the wrong way round?"
        return [Finding("wrong-rate", self._name(place.module), place.line, words)]

    def _wrong_scale(self, place: Place, draws: list[Draw]) -> list[Finding]:
        scales = [draw.scale for draw in draws if draw.scale is not None]
        if len(scales) < len(draws):
            return []
        rates = np.array([draw.drop for draw in draws])
        rate, product = float(rates.mean()), float(np.mean(scales)) * float(1 - rates.mean())
        error = float(np.mean(scales) * rates.std(ddof=1) / len(rates) ** 0.5)
        shrunk = any(
            module is place.module and abs(factor - (1 - rate)) < CLOSE
            for _, seen in self.evaluations
            for module, factor in seen.factors
        )  # as in the paper: activations are smaller at test time instead
        if abs(product - 1) <= max(MAX_CHANCE_SD * error, 2 * CLOSE) or not 0 < rate < 1 or shrunk:
            return []
        words = f"drops {rate:.3f}, and scales what is kept by {np.mean(scales):.3g}: activations in training are "
        words += f"{product:.3f} of those in evaluation; 1/(1 - drop_prob) = {1 / (1 - rate):.3g} is missing?"
        return [Finding("wrong-scale", self._name(place.module), place.line, words)]


def _says(module: nn.Module) -> float | None:
    """The drop probability that a layer says it has; None for what is no noise layer."""
    if not isinstance(module, DRAWS) and "drop" not in type(module).__name__.lower():
        return None
    readers: list[tuple[tuple[str, ...], Callable[[float], float]]] = [
        (DROPPED, lambda value: value),
        (KEPT, lambda value: 1 - value),
    ]
    for names, read in readers:
        for name in names:
            value = getattr(module, name, None)
            if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
                return read(float(value))
    return None


def _first_tensor(output: Any) -> Tensor | None:
    """The output, or the first one of several."""
    if isinstance(output, dict):
        output = tuple(output.values())
    while isinstance(output, list | tuple) and output:
        output = output[0]
    return output.detach().double() if isinstance(output, Tensor) and output.numel() else None
