"""Chart of the test errors of dropout in a part of the training (Liu et al. 2023, "Dropout Reduces Underfitting")."""

from dropviz.analysis.answers import Answer, capitalized, make_answer
from dropviz.analysis.comparison import Comparison
from dropviz.charts.base.rows import Row
from dropviz.charts.base.rows_chart import RowsChart, gain, row_of
from dropviz.style.labels import Labels

PARTS = ("late", "early")
REMARKED = ("constant", "early", "late", "decay")


class SchedulesChart(RowsChart):
    """Test error of each schedule at the end of training: ranked rows with a dot for each seed.

    Recordings of a custom training loop are drawn without answers. Source: Liu et al. 2023.
    """

    experiment = "schedules"
    key = "schedules"

    @classmethod
    def rows_of(cls, comparison: Comparison, labels: Labels) -> list[Row]:
        """Return a row for each arm; below its name, when its dropout is on."""
        experiment = comparison.experiment
        rows = []
        for runs in comparison.arms:
            schedule = experiment.arm(runs.name).schedule if experiment and runs.has_noise else ""
            rows.append(row_of([runs], labels, labels(f"schedule {schedule}") if schedule in REMARKED else ""))
        return rows

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return how late dropout, and early dropout, end against dropout all the time.

        Each holds if its error ends decidedly below that of dropout all the time.
        """
        experiment = comparison.experiment
        if experiment is None:
            return []
        rows = zip(comparison.arms, cls.rows_of(comparison, labels), strict=True)
        by_schedule = {experiment.arm(runs.name).schedule: row for runs, row in rows if runs.has_noise}
        constant = by_schedule.get("constant")
        if constant is None:
            return []
        found = [_against(constant, by_schedule[name], name, labels) for name in PARTS if name in by_schedule]
        if len(found) < len(PARTS):
            return found
        headline = labels("semicolon").join([found[0].headline, found[1].headline[:1].lower() + found[1].headline[1:]])
        return [found[0]._replace(headline=headline), found[1]]


def _against(constant: Row, row: Row, schedule: str, labels: Labels) -> Answer:
    """Return how the error of a schedule ends against that of dropout all the time."""
    answer = make_answer(f"schedules {schedule}", gain(row, constant), labels)
    evidence = labels("rows pair", arm=row.name, base=constant.name, interval=answer.evidence)
    return answer._replace(headline=capitalized(answer.headline, labels), evidence=evidence)
