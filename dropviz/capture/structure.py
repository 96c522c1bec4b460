"""Structure of a model as a pass ran it: blocks, and which block's output each one reads."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn

from dropviz.capture.marks import Marks, Storages, tensors_of
from dropviz.capture.places import ModuleStack, Running
from dropviz.capture.uses import Use

MAX_CALLS = 4
MAX_GRADIENTS = 1000
WHOLE = (nn.MultiheadAttention, nn.RNNBase)  # one block, though they have parts
CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)
PARAMETRIC = frozenset(["mm", "addmm", "bmm", "baddbmm", "matmul", "convolution", "embedding", "mv", "addmv"])
JOINS = {"add": "add", "sub": "add", "mul": "multiply", "div": "multiply", "cat": "concatenate", "stack": "concatenate"}
JOINS |= {"mm": "matmul", "bmm": "matmul", "baddbmm": "matmul", "where": "select", "copy": "select"}


@dataclass(eq=False)
class Node:
    """A block while the pass runs.

    kind    "input", "module", "operation" (with weights of its own, outside a module), "join" or "site"
    name    path of a module; path of the module around an operation or join
    label   class of the module, or the operation
    inputs  nodes whose outputs it reads
    shape   shape of its output
    use     use of noise, of a site
    """

    kind: str
    name: str
    label: str
    inputs: dict["Node", None] = field(default_factory=dict)
    shape: tuple[int, ...] = ()
    use: Use | None = None
    inside: "Node | None" = None
    module: nn.Module | None = None


class Structure:
    """Graph of the blocks of one iteration, from what each operation reads and writes."""

    def __init__(self, stack: ModuleStack) -> None:
        self._stack = stack
        self._sources = Storages()  # nodes that a tensor comes from
        self._calls: dict[int, Node] = {}  # by id of the entry of a running module
        self._entries: list[Any] = []  # keeps those ids from being used again
        self._gradients: dict[Any, dict[Node, None]] = {}  # by the function of autograd that gave a tensor
        self._outputs: dict[Node, None] = {}
        self.nodes: list[Node] = []

    def used_nodes(self) -> list[Node]:
        """Return the nodes without joins and operations whose output nothing reads, such as those of a user's hook."""
        nodes = self.nodes
        while True:
            read = {each for node in nodes for each in node.inputs} | set(self._outputs)
            used = [node for node in nodes if node.kind not in ("join", "operation") or node in read]
            if len(used) == len(nodes):
                return used
            nodes = used

    def begin(self, inputs: Iterable[Any]) -> None:
        """Add a node for each input of a pass that no earlier pass gave."""
        for tensor in tensors_of(inputs):
            found = self._sources.get(tensor) or self._sources_by_gradient(tensor)
            if found:
                self._sources.set(tensor, found)
            else:
                name = "input" if not any(node.kind == "input" for node in self.nodes) else f"input {len(self.nodes)}"
                self._sources.set(tensor, {self._add(Node("input", name, "input", shape=shape_of(tensor))): None})

    def _sources_by_gradient(self, tensor: Tensor) -> dict[Node, None]:
        """Return the nodes that a tensor comes from through code outside the model, as autograd has them."""
        found: dict[Node, None] = {}
        waiting, seen = [tensor.grad_fn], 0
        while waiting and seen < MAX_GRADIENTS:
            function, seen = waiting.pop(), seen + 1
            if function in self._gradients:
                found |= self._gradients[function]
            elif function is not None:
                waiting += [before for before, _ in function.next_functions]
        return found

    def _add(self, node: Node) -> Node:
        self.nodes.append(node)
        return node

    def add(self, operation: str, inputs: list[Tensor], output: Any, marks: Marks, *, is_view: bool = False) -> None:
        """Add what an operation read and wrote."""
        outputs = list(tensors_of((output,)))
        if not outputs or all(marks.get(each) for each in outputs) or is_view:
            return  # a view has the source of its data
        read = [(each, self._sources.get(each)) for each in inputs]
        sources: dict[Node, None] = {}
        for _, nodes in read:
            sources |= nodes or {}
        node = self._node(operation, inputs, [nodes for _, nodes in read if nodes], sources, marks)
        if node is not None:
            node.inputs |= {each: None for each in sources if each is not node and each.inside is not node}
            node.shape = shape_of(outputs[0])
            sources = {node: None}
        for each in outputs:
            if marks.is_weights(each):  # a view of weights comes from no block
                continue
            self._sources.set(each, sources if operation != "copy" else sources | (self._sources.get(each) or {}))

    def _node(
        self,
        operation: str,
        inputs: list[Tensor],
        read: list[dict[Node, None]],
        sources: dict[Node, None],
        marks: Marks,
    ) -> Node | None:
        """Return the node that an operation belongs to; None if it hands on what it reads."""
        running = self._stack.innermost
        if running is not None and is_block(running.module):
            reads = bool(sources) or any(marks.is_weights(each) for each in inputs)
            return self._node_of(running) if reads else None
        path = running.path if running else ""
        if operation in PARAMETRIC and any(marks.is_weights(each) and each.dim() > 1 for each in inputs):
            return self._add(Node("operation", path, operation))
        distinct = {frozenset(nodes) for nodes in read}
        if operation in JOINS and len(distinct) > 1 and len(read) > 1:
            return self._add(Node("join", path, JOINS[operation]))
        return None

    def _node_of(self, running: Running) -> Node:
        """Return the node of a running module. Of a module that runs often, the later calls are one node."""
        if id(running) not in self._calls:
            self._entries.append(running)
            calls = [node for node in self.nodes if node.module is running.module]
            node = calls[-1] if len(calls) == MAX_CALLS else None
            node = node or self._add(Node("module", running.path, type(running.module).__name__, module=running.module))
            self._calls[id(running)] = node
        return self._calls[id(running)]

    def add_use(self, use: Use, data: list[Tensor], output: Tensor | None) -> None:
        """Add a site: noise that acts on what a node gives. A use that is known acts once more."""
        running = self._stack.innermost
        inside = self._node_of(running) if running is not None and is_block(running.module) else None
        node = next((node for node in self.nodes if node.use is use), None)
        node = node or self._add(Node("site", use.draw.place.path, use.operation, shape=use.shape, use=use))
        node.inside = inside
        # Data that were overwritten are a copy, which comes from no block; their storage still does.
        sources = self._sources.get(data[0]) or (self._sources.get(output) if output is not None else None) or {}
        for tensor in data[1:]:
            sources = sources | (self._sources.get(tensor) or {})
        node.inputs |= {each: None for each in sources if each is not node}
        if output is not None:
            self._sources.set(output, {inside or node: None})

    def leave(self, running: Running, output: Any) -> None:
        """Note the shape of what a module gave, and where it comes from."""
        for tensor in tensors_of((output,)):
            sources = self._sources.get(tensor) or {}
            if tensor.grad_fn is not None:
                self._gradients[tensor.grad_fn] = sources
            if len(self._stack) == 1:
                self._outputs |= sources
        node, first = self._calls.get(id(running)), next(tensors_of((output,)), None)
        if node is not None and first is not None:
            node.shape = shape_of(first)


def shape_of(tensor: Tensor) -> tuple[int, ...]:
    """Return the shape of a tensor; () of a nested one, which has no single shape."""
    return () if tensor.is_nested else tuple(tensor.shape)


def is_block(module: nn.Module) -> bool:
    """Return whether a module is one block of a picture: it has weights, or changes shapes, and no parts of its own."""
    if isinstance(module, WHOLE):
        return True
    if isinstance(module, CONTAINERS) or any(True for _ in module.children()):
        return False
    has_weights = any(True for _ in module.parameters(recurse=False))
    return has_weights or "Pool" in type(module).__name__ or "Upsample" in type(module).__name__
