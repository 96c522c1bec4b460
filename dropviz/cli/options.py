"""Options that several commands share."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from dropviz._util.paths import user_path
from dropviz.errors import UsageError
from dropviz.experiments import presets
from dropviz.experiments.experiment import Experiment
from dropviz.style.labels import LANGUAGES

lang_option = click.option(
    "--lang",
    default="en",
    show_default=True,
    metavar="NAME",
    help="Language of the words: " + " or ".join(LANGUAGES) + ".",
)


class UserPath(click.Path):
    """Path; a tilde at its beginning is the home folder, since a shell replaces none in --out=~/a.gif."""

    def __init__(self, *, file_okay: bool = True) -> None:
        super().__init__(path_type=Path, file_okay=file_okay)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Convert text to a path."""
        return super().convert(user_path(value), param, ctx)


class Size(click.ParamType):  # type: ignore[type-arg]  # generic only from click 8.3 on
    """Size as WIDTHxHEIGHT, in pixels."""

    name = "WxH"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Convert text to width and height; a default is a tuple already."""
        if isinstance(value, tuple):
            return value
        match = re.fullmatch(r"(\d{1,6})[xX](\d{1,6})", str(value))
        if not match:
            self.fail(f"{value!r} is not a size: write width and height in pixels, like 1280x720", param, ctx)
        return int(match[1]), int(match[2])


def _check_device(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    """Refuse a name that is no device at all, before torch is imported."""
    if not re.fullmatch(r"auto|cpu|mps|(cuda|xpu)(:\d+)?", value):
        raise UsageError(f"unknown device {value!r}: must be 'auto', 'cpu', 'cuda', 'cuda:0', …, 'mps' or 'xpu'")
    return value


def training_options(command: Callable[..., Any], default: str | None = "digits") -> Callable[..., Any]:
    """Add options for the experiment and the machine; without a `default`, the command chooses an experiment."""
    chosen = default or "the chart's own"
    experiment = click.option(
        "--experiment",
        default=default,
        metavar="NAME|FILE.toml",
        help=f"A preset, or a file. [default: {chosen}]",
    )
    return experiment(machine_options(command))


def machine_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add options for seeds, data folder, device and jobs."""
    for option in reversed(
        (
            click.option(
                "--seeds", type=click.IntRange(1, 1_000), metavar="N", help="Train seeds 1 to N, instead of its own."
            ),
            click.option(
                "--data-dir",
                type=UserPath(),
                metavar="DIR",
                help="Folder of the IDX files. [else: DROPVIZ_DATA, the cache, Debian's package, a download]",
            ),
            click.option(
                "--device",
                default="auto",
                show_default=True,
                callback=_check_device,
                metavar="NAME",
                help="'cpu', 'cuda', …; 'auto' is a GPU if torch sees one.",
            ),
            click.option(
                "--jobs",
                type=click.IntRange(1, 1_000),
                metavar="N",
                help="Training processes. [default: one a core, or one for a batch of runs on a GPU]",
            ),
        )
    ):
        command = option(command)
    return command


def check_no_training(paths: Sequence[Path]) -> None:
    """Raise UsageError if recordings were named, and options that say which ones to train."""
    context = click.get_current_context()
    for name in ("experiment", "seeds", "data_dir"):
        if paths and context.get_parameter_source(name) is not ParameterSource.DEFAULT:
            flag = "--" + name.replace("_", "-")
            raise UsageError(f"{flag} is for training, and {str(paths[0])!r} is recorded already: leave out one")


def choose_experiment(name: str, seeds: int | None, **overrides: Any) -> Experiment:
    """Return the experiment called `name`, with the fields that were given on the command line."""
    given = {key: value for key, value in overrides.items() if value is not None}
    return presets.choose_experiment(name, seeds, **given)
