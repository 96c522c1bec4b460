"""Comparisons of training with and without dropout. `digits` is the default of most commands."""

from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment

# Settings were chosen on the first seeds. Presets train others, which no choice has seen.
EXPLORATION = tuple(range(1, 6))
SEEDS = tuple(range(101, 106))
MORE_SEEDS = tuple(range(101, 111))  # for differences of a point or two

DIGITS = Experiment(
    name="digits",
    data="digits",
    train_size=1_000,
    label_noise=0.3,
    hidden=(256, 256),
    learning_rate=0.1,
    momentum=0.9,
    batch_size=100,
    epochs=60,
    snapshot_every=5,
    recorded_iterations=600,  # all of them: the chart `story` draws the same runs
    seeds=SEEDS,
    arms=(Arm("no dropout"), Arm("dropout 0.5", 0.5)),
)

PRESETS = (
    DIGITS,
    Experiment(
        name="fashion-mnist",
        data="fashion-mnist",
        learning_rate=0.5,
        batch_size=256,
        seeds=(1,),
        arms=(Arm("no dropout"), Arm("dropout 0.2/0.5", (0.2, 0.5))),
    ),
    Experiment(
        name="d2l",
        data="fashion-mnist",
        learning_rate=0.5,
        batch_size=256,
        seeds=(1,),
        arms=(
            Arm("no dropout"),
            Arm("dropout 0.2/0.5", (0.2, 0.5)),
            Arm("nn.Dropout 0.2/0.5", (0.2, 0.5), noise="torch"),
        ),
    ),
)
