"""Blocks of a recording as items of a diagram: boxes, joins, sites, and groups of blocks without sites."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from dropviz.recording import Block, Recording, Site

Edges = frozenset[tuple[int, int]]


@dataclass(frozen=True)
class Item:
    """One item of the diagram.

    kind    "box" of a block, "group" of several, "join", "site" between blocks, or "rest" of what is not shown
    label   class of the module or name of the operation; of a group, ""
    blocks  indices of its blocks
    sites   sites that are drawn in it: of a box, those that act inside the module
    """

    kind: str
    label: str
    blocks: tuple[int, ...] = ()
    sites: tuple[Site, ...] = ()


@dataclass(frozen=True)
class Diagram:
    """Items in the order in which they ran, and edges between them.

    edges  pairs of indices of items: the second reads the output of the first
    total  number of sites of the recording, of which some may not be shown
    """

    items: tuple[Item, ...]
    edges: Edges
    total: int
    shown: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shown", sum(len(item.sites) for item in self.items if item.kind != "rest"))

    def branch(self, number: int) -> frozenset[int]:
        """Return the items that lead to this one alone, without inputs of the model: a branch that it can skip."""
        branch = {number}
        for item in range(number - 1, -1, -1):
            readers = {reader for source, reader in self.edges if source == item}
            if readers and readers <= branch and self.items[item].label != "input":
                branch.add(item)
        return frozenset(branch - {number})


def blocks_of(run: Recording) -> tuple[Block, ...]:
    """Return the blocks of a recording; of one that holds none, those of its layers, or its sites without edges."""
    if run.blocks:
        return run.blocks
    if not run.layers:
        return tuple(Block(site.name, "site", site.kind) for site in run.sites)
    sites = {site.name: site for site in run.sites}
    blocks: list[Block] = []
    for layer in run.layers:
        inputs = (len(blocks) - 1,) if blocks else ()
        kind = ("input", "input") if layer.kind == "input" else ("module", "Linear")
        blocks.append(Block(layer.name, *kind, inputs=inputs))
        if (site := sites.get(layer.site or layer.name)) is not None:
            blocks.append(Block(site.name, "site", site.kind, inputs=(len(blocks) - 1,)))
    return tuple(blocks)


def read_diagram(run: Recording) -> Diagram:
    """Return the diagram of a recording, with an item for each block. Sites inside a module are in its item."""
    blocks, sites = blocks_of(run), {site.name: site for site in run.sites}
    inside: dict[int, list[int]] = {}
    for number, block in enumerate(blocks):
        if block.inside is not None:
            inside.setdefault(block.inside, []).append(number)
    items = []
    for number, block in enumerate(blocks):
        if block.inside is None:
            own = [number, *inside.get(number, ())]
            acting = [blocks[each].name for each in own if blocks[each].kind == "site"]
            held = tuple(sites[name] for name in acting if name in sites)
            kind = "join" if block.kind == "join" else "site" if block.kind == "site" and held else "box"
            items.append(Item(kind, block.label, tuple(own), held))
    named = {site.name for item in items for site in item.sites}
    items += [Item("site", site.kind, (), (site,)) for site in run.sites if site.name not in named]
    return Diagram(tuple(items), edges_between(items, blocks), len(run.sites))


def edges_between(items: Sequence[Item], blocks: Sequence[Block]) -> Edges:
    """Return the edges of the blocks as edges between the items that hold them."""
    owner = {block: number for number, item in enumerate(items) for block in item.blocks}
    return frozenset(
        (owner[source], owner[number])
        for number, block in enumerate(blocks)
        for source in block.inputs
        if owner[source] != owner[number]
    )


def grouped(diagram: Diagram, run: Recording) -> Diagram:
    """Return the diagram with each run of two or more blocks without sites as one item, except inputs."""
    items: list[Item] = []
    for is_single, run_of in groupby(diagram.items, key=lambda item: bool(item.sites) or item.label == "input"):
        members = list(run_of)
        if is_single or len(members) == 1:
            items += members
        else:
            items.append(Item("group", "", tuple(block for item in members for block in item.blocks)))
    return Diagram(tuple(items), edges_between(items, blocks_of(run)), diagram.total)


def first_sites(diagram: Diagram, run: Recording, count: int) -> Diagram:
    """Return the diagram up to its site of number `count`, with the rest as one item, except inputs."""
    items: list[Item] = []
    left = count
    for number, item in enumerate(diagram.items):
        if len(item.sites) > left or (not left and items):
            rest = diagram.items[number:]
            held = tuple(site for each in rest for site in each.sites)
            items.append(Item("rest", "", tuple(block for each in rest for block in each.blocks), held))
            break
        items.append(item)
        left -= len(item.sites)
    return Diagram(tuple(items), edges_between(items, blocks_of(run)), diagram.total)
