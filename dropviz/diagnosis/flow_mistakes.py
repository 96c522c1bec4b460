"""Mistakes of places: dropout where it acts on outputs, twice, or in vain."""

import math
import re
from collections.abc import Iterator

from dropviz.diagnosis.flow import ACTIVATIONS, ARITHMETIC, COPIES, ELEMENTWISE, LINEAR, NORMS, SOFTMAX, Step
from dropviz.diagnosis.found import Found
from dropviz.diagnosis.measurement import Measurement
from dropviz.diagnosis.results import WARNING
from dropviz.diagnosis.sites import MeasuredSite

PART = re.compile(
    r"(encoder|extractor|embeddings?|backbone|block|layer|feedforward|ffn|attention|projection|projector|prenet)\d*$",
    re.IGNORECASE,
)
PREDICTIONS = re.compile(r"logit|pred|prob|score|class", re.IGNORECASE)
MIN_SHIFT = 0.05  # smaller changes of the variance do no harm


class Sites:
    """Steps of the flow at which a mask acts, each with its measured site."""

    def __init__(self, measured: Measurement) -> None:
        by_use = {id(site.use): site for site in measured.sites if site.is_mask and 0 < site.drop_rate < 1}
        self.flow = measured.flow
        self.at: dict[Step, MeasuredSite] = {
            step: by_use[id(use)] for step, use in measured.flow.sites() if id(use) in by_use
        }


def unused_results(sites: Sites) -> Iterator[Found]:
    """Yield sites whose result nothing uses."""
    used = {sites.at[step] for step in sites.at if step in sites.flow.used}
    for site in dict.fromkeys(sites.at.values()):
        if site not in used:
            words = "its result is not used: write x = dropout(x)"
            yield Found("unused-result", site.place, words, drop_prob=site.drop_prob, drop_rate=site.drop_rate)


def doubled(sites: Sites) -> Iterator[Found]:
    """Yield sites that drop units of what another site has just dropped units of."""
    for step, site in sites.at.items():
        for before in step.back(ELEMENTWISE):
            first = sites.at.get(before)
            if first is None or not _drop_the_same(first, site):
                continue
            rate = 1 - (1 - first.drop_rate) * (1 - site.drop_rate)
            other = first.place.path or f"line {first.place.line}"
            words = f"second dropout of the same units, after {other}, with no layer between: together they drop "
            yield Found("doubled", site.place, f"{words}{rate:.3f}", drop_prob=site.drop_prob, drop_rate=rate)
            break


def _drop_the_same(one: MeasuredSite, other: MeasuredSite) -> bool:
    """Return whether two sites have different masks of the same units."""
    sizes = {site.use.tensor.numel() for site in (one, other)}
    shapes = {math.prod(site.use.shape) for site in (one, other)}
    is_blend = one.blends or other.blends
    return one.use.draw is not other.use.draw and not is_blend and len(sizes) == len(shapes) == 1 and sizes != {1}


def after_output(sites: Sites, measured: Measurement) -> Iterator[Found]:
    """Yield sites that drop logits or predictions.

    Those of an output of the model with no layer after the site, if the output goes through a softmax after it; or if
    the site acts on the result of a linear layer, and the output goes through a sigmoid after it, or is named as
    logits, or is the only or first one, of another size than the input, of a model that is not named as a part of one,
    such as an encoder.
    """
    for position, (name, output) in enumerate(sites.flow.outputs.items()):
        through = ELEMENTWISE | SOFTMAX
        way = [output, *(output.back(through) if output.operation in through else ())]
        place = next((k for k, step in enumerate(way) if step in sites.at), None)
        if place is None or not sites.at[way[place]].has_unit_mask:
            continue
        after = {step.operation for step in way[:place]}
        if after & (ACTIVATIONS - {"sigmoid"}):
            continue
        are_predictions = (
            "sigmoid" in after
            or PREDICTIONS.search(name)
            or (position == 0 and _has_head(measured, sites.flow.shapes[name]))
        )
        if after & SOFTMAX or (are_predictions and _is_linear(way[place])):
            site, words = sites.at[way[place]], "dropout after the output layer: outputs are dropped in training"
            yield Found("after-output", site.place, words, drop_prob=site.drop_prob, drop_rate=site.drop_rate)


def _has_head(measured: Measurement, shape: tuple[int, ...]) -> bool:
    """Return whether an output has another size than the inputs, and the model is not named as a part of one."""
    sizes = {each.shape[-1] for each in measured.arguments.tensors if each.dim() and each.is_floating_point()}
    return not PART.search(type(measured.model).__name__) and not sizes & set(shape[-1:])


def _is_linear(step: Step) -> bool:
    """Return whether a step acts on the result of a linear layer, or of a softmax after one."""
    way = list(step.back(COPIES | SOFTMAX | {"mul", "div"}))
    biased = way and way[-1].operation == "add" and way[-1].has_weights
    way += list(way[-1].back(COPIES)) if biased else []
    return bool(way) and way[-1].operation in LINEAR and way[-1].has_weights


