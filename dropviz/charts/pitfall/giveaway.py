"""The number that gives a mistake away: what it should be, what a formula says that it is, and what was recorded."""

from collections.abc import Callable
from math import erf
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dropviz.errors import RecordingError
from dropviz.recording import Recording

Series = NDArray[np.float64]
Expected = Callable[[Recording, str, float], float]


class Giveaway(NamedTuple):
    """`so_far(run, layer)`: the mean over what was recorded until each snapshot, float [snapshots].

    `right` and `wrong` give from a run, a layer and its drop_prob what comes out without and with the mistake; None
    where no formula says. `in_layers`: whether each layer with noise has a number of its own.
    """

    so_far: Callable[[Recording, str], Series]
    right: Expected
    wrong: Expected | None
    in_layers: bool = True


def _until_snapshots(run: Recording, values: Series) -> Series:
    """From a figure of each kept step the one that stood at each snapshot."""
    last = np.searchsorted(run.recorded_iterations, run.snapshots["iteration"], side="right") - 1
    return values[np.maximum(last, 0)]


def _mean_so_far(values: Series) -> Series:
    return np.asarray(np.cumsum(values) / np.arange(1, len(values) + 1))


def _nothing(run: Recording, what: str) -> RecordingError:
    return RecordingError(f"the recording of arm {run.arm!r} holds no {what}: train with recorded_iterations")


def _drop_rate(run: Recording, layer: str) -> Series:
    if not len(run.drop_rate.get(layer, ())):
        raise RecordingError(
            f"the recording of arm {run.arm!r} holds no masks of layer {layer!r}: train with recorded_iterations"
        )
    return _until_snapshots(run, _mean_so_far(run.drop_rate[layer]))


def _column(run: Recording, quantity: str, layer: str) -> Series:
    noisy = [each.name for each in run.layers if each.name in run.drop_rate]
    values = run.probe(f"giveaway/{quantity}", len(run.recorded_iterations), len(noisy))
    if layer not in noisy or not len(values):
        raise RecordingError(
            f"the recording of arm {run.arm!r} holds no masks of layer {layer!r}: train with recorded_iterations"
        )
    return np.asarray(values[:, noisy.index(layer)], np.float64)


def _ratio(run: Recording, layer: str) -> Series:
    return _until_snapshots(run, _mean_so_far(_column(run, "ratio", layer)))


def _losses(run: Recording, _layer: str) -> Series:
    printed, true = (run.probe(f"giveaway/{name}", len(run.recorded_iterations)) for name in ("printed", "true"))
    if not len(printed):
        raise _nothing(run, "losses of minibatches")
    return _until_snapshots(run, np.cumsum(printed, dtype=np.float64) / np.cumsum(true, dtype=np.float64))


def _at_snapshots(quantity: str) -> Callable[[Recording, str], Series]:
    return lambda run, _layer: _mean_so_far(run.probe(f"giveaway/{quantity}", len(run.snapshots["iteration"])))


def _asked(_run: Recording, _layer: str, drop_prob: float) -> float:
    return drop_prob


def _constant(value: float) -> Expected:
    return lambda _run, _layer, _drop_prob: value


def _phi(_run: Recording, _layer: str, drop_prob: float) -> float:
    """The share of standard normal numbers below `drop_prob`."""
    return 0.5 * (1 + erf(drop_prob / 2**0.5))


def _zeros_too(run: Recording, layer: str, drop_prob: float) -> float:
    """Dropped, or a zero before: of the share of zeros that was recorded."""
    return 1 - (1 - drop_prob) * (1 - float(_column(run, "zeros", layer).mean()))


def _white(run: Recording, _layer: str, _drop_prob: float) -> float:
    return float(run.examples.white) if run.examples else 255.0


def _one_of_batch(run: Recording, _layer: str, _drop_prob: float) -> float:
    return 1 / run.experiment.batch_size if run.experiment else 0.0


GIVEAWAYS = {
    "randn": Giveaway(_drop_rate, _asked, _phi),
    "unscaled": Giveaway(_ratio, _constant(1), lambda _run, _layer, drop_prob: 1 - drop_prob),
    "always-on": Giveaway(_at_snapshots("changed"), _constant(0), None, in_layers=False),
    "unscaled-inputs": Giveaway(_at_snapshots("inputs"), _constant(1), _white, in_layers=False),
    "zero": Giveaway(_drop_rate, _asked, _constant(0)),
    "mean-twice": Giveaway(_losses, _constant(1), _one_of_batch, in_layers=False),
    "relu-zeros": Giveaway(_drop_rate, _asked, _zeros_too),
}
