"""Chart of the test errors of regularisers (Srivastava et al. 2014, section 6.5, table 9)."""

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
# Pairs of methods, of which the first is claimed to be better.
CLAIMS = ((MIXED, Method([DROPOUT, "l2"])), (ALONE, Method(["l2"])))
MAX_LISTED = 3  # penalties that an answer names
ZEROS = "activations/zeros"

ByMethod = dict[Method, Row]


class RegularizersChart(RowsChart):
    """Test error of each method, snapshot by snapshot: a row with a dot for each seed and a bar of mean ± sd.

    Of several strengths of a method, the one with the best validation accuracy is drawn, and the others in grey. Where
    the recordings hold the probe `activations`, a row has the share of activations that are 0. The recordings must be
    of an experiment, with validation metrics where a method has several strengths. Source: Srivastava et al. 2014,
    section 6.5, table 9.
    """

    experiment = "regularizers"
    key = "regularizers"

    @classmethod
    def rows_of(cls, comparison: Comparison, labels: Labels) -> list[Row]:
        """Return a row for each method."""
        return list(_rows_by_method(comparison, labels).values())

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return how methods end against each other: those of CLAIMS, penalties against none, or dropout against none.

        Each holds if the error of the method that is claimed to be better ends below the other's in every seed.
        """
        rows = _rows_by_method(comparison, labels)
        answers = [
            compare_rows(rows[one], rows[other], labels) for one, other in CLAIMS if one in rows and other in rows
        ]
        if MIXED not in rows and NOTHING in rows:
            listed = [group for group in _penalties(rows) if 0 < len(group) <= MAX_LISTED]
            answers = [*(_against(rows[NOTHING], group, labels) for group in listed), *answers]
        if not answers and ALONE in rows and NOTHING in rows:
            answers = [compare_rows(rows[ALONE], rows[NOTHING], labels)]
        return answers


def _rows_by_method(comparison: Comparison, labels: Labels) -> ByMethod:
    rows = {}
    for method, arms in arms_by_method(comparison).items():
        remarks = [labels("regularizers zeros", share=percent(share, 0)) for share in _share_of_zeros(select_arm(arms))]
        rows[method] = replace(row_of(arms, labels), remarks=remarks)
    return rows


def _penalties(rows: ByMethod) -> tuple[list[Row], list[Row]]:
    """Return the rows without dropout that penalise weights, and those that penalise activations."""
    own = {method: row for method, row in rows.items() if method and DROPOUT not in method}
    active = {method for method in own if any(name.startswith("activation") for name in method)}
    return [own[each] for each in own if each not in active], [own[each] for each in own if each in active]


def _share_of_zeros(arm: ArmRuns) -> Sequence[float]:
    """Return the share of activations that are 0 at each snapshot, mean over layers and runs; () if not recorded.

    Raises RecordingError if it does not fit the snapshots.
    """
    if any(ZEROS not in run.probes for run in arm.runs):
        return ()
    shares = [run.probe(ZEROS, len(arm.iterations), -1) for run in arm.runs]
    if not all(share.size for share in shares):
        return ()
    return [float(share) for share in np.mean([share.mean(axis=1) for share in shares], axis=0)]


def _against(base: Row, rows: Sequence[Row], labels: Labels) -> Answer:
    """Return how far each row ends from the base, seed by seed; it holds if all are below in every seed."""
    differences = [100 * (row.errors[:, -1] - base.errors[:, -1]) for row in rows]
    words = [
        labels("colon", name=row.name, value=mean_and_sd(each, sign=True))
        for row, each in zip(rows, differences, strict=True)
    ]
    each_holds = {decided(-each) for each in differences}
    holds = True if each_holds == {True} else False if False in each_holds else None
    return Answer(labels("regularizers against", base=base.name, points=labels("semicolon").join(words)), holds)
