"""Metrics of snapshots: which of them a chart of curves draws, and how their values are written."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import floor, log10

import numpy as np
from numpy.typing import NDArray

from dropviz.style.labels import SCIENTIFIC, Labels, percent

SPLIT = re.compile(r"(train|test|validation|valid|val|eval|dev)[_ .-](.+)")
VALIDATION = ("validation", "valid", "val", "eval", "dev")  # words for one split
HELD_OUT = ("test", "validation", "")  # splits, in the order in which one is chosen; "" for a name without one
FIRST = ("accuracy", "loss")  # quantities that are drawn before others
MAX_DECIMALS = 6  # with more, numbers have an exponent
MINUS, INFINITY = "\N{MINUS SIGN}", "\N{INFINITY}"


@dataclass(frozen=True)
class NumberFormat:
    """Written form of the values of a metric: percentages of shares from 0 to 1, or decimal numbers."""

    is_share: bool
    decimals: int

    def __call__(self, value: float, decimals: int | None = None) -> str:
        """Return `value` in words; `decimals` replaces the number of decimals."""
        decimals = self.decimals if decimals is None else decimals
        if self.is_share:
            return percent(value, decimals)
        if np.isinf(value):  # of a run that diverged
            return INFINITY
        is_tiny = self.decimals > MAX_DECIMALS and value != 0
        words = f"{value:.2e}" if is_tiny or abs(value) >= SCIENTIFIC else f"{value:,.{min(decimals, MAX_DECIMALS)}f}"
        return words.replace("-", MINUS)

    def mean_sd(self, values: NDArray[np.float64]) -> str:
        """Return mean ± sample standard deviation of `values`, float [runs]; of one run, its value."""
        if len(values) == 1 or not np.isfinite(values).all():
            with np.errstate(invalid="ignore"):  # infinities of both signs have no mean
                return self(values.mean())
        mean = self(values.mean()).removesuffix("%")
        return f"{mean} ± {self(values.std(ddof=1))}"


def split_of(metric: str) -> str:
    """Return the part of the data that a metric is of: "train", "test", "validation", or "" if unknown."""
    match = SPLIT.fullmatch(metric)
    return "" if match is None else "validation" if match[1] in VALIDATION else match[1]


def quantity_of(metric: str) -> str:
    """Return what a metric measures, on whatever part of the data: "loss" for "test_loss"."""
    match = SPLIT.fullmatch(metric)
    return match[2] if match else metric


def number_format(metric: str, values: NDArray[np.float64]) -> NumberFormat:
    """Return the format of a metric's `values`: three significant digits of the largest, percentages of accuracies."""
    if is_share(metric):
        return NumberFormat(is_share=True, decimals=1)
    largest = float(np.abs(values).max(initial=0.0))
    decimals = 2 - floor(log10(largest)) if np.isfinite(largest) and largest else 0
    return NumberFormat(is_share=False, decimals=max(decimals, 0))


def is_share(metric: str) -> bool:
    """Return whether the values of a metric are shares from 0 to 1."""
    return metric.endswith("accuracy")


def curve_metrics(available: Iterable[str]) -> tuple[str, ...]:
    """Return the metrics that a chart of curves draws: one of data held out, and one of training, of one quantity.

    The quantity is accuracy if it is available, else loss, else the first by name. All curves have one axis, so that no
    other quantity can be drawn with it.
    """
    by_quantity: dict[str, dict[str, str]] = {}
    for metric in sorted(available):
        by_quantity.setdefault(quantity_of(metric), {})[split_of(metric)] = metric
    quantity = next((name for name in (*FIRST, *by_quantity) if name in by_quantity), None)
    by_split = by_quantity[quantity] if quantity is not None else {}
    held_out = [by_split[split] for split in HELD_OUT if split in by_split][:1]
    return (*held_out, *([by_split["train"]] if "train" in by_split else []))


def families(available: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return metrics by quantity: accuracy, loss, then others by name; data held out before data of training.

    >>> families(["train_loss", "lr", "test_loss"])
    {'loss': ('test_loss', 'train_loss'), 'lr': ('lr',)}
    """
    splits = (*HELD_OUT, "train")
    by_quantity: dict[str, list[str]] = {}
    for metric in sorted(available, key=lambda name: splits.index(split_of(name))):
        by_quantity.setdefault(quantity_of(metric), []).append(metric)
    names = sorted(by_quantity, key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), name))
    return {name: tuple(by_quantity[name]) for name in names}


def metric_name(metric: str, labels: Labels) -> str:
    """Return what a metric is called, with the part of the data that it is of: "test loss"."""
    split, quantity = split_of(metric), quantity_name(metric, labels)
    return labels(f"metric of {split}", metric=quantity) if split else quantity


def quantity_name(metric: str, labels: Labels) -> str:
    """Return what a metric measures, in words."""
    quantity = quantity_of(metric)
    return labels(f"metric {quantity}") if quantity in FIRST else quantity.replace("_", " ")
