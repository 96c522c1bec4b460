"""Thinned networks sampled at test time, and their average (Srivastava et al. 2014, figure 11)."""

from math import isqrt

import torch
import torch.nn.functional as F
from torch import Tensor

from dropviz.training.probes.probe import Measured, Probe

NETWORKS = 100  # sampled networks that are averaged
GROUPS = 10  # independent repetitions
DISPUTED = 3  # images whose predictions are kept


class Samples(Probe):
    """Predictions of sampled networks on all test images, after training.

    A sampled network is one pass in training mode, in which every image has masks of its own.

    average error      float [GROUPS, NETWORKS], of the mean of the first k predicted distributions, k from 1
    single error       float [GROUPS, NETWORKS], of each sampled network alone
    scaled error       float [1], with dropout off: weight scaling
    prediction         float32 [NETWORKS, DISPUTED, classes], probabilities by the sampled networks of the first group
    scaled prediction  float32 [DISPUTED, classes], probabilities with dropout off
    image, label       uint8 [DISPUTED, height, width] from 0 to 255, and int [DISPUTED], of the images on whose class
                       the fewest networks of the first group agree, the most disputed one first
    """

    def at_end(self) -> Measured:
        """Sample GROUPS * NETWORKS networks."""
        images, labels = self.subject.parts.test_images, self.subject.parts.test_labels
        scaled = self.subject.model.eval()(images).softmax(dim=1)
        first = self._sample(images)
        errors = [_errors(first, labels), *(_errors(self._sample(images), labels) for _ in range(GROUPS - 1))]
        disputed, side = most_disputed(first), isqrt(images.shape[1])
        return {
            "average error": torch.stack([average for average, _ in errors]),
            "single error": torch.stack([single for _, single in errors]),
            "scaled error": _error(scaled[None], labels),
            "prediction": first[:, disputed],
            "scaled prediction": scaled[disputed],
            "image": (255 * images[disputed]).round().to(torch.uint8).view(-1, side, side),
            "label": labels[disputed],
        }

    def _sample(self, images: Tensor) -> Tensor:
        """Return the probabilities that sampled networks predict, float32 [NETWORKS, images, classes]."""
        model = self.subject.model.train()
        return torch.stack([model(images).softmax(dim=1) for _ in range(NETWORKS)])


def most_disputed(predictions: Tensor) -> Tensor:
    """Return the DISPUTED images on whose most frequent class the fewest networks agree, int, the fewest first.

    predictions float [networks, images, classes]
    """
    votes = F.one_hot(predictions.argmax(dim=2), predictions.shape[2]).sum(dim=0)
    return votes.amax(dim=1).argsort(stable=True)[:DISPUTED]


def _errors(predictions: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Return the errors of the mean of the first k predictions, and of each alone; float [networks]."""
    return _error(predictions.cumsum(dim=0), labels), _error(predictions, labels)


def _error(shares: Tensor, labels: Tensor) -> Tensor:
    """Return the share of images whose label has not the largest probability, float [networks]."""
    return (shares.argmax(dim=2) != labels).float().mean(dim=1)
