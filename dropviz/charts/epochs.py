"""Accuracy against iteration in training that is much longer than it need be (Dive into Deep Learning, 5.6, exercise 2)."""

from dropviz.captions import Answer, verdicts
from dropviz.charts.accuracy import AccuracyChart
from dropviz.comparison import Comparison
from dropviz.labels import Labels
from dropviz.paired import late_losses


class EpochsChart(AccuracyChart):
    """The chart of accuracy; what it answers is how much of their best each arm has lost by the end."""

    experiment = "epochs"
    together = True

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Whether accuracy ends less far below its best with dropout; and whether it ends higher."""
        verdict = verdicts(comparison, labels)
        return [*(late_losses(comparison, labels) if verdict else []), *verdict]
