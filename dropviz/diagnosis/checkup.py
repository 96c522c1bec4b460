"""The check of a model for common mistakes with dropout."""

import random
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.parameter import is_lazy

from dropviz._util.deprecation import warn_unused
from dropviz.capture.rng import preserve_rng_state
from dropviz.diagnosis.findings import find_mistakes
from dropviz.diagnosis.guesses import guesses, has_no_forward
from dropviz.diagnosis.inputs import find_arguments, given_arguments
from dropviz.diagnosis.measurement import Measurement
from dropviz.diagnosis.results import Checkup
from dropviz.diagnosis.source import ModuleLines, construction_lines
from dropviz.errors import ModelError, reason

ADVICE = "; give the shape of one example, --input 1x28x28, or inputs: build may return (model, inputs)"
Build = Callable[[], nn.Module] | Callable[[], tuple[nn.Module, Any]]


def check(
    model: nn.Module | Build, *, inputs: Any = None, shape: tuple[int, ...] | None = None, file: str | None = None
) -> Checkup:
    """Look for common mistakes with dropout in a model: run it, and measure the masks that it draws.

    The model runs on the CPU, up to 100 times in training mode and three times in evaluation mode. It is left as it
    was: modes, parameters, gradients, buffers, devices, and the states of the random generators. Lines of code that end
    with the comment ``# dropviz: on purpose`` have no findings: lines that draw or call, and lines that make a module.

    model   a torch.nn.Module, or a function or class that makes one when it is called without arguments; a function
            may return a tuple of the model and its inputs
    inputs  a tensor; a tuple of arguments; or a dict of arguments by name. Random numbers by default, of a shape
            guessed from the layers of the model and the parameters of its `forward`
    shape   shape of one example, such as (1, 28, 28), for random numbers

    Raises ModelError if the model cannot be made, or does not run on its inputs.

    >>> import dropviz, torch
    >>> result = dropviz.check(torch.nn.Sequential(torch.nn.Linear(8, 4), torch.nn.Dropout(0.5)))
    >>> [(finding.kind, finding.module) for finding in result.findings]
    [('after-output', '1 (Dropout)')]
    """
    if file is not None:
        warn_unused("file of check()", "findings have the file of their line")
    with construction_lines() as noted:
        model, given = build_model(model)
    inputs = given if inputs is None else inputs
    with torch.no_grad(), _preserved_generators(), _restored(model), _run_eagerly(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of passes without gradients, and of guesses
        torch.manual_seed(0)
        np.random.seed(0)  # noqa: NPY002  # the generator that a model may draw from
        random.seed(0)
        trials = guesses(model.cpu(), shape) if inputs is None else given_arguments(inputs)
        try:
            arguments = find_arguments(model, trials)
        except ModelError as error:
            raise ModelError(f"{error}{'' if shape or inputs is not None else ADVICE}") from error
        measured = Measurement(model, arguments)
        noise = {each: None for each, drop_prob in measured.asked.items() if drop_prob is not None}
        noise |= {site.place.module: None for site in measured.sites}
        return Checkup(
            model=type(model).__name__,
            shape=arguments.shape,
            passes=measured.passes,
            noise=tuple(measured.name(module) for module in noise),
            findings=tuple(find_mistakes(measured, ModuleLines(model, noted))),
        )


def build_model(source: Any) -> tuple[nn.Module, Any]:
    """Return a model, or that which a function or class makes, and its inputs; None if it gives no inputs.

    Raises ModelError if there is no model.
    """
    made = source
    if not isinstance(source, nn.Module):
        try:
            made = source()
        except (Exception, SystemExit) as error:
            words = f"it cannot be called without arguments: {type(error).__name__}: {reason(error)}"
            raise ModelError(words) from error
    model, inputs = made if isinstance(made, tuple) and len(made) == 2 else (made, None)
    if not isinstance(model, nn.Module):
        raise ModelError(f"it gives a {type(made).__name__}: must give a torch.nn.Module, or (model, inputs)")
    return getattr(model, "_orig_mod", model), inputs  # of a model that torch.compile compiled, what was compiled


def _run_eagerly() -> Any:
    """Return a context manager in which compiled parts of a model run as they were written."""
    stance = getattr(torch.compiler, "set_stance", None)  # since torch 2.6
    return stance("force_eager") if stance else nullcontext()


@contextmanager
def _preserved_generators() -> Iterator[None]:
    """Restore the states of the random generators of torch, NumPy and Python when the block ends."""
    numpy_state, state = np.random.get_state(), random.getstate()  # noqa: NPY002  # as above
    try:
        with preserve_rng_state(torch.device("cpu")):
            yield
    finally:
        np.random.set_state(numpy_state)  # noqa: NPY002
        random.setstate(state)


@contextmanager
def _restored(model: nn.Module) -> Iterator[None]:
    """Restore modes, buffers and parameters of a model when the block ends. Lazy ones keep the shapes that they get."""
    modes = {module: module.training for module in model.modules()}
    parameters = [(parameter, parameter.data) for parameter in model.parameters() if not is_lazy(parameter)]
    buffers = [
        (module._buffers, name, buffer, buffer.clone())  # noqa: SLF001  # the way to put a buffer back
        for module in model.modules()
        for name, buffer in module._buffers.items()  # noqa: SLF001
        if buffer is not None and not is_lazy(buffer)
    ]
    has_step = has_no_forward(model)
    if has_step:
        model.forward = model.training_step  # type: ignore[assignment]  # a method; removed below
    try:
        yield
    finally:
        if has_step:
            del model.forward
        for module, mode in modes.items():
            module.training = mode
        for parameter, data in parameters:
            parameter.data = data
        for owner, name, buffer, value in buffers:
            owner[name] = buffer.copy_(value)
