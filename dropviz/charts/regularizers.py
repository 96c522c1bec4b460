"""Chart of the test errors of regularisers (Srivastava et al. 2014, section 6.5, table 9)."""

from collections.abc import Sequence

from dropviz.analysis.answers import Answer, capitalized, interval_words
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.model_selection import DROPOUT, Method, arms_by_method
from dropviz.analysis.statistics import decide, interval
from dropviz.charts.base.rows import Row
from dropviz.charts.base.rows_chart import RowsChart, compare_rows, gain, rank_answer, row_of
from dropviz.style.labels import Labels

NOTHING, ALONE, L2, MIXED = Method(), Method([DROPOUT]), Method(["l2"]), Method([DROPOUT, "max_norm"])
MAX_LISTED = 3  # penalties that an answer names

ByMethod = dict[Method, Row]


class RegularizersChart(RowsChart):
    """Test error of each method at the end of training: ranked rows with a dot for each seed.

    Of several strengths of a method, the one with the best validation accuracy is drawn. The recordings must be of an
    experiment, with validation metrics where a method has several strengths. Source: Srivastava et al. 2014, section
    6.5, table 9.
    """

    experiment = "regularizers"
    key = "regularizers"

    @classmethod
    def rows_of(cls, comparison: Comparison, labels: Labels) -> list[Row]:
        """Return a row for each method."""
        return list(_rows_by_method(comparison, labels).values())

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return how dropout ends against an L2 penalty, or against nothing, and how other methods do.

        Of recordings with max-norm, the other is dropout with max-norm against dropout with L2; of others, each kind of
        penalty against none. Each holds if the error that is claimed to be lower is decidedly so.
        """
        rows, answers = _rows_by_method(comparison, labels), []
        if ALONE in rows and L2 in rows and NOTHING in rows:
            answers = [rank_answer("regularizers", list(rows.values()), rows[ALONE], rows[L2], labels)]
        elif ALONE in rows and (L2 in rows or NOTHING in rows):
            answers = [compare_rows(rows[ALONE], rows.get(L2, rows.get(NOTHING, rows[ALONE])), labels)]
        with_l2 = ALONE | L2
        if MIXED in rows and with_l2 in rows:
            return [*answers, compare_rows(rows[MIXED], rows[with_l2], labels)]
        if MIXED in rows or NOTHING not in rows:
            return answers
        groups = [group for group in _penalties(rows) if 0 < len(group) <= MAX_LISTED]
        return [*answers, *(_against(rows[NOTHING], group, labels) for group in groups)]


def _rows_by_method(comparison: Comparison, labels: Labels) -> ByMethod:
    return {method: row_of(arms, labels) for method, arms in arms_by_method(comparison).items()}


def _penalties(rows: ByMethod) -> tuple[list[Row], list[Row]]:
    """Return the rows without dropout that penalise weights, and those that penalise activations."""
    own = {method: row for method, row in rows.items() if method and DROPOUT not in method}
    active = {method for method in own if any(name.startswith("activation") for name in method)}
    return [own[each] for each in own if each not in active], [own[each] for each in own if each in active]


def _against(base: Row, rows: Sequence[Row], labels: Labels) -> Answer:
    """Return which rows end decidedly below the base; it holds if all do."""
    gains = [gain(row, base) for row in rows]
    found = [interval(each) for each in gains]
    decided = decide(gains)
    helping = [row.name for row, holds in zip(rows, decided, strict=True) if holds]
    is_single = len(base.errors) == 1
    key = "one run" if is_single else "yes" if helping else "no" if False in decided else "open"
    names = labels("comma").join(helping or [row.name for row in rows])
    evidence = labels("semicolon").join(
        labels("colon", name=row.name, value=interval_words(each, len(base.errors), labels))
        for row, each in zip(rows, found, strict=True)
    )
    # All of several claims hold if each does alone.
    each_holds = {each.holds for each in found}
    holds = True if each_holds == {True} else False if False in each_holds else None
    headline = labels(f"penalties {key}", names=names, base=base.name)
    return Answer(capitalized(headline, labels), holds, evidence, max(each.p_value for each in found))
