"""The check of a model for common mistakes with dropout."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from dropviz.capture.rng import preserve_rng_state
from dropviz.diagnosis.findings import find_mistakes
from dropviz.diagnosis.inputs import random_inputs
from dropviz.diagnosis.measurement import Measurement
from dropviz.diagnosis.results import Checkup
from dropviz.errors import ModelError, reason


def check(
    model: nn.Module | Callable[[], nn.Module], *, shape: tuple[int, ...] | None = None, file: str = ""
) -> Checkup:
    """Look for common mistakes with dropout in a model: run it, and measure the masks that it draws.

    The model runs on the CPU, on random examples, up to 100 times in training mode and a few times in evaluation mode.
    It is left as it was: modes, buffers, devices, and the state of torch's random generator.

    model  a torch.nn.Module, or a function or class that makes one when it is called without arguments
    shape  shape of one example, such as (1, 28, 28); guessed from the first layer by default
    file   path of the file with the code of the model; findings then have line numbers

    Raises ModelError if the model cannot be made, or does not run on such examples.

    >>> import dropviz, torch
    >>> result = dropviz.check(torch.nn.Sequential(torch.nn.Linear(8, 4), torch.nn.Dropout(0.5)))
    >>> [(finding.kind, finding.module) for finding in result.findings]
    [('after-output', '1 (Dropout)')]
    """
    model = build_model(model)
    with torch.no_grad(), preserve_rng_state(torch.device("cpu")), _restored(model):
        torch.manual_seed(0)
        inputs = random_inputs(model.cpu(), shape)
        measured = Measurement(model, file, inputs)
        noise = dict.fromkeys([*measured.idle, *(place.module for each in measured.trainings for place in each.places)])
        return Checkup(
            model=type(model).__name__,
            shape=tuple(inputs.shape[1:]),
            passes=len(measured.trainings),
            noise=tuple(measured.name(module) for module in noise),
            findings=tuple(find_mistakes(measured)),
        )


def build_model(source: Any) -> nn.Module:
    """Return a model, or that which a function or class makes. Raises ModelError if it makes none."""
    if isinstance(source, nn.Module):
        return source
    try:
        model = source()
    except (Exception, SystemExit) as error:
        raise ModelError(f"it cannot be called without arguments: {type(error).__name__}: {reason(error)}") from error
    if not isinstance(model, nn.Module):
        raise ModelError(f"it gives a {type(model).__name__}: must give a torch.nn.Module")
    return model


@contextmanager
def _restored(model: nn.Module) -> Iterator[None]:
    """Restore modes, buffers and parameters of a model when the block ends."""
    modes = {module: module.training for module in model.modules()}
    parameters = [(parameter, parameter.data) for parameter in model.parameters()]
    buffers = [
        (module._buffers, name, buffer, buffer.clone())  # noqa: SLF001  # the way to put a buffer back
        for module in model.modules()
        for name, buffer in module._buffers.items()  # noqa: SLF001
        if buffer is not None
    ]
    try:
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode
        for parameter, data in parameters:
            parameter.data = data
        for owner, name, buffer, value in buffers:
            owner[name] = buffer.copy_(value)
