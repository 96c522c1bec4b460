"""Common mistakes, each compared with the correct version: same initial weights, same minibatches, same images."""

from dropviz.experiments.arm import Arm
from dropviz.experiments.choices import MISTAKES
from dropviz.experiments.experiment import Experiment
from dropviz.experiments.presets.core import DIGITS, SEEDS

DROP_PROB = (0.2, 0.5)  # as in the chapter, lower near the input
PLAIN = {"zero": (Arm("no dropout"),)}  # the effect of that mistake


def _pitfall(mistake: str) -> Experiment:
    return DIGITS.replace(
        name=f"pitfall-{mistake}",
        batch_size=50,
        epochs=20,
        recorded_iterations=400,
        probes=("giveaway",),
        seeds=SEEDS[:3],
        arms=(*PLAIN.get(mistake, ()), Arm("wrong", DROP_PROB, mistake=mistake), Arm("right", DROP_PROB)),
    )


def _full(small: Experiment) -> Experiment:
    """Return the experiment with the settings of the chapter of Dive into Deep Learning."""
    return small.replace(
        name=f"{small.name}-full",
        data="fashion-mnist",
        train_size=None,
        label_noise=0.0,
        learning_rate=0.5,
        momentum=0.0,
        batch_size=256,
        epochs=10,
        snapshot_every=50,
    )


PRESETS = tuple(each for mistake in MISTAKES for small in [_pitfall(mistake)] for each in (small, _full(small)))
