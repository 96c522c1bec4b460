"""Dropout for a part of the training: Liu et al. 2023, "Dropout Reduces Underfitting"."""

from dropviz.analysis.captions import Answer
from dropviz.analysis.comparison import Comparison
from dropviz.charts.base.rows_chart import RowsChart, compare_rows
from dropviz.style.labels import Labels


class SchedulesChart(RowsChart):
    """A row for each arm."""

    experiment = "schedules"
    key = "schedules"

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Whether dropout that comes late, and dropout that ends early, end below dropout all the time."""
        experiment = comparison.experiment
        if experiment is None:
            return []
        rows = zip(comparison.arms, cls.rows_of(comparison, labels), strict=True)
        by_schedule = {experiment.arm(runs.name).schedule: row for runs, row in rows if runs.has_noise}
        constant = by_schedule.get("constant")
        if constant is None:
            return []
        return [compare_rows(by_schedule[name], constant, labels) for name in ("late", "early") if name in by_schedule]
