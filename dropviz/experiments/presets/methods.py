"""Methods of regularisation and kinds of noise: the strengths that were tried, and those that were chosen.

`python assets/strengths.py` tries them all, and writes the chosen ones to docs/strengths.md.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from dropviz.experiments.arm import Arm

Settings = Mapping[str, Any]

NONE, DROPOUT = "none", "dropout"
NOISES = ("gaussian", "uniform", "channel", "alpha", "dropconnect")
RATES = (0.003, 0.01, 0.03, 0.1, 0.3)  # learning rates
_DROP_PROBS = (0.25, 0.5, 0.75)
METHODS: Mapping[str, tuple[Settings, ...]] = {
    NONE: ({},),
    "L2": tuple({"l2": l2} for l2 in (0.0003, 0.001, 0.003)),
    "L1": tuple({"l1": l1} for l1 in (0.0001, 0.0003, 0.001)),
    "L2 + L1": tuple({"l2": l2, "l1": l1} for l2, l1 in ((0.0003, 0.00003), (0.001, 0.0001), (0.003, 0.0003))),
    "max-norm": tuple({"max_norm": norm} for norm in (0.25, 0.5, 1.0)),
    DROPOUT: tuple({"drop_prob": drop_prob} for drop_prob in _DROP_PROBS),
    "dropout + L2": tuple({"drop_prob": 0.5, "l2": l2} for l2 in (0.00003, 0.0001, 0.0003)),
    "dropout + max-norm": tuple({"drop_prob": 0.5, "max_norm": norm} for norm in (0.25, 0.5, 1.0)),
    "activations L1": tuple({"activation_l1": penalty} for penalty in (0.001, 0.003, 0.005)),
    "activations L2": tuple({"activation_l2": penalty} for penalty in (0.001, 0.003, 0.01)),
    **{
        noise: tuple(
            {"drop_prob": drop_prob, "noise": noise}
            for drop_prob in ((0.05, 0.1, 0.2) if noise == "alpha" else _DROP_PROBS)
        )
        for noise in NOISES
    },
}
_WORDS = {
    "drop_prob": "dropout",
    "l2": "L2",
    "l1": "L1",
    "max_norm": "max-norm",
    "activation_l1": "activations L1",
    "activation_l2": "activations L2",
}


class Chosen(NamedTuple):
    """Number of the chosen strength of a method, from 0, and the learning rate chosen with it."""

    strength: int
    learning_rate: float


CHOSEN = {
    NONE: Chosen(0, 0.01),
    "L2": Chosen(0, 0.01),
    "L1": Chosen(0, 0.01),
    "L2 + L1": Chosen(0, 0.01),
    "max-norm": Chosen(2, 0.01),
    DROPOUT: Chosen(1, 0.03),
    "dropout + L2": Chosen(0, 0.03),
    "dropout + max-norm": Chosen(1, 0.03),
    "activations L1": Chosen(1, 0.01),
    "activations L2": Chosen(1, 0.01),
    "gaussian": Chosen(1, 0.03),
    "uniform": Chosen(1, 0.03),
    "channel": Chosen(1, 0.03),
    "alpha": Chosen(1, 0.1),
    "dropconnect": Chosen(2, 0.03),
}


def chosen(methods: Iterable[str], none: str) -> tuple[Arm, ...]:
    """Return an arm for each method, with its chosen strength and learning rate.

    none  name of the arm without any method
    """
    return tuple(
        named(METHODS[method][CHOSEN[method].strength], none, learning_rate=CHOSEN[method].learning_rate)
        for method in methods
    )


def every(methods: Iterable[str], none: str) -> tuple[Arm, ...]:
    """Return an arm for each strength of each method, with the learning rate of the experiment."""
    return tuple(named(settings, none) for method in methods for settings in METHODS[method])


def named(settings: Settings, none: str, **more: Any) -> Arm:
    """Return the arm with these settings, named by them: "dropout 0.5 + L2 0.001", or `none` without settings."""
    words = {**_WORDS, "drop_prob": settings.get("noise", DROPOUT)}
    parts = [
        f"{words[field]} {value:.6f}".rstrip("0").rstrip(".") for field, value in settings.items() if field in words
    ]
    return Arm(" + ".join(parts) or none, **settings, **more)
