"""Accuracy against iteration in a long training (Dive into Deep Learning, 5.6, exercise 2)."""

from dropviz.analysis.captions import Answer, make_answer, verdicts
from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.analysis.statistics import Values, ahead, mean_and_sd
from dropviz.charts.accuracy.chart import AccuracyChart
from dropviz.style.labels import Labels


class EpochsChart(AccuracyChart):
    """The chart of accuracy; what it answers is how much of their best each arm has lost by the end."""

    experiment = "epochs"
    together = True

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Whether accuracy ends less far below its best with dropout; and whether it ends higher."""
        verdict = verdicts(comparison, labels)
        return [*(late_losses(comparison, labels) if verdict else []), *verdict]


def late_losses(comparison: Comparison, labels: Labels) -> list[Answer]:
    """By how much test accuracy ends below each run's best snapshot: whether by less with dropout than without."""
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
    accuracy = arm.values("test_accuracy")
    lost: Values = 100 * (accuracy.max(axis=1) - accuracy[:, -1])
    return lost
