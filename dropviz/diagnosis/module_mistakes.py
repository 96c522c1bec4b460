"""Mistakes of modules and modes: dropout that is on or off where it should not be, and unlikely drop probabilities."""

import re
from collections.abc import Iterator

from torch import nn

from dropviz.capture.asked import DROPPED, FIXED
from dropviz.capture.places import Place
from dropviz.diagnosis.found import Found
from dropviz.diagnosis.measurement import Measurement
from dropviz.diagnosis.outputs import difference
from dropviz.diagnosis.results import ERROR, WARNING
from dropviz.diagnosis.sites import MeasuredSite
from dropviz.diagnosis.source import ModuleLines, text_of

EQUAL = 1e-5  # relative difference of equal outputs
UNLIKELY = 0.8  # drop probabilities from here on are rare, and common as keep probabilities
FLAG = re.compile(r"dropout\w*\(.*,\s*(p\s*=\s*)?((self|cfg|config)\.)?(is_)?train(ing)?\s*\)", re.IGNORECASE)
TORCH_DROPOUT = re.compile(r"\b(nn|F|functional)\.\w*dropout\w*\(.*", re.IGNORECASE)


def on_in_evaluation(measured: Measurement) -> Iterator[Found]:
    """Yield the places that drop in evaluation mode."""
    changed, largest = difference(measured.outputs[0], measured.outputs[1], EQUAL)
    words = f"two evaluations of the same input differ, in {changed:.0%} of the outputs, by up to {largest:.3g}: "
    words += "something is random with model.eval() too"
    advice = " (F.dropout without training=self.training?)"
    for site in measured.resting.values():
        if _draws_in_evaluation(site, differs=changed > 0):
            said = words + advice if changed else "draws a mask with model.eval() too: pass training=self.training"
            yield Found("on-in-evaluation", site.place, said, drop_prob=site.drop_prob, drop_rate=site.drop_rate)
    if changed and not any(trace.draws for trace in measured.evaluations):
        words += ", which torch did not draw: Python's or NumPy's random numbers?"
        yield Found("on-in-evaluation", Place("", measured.model), words, WARNING)


def _draws_in_evaluation(site: MeasuredSite, *, differs: bool) -> bool:
    use = site.use
    if use.draw.operation == "outside":
        return differs and not site.is_same and site.is_mask
    if not site.is_fresh:
        return False
    if site.is_mask:
        return site.drop_rate > 0 or site.drop_prob == 0
    if use.operation == "mul":  # factors of mean 1, as in Gaussian dropout; others are samples, as in a VAE
        return differs and use.noise is not None and abs(float(use.noise.double().mean())) > 0.5
    return differs and use.operation in ("decision", "add")


def certain(measured: Measurement, lines: ModuleLines) -> Iterator[Found]:
    """Yield modules and places with a drop probability of 0 or 1, and flags given as one."""
    effects = {0.0: "drops nothing", 1.0: "drops everything"}
    for module in measured.asked:
        flag = flag_of(module)
        drop_prob = float(flag) if flag is not None else measured.asked[module]
        if drop_prob in effects and module in measured.called and not lines.is_of_library(module):
            if flag is not None:
                yield _flag(module, effects[drop_prob], flag=flag)
            else:
                yield _certain(module, drop_prob, effects[drop_prob])
    for place in measured.zeroed:
        texts = [text_of(line) for line in place.lines]
        if measured.asked.get(place.module) is None and any("drop" in text.lower() for text in texts):
            if any(FLAG.search(text) for text in texts):
                yield _flag(place, effects[1.0], flag=True)
            else:
                yield _certain(place, 1.0, effects[1.0])
    for site in measured.sites:
        if site.is_mask and site.drop_prob in effects and measured.asked.get(site.place.module) is None:
            yield _certain(site.place, site.drop_prob, effects[site.drop_prob])


def _certain(place: Place | nn.Module, drop_prob: float, effect: str) -> Found:
    severity = ERROR if drop_prob else WARNING
    return Found("certain", place, f"drop probability {drop_prob:g}: {effect}", severity, drop_prob)


