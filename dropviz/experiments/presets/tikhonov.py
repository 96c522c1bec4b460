"""Noise on the input against an L2 penalty, of linear models: Bishop 1995, "Training with noise is equivalent to…".

The model is f(x) = Wx + b, its loss the squared error, mean over the K classes. With noise e of mean 0 and covariance
σ²·1 on the input, f(x + e) - y = (f(x) - y) + We, whose two parts are uncorrelated: the expected loss is

    E|f(x + e) - y|² / K = |f(x) - y|² / K + E|We|² / K = |f(x) - y|² / K + (σ²/K) · Σw²

for every x, and so for every minibatch. It is exactly that of an L2 penalty of strength σ²/K on the weights alone,
without biases.
"""

from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment
from dropviz.experiments.presets.core import SEEDS

DEVIATION = 0.3  # of pixels from 0 to 1
CLASSES = 10

_DIGITS = Experiment(
    name="tikhonov",
    data="digits",
    train_size=1_000,
    hidden=(),
    loss="squared",
    learning_rate=0.2,
    batch_size=100,
    epochs=200,
    snapshot_every=5,
    recorded_iterations=1,  # for the names of the classes
    probes=("weights",),
    seeds=SEEDS,
    arms=(
        Arm("plain"),
        Arm(f"input noise {DEVIATION:g}", input_noise=DEVIATION),
        Arm(f"L2 penalty {DEVIATION**2 / CLASSES:g}", l2=DEVIATION**2 / CLASSES),
    ),
)

PRESETS = (
    _DIGITS,
    # More pixels make the loss steeper: with a larger learning rate it does not converge.
    _DIGITS.replace(
        name="tikhonov-full",
        data="fashion-mnist",
        train_size=None,
        learning_rate=0.05,
        batch_size=256,
        epochs=40,
        snapshot_every=47,
    ),
)
