"""Other noises than dropout's, each at the strength that images held out chose (Dive into Deep Learning, 5.6, 7)."""

from dropviz.analysis.captions import Answer
from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.analysis.model_selection import select_arm
from dropviz.charts.base.rows import Row
from dropviz.charts.base.rows_chart import RowsChart, compare_rows, row_of
from dropviz.errors import RecordingError
from dropviz.style.labels import Labels

DROPOUT, NONE = "bernoulli", "none"


class NoisesChart(RowsChart):
    """A row for each noise. The strengths that another one beat on the images held out are grey."""

    experiment = "noises"
    key = "noises"

    @classmethod
    def rows_of(cls, comparison: Comparison, labels: Labels) -> list[Row]:
        """A row for each noise, in the order of the arms."""
        return [row_of(arms, labels) for arms in _noises(comparison).values()]

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Whether the other noise that does best on images held out ends below dropout; and dropout below none."""
        noises = _noises(comparison)
        others = [select_arm(arms) for noise, arms in noises.items() if noise not in (DROPOUT, NONE)]
        if DROPOUT not in noises:
            return []
        dropout = row_of(noises[DROPOUT], labels)
        found = [compare_rows(row_of([select_arm(others)], labels), dropout, labels)] if others else []
        return found + ([compare_rows(dropout, row_of(noises[NONE], labels), labels)] if NONE in noises else [])


def _noises(comparison: Comparison) -> dict[str, list[ArmRuns]]:
    """The arms by noise, whatever its strength; those of strength 0 are without."""
    experiment = comparison.experiment
    if experiment is None:
        raise RecordingError("recorded from a training loop of its own: nothing says what noise its arms have")
    found: dict[str, list[ArmRuns]] = {}
    for runs in comparison.arms:
        arm = experiment.arm(runs.name)
        found.setdefault(arm.noise if arm.has_noise else NONE, []).append(runs)
    return found
