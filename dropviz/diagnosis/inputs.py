"""Inputs that a model runs on: those of the user, or random ones."""

import itertools
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn

from dropviz.capture.marks import tensors_of
from dropviz.diagnosis.modes import set_mode
from dropviz.errors import ModelError, reason

MAX_TRIALS, MAX_SECONDS = 200, 10.0


@dataclass(frozen=True)
class Arguments:
    """Arguments of a model, by position and by name."""

    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """Tensors among them."""
        return tuple(tensors_of((*self.args, *self.kwargs.values())))

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one example of the first tensor."""
        return tuple(self.tensors[0].shape[1:]) if self.tensors else ()

    def copy(self) -> "Arguments":
        """Return the arguments on the CPU, with copies of their tensors, which the model may change."""
        return Arguments(_copied(self.args), _copied(self.kwargs))

    def call(self, model: nn.Module) -> Any:
        """Return what a model gives for the arguments."""
        return model(*self.args, **self.kwargs)


def _copied(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.detach().cpu().clone()
    if isinstance(value, Mapping):
        return {key: _copied(each) for key, each in value.items()}
    if isinstance(value, list | tuple) and not hasattr(value, "_asdict"):
        return type(value)(_copied(each) for each in value)
    return value


def find_arguments(model: nn.Module, trials: Iterable[Arguments]) -> Arguments:
    """Return the first arguments that a model runs on in evaluation mode.

    Raises ModelError if there are none; the message is that of the first failure.
    """
    start, failure = time.monotonic(), ""
    for arguments in itertools.islice(trials, MAX_TRIALS):
        try:
            set_mode(model, training=False)
            arguments.copy().call(model)
        except Exception as error:  # noqa: BLE001  # a user's model may raise anything
            failure = failure or f"it does not run on examples of shape {_size(arguments)}: {reason(error)}"
        else:
            return arguments
        if time.monotonic() - start > MAX_SECONDS:
            break
    raise ModelError(failure or "it has no layer to guess the shape of its input from")


def _size(arguments: Arguments) -> str:
    return "x".join(map(str, arguments.shape))


def given_arguments(inputs: Any) -> Iterator[Arguments]:
    """Yield the ways in which the inputs of a user may be meant.

    inputs  a tensor, a list or tuple of arguments, a dict of arguments by name, or Arguments
    """
    if isinstance(inputs, Arguments):
        yield inputs
        return
    if isinstance(inputs, Mapping):
        yield Arguments(kwargs=dict(inputs))
    elif isinstance(inputs, list | tuple):
        yield Arguments(tuple(inputs))
    yield Arguments((inputs,))
