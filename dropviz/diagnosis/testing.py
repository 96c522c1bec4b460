"""Assertions that a model has no mistakes with dropout."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

    from dropviz.diagnosis.checkup import Build


def assert_dropout(
    model: "nn.Module | Build",
    inputs: Any = None,
    *,
    shape: tuple[int, ...] | None = None,
    warnings: bool = False,
) -> None:
    """Assert that `dropviz.check` finds no mistake in a model. Arguments are those of `dropviz.check`.

    warnings  True if findings that are warnings fail too

    Raises AssertionError with a line for each finding, and ModelError if the model does not run on its inputs.

    >>> import torch
    >>> from dropviz.testing import assert_dropout
    >>> model = torch.nn.Sequential(torch.nn.Linear(8, 32), torch.nn.ReLU(), torch.nn.Dropout(0.5))
    >>> assert_dropout(model, torch.randn(4, 8))
    """
    __tracebackhide__ = True  # pytest then shows the line of the test
    from dropviz.diagnosis import check

    result = check(model, inputs=inputs, shape=shape)
    findings = result.findings if warnings else result.errors
    if findings:
        raise AssertionError("\n".join([f"{result.model} has mistakes with dropout:", *map(str, findings)]))
