"""The command line: one module for each command, imported when it runs. Only these modules print or exit."""

import os
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from keyword import iskeyword
from typing import Any

import click

from dropviz._util.deprecation import OldNameWarning
from dropviz.errors import DropvizError

INTERRUPTED, TERMINATED = 130, 143
STDERR = 2  # the last of the standard streams
COMMANDS = {
    "animate": "Draw recordings as an animation; train first what is not recorded yet.",
    "slides": "Make slides of recordings, for PowerPoint, a browser, LaTeX or Quarto.",
    "gallery": "Make a page of exhibits: claims about dropout beside what was measured.",
    "exercise": "Answer an exercise of the chapter in a Markdown note with its picture.",
    "explore": "Make a page with sliders for drop_prob, iteration and averaged masks.",
    "train": "Train the arms of an experiment, and record each run.",
    "import": "Import the log of a run that is over: CSV, TensorBoard, Lightning, Transformers.",
    "inspect": "Check a recording, and print what it holds.",
    "check": "Look for mistakes with dropout in a model of your own.",
    "embed": "Print the text that puts a picture into a page.",
    "list": "List charts, experiments, formats and everything else to choose from.",
}


class LazyGroup(click.Group):
    """Group of commands whose help imports none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Name the commands."""
        return [*COMMANDS]  # `list` is the module of a command here

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        """Import a command."""
        if name not in COMMANDS:
            return None
        module = f"{name}_" if iskeyword(name) else name
        command: click.Command = getattr(import_module(f"dropviz.cli.{module}"), f"{name}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # click's
        """Write the table of commands."""
        with formatter.section("Commands"):
            formatter.write_dl([*COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="dropviz", message="%(prog)s %(version)s")
def cli() -> None:
    """Moving pictures of dropout, drawn from recordings of real training runs.

    \b
    dropviz animate --compare          accuracy with and without dropout
    dropviz animate network --compare  the units that each minibatch drops
    """


def main(args: list[str] | None = None) -> None:
    """Run the command line.

    An error that a user can cause is printed as one line on stderr, and decides the exit status. Use of an old name is
    noted there too.
    """
    # A process that is terminated removes its half-written files.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    try:
        _fill_standard_streams()
        with _old_names_noted():
            cli.main(args, prog_name="dropviz", standalone_mode=False)
    except DropvizError as error:
        _fail(str(error), error.exit_status)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        _fail(f"{error.format_message()} (see {_command_path(error)} --help)", error.exit_code)
    except (click.Abort, KeyboardInterrupt) as error:
        for note in getattr(error.__cause__, "__notes__", []):
            click.echo(note, err=True)
        _fail("interrupted", INTERRUPTED)
    except BrokenPipeError:
        # The reader of the output has ended, as in `dropviz list | head`.
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        _fail(f"cannot {f'open {error.filename}' if error.filename else 'write the output'}: {error.strerror}", 1)
    except MemoryError:
        _fail("out of memory: fewer recordings, fewer --frames or a smaller --size may fit", 1)


def _fill_standard_streams() -> None:
    """Open the null device in the place of closed standard streams: what libraries print must not get into a file."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= STDERR:
        pass
    os.close(number)


@contextmanager
def _old_names_noted() -> Iterator[None]:
    """Print a line on stderr for each old name that is used, once."""
    printed: set[str] = set()

    def show(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
        if not issubclass(category, OldNameWarning):
            show_other(message, category, *where, **more)
        elif str(message) not in printed:
            printed.add(str(message))
            click.echo(f"dropviz: note: {message}", err=True)

    with warnings.catch_warnings():
        warnings.simplefilter("always", OldNameWarning)
        show_other, warnings.showwarning = warnings.showwarning, show
        yield


def _command_path(error: Any) -> str:
    context = getattr(error, "ctx", None)
    return context.command_path if context else "dropviz"


def _fail(words: str, status: int) -> None:
    line = " ".join(words.split())
    with suppress(OSError):  # stderr may be a full disk too
        click.echo(f"dropviz: {line}", err=True)
    sys.exit(status)
