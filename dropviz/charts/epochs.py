"""Chart of accuracy against iteration in a long training (Dive into Deep Learning, 5.6, exercise 2)."""

from dropviz.analysis.answers import Answer, best_accuracy, make_answer, shorten, verdicts
from dropviz.analysis.captions import ACCURACIES
from dropviz.analysis.comparison import FINAL, ArmRuns, Comparison
from dropviz.analysis.statistics import Values
from dropviz.charts.accuracy.chart import AccuracyChart
from dropviz.style.labels import Labels


class EpochsChart(AccuracyChart):
    """The chart `accuracy` with another answer: how much of its best accuracy each arm has lost at the end."""

    key = "epochs"
    experiment = "epochs"
    together = True

    @classmethod
    def metrics(cls, comparison: Comparison) -> tuple[str, ...]:  # noqa: ARG003  # always the same ones
        """Return train and test accuracy."""
        return ACCURACIES

    @classmethod
    def question(cls, comparison: Comparison, labels: Labels) -> str:  # noqa: ARG003  # always the same one
        """Return the question about a long training."""
        return labels("question epochs")

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return whether accuracy ends less far below its best with dropout, and whether it ends higher."""
        verdict = verdicts(comparison, labels)
        return [*(late_losses(comparison, labels) if verdict else []), *verdict]


def late_losses(comparison: Comparison, labels: Labels) -> list[Answer]:
    """Return by how much test accuracy ends below the best snapshot of each run, with dropout and without."""
    return [
        make_answer("late", without - with_it, labels, **_falls(without, with_it))
        for gap in comparison.gaps()
        if gap.arm.seeds == gap.base.seeds
        for without, with_it in [(_lost(gap.base), _lost(gap.arm))]
    ]


def _falls(without: Values, with_it: Values) -> dict[str, str]:
    """Return the mean losses in points, as a headline has them."""
    return {"lost": shorten(without.mean()), "kept": shorten(with_it.mean())}


def _lost(arm: ArmRuns) -> Values:
    lost: Values = 100 * (best_accuracy(arm) - arm.ends(FINAL))
    return lost
