"""Sweeps of one setting: drop probability, size of the training set, architecture, order, and length.

The full-size versions have layers as wide as the paper's, for a GPU.
"""

from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment
from dropviz.experiments.presets.core import DIGITS

RATES = (0.0, 0.1, 0.2, 0.4, 0.5, 0.6, 0.8, 0.9)


def _rates(hidden: tuple[int, ...], kept: tuple[int, ...]) -> tuple[Arm, ...]:
    """Return an arm for each drop probability with `hidden` units, and one with `kept` units left on average."""
    fixed = [Arm(_dropout(rate), rate) for rate in RATES]
    wider = {rate: tuple(round(units / (1 - rate)) for units in kept) for rate in RATES}
    return (*fixed, *(_shaped(rate, units) for rate, units in wider.items() if units != hidden))


def _dropout(rate: float) -> str:
    return f"dropout {rate:g}" if rate else "no dropout"


def _shaped(rate: float, hidden: tuple[int, ...], on_input: float = 0.0) -> Arm:
    return Arm(f"{_dropout(rate)}, {'-'.join(map(str, hidden))}", rate, on_input, hidden=hidden)


def _sizes(epochs: dict[int, int]) -> tuple[Arm, ...]:
    """Return arms with and without dropout for each size of the training set; `epochs` give all as many updates."""
    return tuple(
        Arm(f"{_dropout(rate)}, {size} images", rate, on_input, train_size=size, epochs=count)
        for size, count in epochs.items()
        for rate, on_input in ((0.0, 0.0), (0.5, 0.2))
    )


def _shapes(*shapes: tuple[int, ...]) -> tuple[Arm, ...]:
    """Return arms with and without dropout for each architecture."""
    return tuple(_shaped(rate, hidden, on_input) for hidden in shapes for rate, on_input in ((0.0, 0.0), (0.5, 0.2)))


SMALL = DIGITS.replace(recorded_iterations=0)
FULL = Experiment(
    name="full",
    data="fashion-mnist",
    learning_rate=0.05,
    momentum=0.9,
    batch_size=100,
    epochs=50,
    snapshot_every=600,
    recorded_iterations=0,
    seeds=(1, 2, 3),
)

PRESETS = (
    # With the learning rate of the others, 0.1, training collapses if nine of ten units are dropped. This one is the
    # largest at which the training loss of every arm falls to the end.
    SMALL.replace(
        name="rates",
        hidden=(128, 128),
        learning_rate=0.02,
        epochs=100,
        snapshot_every=40,
        arms=_rates((128, 128), (64, 64)),
    ),
    FULL.replace(name="rates-full", hidden=(1024, 1024), learning_rate=0.01, arms=_rates((1024, 1024), (512, 512))),
    # The learning rate has the highest mean accuracy over all arms, of 0.001, 0.003, 0.01 and 0.03, on images held out
    # and the seeds 1 to 3. Without wrong labels, dropout gains nothing at any size.
    SMALL.replace(
        name="data-size",
        data="fashion-mnist",
        learning_rate=0.003,
        snapshot_every=500,
        arms=_sizes({100: 2_000, 500: 400, 1_000: 200, 2_000: 100, 5_000: 40, 10_000: 20}),
    ),
    FULL.replace(
        name="data-size-full",
        hidden=(1024, 1024, 2048),
        arms=_sizes({100: 25_000, 500: 5_000, 1_000: 2_500, 5_000: 500, 10_000: 250, 50_000: 50}),
    ),
    SMALL.replace(
        name="architectures",
        snapshot_every=10,
        arms=_shapes((64,), (256,), (512,), (64, 64), (256, 256), (128, 128, 128)),
    ),
    FULL.replace(
        name="architectures-full",
        arms=_shapes((800,), (1024,) * 2, (1024,) * 3, (2048,) * 2, (2048,) * 3, (2048,) * 4),
    ),
    DIGITS.replace(
        name="swap",
        arms=(
            Arm("no dropout"),
            Arm("dropout 0.2/0.5", (0.2, 0.5)),
            Arm("dropout 0.5/0.2", (0.5, 0.2)),
        ),
    ),
    SMALL.replace(name="epochs", epochs=200, snapshot_every=20),
    # Few enough units and snapshots for a page in one file. At this learning rate a network without dropout learns the
    # wrong labels within the 60 epochs.
    SMALL.replace(
        name="explore",
        hidden=(128, 128),
        learning_rate=0.05,
        snapshot_every=30,
        recorded_iterations=1,  # for the names of the classes
        probes=("passes",),
        seeds=(1, 2, 3),
        arms=tuple(Arm(_dropout(tenths / 10), tenths / 10) for tenths in range(9)),
    ),
)
