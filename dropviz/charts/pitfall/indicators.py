"""Numbers that indicate mistakes: recorded, expected without the mistake, and expected with it."""

from collections.abc import Callable
from math import erf
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dropviz.errors import RecordingError
from dropviz.recording import Recording

Series = NDArray[np.float64]
Expected = Callable[[Recording, str, float], float]


class Indicator(NamedTuple):
    """A number that indicates a mistake.

    recorded   for a run and a layer, the mean over what was recorded until each snapshot, float [snapshots]
    right      for a run, a layer and its drop_prob, the value without the mistake
    wrong      the same with the mistake; None if there is no formula
    per_layer  True if each layer with noise has a value
    is_share   True if it is written as a percentage, False if as a factor
    in_curves  True if test accuracy shows the mistake
    """

    recorded: Callable[[Recording, str], Series]
    right: Expected
    wrong: Expected | None
    per_layer: bool = True
    is_share: bool = True
    in_curves: bool = False

    def written(self, value: float, digits: int) -> str:
        """Return a value with `digits` decimals, as a percentage or as a factor."""
        return f"{100 * value:.{digits}f}%" if self.is_share else f"{value:.{digits}f}\N{MULTIPLICATION SIGN}"

    def rounded(self, value: float) -> str:
        """Return a value as a whole percentage, or as a factor with two significant digits."""
        return self.written(value, 0) if self.is_share else f"{value:.2g}\N{MULTIPLICATION SIGN}"


def _until_snapshots(run: Recording, values: Series) -> Series:
    """Return the last of the values of recorded iterations at each snapshot."""
    last = np.searchsorted(run.recorded_iterations, run.snapshots["iteration"], side="right") - 1
    return values[np.maximum(last, 0)]


def _running_mean(values: Series) -> Series:
    return np.asarray(np.cumsum(values) / np.arange(1, len(values) + 1))


def _missing(run: Recording, what: str) -> RecordingError:
    return RecordingError(f"the recording of arm {run.arm!r} holds no {what}: train with recorded_iterations")


def _drop_rate(run: Recording, layer: str) -> Series:
    if not len(run.drop_rate.get(layer, ())):
        raise _missing(run, f"masks of layer {layer!r}")
    return _until_snapshots(run, _running_mean(run.drop_rate[layer]))


def _layer_values(run: Recording, name: str, layer: str) -> Series:
    """Return what the probe recorded of one layer, float [T]."""
    noisy = [each.name for each in run.layers if each.name in run.drop_rate]
    values = run.probe(f"giveaway/{name}", len(run.recorded_iterations), len(noisy))
    if layer not in noisy or not len(values):
        raise _missing(run, f"masks of layer {layer!r}")
    return np.asarray(values[:, noisy.index(layer)], np.float64)


def _zeros_of_output(run: Recording, layer: str) -> Series:
    """Return the share of zeros of the output, which the mistake takes for that of dropped units; else the latter."""
    if run.experiment is None or run.experiment.arm(run.arm).mistake is None:
        return _drop_rate(run, layer)
    zeros, dropped = (_layer_values(run, name, layer) for name in ("zeros", "dropped"))
    return _until_snapshots(run, _running_mean(zeros + (1 - zeros) * dropped))


def _ratio(run: Recording, layer: str) -> Series:
    return _until_snapshots(run, _running_mean(_layer_values(run, "ratio", layer)))


def _losses(run: Recording, _layer: str) -> Series:
    printed, true = (run.probe(f"giveaway/{name}", len(run.recorded_iterations)) for name in ("printed", "true"))
    if not len(printed):
        raise _missing(run, "losses of minibatches")
    with np.errstate(invalid="ignore"):  # of a run that diverged
        return _until_snapshots(run, np.cumsum(printed, dtype=np.float64) / np.cumsum(true, dtype=np.float64))


def _at_snapshots(name: str) -> Callable[[Recording, str], Series]:
    return lambda run, _layer: _running_mean(run.probe(f"giveaway/{name}", len(run.snapshots["iteration"])))


def _drop_prob(_run: Recording, _layer: str, drop_prob: float) -> float:
    return drop_prob


def _constant(value: float) -> Expected:
    return lambda _run, _layer, _drop_prob: value


def _phi(_run: Recording, _layer: str, drop_prob: float) -> float:
    """Return the share of standard normal numbers below `drop_prob`."""
    return 0.5 * (1 + erf(drop_prob / 2**0.5))


def _zeros_too(run: Recording, layer: str, drop_prob: float) -> float:
    """Return the share of activations that are dropped or 0 before, with the recorded share of zeros."""
    return 1 - (1 - drop_prob) * (1 - float(_layer_values(run, "zeros", layer).mean()))


def _white(run: Recording, _layer: str, _drop_prob: float) -> float:
    return float(run.examples.white) if run.examples else 255.0


def _one_of_batch(run: Recording, _layer: str, _drop_prob: float) -> float:
    return 1 / run.experiment.batch_size if run.experiment else 0.0


INDICATORS = {
    "randn": Indicator(_drop_rate, _drop_prob, _phi),
    "unscaled": Indicator(_ratio, _constant(1), lambda _run, _layer, drop_prob: 1 - drop_prob),
    "always-on": Indicator(_at_snapshots("changed"), _constant(0), None, per_layer=False, in_curves=True),
    "unscaled-inputs": Indicator(
        _at_snapshots("inputs"), _constant(1), _white, per_layer=False, is_share=False, in_curves=True
    ),
    "zero": Indicator(_drop_rate, _drop_prob, _constant(0), in_curves=True),
    "mean-twice": Indicator(_losses, _constant(1), _one_of_batch, per_layer=False, in_curves=True),
    "relu-zeros": Indicator(_zeros_of_output, _drop_prob, _zeros_too),
}
