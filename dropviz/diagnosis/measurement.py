"""Measurement of the noise in a model: passes in both modes, and everything they draw."""

import time
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from dropviz.capture.asked import drop_prob_of
from dropviz.capture.marks import Marks, tensors_of
from dropviz.capture.places import ModuleStack, Place, Running
from dropviz.capture.tracer import Tracer
from dropviz.capture.uses import Trace, Use
from dropviz.diagnosis.flow import BATCH_NORMS, ELEMENTWISE, Flow
from dropviz.diagnosis.inputs import Arguments
from dropviz.diagnosis.modes import set_mode
from dropviz.diagnosis.outputs import named_tensors
from dropviz.diagnosis.sites import MeasuredSite, MeasuredSites, equal, is_leaf
from dropviz.errors import ModelError, reason

EVALUATIONS = 8
PASSES, MIN_PASSES, DOUBT_PASSES, MAX_SECONDS = 100, 10, 40, 20.0


class Measurement:
    """Passes of a model on the same inputs.

    evaluations    traces of two passes in evaluation mode, up to EVALUATIONS if they draw and their outputs are equal
    outputs        outputs of the first and of the last of them, by name
    resting        sites of the passes in evaluation mode
    training       sites of the passes in training mode
    passes         number of passes in training mode: up to PASSES; fewer, but at least MIN_PASSES, if all shares are
                   known well enough, or if they take longer than MAX_SECONDS
    flow           flow of data in the first of them
    factors        numbers that it multiplied tensors by, with the module
    zeroed         places where it multiplied a tensor by 0
    normalised     sites whose output goes into batch normalisation
    called         modules that ran in training
    idle           by dropout module that ran, whether it never drew anything nor changed its input
    in_evaluation  modules in evaluation mode after model.train()
    switched       other modules that were in evaluation mode after a pass in training mode
    redrawn        places whose mask was another one when the backward pass ran a module again
    """

    def __init__(self, model: nn.Module, arguments: Arguments) -> None:
        self.model, self.arguments = model, arguments
        self.paths = {module: name for name, module in model.named_modules()}
        self.asked = {module: drop_prob_of(module) for module in self.paths if is_leaf(module)}
        self.called: set[nn.Module] = set()
        self.idle: dict[nn.Module, bool] = {}
        self.in_evaluation: set[nn.Module] = set()
        self.switched: dict[nn.Module, None] = {}
        self.zeroed: list[Place] = []
        self.factors: list[tuple[nn.Module, float]] = []
        self.normalised: dict[MeasuredSite, None] = {}
        self.redrawn: list[Place] = []
        self.outputs: list[dict[str, Tensor]] = []
        self.evaluations: list[Trace] = []
        self.resting, self.training = MeasuredSites(), MeasuredSites()
        self.passes = 0
        self._is_training = False
        fixed = [each for each in model.parameters() if not each.requires_grad]
        self._mask_like = [each for each in (*model.buffers(), *fixed) if _may_be_mask(each)]
        self._stack = ModuleStack(model, lambda *_: None, lambda _: None, self._leave)
        self._tracer = Tracer(self._stack)
        try:
            self._evaluate()
            self._evaluate()
            while self.evaluations[-1].draws and len(self.evaluations) < EVALUATIONS and self._is_repeated():
                self._evaluate()  # what is random for a whole minibatch may repeat itself
            self._train()
            self._repeat_in_backward()
        finally:
            self._stack.close()

    def name(self, module: nn.Module) -> str:
        """Return name and class of a module."""
        name = self.paths.get(module, "")
        return f"{name} ({type(module).__name__})" if name else type(module).__name__

    @property
    def sites(self) -> list[MeasuredSite]:
        """Sites of the passes in training mode whose noise is random, in order."""
        return [site for site in self.training.values() if site.is_drawn]

    def _leave(self, running: Running, inputs: Any, output: Any) -> None:
        """Note that a module ran, and whether it gave back what it got."""
        module = running.module
        if not self._is_training:
            return
        self.called.add(module)
        if self.asked.get(module) is not None:
            data = next(tensors_of(inputs), None)
            same = not running.draws and isinstance(output, Tensor) and data is not None and equal(data, output)
            self.idle[module] = self.idle.get(module, True) and same

    def _begin(self, arguments: Arguments) -> None:
        """Start the trace of a pass."""
        marks = Marks(self.model.parameters(), (*self.model.buffers(), *arguments.tensors))
        for each in self._mask_like:
            marks.forget(each)
        self._tracer.begin(marks)

    def _run(self, *, training: bool) -> dict[str, Tensor]:
        """Run the model once, traced; return its outputs."""
        set_mode(self.model, training=training)
        self._is_training = training
        arguments = self.arguments.copy()
        self._begin(arguments)
        if training and not self.passes:
            self.flow = Flow(self._stack, self._tracer.trace, arguments.tensors)
            self._tracer.attach(self.flow)
        try:
            with self._tracer:
                output = arguments.call(self.model)
        except Exception as error:
            mode = "training" if training else "evaluation"
            raise ModelError(f"it does not run in {mode} mode: {type(error).__name__}: {reason(error)}") from error
        if self._tracer.failure is not None:
            raise ModelError(f"its masks cannot be read: {reason(self._tracer.failure)}")
        return dict(named_tensors(output))

    def _evaluate(self) -> None:
        outputs = self._run(training=False)
        trace = self._tracer.trace
        self.evaluations.append(trace)
        self.outputs = [*self.outputs[:1], {name: each.detach().clone() for name, each in outputs.items()}]
        _release(self.resting.add(trace.uses, trace.draws))

    def _is_repeated(self) -> bool:
        first, second = self.outputs
        return all(name in second and equal(each, second[name]) for name, each in first.items())

    def _train(self) -> None:
        set_mode(self.model, training=True)
        self.in_evaluation = {module for module in self.paths if not module.training}
        start = time.monotonic()
        while not self._is_known(time.monotonic() - start):
            outputs = self._run(training=True)
            trace = self._tracer.trace
            added = self.training.add(trace.uses, trace.draws)
            if not self.passes:
                self._end_flow(outputs, added)
            for site, use in added:
                if site in self.normalised:
                    site.add_variance(use)
            _release(added)
            self.passes += 1
            left = [module for module in self.paths if not module.training and module not in self.in_evaluation]
            self.switched |= dict.fromkeys(left)

    def _end_flow(self, outputs: dict[str, Tensor], added: list[tuple[MeasuredSite, Use]]) -> None:
        self.zeroed, self.factors = self._tracer.trace.zeroed, self._tracer.trace.factors
        self._tracer.attach(None)
        self.flow.end(outputs)
        normalised = set(before_batch_norm(self.flow))
        self.normalised = {site: None for site, use in added if use in normalised}

    def _is_known(self, seconds: float) -> bool:
        """Return whether the training passes so far are enough."""
        if self.passes < MIN_PASSES:
            return False
        if self.passes >= PASSES or seconds > MAX_SECONDS:
            return True
        doubtful = self.passes < DOUBT_PASSES
        return all(site.is_settled(doubtful) for site in self.sites) and not (doubtful and any(self.idle.values()))

    def _repeat_in_backward(self) -> None:
        """Run a backward pass, in which checkpointed modules run again, and compare their masks."""
        grads = [(parameter, parameter.grad) for parameter in self.model.parameters()]
        set_mode(self.model, training=True)
        arguments = self.arguments.copy()
        self._begin(arguments)
        try:
            with torch.enable_grad(), self._tracer:
                outputs = [each for _, each in named_tensors(arguments.call(self.model)) if each.requires_grad]
                torch.autograd.backward([each.float().sum() for each in outputs])
        except Exception:  # noqa: BLE001  # a model without a backward pass is no mistake with dropout
            return
        finally:
            for parameter, grad in grads:
                parameter.grad = grad
        uses = self._tracer.trace.uses
        first = [use for use in uses if not use.draw.recomputed]
        for use in uses:
            if use.draw.recomputed and not any(equal(use.tensor, each.tensor) for each in first):
                self.redrawn.append(next((each for each in first if _is_same_place(each, use)), use).draw.place)


def _is_same_place(one: Use, other: Use) -> bool:
    """Return whether two uses are of one module, or of one line of the user's code."""
    first, second = one.draw.place, other.draw.place
    same_line = bool(first.lines) and first.lines[:1] == second.lines[:1]
    return one.shape == other.shape and (same_line or (first.module is second.module and not second.lines))


def before_batch_norm(flow: Flow) -> Iterator[Use]:
    """Yield the uses of noise with only elementwise operations between them and batch normalisation."""
    for step in flow.steps:
        if step.operation in BATCH_NORMS:
            yield from (each.use for each in step.back(ELEMENTWISE) if each.use is not None)


def _may_be_mask(tensor: Tensor) -> bool:
    """Return whether a tensor has only zeros and one other number, and both of them."""
    if tensor.layout != torch.strided or tensor.is_complex() or tensor.numel() < 2:
        return False
    zeros = int((tensor == 0).count_nonzero())
    return 0 < zeros < tensor.numel() and bool(((tensor == 0) | (tensor == tensor.max())).all())


def _release(added: list[tuple[MeasuredSite, Use]]) -> None:
    for _, use in added:
        use.data = None
