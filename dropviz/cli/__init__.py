"""The command line: one module for each command, imported when it runs. Only these modules print or exit."""

import codecs
import os
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from io import TextIOWrapper
from keyword import iskeyword
from traceback import walk_tb
from typing import Any, NoReturn

import click

from dropviz._util.deprecation import OldNameWarning
from dropviz._util.signals import ENDING
from dropviz.errors import DropvizError

INTERRUPTED = 130
STDERR = 2  # the last of the standard streams
COMMANDS = {
    "animate": "Draw recordings as an animation; train first what is not recorded yet.",
    "slides": "Make slides of recordings, for PowerPoint, a browser, LaTeX or Quarto.",
    "gallery": "Make a page of exhibits: claims about dropout beside what was measured.",
    "exercise": "Answer an exercise of the chapter in a Markdown note with its picture.",
    "explore": "Make a page with sliders for drop_prob, iteration and averaged masks.",
    "train": "Train the arms of an experiment, and record each run.",
    "sweep": "Train an experiment over values of its fields, on one machine or many.",
    "import": "Import the log of a run that is over: CSV, TensorBoard, Lightning, Transformers.",
    "inspect": "Check a recording, and print what it holds.",
    "check": "Look for mistakes with dropout in a model of your own.",
    "embed": "Print the text that puts a picture into a page.",
    "list": "List charts, experiments, formats and everything else to choose from.",
}


# click 8.1 prints the help itself where arguments are missing, and has no such error.
NO_ARGUMENTS: tuple[type[click.ClickException], ...] = (
    (click.exceptions.NoArgsIsHelpError,) if hasattr(click.exceptions, "NoArgsIsHelpError") else ()
)


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
    _prepare_process()
    try:
        _fill_standard_streams()
        with _old_names_noted():
            cli.main(args, prog_name="dropviz", standalone_mode=False)
    except DropvizError as error:
        _fail(str(error), error.exit_status)
    except click.ClickException as error:
        if isinstance(error, NO_ARGUMENTS):
            error.show()
            sys.exit(error.exit_code)
        _fail(f"{error.format_message()} (see {_command_path(error)} --help)", error.exit_code)
    except (click.Abort, KeyboardInterrupt) as error:
        cause = error.__cause__ or error.__context__ or error  # of click's Abort, in all its versions
        for note in getattr(cause, "__notes__", []):
            click.echo(note, err=True)
        _fail("interrupted", cause.args[0] if isinstance(cause, Ended) else INTERRUPTED)
    except BrokenPipeError:
        # The reader of the output has ended, as in `dropviz list | head`.
        if sys.stderr is not None:
            sys.stderr.close()
        sys.exit(1)
    except Exception as error:  # noqa: BLE001  # one without an explanation is raised again
        _fail(_explain(error), 1)


def _explain(error: Exception) -> str:
    """Return what to do about an error of the machine or of an old package; raise it again if it is of the program."""
    if isinstance(error, MemoryError):
        return "out of memory: fewer recordings, fewer --frames or a smaller --size may fit"
    if isinstance(error, OSError):
        return f"cannot {f'open {error.filename}' if error.filename else 'write the output'}: {error.strerror}"
    modules = [frame.f_globals.get("__name__") for frame, _line in walk_tb(error.__traceback__)]
    if isinstance(error, UnicodeDecodeError) and "matplotlib" in modules:
        return "matplotlib cannot read matplotlibrc, which it looks for in the current folder first: save it as UTF-8"
    from dropviz._util.versions import find_outdated

    if words := find_outdated():
        return words
    raise error


def _fill_standard_streams() -> None:
    """Open the null device in the place of closed standard streams: what libraries print must not get into a file."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= STDERR:
        pass
    os.close(number)


def _prepare_process() -> None:
    """Set how this process ends, what it prints, and that nothing but a picture's own canvas is drawn on."""
    for number in ENDING:
        if signal.getsignal(number) is signal.SIG_DFL:  # not ignored, as by `nohup`, nor another's, as a profiler's
            signal.signal(number, _end)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_stop_handling_signals)
    if isinstance(sys.stdout, TextIOWrapper):
        codecs.register_error("dropviz", _encode)
        is_ascii = codecs.lookup(sys.stdout.encoding).name == "ascii"  # click takes UTF-8 then, and loses such bytes
        encoding = "utf-8" if is_ascii else sys.stdout.encoding
        sys.stdout.reconfigure(encoding=encoding, errors="dropviz")
    os.environ.pop("MPLBACKEND", None)  # that of a notebook around it
    os.environ["PYTHONSAFEPATH"] = "1"  # processes that train import no signal.py of the user's from the current folder


def _encode(error: UnicodeError) -> tuple[str | bytes, int]:
    """Return a question mark for a letter that stdout lacks; for a byte of a file name that is no text, that byte."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letter = error.object[error.start]
    is_byte = "\udc80" <= letter <= "\udcff" and not error.encoding.lower().startswith(("utf-16", "utf-32"))
    return bytes([ord(letter) - 0xDC00]) if is_byte else "?", error.start + 1


class Ended(KeyboardInterrupt):
    """Raised by a signal that ends the process: it cleans up as Ctrl-C does. `args[0]` is the exit status."""


def _end(number: int, _frame: object) -> NoReturn:
    """End the process as Ctrl-C does; more signals do not disturb it meanwhile."""
    for each in ENDING:
        signal.signal(each, signal.SIG_IGN)
    raise Ended(128 + number)


def _stop_handling_signals() -> None:
    """Let signals end a forked process: what it would clean up belongs to the process that it was forked from."""
    for number in ENDING:
        if signal.getsignal(number) is _end:
            signal.signal(number, signal.SIG_DFL)


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
