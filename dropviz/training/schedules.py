"""Schedules of the noise: factors of the drop probability during training.

`done` is the share of the iterations that are finished, from 0 to just below 1; `turn` is that of the arm. A new
schedule is a function, one line in SCHEDULES, and one in `choices.SCHEDULES`.
"""

from collections.abc import Callable

from torch import nn

from dropviz.capture.noise_layers import DropConnect, Noise
from dropviz.experiments.arm import Arm

Schedule = Callable[[float, float], float]


def constant(done: float, turn: float) -> float:  # noqa: ARG001  # it never changes
    """Return 1: full noise all the time."""
    return 1.0


def early(done: float, turn: float) -> float:
    """Return 1 before `turn`, then 0 (Liu et al. 2023, "Dropout Reduces Underfitting")."""
    return float(done < turn)


def late(done: float, turn: float) -> float:
    """Return 0 before `turn`, then 1 (Liu et al. 2023)."""
    return float(done >= turn)


def decay(done: float, turn: float) -> float:  # noqa: ARG001  # it has no turn
    """Return a factor that falls linearly from 1 at the start to 0 at the end."""
    return 1 - done


SCHEDULES: dict[str, Schedule] = {"constant": constant, "early": early, "late": late, "decay": decay}


def make_scheduler(arm: Arm, model: nn.Module, iterations: int) -> Callable[[int], None] | None:
    """Return a function to call before each iteration, counted from 1; None for a constant schedule or no noise."""
    noises = [
        (module, name, getattr(module, name))
        for module in model.modules()
        if (name := _attribute(module)) is not None and arm.schedule != "constant"
    ]
    schedule = SCHEDULES[arm.schedule]

    def set_noise(iteration: int) -> None:
        factor = schedule((iteration - 1) / iterations, arm.turn)
        for module, name, drop_prob in noises:
            setattr(module, name, factor * drop_prob)

    return set_noise if noises else None


def _attribute(module: nn.Module) -> str | None:
    """Return the name of the attribute with the drop probability of a noise layer; None for other modules."""
    if isinstance(module, Noise | DropConnect):
        return "drop_prob"
    return "p" if isinstance(module, nn.Dropout) else None
