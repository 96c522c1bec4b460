"""Parts of a recording: layers of units, and tracked examples."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LAYER_KINDS = ("input", "hidden", "output")
NOISE_KINDS = ("none", "units", "multiplicative", "weights")


@dataclass(frozen=True)
class Layer:
    """One layer of units, and the noise that acts on what it hands on.

    name       unique in its recording: "input", "hidden 1", "hidden 2", …, "output"
    units      number of units, 1 or more
    kind       "input", "hidden" or "output"
    drop_prob  probability that a unit is dropped in training, from 0 to 1
    noise      "none"; "units", which drops units; "multiplicative", which multiplies units by random numbers; or
               "weights", which drops weights of the connections to the next layer (DropConnect)

    >>> Layer("hidden 1", 256, "hidden", drop_prob=0.5, noise="units").units
    256
    """

    name: str
    units: int
    kind: str
    drop_prob: float = 0.0
    noise: str = "none"


@dataclass(frozen=True, eq=False)
class Examples:
    """Tracked examples: the first rows of the minibatch of each recorded iteration.

    T is the number of recorded iterations.

    index        int [T, examples], row in the training set of the experiment
    label        int [T, examples], class that it was trained as, which with label noise may not be the true one
    prediction   float32 [T, examples, classes], probabilities that the network gave in the training pass of that
                 iteration, with its noise
    image        uint8 [T, examples, height, width], from 0 to `white`
    white        value of the brightest pixel, such as 255
    class_names  name of each class
    """

    index: NDArray[np.int64]
    label: NDArray[np.int64]
    prediction: NDArray[np.float32]
    image: NDArray[np.uint8]
    white: int
    class_names: tuple[str, ...]
