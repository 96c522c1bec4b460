"""Base of charts of rows: test errors of categories at the end of training, one row after another."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import NDArray

from dropviz.analysis.answers import Answer, capitalized, make_answer
from dropviz.analysis.captions import facts
from dropviz.analysis.comparison import FINAL, ArmRuns, Comparison
from dropviz.analysis.model_selection import select_arm
from dropviz.analysis.statistics import decide
from dropviz.analysis.sweeps import sweep_iterations
from dropviz.charts.base.chart import Chart
from dropviz.charts.base.geometry import Box
from dropviz.charts.base.rows import Row, Rows
from dropviz.charts.base.timeline import Pace, paced, spread
from dropviz.style.labels import Labels

FRAMES = 120
STEPS = 12  # of the way of each row, from the base to its mean
PAUSE = 4  # steps after each row
BOTTOM = 58.0  # room for the axis, in points


class RowsChart(Chart):
    """Test errors at the end of training, a row for each category. A subclass has a `key` and its own `answers`.

    First comes the base, the first row without noise; then the others, one after another, from the highest mean error
    to the lowest. Rows stand in the order of their errors, with the lowest on top.

    is_ranked  False for rows in the order of `rows_of`, from the first to the last
    """

    together = True
    is_ranked: ClassVar[bool] = True

    @classmethod
    def check(cls, comparison: Comparison) -> None:
        """Raise RecordingError if the arms differ in seeds, one has no snapshots, or there are no such rows."""
        _ = comparison.seeds
        sweep_iterations(comparison)
        cls.rows_of(comparison, Labels("en"))

    def settings(self) -> str:
        """Return the settings, and that each seed is a dot."""
        labels, seeds = self.canvas.labels, self.comparison.seeds
        spread_words = labels("rows dots", count=len(seeds)) if len(seeds) > 1 else ""
        if any(row.is_undecided for row in _decided(self.rows_of(self.comparison, labels))):
            spread_words = labels("semicolon").join([spread_words, labels("rows undecided")])
        return facts(self.comparison.experiment, seeds, labels, spread=spread_words)

    def build(self, frames: int | None, pace: Pace) -> None:
        """Make the artists and the timeline."""
        canvas, content = self.canvas, self.content
        rows = _decided(self.rows_of(self.comparison, canvas.labels))
        base = base_of(rows)
        if self.is_ranked:
            rows = sorted(rows, key=lambda row: row.mean)
        place = next(number for number, row in enumerate(rows) if row.name == base.name)
        box = Box(content.left, content.bottom + BOTTOM, content.width, content.height - BOTTOM)
        self.rows = Rows(canvas, rows, place, box, canvas.labels("rows axis"))
        rest = [number for number in range(len(rows)) if number != place]
        self.order = [place, *(reversed(rest) if self.is_ranked else rest)]
        steps = (STEPS + PAUSE) * (len(rows) - 1) + 1
        self.timeline = paced(spread(steps, frames or FRAMES), pace)
        self.inks = self.rows.inks
        self.trail: Sequence[Artist] = ()
        self.moving: Sequence[Artist] = self.rows.moving

    @classmethod
    def rows_of(cls, comparison: Comparison, labels: Labels) -> list[Row]:
        """Return the rows, by default one for each arm. Raises RecordingError if there are no such rows."""
        return [row_of([arm], labels) for arm in comparison.arms]

    def update(self, index: int, before: int | None = None) -> None:  # noqa: ARG002  # all rows may change
        """Set all rows to the step `index`."""
        shares = [0.0] * len(self.order)
        for number, place in enumerate(self.order):
            shares[place] = float(np.clip((index - (number - 1) * (STEPS + PAUSE)) / STEPS, 0, 1))
        self.rows.show(shares)


def base_of(rows: Sequence[Row]) -> Row:
    """Return the first row without noise; the first row if all have it."""
    return next((row for row in rows if not row.has_noise), rows[0])


def _decided(rows: Sequence[Row]) -> list[Row]:
    """Return the rows, marked as undecided where the difference from the base is; a single run decides nothing."""
    base = base_of(rows)
    others = [row for row in rows if row is not base and len(row.errors) > 1]
    decided = decide([gain(row, base) for row in others])
    undecided = [id(row) for row, holds in zip(others, decided, strict=True) if holds is None]
    return [replace(row, is_undecided=id(row) in undecided) for row in rows]


def row_of(arms: list[ArmRuns], labels: Labels, remark: str = "") -> Row:
    """Return the row of the arm that does best on held-out images."""
    best = select_arm(arms)
    return Row(labels.name(best.name), 1 - best.last_values(FINAL), best.has_noise, remark)


def gain(row: Row, base: Row) -> NDArray[np.float64]:
    """Return how many points lower the error of a row ends than that of another, float [runs]."""
    return 100 * (base.errors - row.errors)


def compare_rows(one: Row, other: Row, labels: Labels) -> Answer:
    """Return how far the error of `one` ends from that of `other`; it holds if that of `one` is decidedly lower."""
    return make_answer("rows", gain(one, other), labels, arm=one.name, base=other.name)


def rank_answer(key: str, rows: Sequence[Row], one: Row, other: Row, labels: Labels) -> Answer:
    """Return how many rows end decidedly below the base, and which of two is better.

    It holds if the error of `one` ends decidedly below that of `other`.

    key  prefix of the labels of the headline, as in `make_answer`, which may use {helps}, {arm} and {base}
    """
    base = base_of(rows)
    others = [row for row in rows if row is not base]
    helping = decide([gain(row, base) for row in others]).count(True)
    outcome = "all" if helping == len(others) else "some" if helping else "none"
    helps = labels(f"rows help {outcome}", count=helping, all=len(others), what=labels(f"{key} rows"))
    answer = make_answer(key, gain(one, other), labels, helps=helps, arm=one.name, base=other.name)
    evidence = labels("rows pair", arm=one.name, base=other.name, interval=answer.evidence)
    headline = answer.headline if helping else capitalized(helps, labels)
    return answer._replace(headline=headline, evidence=evidence)
