"""Thinned networks sampled at test time: errors of their averages, and what they predict of one image."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dropviz.recording import Recording
from dropviz.recording.validation import require

Errors = NDArray[np.float64]
Shares = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Sampled:
    """Test errors of averages of sampled networks, from 0 to 1.

    errors  float [runs, groups, networks], of the average of the first k networks of a group
    scaled  float [runs], with dropout off (weight scaling)
    """

    errors: Errors
    scaled: Errors

    @property
    def mean(self) -> Errors:
        """Mean error over groups and runs, float [networks]."""
        mean: Errors = self.errors.mean(axis=(0, 1))
        return mean

    @property
    def sd(self) -> Errors:
        """Standard deviation over the groups of a run, float [networks]: the root of the mean variance of all runs."""
        sd: Errors = np.sqrt(self.errors.var(axis=1, ddof=1).mean(axis=0))
        return sd

    def each(self) -> "list[Sampled]":
        """Return each run by itself."""
        pairs = zip(self.errors, self.scaled, strict=True)
        return [Sampled(errors[None], scaled[None]) for errors, scaled in pairs]

    def within(self) -> NDArray[np.bool_]:
        """Return for each k if the mean error is within one `sd` of that with dropout off, bool [networks]."""
        within: NDArray[np.bool_] = np.abs(self.mean - self.scaled.mean()) <= self.sd
        return within

    def as_low(self) -> NDArray[np.bool_]:
        """Return for each k if the mean error is at most that with dropout off, bool [networks]."""
        low: NDArray[np.bool_] = self.mean <= self.scaled.mean()
        return low


class Prediction(NamedTuple):
    """Predictions of one image of one run.

    image   uint8 [height, width]
    label   its class
    shares  float [networks, classes], predictions of sampled networks, from 0 to 1
    scaled  float [classes], the prediction with dropout off
    """

    image: NDArray[np.uint8]
    label: int
    shares: Shares
    scaled: Shares


def read_sampled(runs: Sequence[Recording]) -> Sampled:
    """Return the errors that the probe `samples` recorded in the runs of one arm.

    Raises RecordingError if they do not fit.
    """
    groups, networks = runs[0].probe("samples/average error", -1, -1).shape
    require(groups > 1 and networks, "its samples are too few: there must be two groups of networks or more")
    errors = np.stack([run.probe("samples/average error", groups, networks) for run in runs])
    scaled = np.concatenate([run.probe("samples/scaled error", 1) for run in runs])
    good = all(np.all((values >= 0) & (values <= 1)) for values in (errors, scaled))
    require(good, "the errors of its samples are not within 0 and 1")
    return Sampled(errors.astype(float), scaled.astype(float))


def read_prediction(run: Recording) -> Prediction:
    """Return the predictions of the image of a run on which its networks agree least: the first recorded one.

    Raises RecordingError if they do not fit.
    """
    networks = run.probe("samples/average error", -1, -1).shape[1]
    shares = run.probe("samples/prediction", networks, -1, -1)
    tracked, classes = shares.shape[1:]
    scaled = run.probe("samples/scaled prediction", tracked, classes)
    images, labels = run.probe("samples/image", tracked, -1, -1), run.probe("samples/label", tracked)
    good = all(each.size and each.max() > 0 and np.all((each >= 0) & (each <= 1)) for each in (shares, scaled))
    good = good and images.dtype == np.uint8 and images.size > 0 and 0 <= labels[0] < classes
    require(good, "its samples are no shares of an image of one of its classes")
    return Prediction(images[0], int(labels[0]), shares[:, 0], scaled[0])
