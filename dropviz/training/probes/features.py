"""Weights into hidden units, which can be shown as images (Srivastava et al. 2014, figure 7)."""

from torch import Tensor, nn

from dropviz.training.probes.probe import Measured, Probe, Subject, need_hidden_layer

UNITS = 48  # the first ones


class Features(Probe):
    """Weights of the first hidden layer at each snapshot.

    weights   float16 [S, shown, pixels], into the first UNITS units
    kurtosis  float64 [S, units], of the change of the weights into every unit since the start of training; nan for no
              change. Initial weights are uniform: the kurtosis of the weights themselves would depend on the size of
              the change, not on its shape
    """

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject)
        need_hidden_layer(subject, "features")
        self._first = next(module for module in subject.model.modules() if isinstance(module, nn.Linear))
        self._initial = self._first.weight.detach().cpu().double()

    def at_snapshot(self, iteration: int) -> Measured:  # noqa: ARG002  # all iterations
        """Return the present weights."""
        weights = self._first.weight.detach().cpu()
        return {"weights": weights[:UNITS].half(), "kurtosis": kurtosis(weights.double() - self._initial)}


def kurtosis(rows: Tensor) -> Tensor:
    """Return the excess kurtosis of each row, float [rows].

    It is the fourth central moment over the square of the second, minus 3: 0 for normal numbers, -1.2 for uniform ones,
    above 0 for a few large ones; nan if all numbers of a row are equal.
    """
    centred = rows - rows.mean(dim=1, keepdim=True)
    return centred.pow(4).mean(dim=1) / centred.square().mean(dim=1).square() - 3
