"""Distribution of the hidden activations on a fixed batch of test images.

Srivastava et al. 2014, figure 8; Dive into Deep Learning, section 5.6, exercise 3.
"""

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from dropviz.training.probes.probe import Measured, Probe, Subject, need_hidden_layer

IMAGES = 256  # the first ones of the test set
# Bins of equal width; the last one is unbounded, as activations of ReLUs are.
WIDTH, BINS = 0.1, 200


class Activations(Probe):
    """Activations of each hidden layer at each snapshot, over all its units and all images of the batch.

    In evaluation mode:

    mean, variance   float64 [S, layers]
    zeros            float64 [S, layers], share that is exactly 0
    counts           int64 [S, layers, bins]; bin i is from edge i to below edge i + 1, the last one is unbounded
    edges            float64 [bins], lower edges

    In one pass in training mode, with noise in every layer:

    variance before, variance after  float64 [S, layers], before and after the noise
    square before                    float64 [S, layers], mean of the squares before the noise

    Variances are those of a population.
    """

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject)
        need_hidden_layer(subject, "activations")

    def at_snapshot(self, iteration: int) -> Measured:  # noqa: ARG002  # all iterations
        """Measure one pass in evaluation mode, and one in training mode."""
        off = [before for before, _after in self._pass(training=False)]
        before, after = zip(*self._pass(training=True), strict=True)
        return {
            "mean": _numbers([h.mean() for h in off]),
            "variance": _numbers([_variance(h) for h in off]),
            "zeros": _numbers([(h == 0).double().mean() for h in off]),
            "counts": np.stack([histogram(h) for h in off]),
            "variance before": _numbers([_variance(h) for h in before]),
            "variance after": _numbers([_variance(h) for h in after]),
            "square before": _numbers([h.square().mean() for h in before]),
        }

    def at_end(self) -> Measured:
        """Return the edges of the bins."""
        return {"edges": edges()}

    def _pass(self, *, training: bool) -> list[tuple[Tensor, Tensor]]:
        """Return the output of each hidden layer and the input of the next layer, float64 [examples, units].

        `forward` does not run the hooks with which a Recorder counts passes.
        """
        self.subject.model.train(training)
        h = self.subject.parts.test_images[:IMAGES]
        layers: list[tuple[Tensor, Tensor]] = []
        for module in self.subject.model.children():
            if isinstance(module, nn.Linear) and layers:
                layers[-1] = layers[-1][0], _exact(h)
            h = module.forward(h)
            if isinstance(module, nn.ReLU):
                layers.append((_exact(h), _exact(h)))
        return layers


def edges() -> NDArray[np.float64]:
    """Return the lower edge of each bin, float [bins]."""
    return (np.arange(BINS) * WIDTH).astype(np.float64)


def histogram(activations: Tensor) -> NDArray[np.int64]:
    """Return the number of activations, none of them negative, in each bin, int [bins]."""
    return np.histogram(activations.numpy(), [*edges(), np.inf])[0].astype(np.int64)


def _exact(h: Tensor) -> Tensor:
    return h.detach().cpu().double()


def _variance(h: Tensor) -> Tensor:
    return h.var(correction=0)


def _numbers(values: list[Tensor]) -> NDArray[np.float64]:
    return np.array([float(value) for value in values], np.float64)
