"""Other noises than dropout's (Dive into Deep Learning, 5.6, exercises 6 and 7), and noise in a part of training.

Strengths are the drop_prob of both hidden layers; each noise has the same three.
"""

from dropviz.experiments.arm import Arm
from dropviz.experiments.presets.core import DIGITS, MORE_SEEDS

CHOSEN = ("bernoulli", "gaussian", "uniform", "channel", "alpha", "dropconnect")
STRENGTHS = (0.2, 0.5, 0.8)

_NOISES = DIGITS.replace(
    name="noises",
    validation_size=200,
    snapshot_every=20,
    recorded_iterations=0,
    seeds=MORE_SEEDS,
    arms=(
        Arm("no noise", noise="none"),
        *(Arm(f"{noise} {strength:g}", strength, noise=noise) for noise in CHOSEN for strength in STRENGTHS),
    ),
)
_SCHEDULES = _NOISES.replace(
    name="schedules",
    validation_size=0,
    arms=(
        Arm("no dropout"),
        Arm("constant 0.5", 0.5),
        *(Arm(f"{schedule} 0.5", 0.5, schedule=schedule) for schedule in ("early", "late", "decay")),
    ),
)
# With the label noise of `digits`: a network that hardly overfits needs no noise of any kind.
_DROPCONNECT = DIGITS.replace(
    name="dropconnect",
    recorded_iterations=100,
    arms=(Arm("no noise"), Arm("dropconnect 0.5", 0.5, noise="dropconnect")),
)
_GAUSSIAN = _DROPCONNECT.replace(name="gaussian", arms=(Arm("no noise"), Arm("gaussian 0.5", 0.5, noise="gaussian")))

PRESETS = (
    _NOISES,
    _SCHEDULES,
    _DROPCONNECT,
    _GAUSSIAN,
    *(
        preset.replace(
            name=f"{preset.name}-full",
            data="fashion-mnist",
            train_size=None,
            validation_size=10_000 if preset.validation_size else 0,
            hidden=(1_024, 1_024),
            batch_size=256,
            epochs=30,
            snapshot_every=100,
        )
        for preset in (_NOISES, _SCHEDULES, _DROPCONNECT, _GAUSSIAN)
    ),
)