def _flag(place: Place | nn.Module, effect: str, *, flag: bool) -> Found:
    words = f"the drop probability is the flag {flag}: {effect}; write training=self.training, and the probability as p"
    return Found("flag-as-probability", place, words, drop_prob=float(flag))


def flag_of(module: nn.Module) -> bool | None:
    """Return the flag that a dropout module has as its drop probability; None if that is no flag."""
    if "drop" not in type(module).__name__.lower():
        return None
    values = [value for name in ("p", "drop_prob") if isinstance(value := getattr(module, name, None), bool)]
    return values[0] if values else None


def keep_probability(measured: Measurement, lines: ModuleLines) -> Iterator[Found]:
    """Yield sites whose drop probability is likely to be a keep probability."""
    for site in measured.sites:
        drop_prob = site.drop_prob
        if not site.is_mask or drop_prob is None or not 0 < drop_prob < 1:
            continue
        words = f"{drop_prob:.0%} are dropped: is it a keep probability? torch takes drop probabilities"
        is_module = isinstance(site.place.module, FIXED)
        made = lines.of(site.place.module) if is_module else None
        texts = [text_of(line) for line in (*site.place.lines[:1], made)]
        named = any(_names_keep(text) for text in texts) or _has_keep_attribute(site, drop_prob)
        if named or (drop_prob >= UNLIKELY and (is_module or any(TORCH_DROPOUT.search(text) for text in texts))):
            severity = ERROR if named else WARNING
            yield Found("keep-probability", site.place, words, severity, drop_prob, site.drop_rate)


def _names_keep(text: str) -> bool:
    call = TORCH_DROPOUT.search(text)
    return call is not None and "keep" in call.group().lower() and not re.search(r"1(\.0*)?\s*-", call.group())


def _has_keep_attribute(site: MeasuredSite, drop_prob: float) -> bool:
    return drop_prob != 0.5 and any(
        isinstance(value, float) and abs(value - drop_prob) < 1e-6 and "keep" in name.lower() and name not in DROPPED
        for module in site.use.modules
        for name, value in vars(module).items()
    )


def nothing_dropped(measured: Measurement, lines: ModuleLines) -> Iterator[Found]:
    """Yield dropout modules that drop nothing, or are never called, and modes that a pass changes."""
    drawn = {site.place.module for site in measured.training.values()}
    for module, drop_prob in measured.asked.items():
        if drop_prob is None or not 0 < drop_prob < 1:
            continue
        words = f"drop probability {drop_prob:g}, but in {measured.passes} training passes it dropped nothing"
        if module in measured.called:
            mode = ", and is in evaluation mode after model.train()" if module in measured.in_evaluation else ""
            if measured.idle.get(module) and module not in drawn:
                yield Found("nothing-dropped", module, words + mode, drop_prob=drop_prob, drop_rate=0.0)
        elif _is_forgotten(module, measured, lines):
            yield Found("never-called", module, f"{words}: it is never called", drop_prob=drop_prob, drop_rate=0.0)
    for module in measured.called:
        if isinstance(module, nn.RNNBase) and module.num_layers == 1 and module.dropout > 0:
            words = f"dropout={module.dropout:g} drops nothing: it acts between layers, and num_layers is 1"
            yield Found("one-layer", module, words, drop_prob=float(module.dropout), drop_rate=0.0)
    if measured.switched:
        words = "is in evaluation mode after a pass in training mode: forward calls eval() and not train() after it"
        yield Found("left-in-evaluation", next(iter(measured.switched)), words)


def _is_forgotten(module: nn.Module, measured: Measurement, lines: ModuleLines) -> bool:
    """Return whether a module that is never called is part of one that is, whose code does not read its attributes."""
    parent = lines.parent(module)
    is_idle_part = parent is not None and parent not in measured.called
    return not (is_idle_part or lines.is_of_library(module) or lines.has_attribute_read(module))
