"""The state of torch's random generators, on any kind of device."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dropviz.errors import DependencyError


def get_state(device: torch.device) -> Tensor:
    """The state of the default generator of `device`."""
    state: Tensor = _module(device).get_rng_state(*_which(device))
    return state


def set_state(device: torch.device, state: Tensor) -> None:
    """Put the default generator of `device` back into a state."""
    _module(device).set_rng_state(state, *_which(device))


def stream_seed(seed: int, *stream: int) -> int:
    """The seed of one of a run's independent streams of random numbers."""
    return int(np.random.SeedSequence([seed, *stream]).generate_state(1)[0])


@contextmanager
def preserve_rng_state(device: torch.device) -> Iterator[None]:
    """Whatever is drawn inside, the caller's generators of the CPU and of `device` go on as if nothing had been."""
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


def _which(device: torch.device) -> tuple[torch.device, ...]:
    # There is one generator on the CPU and one on Apple's GPU; elsewhere there is one for each device.
    return () if device.type in ("cpu", "mps") else (device,)
