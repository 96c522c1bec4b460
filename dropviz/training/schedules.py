"""How the noise goes on and off in training: shares of the full drop_prob, as functions of how much lies behind.

`done` is the share of the iterations that lie behind, from 0 to just below 1; `turn`, the share at which it changes.
A new one is a function, and a line in SCHEDULES and in `kinds.SCHEDULES`.
"""

from collections.abc import Callable

from torch import nn

from dropviz.capture.noise_layers import DropConnect, Noise
from dropviz.experiments.arm import Arm

Schedule = Callable[[float, float], float]


def constant(done: float, turn: float) -> float:  # noqa: ARG001  # no schedule at all
    """Always all."""
    return 1.0


def early(done: float, turn: float) -> float:
    """All before `turn`, then none (Liu et al. 2023, "Dropout Reduces Underfitting")."""
    return float(done < turn)


def late(done: float, turn: float) -> float:
    """None before `turn`, then all (Liu et al. 2023)."""
    return float(done >= turn)


def decay(done: float, turn: float) -> float:  # noqa: ARG001  # it changes all the time
    """From all at the start in a straight line to none at the end."""
    return 1 - done


SCHEDULES: dict[str, Schedule] = {"constant": constant, "early": early, "late": late, "decay": decay}


def make_scheduler(arm: Arm, model: nn.Module, iterations: int) -> Callable[[int], None] | None:
    """A function to call before each of so many iterations, counted from 1; None where nothing ever changes."""
    noises = [
        (module, name, getattr(module, name))
        for module in model.modules()
        if (name := _attribute(module)) is not None and arm.schedule != "constant"
    ]
    schedule = SCHEDULES[arm.schedule]

    def before(iteration: int) -> None:
        share = schedule((iteration - 1) / iterations, arm.turn)
        for module, name, full in noises:
            setattr(module, name, share * full)

    return before if noises else None


def _attribute(module: nn.Module) -> str | None:
    """What a noise layer calls its drop_prob."""
    if isinstance(module, Noise | DropConnect):
        return "drop_prob"
    return "p" if isinstance(module, nn.Dropout) else None
