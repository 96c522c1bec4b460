"""Names of metrics: those of common logs, and the ones that dropviz gives them."""

import re
from collections.abc import Iterable

from dropviz.recording.validation import METRIC_NAME

# First or last words of names, and the part of the data that they stand for.
SPLITS = {
    "train": "train",
    "training": "train",
    "test": "test",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "eval": "validation",
    "dev": "validation",
}
QUANTITIES = {"acc": "accuracy", "accuracy": "accuracy", "loss": "loss"}
SHARED = ("loss", "accuracy")  # without a part of the data, they are of training where another part is named
# Columns that describe the run and are no metrics of it.
BOOKKEEPING = re.compile(
    r"epochs?|(wall[ _])?time|_?timestamp|_?runtime|created_at|hp_metric|total_flos|num_input_tokens_seen"
    r"|\w*_(runtime|(samples|steps)_per_second)|.*__(min|max)",
    re.IGNORECASE,
)


def is_bookkeeping(name: str) -> bool:
    """Return whether a column is left out without a note."""
    return BOOKKEEPING.fullmatch(name.strip()) is not None


def common_name(name: str) -> str:
    """Return the name that dropviz gives a metric of another log, with the part of the data in front.

    >>> common_name("Loss/train"), common_name("val_acc"), common_name("grad_norm")
    ('train_loss', 'validation_accuracy', 'grad_norm')
    """
    words = [word for word in re.split(r"[^\w.-]+|_+", name) if word]
    split = ""
    for place in (0, -1):
        if len(words) > 1 and not split and words[place].lower() in SPLITS:
            split = SPLITS[words.pop(place).lower()]
    quantity = "_".join(words)
    quantity = QUANTITIES.get(quantity.lower(), quantity)
    return f"{split}_{quantity}" if split else quantity


def common_names(names: Iterable[str]) -> dict[str, str]:
    """Return the name that dropviz gives each metric of a log.

    A name without a part of the data, such as `loss` beside `eval_loss`, is of training. The mean over an epoch, such
    as `loss_epoch` of Lightning, is called as without the word.
    """
    found = {name: common_name(name) for name in names}
    for name, new in found.items():
        shorter = new.removesuffix("_epoch")
        if shorter != new and shorter not in found.values():
            found[name] = shorter
    for quantity in SHARED:
        others = {f"{split}_{quantity}" for split in ("test", "validation")}
        if others & set(found.values()) and f"train_{quantity}" not in found.values():
            found = {name: f"train_{quantity}" if new == quantity else new for name, new in found.items()}
    return found


def is_usable(name: str) -> bool:
    """Return whether a recording can hold a metric of this name."""
    return name != "iteration" and METRIC_NAME.fullmatch(name) is not None
