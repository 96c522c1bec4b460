"""Validation of the sites of a recording, and of the masks and the noise of each."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dropviz.recording.parts import BLOCK_KINDS, SITE_KINDS, Block, Layer, Site
from dropviz.recording.validation import Arrays, fits, require, validate_iterations

MAX_BLOCKS = 10_000


def sites_of_layers(layers: Sequence[Layer], masks: Mapping[str, Any]) -> tuple[Site, ...]:
    """Return the sites of a recording whose masks are those of layers, named as the layers are."""
    return tuple(
        Site(
            layer.name,
            kind=layer.noise if layer.noise == "multiplicative" else "units",
            drop_prob=layer.drop_prob,
            axes=("example", "unit"),
            shape=tuple(np.shape(masks[layer.name])[1:]),
        )
        for layer in layers
        if layer.name in masks
    )


def validate_sites(sites: Sequence[Site], blocks: Sequence[Block], unseen: Sequence[str]) -> None:
    """Validate what is said of sites and blocks, apart from arrays."""
    require(len({site.name for site in sites}) == len(sites), "two of its sites have one name")
    for site in sites:
        require(isinstance(site.name, str) and site.kind in SITE_KINDS, f"site {site.name!r} is of no known kind")
        drop_prob, scale = site.drop_prob, site.scale
        good = drop_prob is None or (isinstance(drop_prob, int | float) and 0 <= drop_prob <= 1)
        require(good, f"drop_prob of site {site.name!r} is {drop_prob!r}: must be from 0 to 1, or None")
        good = all(isinstance(each, str) for each in (site.path, site.file, *site.axes))
        good = good and all(
            _is_count(each) for each in (site.line, site.call, site.compared, site.unequal, *site.shape)
        )
        good = good and len(site.axes) == len(site.shape) and isinstance(site.error, int | float)
        require(good and isinstance(scale, int | float | None), f"site {site.name!r} does not fit")
    require(len(blocks) <= MAX_BLOCKS, "it has more blocks than a model")
    for index, block in enumerate(blocks):
        good = isinstance(block.name, str) and isinstance(block.label, str) and block.kind in BLOCK_KINDS
        good = good and all(_is_count(each) and each < len(blocks) for each in block.inputs)
        good = good and (block.inside is None or _is_outermost(block.inside, blocks))
        require(good and all(_is_count(each) for each in block.shape), f"block {index + 1} does not fit")
    require(all(isinstance(sentence, str) for sentence in unseen), "what it says of unseen noise is no text")


def _is_outermost(index: Any, blocks: Sequence[Block]) -> bool:
    """Return whether `index` is that of a block that is inside no other."""
    return _is_count(index) and index < len(blocks) and blocks[index].inside is None


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def validate_site_arrays(sites: Sequence[Site], iterations: Any, parts: Mapping[str, Arrays]) -> None:
    """Validate recorded iterations, and the arrays by site: masks, drop_rate, noise, mask_sizes."""
    validate_iterations(iterations)
    length, names = len(iterations), {site.name for site in sites}
    for part, arrays in parts.items():
        for name in arrays:
            require(name in names, f"it has {part} of {name!r}, which is not one of its sites or layers")
    require(set(parts["masks"]) <= set(parts["drop_rate"]), "its masks and drop rates are of different sites")
    for site in sites:
        _validate_site_arrays(site, length, {part: arrays.get(site.name) for part, arrays in parts.items()})


def _validate_site_arrays(site: Site, length: int, arrays: Mapping[str, Any]) -> None:
    for part, kind in (("masks", "b"), ("noise", "f")):
        good = arrays[part] is None or fits(arrays[part], kind, length, *site.shape)
        shape = f"{np.shape(arrays[part])} for {length} iterations of {site.shape}"
        require(good, f"{part} of {site.name!r} do not fit: {shape}")
    rate, sizes = arrays["drop_rate"], arrays["mask_sizes"]
    if sizes is not None:
        good = fits(sizes, "iu", length, len(site.shape)) and bool(np.all((sizes >= 0) & (sizes <= site.shape)))
        require(good, f"sizes of the masks of {site.name!r} do not fit")
    if rate is not None:
        good = fits(rate, "f", length)
        drawn = rate[np.isfinite(rate)] if good and sizes is not None else rate
        require(good and np.all((drawn >= 0) & (drawn <= 1)), f"drop rates of {site.name!r} do not fit")


def validate_layer_masks(layers: Sequence[Layer], length: int, examples: int, masks: Arrays) -> None:
    """Validate that the masks of layers have a column for each unit."""
    for layer in layers:
        mask = masks.get(layer.name)
        good = mask is None or fits(mask, "b", length, examples, layer.units)
        require(good, f"masks of layer {layer.name!r} do not fit its {layer.units} units")
