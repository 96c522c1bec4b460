"""Mistakes that the measurement of a model shows."""

from collections.abc import Iterator

import numpy as np
import torch

from dropviz.capture.draws import Draw, Place
from dropviz.diagnosis.measurement import Measurement, drop_prob_of
from dropviz.diagnosis.results import Finding

MIN_ERRORS = 5.0  # standard errors that a deviation must exceed
MIN_DEVIATION = 0.01  # smaller deviations do no harm
EQUAL = 1e-5  # relative difference of equal outputs


def find_mistakes(measured: Measurement) -> list[Finding]:
    """Return the mistakes with dropout that a measurement shows."""
    return [
        *_on_in_evaluation(measured),
        *_certain(measured),
        *_nothing_dropped(measured),
        *_after_output(measured),
        *_wrong_masks(measured),
    ]


def _on_in_evaluation(measured: Measurement) -> Iterator[Finding]:
    (one, drawn), (other, _) = measured.evaluations
    if one is None or other is None or one.shape != other.shape:
        return
    difference, size = float((one - other).abs().max()), float(one.abs().max())
    if difference <= EQUAL * size:
        return
    changed = float(((one - other).abs() > EQUAL * size).double().mean())
    words = f"two evaluations of the same input differ, in {changed:.0%} of the outputs, by up to {difference:.3g}: "
    words += "something is random with model.eval() too (F.dropout without training=self.training?)"
    for place in dict.fromkeys(drawn.places) or [Place(measured.model, 0)]:
        yield Finding("on-in-evaluation", measured.name(place.module), place.line, words)


def _certain(measured: Measurement) -> Iterator[Finding]:
    for value, effect in ((0.0, "drops nothing"), (1.0, "drops everything")):
        names = [measured.name(module) for module in measured.idle if drop_prob_of(module) == value]
        if names:
            yield Finding("certain", ", ".join(names), 0, f"drop probability {value:g}: {effect}")


def _nothing_dropped(measured: Measurement) -> Iterator[Finding]:
    for module, idle in measured.idle.items():
        drop_prob = drop_prob_of(module)
        if idle and drop_prob is not None and 0 < drop_prob < 1:
            mode = "" if module.training else ", and is in evaluation mode after model.train()"
            passes = len(measured.trainings)
            words = f"drop probability {drop_prob:g}, but in {passes} training passes it dropped nothing"
            yield Finding("nothing-dropped", measured.name(module), 0, f"{words} (never called?){mode}")


def _after_output(measured: Measurement) -> Iterator[Finding]:
    if all(each.ends_with_draw for each in measured.trainings):
        place = measured.trainings[0].places[-1]
        words = "dropout after the output layer: outputs themselves are dropped in training"
        yield Finding("after-output", measured.name(place.module), place.line, words)


def _wrong_masks(measured: Measurement) -> Iterator[Finding]:
    by_place: dict[Place, list[Draw]] = {}
    for each in measured.trainings:
        for draw in each.draws:
            by_place.setdefault(draw.place, []).append(draw)
    for place, draws in by_place.items():
        yield from _wrong_rate(measured, place, draws) or _wrong_scale(measured, place, draws)


def _wrong_rate(measured: Measurement, place: Place, draws: list[Draw]) -> list[Finding]:
    """Return a finding if masks drop another share than the drop probability."""
    drop_prob = drop_prob_of(place.module) if place.module in measured.idle else None
    drop_prob = draws[0].drop_prob if drop_prob is None else drop_prob
    rates = np.array([draw.drop_rate for draw in draws])
    rate, error = rates.mean(), rates.std(ddof=1) / len(rates) ** 0.5
    tolerance = max(MIN_ERRORS * error, MIN_DEVIATION)
    if drop_prob is None or abs(rate - drop_prob) <= tolerance:
        return []
    words = f"drops {rate:.3f} ± {error:.4f} of the units, where {drop_prob:g} is asked for"
    normal = 0.5 * (1 + torch.erf(torch.tensor(drop_prob / 2**0.5)).item())  # Φ(drop_prob)
    if abs(rate - normal) <= tolerance:
        words += f": Φ({drop_prob:g}) = {normal:.3f}, a mask of normal numbers (randn) instead of uniform ones (rand)?"
    elif abs(rate - (1 - drop_prob)) <= tolerance:
        words += ": kept and dropped are the wrong way round?"
    return [Finding("wrong-rate", measured.name(place.module), place.line, words)]


def _wrong_scale(measured: Measurement, place: Place, draws: list[Draw]) -> list[Finding]:
    """Return a finding if the kept units are not scaled, neither in training nor, as in the paper, in evaluation."""
    scales = [draw.scale for draw in draws if draw.scale is not None]
    if len(scales) < len(draws):
        return []
    rates = np.array([draw.drop_rate for draw in draws])
    rate, product = float(rates.mean()), float(np.mean(scales)) * float(1 - rates.mean())
    error = float(np.mean(scales) * rates.std(ddof=1) / len(rates) ** 0.5)
    scaled_in_evaluation = any(
        module is place.module and abs(factor - (1 - rate)) < MIN_DEVIATION
        for _, evaluation in measured.evaluations
        for module, factor in evaluation.factors
    )
    correct = abs(product - 1) <= max(MIN_ERRORS * error, 2 * MIN_DEVIATION)
    if correct or not 0 < rate < 1 or scaled_in_evaluation:
        return []
    words = f"drops {rate:.3f}, and scales what is kept by {np.mean(scales):.3g}: activations in training are "
    words += f"{product:.3f} of those in evaluation; 1/(1 - drop_prob) = {1 / (1 - rate):.3g} is missing?"
    return [Finding("wrong-scale", measured.name(place.module), place.line, words)]
