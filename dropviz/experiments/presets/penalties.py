"""Dropout and other regularisers: penalties on weights and activations, limits on norms, and combinations.

Each method has the strength and the learning rate that were best for it, see `methods`.
"""

from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment
from dropviz.experiments.presets.core import DIGITS, MORE_SEEDS
from dropviz.experiments.presets.methods import DROPOUT, NONE, chosen, every

_NOTHING = "no regularisation"
_OF_TABLE = (NONE, "L2", "L2 + L1", "max-norm", DROPOUT, "dropout + L2", "dropout + max-norm")
_OF_PENALTIES = (NONE, "L1", "L2", "activations L1", "activations L2", DROPOUT)
_DIGITS = DIGITS.replace(name="regularizers", snapshot_every=10, recorded_iterations=0, seeds=MORE_SEEDS)

REGULARIZERS = _DIGITS.replace(arms=chosen(_OF_TABLE, _NOTHING))
PENALTIES = _DIGITS.replace(name="penalties", probes=("activations",), arms=chosen(_OF_PENALTIES, _NOTHING))
# All arms share a learning rate, or effects could not add up: the one with the highest mean accuracy over such arms on
# held-out images. The best L2 penalty at that rate, 0.003, has the gradient of a weight decay of 0.006.
_CELLS = (
    Arm("neither"),
    Arm("weight decay 0.006", weight_decay=0.006),
    Arm("dropout 0.5", 0.5),
    Arm("both", 0.5, weight_decay=0.006),
)
INTERACTION = _DIGITS.replace(name="interaction", learning_rate=0.03, arms=_CELLS)


def _full(experiment: Experiment, arms: tuple[Arm, ...]) -> Experiment:
    """Return the experiment at the size of the paper's table 9, for a GPU.

    All strengths are trained; held-out images choose.
    """
    return experiment.replace(
        name=f"{experiment.name}-full",
        data="fashion-mnist",
        train_size=50_000,
        validation_size=10_000 if experiment is not INTERACTION else 0,
        hidden=(1_024, 1_024, 2_048),
        epochs=30,
        snapshot_every=500,
        seeds=(1, 2, 3),
        arms=arms,
    )


PRESETS = (
    REGULARIZERS,
    PENALTIES,
    INTERACTION,
    _full(REGULARIZERS, every(_OF_TABLE, _NOTHING)),
    _full(PENALTIES, every(_OF_PENALTIES, _NOTHING)),
    _full(INTERACTION, _CELLS),
)
