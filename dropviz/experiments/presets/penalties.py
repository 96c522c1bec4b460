"""Dropout and other regularisers: penalties on weights and activations, limits on norms, and combinations.

Each method has three strengths; the validation set chooses the one that is drawn. If it chose the first or the last of
three, these were moved in that direction, so that no method loses for lack of strength. A max-norm of 2 or more, as in
the paper, has no effect on networks as small as these.
"""

from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment
from dropviz.experiments.presets.core import DIGITS, MORE_SEEDS

_DIGITS = DIGITS.replace(
    name="regularizers", validation_size=200, snapshot_every=10, recorded_iterations=0, seeds=MORE_SEEDS
)
_NONE = Arm("no regularisation")
_L2 = (0.001, 0.003, 0.01)

REGULARIZERS = _DIGITS.replace(
    arms=(
        _NONE,
        *(Arm(f"L2 {l2:g}", l2=l2) for l2 in _L2),
        *(Arm(f"L2 {l2:g} + L1 {l1:g}", l2=l2, l1=l1) for l2, l1 in zip(_L2, (0.0001, 0.0003, 0.001), strict=True)),
        *(Arm(f"max-norm {norm:g}", max_norm=norm) for norm in (0.125, 0.25, 0.5)),
        *(Arm(f"dropout {drop_prob:g}", drop_prob) for drop_prob in (0.25, 0.5, 0.75)),
        *(Arm(f"dropout 0.5 + L2 {l2:g}", 0.5, l2=l2) for l2 in (0.0001, 0.0003, 0.001)),
        *(Arm(f"dropout 0.5 + max-norm {norm:g}", 0.5, max_norm=norm) for norm in (0.5, 1.0, 2.0)),
    ),
)
PENALTIES = _DIGITS.replace(
    name="penalties",
    probes=("activations",),
    arms=(
        _NONE,
        *(Arm(f"weights L1 {l1:g}", l1=l1) for l1 in (0.0003, 0.001, 0.003)),
        *(Arm(f"weights L2 {l2:g}", l2=l2) for l2 in _L2),
        *(Arm(f"activations L1 {l1:g}", activation_l1=l1) for l1 in (0.001, 0.003, 0.01)),
        *(Arm(f"activations L2 {l2:g}", activation_l2=l2) for l2 in (0.01, 0.03, 0.1)),
        Arm("dropout 0.5", 0.5),
    ),
)
# The L2 penalty that the validation set chose above, 0.003, has the gradient of a weight decay of 0.006. The test set
# is that of the other presets.
INTERACTION = _DIGITS.replace(
    name="interaction",
    arms=(
        Arm("neither"),
        Arm("weight decay 0.006", weight_decay=0.006),
        Arm("dropout 0.5", 0.5),
        Arm("both", 0.5, weight_decay=0.006),
    ),
)


def _full(experiment: Experiment) -> Experiment:
    """Return the experiment at the size of the paper's table 9, for a GPU."""
    return experiment.replace(
        name=f"{experiment.name}-full",
        data="fashion-mnist",
        train_size=50_000,
        validation_size=10_000 if experiment.validation_size else 0,
        hidden=(1_024, 1_024, 2_048),
        epochs=30,
        snapshot_every=500,
        seeds=(1, 2, 3),
    )


_SMALL = (REGULARIZERS, PENALTIES, INTERACTION)
PRESETS = (*_SMALL, *map(_full, _SMALL))
