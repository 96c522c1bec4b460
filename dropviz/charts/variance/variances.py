"""Variances of hidden activations before and after the noise, and those that follow from the law of total variance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dropviz.analysis.comparison import Comparison
from dropviz.charts.base.arm_pair import ArmPair, find_arm_pair, probe_values
from dropviz.errors import RecordingError


@dataclass(frozen=True, eq=False)
class Variances:
    """Variances in training mode, each float [runs, S, layers].

    pair      an arm without noise, and one with it
    plain     of the arm without noise
    before    of the arm with noise, before the noise layer
    after     of the arm with noise, after the noise layer
    formula   what follows from `before`: Var[h'] = Var[h] + v E[h²], for noise of mean 1 and variance
              v = drop_prob / (1 - drop_prob) that does not depend on the activation h (law of total variance)
    is_noisy  bool [layers]
    """

    pair: ArmPair
    plain: NDArray[np.float64]
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    formula: NDArray[np.float64]
    is_noisy: NDArray[np.bool_]

    @property
    def last(self) -> int:
        """Index of the last hidden layer with noise."""
        return int(np.flatnonzero(self.is_noisy)[-1])

    def lines(self, layer: int) -> list[NDArray[np.float64]]:
        """Return the means over runs of a layer, in the order above, each float [S]."""
        return [each[..., layer].mean(axis=0) for each in (self.plain, self.before, self.after, self.formula)]


def read_variances(comparison: Comparison) -> Variances:
    """Return the variances of both arms; raise RecordingError if they do not fit, or if the formula has no value."""
    pair = find_arm_pair(comparison, "variance")
    shape = len(pair.iterations), pair.layers()
    names = ("variance before", "variance after", "square before")
    before, after, square = (probe_values(pair.noisy, f"activations/{name}", *shape) for name in names)
    drop_prob = np.array([layer.drop_prob for layer in pair.noisy.runs[0].hidden])
    if (drop_prob == 1).any() or not drop_prob.any():
        raise RecordingError(f"arm {pair.noisy.name!r} drops all of a hidden layer, or nothing: no variance to predict")
    formula = before + drop_prob / (1 - drop_prob) * square
    if (formula[..., drop_prob > 0] <= 0).any():
        raise RecordingError(f"a hidden layer of arm {pair.noisy.name!r} is 0 everywhere: it has no variance")
    plain = probe_values(pair.plain, "activations/variance after", *shape)
    return Variances(pair, plain, before, after, formula, drop_prob > 0)
