"""The errors of averages of sampled networks, and what comes of them: what the chart `monte-carlo` draws and says."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dropviz.captions import Answer, mean_sd
from dropviz.labels import Labels
from dropviz.recording import Recording
from dropviz.validity import require

FEW = 10  # networks, of which the error of the average is told

Errors = NDArray[np.floating]


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
        """The luck of the draw, float [networks]: over the groups of a run, its variance the mean of that of all runs."""
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

    def first_within(self) -> int | None:
        """The least k that is; None if there is none."""
        found = np.flatnonzero(self.within())
        return int(found[0]) + 1 if len(found) else None


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
    """Whether one network does as well as dropout off, and how many have to be averaged for that."""
    return [_of_one(sampled, labels), _of_many(sampled, labels)]


def _of_one(sampled: Sampled, labels: Labels) -> Answer:
    one = sampled.errors[:, :, 0].mean(axis=1)
    worse = one > sampled.scaled
    words = {"one": mean_sd(one), "off": mean_sd(sampled.scaled), "count": int(worse.sum()), "seeds": len(worse)}
    return Answer(labels("answer one mask", **words), _agreed(worse))


def _of_many(sampled: Sampled, labels: Labels) -> Answer:
    means, most = sampled.errors.mean(axis=1), sampled.errors.shape[2]
    few = min(FEW, most)
    words = {"few": few, "many": most, "error": mean_sd(means[:, few - 1]), "least": mean_sd(means[:, -1])}
    if (first := sampled.first_within()) is None:
        words["first"] = labels("never within")
    else:
        by_seed = [each.first_within() or most + 1 for each in sampled.each()]
        high = max(by_seed)
        words["first"] = labels(
            "first within", first=first, low=min(by_seed), high=high if high <= most else f">{most}"
        )
    return Answer(labels("answer averages", **words), _agreed(np.array([each.within()[-1] for each in sampled.each()])))


def _agreed(holds: NDArray[np.bool_]) -> bool | None:
    """What all runs say, if there are several and they agree."""
    return bool(holds[0]) if len(holds) > 1 and len(set(holds.tolist())) == 1 else None
