"""Thinned networks sampled at test time, and their average (Srivastava et al. 2014, figure 11)."""

from math import isqrt

import torch
import torch.nn.functional as F
from torch import Tensor

from dropviz.training.probes.probe import Measured, Probe

NETWORKS = 100  # averaged one after another
GROUPS = 10  # how often: each has networks drawn afresh
FOLLOWED = 3


class Samples(Probe):
    """After the last iteration, on all test images. A sampled network is one pass in training mode.

    In it every image has masks of its own, as every example has in training.

    average error      float [GROUPS, NETWORKS], of the mean of the first k predicted distributions, for k from 1 on
    single error       float [GROUPS, NETWORKS], of each sampled network alone
    scaled error       float [1], with dropout off: weight scaling
    prediction         float32 [NETWORKS, FOLLOWED, classes], probabilities by the sampled networks of the first group
    scaled prediction  float32 [FOLLOWED, classes], probabilities with dropout off
    image, label       uint8 [FOLLOWED, height, width] from 0 to 255, and int [FOLLOWED], of the followed images: those
                       on whose class the fewest networks of the first group agree, the most disputed one first
    """

    def at_end(self) -> Measured:
        """Sample GROUPS * NETWORKS networks; nothing is drawn twice."""
        images, labels = self.subject.parts.test_images, self.subject.parts.test_labels
        scaled = self.subject.model.eval()(images).softmax(dim=1)
        first = self._sample(images)
        errors = [_errors(first, labels), *(_errors(self._sample(images), labels) for _ in range(GROUPS - 1))]
        tracked, side = most_disputed(first), isqrt(images.shape[1])
        return {
            "average error": torch.stack([average for average, _ in errors]),
            "single error": torch.stack([single for _, single in errors]),
            "scaled error": _error(scaled[None], labels),
            "prediction": first[:, tracked],
            "scaled prediction": scaled[tracked],
            "image": (255 * images[tracked]).round().to(torch.uint8).view(-1, side, side),
            "label": labels[tracked],
        }

    def _sample(self, images: Tensor) -> Tensor:
        """What as many networks predict, float32 [NETWORKS, images, classes]."""
        model = self.subject.model.train()
        return torch.stack([model(images).softmax(dim=1) for _ in range(NETWORKS)])


def most_disputed(predictions: Tensor) -> Tensor:
    """The FOLLOWED images on whose most frequent class the fewest networks agree, int, the fewest first.

    predictions float [networks, images, classes]
    """
    votes = F.one_hot(predictions.argmax(dim=2), predictions.shape[2]).sum(dim=0)
    return votes.amax(dim=1).argsort(stable=True)[:FOLLOWED]


def _errors(predictions: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Of the mean of the first k predictions, and of each of them alone; float [networks]."""
    return _error(predictions.cumsum(dim=0), labels), _error(predictions, labels)


def _error(shares: Tensor, labels: Tensor) -> Tensor:
    """The share of images whose largest share is not that of their label, float [networks]."""
    return (shares.argmax(dim=2) != labels).float().mean(dim=1)
