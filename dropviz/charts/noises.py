"""Chart of the test errors of noises other than dropout's."""

from dropviz.analysis.captions import Answer
from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.analysis.model_selection import select_arm
from dropviz.charts.base.rows import Row
from dropviz.charts.base.rows_chart import RowsChart, compare_rows, row_of
from dropviz.errors import RecordingError
from dropviz.style.labels import Labels

DROPOUT, NONE = "bernoulli", "none"

ByNoise = dict[str, list[ArmRuns]]


class NoisesChart(RowsChart):
    """Test error of each noise, snapshot by snapshot: a row with a dot for each seed and a bar of mean ± sd.

    Of several strengths of a noise, the one with the best validation accuracy is drawn, and the others in grey. The
    recordings must be of an experiment, with validation metrics where a noise has several strengths. Source: Dive into
    Deep Learning, section 5.6, exercise 7.
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
        return [row_of(arms, labels) for arms in _arms_by_noise(comparison).values()]

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return how the best other noise ends against dropout, and dropout against no noise; [] without dropout.

        The best other noise is the one with the best validation accuracy. Each holds if the error of the first ends
        below that of the second in every seed.
        """
        noises = _arms_by_noise(comparison)
        if DROPOUT not in noises:
            return []
        dropout, other = row_of(noises[DROPOUT], labels), _best_other(noises)
        answers = [compare_rows(row_of([other], labels), dropout, labels)] if other else []
        return answers + ([compare_rows(dropout, row_of(noises[NONE], labels), labels)] if NONE in noises else [])


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
