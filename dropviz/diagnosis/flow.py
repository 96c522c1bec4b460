"""Flow of data through the operations of a pass: what each one read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from dropviz.capture.marks import Marks, tensors_of
from dropviz.capture.places import ModuleStack
from dropviz.capture.structure import Structure
from dropviz.capture.uses import Trace, Use

COPIES = frozenset(
    """
    _reshape_alias _to_copy _unsafe_view alias chunk clone contiguous copy detach expand expand_copy flatten permute
    reshape select slice split split_with_sizes squeeze t transpose unbind unsafe_split unsqueeze view
    """.split()  # noqa: SIM905  # a list of this length is read more easily as a text
)
ACTIVATIONS = frozenset(
    """
    _prelu_kernel abs celu clamp clamp_min elu exp gelu hardsigmoid hardswish hardtanh leaky_relu log_sigmoid_forward
    mish neg pow prelu relu rrelu_with_noise rsub selu sigmoid silu softplus sqrt square tanh threshold
    """.split()  # noqa: SIM905  # as above
)
ARITHMETIC = frozenset(["add", "sub", "mul", "div", "where", "masked_fill"])
ELEMENTWISE = COPIES | ACTIVATIONS | ARITHMETIC
SOFTMAX = frozenset(["_softmax", "_log_softmax"])
LINEAR = frozenset(["addmm", "mm", "bmm", "baddbmm", "mv", "addmv"])
BATCH_NORMS = frozenset(
    [
        "native_batch_norm",
        "_native_batch_norm_legit",
        "_batch_norm_with_update",
        "cudnn_batch_norm",
        "miopen_batch_norm",
    ]
)
NORMS = BATCH_NORMS | {"native_layer_norm", "native_group_norm", "_fused_rms_norm"}


@dataclass(eq=False)
class Step:
    """An operation that read data.

    operation    torch's operation; "input" for an input of the pass, "site" where noise acts
    inputs       steps that made the data that it read
    has_weights  True if it read weights too
    module       innermost module that ran
    shape        shape of its output
    factor       number that it multiplied by, of a site what its mask keeps; None for other operations
    use          use of noise, of a site
    """

    operation: str
    inputs: tuple["Step", ...] = ()
    has_weights: bool = False
    module: nn.Module | None = None
    shape: tuple[int, ...] = ()
    factor: float | None = None
    use: Use | None = None

    def ancestors(self) -> set["Step"]:
        """Return every step that this one depends on, itself included."""
        return ancestors_of([self])

    def back(self, through: frozenset[str]) -> Iterator["Step"]:
        """Yield the steps that led here, back to and including the first that is not one of these operations.

        The way ends at a step that read data of several steps.
        """
        step = self
        while len(step.inputs) == 1:
            step = step.inputs[0]
            yield step
            if step.operation not in through:
                return


def ancestors_of(steps: Iterable[Step]) -> set[Step]:
    """Return every step that some steps depend on, themselves included."""
    waiting = list(steps)
    found = set(waiting)
    while waiting:
        for step in waiting.pop().inputs:
            if step not in found:
                found.add(step)
                waiting.append(step)
    return found


class Flow(Structure):
    """Steps of a pass, in order.

    steps    all steps
    outputs  steps that made the outputs of the pass, by name; set by `end`
    shapes   shapes of those outputs, by name; set by `end`
    used     steps whose results are outputs, or are kept elsewhere, and their ancestors; set by `end`
    """

    def __init__(self, stack: ModuleStack, trace: Trace, inputs: Iterable[Any]) -> None:
        super().__init__(stack)
        self._trace = trace
        self._factors = 0
        self.steps: list[Step] = []
        self.outputs: dict[str, Step] = {}
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.used: set[Step] = set()
        for tensor in tensors_of(inputs):
            self._set(tensor, Step("input", shape=tuple(tensor.shape)))

    def _set(self, tensor: Tensor, step: Step) -> None:
        self.steps.append(step)
        self._sources.set(tensor, step)

    def _read(self, tensors: Iterable[Tensor]) -> tuple[Step, ...]:
        """Return the steps that made some tensors, each once."""
        return tuple({step: None for each in tensors if isinstance(step := self._sources.get(each), Step)})

    def add(self, operation: str, inputs: list[Tensor], output: Any, marks: Marks, *, is_view: bool = False) -> None:
        """Add an operation that read data, unless it gives a view, which is in the storage of what it read."""
        if is_view:
            return
        read = self._read(each for each in inputs if not marks.get(each))
        outputs = [each for each in tensors_of((output,)) if not marks.get(each)]
        if not read or not outputs:
            return
        running, factors = self._stack.innermost, self._trace.factors
        factor = factors[-1][1] if operation in ("mul", "div") and len(factors) > self._factors else None
        self._factors = len(factors)
        step = Step(
            operation,
            read,
            has_weights=any(marks.is_weights(each) for each in inputs),
            module=running.module if running else None,
            shape=tuple(outputs[0].shape),
            factor=factor,
        )
        for each in outputs:
            self._set(each, step)

    def add_use(self, use: Use, data: list[Tensor], output: Tensor | None) -> None:
        """Add a site."""
        if output is not None:
            read = self._read(data) or self._read([output])
            running = self._stack.innermost
            module = running.module if running else None
            self._set(output, Step("site", read, module=module, shape=use.shape, factor=use.scale, use=use))

    def end(self, outputs: dict[str, Tensor]) -> None:
        """End the pass, which gave these outputs."""
        self.shapes = {name: tuple(each.shape) for name, each in outputs.items()}
        self.outputs = {name: step for name, each in outputs.items() for step in self._read([each])}
        self.used = ancestors_of([*self.outputs.values(), *self._sources])

    def sites(self) -> Iterator[tuple[Step, Use]]:
        """Yield the sites with the noise that acts at each."""
        for step in self.steps:
            if step.use is not None:
                yield step, step.use
