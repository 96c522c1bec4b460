"""Logs of TensorBoard: scalars in event files, read by the package tensorboard."""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dropviz.errors import DependencyError, LogError, reason
from dropviz.recording.logs.log import MAX_VALUES, Log, check_size
from dropviz.recording.logs.names import is_bookkeeping
from dropviz.recording.logs.tables import read_settings

EVENTS = "*tfevents*"
ALL = 0  # of a kind of events; of other kinds, one is kept


def read_tensorboard(path: Path, names: Mapping[str, str]) -> Log:
    """Read the scalars of an event file, or of those in a folder. A later value of a step replaces an earlier one.

    Raises DependencyError if the package tensorboard is missing, LogError if there are no scalars.
    """
    check_size(*([path] if path.is_file() else sorted(path.glob(EVENTS))))
    folder = path.parent if path.is_file() else path
    log = Log(path.absolute().name, "tensorboard", settings=read_settings(folder))
    log.counts_from_0 = (folder / "hparams.yaml").is_file()  # written by Lightning, which counts from 0
    for size, (tag, step, value) in enumerate(_scalars(path)):
        if size >= MAX_VALUES:
            raise LogError(f"{path} has more than {MAX_VALUES:,} values: log fewer")
        if step < 0:
            raise LogError(f"{path}: {tag!r} has a value at step {step}: must be 0 or more")
        if tag in names or not is_bookkeeping(tag):
            log.metrics.setdefault(tag, {})[step] = value
    if not log.metrics:
        raise LogError(f"{path} holds no scalars: there is nothing to import")
    return log


def _scalars(path: Path) -> Iterator[tuple[str, int, float]]:
    """Yield tag, step and value of each scalar, those of TensorFlow 2 among them, which are tensors."""
    try:
        from tensorboard.backend.event_processing import event_accumulator
        from tensorboard.util import tensor_util
    except ImportError:
        raise DependencyError(
            f"{path} needs tensorboard, which is not installed: pip install 'dropviz[tensorboard]'"
        ) from None
    sizes = dict.fromkeys(event_accumulator.DEFAULT_SIZE_GUIDANCE, 1)
    sizes |= {event_accumulator.SCALARS: ALL, event_accumulator.TENSORS: ALL}
    accumulator: Any = event_accumulator.EventAccumulator(str(path), size_guidance=sizes)
    quiet, logger = logging.ERROR + 1, logging.getLogger("tensorboard")
    before = logger.level
    logger.setLevel(quiet)
    try:
        accumulator.Reload()
    except Exception as error:  # noqa: BLE001  # of any kind: the file may be damaged anywhere
        raise LogError(f"{path} cannot be read as TensorBoard's events: {reason(error)}") from None
    finally:
        logger.setLevel(before)
    tags = accumulator.Tags()
    for tag in tags["scalars"]:
        yield from ((tag, event.step, float(event.value)) for event in accumulator.Scalars(tag))
    for tag in tags["tensors"]:
        if accumulator.SummaryMetadata(tag).plugin_data.plugin_name == "scalars":
            for event in accumulator.Tensors(tag):
                yield tag, event.step, float(tensor_util.make_ndarray(event.tensor_proto).item())
