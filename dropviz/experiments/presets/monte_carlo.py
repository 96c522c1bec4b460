"""Averages of thinned networks at test time, compared with dropout off (Srivastava et al. 2014, figure 11)."""

from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment
from dropviz.experiments.presets.core import SEEDS

_DIGITS = Experiment(
    name="monte-carlo",
    data="digits",
    train_size=1_000,
    label_noise=0.3,
    hidden=(512, 512),
    learning_rate=0.1,
    batch_size=64,
    epochs=100,
    snapshot_every=50,
    recorded_iterations=24,
    probes=("samples",),
    seeds=SEEDS,
    arms=(Arm("dropout 0.5", 0.5),),
)

PRESETS = (
    _DIGITS,
    # As in the paper: no noise on the labels, and units of the input dropped as well.
    _DIGITS.replace(
        name="monte-carlo-full",
        data="fashion-mnist",
        train_size=None,
        label_noise=0.0,
        hidden=(1_024, 1_024, 1_024),
        batch_size=100,
        epochs=50,
        snapshot_every=600,
        arms=(Arm("dropout 0.2/0.5", 0.5, input_drop_prob=0.2),),
    ),
)
