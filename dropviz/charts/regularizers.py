"""Regularisers side by side, each at the strength that did best on images held out: Srivastava et al. 2014, table 9."""

from collections.abc import Iterable, Iterator

import numpy as np

from dropviz.captions import Answer
from dropviz.charts.ranking import RowsChart, paired
from dropviz.charts.rows import Row
from dropviz.comparison import Comparison
from dropviz.labels import Labels
from dropviz.selection import DROPOUT, Method, chosen, methods

NOTHING, ALONE = Method(), Method([DROPOUT])


class RegularizersChart(RowsChart):
    """A row for each method. The strengths that another one beat on the images held out are grey."""

    experiment = "regularizers"
    key = "regularizers"

    @classmethod
    def rows_of(cls, comparison: Comparison, labels: Labels) -> list[Row]:
        """A row for each method."""
        return list(_rows(comparison, labels).values())

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Whether what is claimed to be better ends with less error."""
        return [paired(one, other, labels) for one, other in _claims(_rows(comparison, labels))]


def _rows(comparison: Comparison, labels: Labels) -> dict[Method, Row]:
    rows = {}
    for method, arms in methods(comparison).items():
        best = chosen(arms)
        others = [1 - arm.values("test_accuracy").mean(axis=0) for arm in arms if arm is not best]
        errors = 1 - best.values("test_accuracy")
        companions = np.array(others).reshape(len(others), errors.shape[1])
        rows[method] = Row(labels.name(best.name), errors, DROPOUT in method, companions)
    return rows


def _claims(rows: dict[Method, Row]) -> Iterator[tuple[Row, Row]]:
    """Pairs of which the first is claimed to be better: dropout with max-norm than all else, and dropout than L2.

    Where there is no max-norm, the best penalty than nothing; and where there are no penalties, dropout.
    """
    mixed, found = Method([DROPOUT, "max_norm"]), False
    if mixed in rows:
        yield rows[mixed], _lowest(row for method, row in rows.items() if method != mixed)
    penalised = [row for method, row in rows.items() if method and DROPOUT not in method]
    if mixed not in rows and NOTHING in rows and penalised:
        yield _lowest(penalised), rows[NOTHING]
    for other in (Method(["l2"]), NOTHING):
        if ALONE in rows and other in rows and not found:
            yield rows[ALONE], rows[other]
            found = True


def _lowest(rows: Iterable[Row]) -> Row:
    return min(rows, key=lambda row: row.mean[-1])
