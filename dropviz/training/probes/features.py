"""The weights into hidden units, as images of what each unit looks for (Srivastava et al. 2014, figure 7)."""

from torch import Tensor, nn

from dropviz.training.probes.probe import Measured, Probe, Subject, need_hidden_layer

UNITS = 48  # the first ones


class Features(Probe):
    """Of the first hidden layer at each snapshot.

    `weights` float16 [S, shown, pixels], into the first `UNITS` units. `kurtosis` float64 [S, units], of what training
    has added so far to the weights into every unit, nan where that is nothing: the initial weights are uniform, and a
    kurtosis of the sum would say how far a unit has moved, not where to.
    """

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject)
        need_hidden_layer(subject, "features")
        self._first = next(module for module in subject.model.modules() if isinstance(module, nn.Linear))
        self._initial = self._first.weight.detach().cpu().double()

    def at_snapshot(self, iteration: int) -> Measured:  # noqa: ARG002  # at all of them
        """The weights as they are now."""
        weights = self._first.weight.detach().cpu()
        return {"weights": weights[:UNITS].half(), "kurtosis": kurtosis(weights.double() - self._initial)}


def kurtosis(rows: Tensor) -> Tensor:
    """The excess kurtosis of each row, float [rows]: 0 of normal numbers, -1.2 of uniform ones, above 0 of few large.

    The fourth central moment over the square of the second, minus 3; nan where all of a row are alike.
    """
    centred = rows - rows.mean(dim=1, keepdim=True)
    return centred.pow(4).mean(dim=1) / centred.square().mean(dim=1).square() - 3
