"""What hidden units say about a fixed batch of test images (Srivastava et al. 2014, figure 8; d2l 5.6, exercise 3)."""

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from dropviz.training.probes.probe import Measured, Probe, Subject, need_hidden_layer

IMAGES = 256  # the first ones of the test set
# Bins of one width, the last one without an end: activations of ReLUs have none either.
WIDTH, BINS = 0.1, 200


class Activations(Probe):
    """Of each hidden layer at each snapshot, over all its units and all images of the batch: float64 [S, layers].

    With dropout off: `mean`, `variance`, `zeros` (the share that is exactly 0), and `counts`, int64 [S, layers, bins]:
    bin number i holds what is from edge i up to, and not with, edge i + 1, and the last one has no end. `edges` float64
    [bins]. In training mode, from one pass with noise in every layer: `variance before` and `variance after` the noise,
    and `square before`, the mean of the squares before it. All variances are those of a population.
    """

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject)
        need_hidden_layer(subject, "activations")

    def at_snapshot(self, iteration: int) -> Measured:  # noqa: ARG002  # at all of them
        """One pass in evaluation, and one in training mode."""
        off = [before for before, _after in self._pass(training=False)]
        before, after = zip(*self._pass(training=True), strict=True)
        return {
            "mean": _figures([h.mean() for h in off]),
            "variance": _figures([_variance(h) for h in off]),
            "zeros": _figures([(h == 0).double().mean() for h in off]),
            "counts": np.stack([histogram(h) for h in off]),
            "variance before": _figures([_variance(h) for h in before]),
            "variance after": _figures([_variance(h) for h in after]),
            "square before": _figures([h.square().mean() for h in before]),
        }

    def at_end(self) -> Measured:
        """Where the bins begin."""
        return {"edges": edges()}

    def _pass(self, *, training: bool) -> list[tuple[Tensor, Tensor]]:
        """For each hidden layer, its activations, and what the next layer gets, float64 [examples, units].

        `forward` runs none of the hooks with which a Recorder counts passes.
        """
        self.subject.model.train(training)
        h = self.subject.parts.test_images[:IMAGES]
        found: list[tuple[Tensor, Tensor]] = []
        for module in self.subject.model.children():
            if isinstance(module, nn.Linear) and found:
                found[-1] = found[-1][0], _exact(h)
            h = module.forward(h)
            if isinstance(module, nn.ReLU):
                found.append((_exact(h), _exact(h)))
        return found


def edges() -> NDArray[np.float64]:
    """Where each bin begins, float [bins]."""
    return (np.arange(BINS) * WIDTH).astype(np.float64)


def histogram(activations: Tensor) -> NDArray[np.int64]:
    """How many of the activations, none of them negative, are in each bin, int [bins]."""
    return np.histogram(activations.numpy(), [*edges(), np.inf])[0].astype(np.int64)


def _exact(h: Tensor) -> Tensor:
    return h.detach().cpu().double()


def _variance(h: Tensor) -> Tensor:
    return h.var(correction=0)


def _figures(values: list[Tensor]) -> NDArray[np.float64]:
    return np.array([float(value) for value in values], np.float64)
