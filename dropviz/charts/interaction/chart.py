"""Chart of weight decay and dropout, alone and together (Dive into Deep Learning, section 5.6, exercise 5)."""

from dataclasses import replace

from dropviz.analysis.answers import Answer, interval_words, shorten
from dropviz.analysis.comparison import Comparison
from dropviz.analysis.statistics import interval
from dropviz.charts.base.rows import Row
from dropviz.charts.base.rows_chart import RowsChart, gain, row_of
from dropviz.charts.interaction.grid import read_grid
from dropviz.style.labels import Labels


class InteractionChart(RowsChart):
    """Test error with neither, with a penalty, with dropout, and with both: rows with a dot for each seed.

    The recordings must be of an experiment with these four arms. Source: Dive into Deep Learning, section 5.6,
    exercise 5.
    """

    experiment = "interaction"
    key = "interaction"
    is_ranked = False

    @classmethod
    def rows_of(cls, comparison: Comparison, labels: Labels) -> list[Row]:
        """Return the rows of the four cells: neither, the penalty, dropout, both."""
        *single, both = (row_of([arm], labels) for arm in read_grid(comparison))
        return [*single, replace(both, is_third=True)]

    @classmethod
    def answers(cls, comparison: Comparison, labels: Labels) -> list[Answer]:
        """Return if both gain more than the better one alone, and how far they are from the sum of their gains.

        It holds if the sum is decidedly exceeded, and does not if both are decidedly short of it.
        """
        _, penalty, dropout, both = cls.rows_of(comparison, labels)
        extra = interval(100 * read_grid(comparison).interaction())
        better = min(penalty, dropout, key=lambda row: row.mean)
        count, more = len(both.errors), interval(gain(both, better))
        key = "one run" if count == 1 else {True: "more", False: "worse", None: "open"}[more.holds]
        headline = labels(f"interaction {key}", better=better.name, points=shorten(more.mean))
        evidence = labels(
            "interaction evidence",
            alone=interval_words(more, count, labels),
            better=better.name,
            extra=shorten(extra.mean),
            side=labels("interaction short" if extra.mean < 0 else "interaction over"),
        )
        return [Answer(headline, extra.holds, evidence, extra.p_value)]
