"""Chart of accuracy against iteration in a long training (Dive into Deep Learning, 5.6, exercise 2)."""

import numpy as np

from dropviz.analysis.captions import ACCURACIES, Answer, make_answer, verdicts
from dropviz.analysis.comparison import FINAL, ArmRuns, Comparison
from dropviz.analysis.statistics import Values, ahead, mean_and_sd
from dropviz.charts.accuracy.chart import AccuracyChart
from dropviz.style.labels import Labels


class EpochsChart(AccuracyChart):
    """The chart `accuracy` with another answer: how much of its best accuracy each arm has lost at the end."""

    experiment = "epochs"
    together = True

    @classmethod
    def metrics(cls, comparison: Comparison) -> tuple[str, ...]:  # noqa: ARG003  # always the same ones
        """Return train and test accuracy."""
        return ACCURACIES

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return whether accuracy ends less far below its best with dropout, and whether it ends higher."""
        verdict = verdicts(comparison, labels)
        return [*(late_losses(comparison, labels) if verdict else []), *verdict]


def late_losses(comparison: Comparison, labels: Labels) -> list[Answer]:
    """Return by how much test accuracy ends below the best snapshot of each run, with dropout and without."""
    return [
        make_answer(
            labels(
                "late",
                base=labels.name(gap.base.name),
                arm=labels.name(gap.arm.name),
                lost=mean_and_sd(without),
                kept=mean_and_sd(with_it),
                ahead=ahead(without - with_it),
                count=len(without),
            ),
            without - with_it,
            labels,
        )
        for gap in comparison.gaps()
        if gap.arm.seeds == gap.base.seeds
        for without, with_it in [(_lost(gap.base), _lost(gap.arm))]
    ]


def _lost(arm: ArmRuns) -> Values:
    accuracy = arm.values(FINAL)
    lost: Values = 100 * (np.nanmax(accuracy, axis=1) - arm.ends(FINAL))
    return lost
