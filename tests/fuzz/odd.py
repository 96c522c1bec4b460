"""Valid but odd recordings, made from real ones by random changes: lengths, NaN, infinities, names, empty parts."""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from dropviz.errors import DropvizError
from dropviz.recording import Block, Examples, Layer, Recording, Site
from dropviz.recording.parts import BLOCK_KINDS, SITE_KINDS

NAMES = (
    "\ud800",
    "a\udcffb",
    "\x1b[31mred\x1b[0m",
    "\x00\x07\r\n\t",
    "\u202eevil\u202c",
    "x" * 5_000,
    "",
    " ",
    "$\\frac{1}{0}$",
    "$",
    "$$a_$",
    "{}{0}%s%d",
    "<script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    "\\input{/etc/passwd}",
    "مرحبا 12.5%",
    "שלום",
    "暂退法",
    "\U0001f3b2",
    "\ue000",
    "\uffff",
    "a" * 59 + "b",
    "a\u0301" * 40,
    "=1+1|cmd",
    "../../up",
)
NUMBERS = (np.nan, np.inf, -np.inf, 0.0, -1.0, 1.0, 1e-300, 1e300, 3e38, 5e-324, 0.5, 1e4)
Change = Callable[[Recording, np.random.Generator], dict]


def fewer(values: dict, size: int) -> dict:
    """The first rows of each array."""
    return {name: array[:size] for name, array in values.items()}


def fill(array, rng):
    """The array with odd numbers in all places, in one, or in some."""
    array, number = array.copy(), NUMBERS[rng.integers(len(NUMBERS))]
    if array.dtype.kind == "b":
        array[...] = bool(rng.integers(2))
        return array
    if array.dtype.kind in "iu":
        lowest, highest = np.iinfo(array.dtype).min, np.iinfo(array.dtype).max
        array[...] = [0, 1, lowest, highest, -1 if lowest else 0, 255][rng.integers(6)]
        return array
    where = [np.ones(array.shape, bool), rng.random(array.shape) < 0.1, rng.random(array.shape) < 0.9][rng.integers(3)]
    with np.errstate(over="ignore"):
        array[where] = number
    return array


def snapshots_shorter(run, rng):
    """Few snapshots, or none."""
    size = int(rng.integers(0, 4))
    return {"snapshots": fewer(run.snapshots, size)}


def snapshots_filled(run, rng):
    """Odd values of one metric."""
    names = [*run.metrics] or ["iteration"]
    name = names[rng.integers(len(names))]
    values = fill(run.snapshots[name].astype(float) if name != "iteration" else run.snapshots[name], rng)
    if name.endswith("accuracy"):
        values = np.where(np.isnan(values), values, np.clip(values, 0, 1))
    return {"snapshots": {**run.snapshots, name: values}}


def snapshots_renamed(run, rng):
    """Fewer metrics, or under another name."""
    names = [name for name in run.metrics if rng.random() < 0.6]
    kept = {"iteration": run.snapshots["iteration"]} | {name: run.snapshots[name] for name in names}
    if rng.random() < 0.5 and run.metrics:
        kept[("bleu", "x" * 40, "grad norm", "validation_accuracy")[rng.integers(4)]] = run.snapshots[run.metrics[0]]
    return {"snapshots": kept}


def snapshots_later(run, rng):
    """Snapshots at other iterations, up to the largest whole numbers."""
    times = run.snapshots["iteration"]
    factor = [1, 2, 1_000_003, 2**40][rng.integers(4)]
    moved = [times * factor, times + 1, np.arange(1, len(times) + 1), np.arange(len(times)) + 2**62][rng.integers(4)]
    return {"snapshots": {**run.snapshots, "iteration": moved}}


def iterations_fewer(run, rng):
    """Masks of few iterations, or of none."""
    size = int(rng.integers(0, 4))
    parts = ("masks", "drop_rate", "noise", "mask_sizes", "weights", "activations", "edges", "edge_drop_rate")
    changes = {part: fewer(getattr(run, part), size) for part in parts}
    changes["recorded_iterations"] = run.recorded_iterations[:size]
    changes["tracked_rows"] = None if run.tracked_rows is None else run.tracked_rows[:size]
    if run.examples is not None:
        arrays = {name: getattr(run.examples, name)[:size] for name in ("index", "label", "prediction", "image")}
        changes["examples"] = dataclasses.replace(run.examples, **arrays)
    return changes


def iterations_later(run, rng):
    """Masks of other iterations."""
    times = run.recorded_iterations
    return {"recorded_iterations": [times * 7, times + 10**6, times + 2**61][rng.integers(3)]}