def on_residual_stream(sites: Sites) -> Iterator[Found]:
    """Yield sites that drop the sum of a residual connection, which further sums or norms build on."""
    for step, site in sites.at.items():
        if site.has_unit_mask and _is_sum_of_residual(step) and _goes_on(step, sites):
            words = "drops the sum of a residual connection: drop the branch before it is added"
            yield Found("residual-stream", site.place, words, WARNING, site.drop_prob, site.drop_rate)


def _is_sum_of_residual(step: Step) -> bool:
    total = next((each for each in step.back(COPIES) if each.operation not in COPIES), None)
    if total is None or total.operation != "add" or len(total.inputs) != 2:
        return False
    if type(total.module).__module__.startswith("torch.nn.modules.rnn"):
        return False
    one, other = total.inputs
    for branch, skip in ((one, other), (other, one)):
        between = branch.ancestors()
        if skip in between and any(each.has_weights for each in between - skip.ancestors()):
            return True
    return False


def _goes_on(step: Step, sites: Sites) -> bool:
    """Return whether a later sum of two tensors, or a norm, takes the result of a step as it is."""
    own = {step}
    for each in sites.flow.steps:
        if own & set(each.inputs):
            if each.operation in NORMS or (each.operation == "add" and len(each.inputs) > 1):
                return True
            if each.operation in COPIES | ARITHMETIC and len(each.inputs) == 1:
                own.add(each)
    return False


def before_batch_norm(measured: Measurement) -> Iterator[Found]:
    """Yield sites that change the variance of what goes into batch normalisation."""
    for site in measured.normalised:
        with_noise, without = site.variances
        if without and abs(with_noise / without - 1) > MIN_SHIFT:
            words = f"batch normalisation after it sees {with_noise / without:.2f} times the variance in training that "
            words += "it sees in evaluation: put dropout after it"
            yield Found("before-batch-norm", site.place, words, WARNING, site.drop_prob, site.drop_rate)


def scaled_twice(sites: Sites, measured: Measurement) -> Iterator[Found]:
    """Yield sites whose kept units are scaled by 1/(1 - drop_prob) twice."""
    resting = {factor for trace in measured.evaluations for _, factor in trace.factors}
    for site in dict.fromkeys(sites.at.values()):
        steps = [step for step in sites.at if sites.at[step] is site]
        right = 1 / (1 - (site.drop_rate if site.drop_prob is None else site.drop_prob))
        for step in steps:
            factors = [step.factor or 1.0, *_factors_around(step, sites)]
            twice = math.isclose(math.prod(factors), right**2, rel_tol=1e-3)
            is_gain = any(math.isclose(factor, right, rel_tol=1e-3) for factor in resting)
            if twice and right > 1.01 and not is_gain:
                words = f"drops {site.drop_rate:.3f}, and scales what is kept by {right**2:.3g}: "
                words += f"1/(1 - drop_prob) = {right:.3g}, twice"
                yield Found("scaled-twice", site.place, words, drop_prob=site.drop_prob, drop_rate=site.drop_rate)
                break


def scaled_in_evaluation_too(sites: Sites, measured: Measurement) -> Iterator[Found]:
    """Yield sites that scale what they keep in training, in modules that multiply by 1 - drop_prob in evaluation."""
    resting = [each for trace in measured.evaluations for each in trace.factors]
    for site in dict.fromkeys(sites.at.values()):
        keep = 1 - (site.drop_rate if site.drop_prob is None else site.drop_prob)
        is_scaled = bool(site.scales) and all(math.isclose(scale * keep, 1, rel_tol=0.02) for scale in site.scales)
        own = {factor for module, factor in resting if module is site.place.module}
        own -= {factor for module, factor in measured.factors if module is site.place.module}
        if is_scaled and any(math.isclose(factor, keep, rel_tol=1e-6) for factor in own):
            words = f"scales what is kept by {1 / keep:.3g} in training, and everything by {keep:.3g} in evaluation: "
            words += "do one of both"
            yield Found("scaled-twice", site.place, words, drop_prob=site.drop_prob, drop_rate=site.drop_rate)


def _factors_around(step: Step, sites: Sites) -> Iterator[float]:
    """Yield the numbers that data is multiplied by just before and just after a step."""
    for each in step.back(COPIES | {"mul", "div"}):
        if each.operation in ("mul", "div") and each.factor is None:
            break
        if each.factor is not None and each.use is None:
            yield each.factor
    own, before_sites = {step}, {each.inputs[0] for each in sites.at if len(each.inputs) == 1}
    for each in sites.flow.steps:
        if each.inputs and each.inputs[0] in own and len(each.inputs) == 1:
            if each.factor is not None and each.use is None and each not in before_sites:
                yield each.factor
            if each.operation in COPIES or each.factor is not None:
                own.add(each)
