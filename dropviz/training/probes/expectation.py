"""Outputs of a noise layer for the same activations under many masks; their mean should be these activations."""

from torch import Tensor, nn

from dropviz.training.chain import read_chain
from dropviz.training.probes.probe import Measured, Probe

MASKS = 1_000
UNITS = 8


class Expectation(Probe):
    """First noise layer of hidden units (else of inputs), for the first test image, after training.

    off    float32 [units], the largest activations h > 0 before the layer with dropout off, UNITS at most
    unit   int [units], the units that have them
    drawn  float32 [MASKS, units], outputs h' of the layer in training mode, with one mask after another

    Without noise there are no arrays.
    """

    def at_end(self) -> Measured:
        """Measure the trained network."""
        layers = read_chain(self.subject.model).noise
        if not layers:
            return {}
        noise = layers[min(layers, key=lambda name: not name.startswith("hidden"))]
        h = self._input_of(noise)
        best = h.topk(min(UNITS, int((h > 0).sum()))).indices.sort().values
        drawn = noise.train()(h.expand(MASKS, -1))
        return {"unit": best, "off": h[best], "drawn": drawn[:, best]}

    def _input_of(self, noise: nn.Module) -> Tensor:
        """Return the input of a layer in evaluation mode, float [units]."""
        received: list[Tensor] = []
        handle = noise.register_forward_pre_hook(lambda _module, inputs: received.append(inputs[0][0]))
        self.subject.model.eval()
        self.subject.model(self.subject.parts.test_images[:1])
        handle.remove()
        return received[0]
