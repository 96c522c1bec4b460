"""Hidden units with and without dropout: their activations, the variance of these, and their weights.

Labels have no noise, as in the paper and the chapter: the comparison is not about overfitting.
"""

from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment
from dropviz.experiments.presets.core import SEEDS

SPARSITY = Experiment(
    name="sparsity",
    data="digits",
    train_size=1_000,
    hidden=(256,),
    learning_rate=0.1,
    momentum=0.9,
    batch_size=100,
    epochs=60,
    snapshot_every=10,
    recorded_iterations=0,
    probes=("activations",),
    seeds=SEEDS,
    arms=(Arm("no dropout"), Arm("dropout 0.5", 0.5)),
)
VARIANCE = SPARSITY.replace(
    name="variance", hidden=(256, 256), arms=(Arm("no dropout"), Arm("dropout 0.2/0.5", (0.2, 0.5)))
)
# An autoencoder on small photographs, as in figure 7. Classifiers of the digits show no difference.
FEATURES = SPARSITY.replace(
    name="features",
    data="fashion-mnist",
    loss="reconstruction",
    train_size=2_000,
    learning_rate=1.5,
    epochs=100,
    snapshot_every=100,
    probes=("features",),
)
# As wide and as long as in the paper or the chapter, for a machine with a GPU.
FULL = {"data": "fashion-mnist", "train_size": None, "batch_size": 256, "snapshot_every": 100, "epochs": 10}

PRESETS = (
    SPARSITY,
    VARIANCE,
    FEATURES,
    SPARSITY.replace(name="sparsity-full", **FULL),
    VARIANCE.replace(name="variance-full", **FULL | {"learning_rate": 0.5, "momentum": 0.0}),
    FEATURES.replace(name="features-full", **FULL | {"epochs": 30}),
)
