"""State of torch's random generators, on any kind of device."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dropviz.errors import DependencyError


def get_state(device: torch.device) -> Tensor:
    """Return the state of the default generator of `device`."""
    state: Tensor = _module(device).get_rng_state(*_arguments(device))
    return state


def set_state(device: torch.device, state: Tensor) -> None:
    """Set the state of the default generator of `device`."""
    _module(device).set_rng_state(state, *_arguments(device))


def stream_seed(seed: int, *stream: int) -> int:
    """Return the seed of an independent random stream of a run."""
    return int(np.random.SeedSequence([seed, *stream]).generate_state(1)[0])


@contextmanager
def preserve_rng_state(device: torch.device) -> Iterator[None]:
    """Restore the default generators of the CPU and of `device` when the block ends."""
    devices = {torch.device("cpu"), device}
    states = {each: get_state(each) for each in devices}
    try:
        yield
    finally:
        for each, state in states.items():
            set_state(each, state)


def _module(device: torch.device) -> Any:
    module = torch if device.type == "cpu" else getattr(torch, device.type, None)
    if not hasattr(module, "get_rng_state"):
        raise DependencyError(f"torch gives no access to the random generator of device {device.type!r}: use 'cpu'")
    return module


def _arguments(device: torch.device) -> tuple[torch.device, ...]:
    # The CPU and Apple's GPU have one generator; elsewhere each device has its own.
    return () if device.type in ("cpu", "mps") else (device,)
