"""Chart of the test errors of noises other than dropout's."""

from dataclasses import replace

from dropviz.analysis.answers import Answer
from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.analysis.model_selection import select_arm
from dropviz.charts.base.rows import Row
from dropviz.charts.base.rows_chart import RowsChart, compare_rows, rank_answer, row_of
from dropviz.errors import RecordingError
from dropviz.style.labels import Labels

DROPOUT, NONE = "bernoulli", "none"

ByNoise = dict[str, list[ArmRuns]]


class NoisesChart(RowsChart):
    """Test error of each noise at the end of training: ranked rows with a dot for each seed.

    Of several strengths of a noise, the one with the best validation accuracy is drawn. The recordings must be of an
    experiment, with validation metrics where a noise has several strengths. Source: Dive into Deep Learning, section
    5.6, exercise 7.
    """

    experiment = "noises"
    key = "noises"

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if the noise of an arm is unknown, or if no strength can be selected."""
        super().check(comparison)
        _best_other(_arms_by_noise(comparison))

    @classmethod
    def rows_of(cls, comparison: Comparison, labels: Labels) -> list[Row]:
        """Return a row for each noise, in the order of the arms."""
        return [
            replace(row_of(arms, labels), is_third=noise not in (DROPOUT, NONE))
            for noise, arms in _arms_by_noise(comparison).items()
        ]

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return how the best other noise ends against dropout, and dropout against no noise; [] without dropout.

        The best other noise is the one with the best validation accuracy. Each holds if the error of the first ends
        decidedly below that of the second.
        """
        noises = _arms_by_noise(comparison)
        if DROPOUT not in noises:
            return []
        dropout, best = row_of(noises[DROPOUT], labels), _best_other(noises)
        answers = [compare_rows(dropout, row_of(noises[NONE], labels), labels)] if NONE in noises else []
        if best is None:
            return answers
        other = row_of([best], labels)
        if NONE not in noises:
            return [compare_rows(other, dropout, labels)]
        return [rank_answer("noises", cls.rows_of(comparison, labels), other, dropout, labels), *answers]


def _arms_by_noise(comparison: Comparison) -> ByNoise:
    """Return the arms by noise, whatever its strength; those of strength 0 have none.

    Raises RecordingError if the recordings are not of an experiment.
    """
    experiment = comparison.experiment
    if experiment is None:
        raise RecordingError("recorded in a custom training loop: nothing says what noise its arms have")
    noises: ByNoise = {}
    for runs in comparison.arms:
        arm = experiment.arm(runs.name)
        noises.setdefault(arm.noise if arm.has_noise else NONE, []).append(runs)
    return noises


def _best_other(noises: ByNoise) -> ArmRuns | None:
    """Return the arm with the best validation accuracy of the noises other than dropout; None if there are none."""
    others = [select_arm(arms) for noise, arms in noises.items() if noise not in (DROPOUT, NONE)]
    return select_arm(others) if others and DROPOUT in noises else None
