"""Passes of the test set with dropout off and with dropout on, at each snapshot."""

from math import isqrt
from typing import NamedTuple

import torch
from torch import Tensor, nn

from dropviz.capture.rng import preserve_rng_state, stream_seed
from dropviz.errors import ExperimentError
from dropviz.recording.shown import sample_units
from dropviz.training.probes.probe import Measured, Probe, Subject, need_hidden_layer

PASSES = 30  # with dropout on
IMAGES = 4  # whose predictions, masks and activations are kept
STREAM = 5  # random stream of the masks, independent of those of training and of the other probes
NOISES = ("bernoulli", "torch", "channel", "none")  # those that drop units


class Passes(Probe):
    """Passes of the whole test set: one with dropout off, and PASSES with dropout on, each image with its own masks.

    The passes of each snapshot start from the same random numbers, so that pass k draws the same masks at all of them.
    An arm without dropout has PASSES equal passes.

    average accuracy  float64 [S, PASSES], test accuracy of the mean of the first k predicted distributions, k from 1

    Of the first IMAGES test images:

    image, label      uint8 [images, height, width] from 0 to 255, and int [images]
    off prediction    float32 [S, images, classes], probabilities with dropout off
    drawn prediction  float32 [S, PASSES, images, classes], probabilities of each pass with dropout on

    Of hidden layer N, counted from 1, and its units in `Recording.shown_units`:

    off N             float16 [S, images, shown], outputs with dropout off
    drawn N           float16 [S, PASSES, images, shown], outputs with dropout on, after the mask
    kept N            bool [S, PASSES, images, shown], masks, True = kept

    weights N         float16 [S, shown, shown of the layer before], into the shown units of layer N; of the first layer
                      from all inputs. The layer after the last hidden one is the output
    """

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject)
        need_hidden_layer(subject, "passes")
        (arm,) = subject.experiment.arms
        if arm.input_drop_prob or subject.experiment.input_noise or arm.noise not in NOISES:
            raise ExperimentError(
                f"probe 'passes' does not fit arm {arm.name!r}: its noise must drop units of hidden layers only"
            )
        self._passes = PASSES if arm.has_noise else 1
        self._linear = [module for module in subject.model.children() if isinstance(module, nn.Linear)]
        self._shown = [torch.tensor(sample_units(linear.out_features)) for linear in self._linear]

    def at_snapshot(self, iteration: int) -> Measured:  # noqa: ARG002  # all iterations
        """Measure passes with the present weights."""
        off = self._pass(training=False)
        with preserve_rng_state(self.subject.device):
            torch.manual_seed(stream_seed(self.subject.seed, STREAM))
            drawn = [self._pass(training=True) for _ in range(self._passes)] * (PASSES // self._passes)
        predictions = torch.stack([each.prediction for each in drawn])
        return {
            "average accuracy": _average_accuracy(predictions, self.subject.parts.test_labels),
            "off prediction": off.prediction[:IMAGES],
            "drawn prediction": predictions[:, :IMAGES],
            **self._weights(),
            **{f"off {number}": h for number, h in enumerate(off.outputs, start=1)},
            **_stacked("drawn", [each.outputs for each in drawn]),
            **_stacked("kept", [each.kept for each in drawn]),
        }

    def at_end(self) -> Measured:
        """Return the images and their labels."""
        images, labels = self.subject.parts.test_images[:IMAGES], self.subject.parts.test_labels[:IMAGES]
        side = isqrt(images.shape[1])
        return {"image": (255 * images).round().to(torch.uint8).view(-1, side, side), "label": labels}

    def _pass(self, *, training: bool) -> "_Pass":
        """Run the test set through the model. `forward` runs no hooks, by which a Recorder counts passes."""
        outputs: list[Tensor] = []
        kept: list[Tensor] = []
        h = self.subject.parts.test_images
        for module in self.subject.model.train(training).children():
            if isinstance(module, nn.Linear | nn.ReLU):
                h = module.forward(h)
            elif training:
                factors = module.forward(torch.ones_like(h))  # 0 for dropped units, one scale for kept ones
                h, kept[-1] = h * factors, self._seen(factors != 0, len(kept))
                outputs[-1] = self._seen(h.half(), len(outputs))
            if isinstance(module, nn.ReLU):
                outputs.append(self._seen(h.half(), len(outputs) + 1))
                kept.append(torch.ones_like(outputs[-1], dtype=torch.bool))
        return _Pass(h.softmax(dim=1), outputs, kept)

    def _seen(self, values: Tensor, layer: int) -> Tensor:
        """Return the values of the shown units of a layer, counted from 1, for the first images."""
        return values[:IMAGES, self._shown[layer - 1].to(values.device)]

    def _weights(self) -> dict[str, Tensor]:
        columns = [torch.arange(self._linear[0].in_features), *self._shown]
        layers = zip(self._linear, self._shown, columns, strict=False)
        return {
            f"weights {number}": linear.weight[shown][:, before].half()
            for number, (linear, shown, before) in enumerate(layers, start=1)
        }


class _Pass(NamedTuple):
    """Predicted probabilities, [examples, classes], and of each hidden layer outputs and masks of the shown units."""

    prediction: Tensor
    outputs: list[Tensor]
    kept: list[Tensor]


def _average_accuracy(predictions: Tensor, labels: Tensor) -> Tensor:
    """Return the accuracy of the mean of the first k predictions, float64 [passes]."""
    return (predictions.cumsum(dim=0).argmax(dim=2) == labels).double().mean(dim=1)


def _stacked(name: str, passes: list[list[Tensor]]) -> dict[str, Tensor]:
    """Return the values of each layer in all passes, by name and number of the layer."""
    return {f"{name} {number}": torch.stack(layer) for number, layer in enumerate(zip(*passes, strict=True), start=1)}