def part_filled(run, rng):
    """Odd values in masks, weights, activations, noise or drop rates."""
    parts = [part for part in ("masks", "weights", "activations", "noise", "edges", "drop_rate") if getattr(run, part)]
    if not parts:
        return {}
    part = parts[rng.integers(len(parts))]
    values = {name: fill(array, rng) for name, array in getattr(run, part).items()}
    if part == "drop_rate":
        values = {name: np.clip(np.nan_to_num(array), 0, 1) for name, array in values.items()}
    return {part: values}


def part_removed(run, rng):
    """Without one of the parts that may be missing."""
    empty = {"masks": {}, "weights": {}, "activations": {}, "noise": {}, "examples": None, "tracked_rows": None}
    empty |= {"blocks": (), "shown_units": {}, "probes": {}, "experiment": None, "unseen": ("a\nb\x1b" * 99,)}
    empty |= {"drop_rate": {}, "mask_sizes": {}}
    names = [*empty]
    name = names[rng.integers(len(names))]
    return {name: empty[name]} | ({"weights": {}, "activations": {}} if name == "shown_units" else {})


def probe_changed(run, rng):
    """A probe of another length, type or number of axes, of odd values, or without any."""
    if not run.probes:
        return {}
    names = [*run.probes]
    name = names[rng.integers(len(names))]
    array = run.probes[name]
    axis = int(rng.integers(max(array.ndim, 1)))
    size = int(rng.integers(0, 4))
    ways = [
        lambda: fill(array, rng),
        lambda: fill(array, rng),
        lambda: np.take(array, range(min(size, array.shape[axis])), axis=axis) if array.ndim else array,
        lambda: np.concatenate([array, array], axis=axis) if array.ndim else array,
        lambda: array.astype([np.float16, np.int64, np.bool_, np.float64][rng.integers(4)]),
        lambda: array.T,
        lambda: array[None],
        lambda: array[:0] if array.ndim else array,
        lambda: -array if array.dtype.kind in "fi" else array,
    ]
    with np.errstate(all="ignore"):
        return {"probes": {**run.probes, name: ways[rng.integers(len(ways))]()}}


def probe_removed(run, rng):
    """Without one of the probes."""
    return {"probes": {name: array for name, array in run.probes.items() if rng.random() < 0.7}}


def examples_changed(run, rng):
    """Tracked examples with odd predictions, images and names of classes."""
    old = run.examples
    if old is None:
        return {}
    classes = len(old.class_names)
    ways = [
        lambda: {"prediction": fill(old.prediction, rng)},
        lambda: {"image": np.zeros_like(old.image), "white": 0},
        lambda: {"image": old.image[:, :, :1, :1]},
        lambda: {"image": old.image[:, :, :0, :0]},
        lambda: {"image": old.image[:, :, :, :1].repeat(300, 3)},
        lambda: {"white": 2**40},
        lambda: {"class_names": tuple(pick(rng) for _ in range(classes))},
        lambda: {"label": np.zeros_like(old.label)},
        lambda: {"index": np.full_like(old.index, -5)},
        lambda: {"class_names": old.class_names + ("more",) * 3, "prediction": np.pad(old.prediction, pad(old, 3))},
        lambda: {"class_names": ("one",), "prediction": old.prediction[:, :, :1], "label": old.label * 0},
    ]
    return {"examples": dataclasses.replace(old, **ways[rng.integers(len(ways))]())}


def pad(old: Examples, more: int):
    """Widths to pad predictions by."""
    return [(0, 0)] * (old.prediction.ndim - 1) + [(0, more)]


def rows_fewer(run, rng):
    """One tracked example alone."""
    sites = tuple(
        dataclasses.replace(site, shape=(1, *site.shape[1:])) if site.has_examples else site for site in run.sites
    )
    own = {site.name for site in run.sites if site.has_examples}
    cut = lambda values: {name: array[:, :1] if name in own else array for name, array in values.items()}  # noqa: E731
    changes = {"sites": sites, "masks": cut(run.masks), "noise": cut(run.noise), "mask_sizes": {}}
    changes["activations"] = {name: array[:, :1] for name, array in run.activations.items()}
    changes["tracked_rows"] = None if run.tracked_rows is None else run.tracked_rows[:, :1]
    if run.examples is not None:
        arrays = {name: getattr(run.examples, name)[:, :1] for name in ("index", "label", "prediction", "image")}
        changes["examples"] = dataclasses.replace(run.examples, **arrays)
    return changes


