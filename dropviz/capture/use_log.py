"""Log of the uses of random tensors on data in one pass, and of the scale that each was given."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from dropviz.capture.applying import Applied
from dropviz.capture.marks import Mark, Marks, Storages, number_of
from dropviz.capture.operations import SHAPING
from dropviz.capture.places import ModuleStack
from dropviz.capture.structure import Structure
from dropviz.capture.uses import Draw, Trace, Use

APPLYING = ("mul", "add", "where", "masked_fill", "index_put")  # what tensors from outside torch are looked for in
KEEPING = ("masked_fill", "where", "_to_copy", "clone")  # what leaves the result of a softmax one


class UseLog:
    """Uses of random tensors in a pass of the modules of `stack`.

    marks       roles of the tensors of the pass
    structure   graph of blocks that every site is added to; None for none
    trace       what the pass drew so far
    is_applied  True if the operation that runs applied noise
    """

    def __init__(self, stack: ModuleStack, marks: Marks, structure: Structure | None) -> None:
        self._stack, self._marks, self.structure = stack, marks, structure
        self.trace = Trace()
        self.is_applied = False
        self._products, self._factors, self._softmax = Storages(), Storages(), Storages()
        self._channels = 0  # of the latest convolution, until a product of matrices

    def note_unseen(self, draw: Draw | None, reason: str) -> None:
        """Note a draw that is not recorded, and the reason."""
        if draw is None or draw.operation == "outside":  # which may be a constant
            return
        self.trace.unseen[f"{draw.place.name}: what {draw.operation} draws is not recorded, for {reason}"] = None

    def move(self, original: Tensor, copy: Tensor) -> None:
        """Give the copy of data what is known of the data, which an operation in place is about to change."""
        for values in (self._factors, self._softmax):
            if (value := values.pop(original)) is not None:
                values.set(copy, value)

    def rescale(self, name: str, noise: Tensor, mark: Mark, data: Tensor, output: Any) -> bool:
        """Return whether a random number only scales what its own mask kept, as in DropBlock; then note the scale."""
        product = self._products.get(data) if name in ("mul", "div") and not noise.dim() else None
        if product is None or product.draw is not mark.draw or not isinstance(output, Tensor):
            return False
        number = float(noise)
        product.rescale(number if name == "mul" else 1 / number, output)
        return True

    def record(
        self, mark: Mark, applied: Applied, data: Tensor, output: Tensor | None, others: Iterable[Tensor] = ()
    ) -> None:
        """Record that a random tensor was applied to data, unless this use is known.

        others  further data that the operation read
        """
        draw = mark.draw
        if draw is None or (draw.operation == "outside" and applied.operation not in APPLYING):
            return
        known = next((use for use in draw.uses if _is_same(use, applied)), None)
        if known is not None:
            known.times += 1
            if output is not None:
                self._products.set(output, known)
                self._add_to_structure(known, [data, *others], output)
            return
        if applied.operation == "add" and draw.uses and draw.uses[-1].mask is not None:
            draw.uses[-1].is_affine = True
            return
        use = self._make_use(draw, mark.p_true, applied, data, is_pooled=mark.is_pooled)
        draw.uses.append(use)
        self.trace.uses.append(use)
        if output is not None:
            use.verify(output)
            self._products.set(output, use)
        self._add_to_structure(use, [data, *others], output)

    def _add_to_structure(self, use: Use, data: list[Tensor], output: Tensor | None) -> None:
        self.is_applied = True
        if self.structure is not None:
            self.structure.add_use(use, data, output)

    def _make_use(self, draw: Draw, p_true: float | None, applied: Applied, data: Tensor, *, is_pooled: bool) -> Use:
        factor = self._factors.get(data)
        is_unscaled = applied.scale == 1 and applied.mask is not None
        drop_prob = None if p_true is None or applied.mask is None else p_true if applied.drops_true else 1 - p_true
        return Use(
            draw=draw,
            operation=applied.operation,
            mask=applied.mask,
            noise=applied.noise,
            drop_prob=drop_prob,
            scale=applied.scale,
            scale_before=factor if is_unscaled and factor is not None else 1.0,
            data=data.detach(),
            shape=tuple(data.shape),
            hints=self._hints(data, is_pooled=is_pooled),
            modules=tuple(self._stack.ancestors()),
            filling=applied.filling,
        )

    def _hints(self, data: Tensor, *, is_pooled: bool) -> frozenset[str]:
        hints = {
            "weights": self._marks.is_weights(data),
            "integers": not (data.is_floating_point() or data.is_complex()),
            "attention": bool(self._softmax.get(data)),
            "convolution": data.dim() > 2 and data.shape[1] == self._channels,
            "pooled": is_pooled,
        }
        return frozenset(name for name, holds in hints.items() if holds)

    def follow(self, name: str, args: Any, data: Tensor, output: Any) -> None:
        """Follow an operation on data alone: it may give it axes, or a scale to what a mask kept."""
        use = self._products.get(data) if name in ("mul", "div") else None
        if name in SHAPING:
            self._channels = output.shape[1] if "conv" in name and output.dim() > 2 else 0
        is_softmax = "softmax" in name and "log" not in name
        if is_softmax or (name in KEEPING and self._softmax.get(data)):
            self._softmax.set(output, True)  # a value like any other
        elif name in ("mul", "div") and isinstance(output, Tensor):
            self._follow_factor(name, args, use, output)

    def _follow_factor(self, name: str, args: Any, use: Use | None, output: Tensor) -> None:
        """Follow a product with a number: it may be the scale of what a mask keeps."""
        number = number_of(args[:2])
        if number is None or (name == "div" and not number) or (name == "div" and not isinstance(args[0], Tensor)):
            return
        factor = 1 / number if name == "div" else number
        running = self._stack.innermost
        self.trace.factors.append((running.module if running else self._stack.model, factor))
        if factor == 0:
            self.trace.zeroed.append(self._stack.place())
        if use is not None and use.scale == use.scale_before == 1 and use.mask is not None:
            use.rescale(factor, output)
            self._products.set(output, use)
        else:
            self._factors.set(output, factor)


def _is_same(use: Use, applied: Applied) -> bool:
    """Return whether a use applied this same tensor before."""
    for one, other in ((use.mask, applied.mask), (use.noise, applied.noise)):
        if (one is None) != (other is None):
            return False
        if one is not None and other is not None and (one.shape != other.shape or not torch.equal(one, other)):
            return False
    return True
