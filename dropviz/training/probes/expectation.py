"""What a noise layer hands on over many masks, of one and the same activations: its mean should be these."""

from torch import Tensor, nn

from dropviz.capture.chain import read_chain
from dropviz.training.probes.probe import Measured, Probe

MASKS = 1_000
UNITS = 8


class Expectation(Probe):
    """Of the first image of the test set, on its way through the first noise layer of hidden units (else of inputs).

    `off` float32 [units] are the largest activations h > 0, 8 at most, with dropout off; `unit` int [units], whose
    they are; `drawn` float32 [1,000, units], the h' that the layer itself, put into training mode, made of them with
    one mask after another. Nothing where there is no noise.
    """

    def at_end(self) -> Measured:
        """Of the trained network."""
        layers = read_chain(self.subject.model).noise
        if not layers:
            return {}
        noise = layers[min(layers, key=lambda name: not name.startswith("hidden"))]
        h = self._reaching(noise)
        best = h.topk(min(UNITS, int((h > 0).sum()))).indices.sort().values
        drawn = noise.train()(h.expand(MASKS, -1))
        return {"unit": best, "off": h[best], "drawn": drawn[:, best]}

    def _reaching(self, noise: nn.Module) -> Tensor:
        """What comes to a layer in evaluation, float [units]."""
        seen: list[Tensor] = []
        handle = noise.register_forward_pre_hook(lambda _module, inputs: seen.append(inputs[0][0]))
        self.subject.model.eval()
        self.subject.model(self.subject.parts.test_images[:1])
        handle.remove()
        return seen[0]