def pick(rng) -> str:
    """One of the odd names."""
    return NAMES[rng.integers(len(NAMES))]


def renamed(run, rng):
    """Odd names of the arm, of layers, of sites, of blocks or of the log."""
    way = rng.integers(5)
    if way == 0:
        return {"arm": pick(rng), "experiment": None}
    if way == 1 and run.layers:
        return layers_renamed(run, rng)
    if way == 2 and run.sites and not run.layers:
        new = {site.name: f"{pick(rng)}{number}" for number, site in enumerate(run.sites)}
        sites = tuple(
            dataclasses.replace(s, name=new[s.name], path=pick(rng), file=pick(rng), line=int(rng.integers(9)))
            for s in run.sites
        )
        parts = ("masks", "drop_rate", "noise", "mask_sizes")
        named = {part: {new[name]: array for name, array in getattr(run, part).items()} for part in parts}
        return {"sites": sites, **named}
    if way == 3:
        return {"blocks": tuple(dataclasses.replace(b, name=pick(rng), label=pick(rng)) for b in run.blocks)}
    return {"provenance": {"log": pick(rng), "counted": "epochs", pick(rng): pick(rng), "torch": pick(rng)}}


def layers_renamed(run, rng):
    """Layers with odd names, wherever these are keys."""
    new = {layer.name: f"{pick(rng)}{number}" for number, layer in enumerate(run.layers)}
    layers = tuple(dataclasses.replace(layer, name=new[layer.name]) for layer in run.layers)
    sites = tuple(dataclasses.replace(site, name=new.get(site.name, site.name)) for site in run.sites)
    parts = ("masks", "drop_rate", "noise", "mask_sizes", "weights", "activations", "edges", "edge_drop_rate")
    named = {
        part: {new.get(name, name): array for name, array in getattr(run, part).items()}
        for part in (*parts, "shown_units")
    }
    return {"layers": layers, "sites": sites, **named}


def layers_changed(run, rng):
    """Layers of other kinds, numbers of units, or drop probabilities."""
    if not run.layers:
        return {}
    layers, number = list(run.layers), int(rng.integers(len(run.layers)))
    changes: Sequence[dict] = (
        {"kind": ("input", "hidden", "output")[rng.integers(3)]},
        {"drop_prob": (0.0, 1.0, 1e-12, 0.5)[rng.integers(4)]},
        {"units": (1, 2, 1_000_000, 10**12)[rng.integers(4)]},
        {"noise": ("none", "units", "multiplicative", "weights")[rng.integers(4)]},
        {"site": ""},
    )
    layers[number] = dataclasses.replace(layers[number], **changes[rng.integers(len(changes))])
    bare = {"weights": {}, "activations": {}, "shown_units": {}, "masks": {}, "noise": {}} if rng.random() < 0.3 else {}
    return {"layers": tuple(layers), **bare}


def layers_own(run, rng):
    """A chain of layers without masks: of one layer, of many, of a million units."""
    count = int((1, 2, 3, 40)[rng.integers(4)])
    sizes = [int((1, 2, 50, 1_000_000)[rng.integers(4)]) for _ in range(count)]
    kinds = ["input", *["hidden"] * (count - 2), "output"][:count]
    layers = tuple(Layer(f"l{n}", size, kind, 0.5) for n, (size, kind) in enumerate(zip(sizes, kinds, strict=True)))
    steps, rows = len(run.recorded_iterations), int(rng.integers(0, 3))
    small = {layer.name: layer.units for layer in layers if layer.units < 100}
    bare = {key: {} for key in ("weights", "activations", "shown_units", "edges", "edge_drop_rate", "noise")}
    return bare | {
        "layers": layers,
        "sites": (),
        "blocks": (),
        "examples": None,
        "tracked_rows": None,
        "mask_sizes": {},
        "masks": {name: rng.random((steps, rows, units)) < 0.5 for name, units in small.items()},
        "drop_rate": dict.fromkeys(small, np.full(steps, 0.5)),
    }


def shown_few(run, rng):
    """One shown unit a layer, with the weights between them."""
    shown = {name: units[:1] for name, units in run.shown_units.items()}
    return {
        "shown_units": shown,
        "weights": {name: array[:, :1, :1] for name, array in run.weights.items()},
        "edges": {name: array[:, :1, :1] for name, array in run.edges.items()},
        "activations": {name: array[:, :, :1] for name, array in run.activations.items()},
    }


