"""Validation of the sites of a recording, and of the masks and the noise of each."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dropviz.recording.parts import BLOCK_KINDS, SITE_KINDS, Block, Layer, Site
from dropviz.recording.validation import fits, require, validate_iterations

if TYPE_CHECKING:
    from dropviz.recording.recording import Recording

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
        good = good and (block.inside is None or (_is_count(block.inside) and block.inside < len(blocks)))
        require(good and all(_is_count(each) for each in block.shape), f"block {index + 1} does not fit")
    require(all(isinstance(sentence, str) for sentence in unseen), "what it says of unseen noise is no text")


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def validate_site_arrays(recording: "Recording") -> None:
    """Validate recorded iterations, and masks, noise and drop rates by site."""
    validate_iterations(recording.recorded_iterations)
    length = len(recording.recorded_iterations)
    sites = {site.name: site for site in recording.sites}
    for part in ("masks", "drop_rate", "noise", "mask_sizes"):
        for name in getattr(recording, part):
            require(name in sites, f"it has {part} of {name!r}, which is not one of its sites or layers")
    require(set(recording.masks) <= set(recording.drop_rate), "its masks and drop rates are of different sites")
    for name, site in sites.items():
        for values, kinds in ((recording.masks, "b"), (recording.noise, "f")):
            good = name not in values or fits(values[name], kinds, length, *site.shape)
            shape = np.shape(values.get(name, ()))
            require(good, f"masks of {name!r} do not fit: {shape} for {length} iterations of {site.shape}")
        if name in recording.drop_rate:
            rate = recording.drop_rate[name]
            drawn = np.isfinite(rate) if name in recording.mask_sizes else np.ones(length, bool)
            good = fits(rate, "f", length) and bool(np.all(((rate >= 0) & (rate <= 1))[drawn]))
            require(good, f"drop rates of {name!r} do not fit")
        if name in recording.mask_sizes:
            sizes = recording.mask_sizes[name]
            good = fits(sizes, "iu", length, len(site.shape)) and bool(np.all((sizes >= 0) & (sizes <= site.shape)))
            require(good, f"sizes of the masks of {name!r} do not fit")
    for layer in recording.layers:
        mask = recording.masks.get(layer.name)
        good = mask is None or fits(mask, "b", length, recording.tracked, layer.units)
        require(good, f"masks of layer {layer.name!r} do not fit: {np.shape(mask)} for {layer.units} units")
