"""Parts of a recording: sites of noise, layers of units, blocks of a model, and tracked examples."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

LAYER_KINDS = ("input", "hidden", "output")
NOISE_KINDS = ("none", "units", "multiplicative", "weights")
MASK_KINDS = ("units", "channels", "blocks", "paths", "tokens", "attention", "time-locked", "weights")
SITE_KINDS = (*MASK_KINDS, "multiplicative", "additive", "selection", "decision", "other")
BLOCK_KINDS = ("input", "module", "operation", "join", "site")


@dataclass(frozen=True)
class Site:
    """One call of a place in a model where noise acts.

    name       unique in its recording: the path of the module, and what tells calls apart: "drop #2", "block:24"
    path       qualified name of the innermost module that ran; "" for the model itself
    file       file of the code that ran it, without its folder; "" if it is not known
    line       line in that file, counted from 1; 0 if it is not known
    call       number of the call among those of this path in one iteration, counted from 1
    kind       what the mask drops: "units", "channels" (whole maps), "blocks" (neighbouring pixels), "paths" (a branch,
               for an example), "tokens", "attention" (weights of attention), "time-locked" (units, for all times), or
               "weights" (of a module); or noise that is no mask: "multiplicative", "additive", "selection" (of
               elements, by random indices), "decision" (of the code, by a random number), or "other"
    drop_prob  drop probability that was asked for, from 0 to 1; None if it is not known
    axes       names of the axes of the mask: "example" (the first, where there is one), "unit", "channel", "row",
               "column", "depth", "token", "time", "head", "query", "key", "input"
    shape      size of each axis, of the tracked examples
    scale      factor of everything that was kept; None if it is not known
    compared   number of elements of outputs that were compared with what input, mask and scale give
    unequal    number of those that were not equal
    error      their largest difference, in units in the last place of the largest output

    >>> Site("drop", "drop", kind="units", drop_prob=0.5, axes=("example", "unit"), shape=(4, 32)).shape
    (4, 32)
    """

    name: str
    path: str = ""
    file: str = ""
    line: int = 0
    call: int = 1
    kind: str = "units"
    drop_prob: float | None = None
    axes: tuple[str, ...] = ()
    shape: tuple[int, ...] = ()
    scale: float | None = None
    compared: int = 0
    unequal: int = 0
    error: float = 0.0

    @property
    def has_examples(self) -> bool:
        """True if each example has a mask of its own."""
        return self.axes[:1] == ("example",) and bool(self.shape)


@dataclass(frozen=True)
class Block:
    """One block of a model, as the pass of the first recorded iteration ran it.

    name    path of the module; of a site, the name of the site
    kind    "input"; "module"; "operation", with weights of its own outside a module; "join", of two branches; or "site"
    label   class of the module, such as "Linear", or what is done: "add", "concatenate", "multiply", "matmul", "select"
    shape   shape of its output, of the whole minibatch
    inputs  indices of the blocks whose outputs it reads
    inside  index of the module in which a site acts, such as on attention weights; None for a site between modules

    >>> Block("fc", "module", "Linear", shape=(64, 10), inputs=(0,)).label
    'Linear'
    """

    name: str
    kind: str
    label: str
    shape: tuple[int, ...] = ()
    inputs: tuple[int, ...] = ()
    inside: int | None = None


@dataclass(frozen=True)
class Layer:
    """One layer of units, and the noise that acts on what it hands on.

    name       unique in its recording: "input", "hidden 1", "hidden 2", …, "output"
    units      number of units, 1 or more
    kind       "input", "hidden" or "output"
    drop_prob  probability that a unit is dropped in training, from 0 to 1
    noise      "none"; "units", which drops units; "multiplicative", which multiplies units by random numbers; or
               "weights", which drops weights of the connections to the next layer (DropConnect)
    site       name of the site of that noise; "" if there is none

    >>> Layer("hidden 1", 256, "hidden", drop_prob=0.5, noise="units").units
    256
    """

    name: str
    units: int
    kind: str
    drop_prob: float = 0.0
    noise: str = "none"
    site: str = field(default="", compare=False)


@dataclass(frozen=True, eq=False)
class Examples:
    """Tracked examples: rows of the minibatch of each recorded iteration.

    They are the first rows. In dropviz's own training, one image goes before them in every minibatch that holds it,
    once an epoch: the first image of the first minibatch whose label was not redrawn. T is the number of recorded
    iterations.

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
