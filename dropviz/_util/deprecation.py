"""Old names that go on working for one version, with a DeprecationWarning."""

import functools
import warnings
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class OldNameWarning(DeprecationWarning):
    """An old name of dropviz is used."""


def accept_old_arguments(*positional: str, **renamed: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator that lets a function be called as in the version before.

    positional  names of keyword-only parameters, in the order in which they could be given by position, after the
                parameters that still can
    renamed     new names of keyword parameters by their old names

    >>> @accept_old_arguments("width", colour="color")
    ... def draw(shape, *, width=1, color="black"):
    ...     return shape, width, color
    >>> draw("line", width=2, color="red")
    ('line', 2, 'red')
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        code = getattr(function, "__wrapped__", function).__code__
        accepted = code.co_argcount

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> R:
            by_position = dict(zip(positional, args[accepted:], strict=False))
            for name in by_position:
                _warn(f"{function.__qualname__}() takes {name!r} by keyword only: write {name}=…")
            for name in renamed.keys() & kwargs.keys():
                warn_renamed(f"{name!r} of {function.__qualname__}()", renamed[name])
                kwargs[renamed[name]] = kwargs.pop(name)
            args = args[:accepted] + args[accepted + len(by_position) :]
            return function(*args, **by_position, **kwargs)

        return call

    return decorate


def renamed_property(old: str, new: str) -> Any:
    """Return a property that reads the attribute `new` under its `old` name."""

    def read(instance: Any) -> Any:
        warn_renamed(f"{type(instance).__name__}.{old}", new)
        return getattr(instance, new)

    read.__doc__ = f"Old name of `{new}`."
    return property(read)


def warn_renamed(old: str, new: str) -> None:
    """Warn that what a user wrote as `old` is called `new` now."""
    _warn(f"{old} is called {new!r} now")


def warn_unused(old: str, why: str) -> None:
    """Warn that what a user gave as `old` is not used any more, and why."""
    _warn(f"{old} is not used: {why}")


def _warn(message: str) -> None:
    warnings.warn(f"{message}; the old way goes with the next version", OldNameWarning, stacklevel=3)
