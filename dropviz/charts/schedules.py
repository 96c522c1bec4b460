"""Chart of the test errors of dropout in a part of the training (Liu et al. 2023, "Dropout Reduces Underfitting")."""

from dropviz.analysis.captions import Answer
from dropviz.analysis.comparison import Comparison
from dropviz.charts.base.rows_chart import RowsChart, compare_rows
from dropviz.style.labels import Labels


class SchedulesChart(RowsChart):
    """Test error of each schedule, snapshot by snapshot: a row with a dot for each seed and a bar of mean ± sd.

    Recordings of a custom training loop are drawn without answers. Source: Liu et al. 2023.
    """

    experiment = "schedules"
    key = "schedules"

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return how late dropout, and early dropout, end against dropout all the time.

        Each holds if its error ends below that of dropout all the time in every seed.
        """
        experiment = comparison.experiment
        if experiment is None:
            return []
        rows = zip(comparison.arms, cls.rows_of(comparison, labels), strict=True)
        by_schedule = {experiment.arm(runs.name).schedule: row for runs, row in rows if runs.has_noise}
        constant = by_schedule.get("constant")
        if constant is None:
            return []
        return [compare_rows(by_schedule[name], constant, labels) for name in ("late", "early") if name in by_schedule]
