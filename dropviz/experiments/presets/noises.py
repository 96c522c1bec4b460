"""Other noises than dropout's (Dive into Deep Learning, 5.6, exercises 6 and 7), and noise in a part of training.

Each noise acts in both hidden layers, with the drop_prob and the learning rate that were best for it, see `methods`.
"""

from dropviz.experiments.arm import Arm
from dropviz.experiments.presets.core import DIGITS, MORE_SEEDS
from dropviz.experiments.presets.methods import DROPOUT, NOISES, NONE, chosen, every

_NOTHING = "no noise"
_KINDS = (NONE, DROPOUT, *NOISES)
_NOISES = DIGITS.replace(
    name="noises",
    validation_size=200,  # to choose the best other noise by
    snapshot_every=20,
    recorded_iterations=0,
    seeds=MORE_SEEDS,
    arms=chosen(_KINDS, _NOTHING),
)
_SCHEDULES = _NOISES.replace(
    name="schedules",
    validation_size=0,
    learning_rate=0.03,  # the best one with dropout all the time
    arms=(
        Arm("no dropout"),
        Arm("constant 0.5", 0.5),
        *(Arm(f"{schedule} 0.5", 0.5, schedule=schedule) for schedule in ("early", "late", "decay")),
    ),
)
# With the label noise of `digits`: a network that hardly overfits needs no noise of any kind.
_DROPCONNECT = DIGITS.replace(
    name="dropconnect",
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
            validation_size=10_000 if preset is _NOISES else 0,
            hidden=(1_024, 1_024),
            batch_size=256,
            epochs=30,
            snapshot_every=100,
            arms=every(_KINDS, _NOTHING) if preset is _NOISES else preset.arms,
        )
        for preset in (_NOISES, _SCHEDULES, _DROPCONNECT, _GAUSSIAN)
    ),
)
