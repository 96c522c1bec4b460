"""Results of a check."""

from dataclasses import dataclass
from pathlib import Path

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Finding:
    """A mistake that was found in a model.

    kind       kind of mistake, a key of `KINDS`
    module     name and class of the module, or of several
    file       path of the file of the line; "" if there is none
    line       line of the user's code that ran it, in the `forward` around the draw; 0 if there is none
    words      what was measured, and the likely cause
    severity   "error", or "warning" for what may be meant
    drop_prob  drop probability that was asked for; None if it is not known
    drop_rate  share that was dropped, from 0 to 1; None if it was not measured
    """

    kind: str
    module: str
    file: str
    line: int
    words: str
    severity: str = ERROR
    drop_prob: float | None = None
    drop_rate: float | None = None

    def __str__(self) -> str:
        """Return the finding as one line, which begins with file and line where there are any."""
        place = f"{_short(self.file)}:{self.line}: " if self.line else ""
        warning = "warning: " if self.severity == WARNING else ""
        return f"{place}{warning}{self.module}: {self.words}"


@dataclass(frozen=True)
class Checkup:
    """Result of `dropviz.check`.

    model     name of the class of the model
    shape     shape of one example of the first input
    passes    number of passes in training mode
    noise     names and classes of the modules with noise
    findings  mistakes; empty if none was found
    """

    model: str
    shape: tuple[int, ...]
    passes: int
    noise: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Findings that are no warnings."""
        return tuple(finding for finding in self.findings if finding.severity == ERROR)


# Kinds of findings, as `dropviz check --help` and the documentation describe them.
KINDS = {
    "on-in-evaluation": "dropout that stays on in evaluation",
    "certain": "a drop probability of 0 (a warning) or 1",
    "flag-as-probability": "a flag such as self.training given as the drop probability",
    "keep-probability": "a keep probability given as the drop probability",
    "nothing-dropped": "dropout that never drops, or is in evaluation mode after model.train()",
    "never-called": "a dropout module that is never called",
    "one-layer": "dropout of a recurrent module with one layer",
    "unused-result": "a result of dropout that is not used",
    "left-in-evaluation": "a pass that leaves modules in evaluation mode",
    "after-output": "dropout of logits or predictions",
    "doubled": "two dropouts with no layer between them",
    "residual-stream": "dropout after the sum of a residual connection (a warning)",
    "before-batch-norm": "dropout before batch normalisation, which shifts its variance (a warning)",
    "wrong-rate": "masks that drop another share than the drop probability",
    "wrong-scale": "kept units that are not scaled by 1/(1 - drop_prob)",
    "scaled-twice": "kept units that are scaled twice",
    "shared-mask": "one mask for all examples of a minibatch",
    "same-mask": "one mask for all of training",
    "redrawn-mask": "masks that a checkpointed module draws again in the backward pass",
}


def _short(file: str) -> str:
    """Return a path relative to the current folder, if it is within it."""
    path, folder = Path(file), Path.cwd()
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else file
