"""Assertions for the tests of models.

In: a `torch.nn.Module`. Out: nothing, or an AssertionError with the mistakes that `dropviz.check` finds.
"""

from dropviz.diagnosis.testing import assert_dropout

__all__ = ["assert_dropout"]
