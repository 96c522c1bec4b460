"""Choose the strengths of regularisers and noises: `python assets/strengths.py`. Trains 500 runs, in about ten minutes.

Each method is trained with several strengths and learning rates on the exploration seeds. The one with the highest mean
accuracy on held-out images is chosen, and written to docs/strengths.md. The presets have the chosen values, and other
seeds, so that their test sets and seeds have no part in the choice.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

import dropviz
from dropviz.analysis.comparison import ArmRuns, gather
from dropviz.experiments.arm import Arm
from dropviz.experiments.experiment import Experiment
from dropviz.experiments.presets.core import DIGITS, EXPLORATION

OUT = Path("out/strengths")
PAGE = Path(__file__).parent.parent / "docs" / "strengths.md"
RATES = (0.01, 0.03, 0.1)
PAPER_L2 = (0.001, 0.003, 0.01)
BASE = DIGITS.replace(
    name="strengths", seeds=EXPLORATION, validation_size=200, snapshot_every=100, recorded_iterations=0
)
METHODS: Mapping[str, tuple[Mapping[str, object], ...]] = {
    "none": ({},),
    "L2": tuple({"l2": l2} for l2 in PAPER_L2),
    "L1": tuple({"l1": l1} for l1 in (0.0003, 0.001, 0.003)),
    "L2 + L1": tuple({"l2": l2, "l1": l2 / 10} for l2 in PAPER_L2),
    "max-norm": tuple({"max_norm": norm} for norm in (0.125, 0.25, 0.5)),
    "dropout": tuple({"drop_prob": rate} for rate in (0.25, 0.5, 0.75)),
    "dropout + L2": tuple({"drop_prob": 0.5, "l2": l2} for l2 in (0.0001, 0.0003, 0.001)),
    "dropout + max-norm": tuple({"drop_prob": 0.5, "max_norm": norm} for norm in (0.5, 1.0, 2.0)),
    "activations L1": tuple({"activation_l1": each} for each in (0.0003, 0.001, 0.003, 0.01)),
    "activations L2": tuple({"activation_l2": each} for each in (0.003, 0.01, 0.03, 0.1)),
    **{
        noise: tuple({"drop_prob": rate, "noise": noise} for rate in (0.2, 0.5, 0.8))
        for noise in ("gaussian", "uniform", "channel", "alpha", "dropconnect")
    },
}


def main() -> None:
    """Train every method with all of its strengths and learning rates, and write the page."""
    lines = [_chosen(method, strengths) for method, strengths in METHODS.items()]
    head = "| method | strength | learning rate | held-out accuracy | tried |\n| --- | --- | --- | --- | --- |"
    seeds = f"{EXPLORATION[0]} to {EXPLORATION[-1]}"
    PAGE.write_text(
        "# Strengths\n\nThe presets compare methods at the strength and the learning rate that did best on held-out "
        f"images: 200 of the digits, mean of the seeds {seeds}, at the end of training. Written by "
        "`python assets/strengths.py`.\n\n" + "\n".join([head, *lines]) + "\n",
        encoding="utf-8",
    )


def _chosen(method: str, strengths: tuple[Mapping[str, object], ...]) -> str:
    """Train a method, and return the row of its best arm."""
    experiment = BASE.replace(arms=tuple(_arms(strengths)))
    comparison = gather(dropviz.train(experiment, out=OUT / method.replace(" ", ""), device="cpu"))
    best = max(comparison.arms, key=_held_out)
    row = (
        f"| {method} | {best.name.partition(', rate ')[0]} | {_rate(experiment, best)} | {100 * _held_out(best):.1f}% |"
    )
    print(row, flush=True)
    return f"{row} {len(comparison.arms)} |"


def _arms(strengths: tuple[Mapping[str, object], ...]) -> Iterator[Arm]:
    for strength in strengths:
        words = ", ".join(f"{name} {value:g}" for name, value in strength.items() if isinstance(value, float))
        for rate in RATES:
            yield Arm(name=f"{words or 'none'}, rate {rate:g}", learning_rate=rate, **strength)  # type: ignore[arg-type]  # fields by name


def _rate(experiment: Experiment, arm: ArmRuns) -> str:
    return f"{experiment.of(experiment.arm(arm.name)).learning_rate:g}"


def _held_out(arm: ArmRuns) -> float:
    """Return the accuracy on held-out images at the end, mean over seeds; 0 for runs that diverged."""
    return float(np.nan_to_num(arm.values("validation_accuracy")[:, -1]).mean())


if __name__ == "__main__":
    main()
