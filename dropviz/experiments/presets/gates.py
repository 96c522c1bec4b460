"""Noise layers at work, without a comparison of accuracies: few epochs are enough."""

from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment
from dropviz.experiments.presets.core import SEEDS

ONE = (Arm("dropout 0.5", 0.5),)
BOTH = (Arm("own layer", 0.5), Arm("nn.Dropout", 0.5, noise="torch"))

GATE = Experiment(
    name="gate",
    data="digits",
    train_size=1_000,
    hidden=(256, 256),
    learning_rate=0.1,
    momentum=0.9,
    batch_size=100,
    epochs=30,
    snapshot_every=30,
    tracked_examples=8,
    probes=("gate",),
    seeds=SEEDS,
    arms=ONE,
)
EXPECTATION = GATE.replace(name="expectation", probes=("expectation",), recorded_iterations=0)
OWN_LAYER = GATE.replace(name="own-layer", probes=(), arms=BOTH, seeds=SEEDS[:3], snapshot_every=10, tracked_examples=4)

# On real images, in layers of the paper's size.
LARGE = {"data": "fashion-mnist", "train_size": None, "hidden": (1_024, 1_024, 1_024), "batch_size": 256, "epochs": 10}

PRESETS = (
    GATE,
    EXPECTATION,
    OWN_LAYER,
    *(each.replace(name=f"{each.name}-full", snapshot_every=100, **LARGE) for each in (GATE, EXPECTATION, OWN_LAYER)),
)