def sites_changed(run, rng):
    """Sites of other kinds and axes, of no elements, or very many of them."""
    if run.layers or not run.sites:
        return {}
    way = rng.integers(4)
    if way == 0:
        kind = SITE_KINDS[rng.integers(len(SITE_KINDS))]
        return {"sites": tuple(dataclasses.replace(site, kind=kind) for site in run.sites)}
    if way == 1:
        return {
            "sites": tuple(
                dataclasses.replace(s, drop_prob=None, axes=tuple(a + "x" for a in s.axes)) for s in run.sites
            )
        }
    if way == 2:
        return {"sites": run.sites + tuple(Site(f"more {n}", kind="units", drop_prob=0.5) for n in range(300))}
    steps, parts = len(run.recorded_iterations), ("masks", "noise", "mask_sizes", "drop_rate")
    shape = ((), (0,), (1,), (4, 0), (2, 3, 1, 0), (1, 1_000_000), (3, 2, 2, 2, 2, 2))[rng.integers(7)]
    site = Site(
        "odd",
        kind="units",
        drop_prob=0.5,
        axes=("example", "unit", "row", "column", "depth", "token")[: len(shape)],
        shape=shape,
    )
    if 1_000_000 in shape:
        steps = min(steps, 2)
    changes = iterations_cut(run, steps) | {part: {} for part in parts}
    changes |= {"sites": (site,), "masks": {"odd": rng.random((steps, *shape)) < 0.5}}
    return changes | {"drop_rate": {"odd": np.full(steps, 0.5)}, "examples": None, "tracked_rows": None}


def iterations_cut(run, steps):
    """Masks of the first iterations alone, without the parts that depend on them."""
    bare = {key: {} for key in ("weights", "activations", "edges", "edge_drop_rate")}
    return bare | {"recorded_iterations": run.recorded_iterations[:steps]}


def blocks_changed(run, rng):
    """Blocks that read themselves, or very many in a row."""
    count = int((0, 1, 3, 60, 2_000)[rng.integers(5)])
    kinds = [BLOCK_KINDS[rng.integers(len(BLOCK_KINDS))] for _ in range(count)]
    blocks = [
        Block(
            pick(rng) if rng.random() < 0.1 else f"b{number}",
            kind,
            "Linear",
            shape=tuple(int(size) for size in rng.integers(0, 5, rng.integers(0, 4))),
            inputs=tuple(int(each) for each in rng.integers(0, count, rng.integers(0, 4))),
            inside=int(rng.integers(count)) if rng.random() < 0.2 else None,
        )
        for number, kind in enumerate(kinds)
    ]
    for site in run.sites[:3]:
        blocks.append(Block(site.name, "site", "Dropout", inputs=(0,) if blocks else ()))
    return {"blocks": tuple(blocks)}


def seed_changed(run, rng):
    """Another seed."""
    return {"seed": int((0, 1, 2**31 - 1, 10**30)[rng.integers(4)])}


CHANGES: tuple[Change, ...] = (
    *(snapshots_shorter, snapshots_filled, snapshots_filled, snapshots_renamed, snapshots_later),
    *(iterations_fewer, iterations_later, part_filled, part_filled, part_removed, probe_changed, probe_changed),
    *(probe_changed, probe_removed, examples_changed, rows_fewer, renamed, layers_changed, layers_own, shown_few),
    *(sites_changed, blocks_changed, seed_changed),
)


def odd_recording(run: Recording, rng: np.random.Generator, changes: Sequence[Change]) -> Recording:
    """The recording with these changes, as far as a recording can have them."""
    for change in changes:
        try:
            run = dataclasses.replace(run, **change(run, rng))
        except DropvizError:
            continue  # refused when it is made, which is right as well
    return run


def odd_recordings(groups: Sequence[Sequence[Recording]], rng: np.random.Generator) -> list[Recording]:
    """Some recordings of a group, changed alike, or each in its own way."""
    group = list(groups[rng.integers(len(groups))])
    seeds, arms = sorted({run.seed for run in group}), list(dict.fromkeys(run.arm for run in group))
    if rng.random() < 0.2:
        group = [run for run in group if run.seed == seeds[0]]
    if rng.random() < 0.1:
        group = [run for run in group if run.arm in arms[: 1 + rng.integers(2)]] or group
    changes = [CHANGES[rng.integers(len(CHANGES))] for _ in range(rng.integers(1, 4))]
    same = int(rng.integers(2**31)) if rng.random() < 0.7 else None  # the same random choices for all
    made = []
    for run in group:
        own = rng if same is None else np.random.default_rng(same)
        made.append(odd_recording(run, own, changes) if rng.random() < 0.95 or len(group) == 1 else run)
    if rng.random() < 0.02:
        made += made[:1]
    return made
