"""Layers of a model that ran as a chain of linear modules."""

from dataclasses import dataclass

from torch import nn

from dropviz.capture.structure import Node

Norm = (nn.modules.batchnorm._NormBase, nn.LayerNorm, nn.GroupNorm, nn.PReLU)  # noqa: SLF001  # the base of all of them


@dataclass(eq=False)
class ChainLayer:
    """A layer of a chain.

    linear  module that leads to it; None for the input
    units   its number of units
    noise   node of the noise that acts on what it hands on; None if there is none
    edges   node of the noise that acts on the weights of `linear`; None if there is none
    """

    linear: nn.Linear | None
    units: int
    noise: Node | None = None
    edges: Node | None = None


def read_chain(nodes: list[Node]) -> list[ChainLayer]:
    """Return the layers of a model from the blocks of one pass, from the input on; nothing if they are no chain.

    A chain has one input, no joins, and linear modules and no others with weights, except normalisation; each ran once.
    """
    layers: list[ChainLayer] = []
    end: Node | None = None
    modules: set[nn.Module] = set()
    for node in nodes:
        if node.inside is not None or (node.kind == "site" and not node.inputs):
            if not _add_edges(layers, node):
                return []
            continue
        if end is not None and list(node.inputs) != [end]:
            return []
        if not _add_node(layers, node, modules):
            return []
        end = node
    return layers


def _add_node(layers: list[ChainLayer], node: Node, modules: set[nn.Module]) -> bool:
    """Add what a node stands for; return False if it has no place in a chain."""
    if node.kind == "input":
        layers.append(ChainLayer(None, 0))
        return len(layers) == 1
    if not layers or (node.module is not None and node.module in modules):
        return False
    modules |= {node.module} if node.module is not None else set()
    if isinstance(node.module, nn.Linear):
        layers[-1].units = layers[-1].units or node.module.in_features
        layers.append(ChainLayer(node.module, node.module.out_features, edges=None))
        return True
    if node.kind == "site" and node.use is not None and node.use.operation == "add":
        return True  # noise that is added changes no layer
    if node.kind == "site":
        is_free = layers[-1].noise is None
        layers[-1].noise = node
        return is_free
    return isinstance(node.module, Norm)


def _add_edges(layers: list[ChainLayer], node: Node) -> bool:
    layer = layers[-1] if layers else None
    if layer is None or node.use is None or "weights" not in node.use.hints or layer.edges is not None:
        return False
    layer.edges = node
    return layer.linear is not None
