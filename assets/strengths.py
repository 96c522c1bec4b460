"""Choose the strengths of regularisers and noises: `python assets/strengths.py`.

Trains 1,075 runs: half an hour on two cores. Each method is trained with all of its strengths and learning rates, on
seeds that no preset has. The page docs/strengths.md gets the best ones; `methods.CHOSEN` has the same ones.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

import dropviz
from dropviz.analysis.comparison import ArmRuns, gather
from dropviz.experiments.arm import Arm
from dropviz.experiments.presets.core import DIGITS, EXPLORATION
from dropviz.experiments.presets.methods import CHOSEN, METHODS, RATES, named

OUT = Path("out/strengths")
PAGE = Path(__file__).parent.parent / "docs" / "strengths.md"
HELD_OUT = 200  # images
AT_AN_END = [
    method for method, tried in METHODS.items() if len(tried) > 1 and CHOSEN[method].strength in (0, len(tried) - 1)
]
HEAD = f"""# Strengths

The presets `regularizers`, `penalties` and `noises` compare methods, each at the strength and the learning rate that
did best on {HELD_OUT} images held out of the digits: mean accuracy at the end of training, over the seeds
{EXPLORATION[0]} to {EXPLORATION[-1]}. These images have 30% wrong labels, as the training images have. All strengths
were tried with the learning rates {", ".join(f"{rate:g}" for rate in RATES)}. Written by `python assets/strengths.py`.

The strengths of {", ".join(AT_AN_END)} lie at an end of those tried: a better one may lie beyond.

| method | chosen | learning rate | accuracy | strengths tried |
| --- | --- | --- | --- | --- |
"""


def main() -> None:
    """Train every method with all of its strengths and learning rates, and write the page."""
    PAGE.write_text(HEAD + "".join(row + "\n" for row in map(_row, METHODS)), encoding="utf-8")


def _row(method: str) -> str:
    """Train a method, and return its row of the table."""
    arms = dict(_arms(method))
    experiment = DIGITS.replace(
        name="strengths",
        seeds=EXPLORATION,
        validation_size=HELD_OUT,
        snapshot_every=100,
        recorded_iterations=0,
        arms=tuple(arms),
    )
    runs = gather(dropviz.train(experiment, out=OUT / method.replace(" ", ""), device="cpu"))
    best = max(runs.arms, key=_held_out)
    name, _, rate = best.name.partition(", rate ")
    tried = ", ".join(dict.fromkeys(arms.values()))
    return f"| {method} | {name} | {rate} | {100 * _held_out(best):.1f}% | {tried} |"


def _arms(method: str) -> Iterator[tuple[Arm, str]]:
    """Yield each arm of a method, and the name of its strength."""
    for settings in METHODS[method]:
        name = named(settings, "none").name
        for rate in RATES:
            yield Arm(f"{name}, rate {rate:g}", learning_rate=rate, **settings), name


def _held_out(arm: ArmRuns) -> float:
    """Return the accuracy on held-out images at the end, mean over seeds; 0 for runs that diverged."""
    return float(np.nan_to_num(arm.values("validation_accuracy")[:, -1]).mean())


if __name__ == "__main__":
    main()
