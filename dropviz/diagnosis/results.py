"""Results of a check."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """A mistake that was found in a model.

    kind    "on-in-evaluation", "certain" (drop probability 0 or 1), "nothing-dropped", "after-output", "wrong-rate" or
            "wrong-scale"
    module  name and class of the module, or of several
    line    line of the user's file that drew the mask; 0 if it is not in that file
    words   what was measured, and the likely cause
    """

    kind: str
    module: str
    line: int
    words: str


@dataclass(frozen=True)
class Checkup:
    """Result of `dropviz.check`.

    model     name of the class of the model
    shape     shape of one example of the input
    passes    number of passes in training mode
    noise     names and classes of the modules with noise
    findings  mistakes; empty if none was found
    """

    model: str
    shape: tuple[int, ...]
    passes: int
    noise: tuple[str, ...]
    findings: tuple[Finding, ...]
