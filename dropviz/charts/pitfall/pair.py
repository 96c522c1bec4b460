"""An arm with a mistake beside one without, and the number that indicates the mistake."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dropviz.analysis.comparison import DIVERGED, ArmRuns, Comparison
from dropviz.charts.pitfall.indicators import INDICATORS, Indicator
from dropviz.errors import RecordingError


@dataclass(frozen=True, eq=False)
class MistakePair:
    """Two arms.

    mistake  name of the mistake
    wrong    arm with the mistake
    right    arm without it
    layers   drop_prob by layer with noise; {"": 0.0} if the number is not of a layer
    """

    mistake: str
    wrong: ArmRuns
    right: ArmRuns
    layers: dict[str, float]

    @property
    def indicator(self) -> Indicator:
        """The number that indicates the mistake."""
        return INDICATORS[self.mistake]

    def recorded(self, arm: ArmRuns, layer: str) -> NDArray[np.float64]:
        """Return the number of each run at each snapshot, float [runs, snapshots].

        Raises RecordingError if it was not recorded, or is not finite.
        """
        values = np.stack([self.indicator.recorded(run, layer) for run in arm.runs])
        require_finite(values, "the number that indicates the mistake", arm)
        return values

    def expected(self, layer: str) -> tuple[float, float | None]:
        """Return the number without the mistake, and with it by formula, mean over the runs; None without a formula."""
        drop_prob, formula, runs = self.layers[layer], self.indicator.wrong, self.wrong.runs
        right = self.indicator.right(runs[0], layer, drop_prob)
        if formula is None:
            return right, None
        wrong = [formula(run, layer, drop_prob) for run in runs]
        require_finite(np.array(wrong), "the number that indicates the mistake", self.wrong)
        return right, float(np.mean(wrong))

    @property
    def first_layer(self) -> str:
        """The layer whose number is drawn."""
        return next(iter(self.layers))


def find_mistake_pair(comparison: Comparison) -> MistakePair:
    """Return the first arm with a mistake, and the first arm with dropout and without a mistake.

    Raises RecordingError if there are none, or if arms have different seeds.
    """
    _ = comparison.seeds
    experiment = comparison.experiment
    arms = {arm.name: arm for arm in comparison.arms}
    listed = [arm for arm in experiment.arms if arm.name in arms] if experiment else []
    wrong = next((arm for arm in listed if arm.mistake), None)
    right = next((arm for arm in listed if not arm.mistake and arm.has_noise), None)
    if wrong is None or wrong.mistake is None or right is None:
        raise RecordingError("no arm makes a mistake beside one that is right: train an experiment like pitfall-randn")
    layers = {}
    if INDICATORS[wrong.mistake].per_layer:
        hidden = [layer.name for layer in arms[right.name].runs[0].hidden]
        probabilities = zip(hidden, right.per_layer, strict=False)
        layers = {name: drop_prob for name, drop_prob in probabilities if drop_prob}
    return MistakePair(wrong.mistake, arms[wrong.name], arms[right.name], layers or {"": 0.0})


def check_mistake_pair(comparison: Comparison) -> None:
    """Raise RecordingError if there is no such pair, or if its numbers do not fit."""
    pair = find_mistake_pair(comparison)
    for layer in pair.layers:
        pair.recorded(pair.wrong, layer)
        pair.expected(layer)
    pair.recorded(pair.right, pair.first_layer)


def require_finite(values: NDArray[np.float64], name: str, arm: ArmRuns) -> None:
    """Raise RecordingError if not all values are finite numbers."""
    if not np.isfinite(values).all():
        raise RecordingError(f"{name} of arm {arm.name!r} is not finite: {DIVERGED}")
