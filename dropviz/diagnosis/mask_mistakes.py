"""Mistakes of masks: the share that they drop, the scale of what they keep, and masks that should be others."""

from collections.abc import Iterator

import numpy as np
import torch

from dropviz.diagnosis.found import Found
from dropviz.diagnosis.measurement import Measurement
from dropviz.diagnosis.sites import CHANCE, MIN_DEVIATION, MIN_ERRORS, MeasuredSite


def wrong_masks(measured: Measurement) -> Iterator[Found]:
    """Yield sites that drop another share than the drop probability, or do not scale what they keep."""
    for site in measured.sites:
        if site.is_mask:
            yield from _wrong_rate(site) or _wrong_scale(measured, site)


def _wrong_rate(site: MeasuredSite) -> list[Found]:
    if site.deviation is None or site.drop_prob is None:
        return []
    (mean, error), rate, drop_prob = site.deviation, site.drop_rate, site.drop_prob
    tolerance = max(MIN_ERRORS * error, MIN_DEVIATION)
    if abs(mean) <= tolerance:
        return []
    words = f"drops {rate:.3f} ± {error:.4f} of the units, where {drop_prob:g} is asked for"
    normal = 0.5 * (1 + torch.erf(torch.tensor(drop_prob / 2**0.5)).item())  # Φ(drop_prob)
    if abs(rate - normal) <= tolerance:
        words += f": Φ({drop_prob:g}) = {normal:.3f}, a mask of normal numbers (randn) instead of uniform ones (rand)?"
    elif abs(rate - (1 - drop_prob)) <= tolerance:
        words += ": kept and dropped are the wrong way round?"
    return [Found("wrong-rate", site.place, words, drop_prob=drop_prob, drop_rate=rate)]


def _wrong_scale(measured: Measurement, site: MeasuredSite) -> list[Found]:
    """Return a finding if kept units are not scaled, neither in training nor, as in the paper, in evaluation."""
    if not _has_scale(site):
        return []
    rate, scale = site.drop_rate, float(np.mean(site.scales))
    product, error = scale * (1 - rate), scale * site.error_of(site.rates)
    scaled_in_evaluation = any(
        module is site.place.module and abs(factor - (1 - rate)) < MIN_DEVIATION
        for trace in measured.evaluations
        for module, factor in trace.factors
    )
    if abs(product - 1) <= max(MIN_ERRORS * error, 2 * MIN_DEVIATION) or not 0 < rate < 1 or scaled_in_evaluation:
        return []
    words = f"drops {rate:.3f}, and scales what is kept by {scale:.3g}: activations in training are "
    words += f"{product:.3f} of those without dropout; {_cause(rate, scale)}"
    return [Found("wrong-scale", site.place, words, drop_prob=site.drop_prob, drop_rate=rate)]


def _has_scale(site: MeasuredSite) -> bool:
    """Return whether the scale of a site is known, and should be 1/(1 - drop_prob)."""
    use = site.use
    is_constant = site.drop_prob is not None or use.draw.operation != "bernoulli"  # no probability for each element
    is_other = use.filling != 0 or use.is_affine or site.blends or use.hints & {"weights", "integers"}
    return is_constant and not is_other and len(site.scales) == site.passes


def _cause(rate: float, scale: float) -> str:
    right = 1 / (1 - rate)
    if abs(scale - right**2) < MIN_DEVIATION * scale:
        return f"scaled twice by 1/(1 - drop_prob) = {right:.3g}?"
    if abs(scale - 1 / rate) < MIN_DEVIATION * scale:
        return "kept and dropped are the wrong way round?"
    return f"1/(1 - drop_prob) = {right:.3g} is missing?"


def shared_masks(measured: Measurement) -> Iterator[Found]:
    """Yield sites with one mask for all examples, and those with one mask in all passes."""
    examples = {each.shape[0] for each in measured.arguments.tensors if each.dim()}
    for site in measured.training.values():
        rate = site.drop_rate
        if not 0 < rate < 1 or site.passes < 2 or site.chance > CHANCE:
            continue
        if site.is_shared and site.is_drawn and examples & set(site.use.shape[:2]):
            words = f"one mask, which drops {rate:.3f}, for all examples of a minibatch: draw one for each"
            yield Found("shared-mask", site.place, words, drop_prob=site.drop_prob, drop_rate=rate)
        if site.is_same and site.is_mask and _is_for_training(measured, site):
            cause = "is the generator seeded in forward?" if site.is_fresh else "draw one in each pass"
            words = f"one and the same mask, which drops {rate:.3f}, in {site.passes} training passes: {cause}"
            yield Found("same-mask", site.place, words, drop_prob=site.drop_prob, drop_rate=rate)


def _is_for_training(measured: Measurement, site: MeasuredSite) -> bool:
    """Return whether torch drew the mask of a site, or it acts on activations in training only."""
    if site.use.draw.operation != "outside":
        return True
    at_rest = {(each.place.path, each.place.lines) for each in measured.resting.values()}
    acts_on_data = not site.use.hints & {"weights", "attention", "integers"} and site.use.filling == 0
    return acts_on_data and (site.place.path, site.place.lines) not in at_rest


def redrawn_masks(measured: Measurement) -> Iterator[Found]:
    """Yield the places of masks that the backward pass draws again."""
    words = "the backward pass runs this again with another mask: gradients are those of other units; "
    words += "leave preserve_rng_state=True in torch.utils.checkpoint"
    for place in measured.redrawn:
        yield Found("redrawn-mask", place, words)
