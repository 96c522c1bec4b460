"""The errors of averages of sampled networks, and what comes of them: what the chart `monte-carlo` draws and says."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dropviz.analysis.captions import Answer, mean_sd
from dropviz.analysis.statistics import agreed
from dropviz.recording import Recording
from dropviz.recording.validation import require
from dropviz.style.labels import Labels

FEW = 10  # networks, of which the error of the average is told

Errors = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sampled:
    """`errors` float [runs, groups, networks], of the average of the first k; `scaled` [runs], with dropout off."""

    errors: Errors
    scaled: Errors

    @property
    def mean(self) -> Errors:
        """Over groups and runs, float [networks]."""
        mean: Errors = self.errors.mean(axis=(0, 1))
        return mean

    @property
    def sd(self) -> Errors:
        """The luck of the draw, float [networks]: over the groups of a run, in variance the mean of all runs."""
        sd: Errors = np.sqrt(self.errors.var(axis=1, ddof=1).mean(axis=0))
        return sd

    def each(self) -> "list[Sampled]":
        """Every run alone."""
        pairs = zip(self.errors, self.scaled, strict=True)
        return [Sampled(errors[None], scaled[None]) for errors, scaled in pairs]

    def within(self) -> NDArray[np.bool_]:
        """For each k, whether the mean error is within one `sd` of that with dropout off, bool [networks]."""
        within: NDArray[np.bool_] = np.abs(self.mean - self.scaled.mean()) <= self.sd
        return within

    def as_low(self) -> NDArray[np.bool_]:
        """For each k, whether the mean error is at most that with dropout off, bool [networks]."""
        low: NDArray[np.bool_] = self.mean <= self.scaled.mean()
        return low


def read_sampled(runs: Sequence[Recording]) -> Sampled:
    """What the probe `samples` measured in runs of one arm; RecordingError if it does not fit."""
    groups, networks = runs[0].probe("samples/average error", -1, -1).shape
    require(groups > 1 and networks, "its samples are too few: there must be two groups of networks or more")
    errors = np.stack([run.probe("samples/average error", groups, networks) for run in runs])
    scaled = np.concatenate([run.probe("samples/scaled error", 1) for run in runs])
    good = all(np.all((values >= 0) & (values <= 1)) for values in (errors, scaled))
    require(good, "the errors of its samples are not within 0 and 1")
    return Sampled(errors.astype(float), scaled.astype(float))


def answers_of(sampled: Sampled, labels: Labels) -> list[Answer]:
    """Whether one mask does as well as dropout off; and whether the average of all does, and of how many."""
    most, seeds = sampled.errors.shape[2], len(sampled.scaled)
    means = sampled.errors.mean(axis=1)
    counts = sorted({1, min(FEW, most), most})
    errors = labels("comma").join(labels("colon", name=count, value=mean_sd(means[:, count - 1])) for count in counts)
    worse = means[:, 0] > sampled.scaled
    one = {"errors": errors, "off": mean_sd(sampled.scaled), "count": int(worse.sum()), "seeds": seeds}
    inside = np.array([each.within()[-1] for each in sampled.each()])
    many: dict[str, object] = {"low": _first(sampled.as_low(), labels), "within": _first(sampled.within(), labels)}
    many |= {"most": most, "count": int(inside.sum()), "seeds": seeds}
    return [
        Answer(labels("answer one mask", **one), agreed(worse)),
        Answer(labels("answer averages", **many), agreed(inside)),
    ]


def _first(holds: NDArray[np.bool_], labels: Labels) -> str:
    """The least k of which it holds, in words."""
    return labels("first at", count=int(holds.argmax()) + 1) if holds.any() else labels("at none")
