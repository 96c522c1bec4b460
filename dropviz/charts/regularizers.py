"""Regularisers side by side, each at the strength that did best on images held out: Srivastava et al. 2014, table 9."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dropviz.analysis.captions import Answer
from dropviz.analysis.comparison import ArmRuns, Comparison
from dropviz.analysis.model_selection import DROPOUT, Method, arms_by_method, select_arm
from dropviz.analysis.statistics import decided, mean_and_sd
from dropviz.charts.base.rows import Row
from dropviz.charts.base.rows_chart import RowsChart, compare_rows, row_of
from dropviz.style.labels import Labels, percent

NOTHING, ALONE, MIXED = Method(), Method([DROPOUT]), Method([DROPOUT, "max_norm"])
# Of each pair the first is claimed to be better.
CLAIMS = ((MIXED, Method([DROPOUT, "l2"])), (ALONE, Method(["l2"])))
MAX_LISTED = 3  # penalties that an answer names
ZEROS = "activations/zeros"


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
        rows = _rows(comparison, labels)
        found = [compare_rows(rows[one], rows[other], labels) for one, other in CLAIMS if one in rows and other in rows]
        if MIXED not in rows and NOTHING in rows:
            of_activations, of_weights = _penalties(rows)
            listed = [group for group in (of_weights, of_activations) if 0 < len(group) <= MAX_LISTED]
            found = [*(_against(rows[NOTHING], group, labels) for group in listed), *found]
        if not found and ALONE in rows and NOTHING in rows:
            found = [compare_rows(rows[ALONE], rows[NOTHING], labels)]
        return found


def _rows(comparison: Comparison, labels: Labels) -> dict[Method, Row]:
    rows = {}
    for method, arms in arms_by_method(comparison).items():
        rows[method] = replace(row_of(arms, labels), remarks=_zeros(select_arm(arms), labels))
    return rows


def _penalties(rows: dict[Method, Row]) -> tuple[list[Row], list[Row]]:
    """The rows without dropout that penalise activations, and the others."""
    own = {method: row for method, row in rows.items() if method and DROPOUT not in method}
    active = {method for method in own if any(name.startswith("activation") for name in method)}
    return [own[each] for each in own if each in active], [own[each] for each in own if each not in active]


def _zeros(arm: ArmRuns, labels: Labels) -> list[str]:
    """How many activations are 0 at each snapshot, mean over layers and runs, where the recordings say so."""
    if any(ZEROS not in run.probes for run in arm.runs):
        return []
    shares = [run.probe(ZEROS, len(arm.iterations), -1).mean(axis=1) for run in arm.runs]
    return [labels("regularizers zeros", share=percent(share, 0)) for share in np.mean(shares, axis=0)]


def _against(base: Row, rows: Sequence[Row], labels: Labels) -> Answer:
    """How far each row ends from the base, seed by seed; it holds if all are below in every seed."""
    differences = [100 * (row.errors[:, -1] - base.errors[:, -1]) for row in rows]
    words = [
        labels("colon", name=row.name, value=mean_and_sd(each, sign=True))
        for row, each in zip(rows, differences, strict=True)
    ]
    each_holds = {decided(-each) for each in differences}
    holds = True if each_holds == {True} else False if False in each_holds else None
    return Answer(labels("regularizers against", base=base.name, points=labels("semicolon").join(words)), holds)
