"""Drop probabilities that modules are made with."""

from collections.abc import Callable

from torch import nn

from dropviz.capture.noise_layers import DropConnect, Noise

DROPPED = ("drop_prob", "p", "drop_rate", "dropout", "dropout_prob", "dropout_p", "p_drop", "rate", "prob", "drop")
KEPT = ("keep_prob", "keep", "p_keep")
DROPOUT_MODULES = (nn.modules.dropout._DropoutNd, Noise, DropConnect)  # noqa: SLF001  # the common base of torch's own
FIXED = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout)


def drop_prob_of(module: nn.Module) -> float | None:
    """Return the drop probability in the attributes of a dropout module; None for other modules."""
    if not isinstance(module, DROPOUT_MODULES) and "drop" not in type(module).__name__.lower():
        return None
    readers: list[tuple[tuple[str, ...], Callable[[float], float]]] = [
        (DROPPED, lambda value: value),
        (KEPT, lambda value: 1 - value),
    ]
    for names, read in readers:
        for name in names:
            value = getattr(module, name, None)
            if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
                return read(float(value))
    return None


def certain_drop_prob(module: nn.Module) -> float | None:
    """Return 0 or 1 if that is the drop probability of a dropout module, which then draws nothing; else None."""
    if type(module) in FIXED or isinstance(module, Noise):
        drop_prob = float(module.drop_prob if isinstance(module, Noise) else module.p)  # type: ignore[arg-type]
        return drop_prob if drop_prob in (0, 1) else None
    return None
